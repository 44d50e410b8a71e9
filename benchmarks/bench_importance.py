"""How often the truth lies within two errors of `hpt.importance`: on functions whose shares are known in closed form.

    python benchmarks/bench_importance.py            twenty searches each, seeds 0 to 19: minutes
    python benchmarks/bench_importance.py 100 40     forty searches each, from seed 100 on

After random and quasi-random trials, of which the errors should cover 0.9 to 0.97 over the functions, and after searches that
looked at their trials, of which they cover less: the number in the warning is the one here. A column is a function, the
last are all of them, in all searches and in those with a warning.
"""

import math
import sys
import warnings

import numpy as np
import pytest

import hpt_lab as hpt

WEIGHTS = np.array([4.0, 3.0, 2.0, 1.0, 0.0])
DULL = np.array([0.0, 1.0, 4.5, 9.0])  # the larger, the less a hyperparameter of the g-function matters
RATES = np.array([3.0, 2.0, 1.0])
PI = math.pi


def ishigami(x):
    """As Ishigami and Homma (1990) have it, from -pi to pi."""
    a, b, c = PI * (2 * x - 1)
    return math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)


def of_product(relative):
    """The shares of a product of independent factors, from the squared relative deviation of each."""
    return relative / (np.prod(1 + relative) - 1)


VARIANCE = 0.5 * (1 + 0.1 * PI**4 / 5) ** 2 + 49 / 8 + 0.01 * PI**8 * (1 / 18 - 1 / 50)
FUNCTIONS = {  # each takes points of the unit cube, and what each hyperparameter explains
    "additive": (lambda x: WEIGHTS @ x, WEIGHTS**2 / (WEIGHTS**2).sum()),
    "ishigami": (ishigami, np.array([0.5 * (1 + 0.1 * PI**4 / 5) ** 2, 49 / 8, 0.0]) / VARIANCE),
    "g": (lambda x: np.prod((abs(4 * x - 2) + DULL) / (1 + DULL)), of_product(1 / (3 * (1 + DULL) ** 2))),
    "skewed": (
        lambda x: math.exp(RATES @ x),
        of_product(RATES / 2 * (np.exp(RATES) + 1) / (np.exp(RATES) - 1) - 1),  # E[e^2cx] / E[e^cx]^2 - 1
    ),
}
SEARCHES = {
    "random": hpt.RandomSearch(),
    "quasi-random": hpt.QuasiRandomSearch(),
    "TPE": hpt.TPE(),
    "Bayesian opt.": hpt.BayesianOptimization(),
}


def searched(name, strategy, n, seed):
    """A study of `n` trials of a function."""
    function, shares = FUNCTIONS[name]
    space = hpt.Space({f"x{i}": hpt.Float(0, 1) for i in range(len(shares))})
    study = hpt.Study(space, strategy, seed=seed)
    for _ in range(n):
        trial = study.ask()
        study.tell(trial, float(function(np.array(list(trial.params.values())))))
    return study


def misses(name, study):
    """How many errors each share, and the rest, is away from the truth; and whether there was a warning."""
    shares = FUNCTIONS[name][1]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = hpt.importance(study)
    away = [abs(found.shares[key] - truth) / found.errors[key] for key, truth in zip(study.space, shares, strict=True)]
    return [*away, abs(found.rest - 1 + shares.sum()) / found.rest_error], bool(caught)


@pytest.mark.benchmark
def test_two_errors_cover_most_shares():
    for search in ("random", "quasi-random"):
        covered = []
        for name in FUNCTIONS:
            found = [misses(name, searched(name, SEARCHES[search], 40, seed))[0] for seed in range(10)]
            covered.append((np.array(found) <= 2).mean())
        assert 0.9 <= np.mean(covered) < 1, (search, covered)


if __name__ == "__main__":
    first, n_searches = [*map(int, sys.argv[1:]), *(0, 20)[len(sys.argv) - 1 :]]
    print(" " * 20, *(f"{name:>9}" for name in FUNCTIONS), "      all   warned     of it   within 3, 4, 6 of it")
    for search, strategy in SEARCHES.items():
        for n in (40, 120) if search != "Bayesian opt." else (40,):
            rows = [
                [misses(name, searched(name, strategy, n, seed)) for seed in range(first, first + n_searches)]
                for name in FUNCTIONS
            ]
            by = [np.mean([np.mean(np.array(away) <= 2) for away, _ in row]) for row in rows]
            caught = [away for row in rows for away, warned in row if warned]
            within = [
                np.mean([np.mean(np.array(away) <= k) for away in caught]) if caught else math.nan for k in (2, 3, 4, 6)
            ]
            cells = "".join(
                f"{value:10.3f}" for value in (*by, np.mean(by), len(caught) / len(rows) / n_searches, *within)
            )
            print(f"{search:14}{n:6}{cells}", flush=True)
