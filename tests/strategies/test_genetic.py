"""The genetic algorithm: children stay in the space, inherit, improve, and forget the old."""

from dataclasses import replace

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.strategies.genetic import mate, mutate

MIXED = hpt.Space(
    C=hpt.Float(1e-3, 1e3, log=True),
    kernel=hpt.Categorical(["linear", "rbf", "poly"]),
    gamma=hpt.Float(1e-4, 1e1, log=True).when(kernel=["rbf", "poly"]),
    degree=hpt.Int(2, 5).when(kernel="poly"),
)


def cost(params):
    return abs(np.log10(params["C"]) - 1) + abs(np.log10(params.get("gamma", 1e-4)) + 2)


def test_children_and_mutants_are_points_of_a_conditional_space():
    rng = np.random.default_rng(0)
    for _ in range(300):
        one, other = MIXED.sample(rng), MIXED.sample(rng)
        assert MIXED.contains(mate(MIXED, one, other, rng))
        assert MIXED.contains(mutate(MIXED, one, rng))


def test_a_child_of_twins_is_their_twin_and_a_mutant_is_not():
    rng = np.random.default_rng(1)
    for _ in range(100):
        parent = MIXED.sample(rng)
        assert mate(MIXED, parent, parent, rng) == parent
        assert mutate(MIXED, parent, rng) != parent or parent["kernel"] == "poly"


def test_every_coordinate_of_a_child_comes_from_a_parent():
    space = hpt.Space(a=hpt.Float(0, 1), b=hpt.Float(0, 1), c=hpt.Float(0, 1))
    rng = np.random.default_rng(2)
    one, other = space.sample(rng), space.sample(rng)
    children = [mate(space, one, other, rng) for _ in range(50)]
    assert all(child[name] in (one[name], other[name]) for child in children for name in child)
    assert len({tuple(child.values()) for child in children}) == 8  # all of the 2^3 mixtures appear


def test_it_beats_random_search_on_a_mixed_space():
    wins = 0
    for seed in range(6):
        best = [
            hpt.tune(cost, MIXED, strategy, 100, seed=seed, progress=False).best_value
            for strategy in (hpt.GeneticAlgorithm(), hpt.RandomSearch())
        ]
        wins += best[0] < best[1]
    assert wins >= 5


@pytest.mark.parametrize(("crossover", "n_parents"), [(0, {1}), (0.5, {1, 2}), (1, {2})])
def test_a_child_notes_one_parent_or_after_crossover_two(crossover, n_parents):
    study = hpt.tune(cost, MIXED, hpt.GeneticAlgorithm(crossover=crossover), 60, progress=False)
    assert {len(trial.info["parents"]) for trial in study.trials[20:]} == n_parents


def test_a_fresh_object_goes_on_where_another_one_stopped():
    study = hpt.tune(cost, MIXED, hpt.GeneticAlgorithm(), 50, seed=3, progress=False)
    for k in (0, 19, 20, 35, 49):
        prefix = replace(study.history, trials=study.trials[:k])
        assert hpt.GeneticAlgorithm().suggest(prefix).params == study.trials[k].params


def test_with_ageing_a_lucky_value_has_no_children_once_it_is_old():
    calls = []

    def lucky(params):
        calls.append(params)
        return -100.0 if len(calls) == 1 else cost(params)

    strategy = hpt.GeneticAlgorithm(population_size=10, tournament_size=5, ageing=True)
    study = hpt.tune(lucky, MIXED, strategy, 60, progress=False)
    parents = [number for trial in study.trials[25:] for number in trial.info["parents"]]
    assert min(parents) > 0
    assert all(t.number - min(t.info["parents"]) <= 10 for t in study.trials[10:])


def test_it_survives_failures_and_constant_values():
    def fragile(params):
        if params["kernel"] == "linear":
            raise MemoryError("no")
        return 1.0

    study = hpt.tune(fragile, MIXED, hpt.GeneticAlgorithm(), 60, progress=False)
    assert len(study.history.failed) < 30
    assert len(study.trials) == 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"population_size": 1}, "population_size=1 must be an integer of at least 2"),
        ({"tournament_size": 30}, "tournament_size=30 must be an integer from 1 to 20"),
        ({"crossover": 1.5}, "crossover=1.5 must be between 0 and 1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        hpt.GeneticAlgorithm(**arguments)


def test_choices_may_be_arrays():
    space = hpt.Space(a=[np.array([1, 2]), np.array([1, 3]), np.array([2, 2])], x=hpt.Float(0, 1))
    study = hpt.tune(lambda p: p["x"] + p["a"].sum(), space, hpt.GeneticAlgorithm(5, 2), 20, progress=False)
    assert study.best_value < 4


def test_a_step_is_anything_between_a_jump_and_a_refinement():
    """Log-uniform between 0.003 and 0.3, times a normal number: quantiles from a Monte Carlo of the formula itself."""
    rng = np.random.default_rng(3)
    line = hpt.Space(x=hpt.Float(0, 1))
    steps = np.sort([abs(mutate(line, {"x": 0.5}, rng)["x"] - 0.5) for _ in range(4000)])
    formula = np.exp(rng.uniform(np.log(0.003), np.log(0.3), 400_000)) * np.abs(rng.standard_normal(400_000))
    for q in (0.1, 0.5, 0.9):
        assert steps[int(q * 4000)] == pytest.approx(np.quantile(formula, q), rel=0.15)


def test_one_coordinate_changes_for_sure_and_each_other_one_with_probability_1_over_their_number():
    rng = np.random.default_rng(4)
    space = hpt.Space({f"x{i}": hpt.Float(0, 1) for i in range(5)})
    parent = dict.fromkeys(space, 0.5)
    changed = [sum(v != 0.5 for v in mutate(space, parent, rng).values()) for _ in range(2000)]
    assert min(changed) == 1
    assert np.mean(changed) == pytest.approx(1 + 4 / 5, abs=0.08)


def test_an_integer_moves_at_least_about_one_value_and_a_choice_becomes_another():
    rng = np.random.default_rng(5)
    space = hpt.Space(n=hpt.Int(0, 4))
    moved = np.array([mutate(space, {"n": 2}, rng)["n"] for _ in range(600)])
    assert (moved != 2).mean() > 0.5  # a bin is 0.2 wide: steps of 0.03, as for a float, would hardly ever leave it
    choices = hpt.Space(k=list("abcd"))
    others = [mutate(choices, {"k": "b"}, rng)["k"] for _ in range(600)]
    assert {k: pytest.approx(200, abs=45) for k in "acd"} == {k: others.count(k) for k in "acd"}


@pytest.mark.parametrize("ageing", [False, True])
def test_no_combination_is_tried_twice_and_the_search_ends_with_the_last(ageing):
    space = hpt.Space(kernel=["linear", "rbf"], degree=hpt.Int(2, 4), c=hpt.Int(1, 5).when(kernel="rbf"))
    study = hpt.tune(lambda p: p["degree"], space, hpt.GeneticAlgorithm(6, 2, ageing=ageing), 100, progress=False)
    assert len(study.trials) == space.size == 18
    assert len({space.to_json(trial.params) for trial in study.trials}) == 18
    assert study.trials[-1].info in ({"parents": [], "origin": "rest"}, {"parents": study.trials[-1].info["parents"]})


def test_workers_get_different_children():
    study = hpt.Study(hpt.Space(n=hpt.Int(1, 30)), hpt.GeneticAlgorithm(4, 2))
    for _ in range(4):
        study.tell(study.ask(), 1.0)
    asked = [study.ask().params["n"] for _ in range(8)]
    assert len(set(asked)) == 8


def test_parents_are_of_the_best_and_the_better_win_tournaments():
    """Of 10 alive the expected place of the best of 4 drawn without replacement is (10 + 1) / (4 + 1) - 1 = 1.2."""
    space = hpt.Space(x=hpt.Float(0, 1))
    trials = [hpt.Trial(i, {"x": i / 40}, None, float((7 * i) % 40), "complete") for i in range(40)]
    strategy = hpt.GeneticAlgorithm(10, 4, crossover=0)
    places = [
        trials[strategy.suggest(hpt.History(space, trials, seed)).info["parents"][0]].value for seed in range(400)
    ]
    assert max(places) <= 9
    assert np.mean(places) == pytest.approx(1.2, abs=0.25)
    flipped = hpt.History(space, trials, 0, "maximize")
    assert trials[strategy.suggest(flipped).info["parents"][0]].value >= 30


def test_the_population_begins_with_the_quasi_random_points():
    first, points = (
        hpt.tune(cost, MIXED, strategy, 12, seed=2, progress=False).trials
        for strategy in (hpt.GeneticAlgorithm(12), hpt.QuasiRandomSearch())
    )
    assert [t.params for t in first] == [t.params for t in points]


def test_its_repr_makes_it_again():
    strategy = hpt.GeneticAlgorithm(9, 3, 0.25, True)
    assert repr(strategy) == "GeneticAlgorithm(population_size=9, tournament_size=3, crossover=0.25, ageing=True)"
    assert vars(eval(repr(strategy), {"GeneticAlgorithm": hpt.GeneticAlgorithm})) == vars(strategy)


def test_of_equal_trials_the_earliest_is_the_parent():
    trials = [hpt.Trial(i, {"x": i / 10}, None, 1.0, "complete") for i in range(10)]
    history = hpt.History(hpt.Space(x=hpt.Float(0, 1)), trials)
    assert hpt.GeneticAlgorithm(10, 10).suggest(history).info["parents"][0] == 0


def test_a_dimension_that_one_parent_alone_has_is_inherited_from_it():
    rng = np.random.default_rng(6)
    linear, rbf = {"C": 1.0, "kernel": "linear"}, {"C": 2.0, "kernel": "rbf", "gamma": 0.01}
    children = [mate(MIXED, linear, rbf, rng) for _ in range(100)]
    assert {child.get("gamma") for child in children} == {None, 0.01}


def test_a_dimension_that_a_mutation_brings_is_drawn_from_its_whole_range():
    rng = np.random.default_rng(7)
    space = hpt.Space(kernel=["linear", "rbf"], gamma=hpt.Float(0, 1).when(kernel="rbf"))
    new = np.array([mutate(space, {"kernel": "linear"}, rng)["gamma"] for _ in range(400)])
    assert np.histogram(new, 4, (0, 1))[0] == pytest.approx([100] * 4, abs=40)
