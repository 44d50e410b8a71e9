"""Dimensions with a distribution of their own, against SciPy."""

import json
import math

import numpy as np
import pytest
import scipy.stats as st

from hpt_lab.space import Space
from hpt_lab.space.distributions import Continuous, Discrete

REAL = [st.expon(scale=100), st.lognorm(2), st.norm(1e6, 0.1), st.cauchy(), st.beta(0.5, 0.5), st.truncnorm(-1, 3), st.gamma(0.1), st.t(2), st.rv_histogram(np.histogram([1, 2, 2, 5]))()]  # fmt: skip
WHOLE = [st.poisson(4), st.geom(0.2, loc=-3), st.binom(9, 0.3), st.bernoulli(0.2), st.zipf(3), st.skellam(3, 5), st.rv_discrete(values=([1, 4, 9], [0.2, 0.3, 0.5]))()]  # fmt: skip
U = np.random.default_rng(0).random(40).tolist()


@pytest.mark.parametrize("dist", REAL, ids=lambda dist: dist.dist.name)
def test_a_coordinate_is_a_share_of_the_draws(dist):
    one = Continuous(dist)
    for u in [0.0, 1e-9, *U, 1.0]:
        value = one.decode(u)
        assert type(value) is float
        assert math.isfinite(value)
        assert one.decode(one.encode(value)) == value
        assert dist.cdf(value) == pytest.approx(min(max(u, 1e-6), 1 - 1e-6), abs=1e-8)
    assert [one.decode(0.0), one.decode(1.0)] == [one.low, one.high]
    assert [one.encode(one.low), one.encode(one.high)] == [0.0, 1.0]
    np.testing.assert_allclose(one.values(4), dist.ppf([0.125, 0.375, 0.625, 0.875]), rtol=1e-8)


@pytest.mark.parametrize("dist", WHOLE, ids=lambda dist: dist.dist.name)
def test_an_integer_owns_its_probability(dist):
    one = Discrete(dist)
    assert [one.decode(u) for u in U] == dist.ppf(U).tolist()
    for value in one.values():
        left, right = (float(edge[0]) for edge in one.edges(np.array([one.encode(value)])))
        assert one.decode(one.encode(value)) == value == one.decode(left)
        assert left == 0 or one.decode(left - 1e-12) < value
        assert right - left == pytest.approx(dist.pmf(value), abs=3e-6)
    snapped = one.snap(np.array(U))
    assert snapped.tolist() == [one.encode(one.decode(u)) for u in U]
    assert one.keys(np.array(U)).tolist() == [one.index(one.decode(u)) for u in U]
    assert len(one.values(2)) <= 2


def test_values_beyond_those_suggested_are_taken_and_others_refused():
    assert Continuous(st.expon()).check(1e5) == 1e5
    assert Continuous(st.expon()).encode(1e5) == 1.0
    for one, value in ((Continuous(st.expon()), -0.1), (Discrete(st.poisson(4)), -1), (Discrete(st.poisson(4)), 10**9)):
        with pytest.raises(ValueError, match=f"the value {value} must be"):
            one.check(value)
    with pytest.raises(TypeError, match=r"poisson\(4\): value=2.5 must be an integer"):
        Discrete(st.poisson(4)).check(2.5)


def test_it_may_be_a_parent_and_a_child_and_a_description():
    space = Space(n=Discrete(st.geom(0.5)), x=Continuous(st.expon(scale=3)).when(n=[2, 3]))
    for u in np.random.default_rng(1).random((60, 2)):
        params = space.decode(u)
        assert ("x" in params) == (params["n"] in (2, 3))
        assert space.decode(space.encode(params)) == params
        assert space.decode(space.cube.settle(u[None])[0])["n"] == params["n"]
    text = json.dumps(space.describe())
    assert Space.from_description(json.loads(text)) == space
    assert repr(space) == "Space(n=geom(0.5), x=expon(scale=3).when(n=[2, 3]))"
    assert space != Space(n=Discrete(st.geom(0.5)), x=Continuous(st.expon(scale=2)).when(n=[2, 3]))


@pytest.mark.parametrize("law", [{"name": "os", "args": [], "kwds": {}}, {"name": "__class__", "args": [], "kwds": {}}, {"name": "norm", "args": ["0"], "kwds": {}}, {"name": "norm", "args": [], "kwds": {"size": 3}}, {"name": "expon"}, {"name": ["expon"], "args": [], "kwds": {}}, 3, None])  # fmt: skip
def test_a_description_of_no_distribution_of_scipy_is_refused(law):
    described = Space(x=Continuous(st.norm())).describe()
    described["x"]["law"] = law
    with pytest.raises(ValueError, match="Space: the description of x"):
        Space.from_description(described)


def test_a_description_calls_nothing_but_a_distribution():
    described = Space(x=Continuous(st.norm())).describe()
    described["x"]["law"] = {"name": "gmean", "args": [3.0], "kwds": {}}
    with pytest.raises(ValueError, match=r"the distribution 'gmean' must be one of scipy.stats; make the space"):
        Space.from_description(described)
