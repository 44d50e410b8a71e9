"""Chapter 7: each wrong answer that a student may give is rejected, with a hint that fits it."""

from wrong_answers import both_tests, changed

CHAPTER = "07_past_the_textbook"


# Exercise 1


# Exercise 2


# Exercise 3


# Exercise 4


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
