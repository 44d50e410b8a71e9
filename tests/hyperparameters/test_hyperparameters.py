"""Define-by-run: values, scopes, discovery, and clear errors."""

import math

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.hyperparameters import HyperParameters, discover


def test_defaults_are_the_minimum_or_the_first_value():
    hp = HyperParameters()
    assert hp.Int("units", 32, 256, step=32) == 32
    assert hp.Float("lr", 1e-4, 1e-2, sampling="log") == 1e-4
    assert hp.Choice("activation", ["relu", "tanh"]) == "relu"
    assert hp.Boolean("shuffle") is False
    assert hp.Fixed("epochs", 5) == 5
    assert hp.Int("layers", 1, 4, default=2) == 2
    assert hp.values == {
        "units": 32, "lr": 1e-4, "activation": "relu", "shuffle": False, "epochs": 5, "layers": 2
    }  # fmt: skip
    assert [h.name for h in hp.space] == list(hp.values)


def test_the_maximum_is_included_and_a_log_step_multiplies():
    hp = HyperParameters()
    hp.Int("units", 32, 256, step=32)
    hp.Int("width", 2, 32, step=2, sampling="log")
    hp.Float("rate", 0.0, 0.5, step=0.25)
    space = hp.search_space()
    assert space["units"].values() == [32, 64, 96, 128, 160, 192, 224, 256]
    assert space["width"].values() == [2, 4, 8, 16, 32]
    assert space["rate"].values() == [0.0, 0.25, 0.5]


def test_the_documents_step_makes_128_unreachable():
    hp = HyperParameters()
    hp.Int("first_hidden", 16, 256, step=32)
    assert 128 not in hp.search_space()["first_hidden"].values()


def test_a_given_value_is_returned_instead_of_the_default():
    hp = HyperParameters().copy({"units": 96})
    assert hp.Int("units", 32, 256, step=32) == 96
    assert hp.get("units") == hp["units"] == 96
    assert "units" in hp


def test_an_inactive_parameter_is_none_and_absent_from_values():
    hp = HyperParameters()
    hp.Choice("model", ["linear", "net"])
    with hp.conditional_scope("model", ["net"]):
        assert hp.Int("layers", 1, 3) is None
        with hp.conditional_scope("layers", [2, 3]):
            assert hp.Float("dropout", 0.0, 0.5) is None
    assert hp.values == {"model": "linear"}
    assert not hp.is_active("dropout")
    assert hp.is_active("model")
    with pytest.raises(ValueError, match="layers is inactive"):
        hp.get("layers")
    space = hp.search_space()
    assert not space.contains({"model": "linear", "layers": 2})
    assert space.contains({"model": "net", "layers": 2, "dropout": 0.1})


def test_one_name_in_two_scopes_is_active_in_either():
    hp = HyperParameters()
    hp.Choice("model", ["a", "b", "c"])
    for value in ("a", "b"):
        with hp.conditional_scope("model", value):
            hp.Int("k", 1, 9)
    space = hp.search_space()
    assert space.contains({"model": "b", "k": 3})
    assert not space.contains({"model": "c", "k": 3})


def test_a_range_is_a_list_of_parent_values():
    hp = HyperParameters()
    hp.Int("layers", 1, 4, default=3)
    with hp.conditional_scope("layers", range(2, 5)):
        assert hp.Int("second", 8, 64) == 8
    assert [hp.search_space().contains({"layers": n, "second": 8}) for n in range(1, 5)] == [False, True, True, True]


def test_discovery_calls_once_and_once_more_for_each_closed_branch():
    calls = []

    def build(hp, default):
        calls.append(default)
        hp.Choice("kind", ["a", "b"], default=default)
        with hp.conditional_scope("kind", ["b"]):
            for name in ("one", "two", "three"):
                hp.Int(name, 1, 9)
        return "model"

    for default, n_calls in (("a", 2), ("b", 1)):
        calls.clear()
        assert len(discover(lambda hp, default=default: build(hp, default)).search_space()) == 4
        assert len(calls) == n_calls


def test_discovery_opens_every_scope():
    def build(hp):
        if hp.Choice("model", ["linear", "net"]) == "net":
            pass
        with hp.conditional_scope("model", ["net"]):
            if hp.values["model"] == "net":
                hp.Int("layers", 1, 3)
        with hp.conditional_scope("model", ["net"]):
            hp.Boolean("bias")
            with hp.conditional_scope("bias", True):
                hp.Float("scale", 0.1, 1.0)
        return object()

    hp = discover(build)
    assert {h.name for h in hp.space} == {"model", "layers", "bias", "scale"}
    assert hp.values == {"model": "linear"}
    assert hp.search_space().size == math.inf


def test_config_and_copy_round_trip():
    hp = HyperParameters()
    hp.Choice("model", ["linear", "net"], default="net")
    with hp.conditional_scope("model", ["net"]):
        hp.Int("units", 8, 64, step=2, sampling="log", default=16)
    again = HyperParameters.from_config(hp.get_config())
    assert again.get_config() == hp.get_config()
    assert again.search_space() == hp.search_space()
    copied = hp.copy()
    copied.values["units"] = 64
    assert hp.values["units"] == 16


def test_an_unknown_name_is_a_key_error():
    hp = HyperParameters()
    for ask in (hp.get, hp.__getitem__, hp.is_active):
        with pytest.raises(KeyError, match="name='units' must be one of"):
            ask("units")


def test_a_float_is_a_float_and_a_boolean_a_boolean_whatever_was_given():
    hp = HyperParameters()
    given = hp.Float("x", 0, 1), hp.Float("y", 0, 2, default=1), hp.Boolean("b", default=np.True_)
    given += (hp.Int("n", np.int64(1), 4), hp.Choice("c", np.array([8, 16])))
    assert [(type(value), value) for value in given] == [(float, 0), (float, 1), (bool, True), (int, 1), (int, 8)]


def test_one_name_may_be_asked_for_again_if_nothing_differs_but_not_with_a_value_that_python_calls_equal():
    hp = HyperParameters()
    assert [hp.Choice("c", [1, 2]) for _ in range(2)] == [1, 1]
    assert [hp.Float("x", 0, 1) for _ in range(2)] == [0, 0]
    with pytest.raises(ValueError, match="'c' is already registered"):
        hp.Choice("c", [True, 2])
    with pytest.raises(ValueError, match="'c' is already registered"):
        hp.Choice("c", [1, 2], default=2)
    with pytest.raises(ValueError, match="'x' is already registered"):
        hp.Int("x", 0, 1)


def test_a_scope_tells_1_from_true():
    hp = HyperParameters()
    hp.Choice("c", [1, True])
    with hp.conditional_scope("c", True):
        assert hp.Int("inside", 1, 3) is None
    with hp.conditional_scope("c", 1):
        assert hp.Int("other", 1, 3) == 1


def test_a_scope_takes_a_choice_that_is_a_list_itself():
    hp = HyperParameters()
    hp.Choice("widths", [[8], [16, 16]])
    with hp.conditional_scope("widths", [16, 16]):
        assert hp.Float("dropout", 0, 0.5) is None
    with hp.conditional_scope("widths", [[8], [16, 16]]):
        assert hp.Int("k", 1, 3) == 1
    assert hp.search_space().contains({"widths": [16, 16], "dropout": 0.5, "k": 2})


def test_nobody_can_change_a_definition_through_what_hp_returns():
    hp, arrays = HyperParameters(), [np.zeros(2), np.ones(2)]
    before = HyperParameters()
    for each in (hp, before):
        each.Choice("widths", [[8], [16, 16]])
    hp.Choice("widths", [[8], [16, 16]]).append(1)
    hp.get("widths").append(2)
    hp.copy().values["widths"].append(3)
    hp.get_config()["space"][0]["config"]["values"][0].append(4)
    hp.get_config()["values"]["widths"].append(5)
    assert hp.get_config() == before.get_config()
    hp.Choice("weights", arrays)[:] = 7
    assert hp.copy(hp.values).Choice("weights", arrays).tolist() == [0, 0]


def test_what_two_copies_registered_is_put_together():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b", "c"])
    copies = [hp.copy({"kind": kind}) for kind in "bac"]
    for copied in copies:
        with copied.conditional_scope("kind", copied["kind"]):
            copied.Int("shared", 1, 3)
            copied.Int(f"only_{copied['kind']}", 1, 3)
        hp.add(hp.new_in(copied))
    assert [hp.new_in(copied) for copied in copies] == [[], [], []]
    assert [(h.name, h.conditions) for h in hp.space] == [
        ("kind", {}), ("shared", {"kind": ["b", "a", "c"]}),
        ("only_b", {"kind": ["b"]}), ("only_a", {"kind": ["a"]}), ("only_c", {"kind": ["c"]}),
    ]  # fmt: skip
    assert hp.values == {"kind": "a", "shared": 1, "only_a": 1}


def test_an_error_in_a_scope_closes_it():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"])
    with pytest.raises(ZeroDivisionError), hp.conditional_scope("kind", "b"):
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="must have a value of the scope around it"), hp.conditional_scope("kind", "b"):
        hp.conditional_scope("kind", "a").__enter__()
    assert hp.Int("n", 1, 3) == 1


def test_a_space_made_by_hp_is_searched_by_any_strategy():
    def build(hp):
        return hp.Int("units", 32, 256, step=32), hp.Float("lr", 1e-4, 1e-2, sampling="log")

    space = discover(build).search_space()
    study = hpt.tune(lambda p: p["lr"] * p["units"], space, hpt.RandomSearch(), 20, progress=False)
    assert {type(t.params["units"]) for t in study.trials} == {int}
