"""What the outer loop costs: seconds per trial of `tune` and of Optuna's RandomSampler on the same no-op objective.

    python benchmarks/bench_overhead.py

The aim is a fifth of Optuna's; measured, 0.18 to 0.20 at 300 trials and 0.27 to 0.32 at 10,000, where the copy of the history
that every trial makes shows; the test leaves a little room. Both draw the same four hyperparameters, show nothing, and
take turns, after one unmeasured search each.
"""

import time

import optuna
import pytest

import hpt_lab as hpt


def ours(n_trials):
    space = hpt.Space(
        x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True), n=hpt.Int(1, 100), kernel=["linear", "rbf", "poly"]
    )
    hpt.tune(lambda params: 0.0, space, hpt.RandomSearch(), n_trials, progress=False)


def theirs(n_trials):
    def objective(trial):
        trial.suggest_float("x", -5, 5)
        trial.suggest_float("y", 1e-3, 1e3, log=True)
        trial.suggest_int("n", 1, 100)
        trial.suggest_categorical("kernel", ["linear", "rbf", "poly"])
        return 0.0

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).optimize(objective, n_trials)


def race(n_trials, rounds):
    """Least CPU seconds per trial over the rounds, of (ours, theirs)."""
    searches = (ours, theirs)
    for search in searches:
        search(20)
    best = [float("inf")] * 2
    for _ in range(rounds):
        for side, search in enumerate(searches):
            start = time.process_time()
            search(n_trials)
            best[side] = min(best[side], (time.process_time() - start) / n_trials)
    return best


@pytest.mark.benchmark
@pytest.mark.parametrize(("n_trials", "rounds", "at_most"), [(300, 5, 0.22), (10_000, 1, 0.4)])
def test_a_trial_costs_a_fraction_of_optunas(n_trials, rounds, at_most):
    mine, its = race(n_trials, rounds)
    assert mine <= at_most * its


if __name__ == "__main__":
    for n_trials, rounds in ((300, 5), (10_000, 1)):
        mine, its = race(n_trials, rounds)
        print(f"{n_trials} trials: {mine * 1e6:.0f} us a trial, Optuna {its * 1e6:.0f} us, ratio {mine / its:.3f}")
