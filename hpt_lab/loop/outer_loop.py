"""The outer loop: all of hyperparameter tuning in ten lines.

    repeat: look at the trials so far, choose the next hyperparameters, train (the inner loop), record.

`tune` starts a search, `run` continues one, and the strategy decides how to choose. Chapters 1 and 4.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from hpt_lab.loop.objective import CalledObjective, InProcess, check, check_workers, checked_callbacks
from hpt_lab.loop.session import NoWorker, Workers, search
from hpt_lab.space import Space
from hpt_lab.study import Strategy, Study, Trial
from hpt_lab.study.directions import MINIMIZE
from hpt_lab.study.outcomes import Outcome
from hpt_lab.values.checks import name_foreign_arguments

if TYPE_CHECKING:
    from hpt_lab.hyperparameters import HyperParameters
    from hpt_lab.loop.stopping import Stopping


@name_foreign_arguments
def tune(
    objective: Callable[..., Any],
    space: Space | Mapping[str, Any] | HyperParameters,
    strategy: Strategy,
    n_trials: int | None = None,
    *,
    direction: Literal["minimize", "maximize"] = MINIMIZE,
    directions: Sequence[str] | Mapping[str, str] | None = None,
    seed: int = 0,
    timeout: float | None = None,
    on_error: str = "record",
    callbacks: Iterable[Callable[[Study, Trial], Any]] = (),
    progress: bool | str = True,
    storage: str | os.PathLike[str] | None = None,
    name: str | None = None,
    executor: Callable[[], Any] | None = None,
    n_workers: int | None = None,
    max_retries: int = 1,
    trial_timeout: float | None = None,
    start: Iterable[Mapping[str, Any]] | Study = (),
    total_budget: float | None = None,
    stopping: Stopping | None = None,
) -> Study:
    """Search `space` for the hyperparameters with the best value of `objective`.

    Parameters
    ----------
    objective : callable
        `objective(params) -> float` trains and evaluates once; for a strategy that sets budgets, it is called with
        `(params, budget)`. It may return a dict, with the number as `"value"`; the rest becomes `trial.attributes`, except
        `"constraints"`, a dict of numbers by name: where one is above 0, the trial is not feasible, and never the best.

        Or it yields a number (or such a dict) after each unit of budget, such as an epoch: then `objective(params)` is a
        generator function, which a strategy with budgets pauses, and resumes if the trial is promoted. The last yield is
        the trial's value. Put any cleanup in a `finally`. See Notes.

        If a library owns the training loop, write `objective(params, trial)`: an objective whose second parameter has this
        name gets the trial's handle, and calls `trial.report(value)` where the other would yield. See `loop.TrialHandle`.
    space : Space, mapping or HyperParameters
        The hyperparameters and their ranges. With `HyperParameters()` the objective asks for them while it runs, as in
        `hp.Float("lr", 1e-4, 1e-1, sampling="log")`: it is `objective(hp)`, the first trial is at the defaults, all that
        it asks for joins the space, and a trial lists what it asked for. Resume with `run(study, ByRun(objective, hp), n)`.
    strategy : Strategy, how to choose: `GridSearch()`, `RandomSearch()`, ...
    n_trials : int, optional
        Total number of trials, including failed ones but not added ones; a promotion to a larger budget is a trial as
        well (`study.history.n_configs` counts configurations). Required without `total_budget` and `timeout`.
    direction : {"minimize", "maximize"}, whether a small or a large value is good
    directions : list, or dict by name, instead of `direction`
        For several objectives, as in ["maximize", "minimize"] or {"accuracy": "maximize", "size": "minimize"}: the
        objective returns a tuple of as many numbers (as `"value"`, if it returns a dict), or a dict with each name. See
        `study.front`. Strategies that set budgets, stopping rules, and objectives that yield or report have one objective:
        a run is judged by one curve, and it may be the best there while another goal of it is bad. With several, return
        early from a run that is hopeless in all of them, with the values that it has reached.
    seed : int, the same seed gives the same search
    timeout : float, optional, seconds after which no further trial is started
    on_error : {"record", "raise"}
        Whether the search continues or stops when a trial fails: its objective raises, or returns no finite number.
    callbacks : iterable of callable
        Each is called as `f(study, trial)` after every tell. `study.stop()` ends the search early.
    progress : bool or "plot"
        Whether to show a tqdm bar with trial, params and best value. "plot" draws the incumbent's path, in a notebook.
    storage, name : path and str, optional
        A file to keep the study in, and its name there; see `Study`. Repeating the call resumes that study, and first
        trains again the trials that were interrupted. Any number of processes may make the call at the same time.
    executor : callable, optional
        Makes a `concurrent.futures.Executor` to run the trials, which is shut down at the end, such as
        `lambda: ProcessPoolExecutor(4)`, or Dask's `client.get_executor`.
    n_workers : int, optional
        How many trials run at once: with an executor, by default as many as it has workers. Without one, 1 by default,
        trained in this process; more are trained in as many processes of loky. Each computes with one thread.
    max_retries : int, how often a trial that killed its worker is started again, before it fails
    trial_timeout : float, optional
        Seconds until a trial fails and its worker is killed: a process of this machine, even if `n_workers` is 1. On
        Dask, the time starts when the trial is sent, and its worker keeps training, since it can't be ended from here.
    start : iterable of dict, or Study
        Params to try first, whatever the strategy: a model's defaults, or your best guesses; from an earlier study, its
        ten best. They count as trials; hyperparameters they leave out are drawn at random. To learn from an earlier study
        without training again, use `Study.add_trials`.
    total_budget : float, optional
        Total units of budget, including earlier calls and failed trials: once `study.spent` has reached it, no further
        trial is started. Running ones still finish, so the search may spend more, though by less than these trials; a
        running trial counts with its budget, or with 1 if it has none.
    stopping : Stopping, optional
        A rule that may end the run of an objective that yields, such as `MedianStopping(warmup=5)`, under a strategy that
        sets no budgets. See Notes.

    Returns
    -------
    Study
        With `best_params`, `best_value`, `trials`, `to_frame()`. Ctrl-C ends the search early and returns the study so
        far; continue it with `run(study, objective, n_trials)`. It doesn't reach a search in the background (`nohup`, or
        `&` in a script): `kill PID` ends that, and its workers; with `storage`, the same call then resumes it.

    Raises
    ------
    ValueError
        If an argument is out of range.
    Exception
        The objective's first error (ValueError or TypeError if it returned no finite number): at once with
        `on_error="raise"`, otherwise at the end if every trial failed. All exceptions of a search have it as `.study`.

    Notes
    -----
    If all workers of a Dask cluster are gone, the search waits for others, and says so once a minute. Ctrl-C, `timeout`
    and `trial_timeout` then end it, return the study, and hand back the trials: the next call trains them.

    For an objective that yields or reports:

    - `trial.curve` holds all yields, including those on earlier rungs; `trial.spent` counts those trained for this trial.
      Attributes are the latest of each name.
    - A unit counts as spent once it has begun. A unit that yields no finite number, or raises, fails the trial at once.
    - A run that ends early counts as complete, with its last yield as its value; on higher rungs it has the same value,
      and spends nothing more. It must return nothing, yield at least once, and end on its own if there is no budget.
    - One that reports may return its value at its own end, or report nothing and only return it. A run that may be
      promoted has a thread of its own, where it waits; the handle's number is then that of the latest trial.
    - At most 100 runs wait for a promotion, the best of their rungs; any other, and any begun by an earlier call, trains
      again from the start, which `trial.spent` includes.
    - Threads can resume any run, a process only those it has trained. A promoted trial goes to the worker of `n_workers`
      that has its run; it trains again if that one is busy or dead, or if an executor chooses a different one.
    - A stopping rule is asked after each unit, in the worker, and knows the whole runs that ended before this one started.
      With constraints, these are the feasible ones. A run that breaks a limit may keep it later, so it is judged by its
      loss as well; if it cannot, let the objective end there, since among infeasible trials the violation counts first.
      A stopped trial is complete: its value is its last yield, and `trial.stopped` is the rule. If the rule gave the run
      up, `trial.expected` is the value that it would have had at its end, judged by the gains of whole runs. Strategies
      learn from that value, and the trial ranks below all whole ones.

    Examples
    --------
    >>> from hpt_lab import Float, GridSearch, Space, tune
    >>> space = Space(x=Float(-1, 1))
    >>> tune(lambda p: (p["x"] - 0.5) ** 2, space, GridSearch(resolution=5), 5, progress=False).best_params
    {'x': 0.5}
    """
    kept: dict[str, Any] = {"direction": direction, "directions": directions, "seed": seed}
    kept |= {"storage": storage, "name": name, "start": start}
    if isinstance(space, (Space, Mapping)):
        study = Study(space, strategy, **kept)
    else:
        objective, study = _by_run(objective, space, strategy, kept)
    how: dict[str, Any] = {"timeout": timeout, "on_error": on_error, "callbacks": callbacks, "progress": progress}
    how |= {"executor": executor, "n_workers": n_workers, "max_retries": max_retries, "trial_timeout": trial_timeout}
    return run(study, objective, n_trials, total_budget=total_budget, stopping=stopping, **how)


@name_foreign_arguments
def run(
    study: Study,
    objective: Callable[..., Any],
    n_trials: int | None = None,
    *,
    timeout: float | None = None,
    on_error: str = "record",
    callbacks: Iterable[Callable[[Study, Trial], Any]] = (),
    progress: bool | str = True,
    executor: Callable[[], Any] | None = None,
    n_workers: int | None = None,
    max_retries: int = 1,
    trial_timeout: float | None = None,
    total_budget: float | None = None,
    stopping: Stopping | None = None,
) -> Study:
    """Continue a study until it has `n_trials` trials in total; parameters, result and errors are those of `tune`."""
    check(study, objective, n_trials, timeout, on_error, progress, total_budget)
    check_workers(objective, executor, n_workers, max_retries, trial_timeout)
    after_each = checked_callbacks(callbacks)
    deadline = time.monotonic() + (math.inf if timeout is None else timeout)
    raises = on_error == "raise"

    def told(trial: Trial, outcome: Outcome) -> None:
        for callback in after_each:
            callback(study, study.trials[trial.number])
        if raises and isinstance(outcome.error, Exception):
            raise outcome.error

    whole, hook = CalledObjective(objective, study, stopping), told if raises or after_each else None
    training: Workers
    if executor is None and n_workers in (None, 1) and trial_timeout is None:
        training = InProcess(whole)
    else:
        from hpt_lab.tools.workers.workers import workers

        training = workers(whole, executor, n_workers, max_retries, trial_timeout, deadline)
    with suppress(KeyboardInterrupt, NoWorker):
        ends = n_trials, total_budget, deadline
        search(study, training, *ends, tell=whole.tell, told=hook, progress=progress)
    return study


def _by_run(objective: Any, space: Any, strategy: Any, kept: dict[str, Any]) -> tuple[Any, Study]:
    """Return the objective and the study of a search whose objective asks `hp`; a space that is none is for `Study` to refuse."""
    from hpt_lab.hyperparameters import HyperParameters
    from hpt_lab.hyperparameters.define_by_run import ByRun

    if not isinstance(space, HyperParameters):
        return objective, Study(space, strategy, **kept)
    return ByRun(objective, space), space.study(strategy, **kept)
