"""Chapter 1: each wrong answer that a student may well give is rejected, with a hint that fits it."""

import pytest
from wrong_answers import both_tests, hint

ENCODE = "    return float(np.log(value / low) / np.log(high / low))"
DECODE = "    return int(round(low * (high / low) ** u))"
SCALES = "def encode_int(value, low, high):\n{}\n\ndef decode_int(u, low, high):\n{}\n"
ENCODE_INT = {
    "a linear scale": (
        SCALES.format("    return (value - low) / (high - low)", "    return round(low + u * (high - low))"),
        "A doubling must be the same distance",
    ),
    "upside down": (
        SCALES.format("    return 1 - np.log(value / low) / np.log(high / low)", DECODE),
        "upside down",
    ),
    "not divided by the whole range": (
        SCALES.format("    return np.log10(value / low)", DECODE),
        "high must map to 1",
    ),
    "truncated instead of rounded": (
        SCALES.format(ENCODE, "    return int(low * (high / low) ** u)"),
        "truncate",
    ),
    "rounded up": (
        SCALES.format(ENCODE, "    return int(np.ceil(low * (high / low) ** u))"),
        "truncate, or round up",
    ),
    "a float": (
        SCALES.format(ENCODE, "    return low * (high / low) ** u"),
        "must return a Python int",
    ),
    "a NumPy number": (
        SCALES.format(ENCODE, "    return np.rint(low * (high / low) ** u)"),
        "must return a Python int",
    ),
    "encoded by logs, decoded linearly": (
        SCALES.format(ENCODE, "    return round(low + u * (high - low))"),
        "not the inverse",
    ),
    "the bounds typed in": (
        SCALES.format("    return float(np.log(value / 8) / np.log(64))", "    return round(8 * 64**u)"),
        "use the arguments low and high",
    ),
}

LOOP = """def outer_loop(objective, ask, n_trials):
    trials = []
    for _ in range(n_trials):
        params = ask({asked})
        value = objective({trained})
        trials.append({told})
    return {returned}
"""
PARTS = {
    "asked": "trials",
    "trained": "params",
    "told": '{"params": params, "value": value}',
    "returned": 'trials, min(trials, key=lambda trial: trial["value"])',
}


def loop(**parts):
    return LOOP.format(**PARTS | parts)


OUTER_LOOP = {
    "ask always gets an empty list": (loop(asked="[]"), "ask must see all trials so far"),
    "ask gets the last trial only": (loop(asked="trials[-1:]"), "ask must see all trials so far"),
    "ask gets no list": (loop(asked="trials[-1] if trials else None"), "ask is given the list of all trials"),
    "ask gets values": (loop(asked='[t["value"] for t in trials]'), "A trial is a dictionary"),
    "ask knows one trial late": (loop(asked="trials[:-1]"), "tell before you ask again"),
    "the largest value": (loop(returned='trials, max(trials, key=lambda t: t["value"])'), "the smallest value"),
    "the last of equals": (
        loop(returned='trials, min(reversed(trials), key=lambda t: t["value"])'),
        "the earlier one",
    ),
    "the trials alone": (loop(returned="trials"), "Return two things"),
    "the value for the incumbent": (
        loop(returned='trials, min(t["value"] for t in trials)'),
        "The incumbent is a whole trial",
    ),
    "the params for the incumbent": (
        loop(returned='trials, min(trials, key=lambda t: t["value"])["params"]'),
        "The incumbent is a whole trial",
    ),
    "params alone are told": (loop(told="params"), "A trial is a dictionary"),
    "trained twice": (
        loop(told='{"params": params, "value": objective(params)}'),
        "Call the objective once for each trial",
    ),
    "one trial too few": (
        loop().replace("range(n_trials)", "range(1, n_trials)"),
        "Ask once for each of four trials",
    ),
    "asked once, before the loop": (
        loop()
        .replace("    for _", "    params = ask(trials)\n    for _")
        .replace("        params = ask(trials)\n", ""),
        "Ask once for each of four trials",
    ),
}

SEARCH = """def fixed_search(fit, train, valid, n_trials, seed):
    rng = np.random.default_rng(seed)
    best_rate, best_accuracy = None, {start}
    for _ in range(n_trials):
        rate = {draw}
        model = fit(rate, *{learned})
        accuracy = model.score(*{judged})
        if accuracy {better} best_accuracy:
            best_rate, best_accuracy = rate, accuracy
    return best_rate, {reported}
"""
FIXED = {
    "start": "-np.inf",
    "draw": "10 ** rng.uniform(-5, -1)",
    "learned": "train",
    "judged": "valid",
    "better": ">",
    "reported": "best_accuracy",
}


def search(**parts):
    return SEARCH.format(**FIXED | parts)


FIXED_SEARCH = {
    "even draws": (search(draw="rng.uniform(1e-5, 1e-1)"), "hardly ever tries small learning rates"),
    "judged on the training data": (search(judged="train"), "data that the model has learned"),
    "trained on the validation data": (search(learned="valid"), "Train on the training data"),
    "the worst is kept": (search(start="np.inf", better="<"), "Is high or low accuracy good"),
    "nothing is kept: the start": (search(start="np.inf"), "No rate was ever kept"),
    "nothing is kept: the sign": (search(better="<"), "No rate was ever kept"),
    "the natural exponent": (search(draw="np.exp(rng.uniform(-5, -1))"), "outside the range"),
    "half of the range": (search(draw="10 ** rng.uniform(-4, -1)"), "hardly ever tries"),
    "a generator in the loop": (
        search(draw="10 ** np.random.default_rng(seed).uniform(-5, -1)"),
        "do you restart the generator",
    ),
    "no seed": (search(draw="10 ** np.random.default_rng().uniform(-5, -1)"), "The same seed must give the same"),
    "always the same seed": (search().replace("rng(seed)", "rng(0)"), "A different seed must give a different search"),
    "the last accuracy is reported": (search(reported="accuracy"), "the accuracy that belongs to the rate"),
    "all but one trial": (
        search().replace("range(n_trials)", "range(n_trials - 1)"),
        "one training run for each trial",
    ),
}

SPACE = {
    "kernel": 'hpt.Categorical(["linear", "rbf", "poly"])',
    "C": "hpt.Float(1e-2, 1e3, log=True)",
    "gamma": 'hpt.Float(1e-4, 1e1, log=True).when(kernel=["rbf", "poly"])',
    "degree": 'hpt.Int(2, 5).when(kernel="poly")',
}


def space(**dimensions):
    lines = ", ".join(f"{name}={value}" for name, value in (SPACE | dimensions).items() if value)
    return f"def svm_space():\n    return hpt.Space({lines})\n"


SVM_SPACE = {
    "no conditions": (
        space(gamma="hpt.Float(1e-4, 1e1, log=True)", degree="hpt.Int(2, 5)"),
        "neither gamma nor degree: use .when",
    ),
    "gamma under every kernel": (space(gamma="hpt.Float(1e-4, 1e1, log=True)"), "neither gamma nor degree"),
    "gamma under rbf only": (
        space(gamma='hpt.Float(1e-4, 1e1, log=True).when(kernel="rbf")'),
        "A poly kernel needs C, gamma, and degree",
    ),
    "degree under rbf too": (
        space(degree='hpt.Int(2, 5).when(kernel=["rbf", "poly"])'),
        "With an rbf kernel there must be no degree",
    ),
    "a linear scale for C": (space(C="hpt.Float(1e-2, 1e3)"), "Is the scale of C logarithmic"),
    "a linear scale for gamma": (
        space(gamma='hpt.Float(1e-4, 1e1).when(kernel=["rbf", "poly"])'),
        "Is the scale of gamma logarithmic",
    ),
    "a degree of 6": (space(degree='hpt.Int(2, 6).when(kernel="poly")'), "outside the required bounds"),
    "range's end for the degree": (space(degree='hpt.Int(2, 4).when(kernel="poly")'), "Are the bounds right"),
    "C up to 100": (space(C="hpt.Float(1e-2, 1e2, log=True)"), "Are the bounds right"),
    "a real degree": (space(degree='hpt.Float(2, 5).when(kernel="poly")'), "A degree is a whole number"),
    "no degree": (space(degree=None), "Your space has the dimensions ['C', 'gamma', 'kernel']"),
    "one kernel more": (space(kernel='hpt.Categorical(["linear", "rbf", "poly", "sigmoid"])'), "Three kernels"),
    "a dictionary": (space().replace("hpt.Space(", "dict("), "Return an hpt.Space"),
}


def cost(weights="sum(a * b for a, b in zip(widths, widths[1:]))", rest="3 * weights * n_images * epochs"):
    return f"def training_cost(widths, n_images, epochs):\n    weights = {weights}\n    return {rest}\n"


TRAINING_COST = {
    "forward only": (cost(rest="weights * n_images * epochs"), "What does the backward pass cost"),
    "the backward pass like the forward pass": (
        cost(rest="2 * weights * n_images * epochs"),
        "costs twice as much as the forward pass",
    ),
    "backward only": (cost(rest="2 * weights * n_images * epochs"), "count both"),
    "biases multiply": (cost("sum((a + 1) * b for a, b in zip(widths, widths[1:]))"), "biases are only added"),
    "the first layer only": (cost("widths[0] * widths[1]"), "Each pair of neighboring layers"),
    "all widths multiplied": (cost("int(np.prod(widths))"), "Each pair of neighboring layers"),
    "neurons, not weights": (cost("sum(widths)"), "35 weights"),
    "one epoch": (cost(rest="3 * weights * n_images"), "Each epoch shows each image once"),
    "one image": (cost(rest="3 * weights * epochs"), "Each epoch shows each image once"),
}


def share(result):
    return f"def win_share(a, b):\n    a, b = np.asarray(a), np.asarray(b)\n    return {result}\n"


WIN_SHARE = {
    "the means": (share("float(a.mean() < b.mean())"), "not the means"),
    "lists compared": ("def win_share(a, b):\n    return float(np.mean(a < b))\n", "not the means"),
    "every a with every b": (
        share("float(np.mean(a[:, None] < b) + np.mean(a[:, None] == b) / 2)"),
        "Compare shuffle by shuffle",
    ),
    "a number, not a share": (share("float(np.sum(a < b) + np.sum(a == b) / 2)"), "divide by the number"),
    "the larger wins": (share("float(np.mean(a > b) + np.mean(a == b) / 2)"), "smaller is better"),
    "ties lost": (share("float(np.mean(a < b))"), "a tie counts one half"),
    "ties won": (share("float(np.mean(a <= b))"), "a tie counts one half"),
    "ties left out": (share("float(np.sum(a < b) / np.sum(a != b))"), "it is a shuffle too"),
    "one half for each shuffle": (share("float(np.mean(a < b) + np.mean(a >= b) / 2)"), "wins three of the four"),
}

WRONG = {
    "check-encode-int": ENCODE_INT,
    "check-outer-loop": OUTER_LOOP,
    "check-mended-search": FIXED_SEARCH,
    "check-svm-space": SVM_SPACE,
    "check-training-cost": TRAINING_COST,
    "check-win-share": WIN_SHARE,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(
    "01_the_problem", WRONG
)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ("check-encode-int", SCALES.format(ENCODE, DECODE)),
        ("check-outer-loop", loop()),
        ("check-mended-search", search()),
        ("check-svm-space", space()),
        ("check-training-cost", cost()),
    ],
)
def test_the_frames_of_the_wrong_answers_are_right(check, answer):
    assert hint("01_the_problem", check, answer) == "passed"
