"""Chapter 6: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "06_your_turn"


def changed_score(*changes):
    return changed(CHAPTER, "check-race-score", *changes)


def changed_step(*changes):
    return changed(CHAPTER, "check-step-counts", *changes)


def changed_fixed(*changes):
    return changed(CHAPTER, "check-mended-suggest", *changes)


def changed_best(*changes):
    return changed(CHAPTER, "check-fair-best", *changes)


def changed_mine(*changes):
    return changed(CHAPTER, "check-my-suggest", *changes)


RETURNED = "    return 100 * (random[:, None] - losses) / (random - optimum)[:, None]"
SCORE = {
    "printed": (changed_score(("    return 100", "    _ = 100")), "Return the scores"),
    "one number": (changed_score((RETURNED, RETURNED.replace("return ", "return (") + ").mean(axis=0)")), "shape of losses"),
    "a share": (changed_score(("return 100 * ", "return ")), "100, not 1"),
    "the wrong way round": (
        changed_score((RETURNED, "    return 100 * (losses - optimum[:, None]) / (random - optimum)[:, None]")),
        "finds what random search finds scores 0",
    ),
    "divided by random search's loss": (
        changed_score(("(random - optimum)[:, None]", "random[:, None]")),
        "finds the optimum scores 100",
    ),
    "clipped at 0": (changed_score((RETURNED, RETURNED.replace("100 *", "np.maximum(0, 100 *") + ")")), "below 0"),
    "the worse, the less it counts": (
        changed_score((RETURNED, "    s = 100 * (random[:, None] - losses) / (random - optimum)[:, None]\n    return np.where(s < 0, s / 2, s)")),
        "a straight line",
    ),
    "bent above 0": (
        changed_score((RETURNED, "    s = (random[:, None] - losses) / (random - optimum)[:, None]\n    return 100 * np.where(s > 0, np.abs(s) ** 0.5, s)")),
        "not in its logarithm",
    ),
    "rows for columns": (
        changed_score((RETURNED, "    return np.array([[100 * (random[(i, j)[n == len(losses[0])]] - x) / (random - optimum)[(i, j)[n == len(losses[0])]] for j, x in enumerate(row)] for n in [3] for i, row in enumerate(losses)])")),
        "belong to the problems",
    ),
}  # fmt: skip

STEP = {
    "two things": (changed_step(("return gain, error, bool(gain > 2 * error)", "return gain, error")), "Return three"),
    "old minus new": (changed_step(("np.array(new) - np.array(old)", "np.array(old) - np.array(new)")), "new minus old"),
    "the median": (changed_step(("gain = gains.mean()", "gain = np.median(gains)")), "the mean of new - old"),
    "the standard deviation": (changed_step((" / np.sqrt(len(gains))", "")), "standard deviation of a single seed"),
    "ddof 0": (changed_step(("ddof=1", "ddof=0")), "ddof=1"),
    "not in pairs": (
        changed_step(("error = gains.std(ddof=1)", "error = np.hypot(np.mean(old, axis=0).std(ddof=1), np.mean(new, axis=0).std(ddof=1))")),
        "difference of each seed first",
    ),
    "all cells": (
        changed_step(("gains.std(ddof=1) / np.sqrt(len(gains))", "(np.array(new) - np.array(old)).std(ddof=1) / np.sqrt(np.size(new))")),
        "not drawn at random here",
    ),
    "over the problems": (changed_step(("axis=0", "axis=1")), "not over the problems"),
    "the largest gain": (changed_step(("gains.std(ddof=1)", "np.ptp(gains)")), "s.d. of the seeds' gains"),
    "never": (changed_step(("bool(gain > 2 * error)", "False")), "error of 0.29 counts"),
    "harm counts": (changed_step(("bool(gain > 2 * error)", "bool(abs(gain) > 2 * error)")), "A step that does harm"),
    "any gain": (changed_step(("bool(gain > 2 * error)", "bool(gain > 0)")), "0.5 with an error"),
    "one error": (changed_step(("bool(gain > 2 * error)", "bool(gain > error)")), "less than two errors"),
}  # fmt: skip

NEAR = "point = space.encode(history.incumbent.params)"
FIXED = {
    "a dict": (changed_fixed(("return hpt.Suggestion(space.decode(rng.random(len(space))))", "return space.decode(rng.random(len(space)))")), "Return a Suggestion"),
    "NumPy's own generator": (changed_fixed(("history.rng", "np.random")), "not from np.random"),
    "a generator of its own": (changed_fixed(("history.rng", "np.random.default_rng()")), "not from np.random"),
    "a fixed generator": (changed_fixed(("history.rng", "np.random.default_rng(0)")), "not a fixed generator"),
    "a fixed step": (changed_fixed(("0.1 * rng.normal(size=len(space))", "0.1 * np.random.default_rng(0).normal(size=len(space))")), "a different step near the best"),
    "remembers outside": (
        "seen = {}\n" + changed_fixed((NEAR, "if history.losses.min() < seen.get('lowest', np.inf):\n        seen.update(lowest=history.losses.min(), best=history.incumbent.params)\n    point = space.encode(seen['best'])")),
        "something is remembered",
    ),
    "starts in the middle": (changed_fixed(("rng.random(len(space))", "0.5 + 0.1 * rng.normal(size=len(space))")), "whole space"),
    "near the last one": (changed_fixed((NEAR, "point = space.encode(history.finished[-1].params)")), "lowest loss"),
    "near the first one": (changed_fixed((NEAR, "point = space.encode(history.finished[0].params)")), "lowest loss"),
    "steps of 0.3": (changed_fixed(("0.1 * rng", "0.3 * rng")), "standard deviation of 0.1"),
    "steps of 0.02": (changed_fixed(("0.1 * rng", "0.02 * rng")), "standard deviation of 0.1"),
    "the best itself": (changed_fixed((" + 0.1 * rng.normal(size=len(space))", "")), "a different step near the best"),
    "not clipped": (changed_fixed(("point.clip(0, 1)", "point")), "clip it"),
}  # fmt: skip

BEST = {
    "printed": (changed_best(("return expected(ours) - expected(theirs)", "print(expected(ours) - expected(theirs))")), "Return the difference"),
    "theirs minus ours": (changed_best(("return expected(ours) - expected(theirs)", "return expected(theirs) - expected(ours)")), "Ours minus theirs"),
    "the best of all": (changed_best(("return expected(ours) - expected(theirs)", "return max(ours) - max(theirs)")), "different numbers of runs"),
    "the first k": (changed_best(("return expected(ours) - expected(theirs)", "return max(ours[:k]) - max(theirs[:k])")), "k = 1 must give"),
    "the mean": (changed_best(("return expected(ours) - expected(theirs)", "return np.mean(ours) - np.mean(theirs)")), "all pairs of different runs"),
    "with replacement": (
        changed_best(("[comb(i, k - 1) / comb(n, k) for i in range(n)]", "np.diff((np.arange(n + 1) / n) ** k)")),
        "Without replacement",
    ),
    "sorted from the best": (changed_best(("np.sort(runs)", "np.sort(runs)[::-1]")), "sorted from the worst"),
    "not sorted": (changed_best(("np.sort(runs)", "np.array(runs)")), "all pairs of different runs"),
    "capped at two": (changed_best(("comb(i, k - 1) / comb(n, k)", "comb(i, min(k, 2) - 1) / comb(n, min(k, 2))")), "The best of all four"),
    "sorts its arguments": (changed_best(("n = len(runs)", "runs.sort()\n        n = len(runs)")), "in the same order"),
}  # fmt: skip

MINE = {
    "NumPy's own generator": (changed_mine(("history.rng", "np.random")), "The same history gave a different"),
    "ends after a while": (changed_mine(("space, rng,", "if len(history.trials) > 20:\n        return None\n    space, rng,")), "continue for 30 trials"),
    "counts its calls": ("count = iter(range(10**6))\n" + changed_mine(("len(history.trials)", "next(count)")), "The same history gave a different"),
    "always the same": (changed_mine(("space, rng,", "return hpt.Suggestion(history.space.decode(np.full(len(history.space), 0.5)))\n    space, rng,")), "use first_untried"),
    "the same for each seed": (
        changed_mine(("space, rng,", "points = np.random.default_rng(0).random((200, len(history.space)))\n    return first_untried(history, points)\n    space, rng,")),
        "Two seeds give the same search",
    ),
    "near the worst": (changed_mine(("history.incumbent", "history.ranked[-1]")), "go where the loss is low"),
    "random search": (changed_mine(("space, rng,", "return hpt.Suggestion(history.space.sample(history.rng))\n    space, rng,")), "stay near its good trials"),
}  # fmt: skip

WRONG = {
    "check-race-score": SCORE,
    "check-step-counts": STEP,
    "check-mended-suggest": FIXED,
    "check-fair-best": BEST,
    "check-my-suggest": MINE,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
