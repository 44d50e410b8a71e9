"""The progress of a search: a bar with the trial in training, its params and the best value so far, or a live figure."""

from __future__ import annotations

import time
from typing import Any

from hpt_lab.checks import WrongType, plain, short
from hpt_lab.loop.live import figure
from hpt_lab.study import Study, Trial

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

    def __init__(self, study: Study, n_trials: int, wanted: bool | str) -> None:
        self._study, self._figure = study, figure(study, n_trials) if wanted == "plot" else None
        self._bar = _bar(study, n_trials) if wanted and self._figure is None else None

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
        text = "no value yet" if best is None else f"best {best.value:.6g} (trial {best.number})"
        if trial is not None and history.n_running > 1:
            text = f"{history.n_running} running | {text}"
        elif trial is not None:
            params = ", ".join(f"{name}={_shown(value)}" for name, value in trial.params.items())
            text = f"trial {trial.number}: {params} | {text}"
        bar.n = len(history.trials) - history.n_running
        bar.set_postfix_str(text)
        if trial is None:
            bar.close()


def _shown(value: Any) -> str:
    """On one line, even where the choice is an array, a pipeline, or an object that cannot be shown."""
    return f"{value:.4g}" if isinstance(value, float) else value if isinstance(value, str) else short(value)


def _bar(study: Study, n_trials: int) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    bar = tqdm(total=n_trials, initial=len(study.trials), desc=type(study.strategy).__name__, unit="trial")
    return None if bar.disable else bar
