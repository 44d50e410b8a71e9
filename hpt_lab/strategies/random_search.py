"""Random search and quasi-random search, which spreads its points evenly. Neither looks at a result.

    random          u ~ Uniform([0, 1]^d), independent of every other trial
    quasi-random    u_n = the n-th point of a scrambled Sobol sequence

u is a point of the unit cube of the space's d dimensions. n random trials cover n values on every axis, while a grid
covers the d-th root of n. Bergstra and Bengio (2012); Sobol (1967). Chapter 2.
"""

from hpt_lab.space.cube import sobol_points
from hpt_lab.study import History, Suggestion


class RandomSearch:
    """Suggest independent uniform draws from the space, forever.

    >>> from hpt_lab import Float, Study
    >>> study = Study({"x": Float(0, 1)}, RandomSearch(), seed=0)
    >>> [round(study.ask().params["x"], 3) for _ in range(3)]
    [0.012, 0.813, 0.814]
    """

    def suggest(self, history: History) -> Suggestion:
        """Return a new random draw, from `history.rng`."""
        return Suggestion(history.space.sample(history.rng))

    def __repr__(self) -> str:
        return "RandomSearch()"


class QuasiRandomSearch:
    """Suggest the points of one Sobol sequence, scrambled by the study's seed, forever.

    The first 2^m points have one in each of 2^m equal slices of every axis. Random points leave gaps and clumps.

    >>> from hpt_lab import Float, Study
    >>> study = Study({"x": Float(0, 1)}, QuasiRandomSearch(), seed=0)
    >>> sorted(int(4 * study.ask().params["x"]) for _ in range(4))  # one in each quarter
    [0, 1, 2, 3]
    """

    def suggest(self, history: History) -> Suggestion:
        """Return the point of the sequence for the next trial."""
        space, number = history.space, history.trials.n_trials
        points = sobol_points(len(space.dimensions), history.seed, max(number.bit_length(), 4))
        return Suggestion(space.decode(points[number]))

    def __repr__(self) -> str:
        return "QuasiRandomSearch()"
