"""Define-by-run: values, scopes, discovery, and clear errors."""

import math

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


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda hp: hp.Int("n", 9, 3), "n: Int: low=9 must be below high=3"),
        (lambda hp: hp.Float("lr", 0.0, 1.0, sampling="log"), "lr: Float: low=0.0 must be above 0"),
        (lambda hp: hp.Int("n", 1, 9, sampling="reverse"), "sampling='reverse' of n must be 'linear' or 'log'"),
        (lambda hp: hp.Int("n", 1, 9, default=10), "n: default=10 is not possible"),
        (lambda hp: hp.Choice("c", ["a"], default="b"), "c: default='b' is not possible"),
        (lambda hp: hp.Choice("c", []), "c: Categorical: choices"),
        (lambda hp: (hp.Int("n", 1, 9), hp.Int("n", 1, 8)), "'n' is registered already as Int"),
        (lambda hp: hp.conditional_scope("who", 1).__enter__(), "parent_name='who' must be one registered before"),
        (lambda hp: hp.search_space(), "must ask hp for a hyperparameter"),
    ],
)
def test_bad_input_is_named(ask, message):
    with pytest.raises(ValueError, match=message):
        ask(HyperParameters())


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError, match="must be one of"):
        HyperParameters().get("units")


def test_a_space_made_by_hp_is_searched_by_any_strategy():
    def build(hp):
        return hp.Int("units", 32, 256, step=32), hp.Float("lr", 1e-4, 1e-2, sampling="log")

    space = discover(build).search_space()
    study = hpt.tune(lambda p: p["lr"] * p["units"], space, hpt.RandomSearch(), 20, progress=False)
    assert {type(t.params["units"]) for t in study.trials} == {int}
