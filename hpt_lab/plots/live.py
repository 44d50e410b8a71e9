"""The incumbent of a search as a figure in a notebook, updated while the search runs."""

import time
from typing import Any

from hpt_lab.study import Study

SECONDS = 1.0  # the minimum between two drawings
SHARE = 0.05  # the maximum share of the search's time that goes into drawing


class Live:
    """A figure that `show` updates, from the first complete trial on."""

    def __init__(self, study: Study, n_trials: int | None, display: Any, image: Any) -> None:
        self._study, self._n_trials, self._display, self._image = study, n_trials, display, image
        self._handle: Any = None
        self._next = 0.0  # when it may be drawn again

    def show(self, over: bool) -> None:
        """Draw the study as it is now, at most once every moment, and once more when the search ends."""
        started = time.monotonic()
        if (started < self._next and not over) or not self._study.history.finished:
            return
        image = self._image(data=self._png(), format="png")
        if self._handle is None:
            self._handle = self._display(image, display_id=True)
        else:
            self._handle.update(image)
        now = time.monotonic()
        self._next = now + max(SECONDS, (now - started) / SHARE)

    def _png(self) -> bytes:
        from hpt_lab.plots.studies import incumbent_path, plot_front
        from hpt_lab.plots.style import drawn

        study, history = self._study, self._study.history
        n = f"{history.n_asked - history.n_running}"
        n += "" if self._n_trials is None else f" of {self._n_trials}"

        def draw(ax: Any) -> None:
            if history.directions.several:
                plot_front(study, ax).set_title(f"{n} trials, front of {len(history.front)}")
                return
            best = history.incumbent
            which = "none feasible" if best is None else f"best {best.value:.6g} (trial {best.number})"
            incumbent_path(study, ax=ax, first=0).set_title(f"{n} trials, {which}")

        return drawn(draw, (7.0, 3.2))


def figure(study: Study, n_trials: int | None) -> Live | None:
    """Return the live figure of a search, or None outside a notebook. Raises ImportError without IPython."""
    from IPython import get_ipython
    from IPython.display import Image, display

    return Live(study, n_trials, display, Image) if hasattr(get_ipython(), "kernel") else None
