"""JSON of a study: what is not one is refused in one sentence that names the field, and nothing is written that is."""

import copy
import json
import math
import pickle
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import getitem, setitem

import numpy as np
import pytest

from hpt_lab import Float, Int, RandomSearch, Space, Study, Suggestion, Trial
from hpt_lab.tools.storage.text import from_text, to_text

SPACE = Space(x=Float(-1, 1), n=Int(1, 9), c=["a", "b"])
DEEP = "[" * 100_000


class Marks:
    """Params that stand in no need of luck, a budget, and marks of every type that JSON has."""

    def suggest(self, history):
        info = {"rung": len(history.trials), "path": [1, [2.5]], "why": None, "last": True, "of": {"a": "b"}}
        return Suggestion({"x": 0.5, "n": 3, "c": "b"}, budget=3, info=info)


class Fixed:
    def __init__(self, **more):
        self.more = more

    def suggest(self, history):
        return Suggestion({"x": 0.5, "n": 3, "c": "a"}, **self.more)


def stored():
    """What to_json writes of a study with a complete, a failed and a running trial."""
    study = Study(SPACE, Marks(), direction="maximize", seed=7)
    study.tell(study.ask(), 0.25)
    study.tell(study.ask(), error="no")
    study.ask()
    return json.loads(study.to_json())


def load(text):
    return Study.from_json(text, SPACE, Marks())


def test_a_study_of_every_state_comes_back_whole():
    text = json.dumps(stored())
    study = load(text)
    assert (study.direction, study.seed) == ("maximize", 7)
    assert [trial.state for trial in study.trials] == ["complete", "failed", "running"]
    assert study.to_json() == text
    study.tell(study.trials[2], 0.5)
    assert study.best.number == 2
    with pytest.raises(TypeError, match="cannot be changed"):
        study.trials[0].params["x"] = 99
    with pytest.raises(TypeError, match="cannot be changed"):
        study.trials[0].info["path"].append(99)


def test_fields_that_have_a_default_may_be_missing():
    study = load('{"direction": "minimize", "seed": 0, "trials": [{"number": 0, "state": "complete", "value": 1, '
                 '"params": "{\\"x\\": 0.5, \\"n\\": 3, \\"c\\": 1}"}]}')  # fmt: skip
    assert (study.best_value, type(study.best_value), study.best_params["c"]) == (1.0, float, "b")


def put(value, *path):
    """A change of what was stored: `value` at the end of the path."""
    *path, last = path
    return lambda study: setitem(reduce(getitem, path, study), last, value)


def drop(*path):
    *path, last = path
    return lambda study: reduce(getitem, path, study).pop(last)


def trial(place, /, **fields):
    return lambda study: study["trials"][place].update(fields)


BROKEN = {
    "no direction": (drop("direction"), "must be what a study's to_json wrote"),
    "no trials": (drop("trials"), "must be what a study's to_json wrote"),
    "unknown direction": (put("max", "direction"), "direction='max'"),
    "direction null": (put(None, "direction"), "direction=None"),
    "seed a text": (put("0", "seed"), "seed='0'"),
    "seed true": (put(True, "seed"), "seed=True"),
    "seed too large": (put(2**64, "seed"), "seed=18446744073709551616"),
    "another field": (put(1, "version"), "field 'version' must be one of"),
    "trials a dict": (put({}, "trials"), "trials={} must be a list"),
    "a trial a number": (put(3, "trials", 1), "Trial 1: the entry 3 must be a dict"),
    "unknown field": (trial(1, colour="red"), "Trial 1: the field 'colour' must be one of"),
    "no number": (drop("trials", 1, "number"), "Trial 1: the field 'number' must not be missing"),
    "number twice": (trial(1, number=0), "Trial 1: number=0 must be 1, its position"),
    "number a text": (trial(1, number="1"), "Trial 1: number='1'"),
    "number a float": (trial(1, number=1.0), r"Trial 1: number=1\.0"),
    "number true": (trial(1, number=True), "Trial 1: number=True"),
    "state done": (trial(0, state="done"), "Trial 0: state='done' must be one of"),
    "state a list": (trial(0, state=["complete"]), "Trial 0: state="),
    "value a text": (trial(0, value="0"), "Trial 0: value='0' must be a finite number"),
    "value nan": (trial(0, value=math.nan), "Trial 0: value=nan must be a finite number"),
    "value true": (trial(0, value=True), "Trial 0: value=True must be a finite number"),
    "value beyond floats": (trial(0, value=10**400), "Trial 0: value=(1000|inf)"),
    "complete without a value": (trial(0, value=None), "Trial 0: value=None must be a number, since"),
    "complete, value missing": (drop("trials", 0, "value"), "Trial 0: value=None must be a number, since"),
    "failed with a value": (trial(1, value=0.5), "Trial 1: value=0.5 must be None, since its state is failed"),
    "running with a value": (trial(2, value=0.5), "Trial 2: value=0.5 must be None, since its state is running"),
    "complete with an error": (trial(0, error="no"), "Trial 0: error='no' must be null"),
    "running with an error": (trial(2, error="no"), "Trial 2: error='no' must be null"),
    "error a number": (trial(1, error=3), "Trial 1: error=3 must be a string"),
    "params a dict": (trial(0, params={"x": 0.5, "n": 3, "c": 1}), "Trial 0: params={'x': 0.5"),
    "params null": (trial(0, params=None), "Trial 0: params=None must be a string"),
    "params a list": (trial(0, params="[1]"), r"Trial 0: params='\[1\]' must be of this space"),
    "params too many": (trial(0, params='{"x": 0, "n": 3, "c": 1, "y": 2}'), "Trial 0: params=.* 'y'"),
    "params out of bounds": (trial(0, params='{"x": 7, "n": 3, "c": 1}'), "Trial 0: params=.* x: "),
    "params of a wrong type": (trial(0, params='{"x": 0, "n": 3.5, "c": 1}'), "Trial 0: params=.* n: "),
    "choice unknown": (trial(0, params='{"x": 0, "n": 3, "c": 2}'), "Trial 0: params=.* c must be"),
    "params without end": (trial(0, params=DEEP), "Trial 0: params="),
    "budget zero": (trial(0, budget=0), "Trial 0: budget=0 must be a finite number above 0"),
    "budget a text": (trial(0, budget="3"), "Trial 0: budget='3' must be"),
    "started negative": (trial(0, started=-1.0), "Trial 0: started=-1 must be a finite number of at least 0"),
    "started null": (trial(0, started=None), "Trial 0: started=None must be"),
    "seconds negative": (trial(0, seconds=-0.5), "Trial 0: seconds=-0.5 must be"),
    "seconds of a running trial": (trial(2, seconds=0.5), "Trial 2: seconds=0.5 must be null"),
    "info a list": (trial(0, info=["rung"]), r"Trial 0: info=\['rung'\] must be a dict"),
    "info null": (trial(0, info=None), "Trial 0: info=None must be a dict"),
    "info with nan": (trial(0, info={"gain": [math.nan]}), "Trial 0: info: gain=nan must be a finite number"),
    "unused a text": (trial(0, unused="x"), "Trial 0: unused='x' must be a list of names of params"),
    "unused unknown": (trial(0, unused=["x", "y"]), r"Trial 0: unused=\['x', 'y'\] must be a list of names of params"),
    "unused a list of lists": (trial(0, unused=[["x"]]), r"Trial 0: unused=\[\['x'\]\] must be a list of names of params"),
    "unused while running": (trial(2, unused=["x"]), "Trial 2: unused=.* must be a list of names of params of a finished trial"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_study_is_refused_in_one_sentence_that_names_the_field(change, message):
    study = stored()
    change(study)
    with pytest.raises(ValueError, match=f"^from_json: .*{message}") as caught:
        load(json.dumps(study))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


TEXTS = {  # more in tests/wrong_calls
    "half": '{"direction": "minimize", "seed"',
    "nan": "NaN",
    "without end": DEEP,
    "too many digits": "1" * 5000,
    "a byte that is none": b"\xff\xfe\x00",
    "a dict": {"direction": "minimize", "seed": 0, "trials": []},
    "a file": open,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_no_study_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"^from_json: ") as caught:
        load(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("field", ["seed", "number", "value"])
def test_a_field_that_comes_twice_is_refused(field):
    text = json.dumps(stored())
    at = text.index(f'"{field}"')
    with pytest.raises(ValueError, match=f"from_json: the field '{field}' appears twice, but must appear once"):
        load(f'{text[:at]}"{field}": 0, {text[at:]}')


@pytest.mark.parametrize("text", [json.dumps(stored()), json.dumps(stored()).encode()], ids=["text", "bytes"])
def test_no_single_missing_character_is_taken_for_a_study_of_other_trials(text):
    states = [trial.state for trial in load(text).trials]
    for at in range(0, len(text), 7):
        try:
            found = [trial.state for trial in load(text[:at] + text[at + 1 :]).trials]
        except ValueError:
            continue
        assert found == states  # a digit of a number was missing, or a letter of a mark


# What would not come back is refused where it arises


@pytest.mark.parametrize(
    ("budget", "kept"),
    [(np.int64(3), 3), (np.float32(0.5), 0.5), (np.array(2), 2), (3, 3), (0.25, 0.25), (Fraction(1, 4), 0.25)],
    ids=repr,
)
def test_a_budget_is_kept_as_a_plain_number_that_json_has(budget, kept):
    study = Study(SPACE, Fixed(budget=budget))
    assert (study.ask().budget, type(study.trials[0].budget)) == (kept, type(kept))
    assert Study.from_json(study.to_json(), SPACE, RandomSearch()) == study


def test_what_is_written_is_json_proper_whatever_was_told():
    study = Study(SPACE, RandomSearch())
    for value in (math.nan, -math.inf, 1e308, -0.0, 5e-324, 10**400, "\ud800"):
        study.tell(study.ask(), value)
    study.tell(study.ask(), error="\ud800\x00\n")
    text = study.to_json()
    json.loads(text, parse_constant=pytest.fail)
    assert text.isascii()
    assert Study.from_json(text, SPACE, RandomSearch()) == study


def test_what_a_trial_left_unused_is_stored_by_its_name_and_found_again():
    text = json.loads(stored_text := json.dumps(stored()))
    text["trials"][0]["unused"] = ["n", "c"]
    study, whole = (Study.from_json(json.dumps(one), SPACE, RandomSearch()) for one in (text, json.loads(stored_text)))
    trial, before = study.trials[0], whole.trials[0]
    assert (trial.params, trial.unused) == (
        {"x": before.params["x"]}, {name: before.params[name] for name in ("n", "c")},
    )  # fmt: skip
    assert trial.suggested == before.params == before.suggested
    assert study != whole
    assert json.loads(study.to_json())["trials"][0] == text["trials"][0]
    for change in (lambda: trial.unused.update(n=1), lambda: trial.suggested.update(n=1)):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    for twin in (copy.deepcopy(study), pickle.loads(pickle.dumps(study))):
        assert twin == study
        assert [t.params for t in twin.history.as_suggested.trials] == [t.params for t in whole.trials]


# Entries of the log


def test_an_entry_is_a_trial_that_begins_or_one_that_was_added_or_the_one_outcome_of_a_running_one():
    space = Space(x=Float(0, 1))
    running = Trial(0, {"x": 0.5}, started=1.0)
    complete = replace(running, state="complete", value=1.0, seconds=2.0)
    added = replace(complete, info={"origin": "added"})
    assert from_text(to_text(running, space), 0, space, None) == running
    assert from_text(to_text(added, space), 0, space, None) == added
    assert from_text(to_text(complete, space), 0, space, running) == complete
    whole = to_text(added, space)
    for text, state in ((whole.replace("added", "start"), "complete"), (to_text(replace(running, info=added.info), space), "running")):  # fmt: skip
        with pytest.raises(ValueError, match=rf"Trial 0: state='{state}' must be 'running' first"):
            from_text(text, 0, space, None)
    outcome = to_text(complete, space)
    for text, before in ((outcome[:-1] + ', "number": 1}', running), (outcome, complete), (whole, running), ("[]", running)):  # fmt: skip
        with pytest.raises(ValueError, match=r"Trial 0: the entry .* must be its only outcome"):
            from_text(text, 0, space, before)
