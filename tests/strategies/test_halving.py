"""Successive halving, Hyperband and ASHA: tables, promotions, purity, what a source sees."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies import rungs as source_module, tpe
from hpt_lab.strategies.rungs import Ladder, source_history

SPACE = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))


def bowl(params, budget):
    return (params["x"] - 0.3) ** 2 + (params["y"] - 0.6) ** 2 + 1 / budget


def search(strategy, n_trials, objective=bowl, **more):
    return hpt.tune(objective, SPACE, strategy, n_trials, progress=False, **more)


def test_hyperband_brackets_are_the_papers_for_81_and_3():
    table = hpt.Hyperband(1, 81).brackets
    assert [[n for n, _ in rungs] for rungs in table] == [[81, 27, 9, 3, 1], [34, 11, 3, 1], [15, 5, 1], [8, 2], [5]]
    assert [[r for _, r in rungs] for rungs in table] == [[1, 3, 9, 27, 81][bracket:] for bracket in range(5)]


@pytest.mark.parametrize(
    ("low", "high", "eta", "budgets"),
    [
        (1, 27, 3, [1, 3, 9, 27]),  # powers of eta stay what they were
        (1, 243, 3, [1, 3, 9, 27, 81, 243]),  # of which a floating logarithm would lose one
        (20, 540, 3, [20, 60, 180, 540]),
        (1, 20, 3, [2, 6, 20]),
        (1, 10, 3, [1, 3, 10]),
        (10, 50, 2, [12, 25, 50]),
        (5, 8, 3, [8]),
        (1, 1, 3, [1]),
    ],
)
def test_every_ladder_ends_at_the_budget_of_a_full_training(low, high, eta, budgets):
    hyperband = hpt.Hyperband(low, high, eta)
    for strategy in (hpt.ASHA(low, high, eta), hyperband, hpt.SuccessiveHalving(99, low, high, eta)):
        assert strategy.budgets == budgets
    assert [budget for _, budget in hyperband.brackets[0]] == budgets
    assert [rungs[-1][1] for rungs in hyperband.brackets] == [high] * len(budgets)
    for n in range(1, 30):
        rungs = hpt.SuccessiveHalving(n, low, high, eta).rungs
        assert rungs[0][0] == n
        assert rungs[-1][1] == high
        assert [budget for _, budget in rungs] == budgets[-len(rungs) :]


@pytest.mark.parametrize("strategy", [hpt.ASHA(1, 20), hpt.Hyperband(1, 20), hpt.SuccessiveHalving(9, 1, 20)])
def test_what_is_delivered_was_trained_in_full(strategy):
    study = search(strategy, 25)
    assert study.best.budget == 20
    assert sorted({trial.budget for trial in study.history.finished}) == [2, 6, 20]


def test_configurations_are_counted_without_their_promotions():
    study = hpt.Study(SPACE, hpt.ASHA(1, 9), start=[{"x": 0.3, "y": 0.6}])
    study.add({"x": 0.5, "y": 0.5}, 1.0)
    assert study.history.n_configs == 0
    hpt.run(study, bowl, 40, progress=False)
    lowest = [trial for trial in study.trials if trial.budget == 1]
    assert study.history.n_configs == len(lowest) < study.history.n_asked == 40
    assert repr(study).startswith(f"Study(ASHA, 41 trials of {len(lowest)} configurations, 0 failed, best_value=")
    assert "configurations" not in repr(hpt.tune(lambda p: p["x"], SPACE, hpt.RandomSearch(), 3, progress=False))


@pytest.mark.parametrize(("n", "eta"), [(27, 3), (9, 3), (16, 2), (64, 4)])
def test_rungs_are_those_of_sklearns_halving_grid_search(n, eta):
    from sklearn.dummy import DummyClassifier
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    rows = 2 * n
    X, y = np.zeros((rows, 1)), np.arange(rows) % 2
    grid = {"random_state": list(range(n))}
    reference = HalvingGridSearchCV(
        DummyClassifier(), grid, factor=eta, min_resources=2, max_resources=rows, cv=2, random_state=0
    ).fit(X, y)
    rungs = hpt.SuccessiveHalving(n, 2, rows, eta=eta).rungs
    assert [count for count, _ in rungs] == reference.n_candidates_
    assert [budget for _, budget in rungs] == reference.n_resources_


def test_successive_halving_promotes_the_best_third_and_ends_after_its_last_rung():
    study = search(hpt.SuccessiveHalving(27, 1, 27), 1000)
    assert Counter(trial.budget for trial in study.trials) == {1: 27, 3: 9, 9: 3, 27: 1}
    for low, high in ((1, 3), (3, 9), (9, 27)):
        below = sorted((t.value, t.number) for t in study.trials if t.budget == low)
        best = {study.trials[number].info["config"] for _, number in below[: len(below) // 3]}
        assert {t.info["config"] for t in study.trials if t.budget == high} == best
    assert study.best.budget == 27


def test_a_rung_waits_for_its_running_trials():
    study = hpt.Study(SPACE, hpt.SuccessiveHalving(3, 1, 3))
    trials = [study.ask() for _ in range(3)]
    with pytest.raises(hpt.NothingToSuggest, match="waits for 3 running"):
        study.ask()
    for trial in trials:
        study.tell(trial, bowl(trial.params, trial.budget))
    assert study.ask().budget == 3


def test_failed_trials_are_never_promoted():
    def fragile(params, budget):
        return float("nan") if params["x"] < 0.5 else bowl(params, budget)

    study = search(hpt.SuccessiveHalving(27, 1, 27), 100, fragile)
    assert len(study.history.failed) > 5
    assert all(trial.params["x"] >= 0.5 for trial in study.trials if trial.budget > 1)


def test_hyperband_with_eight_workers_finishes_every_bracket_it_begins():
    study, running, rng = hpt.Study(SPACE, hpt.Hyperband(1, 9)), [], np.random.default_rng(0)
    for _ in range(200):
        while len(running) < 8:
            running.append(study.ask())
        trial = running.pop(rng.integers(8))
        study.tell(trial, bowl(trial.params, trial.budget))
    reached = Counter((t.info["bracket"], t.info["rung"]) for t in study.trials)
    for bracket in range(5):
        for rung, (n, _) in enumerate(hpt.Hyperband(1, 9).brackets[bracket % 3]):
            assert reached[bracket, rung] == n
    begun = [tuple(trial.params.values()) for trial in study.trials if trial.info["rung"] == 0]
    assert len(set(begun)) == len(begun)


def ladder(*configs, running=(), failed=()):
    """A history of one bracket: each configuration a dict of its values by budget; `running`, `failed`: (config, budget)."""
    trials = []
    for rung, budget in enumerate((1, 3, 9, 27)):
        for config, values in enumerate(configs):
            state = "running" if (config, budget) in running else "failed" if (config, budget) in failed else "complete"
            if budget in values or state != "complete":
                info = {"bracket": 0, "rung": rung, "config": config}
                params, value = {"x": config / 100, "y": 0.5}, values.get(budget)
                trials.append(hpt.Trial(len(trials), params, budget, value, state=state, info=info))
    return hpt.History(SPACE, tuple(trials))


def test_the_source_sees_each_configuration_once_at_the_highest_budget_with_enough_losses():
    study = search(hpt.SuccessiveHalving(27, 1, 27), 39)
    seen = source_history(study.history)
    assert [trial.params for trial in seen.trials] == [trial.params for trial in study.trials[:27]]
    assert {trial.budget for trial in seen.trials} == {3}  # nine losses at 3, only three at 9; four are needed
    told = {trial.info["config"]: trial.value for trial in study.trials if trial.budget == 3}
    assert {trial.info["config"]: trial.value for trial in seen.finished} == told  # nine: nobody else is needed
    assert len(seen.failed) == 18
    assert source_history(replace(study.history, trials=())).trials == ()


def test_while_losses_are_few_who_stopped_early_is_credited_with_the_median_gain_of_those_who_went_on():
    climbed = [{1: 8, 3: 5}, {1: 9, 3: 6}, {1: 10, 3: 9}, {1: 11, 3: 7}]  # gains of -3, -3, -1, -4
    seen = source_history(ladder(*climbed, {1: 20}, {1: 30}))
    assert [trial.value for trial in seen.trials] == [5, 6, 9, 7, 17, 27]


def test_gains_are_added_rung_by_rung_and_taken_off_who_began_above():
    climbed = [{1: 8, 3: 5, 9: 4}] * 4  # gains of -3, then of -1
    seen = source_history(ladder(*climbed, {1: 20}, {3: 20}, {27: 20}))
    assert {trial.budget for trial in seen.trials} == {9}
    assert [trial.value for trial in seen.trials[4:]] == [16, 19, 20]  # nobody was at both 9 and 27: no gain is known
    assert source_history(ladder({1: 8, 3: 5}, {1: 8, 3: 5}, {1: 7}, {1: 6}, {3: 5})).trials[4].value == 8


def test_when_losses_are_enough_who_stopped_early_counts_as_failed_and_who_began_above_does_not():
    climbed = [{1: 8, 3: 5}] * 5
    seen = source_history(ladder(*climbed, {1: 7}, {9: 4}, running=[(5, 3)]))
    assert [trial.state for trial in seen.trials] == ["complete"] * 5 + ["running", "complete"]
    ended = source_history(ladder(*climbed, {1: 7}, {9: 4}))
    assert [trial.state for trial in ended.trials[5:]] == ["failed", "complete"]


def test_the_source_sees_who_trains_its_first_rung_as_running_and_who_failed_as_failed():
    climbed = [{1: 8}] * 4
    seen = source_history(ladder(*climbed, {}, {}, running=[(0, 3), (4, 1)], failed=[(1, 3), (5, 1)]))
    assert [trial.state for trial in seen.trials] == ["complete", "failed", "complete", "complete", "running", "failed"]


def test_random_source_draws_what_random_search_draws():
    study = search(hpt.SuccessiveHalving(9, 1, 9), 9, seed=4)
    alone = hpt.tune(lambda p: 0.0, SPACE, hpt.RandomSearch(), 9, seed=4, progress=False)
    assert [t.params for t in study.trials] == [t.params for t in alone.trials]


def test_a_source_that_ends_is_halved_all_the_same():
    study = search(hpt.SuccessiveHalving(81, 1, 9, source=hpt.GridSearch(resolution=3)), 1000)
    assert Counter(trial.budget for trial in study.trials) == {1: 9, 3: 3, 9: 1}


def test_a_random_source_costs_nothing_to_teach(monkeypatch):
    def credited(history):
        raise AssertionError("nobody looks at the trials")

    monkeypatch.setattr(source_module, "_credited", credited)
    for source in (hpt.RandomSearch(), hpt.QuasiRandomSearch(), hpt.GridSearch(resolution=9)):
        assert len(search(hpt.Hyperband(1, 9, source=source), 60).trials) == 60
    assert len(source_history(ladder({1: 8}, {1: 7})).trials) == 2
    with pytest.raises(AssertionError, match="nobody looks"):
        source_history(ladder({1: 8}, {1: 7})).trials[0]


def test_what_the_source_sees_can_be_sliced_copied_and_compared_like_any_trials():
    seen = source_history(search(hpt.SuccessiveHalving(9, 1, 9), 12).history)
    assert seen.trials[-1] == seen.trials[8]
    assert seen.trials[2:4] == (seen.trials[2], seen.trials[3])
    assert hpt.History(SPACE, tuple(seen.trials)).trials == seen.trials
    assert [t.number for t in seen.trials] == list(range(9))
    with pytest.raises(IndexError):
        seen.trials[9]


def test_a_source_that_learns_encodes_each_configuration_once(monkeypatch):
    encoded = []

    def coordinates(space, points, wrapped=tpe.coordinates):
        encoded.extend(points)
        return wrapped(space, points)

    monkeypatch.setattr(tpe, "coordinates", coordinates)
    study = search(hpt.Hyperband(1, 9, source=hpt.TPE(n_initial=3)), 60)
    drawn = [trial.params for trial in study.trials if trial.info["rung"] == 0]
    assert drawn[: len(encoded)] == encoded
    assert len(encoded) >= len(drawn) - 1


def test_of_equal_losses_the_earlier_is_promoted():
    for strategy in (hpt.SuccessiveHalving(9, 1, 9), hpt.ASHA(1, 9)):
        study = hpt.Study(SPACE, strategy)
        asked = [study.ask() for _ in range(9)]
        for trial in reversed(asked):
            study.tell(trial, 1.0)
        assert [study.ask().info["config"] for _ in range(3)] == [0, 1, 2]


def test_a_promotion_that_fails_is_not_made_again():
    for strategy in (hpt.SuccessiveHalving(9, 1, 9), hpt.ASHA(1, 9)):
        study = hpt.Study(SPACE, strategy)
        for trial in [study.ask() for _ in range(9)]:
            study.tell(trial, trial.number)
        promoted = [study.ask() for _ in range(3)]
        study.tell(promoted[0], error="out of memory")
        assert [trial.info["config"] for trial in promoted] == [0, 1, 2]
        if isinstance(strategy, hpt.ASHA):
            assert study.ask().budget == 1
        else:
            with pytest.raises(hpt.NothingToSuggest, match="waits for 2 running"):
                study.ask()


def test_asha_promotes_one_in_eta_of_the_complete_ones_and_the_highest_rung_first():
    study = hpt.Study(SPACE, hpt.ASHA(1, 9, eta=3))
    asked = [study.ask() for _ in range(9)]
    for trial in asked[:5]:
        study.tell(trial, trial.number)
    assert study.ask().budget == 3  # one third of five is one, whatever runs
    assert study.ask().budget == 1
    for trial in asked[5:]:
        study.tell(trial, trial.number)
    for trial in [study.trials[9], study.ask(), study.ask()]:
        assert trial.budget == 3
        study.tell(trial, trial.number)
    assert study.ask().budget == 9


def test_hyperband_looks_at_no_bracket_that_is_done(monkeypatch):
    """A bracket that waits stays open, and those behind it too; what is done is passed over."""
    study = hpt.Study(SPACE, hpt.Hyperband(1, 9))
    held = study.ask()
    for _ in range(40):
        trial = study.ask()
        study.tell(trial, bowl(trial.params, trial.budget))
    assert max(trial.info["bracket"] for trial in study.trials) > 2
    study.tell(held, 0.0)
    promoted = study.ask()
    assert promoted.info["bracket"] == 0  # its rung is complete now
    study.tell(promoted, 0.0)
    visited = []
    climb = Ladder.climb
    monkeypatch.setattr(Ladder, "climb", lambda self, bracket: visited.append(bracket) or climb(self, bracket))
    for _ in range(200):
        trial = study.ask()
        study.tell(trial, bowl(trial.params, trial.budget))
    visited.clear()
    study.ask()
    assert len(study.trials) > 240
    assert len(visited) <= 3


def test_failed_trials_earn_no_promotions_for_others():
    study = hpt.Study(SPACE, hpt.ASHA(1, 9, eta=3))
    for trial in [study.ask() for _ in range(5)]:
        study.tell(trial, **({"value": trial.number} if trial.number < 2 else {"error": "no"}))
    assert study.ask().budget == 1  # a third of two is none


def test_asha_fills_the_highest_rung_first():
    climbed = [{1: 1, 3: 1}, {1: 2, 3: 2}, {1: 3, 3: 3}]
    both = ladder(*climbed, *({1: 4 + i} for i in range(9)))  # the fourth of twelve, and the first of three may go up
    assert hpt.ASHA(1, 9).suggest(both).budget == 9
    assert hpt.ASHA(1, 3).suggest(both).budget == 3


def test_who_may_still_get_there_counts_as_running():
    """In bracket 1 nobody is beyond its first rung, and its configurations may still reach the budget that teaches."""
    begun = [
        hpt.Trial(10 + i, {"x": 0.5, "y": i / 9}, 1, 7.0, "complete", info={"bracket": 1, "rung": 0, "config": i})
        for i in range(2)
    ]
    before = ladder(*[{1: 8, 3: 5}] * 5)
    seen = source_history(replace(before, trials=[*before.trials, *begun]))
    assert [trial.state for trial in seen.trials] == ["complete"] * 5 + ["running"] * 2
