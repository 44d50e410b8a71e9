"""The facts about a study in its report, gathered once; sentences, tables and figures are made from these alone."""

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpt_lab.space import Space
from hpt_lab.study import Directions, Study, Trial
from hpt_lab.surrogates.importance import Importance, importance
from hpt_lab.tools.storage.records import NoStrategy
from hpt_lab.values.checks import finite_sum, short


@dataclass(frozen=True)
class Facts:
    """The facts of a report: all that a study holds and shows."""

    study: Study  # a copy, for the figures, which does not change while other processes tell
    space: Space
    strategy: str  # its repr, or the string in the file from which the study was read
    strategy_name: str  # of its class
    trials: tuple[Trial, ...]
    complete: tuple[Trial, ...]
    ranked: tuple[Trial, ...]  # the complete ones, best first
    running: tuple[Trial, ...]
    failed: tuple[Trial, ...]
    best: Trial | None  # the incumbent
    front: tuple[Trial, ...]  # with several objectives, otherwise ()
    losses: Mapping[int, Any]  # by number of complete trial; smaller is better, whatever the direction
    seconds: float  # of training, in total
    importance: Importance | ValueError  # the error says what is missing


def shares_of(study: Study) -> Importance | ValueError:
    """Return the importance of the hyperparameters, or the error that says what is missing. It fits Gaussian processes."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the page says it
            return importance(study)
    except ValueError as error:
        return error


def strategy_of(study: Study) -> tuple[str, str]:
    """Return a study's strategy as it is written in code, or was in its file, and its name."""
    if isinstance(study.strategy, NoStrategy):
        return study.strategy.was, study.strategy.was.partition("(")[0]
    return short(study.strategy, 400), type(study.strategy).__name__


def gather(study: Study, shares: Importance | ValueError | None = None) -> Facts:
    """Return the facts of a study as it is now, with the importance, unless that is known or left out."""
    study = copy.copy(study)
    history = study.history
    trials, complete = tuple(history.trials), history.finished
    shares = shares_of(study) if shares is None else shares
    losses = dict(zip((trial.number for trial in complete), history.losses.tolist(), strict=True))
    written, name = strategy_of(study)
    who = study, study.space, written, name
    told = trials, complete, history.ranked, history.running, history.failed
    front = history.front if isinstance(study.direction, Directions) else ()
    return Facts(
        *who, *told, history.incumbent, front, losses, finite_sum(trial.seconds or 0.0 for trial in trials), shares
    )
