"""Manual search: try the params that a person wrote down, in that order, and end with the list. Chapter 1."""

from collections.abc import Iterable, Mapping
from typing import Any

from hpt_lab.space import Space
from hpt_lab.study import History, Suggestion
from hpt_lab.values.checks import listable, short
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
        given = f"ManualSearch: list_of_params={short(list_of_params)}"
        if isinstance(list_of_params, Mapping):
            raise TypeError(f"{given} must be a list of dicts, not one dict")
        if not listable(list_of_params):
            raise TypeError(f"{given} must be a list of dicts")
        self.list_of_params = frozen(list(list_of_params))
        for i, params in enumerate(self.list_of_params):
            if not isinstance(params, Mapping):
                raise TypeError(f"ManualSearch: entry {i}, {short(params)}, must be a dict of params")
        self._checked: Space | None = None

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next params of the list; None after the last."""
        if self._checked is not history.space:
            for i, params in enumerate(self.list_of_params):
                try:
                    history.space.check(params)
                except ValueError as error:
                    raise ValueError(f"ManualSearch: entry {i}: {error}") from None
            self._checked = history.space
        number = history.n_suggested
        return Suggestion(unfrozen(self.list_of_params[number])) if number < len(self.list_of_params) else None

    def __repr__(self) -> str:
        return f"ManualSearch({len(self.list_of_params)} params)"
