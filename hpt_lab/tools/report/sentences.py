"""The sentences of a report: what the search showed, and what to check before relying on it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hpt_lab.tools.report.advice import FEW, LATE, improving, pressed
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.languages import Say
from hpt_lab.study import Directions, Trial
from hpt_lab.values.display import shown

AIMS = {"minimize": "lowest", "maximize": "highest"}


def summary(facts: Facts, say: Say = str.format) -> list[str]:
    """Return a few sentences, the most important first: what was searched, what was found, and what to check."""
    n, direction = len(facts.space), facts.study.direction
    names = "1 hyperparameter" if n == 1 else "{n} hyperparameters"
    aim, aims = "trade-offs: {aims}", list[str]()
    if isinstance(direction, Directions):
        named = zip(direction.each, direction.labels, strict=True)
        aims = [say(f"{AIMS[one]} {{name}}", name=shown(name)) for one, name in named]
    else:
        aim = f"the {AIMS[direction]} value"
    searched = say(f"{{who}} searched {names} for {aim}.", who=shown(facts.strategy_name), n=n, aims=", ".join(aims))
    if facts.trials:
        counts = {"{n} complete": facts.complete, "{n} failed": facts.failed, "{n} running": facts.running}
        listed = ", ".join(say(message, n=len(trials)) for message, trials in counts.items() if trials)
        n_trials, message = len(facts.trials), "{counts}; started {first}, {training} of training in total."
        values = {"counts": listed, "training": duration(facts.seconds, say), "n": n_trials}
        values["first"] = datetime.fromtimestamp(facts.trials[0].started, UTC).strftime("%Y-%m-%d %H:%M UTC")
        searched += " " + say(f"{'1 trial' if n_trials == 1 else '{n} trials'}: {message}", **values)
    best, sentences = facts.best, [searched]
    able = [trial for trial in facts.complete if trial.feasible]
    if not facts.complete:
        return [searched, say("No trial is complete yet.")]
    if len(able) < len(facts.complete):
        message = "{n} of {n_all} complete trials are not feasible: one of their constraints is above 0."
        sentences.append(say(message, n=len(facts.complete) - len(able), n_all=len(facts.complete)))
    if facts.front:
        message = "1 trial is" if len(facts.front) == 1 else "{n} trials are"
        message += " on the front: no other trial is at least as good in every objective, and better in one."
        sentences.insert(1, say(message, n=len(facts.front)))
    if best is not None:
        at_top = [trial for trial in able if whole_as(trial, best)]
        sentences[1:1] = [_best(at_top[0], best, say), *_ends(facts, best, say)]
        sentences += [*_last_trials(facts, at_top, best, say), *_lower_budgets(facts, able, best, say)]
        sentences += _stopped(facts, say)
    if n := len(facts.failed):
        message, n_all = "{n} of {n_all} trials failed ({share:.0%}); their errors are listed below.", len(facts.trials)
        sentences.append(say(message, n=n, n_all=n_all, share=n / n_all))
    return sentences


def whole_as(trial: Trial, best: Trial) -> bool:
    """Return True if a trial was trained as far as the best one: with the same budget, and not given up."""
    return trial.budget == best.budget and (trial.expected is None or best.expected is not None)


def _best(first: Trial, best: Trial, say: Say) -> str:
    """Return the best trial's value, and how much better it is than the first, in percent if that makes sense."""
    at = "" if best.budget is None else " at budget {budget}, the highest reached"
    message = f"The best value is {{value}} (trial {{number}}){at}."
    sentence = say(message, value=shown(best.value), number=best.number, budget=shown(best.budget))
    if first.number == best.number:
        return f"{sentence} {say('No later trial was better.')}"
    message, before, after, share = "The first complete trial had {value}", first.value or 0.0, best.value or 0.0, 0.0
    if before > 0.0 and after > 0.0 and 0.005 < (share := abs(after / before - 1.0)) < 0.995:
        message += f": the best is {{share:.0%}} {'higher' if after > before else 'lower'}"
    return f"{sentence} {say(f'{message}.', value=shown(first.value), share=share)}"


def _ends(facts: Facts, best: Trial, say: Say) -> Iterator[str]:
    for name, end in pressed(facts.study).items():
        message = f"The best trials lie at the {end} end of the range of {{name}} (the best at {{value}}): better"
        message += " values may lie beyond. Widen the range if you can. In simulations with the"
        message += " optimum inside, fewer than 1 search in 10 gave this advice."
        yield say(message, name=shown(name), value=shown(best.params[name]))


def _last_trials(facts: Facts, at_top: list[Trial], best: Trial, say: Say) -> Iterator[str]:
    """Say whether the search still improved at its end."""
    losses = [facts.losses[trial.number] for trial in at_top]
    place, start = losses.index(min(losses)), int(LATE * len(losses))
    if len(losses) >= FEW and place < start:
        yield say("None of the last {n} complete trials was better.", n=len(losses) - 1 - place)
    elif improving(losses):
        before = at_top[losses.index(min(losses[:start]))].value
        message = "The last quarter of the complete trials still improved the best value, from {before} to {value}: "
        message += "more trials may improve it again. In simulations with nothing left to gain, "
        message += "fewer than 1 search in 10 gave this advice."
        if shown(before) != shown(best.value):
            yield say(message, before=shown(before), value=shown(best.value))


def _lower_budgets(facts: Facts, able: list[Trial], best: Trial, say: Say) -> Iterator[str]:
    """Report a trial that looks better than the best, but was not trained to the end."""
    lower = min(able, key=lambda trial: facts.losses[trial.number])
    if facts.losses[lower.number] < facts.losses[best.number]:
        message = "At a lower budget there is a better value: {value} at budget {budget} (trial {number}). "
        message += "Values at different budgets may not be comparable; if they are, train that trial further."
        yield say(message, value=shown(lower.value), budget=shown(lower.budget), number=lower.number)


def _stopped(facts: Facts, say: Say) -> Iterator[str]:
    """Report what a stopping rule ended, and the units that it saved."""
    if stopped := facts.study.history.stopped:
        rules = ", ".join(dict.fromkeys(str(trial.stopped) for trial in stopped))
        longest = max(len(trial.curve) for trial in facts.complete)
        values = {"n": len(stopped), "n_all": len(facts.complete), "saved": facts.study.history.saved}
        message = "{n} of {n_all} complete trials were stopped early, by {rule}. This saved {saved} units of budget,"
        message += " assuming that each would have trained for {longest} units, like the longest one."
        yield say(message, rule=shown(rules), longest=longest, **values)


def duration(seconds: float, say: Say = str.format) -> str:
    """Return seconds in words: "3.2 s", "12 min", "4 h 10 min"."""
    if seconds < 100:
        return say("{seconds:.3g} s", seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 100:
        return say("{minutes} min", minutes=minutes)
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
