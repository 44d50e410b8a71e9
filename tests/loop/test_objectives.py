"""An objective of the wrong shape is refused before the first trial; one that can be called is called."""

import functools
import operator
from unittest import mock

import pytest

from hpt_lab import Float, Hyperband, RandomSearch, Space, Study, Suggestion, run, tune

LINE = Space(x=Float(-1, 1))
CALLED = []


class Budgets:
    def suggest(self, history):
        return Suggestion(history.space.sample(history.rng), budget=3)


class Trainer:
    def one(self, params):
        CALLED.append((params,))
        return params["x"]

    def two(self, params, budget):
        CALLED.append((params, budget))
        return params["x"] * budget

    @staticmethod
    def still(params):
        return Trainer().one(params)

    @classmethod
    def of_class(cls, params):
        return cls().one(params)


class CalledWithOne(Trainer):
    def __call__(self, params):
        return self.one(params)


class CalledWithTwo(Trainer):
    def __call__(self, params, budget):
        return self.two(params, budget)


class Made(float):
    """A class is a function too, of what makes it."""

    def __new__(cls, params):
        return super().__new__(cls, Trainer().one(params))


def position_only(params, budget, /):
    return Trainer().two(params, budget)


def any_number(*args):
    CALLED.append(args)
    return args[0]["x"]


def with_default(params, budget=1):
    CALLED.append((params, budget))
    return params["x"]


def named_only(params, *, budget):
    raise AssertionError("never called")


def handed_on(function):
    """What a decorator that measures or logs does."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def filled_in(function):
    """A decorator that gives the second argument itself: it takes one, whatever stands within."""

    @functools.wraps(function)
    def wrapper(params):
        return function(params, 1)

    return wrapper


one, two = Trainer().one, Trainer().two
ONE = {
    "function": lambda params: one(params),
    "bound method": one,
    "static method": Trainer.still,
    "class method": Trainer.of_class,
    "object": CalledWithOne(),
    "partial": functools.partial(two, budget=3),
    "decorated": handed_on(one),
    "twice decorated": handed_on(handed_on(one)),
    "filled in": filled_in(two),
    "class": Made,
    "C function": len,
    "other names": lambda hp: one(hp),
}
TWO = {
    "function": lambda params, budget: two(params, budget),
    "bound method": two,
    "object": CalledWithTwo(),
    "partial": functools.partial(two),
    "decorated": handed_on(two),
    "position only": position_only,
    "other names": lambda hp, epochs: two(hp, epochs),
}
BOTH = {
    "any number": any_number,
    "with a default": with_default,
    "decorated": handed_on(with_default),
    "mock": mock.Mock(return_value=1.0),
    "tuple of any": lambda params, *more: params["x"],
}
DOES_NOT_TELL = {"a C function that does not tell": operator.itemgetter("x")}
NEITHER = {
    "none": lambda: 1.0,
    "three": lambda params, budget, seed: 1.0,
    "a named one too": named_only,
    "filled too far": functools.partial(two, {}, 1),
}


def refused(objective, strategy, message):
    CALLED.clear()
    study, shown = Study(LINE, strategy), []
    with pytest.raises(TypeError, match=message) as caught:
        run(study, objective, 5, progress=False, callbacks=[lambda study, trial: shown.append(trial)])
    assert "\n" not in str(caught.value)
    assert caught.value.study is study
    assert (study.trials, CALLED, shown) == ((), [], [])


@pytest.mark.parametrize("objective", [*TWO.values(), *NEITHER.values()], ids=[*TWO, *NEITHER])
def test_an_objective_that_cannot_be_called_with_params_alone_is_refused_before_the_first_trial(objective):
    refused(objective, RandomSearch(), r"sets no budget, so the objective must be a function objective\(params\)")


CACHED = {"cached": functools.lru_cache(one)}


@pytest.mark.parametrize("objective", [*(ONE | CACHED | NEITHER).values()], ids=[*ONE, *CACHED, *NEITHER])
@pytest.mark.parametrize("strategy", [Budgets(), Hyperband(1, 9)], ids=["budgets", "Hyperband"])
def test_an_objective_that_takes_no_budget_is_refused_before_the_first_trial(objective, strategy):
    refused(objective, strategy, r"sets budgets, so the objective must be a function objective\(params, budget\)")


RIGHT = [(RandomSearch(), right) for kind in (ONE, BOTH, DOES_NOT_TELL) for right in kind.values()]
RIGHT += [(Budgets(), right) for kind in (TWO, BOTH) for right in kind.values()]


@pytest.mark.parametrize(("strategy", "objective"), RIGHT)
def test_an_objective_of_the_right_shape_is_called(strategy, objective):
    study = tune(objective, LINE, strategy, 3, progress=False)
    assert [trial.state for trial in study.trials] == ["complete"] * 3


def test_a_default_is_left_alone_under_a_plain_search_and_replaced_under_budgets():
    CALLED.clear()
    tune(with_default, LINE, RandomSearch(), 1, progress=False)
    tune(with_default, LINE, Budgets(), 1, progress=False)
    assert [budget for _, budget in CALLED] == [1, 3]


def test_an_error_within_the_objective_is_no_wrong_shape():
    def objective(params):
        return two(params)  # one argument too few, but not ours

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'budget'") as caught:
        tune(objective, LINE, RandomSearch(), 3, progress=False)
    assert [trial.state for trial in caught.value.study.trials] == ["failed"] * 3


def test_a_strategy_that_begins_to_set_budgets_is_noticed_at_that_trial():
    class Later:
        def suggest(self, history):
            return Suggestion({"x": 0.5}, budget=3 if len(history.trials) == 2 else None)

    study = Study(LINE, Later())
    with pytest.raises(TypeError, match="sets budgets, so"):
        run(study, lambda params: 1.0, 5, progress=False)
    assert [trial.state for trial in study.trials] == ["complete", "complete"]


@pytest.mark.parametrize(
    "callback",
    [print, lambda *args: None, mock.Mock(), lambda study, trial, more=1: None, isinstance],
    ids=["print", "any", "mock", "default", "C"],
)
def test_a_callback_that_can_be_called_is_called(callback):
    if callback is isinstance:  # of the right shape, but it does not like a trial
        with pytest.raises(TypeError, match="arg 2 must be a type"):
            tune(one, LINE, RandomSearch(), 2, progress=False, callbacks=[callback])
    else:
        assert len(tune(one, LINE, RandomSearch(), 2, progress=False, callbacks=[callback]).trials) == 2
