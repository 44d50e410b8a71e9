"""Running trials that nobody will tell: which they are, and how they are taken back. Methods of `Study`. Chapter 5."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hpt_lab.study.trial import Trial
from hpt_lab.values.checks import WrongType, short

__all__ = ["abandon", "orphans", "ours", "requeue"]


def orphans(study: Any) -> Sequence[Trial]:
    """The running trials that nobody will tell: `ask` hands them out again before anything new.

    Those given to `requeue`, and in a file those whose owner is gone: its process was killed, or its `Study` closed or
    collected.
    """
    with study._lock:
        return study._backend.orphans(study.history)


def requeue(study: Any, trial: Trial) -> None:
    """Have a running trial handed out again by the next `ask`, where you know that nobody will tell it.

    A killed process needs no word of yours; a client of yours that vanished does, and so does one on another machine.
    """
    with study._lock, study._backend.transaction():
        study._backend.release(ours(study, trial, "requeue"))


def abandon(study: Any, trials: Iterable[Trial]) -> None:
    """Take back those of the trials that are running, since nobody will tell them.

    The latest of the study becomes as if never asked for, so that a resumed search asks for it again. An earlier one
    fails, since the numbers of later trials must not change; in a file, it is handed out again instead.
    """
    if not isinstance(trials, Iterable):
        raise WrongType(f"abandon: trials={short(trials)} must be a list of trials")
    with study._lock:
        for trial in trials:
            study._backend.refresh()
            if not _is_running(study, trial):  # it has not entered yet, or was told
                continue
            with study._backend.transaction():
                log = study._backend.log
                if not _is_running(study, trial):  # others were faster
                    continue
                if trial.number == len(log) - 1:
                    study._backend.rewrite(entry for entry in log.entries if entry[0] != trial.number)
                elif study._backend.shared:
                    study._backend.release(trial)
                else:
                    study.tell(trial, error="interrupted before it was told")


def _is_running(study: Any, trial: Trial) -> bool:
    known = _known(study, trial, "abandon")
    return known is not None and known.state == "running"


def ours(study: Any, trial: Trial, who: str) -> Trial:
    """Return the study's record of a trial, which must be running."""
    known = _known(study, trial, who)
    if known is None:
        raise ValueError(f"{who}: trial {trial.number} must be one that this study's ask() gave out")
    if known.state != "running":
        raise ValueError(f"{who}: trial {trial.number} is {known.state} already; tell each trial once")
    return known


def _known(study: Any, trial: Trial, who: str) -> Trial | None:
    """Return the study's record of a trial that `ask` gave out, perhaps a copy by now; None if it did not."""
    if not isinstance(trial, Trial):
        raise WrongType(f"{who}: trial={short(trial)} must be a trial that ask() gave out")
    known = study._backend.log.find(trial.number)
    return None if known is None or known.started != trial.started else known
