"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "07_past_the_textbook"


# Exercise 1

RUNS = """
def worth(reports, noise, m):
    counts = np.array([len(errors) for errors in reports] + [0])
    totals = np.array([sum(errors) for errors in reports] + [0.0])
    var = 1 / (1 + counts / noise**2)
    mean = {mean}
    move = {move}
    others = [{others} for i in range(len(mean))]
    return {returned}
"""


def runs(
    mean="var * (5 + totals / noise**2)",
    move="var / np.sqrt(var + noise**2 / m)",
    others="np.delete(mean, i).min()",
    returned="expected_improvement(np.abs(mean - others), move, 0.0)",
):
    return RUNS.format(mean=mean, move=move, others=others, returned=returned)


WORTH = {
    "the whole uncertainty": (runs(move="np.sqrt(var)"), "takes the whole standard deviation of a belief"),
    "the leader has no gap": (runs(others="mean.min()"), "The leader's gap is not 0"),
    "nothing for a new one": (
        runs(returned="expected_improvement(np.abs(mean - others), move, 0.0)[:-1]"),
        "a last one for a new configuration",
    ),
    "the best one only": (
        runs(returned="expected_improvement(np.abs(mean - others), move, 0.0).max()"),
        "Return an array: one number for each",
    ),
    "m times one run": (
        runs(
            move="var / np.sqrt(var + noise**2)",
            returned="m * expected_improvement(np.abs(mean - others), move, 0.0)",
        ),
        "not worth four times as much as one",
    ),
    "m not looked at": (runs(move="var / np.sqrt(var + noise**2)"), "You have not looked at m"),
    "the noise falls with m": (runs(move="var / np.sqrt(var + (noise / m) ** 2)"), "has the variance noise**2 / m"),
    "the means of the reports": (
        runs(mean="np.append(totals[:-1] / counts[:-1], 5.0)"),
        "Reread 'What a run is worth'",
    ),
    "a variance, not a standard deviation": (
        runs(move="var / (var + noise**2 / m)"),
        "Reread 'What a run is worth'",
    ),
    "an untrained one is never delivered": (
        runs(others="np.delete(mean[:-1], i).min() if i < len(mean) - 1 else mean[:-1].min()"),
        "the untrained one is the only other",
    ),
    "a gap with a sign": (
        runs(returned="expected_improvement(mean - others, move, 0.0)"),
        "The leader's gap is not 0",
    ),
}


# Exercise 2

WITH_BELIEF = {
    "no doubt": (
        changed(CHAPTER, "check-with-belief", ("1 - sure + sure * np.exp(-0.5 * squares)", "np.exp(-0.5 * squares)")),
        "take the logarithm of the whole sum",
    ),
    "the logarithm of the bell alone": (
        changed(CHAPTER, "check-with-belief", ("np.log(pi)", "(1 - sure - sure * 0.5 * squares)")),
        "pi is 1, so nothing changes",
    ),
    "multiplied by the logarithm": (
        changed(CHAPTER, "check-with-belief", ("log_ei + beta / n", "log_ei * beta / n")),
        "pi is 1, so nothing changes",
    ),
    "taken away": (
        changed(CHAPTER, "check-with-belief", ("log_ei + beta", "log_ei - beta")),
        "take the logarithm of the whole sum",
    ),
    "remembered more and more": (
        changed(CHAPTER, "check-with-belief", ("beta / n", "n / beta")),
        "counts less with each trial",
    ),
    "a power that does not shrink": (
        changed(CHAPTER, "check-with-belief", ("beta / n", "beta / 4")),
        "counts less with each trial",
    ),
    "a power that shrinks with the root": (
        changed(CHAPTER, "check-with-belief", ("beta / n", "beta / 2 / n**0.5")),
        "counts a tenth",
    ),
    "a center of 0 left out": (
        changed(CHAPTER, "check-with-belief", ("if c is not None", "if c")),
        "A center of 0 is a value",
    ),
    "the last column only": (
        changed(CHAPTER, "check-with-belief", ("squares = squares + ", "squares = ")),
        "add up the squares of both columns",
    ),
    "sure and doubt the wrong way round": (
        changed(CHAPTER, "check-with-belief", ("1 - sure + sure *", "sure + (1 - sure) *")),
        "With sure = 0",
    ),
    "the arrays are changed": (
        changed(
            CHAPTER,
            "check-with-belief",
            ("return log_ei + beta / n * np.log(pi)", "log_ei += beta / n * np.log(pi)\n    return log_ei"),
        ),
        "Do not change the arrays",
    ),
    "one number": (
        changed(CHAPTER, "check-with-belief", ("* np.log(pi)", "* np.log(pi).sum()")).replace(
            "return log_ei", "return log_ei.sum()"
        ),
        "one number for each point",
    ),
}


# Exercise 3


def audited(*changes):
    return changed(CHAPTER, "check-audit", *changes)


AUDIT = {
    "the other order": (audited(("float(wrong), float(lost)", "float(lost), float(wrong)")), "in the wrong order"),
    "percentages": (audited(("float(wrong), float(lost)", "100 * wrong, 100 * lost")), "from 0 to 1"),
    "counts": (
        audited(("both / max(1, np.sum(stopped))", "both"), ("both / max(1, np.sum(wins))", "2 * both")),
        "from 0 to 1",
    ),
    "wrong ones among all runs": (audited(("max(1, np.sum(stopped))", "len(final)")), "divide by the stopped runs"),
    "lost ones among all runs": (audited(("max(1, np.sum(wins))", "len(final)")), "divide by the winners"),
    "the share that was right": (
        audited(("wrong = both", "wrong = np.sum(stopped & ~wins)")),
        "the share that the rule got right",
    ),
    "one share twice": (audited(("max(1, np.sum(wins))", "max(1, np.sum(stopped))")), "a share of the winners"),
    "a tie is below": (audited(("chance < threshold", "chance <= threshold")), "exactly 0.05 is not below"),
    "an equal loss wins": (audited(("final < best", "final <= best")), "does not beat it"),
    "the promising ones are stopped": (
        audited(("chance < threshold", "chance > threshold")),
        "those with a probability below 0.05",
    ),
    "a share of no stopped run": (audited(("max(1, np.sum(stopped))", "np.sum(stopped)")), "If no run is stopped"),
    "a share of no winner": (audited(("max(1, np.sum(wins))", "np.sum(wins)")), "If no run is a winner"),
    "plain division by zero": (
        audited(
            ("max(1, np.sum(stopped))", "int(np.sum(stopped))"),
            ("both = np.sum", "both = sum"),
            ("stopped & wins", "(stopped & wins).tolist()"),
        ),
        "A share of nothing is 0",
    ),
    "nothing returned": (audited(("return float", "float")), "Return two numbers"),
}


# Exercise 4

RATE_AT = """
def rate_at(widths, rates, losses, width):
    x, best = {x}, []
    for row in losses:
        i = int(np.argmin(row))
        if {edge}:
            {off}
        near = {near}
        p, q, _ = np.polyfit(x[near], row[near], 2)
        best.append({vertex})
    line = np.polyfit({w}(widths), best, 1)
    return {returned}
"""


def rates(
    x="np.log10(rates)",
    edge="i in (0, len(row) - 1)",
    off="return None",
    near="slice(i - 1, i + 2)",
    vertex="-q / (2 * p)",
    w="np.log10",
    returned="10 ** np.polyval(line, np.log10(width))",
):
    return RATE_AT.format(x=x, edge=edge, off=off, near=near, vertex=vertex, w=w, returned=returned)


RATE = {
    "the logarithm is returned": (
        rates(returned="np.polyval(line, np.log10(width))"),
        "That is the logarithm of the rate",
    ),
    "the rates of the grid": (rates(vertex="x[i]"), "Your best rates are those of the grid"),
    "a line in the width itself": (
        rates(w="np.asarray", returned="10 ** np.polyval(line, width)"),
        "Your line has the width itself as its variable",
    ),
    "a parabola in the rate itself": (
        rates(x="np.asarray(rates)", vertex="np.log10(-q / (2 * p))"),
        "Is the variable of your parabola the logarithm",
    ),
    "a parabola through all losses": (
        rates(near="slice(0, len(row))"),
        "only the lowest loss and its two neighbors count",
    ),
    "the rate of the widest network": (rates(returned="10 ** best[-1]"), "continue the line beyond it"),
    "the ends of the range": (
        rates(edge="False", near="np.arange(3) + min(max(i - 1, 0), len(row) - 3)"),
        "so we do not know where its best rate is",
    ),
    "one end of the range": (
        rates(edge="i == len(row) - 1", near="np.arange(3) + max(i - 1, 0)"),
        "so we do not know where its best rate is",
    ),
    "an error at the ends": (rates(off="raise ValueError"), "there is no parabola around it"),
    "not a number at the ends": (rates(off="return float('nan')"), "so we do not know where its best rate is"),
    "the first and the last width": (
        rates(
            returned="10 ** np.polyval(np.polyfit(np.log10(widths)[[0, -1]], [best[0], best[-1]], 1), np.log10(width))"
        ),
        "all of them count",
    ),
    "the rate of each width": (rates(returned="10 ** np.array(best)"), "Return one number"),
    "nothing returned": (rates().replace("return 10", "10"), "Return one number"),
}


# Exercise 5

TOURNAMENT = {
    "meets itself": (
        changed(
            CHAPTER,
            "check-tournament",
            ("rng.integers(n - 1)", "rng.integers(n)"),
            ("        other += other >= i\n", ""),
        ),
        "Leave out the member itself",
    ),
    "never meets the last": (
        changed(CHAPTER, "check-tournament", ("        other += other >= i\n", "")),
        "each always meets the other one",
    ),
    "always the one before": (
        changed(
            CHAPTER,
            "check-tournament",
            ("int(rng.integers(n - 1))", "i - 1"),
            ("        other += other >= i\n", "        other %= n\n"),
        ),
        "becomes a copy if it meets the first",
    ),
    "the higher loss wins": (
        changed(CHAPTER, "check-tournament", ("losses[other] < losses[i]", "losses[other] > losses[i]")),
        "The best member never becomes a copy",
    ),
    "a tie makes a parent": (
        changed(CHAPTER, "check-tournament", ("losses[other] < losses[i]", "losses[other] <= losses[i]")),
        "both continue",
    ),
    "NaN as it is": (
        changed(
            CHAPTER, "check-tournament", ("[np.inf if np.isnan(loss) else loss for loss in losses]", "list(losses)")
        ),
        "NaN is worse than any number",
    ),
    "NaN as zero": (
        changed(CHAPTER, "check-tournament", ("np.inf if", "0.0 if")),
        "NaN is worse than any number",
    ),
    "a copy of a copy": (
        changed(
            CHAPTER,
            "check-tournament",
            (
                "parents.append(other if losses[other] < losses[i] else i)",
                "parents.append(parents[other] if losses[other] < losses[i] and other < i else other if losses[other] < losses[i] else i)",
            ),
        ),
        "even if the second becomes a copy itself",
    ),
    "the best of all": (
        "def tournament(losses, rng):\n    best = int(np.nanargmin(losses))\n"
        "    return [best if losses[best] < loss else i for i, loss in enumerate(losses)]",
        "becomes a copy if it meets the first",
    ),
    "the losses": (
        changed(
            CHAPTER, "check-tournament", ("other if losses[other] < losses[i] else i", "min(losses[other], losses[i])")
        ),
        "not a loss",
    ),
    "one other for all": (
        "def tournament(losses, rng):\n    n = len(losses)\n    shift = 1 + int(rng.integers(n - 1))\n"
        "    full = [np.inf if np.isnan(loss) else loss for loss in losses]\n"
        "    return [(i + shift) % n if full[(i + shift) % n] < full[i] else i for i in range(n)]",
        "Draw for each member separately",
    ),
    "nothing returned": (
        changed(CHAPTER, "check-tournament", ("    return parents", "    print(parents)")),
        "Return a list",
    ),
}


# Tests

WRONG = {
    "check-worth": WORTH,
    "check-with-belief": WITH_BELIEF,
    "check-audit": AUDIT,
    "check-rate-at": RATE,
    "check-tournament": TOURNAMENT,
}

test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
