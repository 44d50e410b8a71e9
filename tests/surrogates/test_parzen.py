"""The Parzen estimator against integrals, SciPy's truncated normal, and its own samples."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import truncnorm

import hpt_lab as hpt
from hpt_lab.surrogates import ParzenEstimator, parzen
from hpt_lab.surrogates.parzen import check_kernels, coordinates

BANDWIDTHS = ["neighbours", 0.15]


def total(density, space, **fixed):
    """The sum of a density over the grid of a finite space."""
    grid = space.grid()
    return np.exp(density.log_density([grid[i] for i in range(grid.size)])).sum()


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize("bandwidth", BANDWIDTHS)
@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (hpt.Float(-3.0, 7.0), [-3.0, -2.9, 4.0, 4.0]),
        (hpt.Float(1e-3, 1e2, log=True), [1e-3, 0.5, 0.6, 100.0]),
    ],
)
def test_a_continuous_density_integrates_to_one(dimension, values, bandwidth, multivariate):
    space = hpt.Space(x=dimension)
    density = ParzenEstimator(space, [{"x": v} for v in values], bandwidth=bandwidth, multivariate=multivariate)
    marks = values if not dimension.log else np.geomspace(1e-3, 1e2, 40).tolist()
    at = lambda x: math.exp(density.log_density([{"x": x}])[0])  # noqa: E731
    area, _ = quad(at, dimension.low, dimension.high, points=sorted(set(marks)), limit=400)
    assert area == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize("bandwidth", BANDWIDTHS)
@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (hpt.Int(3, 40), [3, 4, 4, 40]),
        (hpt.Int(1, 300, log=True), [1, 1, 17, 300]),
        (hpt.Int(16, 256, step=32), [16, 48, 240]),
        (hpt.Int(2, 64, log=True, step=2), [2, 32, 64]),
        (hpt.Float(0.0, 1.0, step=0.05), [0.0, 0.35, 1.0]),
        (hpt.Float(1e-4, 1.0, log=True, step=10), [1e-4, 1e-2]),
        (hpt.Categorical(["a", "b", "c"]), ["a", "a", "c"]),
        (hpt.Categorical(["only"]), ["only"]),
    ],
)
def test_a_countable_density_sums_to_one(dimension, values, bandwidth, multivariate):
    space = hpt.Space(x=dimension)
    density = ParzenEstimator(space, [{"x": v} for v in values], bandwidth=bandwidth, multivariate=multivariate)
    assert total(density, space) == pytest.approx(1, abs=1e-9)


CONDITIONAL = hpt.Space(
    kernel=["linear", "rbf", "poly"],
    degree=hpt.Int(2, 5).when(kernel="poly"),
    scale=hpt.Int(1, 50, log=True).when(kernel=["rbf", "poly"]),
    shrink=[True, False],
    tol=hpt.Int(0, 3).when(shrink=True),
)
SOME = [
    {"kernel": "linear", "shrink": False},
    {"kernel": "poly", "degree": 2, "scale": 50, "shrink": True, "tol": 0},
    {"kernel": "rbf", "scale": 7, "shrink": True, "tol": 3},
    {"kernel": "rbf", "scale": 8, "shrink": True, "tol": 3},
]


@pytest.mark.parametrize("bandwidth", BANDWIDTHS)
@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize("points", [SOME, SOME[:1], []])
def test_a_conditional_density_sums_to_one_over_all_arms(points, multivariate, bandwidth):
    density = ParzenEstimator(CONDITIONAL, points, bandwidth=bandwidth, multivariate=multivariate)
    assert total(density, CONDITIONAL) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("multivariate", [True, False])
def test_samples_follow_the_density(multivariate):
    density = ParzenEstimator(CONDITIONAL, SOME, multivariate=multivariate)
    n = 20_000
    drawn = Counter(CONDITIONAL.to_json(params) for params in density.sample(np.random.default_rng(0), n))
    grid = CONDITIONAL.grid()
    everything = [grid[i] for i in range(grid.size)]
    expected = n * np.exp(density.log_density(everything))
    observed = np.array([drawn[CONDITIONAL.to_json(params)] for params in everything])
    often = expected > 5
    chi_square = ((observed - expected)[often] ** 2 / expected[often]).sum()
    assert observed.sum() == n
    assert chi_square < often.sum() + 5 * math.sqrt(2 * often.sum())


def test_continuous_samples_follow_the_density():
    space = hpt.Space(x=hpt.Float(1e-2, 1e2, log=True))
    density = ParzenEstimator(space, [{"x": 1e-2}, {"x": 3.0}, {"x": 4.0}])
    drawn = np.array([params["x"] for params in density.sample(np.random.default_rng(1), 20_000)])
    for low, high in [(1e-2, 1e-1), (1e-1, 2.0), (2.0, 5.0), (5.0, 1e2)]:
        share, _ = quad(lambda x: math.exp(density.log_density([{"x": x}])[0]), low, high, limit=200)
        assert ((drawn >= low) & (drawn < high)).mean() == pytest.approx(share, abs=0.015)


def test_it_equals_scipys_mixture_of_truncated_normals():
    space = hpt.Space(x=hpt.Float(-2.0, 2.0), y=hpt.Float(0.0, 10.0))
    centers, s = np.array([[-1.0, 1.0], [0.5, 9.0], [2.0, 4.0]]), 0.2
    points = [{"x": x, "y": y} for x, y in centers]
    at = [{"x": -1.5, "y": 3.0}, {"x": 2.0, "y": 10.0}, {"x": 0.0, "y": 0.0}]
    one = np.ones((len(at), 4, 2))
    for j, (name, low, width) in enumerate([("x", -2.0, 4.0), ("y", 0.0, 10.0)]):
        scale = s * width
        for i, c in enumerate(centers[:, j]):
            a, b = (low - c) / scale, (low + width - c) / scale
            one[:, i, j] = truncnorm.pdf([params[name] for params in at], a, b, c, scale)
        one[:, 3, j] = 1 / width  # the prior
    weights = np.array([1, 1, 1, 0.5]) / 3.5
    joint = ParzenEstimator(space, points, bandwidth=s, prior_weight=0.5)
    np.testing.assert_allclose(np.exp(joint.log_density(at)), one.prod(axis=2) @ weights, rtol=1e-12)
    apart = ParzenEstimator(space, points, bandwidth=s, prior_weight=0.5, multivariate=False)
    np.testing.assert_allclose(np.exp(apart.log_density(at)), (one * weights[:, None]).sum(1).prod(1), rtol=1e-12)


@pytest.mark.parametrize("multivariate", [True, False])
def test_without_points_it_is_the_uniform_prior(multivariate):
    space = hpt.Space(x=hpt.Float(0, 4), y=hpt.Float(1e-2, 1e2, log=True), n=hpt.Int(1, 5), k=["a", "b"])
    density = ParzenEstimator(space, [], multivariate=multivariate)
    at = [{"x": 0.1, "y": 0.5, "n": 1, "k": "a"}, {"x": 4.0, "y": 100.0, "n": 5, "k": "b"}]
    expected = [1 / 4 / (y * math.log(1e4)) / 5 / 2 for y in (0.5, 100.0)]
    np.testing.assert_allclose(np.exp(density.log_density(at)), expected, rtol=1e-12)


def test_neighbours_set_the_width_of_a_kernel():
    space = hpt.Space(x=hpt.Float(0, 1))
    points = [{"x": x} for x in (0.1, 0.4, 0.9)]
    assert ParzenEstimator(space, points)._width[0].tolist() == pytest.approx([0.3, 0.5, 0.5, 1.0])
    assert ParzenEstimator(space, points[:1])._width[0, 0] == pytest.approx(0.9)  # the farther bound
    crowd = ParzenEstimator(space, [{"x": 0.5}] * 8)
    assert crowd._width[0, :-1].tolist() == pytest.approx([0.1] * 8)  # 1 / (n + 2)
    sharp = ParzenEstimator(space, [{"x": 0.5}] * 8, narrowest=0.5)
    assert sharp._width[0, :-1].tolist() == pytest.approx([0.05] * 8)


def test_a_multivariate_kernel_keeps_what_belongs_together():
    space = hpt.Space(x=hpt.Float(0, 1), y=hpt.Float(0, 1))
    points = [{"x": v, "y": v} for v in (0.1, 0.15, 0.85, 0.9)]
    together, mixed = {"x": 0.12, "y": 0.12}, {"x": 0.12, "y": 0.88}
    joint = ParzenEstimator(space, points, bandwidth=0.1).log_density([together, mixed])
    apart = ParzenEstimator(space, points, bandwidth=0.1, multivariate=False).log_density([together, mixed])
    assert joint[0] - joint[1] > 1
    assert apart[0] == pytest.approx(apart[1], abs=0.01)


def test_duplicate_and_extreme_points_leave_it_finite():
    reals = {"x": hpt.Float(-8e307, 8e307), "y": hpt.Float(1e-300, 1e300, log=True)}
    space = hpt.Space({**reals, "n": hpt.Int(1, 10**12, log=True), "m": hpt.Int(0, 10**11)})
    points = [{"x": 8e307, "y": 1e300, "n": 10**12, "m": 0}] * 200 + [{"x": -8e307, "y": 1e-300, "n": 1, "m": 10**11}]
    density = ParzenEstimator(space, points)
    assert np.isfinite(density.log_density([*points[-2:], {"x": 0.0, "y": 1.0, "n": 1000, "m": 5 * 10**10}])).all()
    assert all(map(space.contains, density.sample(np.random.default_rng(0), 50)))


def test_points_of_another_space_are_refused():
    with pytest.raises(ValueError, match="param 'y' is unknown"):
        ParzenEstimator(hpt.Space(x=hpt.Float(0, 1)), [{"y": 1}])
    with pytest.raises(ValueError, match=r"between 0\.0 and 1\.0"):
        ParzenEstimator(hpt.Space(x=hpt.Float(0, 1)), []).log_density([{"x": 2.0}])


def test_a_constant_has_the_probability_one():
    space = hpt.Space(x=hpt.Float(2, 2), n=hpt.Int(3, 3, log=True), k=["a", "b"])
    points = [{"x": 2.0, "n": 3, "k": "a"}]
    for multivariate in (True, False):
        density = ParzenEstimator(space, points, multivariate=multivariate)
        assert total(density, space) == pytest.approx(1, abs=1e-12)
        assert all(map(space.contains, density.sample(np.random.default_rng(0), 20)))


def test_coordinates_are_nan_where_a_dimension_is_inactive():
    found = coordinates(CONDITIONAL, SOME)
    active = np.array([CONDITIONAL.active(params) for params in SOME])
    np.testing.assert_array_equal(np.isnan(found), ~active)
    np.testing.assert_array_equal(found[active], np.array([CONDITIONAL.encode(params) for params in SOME])[active])
    assert coordinates(CONDITIONAL, []).shape == (0, 5)


def test_points_may_be_given_as_coordinates():
    by_params = ParzenEstimator(CONDITIONAL, SOME)
    by_coordinates = ParzenEstimator(CONDITIONAL, coordinates(CONDITIONAL, SOME))
    np.testing.assert_array_equal(by_params.log_density(SOME), by_coordinates.log_density(SOME))


def test_kernels_are_checked_in_the_name_of_whoever_asks():
    assert check_kernels("TPE", prior_weight=np.float64(2), bandwidth=0.5, multivariate=np.bool_(False)) == {
        "prior_weight": 2.0, "bandwidth": 0.5, "narrowest": 1.0, "multivariate": False,
    }  # fmt: skip
    assert check_kernels("TPE", bandwidth="neighbours")["bandwidth"] == "neighbours"
    with pytest.raises(ValueError, match=r"^TPE: narrowest=0 must be a finite number above 0$"):
        check_kernels("TPE", narrowest=0)


def test_kernels_at_one_value_keep_their_own_widths_where_equal_ones_are_computed_once(monkeypatch):
    space, rng = hpt.Space(n=hpt.Int(1, 20), k=hpt.Int(1, 300, log=True)), np.random.default_rng(0)
    points = [{"n": int(n), "k": int(k)} for n, k in rng.integers(1, [21, 40], size=(parzen.FEW + 50, 2))]
    density, u = ParzenEstimator(space, points), space.settle(rng.random((parzen.FEW + 30, 2)))
    centers = {(one, round(width, 9)) for one, width in zip(density._center[0], density._width[0], strict=True)}
    assert len(centers) > len({one for one, _ in centers})  # some kernels differ in their widths alone
    terms = density.log_terms(u)
    monkeypatch.setattr(parzen, "FEW", math.inf)  # each is computed
    np.testing.assert_allclose(terms, density.log_terms(u), rtol=1e-12)
