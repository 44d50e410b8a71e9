"""Wrong arguments of TPE, evolution and halving: each is refused in one sentence with its name, its value and what is right."""

import math

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.values.checks import short

SPACE = hpt.Space(x=hpt.Float(0, 1))
NO_NUMBERS = ["3", None, math.nan, math.inf, True, [3], {}, np.array([3, 4]), 1j]
NO_INTEGERS = [*NO_NUMBERS, 2.5, np.float64(3.0)]
NO_FLAGS = [1, 0.0, "yes", None, [True]]


class Suggests:
    """A strategy that always says the same."""

    def __init__(self, said):
        self.said = said

    def suggest(self, history):
        return self.said

    def __repr__(self):
        return f"Suggests({self.said})"


BUDGETS = {
    "min_budget": [*NO_INTEGERS, 0, -1, 10],  # the last one is above max_budget
    "max_budget": [*NO_INTEGERS, 0, -1],
    "eta": [*NO_INTEGERS, 1, 0, -3],
    "source": ["random", 3, [hpt.RandomSearch()], hpt.RandomSearch, SPACE],
}
RUNS = {"warmup": [*NO_INTEGERS, 0, -1], "n_trials": [*NO_INTEGERS, 0, -1]}
WRONG = {
    hpt.TPE: {
        "gamma": [*(v for v in NO_NUMBERS if not isinstance(v, str)), 0, 1, 0.0, 1.0, -0.1, 1.5, "best", "", {"sqrt"}],
        "n_initial": [*NO_INTEGERS, 0, -1],
        "n_candidates": [*NO_INTEGERS, 0, -1],
        "contrast": [*NO_NUMBERS, 0.5, 0, -1],
        "prior_weight": [*NO_NUMBERS, 0, -1.0],
        "bandwidth": [*NO_NUMBERS, 0, -1.0, "wide", ""],
        "multivariate": NO_FLAGS,
    },
    hpt.KnowledgeGradient: {"n_initial": [*(v for v in NO_INTEGERS if v is not None), 0, -1], "repeat": NO_FLAGS},
    hpt.GeneticAlgorithm: {
        "population_size": [*NO_INTEGERS, 1, 0, -1],
        "tournament_size": [*NO_INTEGERS, 0, -1, 21],
        "crossover": [*NO_NUMBERS, -0.1, 1.5],
        "ageing": NO_FLAGS,
    },
    hpt.SuccessiveHalving: {"n_configs": [*NO_INTEGERS, 0, -1], **BUDGETS},
    hpt.PercentileStopping: {"percentile": [*NO_NUMBERS, 0, 100, -1.0, 101], **RUNS},
    hpt.MedianStopping: RUNS,
    hpt.ForecastStopping: {"probability": [*NO_NUMBERS, 0, 1, -0.1, 5], **RUNS},
    hpt.Patience: {"units": [*NO_INTEGERS, 0, -1], "min_delta": [*NO_NUMBERS, -0.1]},
    hpt.Hyperband: BUDGETS,
    hpt.ASHA: BUDGETS,
}
RIGHT = {
    hpt.PercentileStopping: {"percentile": 50},
    hpt.Patience: {"units": 5},
    hpt.SuccessiveHalving: {"n_configs": 9, "min_budget": 1, "max_budget": 9},
    hpt.Hyperband: {"min_budget": 1, "max_budget": 9},
    hpt.ASHA: {"min_budget": 1, "max_budget": 9},
}
CALLS = [
    (strategy, name, value)
    for strategy, arguments in WRONG.items()
    for name, values in arguments.items()
    for value in values
    if not (name == "source" and value is None)
]


def one_sentence(error):
    message = str(error)
    assert "\n" not in message
    assert ". " not in message.replace("...", "")
    assert len(message) < 220
    return message


@pytest.mark.parametrize(
    ("strategy", "name", "value"), CALLS, ids=lambda part: short(getattr(part, "__name__", part), 30)
)
def test_a_wrong_argument_is_named_with_its_value_and_what_is_right(strategy, name, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        strategy(**RIGHT.get(strategy, {}) | {name: value})
    message = one_sentence(caught.value)
    assert message.startswith(f"{strategy.__name__}: {name}=")
    shown = {short(value), f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else ""}
    assert any(text and f"{name}={text} " in message for text in shown) or "array of shape (2,)" in message
    assert " must " in message


def test_the_table_is_long_enough_to_mean_something():
    assert len(CALLS) >= 200


@pytest.mark.parametrize("right", [np.int64(9), np.int32(9)])
def test_numpys_integers_are_as_good_as_pythons(right):
    assert type(hpt.Hyperband(1, right).max_budget) is int
    assert type(hpt.TPE(n_initial=right).n_initial) is int
    assert type(hpt.GeneticAlgorithm(population_size=right).population_size) is int


@pytest.mark.parametrize("make", [lambda **o: hpt.SuccessiveHalving(9, 1, 9, **o), lambda **o: hpt.ASHA(1, 9, **o)])
@pytest.mark.parametrize("source", [Suggests({"x": 0.5}), Suggests(hpt.Suggestion({"x": 0.5}, 3)), hpt.Hyperband(1, 9)])
def test_what_a_source_may_not_suggest_is_refused_at_the_first_trial(make, source):
    study = hpt.Study(SPACE, make(source=source))
    with pytest.raises(
        TypeError, match=r"the source suggested .*, which must be a Suggestion without a budget"
    ) as caught:
        study.ask()
    one_sentence(caught.value)
    assert len(study.trials) == 0


@pytest.mark.parametrize("strategy", [hpt.SuccessiveHalving(9, 1, 9), hpt.Hyperband(1, 9), hpt.ASHA(1, 9)])
@pytest.mark.parametrize("info", [{}, {"bracket": 0}, {"bracket": 0, "rung": 0}, {"rung": 0, "config": 1}])
def test_a_trial_without_its_marks_is_named(strategy, info):
    history = hpt.History(SPACE, [hpt.Trial(0, {"x": 0.5}, 1, 0.0, "complete", info=info)])
    with pytest.raises(ValueError, match=r"trial 0 is on no rung, .*; begin a new study") as caught:
        strategy.suggest(history)
    one_sentence(caught.value)
