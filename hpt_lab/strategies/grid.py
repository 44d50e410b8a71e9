"""Grid search: all combinations, k^d for k values in each of d dimensions. It never looks at a result. Chapter 2."""

from collections.abc import Mapping

from hpt_lab.space import Grid, Space
from hpt_lab.study import History, Suggestion
from hpt_lab.values.checks import positive, short


class GridSearch:
    """Suggest the combinations of the space one after another, then end.

    The order is that of scikit-learn's `ParameterGrid`: names in alphabetical order, the last one varying fastest.
    Combinations are computed on demand: a grid of 10^12 costs no memory. Raises TypeError or ValueError if the resolution
    is of the wrong type or below 1 and, at the first suggestion, if it is missing or names an unknown dimension.

    Parameters
    ----------
    resolution : int or dict of int, optional
        How many values to take from each dimension (or from the named ones) that has more, evenly spread between its
        bounds, on a log scale with `log`. A continuous dimension needs a resolution. All choices are always taken.

    Examples
    --------
    >>> from hpt_lab import Float, Study
    >>> study = Study({"x": Float(0, 1), "kernel": ["rbf", "poly"]}, GridSearch(resolution=3))
    >>> [tuple(study.ask().params.values()) for _ in range(4)]
    [(0.0, 'rbf'), (0.5, 'rbf'), (1.0, 'rbf'), (0.0, 'poly')]
    """

    def __init__(self, resolution: int | Mapping[str, int] | None = None) -> None:
        for name, n in resolution.items() if isinstance(resolution, Mapping) else ():
            positive(f"GridSearch: resolution of {short(name)}", n)
        if not (resolution is None or isinstance(resolution, Mapping)):
            try:
                positive("GridSearch: resolution", resolution)
            except TypeError as error:
                raise type(error)(f"{error}, or a dict of integers") from None
        self.resolution = resolution
        self._latest: tuple[Space, Grid] | None = None

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next combination in the order of the grid; None after the last."""
        latest = self._latest  # a local name: another thread may search a different space with this object
        if latest is None or latest[0] is not history.space:
            self._latest = latest = history.space, history.space.grid(self.resolution)
        number, (_, grid) = history.n_suggested, latest
        # It counts combinations, so the space must not grow during the search.
        return Suggestion(grid[number], fixed_space="a grid") if number < grid.size else None

    def __repr__(self) -> str:
        return f"GridSearch(resolution={self.resolution!r})"
