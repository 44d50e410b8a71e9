"""The facts of a study that a report and a live page show, gathered once; sentences, tables and figures are made of them."""

import copy
import warnings
from functools import cached_property
from typing import Any

from hpt_lab.study import History, Study, Trial
from hpt_lab.surrogates.importance import Importance, importance
from hpt_lab.tools.storage.records import NoStrategy, remarks_of
from hpt_lab.values.checks import short

COARSE = 41  # values of each hyperparameter of a map


class Facts:
    """A copy of a study, which does not change while other processes tell, its history, and what mattered.

    The importance is computed when it is first asked for, unless it is given.
    """

    def __init__(self, study: Study, shares: Importance | ValueError | None = None) -> None:
        self.study: Study = copy.copy(study)
        self.history: History = self.study.history
        if shares is not None:
            self.importance = shares

    @cached_property
    def importance(self) -> Importance | ValueError:
        """The importance of the hyperparameters, or the error that says what is missing. It fits Gaussian processes."""
        try:
            with warnings.catch_warnings(action="ignore"):  # the page says it
                return importance(self.study)
        except ValueError as error:
            return error

    @cached_property
    def losses(self) -> dict[int, Any]:
        """The loss of each complete trial, or its losses, by its number; smaller is better, whatever the direction."""
        numbers = (trial.number for trial in self.history.finished)
        return dict(zip(numbers, self.history.losses.tolist(), strict=True))

    @cached_property
    def places(self) -> dict[int, int]:
        """The rank of each complete trial among them, from 1, by its number."""
        return {trial.number: place for place, trial in enumerate(self.history.ranked, 1)}

    @property
    def front(self) -> tuple[Trial, ...]:
        """The front of several objectives, otherwise an empty tuple."""
        return self.history.front if self.history.directions.several else ()

    @property
    def mapped(self) -> list[str]:
        """The hyperparameters of which two make a map, the most important first, if that is known: those that every trial has.

        Those of one value, or of more than 41 choices without an order, are left out.
        """
        space, trials, known = self.study.space, self.history.finished, vars(self).get("importance")
        names: Any = known.shares if isinstance(known, Importance) else space
        fits = [
            name for name in names if space[name].size > 1 and (space[name].has_order or space[name].size <= COARSE)
        ]
        return [name for name in fits if not space.parents[name] and all(name in trial.params for trial in trials)]

    @cached_property
    def remarks(self) -> dict[str, str]:
        """The notes that people made on trials, by number as text, and on the study, under the empty text."""
        return remarks_of(self.study.notes)


def strategy_of(study: Study) -> tuple[str, str]:
    """Return a study's strategy as it is written in code, or was in its file, and its name."""
    if isinstance(study.strategy, NoStrategy):
        return study.strategy.was, study.strategy.was.partition("(")[0]
    return short(study.strategy, 400), type(study.strategy).__name__
