"""Grid search: every combination of every value, in order. It never looks at a result.

With k values in each of d dimensions there are k^d combinations: the combinatorial explosion of chapter 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from hpt_lab.space import Grid
from hpt_lab.study import History, Suggestion


class GridSearch:
    """Suggest the combinations of the space one after the other, then end.

    The order is that of scikit-learn's `ParameterGrid`: names in alphabetical order, the last one varying fastest.
    Combinations are computed on demand, so that a grid of 10^12 costs no memory.

    Parameters
    ----------
    resolution : int or dict of int, optional
        How many values to take of each dimension (or of the named ones) that has more, evenly spread between its
        bounds, logarithmically where `log`. A continuous dimension needs one. Choices are always taken all.

    Raises
    ------
    ValueError
        At the first suggestion: if a continuous dimension has no resolution, if a resolution is below 1 or names a
        dimension that the space does not have.
    """

    def __init__(self, resolution: int | Mapping[str, int] | None = None) -> None:
        self.resolution = resolution
        self._latest: Grid | None = None

    def suggest(self, history: History) -> Suggestion | None:
        if self._latest is None or self._latest.space is not history.space:
            self._latest = history.space.grid(self.resolution)
        number = len(history.trials)
        return Suggestion(self._latest[number]) if number < self._latest.size else None

    def __repr__(self) -> str:
        return f"GridSearch(resolution={self.resolution!r})"
