"""The outer loop: the whole of hyperparameter tuning in ten lines.

    repeat: look at the trials so far, choose the next hyperparameters, train (the inner loop), record.

`tune` starts a search and `run` goes on with one. Neither knows how hyperparameters are chosen: that is the strategy's
part. Chapter 1 draws the two loops; chapter 4 returns to them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hpt_lab.space import Params, Space
from hpt_lab.study import NothingToSuggest, Strategy, Study, Trial

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
        What an exception in the objective does: fail its trial and go on, or stop the search.
    callbacks : iterable of callable
        Each is called as `f(study, trial)` after each tell.
    progress : bool
        Whether to show a progress bar: trial, params, and the incumbent's value.

    Returns
    -------
    Study
        With `best_params`, `best_value`, `trials`, `to_frame()`. Ctrl-C ends the search early and returns the study so far:
        go on with `run(study, objective, n_trials)`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    Exception
        The objective's own: with `on_error="raise"` the first one, otherwise only if every trial failed. It carries the
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
    _check(objective, n_trials, timeout, on_error)
    callbacks = list(callbacks)
    deadline = time.monotonic() + timeout if timeout is not None else float("inf")
    first_error: Exception | None = None
    bar = _progress_bar(study, n_trials) if progress else None
    try:
        while len(study.trials) < n_trials and time.monotonic() < deadline:
            try:
                trial = study.ask()
            except NothingToSuggest:
                break
            _show(bar, study, trial.params)
            try:
                value = _train(objective, trial)
            except KeyboardInterrupt:
                study.withdraw(trial)
                break
            except Exception as error:
                study.tell(trial, error=f"{type(error).__name__}: {error}")
                first_error = first_error or error
                if on_error == "raise":
                    error.study = study  # type: ignore[attr-defined]
                    raise
            else:
                if value is None:
                    study.tell(trial, error="the objective returned None; it must return one finite number")
                else:
                    study.tell(trial, value)
            told = study.trials[trial.number]
            if told.state == "failed" and first_error is None:
                first_error = ValueError(told.error)
            for callback in callbacks:
                callback(study, told)
            if bar is not None:
                bar.update()
                _show(bar, study, trial.params, always=len(study.trials) == n_trials)
    finally:
        if bar is not None:
            bar.close()
    if first_error is not None and all(trial.state == "failed" for trial in study.trials):
        first_error.study = study  # type: ignore[attr-defined]
        raise first_error
    return study


def _train(objective: Objective, trial: Trial) -> Any:
    """The inner loop. The objective gets a copy, so that it may change its params."""
    params = dict(trial.params)
    return objective(params) if trial.budget is None else objective(params, trial.budget)


def _check(objective: Any, n_trials: Any, timeout: Any, on_error: Any) -> None:
    if not callable(objective):
        raise TypeError(f"tune: objective={objective!r} must be a function of the params")
    if isinstance(n_trials, bool) or not isinstance(n_trials, int) or n_trials < 1:
        raise ValueError(f"tune: n_trials={n_trials!r} must be an integer of at least 1")
    if timeout is not None and not timeout > 0:
        raise ValueError(f"tune: timeout={timeout!r} must be above 0 seconds, or None")
    if on_error not in ("record", "raise"):
        raise ValueError(f"tune: on_error={on_error!r} must be 'record' or 'raise'")


def _progress_bar(study: Study, n_trials: int) -> Any:
    from tqdm import tqdm

    return tqdm(total=n_trials, initial=len(study.trials), desc=type(study.strategy).__name__, unit="trial")


def _show(bar: Any, study: Study, params: Params, always: bool = False) -> None:
    """Write the params on trial and the best value so far beside the bar, as often as tqdm redraws it."""
    if bar is None or not (always or time.time() - bar.last_print_t >= bar.mininterval):
        return
    incumbent = study.history.incumbent
    best = "none yet" if incumbent is None else f"{incumbent.value:.6g}"
    values = (
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}" for name, value in params.items()
    )
    bar.set_postfix_str(f"{', '.join(values)} | best {best}")
