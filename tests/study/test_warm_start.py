"""What a user gives a study beside its strategy: params to start with, trials trained elsewhere, attributes, an early end."""

import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import Float, History, Int, Space, Study, Trial, tune

SPACE = Space(x=Float(-1, 1), n=Int(1, 4))
START = [{"x": 0.5, "n": 2}, {"x": -0.25, "n": 1}]
STRATEGIES = {
    "random": hpt.RandomSearch,
    "quasi-random": hpt.QuasiRandomSearch,
    "grid": lambda: hpt.GridSearch(3),
    "manual": lambda: hpt.ManualSearch([{"x": 0.1 * i, "n": 1} for i in range(9)]),
    "genetic": lambda: hpt.GeneticAlgorithm(population_size=5),
    "tpe": hpt.TPE,
    "bayes": lambda: hpt.BayesianOptimization(n_initial=3),
}
BUDGETED = {
    "halving": lambda: hpt.SuccessiveHalving(9, 1, 9),
    "hyperband": lambda: hpt.Hyperband(1, 9),
    "asha": lambda: hpt.ASHA(1, 9),
    "bohb": lambda: hpt.Hyperband(1, 9, source=hpt.TPE()),
}


def loss(params, budget=None):
    return params["x"] ** 2 + params["n"] + (0 if budget is None else 1 / budget)


def by_hand(**more):
    return Trial(7, **{"params": START[0], "value": 1.0, "state": "complete", **more})


def search(strategy, n_trials=8, **more):
    return tune(loss, SPACE, strategy, n_trials, progress=False, **more)


# Params to start with


@pytest.mark.parametrize("name", STRATEGIES)
def test_params_to_start_with_are_tried_first_whatever_the_strategy(name):
    study = search(STRATEGIES[name](), start=START)
    assert [trial.params for trial in study.trials[:2]] == START
    assert [trial.origin for trial in study.trials[:3]][:2] == ["start", "start"]
    assert study.trials[2].origin != "start"
    assert len(study.trials) == 8


@pytest.mark.parametrize("name", BUDGETED)
def test_under_halving_they_are_the_first_configurations_of_the_lowest_rung(name):
    study = search(BUDGETED[name](), 14, start=START)
    assert [(trial.params, trial.budget, trial.info["rung"]) for trial in study.trials[:2]] == [
        (params, study.strategy.budgets[0], 0) for params in START
    ]
    lowest = [trial for trial in study.trials if trial.info["rung"] == 0 and trial.info["bracket"] == 0]
    assert [trial.origin for trial in lowest].count("start") == 2


def test_the_grid_and_the_list_leave_out_none_of_their_own_for_what_a_user_gave():
    for name, n in (("grid", 9), ("manual", 9)):
        alone, started = search(STRATEGIES[name](), 99), Study(SPACE, STRATEGIES[name](), start=START)
        started.add({"x": 0.0, "n": 4}, 1.0)
        hpt.run(started, loss, 99, progress=False)
        own = [trial.params for trial in started.trials if trial.origin is None]
        assert own == [trial.params for trial in alone.trials]
        assert len(own) == n


@pytest.mark.parametrize("name", [*STRATEGIES, *BUDGETED])
def test_a_fresh_strategy_shown_a_part_of_the_search_goes_on_with_it(name):
    make = {**STRATEGIES, **BUDGETED}[name]
    whole = Study(SPACE, make(), seed=3, start=START)
    whole.add({"x": 0.3, "n": 3}, 3.5)
    hpt.run(whole, loss, 9, progress=False)
    for k in (2, 4, 7):
        part = Study(SPACE, make(), seed=3, start=START)
        part.add({"x": 0.3, "n": 3}, 3.5)
        hpt.run(part, loss, k, progress=False)
        resumed = hpt.run(Study.from_json(part.to_json(), SPACE, make()), loss, 9, progress=False)
        assert [trial.params for trial in resumed.trials] == [trial.params for trial in whole.trials]


TREE = Space(
    kernel=["linear", "rbf", "poly"],
    C=Float(1e-3, 1e3, log=True),
    gamma=Float(1e-4, 10, log=True).when(kernel=["rbf", "poly"]),
    degree=Int(2, 5).when(kernel="poly"),
)


@pytest.mark.parametrize(
    "part",
    [{}, {"C": 1.0}, {"kernel": "linear"}, {"kernel": "rbf"}, {"gamma": 0.1}, {"degree": 3}, {"C": 2.0, "degree": 5}],
)
def test_what_is_left_out_is_drawn_at_random_from_the_seed(part):
    drawn = [Study(TREE, hpt.RandomSearch(), seed=seed, start=[part] * 3).start for seed in range(5)]
    assert all(TREE.contains(params) and part.items() <= params.items() for start in drawn for params in start)
    assert all(len({*map(tuple, (params.items() for params in start))}) > 1 for start in drawn)  # each its own
    assert len({tuple(start[0].items()) for start in drawn}) > 2
    assert drawn[3] == Study(TREE, hpt.TPE(), seed=3, start=[part] * 3).start


def test_what_is_drawn_is_uniform_and_whole_params_draw_nothing():
    study = Study(SPACE, hpt.RandomSearch(), start=[{"n": 2}] * 400)
    xs = np.sort([params["x"] for params in study.start])
    assert np.abs((xs + 1) / 2 - np.linspace(0, 1, 400)).max() < 0.1  # of Kolmogorov and Smirnov: p = 0.0007
    one, other = (Study(SPACE, hpt.RandomSearch(), start=[*whole, {"n": 2}]).start[-1] for whole in ([], START))
    assert one == other


def test_a_part_is_kept_whole_in_a_file(tmp_path):
    file = tmp_path / "runs.db"
    first = Study(SPACE, hpt.RandomSearch(), storage=file, start=[{"n": 2}])
    assert Study(SPACE, hpt.RandomSearch(), storage=file, start=[{"n": 2}]).start == first.start  # the same call again
    assert Study.open(file).start == first.start
    assert set(first.start[0]) == {"x", "n"}


def test_an_earlier_study_of_fewer_dimensions_starts_a_wider_one():
    earlier = search(hpt.RandomSearch(), 3)
    wider = Study(Space(x=Float(-1, 1), n=Int(1, 4), k=["a", "b"]), hpt.RandomSearch(), start=earlier)
    assert [{"x": p["x"], "n": p["n"]} for p in wider.start] == [t.params for t in earlier.history.ranked]


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"z": 1}, "the param 'z' is unknown; it must be one of"),
        ({"C": -1.0}, "C: .*-1.0 must be"),
        ({"kernel": "linear", "degree": 3}, "degree is inactive under"),
        ({"kernel": ["rbf"]}, "the value .* must be one of"),
        ({"kernel": "cubic", "gamma": 1.0}, "the value 'cubic' must be one of"),
    ],
)
def test_a_part_that_no_params_have_is_refused(part, sentence):
    with pytest.raises(ValueError, match=r"Study: start\[0\]: .*" + sentence):
        Study(TREE, hpt.RandomSearch(), start=[part])


def test_nobody_changes_them_once_they_are_given():
    study = Study(SPACE, hpt.RandomSearch(), start=START)
    with pytest.raises(TypeError, match="cannot be changed"):
        study.start[0]["x"] = 0.0
    study.ask().params["x"] = 0.0  # of the trainer's copy
    assert [trial.params for trial in study.trials] == [START[0]]


def test_an_interrupted_start_is_asked_for_again():
    study = Study(SPACE, hpt.RandomSearch(), start=START)
    study.abandon([study.ask()])
    assert study.ask().params == START[0]
    assert study.ask().params == START[1]


def test_an_earlier_study_to_start_with_gives_its_ten_best():
    earlier = search(hpt.RandomSearch(), 15)
    study = search(hpt.TPE(), 12, start=earlier)
    assert [trial.params for trial in study.trials[:10]] == [trial.params for trial in earlier.history.ranked[:10]]
    assert study.trials[10].origin != "start"


def test_a_study_in_a_file_keeps_its_start(tmp_path):
    file = tmp_path / "runs.db"
    study = Study(SPACE, hpt.RandomSearch(), storage=file, start=START)
    study.ask()
    study.close()
    again = Study(SPACE, hpt.RandomSearch(), storage=file)
    assert again.start == tuple(START)
    assert [again.ask().params for _ in range(2)] == START  # the orphan first
    opened = Study.open(file, strategy=hpt.RandomSearch())
    assert opened.history == again.history
    Study(SPACE, hpt.RandomSearch(), storage=file, start=START)
    with pytest.raises(ValueError, match=r"Study: start=.* must be that of study 'study' in "):
        Study(SPACE, hpt.RandomSearch(), storage=file, start=START[:1])


@pytest.mark.parametrize("storage", [False, True])
def test_params_that_are_given_later_are_tried_next_and_count_as_trials(storage, tmp_path):
    where = {"storage": tmp_path / "runs.db"} if storage else {}
    study = Study(SPACE, hpt.RandomSearch(), start=START, **where)
    first = study.ask()
    other = Study.open(where["storage"], strategy=hpt.RandomSearch()) if storage else study
    later = [{"x": 0.75, "n": 3}, {"x": -0.5}]
    study.start_with(*later)
    asked = [other.ask() for _ in range(4)]
    assert first.params == START[0]
    assert [trial.params for trial in asked[:2]] == [START[1], later[0]]
    assert asked[2].params == {"x": -0.5, "n": asked[2].params["n"]}
    assert [trial.origin == "start" for trial in asked] == [True, True, True, False]
    assert study.history.n_suggested == 1
    study.start_with({"x": 0.0, "n": 4})
    assert study.ask().params == {"x": 0.0, "n": 4}
    study.start_with({"n": 1})
    study.start_with({"n": 1})
    assert len({study.ask().params["x"] for _ in range(2)}) == 2  # what is left out is drawn anew each time
    before = study.start
    for wrong, message in (
        ({"x": 5}, r"start_with: params\[1\]: x: Float"),
        (3, r"start_with: params\[1\]=3 must be a dict"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            study.start_with(START[0], wrong)
    assert study.start == before
    if storage:
        study.tell(first, 1.0)
        study.close()
        again = Study(SPACE, hpt.RandomSearch(), start=START, **where)  # the same call goes on
        assert again.start == before
        with pytest.raises(ValueError, match=r"Study: start=.* must be that of study"):
            Study(SPACE, hpt.RandomSearch(), start=START[:1], **where)


def test_under_halving_params_that_are_given_later_are_the_next_configurations():
    study = search(hpt.ASHA(1, 9), 10)
    study.start_with(*START)
    hpt.run(study, loss, 30, progress=False)
    started = [trial for trial in study.trials if trial.origin == "start" and trial.info["rung"] == 0]
    assert [trial.params for trial in started] == START
    assert {trial.budget for trial in started} == {1}


def test_a_wider_space_widens_the_start_as_well(tmp_path):
    wider = Space(x=Float(-1, 1), n=Int(1, 4), k=["a", "b"])
    for storage in (None, tmp_path / "runs.db"):
        study = Study(SPACE, hpt.RandomSearch(), start=START, storage=storage)
        other = None if storage is None else Study.open(storage, strategy=hpt.RandomSearch())
        study.ask()
        study.extend(wider, {"k": "b"})
        assert study.ask().params == {**START[1], "k": "b"}
        if other is not None:
            assert other.start == ({**START[0], "k": "b"}, {**START[1], "k": "b"})
            assert Study.open(storage).history.next_start is None


# Trials that were trained elsewhere


def test_an_added_trial_is_complete_and_may_be_the_best():
    study = Study(SPACE, hpt.RandomSearch(), direction="maximize")
    trial = study.add({"n": np.int64(3), "x": 0.5}, {"value": 7, "minutes": 3})
    assert study.trials == (trial,)
    assert (trial.params, trial.value, trial.state, trial.origin) == ({"x": 0.5, "n": 3}, 7.0, "complete", "added")
    assert trial.attributes == {"minutes": 3}
    assert study.best == trial
    with pytest.raises(TypeError, match="cannot be changed"):
        trial.params["x"] = 0


def test_it_costs_no_training_so_it_counts_for_none():
    study = Study(SPACE, hpt.RandomSearch())
    for value in range(5):
        study.add({"x": 0.1 * value, "n": 2}, value)
    hpt.run(study, loss, 3, progress=False)
    assert len(study.trials) == 8
    assert study.spent == study.history.committed == 3
    assert study.history.n_asked == 3


def test_the_model_learns_from_it():
    """Told of a valley by twenty trials from elsewhere, the first trial of the search's own is in it."""
    space = Space(x=Float(0, 1), y=Float(0, 1))
    study = Study(space, hpt.BayesianOptimization(), seed=0)
    rng = np.random.default_rng(0)
    for x, y in rng.random((20, 2)):
        study.add({"x": x, "y": y}, (x - 0.8) ** 2 + (y - 0.2) ** 2)
    first = study.ask().params
    assert math.hypot(first["x"] - 0.8, first["y"] - 0.2) < 0.1


@pytest.mark.parametrize("name", BUDGETED)
def test_halving_goes_its_way_beside_added_trials(name):
    alone, beside = (Study(SPACE, BUDGETED[name](), seed=1) for _ in range(2))
    for study in (alone, beside):
        for _ in range(30):
            if study is beside and len(study.trials) < 40:
                study.add({"x": 0.7, "n": 4}, 9.0, budget=9)
            try:
                trial = study.ask()
            except hpt.NothingToSuggest:
                break
            study.tell(trial, loss(trial.params, trial.budget))
    own = [trial for trial in beside.trials if trial.origin != "added"]
    schedule = [(trial.budget, trial.info["bracket"], trial.info["config"]) for trial in own]
    assert len({trial.params["x"] for trial in own if trial.origin != "added"}) > 3
    assert [(b, r) for b, r, _ in schedule][:9] == [(trial.budget, trial.info["bracket"]) for trial in alone.trials[:9]]


def test_an_earlier_study_warms_another_one_up():
    earlier = search(hpt.RandomSearch(), 12)
    failed = earlier.ask()
    earlier.tell(failed, error="out of memory")
    earlier.ask()
    study = Study(SPACE, hpt.TPE())
    new = study.add_trials(earlier)
    assert [(t.params, t.value) for t in new] == [(t.params, t.value) for t in earlier.history.finished]
    assert study.add_trials(earlier) == []  # a script may run twice
    assert len(study.trials) == 12
    assert study.best_value == earlier.best_value


def test_of_a_narrower_space_the_trials_outside_are_refused_or_skipped_as_one_says():
    earlier = search(hpt.RandomSearch(), 12)
    narrow = Study({"x": Float(-0.5, 0.5), "n": Int(1, 4)}, hpt.TPE())
    with pytest.raises(ValueError, match=r"add_trials: trial \d+: .*x"):
        narrow.add_trials(earlier)
    assert not len(narrow.trials)
    inside = [trial for trial in earlier.trials if abs(trial.params["x"]) <= 0.5]
    assert 0 < len(narrow.add_trials(earlier, outside="skip")) == len(inside) < 12


@pytest.mark.parametrize("in_file", [False, True])
def test_in_a_wider_space_the_trials_count_as_made_at_the_defaults(in_file, tmp_path):
    """As if the earlier study had been extended."""
    earlier = search(hpt.RandomSearch(), 12)
    wider = Space({**SPACE.dimensions, "k": ["a", "b"], "z": Float(0, 1).when(k="b"), "w": Float(0, 1).when(k="a")})
    study = Study(wider, hpt.TPE(), storage=tmp_path / "runs.db" if in_file else None)
    with pytest.raises(ValueError, match=r"add_trials: trial 0: .* must have a value for k"):
        study.add_trials(earlier)
    with pytest.raises(ValueError, match=r"add_trials: trial 0: .* must have a value for z"):
        study.add_trials(earlier, defaults={"k": "b"})
    with pytest.raises(ValueError, match=r"add_trials: trial 0: .* 'c' must be one of"):
        study.add_trials(earlier, defaults={"k": "c"})
    assert not len(study.trials)
    defaults = {"k": "b", "z": 0.5, "w": 0.25, "x": 0.0}
    assert len(study.add_trials(earlier, defaults=defaults)) == 12
    assert study.add_trials(earlier, defaults=defaults) == []
    earlier.extend(wider, defaults)
    assert [(t.params, t.value) for t in study.trials] == [(t.params, t.value) for t in earlier.trials]
    assert all(t.params == {"x": t.params["x"], "n": t.params["n"], "k": "b", "z": 0.5} for t in study.trials)
    for wrong in (3, "k", [("k", "b")]):
        with pytest.raises(ValueError, match=r"add_trials: defaults=.* must be a dict of values by name"):
            study.add_trials(earlier, defaults=wrong)


def test_of_a_space_that_is_wider_and_narrower_the_trials_outside_are_skipped():
    earlier = search(hpt.RandomSearch(), 12)
    study = Study({"x": Float(-0.5, 0.5), "n": Int(1, 4), "k": ["a", "b"]}, hpt.TPE())
    inside = [trial for trial in earlier.trials if abs(trial.params["x"]) <= 0.5]
    assert 0 < len(study.add_trials(earlier, outside="skip", defaults={"k": "b"})) == len(inside) < 12
    assert study.add_trials(earlier, outside="skip") == []


def test_added_trials_are_kept_in_a_file_and_in_json(tmp_path):
    file = tmp_path / "runs.db"
    study = Study(SPACE, hpt.RandomSearch(), storage=file)
    study.ask()
    study.add(START[0], 0.5, attributes={"who": "me"}, budget=3)
    study.close()
    again = Study.open(file, strategy=hpt.RandomSearch())
    assert again.trials[1] == study.trials[1]
    assert again.add_trials([study.trials[1]]) == []
    assert again.ask().number == 0
    assert Study.from_json(again.to_json(), SPACE, hpt.RandomSearch()) == again
    assert hpt.studies(file)[0].n_complete == 1


def test_two_that_add_to_one_file_overwrite_nothing(tmp_path):
    one, other = (Study(SPACE, hpt.RandomSearch(), storage=tmp_path / "runs.db") for _ in range(2))
    assert [one.add(START[0], 1.0).number, other.add(START[1], 2.0).number] == [0, 1]
    assert [trial.number for trial in one.add_trials([by_hand(value=3.0)])] == [2]
    assert other.add_trials([by_hand(value=3.0)]) == []
    assert [trial.value for trial in Study.open(tmp_path / "runs.db").trials] == [1.0, 2.0, 3.0]


def test_a_trial_is_known_by_its_params_value_and_budget_among_those_that_were_added():
    study = Study(SPACE, hpt.ManualSearch(START))
    study.tell(study.ask(), 1.0)  # trained here
    given = [by_hand(attributes={"who": "me"}), by_hand(value=2.0), by_hand(budget=3), by_hand(budget=9)]
    assert len(study.add_trials([*given, *given[:2]])) == 4
    assert [(trial.value, trial.budget) for trial in study.trials[1:]] == [(1.0, None), (2.0, None), (1.0, 3), (1.0, 9)]
    assert study.add_trials(given) == []
    with pytest.raises(TypeError, match="cannot be changed"):
        study.trials[1].attributes["who"] = "you"
    moments = [trial.started for trial in study.trials]
    assert moments == sorted(set(moments))
    assert moments[0] > 1e9


def test_trials_made_by_hand_are_added_in_types_that_are_written_and_read(tmp_path):
    numbers = {"value": np.int64(2), "budget": np.int64(3), "seconds": np.float32(0.5), "spent": Fraction(3)}
    trial = by_hand(**numbers, curve=(np.int64(4), 2))
    for storage in (None, tmp_path / "runs.db"):
        study = Study(SPACE, hpt.RandomSearch(), storage=storage)
        added = study.add_trials([trial])[0]
        fields = added.value, added.budget, added.seconds, added.curve, added.spent
        assert fields == (2.0, 3, 0.5, (4.0, 2.0), 3.0)
        assert [type(one) for one in (*fields[:3], *added.curve, added.spent)] == [float, int, *[float] * 4]
        assert Study.from_json(study.to_json(), SPACE, hpt.RandomSearch()) == study
    assert Study.open(tmp_path / "runs.db").trials[0] == added


CIRCLE = {}
CIRCLE["me"] = [CIRCLE]
ADD_WRONG = [
    ({"params": {"x": 2, "n": 1}, "value": 0.1}, "add: params: .*x"),
    ({"params": {"x": 0.5}, "value": 0.1}, "add: params: .*n"),
    ({"params": 3, "value": 0.1}, "add: params=3 must be a dict of params"),
    ({"params": START[0], "value": math.nan}, "add: value=nan must be one finite number"),
    ({"params": START[0], "value": "0.1"}, "add: value='0.1' must be one finite number"),
    ({"params": START[0], "value": {"loss": 1}}, r"add: value=\{'loss': 1\} must be one finite number"),
    ({"params": START[0], "value": 1, "budget": 0}, "add: budget=0 must be a finite number above 0"),
    ({"params": START[0], "value": 1, "attributes": [1]}, r"add: attributes=\[1\] must be a dict"),
    ({"params": START[0], "value": 1, "attributes": {"f": print}}, "add: attributes: f=.* must be of JSON's types"),
    ({"params": START[0], "value": {"value": 1, "f": print}}, "add: value: f=.* must be of JSON's types"),
    ({"params": START[0], "value": 1, "attributes": CIRCLE}, "add: attributes must not contain itself"),
    ({"params": START[0], "value": 1, "attributes": {"n": 1 << 14_000}}, "n is an integer of 14001 bits, but must have at most 14000"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "sentence"), ADD_WRONG)
def test_what_cannot_be_added_is_refused_in_one_sentence_and_changes_nothing(wrong, sentence):
    study = Study(SPACE, hpt.RandomSearch())
    with pytest.raises(ValueError, match=sentence) as caught:
        study.add(**wrong)
    assert "\n" not in str(caught.value)
    assert not len(study.trials)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (3, "add_trials: trials=3 must be a Study, or a list of trials"),
        ([3], r"add_trials: trials\[0\]=3 must be a Trial"),
        (Study(SPACE, hpt.RandomSearch(), direction="maximize"), "the direction of .* must be 'minimize'"),
        ([Trial(0, {"y": 1}, value=1.0, state="complete")], "add_trials: trial 0: "),
        (
            [by_hand(), by_hand(attributes={"f": print})],
            "add_trials: trial 7: attributes: f=.* must be of JSON's types",
        ),
        ([by_hand(error="boo")], "add_trials: trial 7: error='boo' must be None, since its state is complete"),
    ],
)
def test_what_is_no_list_of_trials_of_the_space_is_refused(wrong, sentence):
    study = Study(SPACE, hpt.RandomSearch())
    with pytest.raises(ValueError, match=sentence):
        study.add_trials(wrong)
    with pytest.raises(ValueError, match="outside='drop' must be one of"):
        study.add_trials([], outside="drop")
    assert not len(study.trials)


# Attributes


def test_what_an_objective_returns_beside_the_value_is_kept_with_the_trial():
    def objective(params):
        return {"value": loss(params), "confusion": np.eye(2), "ratio": math.nan, "name": "svm", "ok": np.True_}

    study = tune(objective, SPACE, hpt.RandomSearch(), 2, progress=False)
    expected = {"confusion": [[1.0, 0.0], [0.0, 1.0]], "ratio": None, "name": "svm", "ok": True}
    assert study.trials[1].attributes == expected
    assert study.best_value == min(loss(trial.params) for trial in study.trials)
    again = Study.from_json(study.to_json(), SPACE, hpt.RandomSearch())
    assert again.trials[1].attributes == expected
    with pytest.raises(TypeError, match="cannot be changed"):
        again.trials[1].attributes["name"] = "forest"
    with pytest.raises(ValueError, match="from_json: Trial 0: attributes: ratio=inf must be a finite number"):
        Study.from_json(study.to_json().replace('"ratio": null', '"ratio": 1e999'), SPACE, hpt.RandomSearch())


def test_they_are_columns_of_the_table_under_names_of_their_own():
    study = Study(Space(x=Float(-1, 1), value=[1, 2]), hpt.RandomSearch())
    study.tell(study.ask(), 1.0, attributes={"f1": 0.5, "x": 3})
    study.tell(study.ask(), {"value": 2.0, "f1": 0.7, "seconds": 9})
    frame = study.to_frame()
    assert list(frame)[-3:] == ["f1", "attribute_x", "attribute_seconds"]
    assert list(frame["f1"]) == [0.5, 0.7]
    assert math.isnan(frame["attribute_x"][1])
    assert list(frame)[:4] == ["number", "x", "param_value", "value"]


def test_the_table_holds_plain_values_and_a_parameter_called_number_has_a_column():
    study = Study(Space(number=Int(1, 3), layers=hpt.Categorical([[8], [16, 16]])), hpt.RandomSearch())
    study.tell(study.ask(), 1.0, attributes={"confusion": [1, 2]})
    frame = study.to_frame()
    assert list(frame)[:3] == ["number", "param_number", "layers"]
    assert list(frame["param_number"]) == [study.best_params["number"]]
    frame["layers"][0].append(8)  # of the table alone
    frame["confusion"][0].append(3)
    assert study.best.attributes == {"confusion": [1, 2]}
    assert study.best.params["layers"] in ([8], [16, 16])


def test_a_study_in_a_file_keeps_them_also_of_failures(tmp_path):
    study = Study(SPACE, hpt.RandomSearch(), storage=tmp_path / "runs.db")
    study.tell(study.ask(), {"value": math.inf, "epochs": 3})
    study.tell(study.ask(), error="out of memory", attributes={"gb": 80})
    trials = Study.open(tmp_path / "runs.db").trials
    assert [(trial.state, trial.attributes) for trial in trials] == [("failed", {"epochs": 3}), ("failed", {"gb": 80})]


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        ({"loss": 1.0}, "or a dict with it as 'value'"),
        ({}, "or a dict with it as 'value'"),
        ({"value": None}, "the objective returned None; it must return one finite number"),
        ({"value": 1.0, "model": object()}, "the objective returned: model=<object .* must be of JSON's types"),
        ({"value": 1.0, 3: 1}, "the objective returned: the key 3 must be a string"),
    ],
)
def test_a_dict_that_cannot_be_kept_fails_its_trial_in_one_sentence(returned, error):
    given = iter([returned, 1.0])
    study = tune(lambda params: next(given), SPACE, hpt.RandomSearch(), 2, progress=False)
    assert [trial.state for trial in study.trials] == ["failed", "complete"]

    assert re.search(error, study.trials[0].error)


def test_attributes_that_cannot_be_kept_leave_the_trial_to_be_told_again():
    study = Study(SPACE, hpt.RandomSearch())
    trial = study.ask()
    for wrong in ({"model": object()}, {1: 2}, "f1", CIRCLE):
        with pytest.raises(ValueError, match="tell: attributes"):
            study.tell(trial, 1.0, attributes=wrong)
    study.tell(trial, 1.0, attributes={"f1": 1})
    assert study.best.attributes == {"f1": 1}


def test_of_two_attributes_of_one_name_the_one_that_is_given_apart_counts():
    study = Study(SPACE, hpt.RandomSearch())
    value, more = {"value": 1.0, "f1": 0.5, "gb": 8}, {"f1": 0.7}
    study.tell(study.ask(), value, attributes=more)
    study.add(START[0], value, attributes=more)
    for trial in study.trials:
        with pytest.raises(TypeError, match="cannot be changed"):
            trial.attributes["f1"] = 1.0
    assert [trial.attributes for trial in study.trials] == [{"f1": 0.7, "gb": 8}] * 2


# An early end


def test_a_callback_may_end_the_search_and_it_goes_on_when_called_again():
    def enough(study, trial):
        if trial.number == 3:
            study.stop()

    study = search(hpt.RandomSearch(), 20, callbacks=[enough])
    assert len(study.trials) == 4
    assert study.stopped
    hpt.run(study, loss, 6, progress=False)
    assert (len(study.trials), study.stopped) == (6, False)


def test_what_trains_at_that_moment_is_told():
    stops = [lambda study, trial: study.stop()]
    study = search(hpt.RandomSearch(), 20, executor=lambda: ThreadPoolExecutor(3), n_workers=3, callbacks=stops)
    assert 1 <= len(study.trials) <= 4
    assert not study.history.running


def test_histories_without_any_of_this_are_written_as_before():
    """So that a file of an earlier version, and one for it, is read."""
    study = search(hpt.RandomSearch(), 1)
    assert list(json.loads(study.to_json())) == ["direction", "seed", "trials"]
    fields = json.loads(study.to_json())["trials"][0]
    assert list(fields) == ["number", "params", "budget", "value", "state", "error", "info", "started", "seconds"]
    assert History(SPACE, study.trials, 0) == study.history
