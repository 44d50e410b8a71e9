"""Chapter 3: plausible wrong answers, each of which its check rejects with a hint that fits."""

from functools import partial

from wrong_answers import both_tests, changed

CHAPTER = "03_the_solution"

LINEAR_IN_ONE_LINE = """
def reachable(low, high, step, sampling):
    if sampling == "linear":
        return {linear}
    return {log}
"""
RANGE, POWERS = "list(range(low, high + 1, step))", "[low * step**n for n in range(99) if low * step**n <= high]"
reachable = partial(changed, CHAPTER, "check-reachable")
REACHABLE = {
    "without the maximum": (
        LINEAR_IN_ONE_LINE.format(linear="list(range(low, high, step))", log=POWERS),
        "The maximum is included. Python's range",
    ),
    "the bound always added": (
        reachable(("while value <= high", "while value < high"), ("return values", "return values + [high]")),
        "A step that does not divide the range never reaches",
    ),
    "multiples of the step": (
        LINEAR_IN_ONE_LINE.format(linear="[n for n in range(low, high + 1) if n % step == 0]", log=POWERS),
        "counted from the minimum",
    ),
    "a log scale that adds": (
        LINEAR_IN_ONE_LINE.format(linear=RANGE, log=RANGE),
        "the step multiplies; it does not add",
    ),
    "powers of the step": (
        LINEAR_IN_ONE_LINE.format(linear=RANGE, log="[step**n for n in range(99) if low <= step**n <= high]"),
        "The log scale starts at the minimum",
    ),
    "a log scale without its maximum": (
        LINEAR_IN_ONE_LINE.format(linear=RANGE, log=POWERS.replace("<=", "<")),
        "The maximum is included on the log scale",
    ),
    "nothing returned": (reachable(("return values", "values")), "returns None"),
}

network = partial(changed, CHAPTER, "check-build-network")
SCOPE = """\
    with hp.conditional_scope("layers", [2]):
        second = hp.Int("second_hidden", 8, 32, step=8)
    if layers == 2:
        hidden.append(second)
"""
ASKED_FIRST = 'activation = hp.Choice("activation", ["relu", "tanh"])\n    layers = hp.Choice("layers", [1, 2])'
BUILD_NETWORK = {
    "a plain if": (
        network((SCOPE, '    if layers == 2:\n        hidden.append(hp.Int("second_hidden", 8, 32, step=8))\n')),
        "inside a plain `if`",
    ),
    "appended inside the scope": (
        network(
            ("second = hp.Int(", "hidden.append(hp.Int("),
            ("32, step=8)\n    if layers == 2:", "32, step=8))\n    if 0:"),
        ),
        "a None must not get into the list",
    ),
    "no scope at all": (
        network((SCOPE, '    hidden = [*hidden, hp.Int("second_hidden", 8, 32, step=8)][:layers]\n')),
        "second_hidden exists for one layer too",
    ),
    "the rate on a linear scale": (network((', sampling="log"', "")), "ask for it on a log scale"),
    "the second width never used": (
        network(("if layers == 2", "if layers == 3")),
        "With layers=2 the network has hidden layers (16,)",
    ),
    "another order": (network((ASKED_FIRST, "\n    ".join(ASKED_FIRST.split("\n    ")[::-1]))), "Ask in this order"),
    "the rate not handed over": (network((", learning_rate=rate", "")), "does not use the learning rate"),
    "the model not returned": (network(("return MLP", "MLP")), "must return the MLP"),
}

gain = partial(changed, CHAPTER, "check-gain")
GAIN = {
    "without ddof": (gain((", ddof=1", "")), "ddof=1"),
    "the choosing seed judges too": (gain(("in seeds[1:]", "in seeds")), "must not judge it"),
    "chosen by the mean": (
        gain(("train(params, seeds[0])", "np.mean([train(params, seed) for seed in seeds])")),
        "Choose with the first seed alone",
    ),
    "not compared with the first setting": (gain((" - train(settings[0], seed)", "")), "subtract its score"),
    "the deviation for the error": (gain((" / math.sqrt(len(differences))", "")), "divide by the square root of n"),
    "the variance for the deviation": (gain(("np.std", "np.var")), "the variance instead of its square root"),
    "turned around": (
        gain(("train(chosen, seed) - train(settings[0], seed)", "train(settings[0], seed) - train(chosen, seed)")),
        "not the other way around",
    ),
    "seeds counted instead of used": (
        gain(("seeds[0]", "0"), ("for seed in seeds[1:]", "for seed in range(1, len(seeds))")),
        "Use the seeds in the list",
    ),
}

fixed = partial(changed, CHAPTER, "check-mended-build")
FIXED_BUILD = {
    "the broken one": ("fixed_build = broken_build", "share one width"),
    "the rate still fixed": (
        fixed(("learning_rate=rate", "learning_rate=1e-4")),
        "The rate is asked for but does not reach",
    ),
    "the misspelled name still there": (
        fixed(("activation=activation", 'activation=hp.values.get("activaton", "relu")')),
        "The activation is asked for but does not reach",
    ),
    "the misspelled name looked up": (
        fixed(("activation=activation", 'activation=hp["activaton"]')),
        "under a name that was never asked for",
    ),
    "counted from one": (fixed(("range(2)", "(1, 2)")), "should ask for rate, units_0, units_1"),
    "one layer left out": (fixed(("hidden=hidden", "hidden=hidden[1:]")), "two hidden layers, but yours has 1"),
    "the scale lost": (fixed((', sampling="log"', "")), "a different range or scale"),
}

edge = partial(changed, CHAPTER, "check-at-the-edge")
BOUNDS = "first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))"
PLACE = "(h.dimension.encode(best[h.name]) - first) / (last - first)"
UNREACHABLE = """low, high, value = h.config["min_value"], h.config["max_value"], best[h.name]
            if h.config["sampling"] == "log":
                low, high, value = math.log(low), math.log(high), math.log(value)"""
AT_THE_EDGE = {
    "the upper end only": (edge(("u <= share or ", "")), "The lower end is an edge, too"),
    "the lower end only": (edge((" or u >= 1 - share", "")), "The last width that the steps reach is an edge"),
    "the unreachable bound": (edge((BOUNDS, UNREACHABLE), (PLACE, "(value - low) / (high - low)")), "112, not 128"),
    "linear distances": (
        edge(
            (BOUNDS, "first, last = h.dimension.decode(0.0), h.dimension.decode(1.0)"),
            ("h.dimension.encode(best[h.name])", "best[h.name]"),
        ),
        "Distances on a log scale are logarithmic",
    ),
    "inactive ones looked up": (edge((" and h.name in best", "")), "An inactive hyperparameter has no best value"),
    "choices too": (edge(('h.kind in ("Int", "Float") and ', "")), "A Choice has no edge"),
    "a share of its own": (
        edge(("u <= share or u >= 1 - share", "u <= 0.1 or u >= 0.9")),
        "The share decides what counts as near",
    ),
    "sorted by name": (edge(("return names", "return sorted(names)")), "in the order of the space"),
}

rate = partial(changed, CHAPTER, "check-exchange-rate")
ENOUGH = "enough = means[against][means[against] <= means[strategy][n]]"
RETURNED = "return int(enough.index[0]) if len(enough) else None"
BY_PLACE = "enough = (means[against] <= means[strategy][n]).to_numpy()"
CROSSINGS = """
def exchange_rate(frame, strategy, n, against):
    paths = frame.pivot(index="trial", columns=["strategy", "seed"], values="regret").round(9)
    crossings = []
    for seed in paths[against]:
        enough = paths[against][seed] <= paths[strategy][seed][n]
        if not enough.any():
            return None
        crossings.append(int(enough.idxmax()))
    return round(sum(crossings) / len(crossings))
"""
EXCHANGE_RATE = {
    "the loss for the regret": (rate(('["regret"]', '["loss"]')), "Compare the `regret`"),
    "strictly below": (rate(("<=", "<")), "equal is good enough"),
    "counted from zero": (
        rate((ENOUGH, BY_PLACE), (RETURNED, "return int(enough.argmax()) if enough.any() else None")),
        "Trials are counted from 1",
    ),
    "an error where it never gets there": (
        rate((" if len(enough) else None", "")),
        "If `against` never gets there, the answer is None; your function stops with IndexError",
    ),
    "one where it never gets there": (
        rate((ENOUGH, BY_PLACE), (RETURNED, "return int(enough.argmax()) + 1")),
        "If `against` never gets there, the answer is None, but yours is 1",
    ),
    "the median": (rate((".mean()", ".median()")), "not the medians, and not seed by seed"),
    "the mean of the crossings": (CROSSINGS, "not the medians, and not seed by seed"),
    "looked for within n": (rate((ENOUGH, f"{ENOUGH}.loc[:n]")), "The answer may be larger than n"),
}

rates = partial(changed, CHAPTER, "check-best-rates")
DELTA = "(left - right) / (2 * (left - 2 * middle + right))"
BEST_RATES = {
    "the lowest cell": (
        "def best_rates(errors, rates):\n    return [rates[int(np.argmin(row))] for row in errors]",
        "Fit a parabola through it",
    ),
    "the sign turned": (rates(("(left - right)", "(right - left)")), "delta has the wrong sign"),
    "the two forgotten": (
        rates(
            (DELTA, DELTA.replace("(2 * (", "((")),
        ),
        "Delta is twice as large",
    ),
    "a step that adds": (
        rates(("rates[i] * ratio**delta", "rates[i] + delta * (ratio - 1) * rates[i]")),
        "A step multiplies the rate",
    ),
    "no care at the ends": (
        rates(("if 0 < i < len(rates) - 1:", "if True:"), ("row[i - 1 : i + 2]", "row[i - 1], row[i], row[i + 1]")),
        "If the lowest cell is the first or the last one",
    ),
    "one rate for all widths": (
        rates(("for row in errors:", "for row in [errors.mean(axis=0)]:"), ("return best", "return best[0]")),
        "one rate for each row",
    ),
}

WRONG = {
    "check-reachable": REACHABLE,
    "check-build-network": BUILD_NETWORK,
    "check-gain": GAIN,
    "check-mended-build": FIXED_BUILD,
    "check-at-the-edge": AT_THE_EDGE,
    "check-exchange-rate": EXCHANGE_RATE,
    "check-best-rates": BEST_RATES,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
