"""The trial handle, for an objective that does not own its training loop: it reports its value instead of yielding it.

    def objective(params, trial): lightgbm.train(..., callbacks=[lambda now: trial.report(now...)])

A report is what a yield is: a unit of budget is done. `report` returns True if the training must end there. A run that may
be promoted trains in a thread of its own, which waits inside `report`; any other trains in the thread that began it.
Chapter 5.
"""

import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, NoReturn

OTHERS = {"should_prune": "report(value), which returns it", "set_user_attr": "attributes[name] = value"}
CAN_WAIT = sys.platform != "emscripten"  # a browser has no threads


class Ended(BaseException):
    """Raised in an objective to end its training, past every `except Exception`."""


class TrialHandle:
    """The trial that an `objective(params, trial)` trains.

    Attributes
    ----------
    number : int, of the trial

    Examples
    --------
    >>> from hpt_lab import Float, MedianStopping, RandomSearch, tune
    >>> def objective(params, trial):
    ...     for epoch in range(1, 28):
    ...         if trial.report(params["x"] ** 2 + 1 / epoch, epoch=epoch):
    ...             break
    >>> study = tune(objective, {"x": Float(-1, 1)}, RandomSearch(), 20, stopping=MedianStopping(), progress=False)
    >>> len(study.history.stopped), study.spent, study.best.attributes
    (10, 280, {'epoch': 27})
    """

    def __init__(self, number: int) -> None:
        self.number, self.pruned = number, False
        self._attributes: dict[str, Any] = {}
        self._n_reports, self._over = 0, False
        self.say: Callable[[dict[str, Any]], bool] | None = None  # None once the objective has returned

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the trial, in JSON's types: a dict to add to until the objective returns."""
        return self._attributes

    def report(self, value: float, **attributes: Any) -> bool:
        """Report the value after one more unit of budget, such as an epoch, and return whether the training must end.

        Each report is one unit, so there is no step to give. `attributes` join `trial.attributes`, except `constraints`, a
        dict of numbers by name. A value that is not one finite number fails the trial. Once it has returned True, the
        trial has its value, and a further report ends the objective from within. Raises RuntimeError after its end.
        """
        if self.say is None:
            raise RuntimeError(f"trial.report: trial {self.number} has ended, so its objective must report no more")
        if self._over:
            raise Ended
        self._n_reports += 1
        self._over = self.say({**attributes, "value": value})
        return self._over

    def prune(self) -> NoReturn:
        """End the training here, as a stopping rule would: the trial is complete, and its value is the latest report.

        It does not return. Raises ValueError if nothing was reported, since the trial would have no value.
        """
        if not self._n_reports:
            raise ValueError(f"trial.prune: trial {self.number} must report a value first, which is then its value")
        self.pruned = True
        raise Ended

    def __getattr__(self, name: str) -> Any:
        right = f"trial.{OTHERS[name]}" if name in OTHERS else "number, attributes, report or prune"
        raise AttributeError(f"trial.{name} must be {right}", name=name, obj=self)

    def __reduce__(self) -> NoReturn:
        what = "must be reported from the process that trains it: its handle cannot be sent"
        raise TypeError(f"trial {self.number} {what}")

    def __repr__(self) -> str:
        return f"TrialHandle(number={self.number})"


def _call(objective: Callable[..., Any], params: Any, handle: TrialHandle) -> Any:
    try:
        return objective(params, handle)
    except Ended:
        return None
    finally:
        handle.say = None


def in_this_thread(objective: Callable[..., Any], params: Any, handle: TrialHandle) -> Generator[Any, Any, Any]:
    """Train when asked for the first unit, and return what the objective returns; its reports go where `say` sends them."""
    return _call(objective, params, handle)
    yield


def in_its_own_thread(objective: Callable[..., Any], params: Any, handle: TrialHandle) -> Generator[Any, Any, Any]:
    """Yield each report of the objective, which waits for the next unit to be asked for, and return what it returns.

    If this generator is closed instead, the report returns True, and the objective's end is waited for.
    """
    reports: SimpleQueue[dict[str, Any] | None] = SimpleQueue()  # None: the objective has returned
    answers: SimpleQueue[bool] = SimpleQueue()
    end: Future[Any] = Future()

    def say(said: dict[str, Any]) -> bool:
        reports.put(said)
        return answers.get()

    def train() -> None:
        try:
            end.set_result(_call(objective, params, handle))
        except BaseException as error:
            end.set_exception(error)
        reports.put(None)

    handle.say = say
    name = f"trial {handle.number}"
    thread = threading.Thread(target=copy_context().run, args=(train,), name=name, daemon=True)
    thread.start()
    try:
        while (said := reports.get()) is not None:
            yield said
            answers.put(False)
    except GeneratorExit:
        answers.put(True)
        end.result()
        raise
    finally:  # also of an interrupt
        answers.put(True)
        thread.join()
    return end.result()
