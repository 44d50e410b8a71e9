"""A short race in the page, against the stored searches of the lab's own strategies: three problems, six seeds, 20 trials."""

import time

import numpy as np

from hpt_lab.strategies import RandomSearch  # noqa: F401  # for the reader's code
from hpt_lab.tools.race.board import Result
from hpt_lab.tools.race.searches import LAB, Search, lab_losses, random_loss, suite

PROBLEMS, SEEDS, N_TRIALS = ("branin", "svm_digits", "forest_boston"), range(6), 20


def race(strategy, name="yours"):
    """Return the board of a race of one strategy against the lab's.

    It runs here, in one process, without the checks of `hpt.race`: no time limit, no replay, no disguised problems.
    """
    problems = [suite()[one] for one in PROBLEMS]
    random, optimum = (
        [random_loss(problem, N_TRIALS) for problem in problems],
        [problem.optimum for problem in problems],
    )
    losses, seconds = {}, {}
    for one in LAB:
        losses[one], seconds[one] = lab_losses(one, problems, list(SEEDS), N_TRIALS, lambda *_: None)
    begun = time.perf_counter()
    losses[name] = np.array(
        [[Search(problem, seed).run(strategy, N_TRIALS)[-1] for seed in SEEDS] for problem in problems]
    )
    seconds[name] = (time.perf_counter() - begun) / (len(PROBLEMS) * len(SEEDS) * N_TRIALS)
    kept = {one: tuple(map(tuple, np.asarray(found).tolist())) for one, found in losses.items()}
    return Result(PROBLEMS, tuple(SEEDS), N_TRIALS, tuple(random), tuple(optimum), kept, seconds, (name,), {}, {})
