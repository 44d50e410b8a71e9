"""Grid search against scikit-learn's ParameterGrid, and what only ours does: on demand, conditional, with steps."""

import tracemalloc

import pytest
from hypothesis import given, settings, strategies as st
from sklearn.model_selection import ParameterGrid

from hpt_lab import Categorical, Float, GridSearch, History, Int, NothingToSuggest, Space, Study, Trial, tune


def whole(space, resolution=None):
    study = tune(lambda params: 0.0, space, GridSearch(resolution), 10_000, progress=False)
    return [trial.params for trial in study.trials]


names = st.text("abcXYZ_09", min_size=1, max_size=4)
mixed = st.one_of(
    st.integers(-3, 3).filter(lambda i: i not in (0, 1)), st.text(max_size=2), st.none(), st.booleans(),
    st.tuples(st.integers(), st.text(max_size=1)), st.sampled_from([0.5, 0.25]),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(names, st.lists(mixed, min_size=1, max_size=4, unique_by=repr), min_size=1, max_size=4))
def test_order_and_combinations_are_those_of_parameter_grid(lists):
    assert whole(Space(lists)) == list(ParameterGrid(lists))


def test_the_documents_grid_has_nine_combinations_in_this_order():
    space = {"n_estimators": [100, 150, 200], "max_depth": [5, 10, 15]}
    expected = [(n, depth) for depth in (5, 10, 15) for n in (100, 150, 200)]
    assert [tuple(params.values()) for params in whole(space)] == expected


def test_grid_ends_after_its_last_combination():
    study = Study({"x": [1, 2]}, GridSearch())
    for _ in range(2):
        study.tell(study.ask(), 0.0)
    with pytest.raises(NothingToSuggest, match="GridSearch has nothing left to suggest after 2 trials"):
        study.ask()
    assert len(study.trials) == 2


def test_combination_number_i_of_a_million_million_is_computed_on_demand():
    lists = {f"p{i:02d}": list(range(10)) for i in range(12)}
    tracemalloc.start()
    grid = Space(lists).grid()
    assert grid.size == 10**12
    for number in (0, 10**12 - 1, 123_456_789_012):
        assert list(grid[number].values()) == [int(digit) for digit in f"{number:012d}"]
        assert grid[number] == ParameterGrid(lists)[number]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_million_million_integers_take_no_list_either():
    grid = Space(n=Int(1, 10**12), m=Float(0, 1000, step=1e-6)).grid()
    assert grid.size == 10**12 * (10**9 + 1)
    assert grid[grid.size - 1] == {"n": 10**12, "m": 1000.0}


def test_a_parent_comes_before_its_children_and_inactive_ones_are_not_multiplied():
    space = Space(
        z=["linear", "rbf", "poly"], a=Categorical([0.1, 1.0]).when(z=["rbf", "poly"]), b=Int(2, 3).when(z="poly")
    )
    assert whole(space) == [
        {"z": "linear"},
        {"z": "rbf", "a": 0.1},
        {"z": "rbf", "a": 1.0},
        {"z": "poly", "a": 0.1, "b": 2},
        {"z": "poly", "a": 0.1, "b": 3},
        {"z": "poly", "a": 1.0, "b": 2},
        {"z": "poly", "a": 1.0, "b": 3},
    ]


def test_resolution_spreads_values_between_the_bounds():
    space = Space(C=Float(0.01, 100, log=True), n=Int(1, 3), k=["a", "b"])
    Cs = (0.01, 0.1, 1.0, 10.0, 100.0)
    assert whole(space, 5) == [{"C": C, "n": n, "k": k} for C in Cs for k in "ab" for n in (1, 2, 3)]
    assert [params["C"] for params in whole(space, {"C": 2, "n": 1})] == [0.01] * 2 + [100.0] * 2


def test_grid_never_looks_at_a_result():
    space = Space(x=[1, 2, 3])
    trials = tuple(Trial(i, {"x": 1}, value=float(i), state="complete") for i in range(2))
    assert GridSearch().suggest(History(space, trials, seed=9, direction="maximize")).params == {"x": 3}


def test_a_number_outside_the_grid_is_refused():
    grid = Space(x=[1, 2]).grid()
    for number in (-1, 2):
        with pytest.raises(IndexError, match=f"number {number} must be between 0 and 1"):
            grid[number]


class Interrupted:
    """A history during whose reading another thread asks the same strategy for a combination of another space."""

    def __init__(self, space, meanwhile):
        self.space, self.meanwhile = space, meanwhile

    @property
    def n_suggested(self):
        self.meanwhile()
        return 0


def test_one_strategy_shared_by_two_threads_gives_each_its_own_combination():
    strategy, other = GridSearch(), History(Space(y=[2]), ())
    mine = Interrupted(Space(x=[1]), lambda: strategy.suggest(other))
    assert strategy.suggest(mine).params == {"x": 1}
    assert strategy.suggest(mine).params == {"x": 1}
    assert strategy.suggest(other).params == {"y": 2}
