"""Evolution: let good configurations have children, and let the old ones die.

A child takes each coordinate from one of two parents (uniform crossover), then some coordinates change at random
(mutation):

    u_child[j] = u_a[j] or u_b[j], each with probability 1/2        then, for a few j,  u_child[j] += s N(0, 1)

u is a point of the unit cube, one coordinate j for each of d dimensions; s, the size of a step, is drawn anew for every
child between 0.3 and 0.003, evenly on the log scale, so that some children explore and others refine. A parent is the
best of a few members of the population drawn at random (tournament selection), and the population is the latest trials
(ageing: a lucky value is forgotten) or the best ones. There is no model, so choosing costs next to nothing. It needs
only that children resemble their parents in what made these good.

Goldberg and Deb (1991) for tournaments; Real et al. (2019) for ageing. Chapter 5.
"""

from __future__ import annotations

import numpy as np

from hpt_lab.space import Categorical, Params, Space
from hpt_lab.space.dimensions import integer
from hpt_lab.strategies.random import QuasiRandomSearch
from hpt_lab.strategies.untried import Memory
from hpt_lab.study import History, Suggestion, Trial

STEPS = (0.003, 0.3)  # smallest and largest mutation, in lengths of the unit interval
ATTEMPTS = 20  # children drawn before a combination is tried twice


class GeneticAlgorithm:
    """Suggest the children of good trials.

    Parameters
    ----------
    population_size : int
        How many trials may be parents; as many quasi-random ones come first.
    tournament_size : int
        How many members compete to be a parent: more is greedier.
    crossover : float
        Probability that a child has two parents.
    ageing : bool
        Whether the population is the latest trials, or the best ones.

    Raises
    ------
    ValueError
        If a size is too small, the tournament larger than the population, or the probability outside [0, 1].
    """

    def __init__(
        self, population_size: int = 20, tournament_size: int = 5, crossover: float = 0.5, ageing: bool = False
    ) -> None:
        if integer("GeneticAlgorithm: population_size", population_size) < 2:
            raise ValueError(f"GeneticAlgorithm: population_size={population_size} must be at least 2")
        if not 1 <= integer("GeneticAlgorithm: tournament_size", tournament_size) <= population_size:
            raise ValueError(
                f"GeneticAlgorithm: tournament_size={tournament_size} must be between 1 and the "
                f"population_size={population_size}"
            )
        if not 0 <= crossover <= 1:
            raise ValueError(f"GeneticAlgorithm: crossover={crossover} must be between 0 and 1")
        self.population_size, self.tournament_size = population_size, tournament_size
        self.crossover, self.ageing = crossover, ageing
        self._texts = Memory(Space.to_json)

    def suggest(self, history: History) -> Suggestion:
        if len(history.trials) < self.population_size or len(history.finished) < 2:
            return QuasiRandomSearch().suggest(history)
        rng, space = history.rng, history.space
        alive = history.finished[-self.population_size :] if self.ageing else history.ranked[: self.population_size]
        place = {trial.number: i for i, trial in enumerate(history.ranked)}

        def parent() -> Trial:
            rivals = rng.choice(len(alive), size=min(self.tournament_size, len(alive)), replace=False)
            return min((alive[i] for i in rivals), key=lambda trial: place[trial.number])

        tried = set(self._texts(space, history.trials))
        for _ in range(ATTEMPTS):
            mother, father = parent(), parent()
            child, parents = mother.params, [mother.number]
            if rng.random() < self.crossover:
                child, parents = mate(space, child, father.params, rng), [mother.number, father.number]
            child = mutate(space, child, rng)
            if space.to_json(child) not in tried:
                break
        return Suggestion(child, info={"parents": parents})

    def __repr__(self) -> str:
        return f"GeneticAlgorithm(population_size={self.population_size}, ageing={self.ageing})"


def mate(space: Space, one: Params, other: Params, rng: np.random.Generator) -> Params:
    """Uniform crossover: each coordinate from one of the two; a dimension active in one parent only is that one's."""
    u, v = space.encode(one), space.encode(other)
    in_one, in_other = space.active(one), space.active(other)
    from_one = np.where(in_one == in_other, rng.random(len(u)) < 0.5, in_one)
    return space.decode(np.where(from_one, u, v))


def mutate(space: Space, params: Params, rng: np.random.Generator) -> Params:
    """Change each coordinate with probability 1/d, and at least one of the active ones.

    A number takes a normal step, reflected at the bounds; a choice is drawn anew among the others. A dimension that
    becomes active by the mutation of its parent is drawn uniformly.
    """
    u, active = space.encode(params), space.active(params)
    low, high = np.log(STEPS)
    step = np.exp(low + (high - low) * rng.random())
    chosen = active & (rng.random(len(u)) < 1 / active.sum())
    chosen[rng.choice(np.flatnonzero(active))] = True
    u = np.where(active, u, rng.random(len(u)))
    for j in np.flatnonzero(chosen):
        dimension = space[list(space)[j]]
        n = dimension.size
        if isinstance(dimension, Categorical):
            u[j] = (u[j] + rng.integers(1, max(n, 2)) / n) % 1.0
        else:
            moved = u[j] + max(step, 1 / n) * rng.standard_normal()
            u[j] = 1 - abs(1 - moved % 2)  # a triangle wave reflects at 0 and 1
    return space.decode(np.round(u, 9))
