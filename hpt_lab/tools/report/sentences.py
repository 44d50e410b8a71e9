"""The sentences of a report: what the search showed, what to check before relying on it, and advice for the next search.

`benchmarks/bench_advice.py` measures how often the advice is given, and how often falsely.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import comb

import numpy as np

from hpt_lab.study import History, Study, Trial
from hpt_lab.tools.report.facts import Facts, strategy_of
from hpt_lab.tools.report.languages import Say
from hpt_lab.values.checks import finite_sum
from hpt_lab.values.display import number, shown

BEST, ZONE, NEAR = 5, 0.1, 0.02  # trials that must agree; shares of a range: the zone at its end, and the very end
FEW, LUCK = 8, 0.1  # too few trials to say anything; luck at all ends together
SURE, LIKELY = 2.4, 2.0  # t, by luck in 1 case in 100; t that is enough if all of the best are at the very end
LATE_SHARE, GAIN = 0.75, 0.2  # the share of the trials before the last ones; the share of the whole search's gain
AIMS = {"minimize": "lowest", "maximize": "highest"}


def summary(facts: Facts, say: Say = str.format) -> list[str]:
    """Return a few sentences, the most important first: what was searched, what was found, and what to check."""
    history, directions, n = facts.history, facts.history.directions, len(facts.study.space)
    complete, failed, n_trials = history.finished, history.failed, len(history.trials)
    names = "1 hyperparameter" if n == 1 else "{n} hyperparameters"
    aim, aims = "trade-offs: {aims}", list[str]()
    if directions.several:
        named = zip(directions.each, directions.labels, strict=True)
        aims = [say(f"{AIMS[one]} {{name}}", name=shown(name)) for one, name in named]
    else:
        aim = f"the {AIMS[directions.each[0]]} value"
    who = shown(strategy_of(facts.study)[1])
    searched = say(f"{{who}} searched {names} for {aim}.", who=who, n=n, aims=", ".join(aims))
    if n_trials:
        counts = {"{n} complete": complete, "{n} failed": failed, "{n} running": history.running}
        listed = ", ".join(say(message, n=len(trials)) for message, trials in counts.items() if trials)
        first = datetime.fromtimestamp(history.trials[0].started, UTC).strftime("%Y-%m-%d %H:%M UTC")
        message = f"{'1 trial' if n_trials == 1 else '{n} trials'}: "
        message += "{counts}; started {first}, {training} of training in total."
        searched += " " + say(message, counts=listed, first=first, training=training(facts, say), n=n_trials)
    if not complete:
        return [searched, say("No trial is complete yet.")]
    sentences, best, able = [searched], history.incumbent, [trial for trial in complete if trial.feasible]
    if facts.front:
        message = "1 trial is" if len(facts.front) == 1 else "{n} trials are"
        message += " on the front: no other trial is at least as good in every objective, and better in one."
        sentences.append(say(message, n=len(facts.front)))
    at_top = [] if best is None else [trial for trial in able if whole_as(trial, best)]
    if best is not None:
        sentences += [_best(at_top[0], best, say), *_ends(facts, best, say)]
    if len(able) < len(complete):
        message = "{n} of {n_all} complete trials are not feasible: one of their constraints is above 0."
        sentences.append(say(message, n=len(complete) - len(able), n_all=len(complete)))
    if best is not None:
        sentences += [*_last_trials(facts, at_top, best, say), *_lower_budgets(facts, able, best, say)]
        sentences += _stopped(history, say)
    if n := len(failed):
        message = "{n} of {n_all} trials failed ({share:.0%}); their errors are listed below."
        sentences.append(say(message, n=n, n_all=n_trials, share=n / n_trials))
    return sentences


def whole_as(trial: Trial, best: Trial) -> bool:
    """Return True if a trial was trained as far as the best one: with the same budget, and not given up."""
    return trial.budget == best.budget and (trial.expected is None or best.expected is not None)


def _best(first: Trial, best: Trial, say: Say) -> str:
    """Return the best trial's value, and how much better it is than the first, in percent if that makes sense."""
    at = "" if best.budget is None else " at budget {budget}, the highest reached"
    message = f"The best value is {{value}} (trial {{number}}){at}."
    sentence = say(message, value=number(best.value), number=best.number, budget=shown(best.budget))
    if first.number == best.number:
        return f"{sentence} {say('No later trial was better.')}"
    message, before, after, share = "The first complete trial had {value}", first.value or 0.0, best.value or 0.0, 0.0
    if before > 0.0 and after > 0.0 and 0.005 < (share := abs(after / before - 1.0)) < 0.995:
        message += f": the best is {{share:.0%}} {'higher' if after > before else 'lower'}"
    return f"{sentence} {say(f'{message}.', value=number(first.value), share=share)}"


def _ends(facts: Facts, best: Trial, say: Say) -> Iterator[str]:
    for name, end in pressed(facts.study).items():
        message = f"The best trials lie at the {end} end of the range of {{name}} (the best at {{value}}): better"
        message += " values may lie beyond. Widen the range if you can. In simulations with the"
        message += " optimum inside, fewer than 1 search in 10 gave this advice."
        yield say(message, name=shown(name), value=number(best.params[name]))


def _last_trials(facts: Facts, at_top: list[Trial], best: Trial, say: Say) -> Iterator[str]:
    """Say whether the search still improved at its end."""
    losses = [facts.losses[trial.number] for trial in at_top]
    place, start = losses.index(min(losses)), int(LATE_SHARE * len(losses))
    if len(losses) >= FEW and place < start:
        yield say("None of the last {n} complete trials was better.", n=len(losses) - 1 - place)
    elif improving(losses):
        before = at_top[losses.index(min(losses[:start]))].value
        message = "The last quarter of the complete trials still improved the best value, from {before} to {value}: "
        message += "more trials may improve it again. In simulations with nothing left to gain, "
        message += "fewer than 1 search in 10 gave this advice."
        if shown(before) != shown(best.value):
            yield say(message, before=number(before), value=number(best.value))


def _lower_budgets(facts: Facts, able: list[Trial], best: Trial, say: Say) -> Iterator[str]:
    """Report a trial that looks better than the best, but was not trained to the end."""
    lower = min(able, key=lambda trial: facts.losses[trial.number])
    if facts.losses[lower.number] < facts.losses[best.number]:
        message = "At a lower budget there is a better value: {value} at budget {budget} (trial {number}). "
        message += "Values at different budgets may not be comparable; if they are, train that trial further."
        yield say(message, value=number(lower.value), budget=shown(lower.budget), number=lower.number)


def _stopped(history: History, say: Say) -> Iterator[str]:
    """Report what a stopping rule ended, and the units that it saved."""
    if stopped := history.stopped:
        rules = ", ".join(dict.fromkeys(str(trial.stopped) for trial in stopped))
        longest = max(len(trial.curve) for trial in history.finished)
        values = {"n": len(stopped), "n_all": len(history.finished), "saved": history.saved}
        message = "{n} of {n_all} complete trials were stopped early, by {rule}. This saved {saved} units of budget,"
        message += " assuming that each would have trained for {longest} units, like the longest one."
        yield say(message, rule=shown(rules), longest=longest, **values)


def training(facts: Facts, say: Say = str.format) -> str:
    """Return the time that all trials took together, in words."""
    return duration(finite_sum(trial.seconds or 0.0 for trial in facts.history.trials), say)


def duration(seconds: float, say: Say = str.format) -> str:
    """Return seconds in words: "3.2 s", "12 min", "4 h 10 min"."""
    if seconds < 100:
        return say("{seconds:.3g} s", seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 100:
        return say("{minutes} min", minutes=minutes)
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def pressed(study: Study) -> dict[str, str]:
    """Return the end of each range at which the best trials lie, "lower" or "upper", by name; false in 1 to 6 % of searches.

    The zone is the outer tenth of an ordered range, or its last value of three or more. The best trial must be in it. If few
    trials are, more of the best five must be there than by luck (hypergeometric). If the search has gathered there, all five
    must be, with the best at the very end, and the rank of the loss must grow with the distance, after removing the trend
    over time. Equal losses share a rank, and so do all distances at the very end. The worst case is Bayesian optimization stuck at an end by noise or a local optimum: 3 of 10 on one problem.
    """
    ends, ranked = {}, [trial for trial in study.history.ranked if trial.feasible]
    ordered = {name: each for name, each in study.space.dimensions.items() if each.has_order and each.size > 2}
    for name, dimension in ordered.items():
        trials = [trial for trial in ranked if trial.budget == ranked[0].budget and name in trial.params]
        places, n = np.array([dimension.encode(trial.params[name]) for trial in trials]), len(trials)
        for end, u in (("lower", 0.0), ("upper", 1.0)):
            distance = np.abs(places - dimension.encode(dimension.decode(u)))
            zone = distance < ZONE - 1e-9
            size, of_best = int(zone.sum()), int(zone[:BEST].sum())
            if n < FEW or trials[0] is not ranked[0] or not zone[0] or size == n:
                continue
            if size <= 2 * max(ZONE, 1 / dimension.size) * n:
                ways = sum(comb(size, k) * comb(n - size, BEST - k) for k in range(of_best, BEST + 1))
                agree = ways / comb(n, BEST) * 2 * len(ordered) < LUCK
            else:
                losses = [study.history.rank(trial)[1:] for trial in trials]
                ranks = [
                    np.unique(each, axis=0, return_inverse=True)[1].ravel() for each in (distance.clip(NEAR), losses)
                ]
                a = np.linalg.pinv(np.corrcoef([*ranks, [trial.number for trial in trials]]))  # partial correlations
                t = LIKELY if (distance[:BEST] <= NEAR).all() else SURE
                grows = a[0, 1] < 0 and a[0, 1] ** 2 * (n - 3) > t**2 * (a[0, 0] * a[1, 1] - a[0, 1] ** 2)
                agree = of_best == BEST and distance[0] <= NEAR and grows
            if agree:
                ends[name] = end
    return ends


def improving(losses: Sequence[float]) -> bool:
    """Return True if losses, in the order of the search, were still falling, as they are in 1 % of finished searches.

    Two of the last quarter must be below all before, the best by a fifth of its distance to the median of the first half.
    So it also stays silent in many unfinished searches: after TPE in 6 of 10, after random search nearly always.
    """
    start = int(LATE_SHARE * len(losses))
    if len(losses) < FEW:
        return False
    before, (best, second) = min(losses[:start]), sorted(losses[start:])[:2]
    return second < before and before - best >= GAIN * (float(np.median(losses[: (len(losses) + 1) // 2])) - best)
