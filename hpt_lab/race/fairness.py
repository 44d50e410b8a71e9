"""Checks that a strategy is one: a function of the history, which knows of the problems only what its trials told.

Three checks, each in a process that has not seen the strategy's searches:

    replay       the same trials, shown to a fresh object, after other histories, in another order: the same suggestion
    other names  the same trials, their hyperparameters called h00, h01, ... (in the same alphabetical order): the same
    disguise     the same spaces and losses, every axis turned and shifted at random: scores as good, but for luck

The replay finds what keeps state, reads the clock, or draws from a global random generator or the order of a set. The
names find who looks a problem up by its hyperparameters (or treats `learning_rate` in a way of its own: in the race,
knowledge comes from trials), the disguise who knows it by any other sign, such as its bounds, and suggests a remembered
optimum, first or last, with or without a search of its own. The dice of the disguise are thrown anew for each race.

No check finds everything. The problems are public, with all of their losses: a file that holds the tables, and knows a
disguise by the first losses that it sees, or cheats on one problem in twelve, is found by reading it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt_lab.race.entry import Refused
from hpt_lab.race.process import StrategyProcess
from hpt_lab.race.score import error
from hpt_lab.race.searches import Search
from hpt_lab.space import Space
from hpt_lab.study import Suggestion, Trial
from hpt_lab.values.checks import short
from hpt_lab.values.lazy import special

CLOSE = 1e-6  # in the unit cube: suggestions that differ less are the same, since sums may be added in another order
N_SHOWN = 6  # histories of a search that are shown again, and the first two
FAIR = 15.0  # points that an honest strategy may lose by a disguise: the cut hurts those that trust neighbors
LEVEL = 1e-3  # probability, at most, that luck alone takes more from an honest one, each time that we look
N_LOOKS = 6  # numbers of trials after which we look: who knows an optimum says so early, or has it in the end
FEWEST = 12  # searches in disguise: of fewer, too little is known


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


def check_disguise(scores: np.ndarray, in_disguise: np.ndarray) -> None:
    """Refused if the disguise takes more than is fair from the scores: both (n_problems, n_seeds, n_trials), paired."""
    n_searches, n_trials = in_disguise[..., 0].size, in_disguise.shape[-1]
    if n_searches < FEWEST:
        return
    # below 0 counts as 0, so that one unlucky search weighs no more than another; NaN, before a success, as well
    real, hidden = (np.fmax(one, 0.0).reshape(n_searches, n_trials) for one in (scores, in_disguise))
    beyond = special.stdtrit(n_searches - 1, 1 - LEVEL)
    for n in sorted({math.ceil(n_trials * look / N_LOOKS) for look in range(1, N_LOOKS + 1)}):
        lost = real[:, n - 1] - hidden[:, n - 1]
        if lost.mean() - beyond * error(lost) > FAIR:
            of = (
                f"it scores {real[:, n - 1].mean():.0f} after {n} trials, and {hidden[:, n - 1].mean():.0f} in disguise"
            )
            why = "where every axis is turned and shifted: what it knows of the problems, no history has told it"
            raise Refused(f"{of}, {why}")


def _params(suggestion: Suggestion | None) -> Mapping[str, Any] | None:
    return None if suggestion is None else suggestion.params


def _next(trials: Sequence[Trial], n_shown: int) -> Mapping[str, Any] | None:
    return trials[n_shown].params if n_shown < len(trials) else None


def _same(space: Space, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and bool(np.abs(space.encode(a) - space.encode(b)).max() <= CLOSE)
