"""Search spaces for Hypothesis to draw: `st.from_type(Space)`, and `Float`, `Int` and `Categorical` likewise."""

import numpy as np
from hypothesis import strategies as st
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hpt_lab import Categorical, Float, Int, Space

UNIT = st.floats(0, 1)
ESTIMATORS = [SVC(C=1), SVC(C=2), DecisionTreeClassifier()]
ARRAYS = [np.arange(3), np.arange(4), np.zeros((2, 2))]


@st.composite
def floats(draw):
    log, low = draw(st.booleans()), draw(st.floats(-1e6, 1e6))
    low = 10 ** draw(st.floats(-12, 6)) if log else low
    high = low * draw(st.floats(1.1, 1e9)) if log else low + draw(st.floats(1e-2, 1e6))
    step = draw(st.none() | (st.floats(1.01, 1.1) if log else st.floats(1e-3, 1e-2)))
    return Float(low, high, log=log, step=step)


@st.composite
def ints(draw):
    log = draw(st.booleans())
    low = draw(st.integers(1, 1000) if log else st.integers(-(10**6), 10**6))
    high = draw(st.integers(2 * low, 10**12) if log else st.integers(low + 1, low + 10**9))
    step = draw(st.none() | (st.just(2) if log else st.integers(1, high - low)))
    return Int(low, high, log=log, step=step)


CHOICES = [1, True, 1.0, None, "a", (1, 2), [8], {"a": [1]}, float("nan"), *ESTIMATORS, *ARRAYS]
categoricals = st.lists(st.sampled_from(CHOICES), min_size=1, unique_by=id).map(Categorical)
dimensions = st.one_of(floats(), ints(), categoricals)


@st.composite
def spaces(draw):
    """Up to five dimensions, each on the condition of some earlier ones (chains and diamonds among them)."""
    named = {}
    for name in draw(st.permutations(["a", "b", "c", "d", "e"]))[: draw(st.integers(1, 5))]:
        dimension = draw(dimensions)
        parents = draw(st.lists(st.sampled_from(sorted(named)), unique=True, max_size=2)) if named else []
        for parent in parents:
            places = draw(st.lists(UNIT, min_size=1, max_size=3))
            dimension = dimension.when(**{parent: [named[parent].decode(u) for u in places]})
        named[name] = dimension
    return Space(named)


st.register_type_strategy(Float, floats())
st.register_type_strategy(Int, ints())
st.register_type_strategy(Categorical, categoricals)
st.register_type_strategy(Space, spaces())
