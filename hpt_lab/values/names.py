"""Names that other libraries use for an argument, and its name here."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from hpt_lab.values.checks import short

C = TypeVar("C", bound=Callable[..., Any])

SAME = """n_trials n_iter n_calls n_candidates max_evals max_trials num_samples, n_workers n_jobs, seed random_state,
name study_name, objective fn func, progress verbose show_progress_bar, callbacks callback, start x0 points_to_evaluate,
direction maximize mode, strategy sampler algo factor min_resources max_resources aggressive_elimination,
space param_grid param_distributions param_space search_space search_spaces dimensions, low min_value lower,
high max_value upper, log sampling prior, step q, choices values categories"""
SAID = {"log": "log=True", "sampling": "sampling='log'", "direction": "direction='maximize'"}


def told_names(known: C) -> C:
    """Decorate a function or class: another library's name for an argument raises a TypeError that gives the name here."""
    function: Any = known.__init__ if isinstance(known, type) else known  # type: ignore[misc]
    own = inspect.signature(function).parameters
    same = [names.split() for names in SAME.split(",")]
    right = {other: name for names in same for name in names if name in own for other in names if other not in own}

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for name in filter(right.get, kwargs):
            use = SAID.get(right[name], f"{right[name]}=")
            raise TypeError(f"{known.__qualname__}: {name}={short(kwargs[name])} is not an argument; use {use}")
        return function(*args, **kwargs)

    if not isinstance(known, type):
        return call  # type: ignore[return-value]
    known.__init__ = call  # type: ignore[misc]
    return known
