"""Running trials that nobody will tell: which they are, and how they are taken back. Methods of `Study`. Chapter 5."""

from collections.abc import Iterable, Sequence
from typing import Any

from hpt_lab.study.trial import Trial
from hpt_lab.values.checks import WrongType, short


def orphans(study: Any) -> Sequence[Trial]:
    """The running trials that nobody will tell: `ask` hands them out again before anything new.

    Those given to `requeue`, and in a file those whose process was killed, or whose `Study` closed or collected.
    """
    with study._lock:
        return study._backend.orphans(study.history)


def requeue(study: Any, trial: Trial) -> None:
    """Have a running trial handed out again by the next `ask`, where you know that nobody will tell it.

    A killed process needs no word of yours; a client that vanished, or one on another machine, does.
    """
    with study._lock, study._backend.transaction():
        study._backend.hand_over(ours(study, trial, "requeue"), to_us=False)


def abandon(study: Any, trials: Iterable[Trial]) -> None:
    """Take back those of the trials that are running, since nobody will tell them.

    The latest of the study becomes as if never asked for, so that a resumed search asks for it again. An earlier one
    fails, since the numbers of later trials must not change; in a file, it is handed out again instead.
    """
    if not isinstance(trials, Iterable):
        raise WrongType(f"abandon: trials={short(trials)} must be a list of trials")
    backend = study._backend
    with study._lock:
        for trial in trials:
            backend.refresh()
            if not _is_running(study, trial):  # it has not entered yet, or was told
                continue
            with backend.transaction():
                if not _is_running(study, trial):  # others were faster
                    continue
                if trial.number == len(backend.log) - 1:
                    entries = [entry for entry in backend.log.entries if entry[0] != trial.number]
                    backend.rewrite(entries, backend.space, backend.start, {})
                elif backend.shared:
                    backend.hand_over(trial, to_us=False)
                else:
                    study.tell(trial, error="interrupted before it was told")


def _is_running(study: Any, trial: Trial) -> bool:
    return (known := _known(study, trial, "abandon")) is not None and known.state == "running"


def ours(study: Any, trial: Trial, who: str) -> Trial:
    """Return the study's record of a trial, which must be running."""
    known = _known(study, trial, who)
    if known is None:
        raise ValueError(f"{who}: trial {trial.number} must be one that this study's ask() gave out")
    if known.state != "running":
        raise ValueError(f"{who}: trial {trial.number} is {known.state} already; tell each trial once")
    return known


def _known(study: Any, trial: Trial, who: str) -> Trial | None:
    """Return the study's record of a trial, perhaps a copy, that `ask` gave out; None if it did not."""
    if not isinstance(trial, Trial):
        raise WrongType(f"{who}: trial={short(trial)} must be a trial that ask() gave out")
    known = study._backend.log.find(trial.number)
    return None if known is None or known.started != trial.started else known
