"""The progress of a search: a bar with the trial in training, its params and the best value so far, or another display."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any, Protocol

from hpt_lab.study import Study, Trial
from hpt_lab.study.history import at_budget
from hpt_lab.values.checks import WrongType, plain, short

__all__ = ["DISPLAYS", "Bar", "Progress", "check_progress"]


class Display(Protocol):
    """What may stand in the place of the bar."""

    def show(self, over: bool) -> None:
        """Show the study as it is now; `over`: for the last time."""


# What `progress` may be beside True and False. A factory returns None where it cannot show anything: then there is a bar.
DISPLAYS: dict[str, Callable[[Study, int | None], Display | None]] = {}


def check_progress(name: str, value: Any) -> bool | str:
    """Return `value`, which is True, False or the name of a display."""
    value = plain(value)
    if isinstance(value, bool) or (isinstance(value, str) and value in DISPLAYS):
        return value
    raise WrongType(f"{name}={short(value)} must be True or False, or {' or '.join(map(repr, DISPLAYS))}")


class Bar:
    """A tqdm bar, closed at the end of a `with`; none where it is not wanted, tqdm is off (TQDM_DISABLE) or missing.

    Attributes
    ----------
    n : float
        How much is done.
    """

    def __init__(
        self, description: str, total: float | None, unit: str, *, done: float = 0, wanted: bool = True
    ) -> None:
        self.n, self._tqdm = done, None
        if wanted:
            try:
                from tqdm import tqdm
            except ImportError:
                return
            bar = tqdm(total=total, initial=done, desc=description, unit=unit)
            self._tqdm = None if bar.disable else bar

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *stop: object) -> None:
        if self._tqdm is not None:
            self._tqdm.close()

    def step(self, n: float = 1) -> None:
        """Count so many more as done; any thread may call it."""
        self.n += n
        if self._tqdm is not None:
            self._tqdm.update(n)

    def describe(self, description: str) -> None:
        """Write another text before the bar."""
        if self._tqdm is not None:
            self._tqdm.set_description(description)

    @property
    def due(self) -> bool:
        """Return True if the bar is there, and was not drawn so lately that tqdm would wait."""
        bar = self._tqdm
        return bar is not None and (bar.n <= bar.initial or time.time() - bar.last_print_t >= bar.mininterval)

    def draw(self, n: float, text: str) -> None:
        """Draw it now, with so much done and a text behind."""
        self.n = n
        if self._tqdm is not None:
            self._tqdm.n, self._tqdm.last_print_t = n, time.time()
            self._tqdm.set_postfix_str(text)


class Progress:
    """The progress of one search; `with` ends it.

    Parameters
    ----------
    study : Study
    n_trials, total_budget : optional
        Where the search ends.
    wanted : bool or str
        False, True for a bar, or the name of a display, which is a bar where that cannot be shown.
    """

    def __init__(self, study: Study, n_trials: int | None, total_budget: float | None, wanted: bool | str) -> None:
        self._study, self._in_units = study, n_trials is None and total_budget is not None
        self.on, self._display = bool(wanted), None
        if isinstance(wanted, str):
            self._display = DISPLAYS[wanted](study, n_trials)
            if self._display is None:
                what = f"tune: progress={wanted!r} draws in a notebook, with IPython and matplotlib; here it is a bar"
                warnings.warn(what, stacklevel=5)
        self._bar = Bar(
            type(study.strategy).__name__,
            total_budget if self._in_units else n_trials,
            "unit" if self._in_units else "trial",
            done=self._done() if wanted else 0,
            wanted=self.on and self._display is None,
        )

    def _done(self) -> float:
        """Return how much is done: trials, or units of budget where those alone end the search."""
        history = self._study.history
        return history.spent if self._in_units else history.n_asked - history.n_running

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *stop: object) -> None:
        with self._bar:
            if self._display is not None:
                self._display.show(over=True)
            elif self.on:
                self._bar.draw(self._done(), self._best())

    def show(self, trial: Trial) -> None:
        """Show the trial in training, or how many there are, and the best value so far; after a short training, nothing."""
        if self._display is not None:
            self._display.show(over=False)
        elif self._bar.due:
            n_running = self._study.history.n_running
            params = ", ".join(f"{name}={_shown(value)}" for name, value in trial.params.items())
            now = f"{n_running} running" if n_running > 1 else f"trial {trial.number}: {params}"
            self._bar.draw(self._done(), f"{now} | {self._best()}")

    def _best(self) -> str:
        history = self._study.history
        best = history.incumbent
        return "no value yet" if best is None else f"best {best.value:.6g} (trial {best.number}){at_budget(history)}"


def _shown(value: Any) -> str:
    """Return a value on one line, even where it is an array, a pipeline, or an object that cannot be shown."""
    return f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else short(value)
