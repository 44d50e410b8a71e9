"""The lab beside the real keras-tuner: the same values, the same spaces, the same listing. Run by `make keras`."""

import importlib.util
import json
import os
from pathlib import Path

import pytest

from hpt_lab.hyperparameters import HyperParameters

os.environ.setdefault("KERAS_BACKEND", "jax")
keras_tuner = pytest.importorskip("keras_tuner", reason="make keras installs it, in an environment of its own")

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "03_the_solution"


def build_plain(hp):
    hp.Int("first_hidden", 128, 256, step=32)
    hp.Int("second_hidden", 16, 128, step=32)
    hp.Float("learning_rate", 0.005, 0.01, sampling="log")


def build_defaults(hp):
    hp.Int("units", 8, 64, step=8, default=24)
    hp.Float("dropout", 0.0, 0.5, step=0.125)  # of step=0.1, keras-tuner loses 0.5 to rounding
    hp.Choice("activation", ["relu", "tanh"], default="tanh")
    hp.Boolean("bias")
    hp.Boolean("norm", default=True)
    hp.Fixed("batch", 64)


def build_log_steps(hp):
    hp.Int("batch", 2, 32, step=2, sampling="log")
    hp.Int("odd", 3, 100, step=3, sampling="log")
    hp.Float("decay", 1e-5, 1e-1, step=10, sampling="log")


def build_branches(hp):
    hp.Choice("layers", [1, 2, 3])
    with hp.conditional_scope("layers", [2, 3]):
        hp.Int("second", 16, 64, step=16)
        hp.Choice("between", ["nothing", "dropout"])
        with hp.conditional_scope("between", ["dropout"]):
            hp.Float("dropout", 0.0, 0.5, step=0.25)
    with hp.conditional_scope("layers", [3]):
        hp.Int("third", 8, 32, step=8)


every_build = pytest.mark.parametrize(
    "build", [build_plain, build_defaults, build_log_steps, build_branches], ids=lambda f: f.__name__
)


def pair(build):
    ours, theirs = HyperParameters(), keras_tuner.HyperParameters()
    build(ours)
    build(theirs)
    return ours, theirs


@every_build
def test_default_values_are_equal(build):
    ours, theirs = pair(build)
    assert ours.values == theirs.values


@every_build
def test_registered_names_and_kinds_are_equal_in_order(build):
    ours, theirs = pair(build)
    assert [(h.name, h.kind) for h in ours.space] == [(h.name, type(h).__name__) for h in theirs.space]


@every_build
def test_the_values_of_finite_hyperparameters_are_equal(build):
    ours, theirs = pair(build)
    for one, other in zip(ours.space, theirs.space, strict=True):
        if getattr(other, "step", True) is None:
            continue
        values = [other.value] if one.kind == "Fixed" else list(other.values)
        assert sorted(one.dimension.values()) == pytest.approx(sorted(values)), one.name


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_branches_open_for_the_same_values(layers):
    ours, theirs = HyperParameters(), keras_tuner.HyperParameters()
    ours.values["layers"] = theirs.values["layers"] = layers
    build_branches(ours)
    build_branches(theirs)
    assert ours.values == theirs.values


def test_the_listing_gives_what_is_stored():
    """Accuracies to within 0.04, since Keras is not the same on every processor; the rest exactly."""
    spec = importlib.util.spec_from_file_location("keras_listing", CHAPTER / "keras_listing.py")
    listing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(listing)
    found = listing.main()
    stored = json.loads((CHAPTER / "keras_listing.json").read_text(encoding="utf-8"))
    assert (found["trials"], found["epochs"]) == (stored["trials"], stored["epochs"])
    for tuner in ("keras_tuner", "hpt_lab"):
        for score in ("validation", "test"):
            assert found[tuner][score] == pytest.approx(stored[tuner][score], abs=0.04), (tuner, score)
        assert list(found[tuner]["best"]) == list(stored[tuner]["best"])
        assert found[tuner]["best"]["second_hidden"] in (16, 48, 80, 112)
