"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests

CHAPTER = "07_past_the_textbook"


# Exercise 1


# Exercise 2


# Exercise 3


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


# Tests

WRONG = {
    "check-rate-at": RATE,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
