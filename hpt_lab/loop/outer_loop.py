"""The outer loop: the whole of hyperparameter tuning in ten lines.

    repeat: look at the trials so far, choose the next hyperparameters, train (the inner loop), record.

`tune` starts a search and `run` goes on with one. Neither knows how hyperparameters are chosen: that is the strategy's
part. Chapter 1 draws the two loops; chapter 4 returns to them.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from numbers import Real
from typing import Any

from hpt_lab.space.dimensions import positive
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
    deadline = time.monotonic() + timeout if timeout is not None else float("inf")
    bar = _progress_bar(study, n_trials) if progress else None
    first_error: Exception | None = None
    trial: Trial | None = None  # the one in training
    try:
        while len(study.trials) < n_trials and time.monotonic() < deadline:
            try:
                trial = study.ask()
            except NothingToSuggest:
                break
            _show(bar, study, trial)
            number, error = trial.number, None
            try:
                value = _train(objective, trial)
            except Exception as raised:
                error = raised
                study.tell(trial, error=f"{type(error).__name__}: {error}")
            else:
                study.tell(trial, value)
            trial = None
            first_error = first_error or error
            for callback in callbacks:
                callback(study, study.trials[number])
            if error is not None and on_error == "raise":
                raise error
        if first_error is not None and all(trial.state == "failed" for trial in study.trials):
            raise first_error
    except KeyboardInterrupt:
        if trial is not None and study.trials[-1].state == "running":
            study.withdraw(trial)
    except Exception as error:
        with suppress(AttributeError):  # a few exceptions take no attributes
            error.study = study  # type: ignore[attr-defined]
        raise
    finally:
        _show(bar, study)
    return study


def _train(objective: Objective, trial: Trial) -> float:
    """The inner loop."""
    if getattr(objective, "takes_trial", False):  # the tuner keeps what becomes of a trial under its number
        return told(objective(trial))
    if trial.budget is None:
        return told(objective(trial.params))
    if not _takes_two(objective):
        raise TypeError(
            "tune: this strategy sets budgets, so the objective must be a function objective(params, budget)"
        )
    return told(objective(trial.params, trial.budget))


def _takes_two(objective: Objective) -> bool:
    try:
        inspect.signature(objective).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # some functions written in C do not tell
        pass
    return True


def _check(study: Any, objective: Any, n_trials: Any, timeout: Any, on_error: Any, callbacks: Any) -> list[Callback]:
    if not isinstance(study, Study):
        raise TypeError(f"run: study={study!r} must be a Study")
    if not callable(objective):
        raise TypeError(f"tune: objective={objective!r} must be a function of the params")
    positive("tune: n_trials", n_trials)
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, Real) or not float(timeout) > 0):
        raise ValueError(f"tune: timeout={timeout!r} must be a number of seconds above 0, or None")
    if on_error not in ("record", "raise"):
        raise ValueError(f"tune: on_error={on_error!r} must be 'record' or 'raise'")
    listed = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    if not isinstance(callbacks, Iterable) or not all(callable(callback) for callback in listed):
        raise TypeError(f"tune: callbacks={callbacks!r} must be a list of functions of the study and the trial")
    return listed


def _progress_bar(study: Study, n_trials: int) -> Any:
    """A tqdm bar; None where tqdm is switched off (TQDM_DISABLE) or not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar = tqdm(total=n_trials, initial=len(study.trials), desc=type(study.strategy).__name__, unit="trial")
    return None if bar.disable else bar


def _show(bar: Any, study: Study, trial: Trial | None = None) -> None:
    """Write the trial in training and the best value so far beside the bar; no trial: the search is over.

    A short training is skipped, so that the bar is not redrawn more often than tqdm would.
    """
    if bar is None:
        return
    now, started = time.time(), bar.n > bar.initial
    if trial is not None and started and now - bar.last_print_t < bar.mininterval:
        return
    bar.last_print_t = now
    incumbent = study.history.incumbent
    text = "no value yet" if incumbent is None else f"best {incumbent.value:.6g} (trial {incumbent.number})"
    if trial is not None:
        params = (f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in trial.params.items())
        text = f"trial {trial.number}: {', '.join(params)} | {text}"
    bar.n = len(study.trials) - len(study.history.running)
    bar.set_postfix_str(text)
    if trial is None:
        bar.close()
