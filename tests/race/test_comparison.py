import numpy as np
import pandas as pd
import pytest

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.loop.comparison import compare, paired, summary, win_rate
from hpt_lab.problems import Problem, Table
from hpt_lab.study import Suggestion
from hpt_lab.tools.race.searches import Search


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    strategies = {"grid": hpt.GridSearch(resolution=3), "random": hpt.RandomSearch()}
    return compare(strategies, problems.branin(), n_trials=15, seeds=4, progress=False)


@pytest.fixture
def noisy() -> Problem:
    """One hyperparameter of three values, two seeds that disagree about the best, budgets 1 and 3."""
    space = hpt.Space(a=hpt.Int(0, 2))
    full = np.array([[0.0, 1.0, 5.0], [4.0, 2.0, 3.0]])
    table = Table(space, np.stack([full + 10, full], axis=1), budgets=(1, 3))
    return Problem("noisy", space, 1.5, {"a": 1}, "loss", table=table)


def test_frame_has_a_row_for_each_strategy_seed_and_trial(frame):
    assert list(frame["strategy"].unique()) == ["grid", "random"]
    assert len(frame) == 2 * 4 * 15
    assert frame.groupby(["strategy", "seed"])["trial"].apply(list).map(lambda t: t == list(range(1, 16))).all()


def test_incumbent_is_the_running_minimum_and_regret_its_distance_to_the_optimum(frame):
    for _, run in frame.groupby(["strategy", "seed"]):
        running = np.fmin.accumulate(run["loss"].to_numpy())
        np.testing.assert_array_equal(run["incumbent"], running)
        np.testing.assert_allclose(run["regret"], running - problems.branin().optimum, atol=1e-9)
        assert (run["regret"] >= 0).all()
        np.testing.assert_array_equal(run["cost"], np.minimum(run["trial"], run["loss"].notna().sum()))


def test_losses_are_those_of_the_study_with_that_seed(frame):
    problem = problems.branin()
    study = hpt.tune(problem, problem.space, hpt.RandomSearch(), 15, seed=2, progress=False)
    ours = frame.query("strategy == 'random' and seed == 2")["loss"]
    assert list(ours) == [trial.value for trial in study.trials]


def test_a_strategy_that_ends_early_keeps_its_incumbent(frame):
    grid = frame.query("strategy == 'grid' and seed == 0")
    assert grid["loss"].notna().sum() == 9
    assert grid["loss"][9:].isna().all()
    assert (grid["incumbent"][8:] == grid["loss"].min()).all()


def test_same_seed_same_frame(frame):
    strategies = {"random": hpt.RandomSearch(), "grid": hpt.GridSearch(resolution=3)}
    again = compare(strategies, problems.branin(), n_trials=15, seeds=[3, 2, 1, 0], progress=False)
    key = ["strategy", "seed", "trial"]
    pd.testing.assert_frame_equal(frame.sort_values(key, ignore_index=True), again.sort_values(key, ignore_index=True))


def test_regret_is_counted_from_the_seed_that_was_seen_and_expected_loss_from_all_seeds(noisy):
    frame = compare({"grid": hpt.GridSearch()}, noisy, n_trials=3, seeds=3, progress=False)
    by_seed = [run for _, run in frame.groupby("seed")]
    assert list(by_seed[0]["incumbent"]) == [0, 0, 0]
    assert list(by_seed[0]["regret"]) == [0, 0, 0]
    assert list(by_seed[0]["expected_loss"]) == [2, 2, 2]
    assert list(by_seed[1]["incumbent"]) == [4, 2, 2]
    assert list(by_seed[1]["regret"]) == [2, 0, 0]
    assert list(by_seed[1]["expected_loss"]) == [2, 1.5, 1.5]
    assert list(by_seed[2]["loss"]) == list(by_seed[0]["loss"])  # seed 2 sees repetition 2 modulo 2


class CheapThenFull:
    """Look at a = 0 and a = 2 cheaply, then train a = 2 in full."""

    def suggest(self, history):
        plan = [Suggestion({"a": 0}, 1), Suggestion({"a": 2}, 1), Suggestion({"a": 2}, 3)]
        return plan[len(history.trials)] if len(history.trials) < 3 else None


def test_budgets_are_summed_and_the_incumbent_is_that_of_the_highest_budget(noisy):
    strategies = {"cheap": CheapThenFull(), "grid": hpt.GridSearch()}
    frame = compare(strategies, noisy, n_trials=4, seeds=[0], progress=False)
    cheap, grid = (frame[frame["strategy"] == name] for name in strategies)
    assert list(cheap["cost"]) == [1, 2, 5, 5]
    assert list(cheap["incumbent"]) == [10, 10, 5, 5]
    assert list(cheap["expected_loss"]) == [12, 12, 4, 4]
    assert list(grid["cost"]) == [3, 6, 9, 9]


class Unwilling:
    """Suggests what no table holds, then what it holds, then nothing; or nothing at all."""

    def __init__(self, *plan):
        self.plan = plan

    def suggest(self, history):
        n = len(history.trials)
        return Suggestion({"a": 1}, self.plan[n]) if n < len(self.plan) else None


def test_failed_trials_cost_their_budget_and_rows_go_on_after_the_end(noisy):
    frame = compare({"some": Unwilling(2, 3), "none": Unwilling()}, noisy, n_trials=3, seeds=1, progress=False)
    assert list(frame["trial"]) == [1, 2, 3, 1, 2, 3]
    assert list(frame["cost"]) == [2, 5, 5, 0, 0, 0]
    nan = pytest.approx(float("nan"), nan_ok=True)
    assert list(frame["loss"]) == [nan, 1.0, nan, nan, nan, nan]
    for column, value in {"incumbent": 1.0, "regret": 1.0, "expected_loss": 1.5}.items():
        assert list(frame[column]) == [nan, value, value, nan, nan, nan]


def test_incumbent_agrees_with_the_history(noisy):
    study = hpt.Study(noisy.space, CheapThenFull())
    incumbents = []
    for _ in range(3):
        trial = study.ask()
        study.tell(trial, noisy(trial.params, trial.budget, 0))
        incumbents.append(study.best_value)
    frame = compare({"cheap": CheapThenFull()}, noisy, n_trials=3, seeds=[0], progress=False)
    assert list(frame["incumbent"]) == incumbents


def test_an_interrupt_ends_the_comparison_instead_of_one_of_its_runs():
    class Interrupted:
        def suggest(self, history):
            if len(history.trials) == 2:
                raise KeyboardInterrupt
            return Suggestion(history.space.sample(history.rng))

    with pytest.raises(KeyboardInterrupt):
        compare({"interrupted": Interrupted()}, problems.branin(), n_trials=4, seeds=1, progress=False)
    with pytest.raises(KeyboardInterrupt):
        Search(problems.branin(), 0).run(Interrupted(), 4)


def test_summary_is_that_of_the_rows(frame):
    table = summary(frame, at=[1, 15])
    assert list(table.columns) == ["strategy", "trial", "n_seeds", "n_trainings", "mean", "sd", "se", "median"]
    rows = list(zip(table["strategy"], table["trial"], strict=True))
    assert rows == [(name, trial) for name in ("grid", "random") for trial in (1, 15)]
    values = frame.query("strategy == 'random' and trial == 15")["incumbent"].to_numpy()
    row = table.iloc[3]
    assert row["mean"] == pytest.approx(values.mean())
    assert row["sd"] == pytest.approx(values.std(ddof=1))
    assert row["se"] == pytest.approx(values.std(ddof=1) / 2)
    assert row["median"] == pytest.approx(np.median(values))
    assert table.iloc[0]["sd"] == 0  # the grid does not depend on the seed
    pd.testing.assert_frame_equal(summary(frame), summary(frame, at=15))
    pd.testing.assert_frame_equal(summary(frame), summary(frame, at=frame["trial"].max()))


def test_searches_of_the_same_training_are_averaged_before_their_error(noisy):
    frame = compare({"random": hpt.RandomSearch()}, noisy, n_trials=1, seeds=[0, 1, 2, 4, 5], progress=False)
    assert list(frame["training"]) == [0, 1, 0, 0, 1]
    row = summary(frame, metric="loss").iloc[0]
    by_training = [frame["loss"][frame["training"] == training].mean() for training in (0, 1)]
    assert (row["n_seeds"], row["n_trainings"]) == (5, 2)
    assert row["mean"] == pytest.approx(np.mean(by_training))
    assert row["se"] == pytest.approx(np.ptp(by_training) / 2)
    assert row["sd"] == pytest.approx(frame["loss"].std())
    whole = summary(frame.drop(columns="training"), metric="loss").iloc[0]
    assert (whole["n_trainings"], whole["mean"]) == (5, pytest.approx(frame["loss"].mean()))


def test_a_seed_sees_the_training_of_its_remainder_and_a_formula_has_none(noisy):
    assert [noisy.training(seed) for seed in (0, 1, 2, 5)] == [0, 1, 0, 1]
    assert problems.branin().training(7) == 0
    frame = compare({"random": hpt.RandomSearch()}, problems.branin(), n_trials=1, seeds=3, progress=False)
    assert list(frame["training"]) == [0, 1, 2]  # without noise, each search counts
    with pytest.raises(ValueError, match="noisy: seed=-1"):
        noisy.training(-1)


def test_paired_differences_count_their_trainings():
    found = paired([1.0, 3.0, 5.0, 9.0], trainings=[7, 7, 2, 2])
    assert found == (4.5, 2.5, 2)
    assert found.margin == pytest.approx(2.5 * 13.968, rel=1e-4)  # Student's t with one degree of freedom
    assert paired(iter([1.0, 3.0, 5.0, 9.0])) == (4.5, pytest.approx(np.std([1, 3, 5, 9], ddof=1) / 2), 4)
    assert paired(np.arange(400.0)).margin == pytest.approx(2 * paired(np.arange(400.0)).error, rel=0.01)


def test_the_margin_holds_the_mean_19_times_of_20_where_the_error_over_searches_does_not():
    rng, hits, naive = np.random.default_rng(0), 0, 0
    trainings = np.arange(40) % 3
    for _ in range(1000):
        differences = rng.normal(size=3)[trainings] + rng.normal(size=40)
        by_training, by_search = paired(differences, trainings), paired(differences)
        hits += abs(by_training.mean) < by_training.margin
        naive += abs(by_search.mean) < by_search.margin
    assert 930 < hits < 975
    assert naive < 600


@pytest.mark.parametrize(
    ("differences", "trainings", "wrong"),
    [
        ([1.0, 2.0], [0, 0], "1 independent part"),
        ([], None, "0 independent"),
        ([1.0, 2.0], [0], "`trainings` has length 1 but"),
    ],
)
def test_paired_needs_two_trainings(differences, trainings, wrong):
    with pytest.raises(ValueError, match=f"paired: .*{wrong}"):
        paired(differences, trainings)


def test_win_rate_counts_seeds_and_halves_draws():
    rows = [
        {"strategy": name, "seed": seed, "trial": 1, "incumbent": loss}
        for name, losses in {"a": [1, 2, 3, 4], "b": [2, 2, 2, 5]}.items()
        for seed, loss in enumerate(losses)
    ]
    frame = pd.DataFrame(rows)
    assert win_rate(frame, "a", "b") == 0.625
    assert win_rate(frame, "b", "a") == 0.375
