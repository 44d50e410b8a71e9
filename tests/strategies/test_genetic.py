"""The genetic algorithm: children stay in the space, inherit, improve, and forget the old."""

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


def test_it_keeps_away_from_failures():
    def fragile(params):
        if params["kernel"] == "linear":
            raise MemoryError("no")
        return 1.0

    study = hpt.tune(fragile, MIXED, hpt.GeneticAlgorithm(), 60, progress=False)
    assert len(study.history.failed) < 30
    assert len(study.trials) == 60


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


def test_a_spread_child_keeps_what_its_parents_agree_on_and_lies_on_both_sides_of_where_they_differ():
    rng = np.random.default_rng(6)
    space = hpt.Space({f"x{i}": hpt.Float(0, 1) for i in range(4)}, kind=list("abc"))
    one, other = ({"x0": 0.3, "x1": x, "x2": x, "x3": x, "kind": kind} for x, kind in ((0.45, "a"), (0.65, "b")))
    children = [mate(space, one, other, rng, spread=True) for _ in range(2000)]
    assert {child["x0"] for child in children} == {0.3}
    assert {child["kind"] for child in children} == {"a", "b"}
    x = np.array([[child[f"x{i}"] for i in (1, 2, 3)] for child in children])
    kept = np.isin(x, (0.45, 0.65))
    assert kept.mean() == pytest.approx(0.5, abs=0.02)  # half of the numbers, each on its own
    assert kept.all(axis=1).mean() == pytest.approx(1 / 8, abs=0.03)
    moved = x[~kept]
    assert moved.mean() == pytest.approx(0.55, abs=0.005)  # to neither side of the two
    outside = (moved < 0.45) | (moved > 0.65)
    assert outside.mean() == pytest.approx(0.5, abs=0.03)
    away = np.minimum(abs(moved - 0.45), abs(moved - 0.65))  # b: (2 q)^(1/6) inward, (2 - 2 q)^(-1/6) outward
    q = np.random.default_rng(7).random(100_000)
    b = np.where(q < 0.5, (2 * q) ** (1 / 6), (2 - 2 * q) ** (-1 / 6))
    for share in (0.25, 0.5, 0.9):
        assert np.quantile(away, share) == pytest.approx(np.quantile(abs(b - 1) / 2 * 0.2, share), rel=0.15)


def test_a_spread_child_is_a_point_of_a_conditional_space_and_of_the_unit_interval():
    rng = np.random.default_rng(8)
    for _ in range(300):
        child = mate(MIXED, MIXED.sample(rng), MIXED.sample(rng), rng, spread=True)
        assert MIXED.contains(child)
    line = hpt.Space(x=hpt.Float(0, 1))
    ends = [mate(line, {"x": 0.0}, {"x": 1.0}, rng, spread=True)["x"] for _ in range(400)]
    assert 0 <= min(ends) <= max(ends) <= 1
    assert len({end for end in ends if end not in (0.0, 1.0)}) > 150  # reflected, not stuck at an end


def two_goals(params):
    far = (params["y"] - 0.3) ** 2 + (params["z"] - 0.8) ** 2
    return params["x"] + far, (1 - params["x"]) ** 2 + far


CUBE = {name: hpt.Float(0, 1) for name in "xyz"}
GOALS = ["minimize", "minimize"]


@pytest.mark.parametrize(("size", "first"), [(20, 10), (7, 3)])
def test_with_several_goals_half_as_many_come_first_and_every_child_has_two_parents(size, first):
    search = hpt.GeneticAlgorithm(size, 2, crossover=0.0)
    study = hpt.tune(two_goals, CUBE, search, 40, directions=GOALS, progress=False)
    assert [len(trial.info.get("parents", ())) for trial in study.trials] == [0] * first + [2] * (40 - first)


@pytest.mark.parametrize(("crossover", "mutated"), [(1.0, 0.0), (0.5, 0.5), (0.0, 1.0)])
def test_with_several_goals_crossover_is_the_share_that_is_not_mutated(crossover, mutated):
    space = hpt.Space(
        x=hpt.Float(0, 1), **{f"k{i}": list(range(50)) for i in range(6)}
    )  # only a mutation brings a new choice
    search = hpt.GeneticAlgorithm(20, 5, crossover)
    study = hpt.tune(lambda p: (p["x"], 1 - p["x"]), space, search, 200, directions=GOALS, progress=False, seed=1)
    new = []
    for trial in study.trials[10:]:
        parents = [study.trials[number].params for number in trial.info["parents"]]
        new.append(any(trial.params[name] not in {p[name] for p in parents} for name in space if name != "x"))
    assert np.mean(new) == pytest.approx(0.93 * mutated, abs=0.1)  # a mutation of x alone brings none


def test_several_goals_are_covered_better_than_by_random_search():
    volumes = {"genetic": [], "random": []}
    for seed in range(6):
        for name, strategy in (("genetic", hpt.GeneticAlgorithm()), ("random", hpt.RandomSearch())):
            study = hpt.tune(two_goals, CUBE, strategy, 60, directions=GOALS, seed=seed, progress=False)
            volumes[name].append(hpt.hypervolume([trial.values for trial in study.front], [1.1, 1.1]))
    gains = np.subtract(volumes["genetic"], volumes["random"])
    assert gains.mean() > 2 * gains.std(ddof=1) / np.sqrt(6) > 0
