"""Nothing that an objective, a callback, a strategy or a caller does changes the space, the history or a later suggestion."""

import contextlib
import copy
import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest

from hpt_lab import Categorical, Float, ManualSearch, RandomSearch, Space, Study, Suggestion, Trial, run, tune

LAYERS = [[8], [16, 16], {"units": [4]}, {"a"}, np.arange(3)]


def nested():
    """A space whose choices are containers, made anew, so that no test sees what another one did to it."""
    return Space(layers=Categorical(copy.deepcopy(LAYERS)), x=Float(0, 1))


def wreck(value):
    """Change everything inside `value` that lets itself be changed, and refuse nothing."""
    for change in (
        lambda: [wreck(inside) for inside in (value.values() if isinstance(value, dict) else value)],
        lambda: value.update(x=99.0, layers="wrecked"),
        lambda: value.append("wrecked"),
        lambda: value.add("wrecked"),
        lambda: value.clear(),
        lambda: value.__setitem__(slice(None), -1),
    ):
        with contextlib.suppress(TypeError, AttributeError, ValueError, KeyError, RuntimeError):
            change()


def shape(params):
    """What `params` hold, as text that no later change reaches."""
    return repr(params)


def told(study):
    return [(shape(dict(trial.params)), trial.value, shape(dict(trial.info))) for trial in study.trials]


def untouched(n_trials=8, **more):
    return tune(lambda params: params["x"], nested(), RandomSearch(), n_trials, progress=False, **more)


@pytest.mark.parametrize(
    "meddle",
    [
        {"objective": lambda params: (params["x"], wreck(params))[0]},
        {"callbacks": [lambda study, trial: wreck(trial.params)]},
        {"callbacks": [lambda study, trial: wreck(study.best_params)]},
        {"callbacks": [lambda study, trial: [wreck(one.params) for one in study.trials]]},
        {"callbacks": [lambda study, trial: [wreck(one.params) for one in study.history.finished]]},
        {"callbacks": [lambda study, trial: wreck(study.history.losses)]},
        {"callbacks": [lambda study, trial: wreck([one for row in study.to_frame().values.tolist() for one in row])]},
        {"callbacks": [lambda study, trial: study.to_frame().loc[:, "layers"].map(wreck)]},
    ],
    ids=["objective", "callback", "best_params", "trials", "finished", "losses", "frame", "cells"],
)
def test_a_search_whose_params_are_wrecked_is_the_search_of_one_whose_are_not(meddle):
    space = nested()
    study = tune(
        **{"objective": lambda params: params["x"]} | meddle,
        space=space,
        strategy=RandomSearch(),
        n_trials=8,
        progress=False,
    )
    assert told(study) == told(untouched())
    assert space == nested()
    assert len({shape(trial.params["layers"]) for trial in study.trials}) > 2  # choices of several kinds were wrecked


def test_a_trial_that_ask_gave_out_may_be_wrecked():
    study = Study(nested(), RandomSearch())
    while len(study.trials) < 8:
        trial = study.ask()
        x = trial.params["x"]
        wreck(trial.params)
        wreck(trial.info)
        study.tell(trial, x)
    assert told(study) == told(untouched())
    assert study.space == nested()


class Keeps:
    """Suggests one and the same dict every time, and changes it in between: also what is inside, and its marks."""

    def __init__(self):
        self.params, self.info = {"layers": [8], "x": 0.0}, {"path": [0]}

    def suggest(self, history):
        wreck(self.params)
        wreck(self.info)
        self.params.clear()
        self.params.update(layers=[16, 16], x=0.125 * len(history.trials))
        self.info.clear()
        self.info.update(path=[len(history.trials)])
        return Suggestion(self.params, info=self.info)


def test_a_strategy_may_change_the_dict_that_it_suggested():
    study = tune(lambda params: params["x"], nested(), Keeps(), 4, progress=False)
    assert [dict(trial.params) for trial in study.trials] == [{"layers": [16, 16], "x": 0.125 * n} for n in range(4)]
    assert [dict(trial.info) for trial in study.trials] == [{"path": [n]} for n in range(4)]


def test_a_caller_may_change_the_list_of_a_manual_search_after_a_trial():
    listed = [{"layers": [8], "x": 0.0}, {"layers": [16, 16], "x": 1.0}]
    study = Study(nested(), ManualSearch(listed))
    study.ask()
    wreck(listed[0])
    assert study.trials[0].params == {"layers": [8], "x": 0.0}


def test_arrays_of_a_history_are_copies_and_arrays_of_a_trial_refuse_to_be_changed():
    study = Study(Space(a=[np.arange(3.0), np.ones(2)]), ManualSearch([{"a": np.arange(3.0)}]))
    given = study.ask()
    given.params["a"][:] = 7
    with pytest.raises(ValueError, match="read-only"):
        study.trials[0].params["a"][0] = 7
    study.tell(given, 1.0)
    study.history.losses[0] = 7
    study.best_params["a"][:] = 7
    study.to_frame()["a"][0][:] = 7
    assert study.trials[0].params["a"].tolist() == [0, 1, 2]
    assert study.history.losses.tolist() == [1]


@pytest.mark.parametrize(
    "change", [lambda params: params.update(x=99), lambda params: params["layers"].append(99)], ids=["dict", "list"]
)
def test_params_in_the_history_say_that_they_cannot_be_changed(change):
    """By whatever method: tests/values/test_frozen.py."""
    study = Study(nested(), ManualSearch([{"layers": [16, 16], "x": 0.5}]))
    study.tell(study.ask(), 1.0)
    with pytest.raises(TypeError, match="cannot be changed; change a copy"):
        change(study.trials[0].params)
    assert study.trials[0].params == {"layers": [16, 16], "x": 0.5}


@pytest.mark.parametrize("field", ["value", "params", "state", "number"])
def test_the_fields_of_a_trial_and_of_a_history_cannot_be_set(field):
    study = Study(nested(), RandomSearch())
    study.ask()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(study.trials[0], field, None)
    with pytest.raises(TypeError):
        study.trials[0] = study.trials[0]


COPIES = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "pickle 0": lambda value: pickle.loads(pickle.dumps(value, protocol=0)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "spread": lambda value: (lambda **params: params)(**value),
    "dict": dict,
    "or": lambda value: {} | value,
    "json": lambda value: json.loads(json.dumps(value)),
    "asdict": lambda value: dataclasses.asdict(Suggestion(value)).get("params"),
    "replace": lambda value: dataclasses.replace(Suggestion({}), params=value).params,
    "frame": lambda value: pd.DataFrame([value], dtype=object).to_dict("records")[0],
    "series": lambda value: pd.Series(value, dtype=object).to_dict(),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_frozen_params_go_wherever_plain_ones_go(duplicate):
    params = {"layers": [16, 16], "x": 0.5}
    study = Study(nested(), ManualSearch([params]))
    study.tell(study.ask(), 1.0)
    found = duplicate(study.trials[0].params)
    assert isinstance(found, dict)
    assert found == params == study.trials[0].params
    assert repr(found) == repr(params)
    assert list(found) == ["layers", "x"]


@pytest.mark.parametrize("duplicate", ["pickle", "pickle 0", "copy", "deepcopy"])
def test_copies_of_a_trial_are_equal_are_frozen_and_can_be_told(duplicate):
    study = Study(nested(), RandomSearch())
    for _ in range(6):
        study.ask()
        twin = COPIES[duplicate](study.trials[-1])
        assert twin == study.trials[-1]
        with pytest.raises(TypeError, match="cannot be changed"):
            twin.params["x"] = 99
        study.tell(twin, 1.0)
    assert len(study.history.finished) == 6


def test_a_frame_of_dataclasses_shows_the_trials():
    study = untouched(3)
    assert pd.DataFrame(study.trials)["number"].tolist() == [0, 1, 2]
    assert pd.DataFrame([trial.params for trial in study.trials])["x"].tolist() == [t.params["x"] for t in study.trials]


def test_trials_are_equal_by_what_they_hold_even_where_that_is_an_array_or_nan():
    space = Space(a=[np.arange(3.0), float("nan"), [np.ones(2)]])
    study = tune(lambda params: 1.0, space, RandomSearch(), 9, progress=False)
    twin = pickle.loads(pickle.dumps(study))
    assert twin.trials == study.trials
    assert list(twin.trials) == list(study.trials)
    other = dataclasses.replace(study.trials[0], params={"a": np.arange(2.0)})
    assert other != study.trials[0]
    assert study.trials[0] != study.trials[0].params
    with pytest.raises(TypeError, match="unhashable"):
        hash(study.trials[0])


def test_marks_of_a_suggestion_are_the_same_after_json():
    class Marks:
        def suggest(self, history):
            return Suggestion({"x": 0.5}, info={"parents": (np.int64(3), 4), "gain": np.float64(0.5), "why": None})

    study = Study(Space(x=Float(0, 1)), Marks())
    study.tell(study.ask(), 1.0)
    assert study.trials[0].info == {"parents": [3, 4], "gain": 0.5, "why": None}
    assert Study.from_json(study.to_json(), study.space, Marks()) == study


def test_a_search_goes_on_alike_after_everything_was_wrecked():
    study = untouched(4)
    for trial in (*study.trials, *study.history.finished):
        wreck(trial.params)
    wreck(study.trials[:])
    assert told(run(study, lambda params: params["x"], 8, progress=False)) == told(untouched(8))


def test_marks_in_the_history_cannot_be_changed_and_those_of_a_given_trial_are_a_copy():
    study = Study(nested(), Keeps())
    given = study.ask()
    given.info["path"].append(99)
    given.info["rung"] = 99
    trial = study.trials[0]
    for change in (lambda: trial.info.update(rung=99), lambda: trial.info["path"].append(99)):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert trial.info == {"path": [0]}


def test_plain_trials_that_hold_arrays_can_be_compared():
    one, other = (Trial(0, {"a": np.arange(3.0), "b": [np.ones(2)]}) for _ in range(2))
    assert one == other
    assert one != Trial(0, {"a": np.arange(3.0), "b": [np.zeros(2)]})
    assert one != Trial(1, {"a": np.arange(3.0), "b": [np.ones(2)]})
