"""Checks that a strategy is one: a function of the history, which knows of the problems only what its trials told.

Three checks, each in a process that has not seen the strategy's searches:

    replay       the same trials, shown to a fresh object, after other histories, in another order: the same suggestion
    other names  the same trials, their hyperparameters called h00, h01, ... (in the same alphabetical order): the same
    mirror       the same spaces and losses, with every number running the other way: a score as good, within the luck

The replay finds what keeps state, reads the clock, or draws from a global random generator or the order of a set. The
names find who looks a problem up by its hyperparameters (or treats `learning_rate` in a way of its own: in the race,
knowledge comes from trials), the mirror who knows it by any other sign, such as its bounds, and suggests a remembered
optimum. No check finds everything: a file that holds the tables, and tries out all mirrors, is found by reading it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt_lab.race.entry import Refused
from hpt_lab.race.process import StrategyProcess
from hpt_lab.race.searches import Search
from hpt_lab.space import Space
from hpt_lab.study import Suggestion, Trial
from hpt_lab.values.checks import short

CLOSE = 1e-6  # in the unit cube: suggestions that differ less are the same, since sums may be added in another order
N_SHOWN = 6  # histories of a search that are shown again, and the first two
HIGH, GAP = 60.0, 40.0  # points: who scores above HIGH, and more than GAP below that in the mirror, knows too much
FEWEST = 12  # searches in the mirror: of fewer, luck could make such a gap


def lengths(n_trials: int, ended: bool = False) -> list[int]:
    """Return how many of n trials are shown in the replays; all, if the search has `ended`: it must end again."""
    # many first, so that a fresh object has not seen the beginning
    some = {0, min(1, n_trials - 1)} | {(n_trials - 1) * part // N_SHOWN for part in range(1, N_SHOWN + 1)}
    return sorted(some | ({n_trials} if ended else set()), reverse=True)


def check_replay(strategy: StrategyProcess, search: Search, trials: Sequence[Trial], n_shown: int) -> None:
    """Refused unless the first `n_shown` trials have the strategy suggest the next again, or end if there is none."""
    wanted, where = _next(trials, n_shown), f"({search}, trial {n_shown})"
    space = search.problem.space
    try:
        again = _params(strategy.begin(space, search.seed, trials[:n_shown]))
    except Refused as refused:
        raise Refused(f"the same history, shown again: {refused} {where}") from None
    if not _same(space, again, wanted):
        once, then = short(wanted and dict(wanted), 60), short(again and dict(again), 60)
        if wanted is not None and again is not None and wanted.keys() == again.keys():
            name = next(name for name in wanted if wanted[name] != again[name])
            once, then = f"{name}={short(wanted[name], 30)}", short(again[name], 30)
        wrong = f"the same history once gives it {once} and once {then}"
        raise Refused(f"{wrong}: it must depend on the history alone, and draw from history.rng {where}")


def check_names(strategy: StrategyProcess, search: Search, trials: Sequence[Trial], n_shown: int) -> None:
    """Refused unless the strategy suggests the same where the hyperparameters have other names."""
    names = {name: f"h{place:02d}" for place, name in enumerate(sorted(search.problem.space))}
    renamed = {names[name]: one for name, one in search.problem.space.describe().items()}
    for one in renamed.values():
        one["when"] = {names[parent]: keys for parent, keys in one["when"].items()}
    space = Space.from_description(renamed)
    told = [replace(t, params={names[name]: value for name, value in t.params.items()}) for t in trials]
    try:
        suggested = _params(strategy.begin(space, search.seed, told[:n_shown]))
        wrong = "" if _same(space, suggested, _next(told, n_shown)) else "it suggests something else"
    except Refused as refused:
        wrong = str(refused)
    if wrong:
        check_replay(strategy, search, trials, n_shown)  # if the names are as they were: perhaps it has a memory
        wrong += f" where the hyperparameters are called {', '.join(space)}"
        raise Refused(f"{wrong}: it must not go by their names ({search}, trial {n_shown})")


def check_mirror(scores: np.ndarray, in_mirror: np.ndarray) -> None:
    """Refused if the scores are good and those in the mirror are not: both of shape (n_problems, any n_seeds)."""
    if in_mirror.size < FEWEST:
        return
    # below 0 counts as 0, so that one unlucky search weighs no more than another
    real, mirror = (float(np.maximum(one, 0.0).mean()) for one in (scores, in_mirror))
    if real > HIGH and mirror < real - GAP:
        wrong = f"it scores {real:.0f} on the problems and {mirror:.0f} on their mirror images"
        raise Refused(f"{wrong}, where every number runs the other way: what it knows of them, no history has told it")


def _params(suggestion: Suggestion | None) -> Mapping[str, Any] | None:
    return None if suggestion is None else suggestion.params


def _next(trials: Sequence[Trial], n_shown: int) -> Mapping[str, Any] | None:
    return trials[n_shown].params if n_shown < len(trials) else None


def _same(space: Space, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and bool(np.abs(space.encode(a) - space.encode(b)).max() <= CLOSE)
