"""Checks that a strategy is one: a function of the history, which knows about the problems only what its trials showed.

Three checks, each in a process that has not seen the strategy's searches:

    replay       the same trials, shown to a fresh object, after other histories, in a different order: the same suggestion
    other names  the same trials, their hyperparameters called h00, h01, ... (in the same alphabetical order): the same
    disguise     the same spaces and losses, every axis flipped and shifted at random: equally good scores, apart from luck

The replay finds strategies that keep state, read the clock, or use a global random generator or the order of a set. Other
names find those that look a problem up by its hyperparameters (or treat `learning_rate` specially: in the race, knowledge
comes from trials). The disguise finds those that know a problem by any other sign, such as its bounds, and suggest a
remembered optimum, first or last, with or without a search of their own. The disguise is drawn again for each race.

No check finds everything. The problems are public, with all of their losses: a strategy that holds the tables and sees
through a disguise by the first losses, or that cheats on one problem in twelve, is found only by reading its code.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hpt_lab.tools.race.entry import Refused
from hpt_lab.tools.race.process import StrategyProcess
from hpt_lab.tools.race.score import error
from hpt_lab.tools.race.searches import Search
from hpt_lab.space import Space
from hpt_lab.study import Suggestion, Trial
from hpt_lab.values.checks import short
from hpt_lab.values.lazy import special

CLOSE = 1e-6  # in the unit cube: suggestions that differ by less are the same, since the order of sums may vary
N_SHOWN = 6  # histories of a search that are shown again, besides the first two
FAIR = 15.0  # points that an honest strategy may lose in a disguise: the cut hurts those that rely on neighbors
LEVEL = 1e-3  # maximum probability, each time we look, that an honest strategy loses more by luck alone
N_LOOKS = 6  # how often we look: a strategy that knows an optimum shows it early, or in the end
FEWEST = 12  # searches in disguise: with fewer, we know too little


def lengths(n_trials: int, ended: bool = False) -> list[int]:
    """Return the numbers of trials shown in the replays, including all if the search has `ended`, since it must end again."""
    # many first, so that a fresh object has not seen the beginning
    some = {0, min(1, n_trials - 1)} | {(n_trials - 1) * part // N_SHOWN for part in range(1, N_SHOWN + 1)}
    return sorted(some | ({n_trials} if ended else set()), reverse=True)


def check_replay(strategy: StrategyProcess, search: Search, trials: Sequence[Trial], n_shown: int) -> None:
    """Raise Refused unless the strategy, shown the first `n_shown` trials, suggests the next one again, or ends with them."""
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
    """Raise Refused unless the strategy suggests the same when the hyperparameters have other names."""
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
        check_replay(strategy, search, trials, n_shown)  # with the original names: perhaps it has a memory
        wrong += f" where the hyperparameters are called {', '.join(space)}"
        raise Refused(f"{wrong}: it must not go by their names ({search}, trial {n_shown})")


def check_disguise(scores: np.ndarray, in_disguise: np.ndarray) -> None:
    """Raise Refused if scores fall too far in disguise; both arrays are (n_problems, n_seeds, n_trials), and paired."""
    n_searches, n_trials = in_disguise[..., 0].size, in_disguise.shape[-1]
    if n_searches < FEWEST:
        return
    # scores below 0 count as 0, so that no unlucky search weighs more than others; so does NaN, before a success
    real, hidden = (np.fmax(one, 0.0).reshape(n_searches, n_trials) for one in (scores, in_disguise))
    beyond = special.stdtrit(n_searches - 1, 1 - LEVEL)
    for n in sorted({math.ceil(n_trials * look / N_LOOKS) for look in range(1, N_LOOKS + 1)}):
        lost = real[:, n - 1] - hidden[:, n - 1]
        if lost.mean() - beyond * error(lost) > FAIR:
            score, disguised = real[:, n - 1].mean(), hidden[:, n - 1].mean()
            why = "where every axis is flipped and shifted: it knows more about the problems than its histories show"
            raise Refused(f"it scores {score:.0f} after {n} trials, and {disguised:.0f} in disguise, {why}")


def _params(suggestion: Suggestion | None) -> Mapping[str, Any] | None:
    return None if suggestion is None else suggestion.params


def _next(trials: Sequence[Trial], n_shown: int) -> Mapping[str, Any] | None:
    return trials[n_shown].params if n_shown < len(trials) else None


def _same(space: Space, a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and bool(np.abs(space.encode(a) - space.encode(b)).max() <= CLOSE)
