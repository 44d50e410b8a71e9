"""The arguments of other libraries: each is refused with the name that it has here, and signatures stay."""

import copy
import inspect
import pickle

import pytest
from sklearn.base import clone
from sklearn.svm import SVC

import hpt_lab as hpt
from hpt_lab import HyperParameters, SearchCV

SPACE = {"C": hpt.Float(0.1, 1)}


def tune(**wrong):
    return hpt.tune(lambda params: 0.0, SPACE, hpt.RandomSearch(), **wrong)


CALLS = [
    (lambda: tune(n_jobs=2), "tune: n_jobs=2 is not an argument; use n_workers="),
    (lambda: tune(n_calls=9), "tune: n_calls=9 is not an argument; use n_trials="),
    (lambda: tune(n_trials=1, random_state=9), "tune: random_state=9 is not an argument; use seed="),
    (lambda: tune(mode="max"), "tune: mode='max' is not an argument; use direction='maximize'"),
    (lambda: hpt.population_based_training(random_state=1), "population_based_training: random_state=1 is not an argument; use seed="),
    (lambda: hpt.run(None, None, n_iter=9), "run: n_iter=9 is not an argument; use n_trials="),
    (lambda: SearchCV(SVC(), SPACE, n_iter=5), "SearchCV: n_iter=5 is not an argument; use n_trials="),
    (lambda: SearchCV(SVC(), param_grid={"C": [1]}), "SearchCV: param_grid={'C': [1]} is not an argument; use space="),
    (lambda: SearchCV(SVC(), SPACE, seed=1), "SearchCV: seed=1 is not an argument; use random_state="),
    (lambda: SearchCV(SVC(), SPACE, n_workers=1), "SearchCV: n_workers=1 is not an argument; use n_jobs="),
    (lambda: SearchCV(SVC(), SPACE, factor=3), "SearchCV: factor=3 is not an argument; use strategy="),
    (lambda: hpt.Float(1, 2, sampling="log"), "Float: sampling='log' is not an argument; use log=True"),
    (lambda: hpt.Float(min_value=1, high=2), "Float: min_value=1 is not an argument; use low="),
    (lambda: hpt.Int(1, 9, q=2), "Int: q=2 is not an argument; use step="),
    (lambda: hpt.Categorical(values=[1]), "Categorical: values=[1] is not an argument; use choices="),
    (lambda: HyperParameters().Float("x", 1, 2, log=True), "HyperParameters.Float: log=True is not an argument; use sampling='log'"),
    (lambda: HyperParameters().Int("x", low=1, high=2), "HyperParameters.Int: low=1 is not an argument; use min_value="),
    (lambda: HyperParameters().Choice("x", choices=[1]), "HyperParameters.Choice: choices=[1] is not an argument; use values="),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[message for _, message in CALLS])
def test_the_name_of_another_library_is_answered_with_the_name_here(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


def test_a_name_of_no_library_stays_an_error_of_python():
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        hpt.Float(0, 1, colour=3)


@pytest.mark.parametrize(
    ("name", "right"), [("suggest_float", "Float"), ("suggest_categorical", "Choice"), ("randint", "Int")]
)
def test_a_method_of_another_library_is_answered_with_the_one_here(name, right):
    with pytest.raises(AttributeError, match=rf"the attribute '{name}' must be hp.{right}\('name', ...\)"):
        getattr(HyperParameters(), name)
    assert not hasattr(HyperParameters(), "colour")


def test_signatures_stay():
    assert list(inspect.signature(hpt.tune).parameters)[:4] == ["objective", "space", "strategy", "n_trials"]
    assert set(inspect.signature(hpt.Float).parameters) == {"low", "high", "log", "step", "condition"}
    assert list(inspect.signature(HyperParameters.Float).parameters)[:3] == ["self", "name", "min_value"]
    assert "Literal['minimize', 'maximize']" in str(inspect.signature(hpt.tune))
    assert "Literal['minimize', 'maximize']" in str(inspect.signature(hpt.Study))
    search = SearchCV(SVC(), SPACE, n_trials=3)
    assert clone(search).get_params(deep=False)["n_trials"] == 3
    hp = HyperParameters()
    hp.Int("n", 1, 9)
    for same in (pickle.loads(pickle.dumps(hp)), copy.deepcopy(hp), copy.copy(hp)):
        assert same.values == {"n": 1}
    assert pickle.loads(pickle.dumps((hpt.tune, SPACE))) == (hpt.tune, SPACE)
