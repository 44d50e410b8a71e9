"""Chapter 5: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests

CHAPTER = "05_trade_offs"

COST = """
def bracket_cost(n_configs, min_budget, max_budget, eta, checkpoints):
    total, budget, below = 0, min_budget, 0
    while n_configs and budget <= max_budget:
        total += {pay}
        n_configs, budget, below = {next}
    return total
"""
PAY, NEXT = "n_configs * (budget - below if checkpoints else budget)", "n_configs // eta, budget * eta, budget"
BRACKET_COST = {
    "checkpoints not looked at": (COST.format(pay="n_configs * budget", next=NEXT), "pays only the difference"),
    "checkpoints the wrong way round": (
        COST.format(pay="n_configs * (budget if checkpoints else budget - below)", next=NEXT),
        "pays all three epochs again",
    ),
    "the difference to the lowest rung": (
        COST.format(
            pay="n_configs * (budget - min_budget if checkpoints and below else budget)",
            next=NEXT,
        ),
        "not from the lowest one",
    ),
    "the lowest rung is free": (
        COST.format(pay="n_configs * (budget - (below or min_budget) if checkpoints else budget)", next=NEXT),
        "The lowest rung has no rung below",
    ),
    "a budget above the largest": (
        COST.replace("budget <= max_budget", "below < max_budget").format(pay=PAY, next=NEXT),
        "No budget may be above max_budget",
    ),
    "the budget grows by eta": (
        COST.format(pay=PAY, next="n_configs // eta, budget + eta, budget"),
        "eta times",
    ),
    "a rung keeps at least one": (
        COST.replace("while n_configs and", "while").format(
            pay=PAY, next="max(1, n_configs // eta), budget * eta, budget"
        ),
        "the bracket ends",
    ),
    "one rung only": (
        "def bracket_cost(n_configs, min_budget, max_budget, eta, checkpoints):\n    return n_configs * min_budget",
        "pays all three epochs again",
    ),
    "nothing returned": (COST.replace("    return total\n", "").format(pay=PAY, next=NEXT), "Return"),
    "printed": (COST.replace("return total", "print(total)").format(pay=PAY, next=NEXT), "Return"),
}

HALVE = """
def fixed_halving(configs, objective, budget, eta):
    losses = [objective(config, budget) for config in configs]
    while len(configs) > 1:
        keep = max(1, len(configs) // eta)
        best = np.argsort(losses, kind="stable"){order}[:keep]
        configs = [configs[i] for i in best]
        budget = budget {grow} eta
        losses = {again}
    return {returned}
"""
AGAIN = "[objective(config, budget) for config in configs]"
GOOD = {"order": "", "grow": "*", "again": AGAIN, "returned": "configs[0], losses[0]"}
FIXED_HALVING = {
    "the worst kept": (HALVE.format(**{**GOOD, "order": "[::-1]"}), "Which ones does argsort put first"),
    "the budget grows by eta": (HALVE.format(**{**GOOD, "grow": "+"}), "eta times the budget"),
    "never trained again": (HALVE.format(**{**GOOD, "again": "[losses[i] for i in best]"}), "must be trained again"),
    "trained again at the first budget": (
        HALVE.replace("losses = {again}", "losses = [objective(config, 2) for config in configs]").format(**GOOD),
        "with the larger budget",
    ),
    "ranked by the first losses": (
        HALVE.replace(
            "        configs = [configs[i] for i in best]",
            "        configs, losses = [configs[i] for i in best], [losses[i] for i in best]",
        )
        .replace("        losses = {again}", "        last = [objective(config, budget) for config in configs]")
        .replace("return {returned}", "return configs[0], last[0]")
        .format(**GOOD),
        "Rank each rung by its own losses",
    ),
    "the first loss returned": (
        HALVE.replace("    while", "    first = dict(zip(configs, losses))\n    while").format(
            **{**GOOD, "returned": "configs[0], first[configs[0]]"}
        ),
        "loss of the last rung",
    ),
    "the loss alone": (HALVE.format(**{**GOOD, "returned": "losses[0]"}), "Return two things"),
    "a rung that keeps one too many": (
        HALVE.replace("max(1, len(configs) // eta)", "max(1, min(len(configs) - 1, len(configs) // eta + 1))").format(
            **GOOD
        ),
        "one in eta",
    ),
}

PAIR = """
def best_pair(predictions, y):
    n = len(predictions)
    def error(pair):
        mean = (predictions[pair[0]] + predictions[pair[1]]) / 2
        return {error}
    return {best}(({pairs}), key=error)
"""
ERROR, PAIRS = "round(float(np.mean((y - mean) ** 2)), 9)", "(i, j) for i in range(n) for j in range(i, n)"
BEST_PAIR = {
    "the best model twice": (
        "def best_pair(predictions, y):\n    i = int(np.argmin([np.mean((y - p) ** 2) for p in predictions]))\n    return i, i",
        "whose errors cancel out",
    ),
    "the two best alone": (
        "def best_pair(predictions, y):\n"
        "    return tuple(sorted(np.argsort([np.mean((y - p) ** 2) for p in predictions], kind='stable')[:2].tolist()))",
        "paired with itself",
    ),
    "no model with itself": (
        PAIR.format(error=ERROR, best="min", pairs="(i, j) for i in range(n) for j in range(i + 1, n)"),
        "paired with itself",
    ),
    "the last of equal pairs": (
        PAIR.format(error=ERROR, best="min", pairs="(i, j) for i in reversed(range(n)) for j in reversed(range(i, n))"),
        "the first one",
    ),
    "the worst pair": (PAIR.format(error=ERROR, best="max", pairs=PAIRS), "smallest error"),
    "the error of the mean": (
        PAIR.format(error="round(float(np.mean(y - mean) ** 2), 9)", best="min", pairs=PAIRS),
        "Square the error of each row",
    ),
    "the sum for the mean": (
        PAIR.replace(" / 2", "").format(error=ERROR, best="min", pairs=PAIRS),
        "mean of the two predictions",
    ),
    "absolute errors": (
        PAIR.format(error="round(float(np.mean(abs(y - mean))), 9)", best="min", pairs=PAIRS),
        "Square the error of each row",
    ),
    "the error returned": (
        PAIR.replace("return {best}(({pairs}), key=error)", "return min(error(pair) for pair in ({pairs}))").format(
            error=ERROR, pairs=PAIRS
        ),
        "Return two indices",
    ),
}

GAP = """
def expected_gap(valid, test, n):
    size = len(valid)
    order = np.argsort(valid, kind="stable"){reverse}
    chances = np.array([{chance} for rank in range(size)])
    return float(chances @ {gaps})
"""
CHANCE, GAPS = "comb(size - 1 - rank, n - 1) / comb(size, n)", "(test - valid)[order]"
EXPECTED_GAP = {
    "the first n": (
        "def expected_gap(valid, test, n):\n    i = valid[:n].argmin()\n    return float(test[i] - valid[i])",
        "every configuration wins equally often",
    ),
    "validation minus test": (
        GAP.format(reverse="", chance=CHANCE, gaps="(valid - test)[order]"),
        "sign of the gap",
    ),
    "not sorted": (
        GAP.format(reverse="", chance=CHANCE, gaps="(test - valid)"),
        "the smallest validation error always wins",
    ),
    "the largest error wins": (
        GAP.format(reverse="[::-1]", chance=CHANCE, gaps=GAPS),
        "the smallest validation error always wins",
    ),
    "drawn with replacement": (
        GAP.format(reverse="", chance="((size - rank) / size) ** n - ((size - rank - 1) / size) ** n", gaps=GAPS),
        "different configurations",
    ),
    "ranks that do not know each other": (
        GAP.format(reverse="", chance="comb(size - 1, n - 1) / comb(size, n) / n", gaps=GAPS),
        "the smallest validation error always wins",
    ),
    "the winner's number and the mean of the tests": (
        GAP.format(reverse="", chance=CHANCE, gaps="(test.mean() - valid)[order]"),
        "the smallest validation error always wins",
    ),
    "a loop of random draws": (
        "def expected_gap(valid, test, n):\n"
        "    rng, gaps = np.random.default_rng(0), []\n"
        "    for _ in range(1000):\n"
        "        chosen = rng.choice(len(valid), n, replace=False)\n"
        "        i = chosen[valid[chosen].argmin()]\n"
        "        gaps.append(test[i] - valid[i])\n"
        "    return float(np.mean(gaps))",
        "exactly",
    ),
    "one too many behind": (
        GAP.format(reverse="", chance="comb(size - rank, n) / comb(size, n)", gaps=GAPS),
        "equally often",
    ),
}

NEST = """
def fixed_nested(X, y, k=4):
    outer = []
    for a, b in folds_of(y, {outer_folds}):
        X_own, y_own = {own}
        inner = [
            np.mean([{inner} for i, j in folds_of(y_own, {inner_folds})])
            for c in range(X.shape[1])
        ]
        best = int(np.{choose}(np.round(inner, 9)))
        outer.append({judge})
    return {returned}
"""
RIGHT = {
    "outer_folds": "k",
    "own": "X[a], y[a]",
    "inner": "column_error(c, X_own[i], y_own[i], X_own[j], y_own[j])",
    "inner_folds": "3",
    "choose": "argmin",
    "judge": "column_error(best, X_own, y_own, X[b], y[b])",
    "returned": "float(np.mean(outer))",
}
FIXED_NESTED = {
    "chosen on all rows": (NEST.format(**{**RIGHT, "own": "X, y"}), "rows that judge have chosen"),
    "the best fold": (NEST.format(**{**RIGHT, "returned": "float(min(outer))"}), "you took the best fold"),
    "the inner error returned": (NEST.format(**{**RIGHT, "judge": "min(inner)"}), "rows that judge have chosen"),
    "four folds whatever k is": (NEST.format(**{**RIGHT, "outer_folds": "4"}), "each of the five outer folds"),
    "five inner folds": (NEST.format(**{**RIGHT, "inner_folds": "5"}), "3 inner folds"),
    "the worst column": (NEST.format(**{**RIGHT, "choose": "argmax"}), "has to find it"),
    "one minus the error": (
        NEST.format(**{**RIGHT, "returned": "1 - float(np.mean(outer))"}),
        "do you return the error",
    ),
    "judged on its own rows": (
        NEST.format(**{**RIGHT, "judge": "column_error(best, X_own, y_own, X_own, y_own)"}),
        "rows that judge have chosen",
    ),
    "a list of errors": (NEST.format(**{**RIGHT, "returned": "outer"}), "Return one number"),
}

FAIR = """
def fair_means(errors):
    errors = np.asarray(errors, float)
    half = len(errors) // 2
    chosen = errors[{choose}].mean(axis=0).round(9).{best}(axis=1)
    return errors[{judge}].mean(axis=0)[np.arange(errors.shape[1]), chosen]
"""
FAIR_MEANS = {
    "all seeds choose and judge": (FAIR.format(choose=":", judge=":", best="argmin"), "errors from the first half"),
    "the first half does both": (
        FAIR.format(choose=":half", judge=":half", best="argmin"),
        "errors from the first half",
    ),
    "halves the wrong way round": (
        FAIR.format(choose="half:", judge=":half", best="argmin"),
        "Only the second half may judge",
    ),
    "the largest error": (FAIR.format(choose=":half", judge="half:", best="argmax"), "a best nuisance value"),
    "one nuisance value for all": (
        "def fair_means(errors):\n"
        "    half = len(errors) // 2\n"
        "    chosen = errors[:half].mean(axis=(0, 1)).argmin()\n"
        "    return errors[half:].mean(axis=0)[:, chosen]",
        "of its own",
    ),
    "not averaged": (
        "def fair_means(errors):\n"
        "    half = len(errors) // 2\n"
        "    chosen = errors[:half].mean(axis=0).argmin(axis=1)\n"
        "    return errors[half:][:, np.arange(errors.shape[1]), chosen]",
        "one number for each scientific value",
    ),
    "a table for each choice": (
        "def fair_means(errors):\n"
        "    half = len(errors) // 2\n"
        "    chosen = errors[:half].mean(axis=0).argmin(axis=1)\n"
        "    return errors[half:].mean(axis=0)[:, chosen]",
        "one number for each scientific value",
    ),
    "the smallest of each seed": (
        "def fair_means(errors):\n    return errors[len(errors) // 2 :].min(axis=2).mean(axis=0)",
        "also judged",
    ),
    "all seeds judge": (FAIR.format(choose=":half", judge=":", best="argmin"), "Only the second half may judge"),
}

SCHEDULE = """
def schedule(seconds, n_workers):
    free, moments = [0.0] * n_workers, []
    for number, duration in enumerate({order}):
        worker = {worker}
        started = {started}
        free[worker] = started + duration
        moments.append({moment})
    return moments
"""
ASYNCHRONOUS = {
    "order": "seconds",
    "worker": "free.index(min(free))",
    "started": "free[worker]",
    "moment": "(worker, started, free[worker])",
}
SCHEDULES = {
    "in turns": (SCHEDULE.format(**{**ASYNCHRONOUS, "worker": "number % n_workers"}), "They do not take turns"),
    "in rounds": (
        "def schedule(seconds, n_workers):\n"
        "    moments, now = [], 0.0\n"
        "    for first in range(0, len(seconds), n_workers):\n"
        "        group = seconds[first : first + n_workers]\n"
        "        moments += [(i, now, now + duration) for i, duration in enumerate(group)]\n"
        "        now += max(group)\n"
        "    return moments",
        "These are rounds",
    ),
    "the shortest first": (SCHEDULE.format(**{**ASYNCHRONOUS, "order": "sorted(seconds)"}), "not the shortest first"),
    "the duration for the end": (
        SCHEDULE.format(**{**ASYNCHRONOUS, "moment": "(worker, started, duration)"}),
        "ends at its start plus its duration",
    ),
    "all start at once": (SCHEDULE.format(**{**ASYNCHRONOUS, "started": "0.0"}), "one trial after the other"),
    "the last among equals": (
        SCHEDULE.format(**{**ASYNCHRONOUS, "worker": "n_workers - 1 - free[::-1].index(min(free))"}),
        "take the one with the smallest number",
    ),
    "the busiest worker": (
        SCHEDULE.format(**{**ASYNCHRONOUS, "worker": "free.index(max(free))"}),
        "Among workers that are free",
    ),
    "only the last end": (
        "def schedule(seconds, n_workers):\n    return sum(seconds) / n_workers",
        "Return a list",
    ),
}


ANSWER = """
def answer(study, done, n_trials):
{tell}
    try:
        trial = study.ask_into([], {bound})
    except hpt.NothingToSuggest:
        return {nothing}
{after}    return "train", trial.number, trial.params
"""
TELL = """
    if done is not None:
        number, value = done
        trial = {trial}
        if {when}:
            {how}
"""
TELL_RIGHT = {
    "trial": "study.trials[number]",
    "when": "trial.state == 'running'",
    "how": "study.tell(trial, value, error='failed' if value is None else None)",
}
WAIT = "('wait',) if study.history.n_running else ('stop',)"


def service(bound="n_trials", nothing=WAIT, late=False, **tell):
    telling = TELL.format(**{**TELL_RIGHT, **tell})
    after = telling.replace("trial", "old").replace("study.olds", "study.trials") if late else ""
    return ANSWER.format(tell="" if late else telling, bound=bound, nothing=nothing, after=after)


SERVICE_ANSWER = {
    "every value is reported": (service(when="True"), "look at the state first"),
    "the second value instead of the first": (
        service(
            when="True",
            how="study.tell(trial, value, error='failed' if value is None else None) if trial.state == 'running' "
            "else trial.__dict__.update(value=value)",
        ),
        "The first value of a trial counts",
    ),
    "the oldest running trial": (service(trial="study.history.running[0]"), "the value belongs to the number"),
    "zero counts as a failure": (
        service(how="study.tell(trial, value) if value else study.tell(trial, error='failed')"),
        "A value of 0 is a value",
    ),
    "a failure is not reported": (
        service(when="trial.state == 'running' and value is not None"),
        "call tell with error=",
    ),
    "None is reported as a value": (service(how="study.tell(trial, value)"), "call tell with error="),
    "nothing is reported": (service(when="False"), "still running: tell the study"),
    "no bound": (service(bound="float('inf')"), "more than n_trials"),
    "stops while others train": (service(nothing="('stop',)"), "so the worker "),
    "never stops": (service(nothing="('wait',)"), "the worker stops"),
    "asks before it tells": (service(late=True), "tell first, then ask"),
    "the count of trials alone": (
        "def answer(study, done, n_trials):\n"
        "    if done is not None and study.trials[done[0]].state == 'running':\n"
        "        study.tell(study.trials[done[0]], done[1], error=None if done[1] is not None else 'failed')\n"
        "    if len(study.trials) >= n_trials:\n"
        "        return ('wait',) if study.history.n_running else ('stop',)\n"
        "    trial = study.ask()\n"
        "    return 'train', trial.number, trial.params",
        "handed out again comes first",
    ),
    "the trial itself": (
        service().replace('"train", trial.number, trial.params', "trial"),
        "is a tuple",
    ),
}

TOTAL = """
def total_shares(losses):
    if losses.min() == losses.max():
        return {flat}
    lines = [{line} for axis in range({axes})]
    return {returned}
"""
OTHERS = "tuple(k for k in range(losses.ndim) if k != axis)"


def total(flat="np.zeros(losses.ndim)", line="losses.var(axis=axis).mean()", axes="losses.ndim", returned=None):
    return TOTAL.format(flat=flat, line=line, axes=axes, returned=returned or "np.array(lines) / losses.var()")


TOTAL_SHARES = {
    "what each explains on its own": (total(line=f"losses.mean(axis={OTHERS}).var()"), "what each explains on its own"),
    "the others vary": (total(line=f"losses.var(axis={OTHERS}).mean()"), "the other way around"),
    "all but what it explains on its own": (
        total(
            returned=f"1 - np.array([losses.mean(axis={OTHERS}).var() for axis in range(losses.ndim)]) / losses.var()"
        ),
        "the other way around",
    ),
    "not divided": (total(returned="np.array(lines)"), "divide by the variance of all losses"),
    "standard deviations": (
        total(line="losses.std(axis=axis).mean()", returned="np.array(lines) / losses.std()"),
        "not standard",
    ),
    "a sample's variance": (
        total(line="losses.var(axis=axis, ddof=1).mean()", returned="np.array(lines) / losses.var(ddof=1)"),
        "without ddof",
    ),
    "made to add up to 1": (total(returned="np.array(lines) / sum(lines)"), "need not add up to 1"),
    "two axes only": (total(axes="2"), "may have any number"),
    "the median of the lines": (total(line="np.median(losses.var(axis=axis))"), "then the mean of them"),
    "the largest line": (total(line="losses.var(axis=axis).max()"), "then the mean of them"),
    "the first line only": (
        total(line="np.moveaxis(losses, axis, 0).reshape(losses.shape[axis], -1)[:, 0].var()"),
        "mean of them",
    ),
    "the mean of a line, squared": (
        total(line="(losses**2).mean(axis=axis).mean()"),
        "each total share is what that hyperparameter explains on its own",
    ),
    "flat tables are not looked at": (total().replace("losses.min() == losses.max()", "False"), "the answer is zeros"),
    "one number for a flat table": (total(flat="0.0"), "the answer is zeros"),
    "equal shares of a flat table": (total(flat="np.full(losses.ndim, 1 / losses.ndim)"), "the answer is zeros"),
    "the table is changed": (
        total().replace("    lines", "    losses -= losses.mean()\n    lines"),
        "leave the losses as they are",
    ),
    "one number": (total(returned="sum(lines) / losses.var()"), "one number for each axis"),
    "nothing returned": (total().replace("return np.array", "np.array"), "one number for each axis"),
}

SHORT = """
def shortlist(losses, reference, n):
    kept = list(range(len(losses)))
    while len(kept) > n:
        without = [[i for i in kept if i != gone] for gone in kept]
        volumes = {volumes}
        kept = without[{which}]
    return {returned}
"""
VOLUMES = "[hpt.hypervolume(losses[rest], reference) for rest in without]"
LAST_OF_EQUALS = "len(kept) - 1 - int(np.round(volumes[::-1], 9).argmax())"


def short(volumes=VOLUMES, which=LAST_OF_EQUALS, returned="kept"):
    return SHORT.format(volumes=volumes, which=which, returned=returned)


SHORTLIST = {
    "the one that adds most": (short(which="int(np.round(volumes, 9).argmin())"), "miss most"),
    "each trial's own rectangle": (
        short(volumes="[-hpt.hypervolume(losses[[gone]], reference) for gone in kept]"),
        "A trial's own rectangle does not tell",
    ),
    "all at once": (
        "def shortlist(losses, reference, n):\n"
        "    every = range(len(losses))\n"
        "    volumes = [hpt.hypervolume(losses[[i for i in every if i != gone]], reference) for gone in every]\n"
        "    return sorted(np.argsort(np.round(volumes, 9), kind='stable')[:n].tolist())",
        "one trial at a time",
    ),
    "always the same reference": (
        short(volumes="[hpt.hypervolume(losses[rest], [10, 10]) for rest in without]"),
        "The reference point decides",
    ),
    "the first of equals": (short(which="int(np.round(volumes, 9).argmax())"), "Drop the last one"),
    "places in the sorted losses": (
        short().replace("    kept =", "    losses = losses[np.lexsort(losses.T[::-1])]\n    kept =", 1),
        "not in the sorted front",
    ),
    "the losses": (short(returned="losses[kept].tolist()"), "return the indices of all three"),
    "nothing returned": (short().replace("return kept", "kept"), "return the indices of all three"),
}

LIMITED = """
def constrained_ei(mean, std, best, constraints):
    probability = {start}
    for center, spread in constraints:
        probability = probability {times} {kept}
    if {nothing}:
        return {without}
    return {returned}
"""


def limited_ei(
    start="np.ones(len(mean))",
    times="*",
    kept="norm.cdf(-center / spread)",
    nothing="best is None",
    without="probability",
    returned="expected_improvement(mean, std, best) * probability",
):
    parts = dict(start=start, times=times, kept=kept, nothing=nothing, without=without, returned=returned)
    return LIMITED.format(**parts)


CONSTRAINED_EI = {
    "constraints not looked at": (
        limited_ei(returned="expected_improvement(mean, std, best)"),
        "only if it is allowed",
    ),
    "the probability alone": (
        limited_ei(returned="probability"),
        "multiply the probability by the expected improvement",
    ),
    "the sign turned around": (limited_ei(kept="norm.cdf(center / spread)"), "breaking the limit"),
    "the mean decides": (limited_ei(kept="(center <= 0)"), "The mean alone does not decide"),
    "not divided by the standard deviation": (limited_ei(kept="norm.cdf(-center)"), "Reread"),
    "the density": (limited_ei(kept="norm.pdf(center / spread)"), "Reread"),
    "the least likely one": (
        LIMITED.format(
            start="np.ones(len(mean))",
            times="if spread is None else",
            kept="np.minimum(probability, norm.cdf(-center / spread))",
            nothing="best is None",
            without="probability",
            returned="expected_improvement(mean, std, best) * probability",
        ),
        "the less likely one alone",
    ),
    "probabilities added": (limited_ei(start="np.zeros(len(mean))", times="+"), "multiplied, not added"),
    "improvement once for each constraint": (
        limited_ei(
            kept="norm.cdf(-center / spread) * (1 if best is None else expected_improvement(mean, std, best))",
            returned="probability",
        ),
        "counts once",
    ),
    "the last constraint only": (limited_ei(times="* 0 +"), "multiply by both"),
    "None not looked at": (limited_ei(nothing="False"), "nothing to improve on"),
    "nothing is promised before a feasible trial": (
        limited_ei(without="np.zeros(len(mean))"),
        "the probability alone counts",
    ),
    "a best loss of 0 taken for none": (limited_ei(nothing="not best"), "A best loss of 0 is a loss"),
    "a single 1 without constraints": (limited_ei(start="1.0"), "the probability is 1 at every point"),
    "one number": (
        limited_ei(returned="(expected_improvement(mean, std, best) * probability).max()"),
        "one number for each point",
    ),
    "the mean is changed": (
        limited_ei().replace("    probability =", "    mean -= 0.0 if best is None else best\n    probability =", 1),
        "Do not change the arrays",
    ),
}

RULE = """
def gives_up(losses, others, percentile, warmup):
    n = len(losses)
    if n {early} warmup:
        return False
    ahead = sum({theirs} {below} {ours} for other in others)
    return {returned}
"""


def rule(
    early="<", theirs="min(other[:n])", below="<", ours="min(losses)", returned="100 * ahead > percentile * len(others)"
):
    return RULE.format(early=early, theirs=theirs, below=below, ours=ours, returned=returned)


GIVES_UP = {
    "the last loss of the run": (rule(ours="losses[-1]"), "The run has been at 0.2"),
    "the last losses of the others": (rule(theirs="other[:n][-1]"), "The others have been at 0.3"),
    "the others at their end": (rule(theirs="min(other)"), "compare after as many epochs"),
    "the others one epoch later": (rule(theirs="min(other[: n + 1])"), "compare after as many epochs"),
    "a tie is ahead": (rule(below="<="), "A tie is not ahead"),
    "as many are enough": (rule(returned="100 * ahead >= percentile * len(others)"), "50 percent, not more"),
    "the percentile from the other end": (
        rule(returned="100 * ahead > (100 - percentile) * len(others)"),
        "a smaller percentile stops more runs",
    ),
    "always the median": (rule(returned="2 * ahead > len(others)"), "a smaller percentile stops more runs"),
    "a share, not a percentage": (rule(returned="ahead > percentile * len(others)"), "Two of three are ahead"),
    "stopped where it is good": (rule(below=">"), "Two of three are ahead"),
    "no warmup": (rule().replace("n < warmup", "False"), "is not judged yet"),
    "one epoch more of warmup": (rule(early="<="), "Two of three are ahead"),
    "stopped without others": (rule(returned="not others or 100 * ahead > percentile * len(others)"), "Without others"),
    "the number ahead": (rule(returned="ahead"), "Return True or False"),
    "nothing returned": (rule().replace("return 100", "100"), "Return True or False"),
}

WRONG = {
    "check-bracket-cost": BRACKET_COST,
    "check-mended-halving": FIXED_HALVING,
    "check-best-pair": BEST_PAIR,
    "check-expected-gap": EXPECTED_GAP,
    "check-mended-nested": FIXED_NESTED,
    "check-fair-means": FAIR_MEANS,
    "check-schedule": SCHEDULES,
    "check-service-answer": SERVICE_ANSWER,
    "check-total-shares": TOTAL_SHARES,
    "check-shortlist": SHORTLIST,
    "check-constrained-ei": CONSTRAINED_EI,
    "check-gives-up": GIVES_UP,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
