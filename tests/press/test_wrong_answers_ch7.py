"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "07_past_the_textbook"


# Exercise 1


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


# Exercise 4


# Exercise 5


# Tests
