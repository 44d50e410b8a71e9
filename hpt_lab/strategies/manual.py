"""Manual search: try the params that a person wrote down, in that order, and end with the list. Chapter 1."""

from collections.abc import Iterable, Mapping
from typing import Any

from hpt_lab.space import Space
from hpt_lab.study import History, Suggestion
from hpt_lab.study.warm_start import check_params
from hpt_lab.values.checks import instance, items
from hpt_lab.values.frozen import frozen, unfrozen


class ManualSearch:
    """Suggest the given params, an iterable of dict, one after another.

    Raises TypeError if they are not a list of dicts; ValueError, at the first suggestion, if one is outside the space.

    >>> from hpt_lab import Study
    >>> study = Study({"C": [1, 10, 100]}, ManualSearch([{"C": 10}, {"C": 1}]))
    >>> study.ask().params, study.ask().params
    ({'C': 10}, {'C': 1})
    """

    def __init__(self, list_of_params: Iterable[Mapping[str, Any]]) -> None:
        self.list_of_params = frozen(items("ManualSearch: list_of_params", list_of_params, "a list of dicts"))
        for i, params in enumerate(self.list_of_params):
            instance(f"ManualSearch: entry {i}", params, Mapping, "a dict of params")
        self._checked: Space | None = None

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next params of the list; None after the last."""
        if self._checked is not history.space:
            for i, params in enumerate(self.list_of_params):
                check_params(f"ManualSearch: entry {i}", params, history.space)
            self._checked = history.space
        number = history.n_suggested
        return Suggestion(unfrozen(self.list_of_params[number])) if number < len(self.list_of_params) else None

    def __repr__(self) -> str:
        return f"ManualSearch({len(self.list_of_params)} params)"
