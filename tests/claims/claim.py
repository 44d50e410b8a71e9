"""A claim of the book as a function of seeds: it repeats its experiment on a block of seeds that nobody chose.

    @claim("02_grid_search/04_random_search", "Random search wins where few dimensions matter", n_seeds=40)
    def random_search_wins_where_few_dimensions_matter(seeds):
        wins = [regret("grid", seed) - regret("random", seed) for seed in seeds]
        return effect(wins, "regret saved")

An `Effect` is a mean with its standard error, turned so that the claim says it is above zero; it holds where the mean is
at least two standard errors above. A claim of "no difference" says within which margin, and holds where the mean and two
standard errors lie inside it. `make replicate` runs every claim on three blocks and writes book/replication.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

BLOCKS = (40_000, 50_000, 60_000)  # where the blocks of fresh seeds begin; the lessons use small seeds
LATER = (100_000, 110_000, 120_000)  # for claims that were written after BLOCKS had spoken


@dataclass(frozen=True)
class Effect:
    """What a block of seeds shows: a mean, its standard error, and whether the claim holds there."""

    mean: float
    error: float
    unit: str
    holds: bool

    def __str__(self) -> str:
        return f"{self.mean:.3g} ± {self.error:.2g}"


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
        Whether `make test` runs it too, on the first block: below about a second of CPU.
    blocks : tuple of int
        The first seed of each block.
    fallen : str or None
        What the lesson says instead, since a block spoke against the sentence.
    """

    lesson: str
    sentence: str
    n_seeds: int
    fast: bool
    blocks: tuple[int, ...]
    fallen: str | None
    experiment: Callable[[Sequence[int]], Effect]
    place: tuple[str, int]

    def on(self, first_seed: int) -> Effect:
        return self.experiment(range(first_seed, first_seed + self.n_seeds))


CLAIMS: dict[str, Claim] = {}


def claim(
    lesson: str,
    sentence: str,
    *,
    n_seeds: int = 20,
    fast: bool = False,
    blocks: tuple[int, ...] = BLOCKS,
    fallen: str | None = None,
) -> Callable[..., Callable[..., Effect]]:
    """Register a function of seeds, named after its sentence, as a claim of a lesson."""

    def register(experiment: Callable[[Sequence[int]], Effect]) -> Callable[[Sequence[int]], Effect]:
        place = experiment.__code__.co_filename, experiment.__code__.co_firstlineno
        known = CLAIMS.get(experiment.__name__)
        if known is not None and place != known.place:  # pytest imports a file once more, to look for doctests
            raise ValueError(f"claim: the name {experiment.__name__} must be given once")
        CLAIMS[experiment.__name__] = Claim(lesson, sentence, n_seeds, fast, blocks, fallen, experiment, place)
        return experiment

    return register


def effect(differences: Iterable[float], unit: str, *, within: float | None = None) -> Effect:
    """The mean of paired differences, one a seed: above zero by two standard errors, or `within` a margin of zero."""
    found = np.array(list(differences), float)
    mean, error = float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found)))
    holds = mean > 2 * error if within is None else abs(mean) + 2 * error < within
    return Effect(round(mean, 9), round(error, 9), unit, bool(holds))


def proportion(successes: Iterable[bool], unit: str, *, above: float) -> Effect:
    """A share of the seeds, in percent, that is claimed to be above `above` (from 0 to 1) by two standard errors."""
    found = np.array(list(successes), float)
    share = float(found.mean())
    error = math.sqrt(max(share * (1 - share), 0.25 / len(found)) / len(found))
    return Effect(round(100 * share, 9), round(100 * error, 9), unit, share - 2 * error > above)
