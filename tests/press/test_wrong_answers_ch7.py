"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "07_past_the_textbook"


# Exercise 1


# Exercise 2


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


# Exercise 5


# Tests

WRONG = {
    "check-audit": AUDIT,
}


test_a_wrong_answer_gets_a_hint_that_fits, test_every_exercise_has_five_wrong_answers = both_tests(CHAPTER, WRONG)
