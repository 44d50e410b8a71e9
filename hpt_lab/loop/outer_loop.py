"""The outer loop: the whole of hyperparameter tuning in ten lines.

    repeat: look at the trials so far, choose the next hyperparameters, train (the inner loop), record.

`tune` starts a search and `run` goes on with one. Neither knows how hyperparameters are chosen: that is the strategy's
part. Chapter 1 draws the two loops; chapter 4 returns to them.
"""

from __future__ import annotations

import inspect
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from numbers import Real
from typing import Any

from hpt_lab.checks import WrongType, integer, positive, short
from hpt_lab.loop.execution import Factory, workers
from hpt_lab.loop.progress import Progress, check_progress
from hpt_lab.space import Space
from hpt_lab.study import NothingToSuggest, StorageError, Strategy, Study, Trial

__all__ = ["run", "tune"]

Objective = Callable[..., float]
Callback = Callable[[Study, Trial], Any]


def tune(
    objective: Objective,
    space: Space | Mapping[str, Any],
    strategy: Strategy,
    n_trials: int,
    *,
    direction: str = "minimize",
    seed: int = 0,
    timeout: float | None = None,
    on_error: str = "record",
    callbacks: Iterable[Callback] = (),
    progress: bool | str = True,
    storage: str | os.PathLike[str] | None = None,
    name: str | None = None,
    executor: Factory | None = None,
    n_workers: int | None = None,
    max_retries: int = 1,
    trial_timeout: float | None = None,
    start: Iterable[Mapping[str, Any]] | Study = (),
) -> Study:
    """Search `space` for the hyperparameters with the best value of `objective`.

    Parameters
    ----------
    objective : callable
        `objective(params) -> float` trains and evaluates once; under a strategy that sets budgets,
        `objective(params, budget) -> float`. Beside a number, it may return a dict of the number as `"value"` and of
        anything else that JSON has, which is kept as `trial.attributes`.
    space : Space or mapping
        The hyperparameters and their ranges.
    strategy : Strategy
        How to choose: `GridSearch()`, `RandomSearch()`, ...
    n_trials : int
        Number of trials in all, failed ones included, but not those that were added.
    direction : {"minimize", "maximize"}
        Whether a small or a large value is good.
    seed : int
        The same seed gives the same search.
    timeout : float, optional
        Seconds after which no further trial is started.
    on_error : {"record", "raise"}
        What happens when the objective raises or returns no finite number: its trial fails either way, and the search
        goes on or stops.
    callbacks : iterable of callable
        Each is called as `f(study, trial)` after each tell. `study.stop()` ends the search early.
    progress : bool or "plot"
        Whether to show a progress bar: trial, params, and the incumbent's value. It needs tqdm. "plot" draws the
        incumbent's path in a notebook while the search runs.
    storage, name : path and str, optional
        A file to keep the study in, and its name there; see `Study`. The same call again goes on with that study, and first
        trains again what was in training when it was killed. Any number of processes may make the call at once.
    executor : callable, optional
        A function that makes a `concurrent.futures.Executor`, such as `lambda: ProcessPoolExecutor(4)` or Dask's
        `client.get_executor`, which is shut down at the end. Trials run there, while others are asked for.
    n_workers : int, optional
        How many trials run at once: with an executor, by default as many as it has workers. Without one, 1 by default,
        trained here; more are trained in as many processes of loky. Each computes with one thread.
    max_retries : int
        How often a trial that killed its worker is begun again, before it fails.
    trial_timeout : float, optional
        Seconds after which a trial fails, and its worker is killed: it has to be a process of this machine, and is one
        even where `n_workers` is 1.
    start : iterable of dict, or Study
        Params to be tried first, whatever the strategy is, such as the defaults of a model or what you believe in; of an
        earlier study, its ten best. They count as trials. To learn from an earlier study without training again, see
        `Study.add_trials`.

    Returns
    -------
    Study
        With `best_params`, `best_value`, `trials`, `to_frame()`. Ctrl-C ends the search early and returns the study so
        far: go on with `run(study, objective, n_trials)`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    Exception
        The objective's first error (ValueError or TypeError where it returned no finite number): at once with
        `on_error="raise"`, otherwise at the end and only if every trial failed. Whatever the search raises carries the
        study so far as its attribute `study`.

    Examples
    --------
    >>> from hpt_lab import Float, GridSearch, Space, tune
    >>> space = Space(x=Float(-1, 1))
    >>> tune(lambda p: (p["x"] - 0.5) ** 2, space, GridSearch(resolution=5), 5, progress=False).best_params
    {'x': 0.5}
    """
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, name=name, start=start)
    return run(
        study,
        objective,
        n_trials,
        timeout=timeout,
        on_error=on_error,
        callbacks=callbacks,
        progress=progress,
        executor=executor,
        n_workers=n_workers,
        max_retries=max_retries,
        trial_timeout=trial_timeout,
    )


def run(
    study: Study,
    objective: Objective,
    n_trials: int,
    *,
    timeout: float | None = None,
    on_error: str = "record",
    callbacks: Iterable[Callback] = (),
    progress: bool | str = True,
    executor: Factory | None = None,
    n_workers: int | None = None,
    max_retries: int = 1,
    trial_timeout: float | None = None,
) -> Study:
    """Go on with a study until it has `n_trials` trials in all; parameters, result and errors are those of `tune`."""
    _check(study, objective, n_trials, timeout, on_error, progress)
    _check_workers(objective, executor, n_workers, max_retries, trial_timeout)
    calls = _callbacks(callbacks)
    deadline = time.monotonic() + (math.inf if timeout is None else timeout)
    takes = cache(partial(_takes, objective))
    given: list[Trial] = []  # the trials in training
    first_error: Any = None
    study.stopped = False
    training = workers(objective, executor, n_workers, max_retries, trial_timeout)
    try:
        with Progress(study, n_trials, progress) as bar:
            while True:
                while training.free and wanted(study, n_trials) and time.monotonic() < deadline:
                    trial = next_trial(study, given, n_trials)
                    if trial is None:
                        break
                    arguments = arguments_for(objective, trial)
                    if not takes(len(arguments)):
                        raise TypeError(MISFIT[len(arguments)])
                    training.start(trial, arguments)
                    bar.show(trial)
                if not training.busy:
                    break
                trial, outcome = training.next()
                study.tell(trial, outcome)
                given.remove(trial)
                if first_error is None:
                    first_error = outcome.error
                for callback in calls:
                    callback(study, study.trials[trial.number])
                if isinstance(outcome.error, Exception) and on_error == "raise":
                    raise outcome.error
                if given:
                    bar.show(given[-1])
        training.close()
        if first_error is not None and all(trial.state == "failed" for trial in study.trials):
            raise first_error
    except BaseException as stop:
        with suppress(StorageError):
            study.abandon(given[::-1])
        training.kill()
        if not isinstance(stop, KeyboardInterrupt):
            with suppress(Exception):  # a few exceptions take no attributes
                stop.study = study  # type: ignore[attr-defined]
            raise
    return study


def wanted(study: Study, n_trials: float) -> bool:
    """Whether there is to be another trial: not after `stop`, nor after `n_trials`, but for orphans, which have a number."""
    return not study.stopped and (study.history.n_asked < n_trials or bool(study.orphans))


def next_trial(study: Study, given: list[Trial], n_trials: float) -> Trial | None:
    """The next trial; None if there is none, for good or until one that runs is told."""
    try:
        return study.ask_into(given, n_trials)
    except NothingToSuggest:
        return None


def arguments_for(objective: Objective, trial: Trial) -> tuple[Any, ...]:
    """What the objective is called with; the tuner's takes the trial, and keeps its model under the trial's number."""
    if getattr(objective, "takes_trial", False):
        return (trial,)
    return (trial.params,) if trial.budget is None else (trial.params, trial.budget)


MISFIT = {
    1: "tune: this strategy sets no budget, so the objective must be a function objective(params)",
    2: "tune: this strategy sets budgets, so the objective must be a function objective(params, budget)",
}


def _takes(function: Callable[..., Any], n: int) -> bool:
    """Whether it can be called with n arguments, as far as it tells."""
    for within in (False, True):  # a wrapper of any arguments hands them on to the function within
        try:
            signature = inspect.signature(function, follow_wrapped=within)
        except (TypeError, ValueError):  # some functions written in C do not tell
            continue
        try:
            signature.bind(*[None] * n)
        except TypeError:
            return False
        if all(parameter.kind is not parameter.VAR_POSITIONAL for parameter in signature.parameters.values()):
            return True
    return True


def _callbacks(callbacks: Any) -> list[Callback]:
    listed = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    if not isinstance(callbacks, Iterable) or not all(callable(one) and _takes(one, 2) for one in listed):
        raise WrongType(f"tune: callbacks={short(callbacks)} must be a list of functions of the study and the trial")
    return listed


def _check(study: Any, objective: Any, n_trials: Any, timeout: Any, on_error: Any, progress: Any) -> None:
    if not isinstance(study, Study):
        raise WrongType(f"run: study={short(study)} must be a Study")
    if not callable(objective):
        raise WrongType(f"tune: objective={short(objective)} must be a function of the params")
    positive("tune: n_trials", n_trials)
    _check_seconds("timeout", timeout)
    if not isinstance(on_error, str) or on_error not in ("record", "raise"):
        raise ValueError(f"tune: on_error={short(on_error)} must be 'record' or 'raise'")
    check_progress("tune: progress", progress)


def _check_workers(objective: Any, executor: Any, n_workers: Any, max_retries: Any, trial_timeout: Any) -> None:
    if not (executor is None or (callable(executor) and _takes(executor, 0))):
        what = "a function without arguments that makes an executor, as lambda: ProcessPoolExecutor(4) is"
        raise WrongType(f"tune: executor={short(executor)} must be {what}")
    if n_workers is not None:
        positive("tune: n_workers", n_workers)
    integer("tune: max_retries", max_retries, least=0)
    _check_seconds("trial_timeout", trial_timeout)
    if getattr(objective, "takes_trial", False) and (executor, n_workers, trial_timeout) not in ALONE:
        raise ValueError(f"tune: n_workers={n_workers} must be 1: a tuner keeps the models of its trials")


ALONE = ((None, None, None), (None, 1, None))  # executor, n_workers and trial_timeout of a search without workers


def _check_seconds(name: str, seconds: Any) -> None:
    if seconds is None:
        return
    try:
        good = not isinstance(seconds, bool) and isinstance(seconds, Real) and float(seconds) > 0
    except OverflowError:  # an int of more than 308 digits
        good = False
    if not good:
        raise ValueError(f"tune: {name}={short(seconds)} must be a number of seconds above 0, or None")
