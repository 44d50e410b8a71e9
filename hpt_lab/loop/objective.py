"""The objective as a search calls it, and checks of the arguments of `tune`. Chapter 1."""

import functools
import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from numbers import Real
from typing import TYPE_CHECKING, Any

from hpt_lab.loop.progress import check_progress
from hpt_lab.loop.session import Ended
from hpt_lab.study import Directions, Study, Trial
from hpt_lab.study.outcomes import Outcome, SelfTelling, outcome_of
from hpt_lab.values.checks import WrongType, finite, instance, integer, items, positive, require, short

if TYPE_CHECKING:
    from hpt_lab.hyperparameters import HyperParameters
    from hpt_lab.loop.pausable import Resumable
    from hpt_lab.loop.stopping import Stopping

MISFIT = {
    1: "tune: this strategy sets no budget, so the objective must be a function objective(params) or objective(params, trial)",
    2: "tune: this strategy sets budgets, so the objective must be a function objective(params, budget)",
}
SEVERAL = "tune: with several directions, the objective must return all its values"
YIELDING = "tune: an objective that yields must be a function objective(params): the strategy decides how far it trains"


def returned(objective: Callable[..., Any], directions: Directions, *arguments: Any) -> Outcome:
    """Return the outcome of an objective with several values, checked where it is trained."""
    return outcome_of(objective(*arguments), direction=directions)


def train(objective: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """Train once (the inner loop), and return what the objective returned, yielded or raised."""
    try:
        result = objective(*arguments)
        if isinstance(result, Outcome):  # of a `Resumable`, or of several values
            return result
        if not inspect.isgenerator(result):
            return outcome_of(result)
        if len(arguments) > 1:
            result.close()
            raise TypeError("an objective that yields must be a generator function of the params alone")
        from hpt_lab.loop.pausable import to_the_end

        return to_the_end(result)
    except Exception as error:
        return Outcome(error=error)


@dataclass(frozen=True)
class Asking:
    """A define-by-run objective, called with params: its outcome has what it asked `hp` for, wherever it is trained."""

    function: Callable[..., Any]
    hp: "HyperParameters"

    def __call__(self, params: Any, *more: Any) -> Outcome:
        hp = self.hp.copy(params)
        outcome = train(self.function, (hp, *more))
        return replace(outcome, asked=hp) if outcome.asked is None else outcome


class CalledObjective:
    """An objective as a search calls it, `function(*arguments(trial))`, inside a `Resumable` if it yields or reports."""

    def __init__(self, objective: Callable[..., Any], study: Study, stopping: "Stopping | None" = None) -> None:
        tells, directions = isinstance(objective, SelfTelling), Directions.of(study.direction)
        asks = tells and objective.hp is not None  # type: ignore[attr-defined]
        self.function, self._study = objective.__wrapped__ if asks else objective, study  # type: ignore[attr-defined]
        self.tell = partial(objective.tell, study) if tells else study.tell  # type: ignore[attr-defined]
        self._takes_trial = tells and objective.takes_trial  # type: ignore[attr-defined]
        self._takes = cache(partial(takes, objective))
        self._resumable: Resumable | None = None
        reports, steps = takes_handle(objective), yields(objective)
        if stopping is not None:
            from hpt_lab.loop.stopping import check_stopping

            check_stopping(stopping, objective, reports or steps)
        if reports or steps:
            if steps and (reports or not self._takes(1)):
                raise TypeError(YIELDING)
            if directions.several and (steps or stopping is not None):
                raise TypeError(f"{SEVERAL}, not yield: what it yields or reports is judged as one value")
            from hpt_lab.loop import pausable

            self.function = self._resumable = pausable.Resumable(self.function, stopping, study.direction, reports)
        elif directions.several:
            self.function = partial(returned, self.function, directions)
        if asks:
            self.function = Asking(self.function, objective.hp)  # type: ignore[attr-defined]

    def arguments(self, trial: Trial) -> tuple[Any, ...]:
        """Return the arguments for a trial. Raises TypeError if it does not take them, ValueError for part of a unit."""
        if self._resumable is not None:
            return trial.params, self._resumable.stage(trial, self._study)
        if self._takes_trial:  # a tuner's, which stores its model under the trial's number
            return (trial,)
        arguments = (trial.params,) if trial.budget is None else (trial.params, trial.budget)
        if not self._takes(len(arguments)):
            raise TypeError(MISFIT[len(arguments)])
        return arguments

    def close(self) -> None:
        if self._resumable is not None:
            self._resumable.close()


class InProcess:
    """This process, which trains one trial after another: `function(*arguments(trial))`, of a `CalledObjective` or the like."""

    free = property(lambda self: self._started is None)
    busy = property(lambda self: self._started is not None)

    def __init__(self, objective: Any) -> None:
        self._objective = objective
        self._started: tuple[Trial, tuple[Any, ...]] | None = None

    def start(self, trial: Trial) -> None:
        self._started = trial, self._objective.arguments(trial)

    def next(self) -> Ended:
        assert self._started is not None
        (trial, arguments), self._started = self._started, None
        return trial, train(self._objective.function, arguments)

    def close(self) -> None:
        self._objective.close()

    kill = close


def yields(objective: Callable[..., Any]) -> bool:
    """Return True for a generator function: a plain one, a method, a `__call__`, a partial, or a decorated one."""
    seen: set[int] = set()
    function: Any = objective
    while id(function) not in seen:
        seen.add(id(function))
        if inspect.isgeneratorfunction(function):
            return True
        if isinstance(function, functools.partial):
            function = function.func
        elif inspect.ismethod(function):
            function = function.__func__
        elif callable(within := inspect.getattr_static(function, "__wrapped__", None)):
            function = within
        elif not (inspect.isroutine(function) or inspect.isclass(function)):
            function = inspect.getattr_static(type(function), "__call__", None)
    return False


def takes(function: Callable[..., Any], n: int) -> bool:
    """Return True if a function can be called with n arguments, as far as its signature shows."""
    for within in (False, True):  # a wrapper that takes any arguments passes them on to the function inside
        try:
            signature = inspect.signature(function, follow_wrapped=within)
        except (TypeError, ValueError):  # some functions written in C have no signature
            continue
        try:
            signature.bind(*[None] * n)
        except TypeError:
            return False
        if all(parameter.kind is not parameter.VAR_POSITIONAL for parameter in signature.parameters.values()):
            return True
    return True


def takes_handle(objective: Callable[..., Any]) -> bool:
    """Return True for an `objective(params, trial)`: one whose second parameter has this name."""
    try:
        second = list(inspect.signature(objective).parameters.values())[1:2]
    except (TypeError, ValueError):  # some functions written in C have no signature
        return False
    return any(one.name == "trial" and one.kind is one.POSITIONAL_OR_KEYWORD for one in second)


def checked_callbacks(callbacks: Any, who: str = "tune: callbacks") -> list[Callable[..., Any]]:
    """Return the callbacks as a list. Raises TypeError if one is not a function of the study and the trial."""
    what = "a list of functions of the study and the trial"
    listed = items(who, callbacks, what)
    require(all(callable(one) and takes(one, 2) for one in listed), who, callbacks, what)
    return listed


def check(study: Any, objective: Any, n_trials: Any, timeout: Any, on_error: Any, progress: Any, budget: Any) -> None:
    instance("run: study", study, Study, "a Study")
    require(callable(objective), "tune: objective", objective, "a function of the params")
    if inspect.iscoroutinefunction(objective) or inspect.isasyncgenfunction(objective):
        raise WrongType(f"tune: objective={short(objective)} must not be async: the search waits for it")
    if n_trials is not None:
        positive("tune: n_trials", n_trials)
    elif budget is None and timeout is None:
        what = "an integer where neither total_budget nor timeout ends the search"
        raise ValueError(f"tune: n_trials=None must be {what}")
    if budget is not None:
        finite("tune: total_budget", budget, above=0)
    _check_seconds("timeout", timeout)
    known = isinstance(on_error, str) and on_error in ("record", "raise")
    require(known, "tune: on_error", on_error, "'record' or 'raise'", ValueError)
    check_progress("tune: progress", progress)


def check_workers(objective: Any, executor: Any, n_workers: Any, max_retries: Any, trial_timeout: Any) -> None:
    what = "a function without arguments that makes an executor, such as lambda: ProcessPoolExecutor(4)"
    require(executor is None or (callable(executor) and takes(executor, 0)), "tune: executor", executor, what)
    if n_workers is not None:
        positive("tune: n_workers", n_workers)
    integer("tune: max_retries", max_retries, least=0)
    _check_seconds("trial_timeout", trial_timeout)
    if executor is None and n_workers in (None, 1) and trial_timeout is None:
        return
    if sys.platform == "emscripten":
        what = "without executor and trial_timeout: a browser has neither processes nor threads"
        raise ValueError(f"tune: n_workers={n_workers} must be 1, {what}")
    if isinstance(objective, SelfTelling) and objective.why_here:
        raise ValueError(f"tune: n_workers={n_workers} must be 1{objective.why_here}")


def _check_seconds(name: str, seconds: Any) -> None:
    with suppress(OverflowError):  # an int of more than 308 digits
        if seconds is None or (not isinstance(seconds, bool) and isinstance(seconds, Real) and float(seconds) > 0):
            return
    raise ValueError(f"tune: {name}={short(seconds)} must be a number of seconds above 0, or None")
