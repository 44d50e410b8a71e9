"""Chapter 4: each wrong answer that a student might well give is rejected, with a hint that fits it."""

import pytest
from wrong_answers import answered, both_tests, hint

CHAPTER = "04_how_it_works"

THRESHOLD = """def best_threshold(p, ill, missed, alarm):
    p, ill = np.asarray(p, float), np.asarray(ill, bool)
    candidates = {candidates}
    raised = {raised}
    n_missed = (~raised & ill).{total}(axis=1)
    n_false = (raised & ~ill).{total}(axis=1)
    costs = {costs}
    first = {first}
    return {returned}
"""
RIGHT_THRESHOLD = {
    "candidates": "np.append(np.unique(p), np.inf)",
    "raised": "p[None, :] >= candidates[:, None]",
    "total": "sum",
    "costs": "missed * n_missed + alarm * n_false",
    "first": "int(np.argmin(costs))",
    "returned": "float(candidates[first]), float(costs[first])",
}
BEST_THRESHOLD = {
    "the threshold itself does not count": ({"raised": "p[None, :] > candidates[:, None]"}, "equal to the threshold"),
    "no infinity": ({"candidates": "np.unique(p)"}, "Is np.inf a candidate?"),
    "a grid of candidates": ({"candidates": "np.linspace(0, 1, 101)"}, "the values that occur in p"),
    "misses and alarms swapped": ({"costs": "missed * n_false + alarm * n_missed"}, "Which of the two groups"),
    "the largest of equals": (
        {"first": "len(costs) - 1 - int(np.argmin(costs[::-1]))"},
        "take the smaller",
    ),
    "a mean instead of a total": ({"total": "mean"}, "total over all patients"),
    "the threshold alone": ({"returned": "float(candidates[first])"}, "Return two things"),
}

RESIDUALS = """def residuals(K, y):
    inverse = cho_solve((np.linalg.cholesky(K), True), np.eye(len(K)))
    return {}
"""
RESIDUALS_WRONG = {
    "not divided by the deviation": ("inverse @ y / np.diag(inverse)", "Divide by the standard deviation"),
    "divided by the variance": ("inverse @ y", "Divide by the standard deviation"),
    "none left out": ("y / np.sqrt(np.diag(K))", "predicted by the other eight"),
    "without the sign": ("np.abs(inverse @ y) / np.sqrt(np.diag(inverse))", "not with the sign flipped"),
    "the sign flipped": ("-inverse @ y / np.sqrt(np.diag(inverse))", "not with the sign flipped"),
    "a trial predicts itself": ("y - K @ (inverse @ y)", "was used to predict itself"),
    "their mean": ("(inverse @ y / np.sqrt(np.diag(inverse))).mean()", "one residual for each trial"),
}

STEP = """def fixed_step(gp, X, y, candidates):
    gp.fit(X, y)
    everything = candidates
    {fresh}
    mean, std = gp.predict(candidates)
    z = ({best} - mean) / {unit}
    ei = std * (z * norm.cdf(z) + norm.pdf(z))
    return {returned}
"""
RIGHT_STEP = {
    "fresh": "candidates = np.array([c for c in candidates if not (X == c).all(axis=1).any()])",
    "best": "y.min()",
    "unit": "std",
    "returned": "candidates[ei.argmax()]",
}
FIXED_STEP = {
    "the worst loss to beat": ({"best": "y.max()"}, "Which loss do we want to beat"),
    "z in variances": ({"unit": "std**2"}, "z counts standard deviations"),
    "z without a unit": ({"unit": "1.0"}, "z counts standard deviations"),
    "tried again": ({"fresh": "pass"}, "Candidate 0 was tried before"),
    "the smallest EI": ({"returned": "candidates[ei.argmin()]"}, "its EI is the largest"),
    "an index instead of a point": ({"returned": "ei.argmax()"}, "Return the candidate itself"),
    "an index into another list": ({"returned": "everything[ei.argmax()]"}, "the candidates that are left"),
}

CATEGORY = """def best_category(good, bad, choices):
    def probability(choice, trials):
        return {probability}

    ratios = [round({ratio}, 9) for c in choices]
    return {returned}
"""
RIGHT_CATEGORY = {
    "probability": "(trials.count(choice) + 1 / len(choices)) / (len(trials) + 1)",
    "ratio": "probability(c, good) / probability(c, bad)",
    "returned": "choices[ratios.index(max(ratios))]",
}
BEST_CATEGORY = {
    "no prior": ({"probability": "trials.count(choice) / len(trials)"}, "is the prior in the formula"),
    "a prior below the line alone": ({"probability": "trials.count(choice) / (len(trials) + 1)"}, "is the prior in"),
    "a whole trial for each choice": (
        {"probability": "(trials.count(choice) + 1) / (len(trials) + len(choices))"},
        "one trial in all, 1/K for each choice",
    ),
    "upside down": ({"ratio": "probability(c, bad) / probability(c, good)"}, "Which of the two lists gives l?"),
    "l alone": ({"ratio": "probability(c, good)"}, "Does your g count the bad trials?"),
    "the difference": ({"ratio": "probability(c, good) - probability(c, bad)"}, "not the difference"),
    "the last of equals": (
        {"returned": "choices[len(ratios) - 1 - ratios[::-1].index(max(ratios))]"},
        "the first choice wins the tie",
    ),
}

SPLIT = "def split(points, losses, quantile=0.2):\n    order = np.argsort(losses, kind='stable')\n{}\n"
CEIL = "    n_good = math.ceil(quantile * len(order))\n"
SPLITS = {
    "sorted losses, points as they came": (
        CEIL + "    return points[:n_good], points[n_good:]",
        "were the points sorted along",
    ),
    "rounded down": (
        "    n_good = int(quantile * len(order))\n    return points[order[:n_good]], points[order[n_good:]]",
        "which way must it be rounded",
    ),
    "rounded down, but never none": (
        "    n_good = max(1, int(quantile * len(order)))\n    return points[order[:n_good]], points[order[n_good:]]",
        "which way must it be rounded",
    ),
    "the largest losses": (
        CEIL + "    return points[order[-n_good:]], points[order[:-n_good]]",
        "smallest first",
    ),
    "losses instead of points": (
        CEIL + "    return losses[order[:n_good]], losses[order[n_good:]]",
        "Return points, not losses",
    ),
    "indices instead of points": (CEIL + "    return order[:n_good], order[n_good:]", "not indices"),
    "a trial lost": (
        CEIL + "    return points[order[:n_good]], points[order[n_good + 1 :]]",
        "none is lost, and none is both",
    ),
    "good ones in the order of the trials": (
        CEIL + "    return points[np.sort(order[:n_good])], points[np.sort(order[n_good:])]",
        "The best comes first",
    ),
    "always a fifth": (
        "    n_good = math.ceil(0.2 * len(order))\n    return points[order[:n_good]], points[order[n_good:]]",
        "is `quantile` used?",
    ),
}

OVERHEAD = """def trials_within(hours, train, suggest):
    return {within}


def overhead_pays(hours, train, suggest, saving):
    return {pays}
"""
RIGHT_OVERHEAD = {
    "within": "int(round(hours * 3600 / (train + suggest), 6))",
    "pays": "saving * trials_within(hours, train, suggest) > trials_within(hours, train, 0)",
}
OVERHEAD_PAYS = {
    "hours taken as seconds": ({"within": "int(round(hours / (train + suggest), 6))"}, "which has 3600 seconds"),
    "no overhead counted": ({"within": "int(round(hours * 3600 / train, 6))"}, "half as many fit"),
    "rounded": ({"within": "round(hours * 3600 / (train + suggest))"}, "does not end in time does not count"),
    "floor division": ({"within": "int(hours * 3600 // (train + suggest))"}, "3600 // 0.1 is 35999"),
    "a float": ({"within": "float(int(round(hours * 3600 / (train + suggest), 6)))"}, "A number of trials is an int"),
    "saving for the other strategy": (
        {"pays": "trials_within(hours, train, 0) * saving > trials_within(hours, train, suggest)"},
        "Is it the slower strategy's trials that count",
    ),
    "as far is far enough": (
        {"pays": "saving * trials_within(hours, train, suggest) >= trials_within(hours, train, 0)"},
        "not further",
    ),
}


def answers(template, right, wrong):
    return {name: (template.format(**right | changed), fragment) for name, (changed, fragment) in wrong.items()}


WRONG = {
    "check-best-threshold": answers(THRESHOLD, RIGHT_THRESHOLD, BEST_THRESHOLD),
    "check-residuals": {name: (RESIDUALS.format(line), fragment) for name, (line, fragment) in RESIDUALS_WRONG.items()},
    "check-fixed-step": answers(STEP, RIGHT_STEP, FIXED_STEP),
    "check-best-category": answers(CATEGORY, RIGHT_CATEGORY, BEST_CATEGORY),
    "check-split": {name: (SPLIT.format(lines), fragment) for name, (lines, fragment) in SPLITS.items()},
    "check-overhead-pays": answers(OVERHEAD, RIGHT_OVERHEAD, OVERHEAD_PAYS),
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ("check-best-threshold", THRESHOLD.format(**RIGHT_THRESHOLD)),
        ("check-residuals", RESIDUALS.format("inverse @ y / np.sqrt(np.diag(inverse))")),
        ("check-fixed-step", STEP.format(**RIGHT_STEP)),
        ("check-best-category", CATEGORY.format(**RIGHT_CATEGORY)),
        ("check-split", SPLIT.format(CEIL + "    return points[order[:n_good]], points[order[n_good:]]")),
        ("check-overhead-pays", OVERHEAD.format(**RIGHT_OVERHEAD)),
    ],
)
def test_the_right_answer_passes(check, answer):
    assert hint(CHAPTER, check, answer) == "passed"


@pytest.mark.parametrize(
    "bug", [{"best": "y.max()"}, {"unit": "std**2"}, {"fresh": "pass"}], ids=lambda bug: next(iter(bug))
)
def test_any_one_of_the_three_bugs_keeps_the_search_from_the_best_point(bug):
    names, _ = answered(CHAPTER, "check-fixed-step", STEP.format(**RIGHT_STEP | bug))
    assert names["loss"](names["search"](names["fixed_step"])).min() > names["possible"] + 1e-4
