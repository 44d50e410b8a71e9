"""Chapter 2: each wrong answer that a student may well give is rejected, with a hint that fits it."""

import pytest
from wrong_answers import both_tests, hint

COMBINATION = """def combination(grid, i):
    params = {{}}
    for name in {names}:
        i, digit = divmod(i, len(grid[name]))
        params[name] = grid[name][digit]
    return {returned}
"""


def combination(names="sorted(grid, reverse=True)", returned="{name: params[name] for name in sorted(grid)}"):
    return COMBINATION.format(names=names, returned=returned)


def one_line(result):
    return f"def combination(grid, i):\n    from itertools import product\n    return {result}\n"


GRID = {
    "scikit-learn's list": (one_line("list(ParameterGrid(grid))[i]"), "Do not list the combinations"),
    "the list of the lesson": (
        one_line("[dict(zip(sorted(grid), v)) for v in product(*(grid[n] for n in sorted(grid)))][i]"),
        "Do not list the combinations",
    ),
    "names as they were typed": (
        combination(names="reversed(list(grid))", returned="{name: params[name] for name in grid}"),
        "only the alphabetically last name changes its value",
    ),
    "the first name fastest": (
        combination(names="sorted(grid)"),
        "only the alphabetically last name changes its value",
    ),
    "keys as they were typed": (
        combination(returned="{name: params[name] for name in grid}"),
        "Put the names of the dictionary in alphabetical order",
    ),
    "keys in the order of the digits": (
        combination(returned="params"),
        "Put the names of the dictionary in alphabetical order",
    ),
    "the quotient is forgotten": (
        combination().replace("i, digit = divmod(i, len(grid[name]))", "digit = i % len(grid[name])"),
        "only the alphabetically last name changes its value",
    ),
    "one digit for all": (
        "def combination(grid, i):\n    return {n: grid[n][min(i, len(grid[n]) - 1)] for n in sorted(grid)}\n",
        "only the alphabetically last name changes its value",
    ),
    "no carry": (
        combination().replace("i, digit = divmod(i, len(grid[name]))", "i, digit = i // 3, i % len(grid[name])"),
        "the next one goes up by one",
    ),
    "counted from one": (
        combination().replace("    params = {}", "    i, params = i - 1, {}"),
        "Number 0 takes the first value of each list",
    ),
    "the values alone": (combination(returned="[params[name] for name in sorted(grid)]"), "Return one combination"),
    "a float division": (
        combination().replace(
            "i, digit = divmod(i, len(grid[name]))",
            "i, digit = int(i * (1 + 1e-10) / len(grid[name])), int(i) % len(grid[name])",
        ),
        "lose digits",
    ),
}


def size(result):
    return f"def svm_grid_size(n_C, n_gamma, n_degree):\n    return {result}\n"


SIZE = {
    "everything with everything": (size("3 * n_C * n_gamma * n_degree"), "affects only the poly kernel"),
    "the kernels multiply": (
        size("n_C * (n_C * n_gamma) * (n_C * n_gamma * n_degree)"),
        "the counts of different kernels add up",
    ),
    "the values add up": (size("n_C + n_gamma + n_degree"), "C exists for every kernel"),
    "C for the linear kernel only": (size("n_C + n_gamma + n_gamma * n_degree"), "C exists for every kernel"),
    "no linear kernel": (size("n_C * n_gamma + n_C * n_gamma * n_degree"), "only the three kernels differ"),
    "no gamma for poly": (size("n_C * (1 + n_gamma + n_degree)"), "two kernels, rbf and poly"),
    "no gamma for rbf": (size("n_C * (1 + 1 + n_gamma * n_degree)"), "two kernels, rbf and poly"),
    "degree for rbf too": (size("n_C * (1 + 2 * n_gamma * n_degree)"), "affects only the poly kernel"),
}


def needed(result):
    return f"def trials_needed(top, chance):\n    return {result}\n"


NEEDED = {
    "not rounded": (needed("math.log(1 - chance) / math.log(1 - top)"), "math.ceil gives one"),
    "truncated": (needed("int(math.log(1 - chance) / math.log(1 - top))"), "you have too few trials"),
    "one too many": (needed("int(math.log(1 - chance) / math.log(1 - top)) + 1"), "fewer trials would do"),
    "hits instead of misses": (needed("math.ceil(math.log(chance) / math.log(top))"), "you have too few trials"),
    "in proportion": (needed("math.ceil(chance / top)"), "you have too few trials"),
    "the sign": (needed("math.ceil(math.log(1 - chance) / math.log(1 + top))"), "below 1 is negative"),
    "always 59": (needed("59"), "you have too few trials"),
}

DRAWS = """def random_search(n_trials, seed):
    rng = np.random.default_rng(seed)
    trials = []
    for number in range(n_trials):
        learning_rate = {rate}
        units = {units}
        trials.append({{"learning_rate": learning_rate, "units": int(units)}})
    return trials
"""


def draws(rate="10 ** rng.uniform(-5, 0)", units="rng.integers(16, 256, endpoint=True)"):
    return DRAWS.format(rate=rate, units=units)


def in_the_loop(seed):
    line = "    rng = np.random.default_rng(seed)\n"
    return (
        draws()
        .replace(line, "")
        .replace("        learning", f"        rng = np.random.default_rng({seed})\n        learning")
    )


RANDOM_SEARCH = {
    "a generator for each trial": (in_the_loop("seed"), "where does the generator start over"),
    "seed plus number": (in_the_loop("seed + number"), "Seeds 3 and 4 share trials"),
    "no seed": (in_the_loop(""), "The same seed must give the same search"),
    "always the same seed": (draws().replace("rng(seed)", "rng(0)"), "A different seed must give a different search"),
    "uniform draws": (draws(rate="rng.uniform(1e-5, 1.0)"), "All five orders of magnitude must get equal shares"),
    "the natural exponent": (
        draws(rate="np.exp(rng.uniform(-5, 0))"),
        "All five orders of magnitude must get equal shares",
    ),
    "one order too many": (draws(rate="10 ** rng.uniform(-6, 0)"), "outside its range"),
    "256 never comes": (draws(units="rng.integers(16, 256)"), "Both 16 and 256 units must be possible"),
    "a log scale for the units": (
        draws(units="np.rint(16 * 16 ** rng.uniform(-0.01, 1.01)).clip(16, 256)"),
        "on a linear scale",
    ),
    "the length decides": (
        draws().replace("rng(seed)", "rng([seed, n_trials])"),
        "A longer search must begin with the shorter one",
    ),
    "the rates alone": (
        draws().replace('{"learning_rate": learning_rate, "units": int(units)}', '{"learning_rate": learning_rate}'),
        "a learning_rate and a number of units",
    ),
}


def cube(slices="np.column_stack([rng.permutation(n) for _ in range(d)])", points="(slices + rng.random((n, d))) / n"):
    return f"def latin_hypercube(n, d, rng):\n    slices = {slices}\n    return {points}\n"


LATIN = {
    "random points": (cube(points="rng.random((n, d))"), "some slice holds no point, or more than one"),
    "axes in the same order": (cube(slices="np.column_stack([np.arange(n)] * d)"), "must be combined at random"),
    "one permutation for all": (cube(slices="np.column_stack([rng.permutation(n)] * d)"), "must be combined at random"),
    "the middle of each slice": (cube(points="(slices + 0.5) / n"), "must lie at a random position"),
    "axes for rows": (cube(points="((slices + rng.random((n, d))) / n).T"), "One row for each point"),
    "not divided": (cube(points="slices + rng.random((n, d))"), "must lie in the unit cube"),
    "slices of the wrong size": (cube(points="(slices + rng.random((n, d))) / (n + 1)"), "some slice holds no point"),
    "a generator of its own": (
        cube(points="(slices + np.random.default_rng().random((n, d))) / n"),
        "use only rng",
    ),
    "seeded inside": (
        cube(
            slices="np.column_stack([np.random.default_rng(j).permutation(n) for j in range(d)])",
            points="(slices + np.random.default_rng(0).random((n, d))) / n",
        ),
        "A different seed must give different points",
    ),
}

PLAN = """def plan(hours, minutes_per_run, n_folds, n_dims):
    trials = {trials}
    values = {values}
    return {{"trials": trials, "values_per_axis": values, "chance": {chance}}}
"""
EXACT = "max(k for k in range(100_000) if k == 0 or k**n_dims <= trials)"


def plan(trials="int(hours * 60 // (minutes_per_run * n_folds))", values=EXACT, chance="1 - 0.99**trials"):
    return PLAN.format(trials=trials, values=values, chance=chance)


PLANS = {
    "no folds": (plan(trials="int(hours * 60 // minutes_per_run)"), "one training run for each fold"),
    "hours for minutes": (plan(trials="int(hours // (minutes_per_run * n_folds))"), "one training run for each fold"),
    "not rounded": (plan(trials="hours * 60 / (minutes_per_run * n_folds)"), "A number of trials is an int"),
    "rounded up": (
        plan(trials="math.ceil(hours * 60 / (minutes_per_run * n_folds))"),
        "does not finish in time",
    ),
    "the root truncated": (plan(values="int(trials ** (1 / n_dims))"), "Beware of roots in floating point"),
    "the root rounded": (plan(values="round(trials ** (1 / n_dims))"), "does not fit into the trials"),
    "divided by the dimensions": (plan(values="trials // n_dims"), "does not fit into the trials"),
    "the best 5 percent": (plan(chance="1 - 0.95**trials"), "0.99 x 0.99"),
    "the chance to miss": (plan(chance="0.99**trials"), "More trials must give a better chance"),
    "chances added": (plan(chance="min(1.0, 0.01 * trials)"), "0.99 x 0.99"),
    "a tuple": (plan().replace('return {"trials": trials, "values_per_axis": values, "chance": 1 - 0.99**trials}',
                               "return trials, values, 1 - 0.99**trials"), "Return a dictionary"),
    "another key": (plan().replace('"values_per_axis"', '"values"'), "read the exercise again"),
}  # fmt: skip

WRONG = {
    "check-combination": GRID,
    "check-svm-grid-size": SIZE,
    "check-trials-needed": NEEDED,
    "check-random-search": RANDOM_SEARCH,
    "check-latin-hypercube": LATIN,
    "check-plan": PLANS,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(
    "02_grid_search", WRONG
)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ("check-combination", combination()),
        ("check-random-search", draws()),
        ("check-latin-hypercube", cube()),
        ("check-plan", plan()),
    ],
)
def test_the_frames_of_the_wrong_answers_are_right(check, answer):
    assert hint("02_grid_search", check, answer) == "passed"
