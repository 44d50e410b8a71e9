"""Evolution: let good configurations have children, and let the others die.

    crossover    u_child[j] = u_a[j] or u_b[j], each with probability 1/2: from one of two parents
    mutation     then, for a few j, u_child[j] += s N(0, 1)
    spread       with several objectives, for half of the j, u_child[j] += (b - 1) / 2 (u_child[j] - u_other[j])

u is a point of the unit cube, with a coordinate j for each of d dimensions; s, the size of a step, is drawn for every
child from 0.003 to 0.3, evenly on a log scale, so that some children explore and others refine. A parent is the best of
a few members of the population drawn at random (tournament selection: Goldberg and Deb 1991), and the population is the
latest trials (aging: a lucky value is forgotten; Real et al. 2019) or the best ones. There is no model, so suggesting
costs almost nothing. It only requires that children inherit what made their parents good.

With several objectives, the best trials are spread over a front. What they agree on is then as good as settled, and where
they differ there is a choice: so a child moves by a share of the difference between its parents (simulated binary
crossover: Deb and Agrawal 1995), whose median is b = 1, and few are far from it. Chapter 5.
"""

from bisect import insort
from itertools import islice

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.space.bins import reflect
from hpt_lab.strategies.candidates import Tried, first_untried, start
from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.study.lens import in_order
from hpt_lab.values.checks import finite, flag, integer

STEPS = (0.003, 0.3)  # smallest and largest mutation, as shares of the unit interval
ATTEMPTS = 20  # children drawn before any new combination is accepted
NARROW = 5  # the larger, the closer is a child of a front to one of its parents


class GeneticAlgorithm:
    """Suggest children of good trials, no combination twice; None once all of a finite space has been tried.

    Raises ValueError or TypeError if an argument is out of range or of the wrong type.

    Parameters
    ----------
    population_size : int, the number of trials that may be parents, at least 2
        As many quasi-random trials come first, with several objectives half as many.
    tournament_size : int, the number of members that compete to be a parent, from 1 to the population size; more is greedier
    crossover : float, the probability that a child has two parents
        With several objectives, it always has two, and this is the probability that it is not mutated as well.
    ageing : bool, whether the population is the latest trials instead of the best ones
    """

    def __init__(
        self, population_size: int = 20, tournament_size: int = 5, crossover: float = 0.5, ageing: bool = False
    ) -> None:
        who = "GeneticAlgorithm"
        self.population_size = integer(f"{who}: population_size", population_size, least=2)
        self.tournament_size = integer(f"{who}: tournament_size", tournament_size, 1, self.population_size)
        self.crossover = finite(f"{who}: crossover", crossover, least=0, most=1)
        self.ageing = flag(f"{who}: ageing", ageing)

    def suggest(self, history: History) -> Suggestion | None:
        """Return a child, with its parents in `info`, or a quasi-random point before there is a population."""
        several, history = history.directions.several, in_order(history)
        best, first = history.index(Ranked).trials, self.population_size // (1 + several)
        if len(history.trials) < first or len(best) < 2:
            return first_untried(history, start(history))
        rng, space, tried, size = history.rng, history.space, history.index(Tried), self.population_size
        latest = (trial for trial in reversed(history.trials) if trial.state == "complete")
        alive = list(islice(latest, size))[::-1] if self.ageing else best[:size]

        def parent() -> Trial:
            rivals = rng.choice(len(alive), size=min(self.tournament_size, len(alive)), replace=False)
            return min((alive[i] for i in rivals), key=lambda trial: (history.rank(trial), trial.number))

        for _ in range(ATTEMPTS):
            mother, father = parent(), parent()
            crossed = rng.random() < self.crossover
            two = several or crossed
            child = mate(space, mother.params, father.params, rng, several) if two else mother.params
            if not (several and crossed):
                child = mutate(space, child, rng)
            if child not in tried:
                return Suggestion(child, info={"parents": [mother.number, father.number][: 1 + two]})
        return first_untried(history, [], parents=[])

    def __repr__(self) -> str:
        return f"GeneticAlgorithm({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


def mate(space: Space, one: Params, other: Params, rng: np.random.Generator, spread: bool = False) -> Params:
    """Return a uniform crossover: each coordinate from one of the two, or from the only parent in which it is active.

    With `spread`, half of the numbers that are active in both then move from or to the other parent's, reflected at the ends.
    """
    u, v = space.encode(one), space.encode(other)
    in_one, in_other = space.active(one), space.active(other)
    from_one = np.where(in_one == in_other, rng.random(len(u)) < 0.5, in_one)
    child = np.where(from_one, u, v)
    if spread:
        q = rng.random(len(u))
        b = np.where(q < 0.5, 2 * q, 0.5 / (1 - q)) ** (1 / (NARROW + 1))
        moves = in_one & in_other & ~space.cube.choices & (rng.random(len(u)) < 0.5)
        child = np.round(np.where(moves, reflect(child + (b - 1) / 2 * (2 * child - u - v)), child), 9)
    return space.decode(child)


def mutate(space: Space, params: Params, rng: np.random.Generator) -> Params:
    """Return a mutation: each active coordinate changes with probability 1 over their number, and at least one does.

    A number takes a normal step of at least the distance between values; a choice becomes one of the others. A dimension
    that becomes active through the mutation of its parent is drawn uniformly.
    """
    u, active = space.encode(params), space.active(params)
    step = np.exp(rng.uniform(*np.log(STEPS)))
    chosen = active & (rng.random(len(u)) < 1 / active.sum())
    chosen[rng.choice(np.flatnonzero(active))] = True
    u = np.where(active, u, rng.random(len(u)))
    for j, dimension in enumerate(space.dimensions.values()):
        if chosen[j]:
            u[j] = dimension.neighbour(u[j], max(step, 1 / dimension.size), rng)
    return space.decode(np.round(u, 9))


class Ranked:
    """An index of the complete trials, best first: `History.ranked`."""

    def __init__(self, history: History) -> None:
        self.trials: list[Trial] = []
        self._rank = history.without_trials.rank

    def add(self, place: int, trial: Trial) -> None:
        if trial.state == "complete":
            insort(self.trials, trial, key=lambda other: (self._rank(other), other.number))
