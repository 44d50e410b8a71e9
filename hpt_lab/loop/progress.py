"""The progress of a search: a bar with the trial in training, its params and the best value so far, or a live figure."""

from __future__ import annotations

import time
from typing import Any

from hpt_lab.plots.live import figure
from hpt_lab.study import Study, Trial
from hpt_lab.study.history import at_budget
from hpt_lab.values.checks import WrongType, plain, short

__all__ = ["Progress", "check_progress"]


def check_progress(name: str, value: Any) -> bool | str:
    """`value`, which is True, False or "plot"."""
    value = plain(value)
    if isinstance(value, bool) or (isinstance(value, str) and value == "plot"):
        return value
    raise WrongType(f"{name}={short(value)} must be True or False, or 'plot'")


class Progress:
    """A tqdm bar, closed at the end of a `with`; none where it is not wanted, tqdm is off (TQDM_DISABLE) or missing.

    Wanted as a "plot", it is a figure in the notebook, and the bar where there is no notebook.
    """

    def __init__(
        self, study: Study, n_trials: int | None, total_budget: float | None = None, wanted: bool | str = True
    ) -> None:
        self._in_units = n_trials is None and total_budget is not None
        self._study, self._figure = study, figure(study, n_trials) if wanted == "plot" else None
        total = total_budget if self._in_units else n_trials
        self._bar = _bar(study, self._n, total, self._in_units) if wanted and self._figure is None else None

    @property
    def _n(self) -> float:
        """How much is done: trials, or units of budget where those alone end the search."""
        history = self._study.history
        return history.spent if self._in_units else history.n_asked - history.n_running

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *stop: object) -> None:
        self.show()

    def show(self, trial: Trial | None = None) -> None:
        """Write the trial in training, or how many there are, and the best value so far; no trial: the search is over.

        A short training is skipped, so that the bar is not redrawn more often than tqdm would.
        """
        if self._figure is not None:
            self._figure.show(over=trial is None)
        bar = self._bar
        if bar is None:
            return
        now = time.time()
        if trial is not None and bar.n > bar.initial and now - bar.last_print_t < bar.mininterval:
            return
        bar.last_print_t = now
        history = self._study.history
        best = history.incumbent
        text = "no value yet" if best is None else f"best {best.value:.6g} (trial {best.number}){at_budget(history)}"
        if trial is not None and history.n_running > 1:
            text = f"{history.n_running} running | {text}"
        elif trial is not None:
            params = ", ".join(f"{name}={_shown(value)}" for name, value in trial.params.items())
            text = f"trial {trial.number}: {params} | {text}"
        bar.n = self._n
        bar.set_postfix_str(text)
        if trial is None:
            bar.close()


def _shown(value: Any) -> str:
    """On one line, even where the choice is an array, a pipeline, or an object that cannot be shown."""
    return f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else short(value)


def _bar(study: Study, done: float, total: float | None, in_units: bool) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    unit = "unit" if in_units else "trial"
    bar = tqdm(total=total, initial=done, desc=type(study.strategy).__name__, unit=unit)
    return None if bar.disable else bar
