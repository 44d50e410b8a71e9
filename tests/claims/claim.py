"""A claim of the book as a function of seeds: it repeats its experiment on a block of seeds that nobody chose.

    @claim("02_grid_search/04_random_search", n_seeds=40, rival=instead("regret", name="grid"))
    def random_search_wins_where_few_dimensions_matter(seeds):
        \"\"\"Random search wins where few dimensions matter\"\"\"
        wins = [regret("grid", seed) - regret("random", seed) for seed in seeds]
        return effect(wins, "regret saved")

An `Effect` is a mean with its standard error, turned so that the claim says it is above zero. A claim of "no difference"
says within which margin, which is at most a third of the effect of its subject. `make replicate` runs every claim on
three blocks, pools what they show, and writes book/replication.md; the pooled effect decides. The `rival` is what the
claim has to fail with: a test puts it in the place of the subject. What is a fact and no estimate is in test_facts.py.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from hpt_lab.loop.comparison import Paired, paired
from hpt_lab.problems import Problem, Table

BLOCKS = (500_000, 510_000, 520_000)  # where the blocks of fresh seeds begin; the lessons use small seeds
LATER = (600_000, 610_000, 620_000)  # for sentences that were written after BLOCKS had spoken


@dataclass(frozen=True)
class Effect:
    """A mean and its standard error, of a block of seeds or of several.

    Attributes
    ----------
    mean, error : float
        What the seeds show; the standard error is over `n`, its independent parts.
    unit : str
        What is counted.
    n : int
        Independent parts: seeds, or the trainings that the seeds see.
    above : float
        The claim says that the mean is above this ...
    within : float or None
        ... or, if a margin is given, that it is this near to zero.
    shared : bool
        Whether all blocks see the same trainings, so that more blocks do not make them more.
    parts : tuple of (int, float)
        Then the trainings, each with its mean.
    """

    mean: float
    error: float
    unit: str
    n: int
    above: float = 0.0
    within: float | None = None
    shared: bool = False
    parts: tuple[tuple[int, float], ...] = ()

    @property
    def holds(self) -> bool:
        """Two standard errors on the right side; more than two where few parts tell how large the error is."""
        two = Paired(self.mean, self.error, self.n).margin
        return bool(self.mean > self.above + two if self.within is None else abs(self.mean) + two < self.within)

    def __str__(self) -> str:
        return f"{self.mean:.3g} ± {self.error:.2g}"


def pool(blocks: Sequence[Effect]) -> Effect:
    """The effect over all blocks, each weighing by its parts; the same trainings are averaged over the blocks first."""
    if blocks[0].parts:
        names, means = zip(*(part for block in blocks for part in block.parts), strict=True)
        return _effect(paired(means, names), blocks[0].unit, blocks[0].above, blocks[0].within, names, means)
    first, shares = blocks[0], np.array([b.n for b in blocks]) / sum(b.n for b in blocks)
    mean, error = sum(shares * [b.mean for b in blocks]), math.sqrt(sum((shares * [b.error for b in blocks]) ** 2))
    n = sum(b.n - 1 for b in blocks) + 1
    if first.shared:  # a run that was stored without its parts: more blocks did not make its trainings more
        error, n = math.sqrt(sum(shares * np.square([b.error for b in blocks]))), first.n
    return Effect(round(float(mean), 9), round(error, 9), first.unit, n, first.above, first.within)


def _effect(
    found: Paired,
    unit: str,
    above: float,
    within: float | None,
    trainings: Iterable[int] | None,
    values: Sequence[float],
) -> Effect:
    parts: dict[int, list[float]] = {}
    for training, value in zip(trainings or (), values if trainings else (), strict=True):
        parts.setdefault(int(training), []).append(value)
    means = tuple((training, round(float(np.mean(parts[training])), 9)) for training in sorted(parts))
    return Effect(round(found.mean, 9), round(found.error, 9), unit, found.n, above, within, bool(parts), means)


@dataclass(frozen=True)
class Change:
    """Something else in the place of a name, as long as a claim runs."""

    name: str
    other: Any
    arguments: dict[str, Any]

    def place(self, scope: dict[str, Any]) -> tuple[Any, str]:
        """Where the name lives: the module of the claim, or one that it imports."""
        *path, last = self.name.split(".")
        owner = scope[path[0]] if path else sys.modules[scope["__name__"]]
        for part in path[1:]:
            owner = getattr(owner, part)
        return owner, last

    def made_of(self, own: Any) -> Any:
        if not self.arguments:
            return self.other
        signature = inspect.signature(own)

        @functools.wraps(own)
        def changed(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            for key, value in self.arguments.items():
                given = bound.arguments[key]
                bound.arguments[key] = value.get(given, given) if isinstance(value, dict) else value
            return own(*bound.args, **bound.kwargs)

        return changed


def instead(name: str, other: Any = None, /, **arguments: Any) -> tuple[Change, ...]:
    """Another object in the place of `name`, or the same with other arguments (a dict maps those that it names)."""
    return (Change(name, other, arguments),)


def forget(scope: dict[str, Any]) -> None:
    """Clear what the functions of a file of claims remember."""
    for value in list(scope.values()):
        if callable(getattr(value, "cache_clear", None)) and value.__module__ == scope["__name__"]:
            value.cache_clear()


@contextmanager
def asked() -> Iterator[Callable[[int], bool]]:
    """Watch what tables are asked; give whether two of so many seeds must have seen the same training of a table.

    Two seeds were turned into the same training, or fewer trainings of a table were looked at than there are seeds. (The
    mean over all trainings is none, and a report that draws one of them at random each time shows many.)
    """
    seen: dict[int, set[int]] = {}
    mapped: dict[tuple[int, int], set[int]] = {}
    own = {name: getattr(Table, name) for name in ("at", "values")}

    def watched(name: str) -> Callable[..., Any]:
        signature = inspect.signature(own[name])

        def look(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            if bound.arguments["seed"] is not None:
                seen.setdefault(id(args[0].losses), set()).add(bound.arguments["seed"])
            return own[name](*args, **kwargs)

        return look

    own_training = Problem.training

    def training(problem: Problem, seed: int) -> int:
        found = own_training(problem, seed)
        if problem.table is not None:
            mapped.setdefault((id(problem.table.losses), found), set()).add(seed)
        return found

    def shared(n_seeds: int) -> bool:
        return any(len(one) < n_seeds for one in seen.values()) or any(len(seeds) > 1 for seeds in mapped.values())

    with ExitStack() as stack:
        for name in own:
            stack.enter_context(patch.object(Table, name, watched(name)))
        stack.enter_context(patch.object(Problem, "training", training))
        yield shared


@contextmanager
def changed(scope: dict[str, Any], changes: Sequence[Change]) -> Iterator[None]:
    """Make the changes, and let no result that was remembered leak in or out.

    Forgetting comes before the first change and after the last: what stands in the place of a function that remembers
    has no memory of its own to clear.
    """

    with ExitStack() as stack:
        if changes:
            forget(scope)
            stack.callback(forget, scope)
        for change in changes:
            owner, last = change.place(scope)
            stack.enter_context(patch.object(owner, last, change.made_of(getattr(owner, last))))
        yield


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson and the experiment that it stands on.

    Attributes
    ----------
    lesson : str
        The lesson's path below chapters/, without an ending.
    sentence : str
        What is claimed, in the words of the lesson or shorter.
    n_seeds : int
        Seeds of a block.
    fast : bool
        Whether a test runs it too, on the first block: below about a second of CPU.
    rival : tuple of Change
        What the claim has to fail with.
    small : tuple of Change
        What makes a run on few seeds short, for the test that every claim runs.
    few : int
        Seeds with which its rival is seen to fail.
    blocks : tuple of int
        The first seed of each block.
    fallen : str or None
        What the lesson says instead, since the sentence fell or was withdrawn.
    """

    lesson: str
    sentence: str
    n_seeds: int
    fast: bool
    rival: tuple[Change, ...]
    small: tuple[Change, ...]
    few: int
    blocks: tuple[int, ...]
    fallen: str | None
    experiment: Callable[[Sequence[int]], Effect]
    place: tuple[str, int]

    def on(self, first_seed: int, n_seeds: int | None = None, changes: Sequence[Change] = ()) -> Effect:
        return self.with_seeds(range(first_seed, first_seed + (n_seeds or self.n_seeds)), changes)

    def with_seeds(self, seeds: Sequence[int], changes: Sequence[Change] = ()) -> Effect:
        with changed(self.experiment.__globals__, changes):
            return self.experiment(seeds)


CLAIMS: dict[str, Claim] = {}


def claim(
    lesson: str,
    *,
    n_seeds: int = 20,
    fast: bool = False,
    rival: tuple[Change, ...] = (),
    small: tuple[Change, ...] = (),
    few: int = 2,
    blocks: tuple[int, ...] = BLOCKS,
    fallen: str | None = None,
) -> Callable[..., Callable[..., Effect]]:
    """Register a function of seeds, whose docstring begins with its sentence, as a claim of a lesson."""

    def register(experiment: Callable[[Sequence[int]], Effect]) -> Callable[[Sequence[int]], Effect]:
        sentence = (experiment.__doc__ or "").partition("\n")[0]
        place = experiment.__code__.co_filename, experiment.__code__.co_firstlineno
        known = CLAIMS.get(experiment.__name__)
        if known is not None and place != known.place:  # pytest imports a file once more, to look for doctests
            raise ValueError(f"claim: the name {experiment.__name__} must be given once")
        told = lesson, sentence, n_seeds, fast, rival, small, few, blocks, fallen, experiment, place
        CLAIMS[experiment.__name__] = Claim(*told)
        return experiment

    return register


def trainings(seeds: Iterable[int], *problems: Problem) -> list[int]:
    """Which training each seed sees, as a number: two seeds with different numbers share a training of none of the problems."""
    n = math.gcd(*(problem.n_seeds for problem in problems if problem.table))
    return [seed % n for seed in seeds]


def effect(
    differences: Iterable[float],
    unit: str,
    *,
    within: float | None = None,
    trainings: Sequence[int] | None = None,
) -> Effect:
    """The mean of paired differences, one a seed: above zero, or `within` a margin of it.

    Where many seeds see few `trainings` (given one a seed), the error is that over the trainings: see `paired`.
    """
    found = list(differences)
    return _effect(paired(found, trainings), unit, 0.0, within, trainings, found)


def proportion(successes: Iterable[bool], unit: str, *, above: float, trainings: Sequence[int] | None = None) -> Effect:
    """A share of the seeds, in percent, that is claimed to be above `above` (from 0 to 1).

    Its error is at least that of a share of `above`: four of four say little against one half.
    """
    found = np.array(list(successes), float)
    if trainings is not None:
        shares = (100 * found).tolist()
        return _effect(paired(shares, trainings), unit, round(100 * above, 9), None, trainings, shares)
    share = float(found.mean())
    error = math.sqrt(max(share * (1 - share), above * (1 - above)) / len(found))
    return Effect(round(100 * share, 9), round(100 * error, 9), unit, len(found), above=round(100 * above, 9))


def pairwise(distances: np.ndarray, unit: str, *, beyond: float = 0.0, sign: int = 1) -> Effect:
    """The mean distance of two seeds, less `beyond`: a U-statistic, with the error of the jackknife.

    A seed is in n - 1 pairs: the spread of the seeds' own means, over the root of n, would be half of the error.
    """
    n = len(distances)
    sums = distances.sum(axis=1)  # the diagonal is zero
    mean = float(sums.sum() / n / (n - 1))
    without = (sums.sum() - 2 * sums) / (n - 1) / (n - 2)
    error = math.sqrt((n - 1) / n * float(((without - mean) ** 2).sum()))
    return Effect(round(sign * (mean - beyond), 9), round(error, 9), unit, n)
