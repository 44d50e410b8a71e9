"""Population-based training: who copies whom, what a copy holds, and what becomes of members that fail."""

import itertools
import math

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import population_based_training
from hpt_lab.loop.population_based import explored

SPACE = {"rate": hpt.Float(1e-3, 1.0, log=True), "width": hpt.Int(1, 64), "kind": ["a", "b"]}
N, ROUNDS = 8, 6


def train(model, params):
    """Keep what the model was trained with; a loss that depends on all of it."""
    model.append(params)
    return sum(math.log10(p["rate"]) ** 2 + (p["kind"] == "b") + p["width"] / 64 for p in model)


def trained(function=train, space=SPACE, **how):
    return population_based_training(
        lambda i: [], function, space, **{"n_rounds": ROUNDS, "n_members": N, "progress": False, **how}
    )


def rounds(population):
    trials = population.study.trials
    return [trials[start : start + N] for start in range(0, len(trials), N)]


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1), ("maximize", -1)])
def test_the_worst_quarter_continues_from_the_best_and_the_others_from_themselves(direction, sign):
    copied = set()
    all_rounds = rounds(trained(direction=direction))
    assert len(all_rounds) == ROUNDS
    assert all(trial.info["parent"] is None for trial in all_rounds[0])
    for last, now in itertools.pairwise(all_rounds):
        ranked = sorted(last, key=lambda trial: sign * trial.value)
        best, worst = {t.number for t in ranked[:2]}, {t.number for t in ranked[-2:]}
        for before, trial in zip(last, now, strict=True):
            parent = trial.info["parent"]
            if before.number in worst:
                assert parent in best
                copied.add(ranked[0].number == parent)
            else:
                assert parent == before.number
                assert trial.params == before.params
    assert copied == {True, False}  # the two best are drawn from at random


def test_a_model_was_trained_with_the_params_of_its_line_and_no_others():
    population = trained()
    last = rounds(population)[-1]
    assert set(population.models) == {trial.number for trial in last}  # no others are kept
    for trial in last:
        line = population.line(trial)
        assert population.models[trial.number] == [one.params for one in line]
        assert [one.budget for one in line] == list(range(1, ROUNDS + 1))
        assert line[-1] is population.study.trials[trial.number]
    best = min(last, key=lambda trial: trial.value)
    assert population.study.best.number == best.number
    assert population.best_model == [one.params for one in population.line()]
    assert len({trial.info["config"] for trial in population.line()}) > 1  # some of them were another member's


def test_no_one_is_replaced_during_the_warmup():
    all_rounds = rounds(trained(warmup=3))
    replaced = [
        [t.info["parent"] - last[0].number for t in now] != list(range(N))
        for last, now in itertools.pairwise(all_rounds)
    ]
    assert replaced == [False, False, True, True, True]


def test_exploring_multiplies_or_divides_each_number_within_its_range():
    space, params = hpt.Space(SPACE), {"rate": 0.1, "width": 2, "kind": "b"}
    moved = [explored(space, params, 1.25, np.random.default_rng(seed)) for seed in range(20)]
    assert {(p["rate"], p["width"], p["kind"]) for p in moved} == {(r, w, "b") for r in (0.125, 0.08) for w in (1, 3)}
    ends = [explored(space, {"rate": 0.9, "width": 1, "kind": "a"}, 2.0, np.random.default_rng(s)) for s in range(20)]
    assert {p["rate"] for p in ends} == {1.0, 0.45}
    assert {p["width"] for p in ends} == {1, 2}
    assert params == {"rate": 0.1, "width": 2, "kind": "b"}
    assert all(space.contains(p) for p in moved + ends)


@pytest.mark.parametrize(("value", "to"), [(0, {-1, 1}), (-1, {-2, 0}), (-3, {-4, -2}), (-8, {-10, -6}), (9, {7, 10})])
def test_exploring_moves_an_int_whatever_its_sign(value, to):
    space = hpt.Space(n=hpt.Int(-100, 10))

    def ends(factor):
        return {explored(space, {"n": value}, factor, np.random.default_rng(seed))["n"] for seed in range(20)}

    assert ends(1.25) == to
    assert all(type(n) is int for n in ends(1.25))
    assert ends(1.0) == {value}
    assert ends(1e308) <= {-100, -1, 0, 1, 10}  # more than a float can hold


def test_a_number_that_a_condition_names_stays_and_its_children_move():
    space = {"depth": hpt.Int(1, 4), "w": hpt.Float(0.1, 1).when(depth=[3, 4]), "v": hpt.Float(1, 9).when(depth=[1, 2])}
    trials = (population := trained(lambda model, p: p.get("w", 0) + p.get("v", 1), space)).study.trials
    assert all(trial.state == "complete" for trial in trials)
    copies = [trial for trial in trials[N:] if trial.params != trials[trial.info["parent"]].params]
    assert len(copies) > ROUNDS
    assert all(trial.params["depth"] == trials[trial.info["parent"]].params["depth"] for trial in copies)
    assert len(population.line()) == ROUNDS


def test_a_copy_explores_from_the_params_of_its_parent():
    for last, now in zip((all_rounds := rounds(trained())), all_rounds[1:], strict=False):
        by_number = {trial.number: trial for trial in last}
        for before, trial in zip(last, now, strict=True):
            parent = by_number[trial.info["parent"]]
            if parent is not before:
                ratio = trial.params["rate"] / parent.params["rate"]
                assert round(ratio, 9) in (1.25, 0.8) or trial.params["rate"] in (1e-3, 1.0)
                assert trial.params["kind"] == parent.params["kind"]


def test_with_share_0_members_train_alone_and_with_factor_1_nothing_is_explored():
    alone = trained(share=0)
    assert all(len({trial.info["config"] for trial in alone.line(last)}) == 1 for last in rounds(alone)[-1])
    first = [trial.params for trial in rounds(alone)[0]]
    assert all([trial.params for trial in one] == first for one in rounds(alone))
    assert first == [trial.params for trial in rounds(trained())[0]]  # the same start
    assert all(trial.params in first for trial in trained(factor=1).study.trials)


def test_the_same_seed_trains_the_same_population_and_counts_its_rounds():
    study = trained(seed=3).study
    same = trained(seed=3).study
    assert [(t.params, t.info, t.value) for t in study.trials] == [(t.params, t.info, t.value) for t in same.trials]
    assert study.trials[0].params != trained(seed=4).study.trials[0].params
    assert study.spent == N * ROUNDS
    assert study.history.n_configs == N


def test_of_equals_the_first_members_are_the_best():
    for last, now in zip((all_rounds := rounds(trained(lambda model, params: 1.0))), all_rounds[1:], strict=False):
        parents = [trial.info["parent"] - last[0].number for trial in now]
        assert parents[:6] == list(range(6))
        assert {*parents[6:]} <= {0, 1}


def test_a_member_that_fails_continues_from_a_copy_of_a_good_one():
    def fails(model, params):
        if not model and params["kind"] == "b":
            return math.nan if params["rate"] < 0.03 else 1 / 0
        return train(model, params)

    population = trained(fails, seed=1)
    first, second = rounds(population)[:2]
    failed = [trial.number for trial in first if trial.state == "failed"]
    assert len(failed) > 2
    assert {"ZeroDivisionError", "ValueError"} == {first[n].error.split(":")[0] for n in failed}
    good = sorted((trial for trial in first if trial.state == "complete"), key=lambda trial: trial.value)[:2]
    assert all(second[n].info["parent"] in {trial.number for trial in good} for n in failed)
    assert all(trial.state == "complete" for trial in second)


def test_it_ends_with_an_error_that_holds_the_study_if_all_members_fail():
    def fails(model, params):
        return train(model, params) if len(model) < 2 else math.inf

    for n_rounds in (ROUNDS, 3):  # the last round is no exception
        with pytest.raises(RuntimeError, match=r"all 8 .* failed in round 3, the last with .* returned inf") as caught:
            trained(fails, n_rounds=n_rounds)
        assert len(caught.value.study.trials) == 3 * N
        population = caught.value.population
        assert population.study is caught.value.study
        assert population.best_model == [trial.params for trial in population.line()]
        assert len(population.line()) == 2
    with pytest.raises(RuntimeError, match="all 8 members failed in round 1, the last with ZeroDivisionError"):
        trained(lambda model, params: 1 / 0, n_rounds=1)


def test_an_interrupt_returns_the_population_so_far():
    def interrupted(model, params):
        if len(model) == 2 and params["kind"] == "b":
            raise KeyboardInterrupt
        return train(model, params)

    population = trained(interrupted, seed=1)
    assert 2 * N <= len(population.study.trials) < 3 * N
    assert population.best_model == [trial.params for trial in population.line()]


def test_an_interrupted_trial_that_was_taken_back_leaves_no_model():
    def interrupted(model, params):
        if len(model) == 2:
            raise KeyboardInterrupt
        return train(model, params)

    population = trained(interrupted)
    assert set(population.models) == set(range(N, 2 * N))
    assert len(population.study.trials) == 2 * N


def test_members_that_break_a_constraint_continue_from_those_that_keep_it():
    def limited(model, params):  # the lower the rate the better, but it must be at least 0.1
        return {"value": params["rate"], "constraints": {"memory": 0.1 - params["rate"]}}

    population = trained(limited, {"rate": hpt.Float(1e-3, 1.0)}, n_rounds=20, seed=3)
    assert sum(trial.feasible for trial in population.study.trials[-N:]) > N / 2
    assert 0.1 <= population.study.best_value < 0.13


def test_the_best_model_is_kept_if_no_later_member_is_feasible():
    def limited(model, params):
        model.append(params)
        return {"value": params["rate"], "constraints": {"rounds": len(model) - 2}}

    population = trained(limited)
    assert population.study.best.budget == 2
    assert population.best_model == [trial.params for trial in population.line()]
    assert set(population.models) == {population.study.best.number, *range((ROUNDS - 1) * N, ROUNDS * N)}
    with pytest.raises(ValueError, match="none of the 16 complete trials is feasible"):
        _ = trained(lambda model, params: {"value": 1, "constraints": {"c": 1}}, n_rounds=2).best_model


def test_a_model_that_cannot_be_copied_is_refused_before_any_training():
    calls = []
    with pytest.raises(
        TypeError, match=r"deepcopy must work for the model <generator .*: TypeError: cannot pickle"
    ) as caught:
        population_based_training(
            lambda i: (n for n in "ab"), lambda *both: calls.append(both), SPACE, 2, progress=False
        )
    assert not calls
    assert isinstance(caught.value.__cause__, TypeError)

    def opens(model, params):
        model.append(n for n in "ab")
        return 1.0

    with pytest.raises(TypeError, match=r"the model \[<generator") as caught:  # only after a round
        trained(opens)
    assert len(caught.value.population.models) == N


def test_as_many_members_are_replaced_as_the_share_says_in_decimals():
    second = trained(lambda model, params: params["rate"], n_members=100, share=0.29, n_rounds=2).study.trials[100:]
    assert sum(trial.info["parent"] != trial.info["config"] for trial in second) == 29


def test_a_line_is_one_of_a_trial_of_this_population():
    population, other = trained(n_rounds=2), trained(n_rounds=2, seed=1)
    for wrong in (3, other.study.trials[-1]):
        with pytest.raises(ValueError, match=r"Population.line: trial=.* must be one of study.trials"):
            population.line(wrong)
    population.study.add(population.study.best_params, 0.0)
    assert population.line(added := population.study.trials[-1]) == [added]


RIGHT = {"make": list, "train": train, "space": SPACE, "n_rounds": 2}
WRONG = {
    "make": (3, "make=3 must be a function"),
    "train": ("train", "train='train' must be a function"),
    "space": ({"rate": hpt.Float(1e-3, 1.0, log=True, step=10)}, "the step=10.0 of rate must be None"),
    "n_rounds": (0, "n_rounds=0 must be at least 1"),
    "n_members": (1, "n_members=1 must be an integer of at least 2"),
    "warmup": (0, "warmup=0 must be at least 1"),
    "share": (0.6, "share=0.6 must be a finite number of at least 0 and of at most 0.5"),
    "factor": (0.8, "factor=0.8 must be a finite number of at least 1"),
    "direction": ("up", "direction='up'"),
    "seed": (-1, "seed=-1 must be an integer"),
    "progress": ("no", "progress='no' must be True or False"),
    "random_state": (1, "random_state=1 is not an argument; use seed="),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_call_says_what_is_wrong(name):
    value, message = WRONG[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        population_based_training(**{**RIGHT, name: value})
    assert message in str(caught.value)
    assert "population_based_training" in str(caught.value) or name in ("direction", "seed")
