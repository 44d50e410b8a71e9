"""The outer loop: the whole of hyperparameter tuning in ten lines.

    repeat: look at the trials so far, choose the next hyperparameters, train (the inner loop), record.

`tune` starts a search and `run` goes on with one. Neither knows how hyperparameters are chosen: that is the strategy's
part. Chapter 1 draws the two loops; chapter 4 returns to them.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from numbers import Real
from typing import Any

from hpt_lab.checks import positive, short
from hpt_lab.loop.progress import Progress
from hpt_lab.space import Space
from hpt_lab.study import NothingToSuggest, Strategy, Study, Trial
from hpt_lab.study.study import told

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
    progress: bool = True,
) -> Study:
    """Search `space` for the hyperparameters with the best value of `objective`.

    Parameters
    ----------
    objective : callable
        `objective(params) -> float` trains and evaluates once; under a strategy that sets budgets,
        `objective(params, budget) -> float`.
    space : Space or mapping
        The hyperparameters and their ranges.
    strategy : Strategy
        How to choose: `GridSearch()`, `RandomSearch()`, ...
    n_trials : int
        Number of trials in all, failed ones included.
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
        Each is called as `f(study, trial)` after each tell.
    progress : bool
        Whether to show a progress bar: trial, params, and the incumbent's value. It needs tqdm.

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
    study = Study(space, strategy, direction=direction, seed=seed)
    return run(study, objective, n_trials, timeout=timeout, on_error=on_error, callbacks=callbacks, progress=progress)


def run(
    study: Study,
    objective: Objective,
    n_trials: int,
    *,
    timeout: float | None = None,
    on_error: str = "record",
    callbacks: Iterable[Callback] = (),
    progress: bool = True,
) -> Study:
    """Go on with a study until it has `n_trials` trials in all; parameters, result and errors are those of `tune`."""
    callbacks = _check(study, objective, n_trials, timeout, on_error, callbacks)
    deadline = time.monotonic() + (math.inf if timeout is None else timeout)
    takes, bar = cache(partial(_takes, objective)), Progress(study, n_trials, progress)
    first_error: Exception | None = None
    try:
        while (asked := len(study.trials)) < n_trials and time.monotonic() < deadline:
            try:
                trial = study.ask()
            except NothingToSuggest:
                break
            bar.show(trial)
            arguments = _arguments(objective, trial)
            if not takes(len(arguments)):
                raise TypeError(MISFIT[len(arguments)])
            error: Exception | None = None
            try:
                value = told(objective(*arguments))  # the inner loop
            except Exception as raised:
                error = raised
                study.tell(trial, error=describe(error))
            else:
                study.tell(trial, value)
            first_error = first_error or error
            for callback in callbacks:
                callback(study, study.trials[trial.number])
            if error is not None and on_error == "raise":
                raise error
        if first_error is not None and all(trial.state == "failed" for trial in study.trials):
            raise first_error
    except BaseException as stop:
        _withdraw_running(study, asked)
        if not isinstance(stop, KeyboardInterrupt):
            with suppress(Exception):  # a few exceptions take no attributes
                stop.study = study  # type: ignore[attr-defined]
            raise
    finally:
        bar.show()
    return study


def _arguments(objective: Objective, trial: Trial) -> tuple[Any, ...]:
    """What the objective is called with; the tuner's takes the trial, and keeps its model under the trial's number."""
    if getattr(objective, "takes_trial", False):
        return (trial,)
    return (trial.params,) if trial.budget is None else (trial.params, trial.budget)


MISFIT = {
    1: "tune: this strategy sets no budget, so the objective must be a function objective(params)",
    2: "tune: this strategy sets budgets, so the objective must be a function objective(params, budget)",
}


def _takes(function: Callable[..., Any], n: int) -> bool:
    """Whether it can be called with n arguments."""
    try:
        inspect.signature(function).bind(*[None] * n)
    except TypeError:
        return False
    except ValueError:  # some functions written in C do not tell
        pass
    return True


def _withdraw_running(study: Study, first: int) -> None:
    """Forget the trial that an interrupt left running: a resumed search asks for the same one again."""
    while len(study.trials) > first and study.trials[-1].state == "running":
        study.withdraw(study.trials[-1])


def describe(error: BaseException) -> str:
    """An exception as a trial's `error`: its type and its text, if it has one that can be read."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__} (its text cannot be read)"


def _check(study: Any, objective: Any, n_trials: Any, timeout: Any, on_error: Any, callbacks: Any) -> list[Callback]:
    if not isinstance(study, Study):
        raise TypeError(f"run: study={short(study)} must be a Study")
    if not callable(objective):
        raise TypeError(f"tune: objective={short(objective)} must be a function of the params")
    positive("tune: n_trials", n_trials)
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, Real) or not float(timeout) > 0):
        raise ValueError(f"tune: timeout={short(timeout)} must be a number of seconds above 0, or None")
    if on_error not in ("record", "raise"):
        raise ValueError(f"tune: on_error={short(on_error)} must be 'record' or 'raise'")
    listed = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    if not isinstance(callbacks, Iterable) or not all(callable(callback) for callback in listed):
        raise TypeError(f"tune: callbacks={short(callbacks)} must be a list of functions of the study and the trial")
    return listed
