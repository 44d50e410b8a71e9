"""Running trials that no one will tell, and how to take them back. Methods of `Study`. Chapter 5."""

from collections.abc import Iterable, Sequence
from typing import Any

from hpt_lab.study.trial import Trial
from hpt_lab.values.checks import WrongType, short


def orphans(study: Any) -> Sequence[Trial]:
    """The running trials that no one will tell: `ask` returns them again before any new trial.

    They are those given to `requeue` and, in a file, those whose process was killed or whose `Study` was closed or collected.
    """
    with study._lock:
        return study._backend.orphans(study.history)


def requeue(study: Any, trial: Trial) -> None:
    """Let the next `ask` return a running trial again, if you know that no one will tell it.

    You don't need this for a killed process, only for a client that vanished, or one on another machine.
    """
    with study._lock, study._backend.transaction():
        study._backend.hand_over(ours(study, trial, "requeue"), to_us=False)


def abandon(study: Any, trials: Iterable[Trial]) -> None:
    """Take back those of the trials that are still running, since no one will tell them.

    The study's latest trial is removed, as if never asked for, so that a resumed search asks for it again. An earlier
    trial fails, since the numbers of later ones must not change; in a file, `ask` returns it again instead.
    """
    if not isinstance(trials, Iterable):
        raise WrongType(f"abandon: trials={short(trials)} must be a list of trials")
    backend = study._backend
    with study._lock:
        for trial in trials:
            backend.refresh()
            if not _is_running(study, trial):  # it has not entered the study yet, or is finished
                continue
            with backend.transaction():
                if not _is_running(study, trial):  # another process was faster
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
        raise ValueError(f"{who}: trial {trial.number} must be one that this study's ask() returned")
    if known.state != "running":
        raise ValueError(f"{who}: trial {trial.number} is already {known.state}; tell each trial once")
    return known


def _known(study: Any, trial: Trial, who: str) -> Trial | None:
    """Return the study's record of a trial (or of a copy of it) that `ask` returned, or None."""
    if not isinstance(trial, Trial):
        raise WrongType(f"{who}: trial={short(trial)} must be a trial that ask() returned")
    known = study._backend.log.find(trial.number)
    return None if known is None or known.started != trial.started else known
