"""The progress of a search: a bar with the current trial, its params and the best value, or a different display."""

import time
import warnings
from contextlib import AbstractContextManager, suppress
from typing import Any

from hpt_lab.study import Study, Trial
from hpt_lab.study.history import budget_note
from hpt_lab.values.checks import WrongType, plain, short


def check_progress(name: str, value: Any) -> bool | str:
    value = plain(value)
    if isinstance(value, bool) or (isinstance(value, str) and value == "plot"):
        return value
    raise WrongType(f"{name}={short(value)} must be True or False, or 'plot'")


class _NoBar(AbstractContextManager["_NoBar"]):
    n, disable = 0.0, True

    def __exit__(self, *stop: object) -> None: ...
    def update(self, n: float = 1) -> None:
        self.n += n

    def set_description(self, description: str) -> None: ...


def bar(description: str, total: float | None, unit: str, *, done: float = 0, wanted: bool = True) -> Any:
    """Return a tqdm bar, for a `with`; one that shows nothing if it is not wanted or tqdm is missing."""
    if wanted:
        with suppress(ImportError):
            from tqdm import tqdm

            return tqdm(total=total, initial=done, desc=description, unit=unit)
    return _NoBar()


class Progress(AbstractContextManager["Progress"]):
    """The progress of one search, which the end of a `with` shows for the last time.

    `wanted` is False, True for a bar, or "plot" for a figure; if that cannot be shown, a bar replaces it. `on` is False
    if there is nothing to show: without tqdm, or if it is switched off (TQDM_DISABLE).
    """

    def __init__(self, study: Study, n_trials: int | None, total_budget: float | None, wanted: bool | str) -> None:
        self._study, self._in_units = study, n_trials is None and total_budget is not None
        self._display: Any = None  # of "plot"; its `show(over)` draws the study as it is now, at the end with `over`
        if isinstance(wanted, str):
            with suppress(ImportError):
                from hpt_lab.plots.live import figure

                self._display = figure(study, n_trials)
            if self._display is None:
                what = f"tune: progress={wanted!r} needs a notebook, with IPython and matplotlib; here it is a bar"
                warnings.warn(what, stacklevel=5)
        if wanted and self._display is None:
            total, unit = (total_budget, "unit") if self._in_units else (n_trials, "trial")
            self._bar = bar(type(study.strategy).__name__, total, unit, done=self._done())
        self.on = self._display is not None or (bool(wanted) and not self._bar.disable)

    def _done(self) -> float:
        history = self._study.history
        return history.spent if self._in_units else history.n_asked - history.n_running

    def __exit__(self, *stop: object) -> None:
        if self._display is not None:
            self._display.show(over=True)
        elif self.on:
            self._draw(self._best())
            self._bar.close()

    def show(self, trial: Trial) -> None:
        """Show the trial in training (or how many are) and the best value, no more often than tqdm would."""
        if self._display is not None:
            self._display.show(over=False)
        elif self._bar.n <= self._bar.initial or time.time() - self._bar.last_print_t >= self._bar.mininterval:
            n_running = self._study.history.n_running
            params = ", ".join(f"{name}={on_a_line(value)}" for name, value in trial.params.items())
            now = f"{n_running} running" if n_running > 1 else f"trial {trial.number}: {params}"
            self._draw(f"{now} | {self._best()}")

    def _draw(self, text: str) -> None:
        self._bar.last_print_t, self._bar.n = time.time(), self._done()
        self._bar.set_postfix_str(text)

    def _best(self) -> str:
        history = self._study.history
        best = history.incumbent
        if history.directions.several:
            return f"front of {len(history.front)}"
        if best is None:
            return "no value yet"
        stopped = f", {n} stopped: {history.saved} units saved" if (n := len(history.stopped)) else ""
        return f"best {best.value:.6g} (trial {best.number}){budget_note(history)}{stopped}"


def on_a_line(value: Any) -> str:
    """Return a value on one line, even if it is an array, a pipeline, or an object without a usable repr."""
    return f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else short(value)
