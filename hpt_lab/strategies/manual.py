"""Manual search: try what a person wrote down, in that order. It ends where the list ends. Chapter 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hpt_lab.study import History, Suggestion


class ManualSearch:
    """Suggest the given params one after the other.

    Parameters
    ----------
    list_of_params : iterable of dict
        What to try. Each is checked against the space when its turn comes.

    Raises
    ------
    TypeError
        If an entry is not a mapping.
    """

    def __init__(self, list_of_params: Iterable[Mapping[str, Any]]) -> None:
        self.list_of_params = list(list_of_params)
        for i, params in enumerate(self.list_of_params):
            if not isinstance(params, Mapping):
                raise TypeError(f"ManualSearch: entry {i}, {params!r}, must be a dict of params")

    def suggest(self, history: History) -> Suggestion | None:
        number = len(history.trials)
        return Suggestion(dict(self.list_of_params[number])) if number < len(self.list_of_params) else None

    def __repr__(self) -> str:
        return f"ManualSearch({len(self.list_of_params)} params)"
