"""Wrong calls of the search space, the grid, the checks, the features and the Parzen estimator: one sentence each."""

import math

import numpy as np
import pytest
from sklearn.svm import SVC

from hpt_lab import Categorical, Float, GridSearch, History, Int, ManualSearch, Space
from hpt_lab.space import Grid
from hpt_lab.surrogates import ParzenEstimator
from hpt_lab.surrogates.learning import features
from hpt_lab.surrogates.parzen import check_kernels, coordinates
from hpt_lab.values import checks

SPACE = Space(
    C=Float(0.1, 10, log=True),
    kernel=["linear", "rbf"],
    gamma=Float(0, 1).when(kernel="rbf"),
    n=Int(1, 9),
    layers=[[8], [16]],
)
GOOD = {"C": 1.0, "kernel": "linear", "n": 3, "layers": [8]}
POINTS = np.full((3, 5), 0.3)
RNG = np.random.default_rng(0)
NO_NUMBERS = ["3", None, [1.0], {"a": 1}, True, np.zeros(2), 1j, np.array("a"), SVC, np.bool_(True)]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float64("nan"), 10**400]
NO_INTEGERS = ["3", None, [1], 1.5, 2.0, True, math.nan, np.zeros(2), np.float64(2), np.bool_(False)]


def shown(value):
    return checks.short(value)


NO_ARRAYS = ["text", None, [["a"] * 5], [[0.5] * 5, [0.5]], np.full((2, 5), True), np.full((2, 5), 0.5 + 1j)]
NO_CUBES = [
    *[(value, TypeError, f"={shown(value)} must be an array of numbers") for value in NO_ARRAYS],
    (np.full(5, 0.5), ValueError, " of shape (5,) must have shape (n, 5)"),
    (np.full((2, 4), 0.5), ValueError, " of shape (2, 4) must have shape (n, 5)"),
    (0.5, ValueError, " of shape () must have shape (n, 5)"),
    (np.full((2, 5), 1.2), ValueError, " holds 1.2, but must hold numbers from 0 to 1"),
    (np.full((2, 5), -1e-9), ValueError, " holds -1e-09, but must hold"),
    (np.full((2, 5), math.inf), ValueError, " holds inf, but must hold"),
]
NAN_POINTS = (np.full((2, 5), math.nan), ValueError, " holds nan, but must hold numbers from 0 to 1")


def wrong_numbers(call, name, finite="must be a finite number"):
    for value in NO_NUMBERS:
        yield (lambda value=value: call(value)), TypeError, f"{name}={shown(value)} {finite}"
    for value in NOT_FINITE:
        seen = math.inf if isinstance(value, int) else float(value)
        yield (lambda value=value: call(value)), ValueError, f"{name}={seen} {finite}"


def wrong_integers(call, name, integer="must be an integer", values=NO_INTEGERS):
    for value in values:
        yield (lambda value=value: call(value)), TypeError, f"{name}={shown(value)} {integer}"


def wrong_cubes(call, name, cubes=(*NO_CUBES, NAN_POINTS)):
    for value, error, message in cubes:
        yield (lambda value=value: call(value)), error, f"{name}{message}"


def wrong_coordinates(call, name):
    """Of one dimension: any shape, from 0 to 1."""
    for value, error, message in NO_CUBES:
        if "shape (n" not in message:
            yield (lambda value=value: call(value)), error, f"{name}{message}"


NO_COORDINATE = [
    ("0.5", TypeError, "the coordinate '0.5' must be a number in [0, 1]"),
    (None, TypeError, "the coordinate None must be a number"),
    (True, TypeError, "the coordinate True must be a number"),
    ([0.5], TypeError, "the coordinate [0.5] must be a number"),
    (np.full(2, 0.5), TypeError, "the coordinate an array of shape (2,) must be a number"),
    (-0.1, ValueError, "the coordinate -0.1 must be in [0, 1]"),
    (np.float64(1.1), ValueError, "the coordinate 1.1 must be in [0, 1]"),
    (math.nan, ValueError, "the coordinate nan must be in [0, 1]"),
    (2, ValueError, "the coordinate 2 must be in [0, 1]"),
]
NO_RNG = [None, 0, "rng", np.random.RandomState(0), np.random.default_rng]

DIMENSIONS = [
    *wrong_numbers(lambda low: Float(low, 1), "Float: low"),
    *wrong_numbers(lambda high: Float(0, high), "Float: high"),
    *[case for case in wrong_numbers(lambda step: Float(0, 1, step=step), "Float: step") if "=None" not in case[2]],
    *wrong_integers(lambda low: Int(low, 9), "Int: low"),
    *wrong_integers(lambda high: Int(0, high), "Int: high"),
    *[case for case in wrong_integers(lambda step: Int(0, 9, step=step), "Int: step") if "=None" not in case[2]],
    *[(lambda log=log: Float(1, 2, log=log), TypeError, f"Float: log={shown(log)} must be True or False")
      for log in ("yes", 1, 10, None, np.zeros(2))],
    *[(lambda log=log: Int(1, 2, log=log), TypeError, f"Int: log={shown(log)} must be True or False")
      for log in ("yes", 1, 10, None)],
    (lambda: Float(2, 1), ValueError, "Float: low=2.0 must be below high=1.0"),
    (lambda: Int(2, 1), ValueError, "Int: low=2 must be below high=1"),
    (lambda: Int(10**400, 1), ValueError, "must be below high=1"),
    (lambda: Float(0, 1, log=True), ValueError, "Float: low=0.0 must be above 0 where log=True"),
    (lambda: Float(-1, -1, log=True), ValueError, "Float: low=-1.0 must be above 0 where log=True"),
    (lambda: Int(0, 1, log=True), ValueError, "Int: low=0 must be above 0 where log=True"),
    (lambda: Float(-1e308, 1e308), ValueError, "the range from low=-1e+308 to high=1e+308 must be below 1.8e308"),
    (lambda: Float(0, 1, step=0), ValueError, "Float: step=0.0 must be above 0"),
    (lambda: Float(1, 9, step=1, log=True), ValueError, "Float: step=1.0 must be above 1 where log=True"),
    (lambda: Float(0, 1, step=1.5), ValueError, "Float: step=1.5 must not be larger than the range from 0.0 to 1.0"),
    (lambda: Float(0, 1, step=1e-14), ValueError, "Float: step=1e-14 must be at least 1e-11"),
    (lambda: Int(0, 9, step=-2), ValueError, "Int: step=-2 must be above 0"),
    (lambda: Int(0, 9, step=10), ValueError, "Int: step=10 must not be larger than the range from 0 to 9"),
    (lambda: Int(2, 9, step=5, log=True), ValueError, "Int: step=5 must not be larger than the range"),
    (lambda: Int(0, 10**12), ValueError, "the range from 0 to 1000000000000 must hold at most 10^12 values; use a step"),
    (lambda: Int(1, 10**12 + 1, log=True), ValueError, "Int: high=1000000000001 must be at most 10^12 where log=True"),
    (lambda: Float(1e300, 1.00000000000001e300, log=True), ValueError, "low=1e+300 and high=1.00000000000001e+300 must"),
    (lambda: Float(1.0, 1.00000000000001), ValueError, "low=1.0 and high=1.00000000000001 must be further apart"),
    (lambda: Float(0, 1, condition=3), TypeError, "Float: condition=3 must be a mapping from parents to values"),
    *[(lambda choices=choices: Categorical(choices), TypeError, f"Categorical: choices={shown(choices)} must be a list")
      for choices in ("abc", b"abc", {"a": 1}, {1, 2}, frozenset([1]), 3, None, 1.5, True, np.array(3), SVC, list)],
    (lambda: Categorical([]), ValueError, "Categorical: choices=[] must hold at least one choice"),
    *[(lambda choices=choices: Categorical(choices), ValueError, f"the choice {shown(choices[-1])} must appear once")
      for choices in (["a", "a"], [1, 2, 1], [[8], [8]], [math.nan, math.nan], [np.arange(2), np.arange(2)], [{1}, {1}])],
    (lambda: Int(0, 1).when(), ValueError, "when: name a parent and its value, as in .when(kernel='rbf')"),
    (lambda: Int(0, 1).when(k=1).when(k=2), ValueError, "when: k already has a condition"),
    *wrong_numbers(Float(0, 1).check, "Float: value"),
    *wrong_integers(Int(0, 9).check, "Int: value"),
    (lambda: Float(0, 1).encode(2), ValueError, "Float: the value 2.0 must be between 0.0 and 1.0"),
    (lambda: Float(0, 1, step=0.5).index(0.3), ValueError, "Float: the value 0.3 must be on the steps of 0.5 from 0.0"),
    (lambda: Int(0, 9).encode(10), ValueError, "Int: the value 10 must be between 0 and 9"),
    (lambda: Int(0, 9, step=2).index(3), ValueError, "Int: the value 3 must be on the steps of 2 from 0"),
    *[(lambda value=value: Categorical(["a", "b"]).encode(value), ValueError,
       f"Categorical: the value {shown(value)} must be one of ['a', 'b']")
      for value in ("c", None, 0, ["a"], np.zeros(2), {"a": 1}, SVC)],
    (lambda: Categorical(list(range(10_000))).index("x"), ValueError, "the value 'x' must be one of [0, 1, 2"),
    *[(lambda u=u, d=d: d.decode(u), error, f"decode: {message}") for u, error, message in NO_COORDINATE
      for d in (Float(0, 1), Int(1, 9, log=True), Categorical(["a"]))],
    *[case for d in (Float(0, 1), Int(0, 9), Int(1, 9, log=True)) for case in wrong_coordinates(d.snap, "snap: u")],
    *[case for d in (Float(0, 1), Int(1, 9, log=True)) for case in wrong_coordinates(d.keys, "keys: u")],
    *[case for d in (Float(0, 1), Int(1, 9, log=True)) for case in wrong_coordinates(d.edges, "edges: u")],
    *[case for d in (Int(0, 9), Categorical(["a"]))
      for case in wrong_coordinates(lambda u, d=d: d.neighbour(u, 0.1, RNG), "neighbour: u")],
    *[(lambda rng=rng, d=d: d.neighbour(np.zeros(2), 0.1, rng), TypeError, f"neighbour: rng={shown(rng)} must be a generator")
      for rng in NO_RNG for d in (Float(0, 1), Categorical(["a"]))],
    *[(lambda scale=scale: Float(0, 1).neighbour(np.zeros(2), scale, RNG), TypeError,
       f"neighbour: scale={shown(scale)} must be an array of numbers") for scale in ("0.1", None, [None], True)],
    *[(lambda r=r: Int(0, 9).values(r), TypeError, f"values: resolution={shown(r)} must be an integer")
      for r in ("3", 2.5, True, [3])],
    (lambda: Float(0, 1).values(0), ValueError, "values: resolution=0 must be at least 1"),
    (lambda: Float(0, 1).values(), ValueError, "values: a continuous dimension has no list of values; give a step"),
]  # fmt: skip

SPACES = [
    (lambda: Space(), ValueError, "Space: needs at least one dimension, as in Space(C=Float(0.1, 10))"),
    (lambda: Space({}), ValueError, "Space: needs at least one dimension"),
    *[(lambda given=given: Space(given), TypeError, f"Space: {shown(given)} must be a mapping from names to dimensions")
      for given in ([1], "C", 3, True, Float(0, 1), SPACE, np.zeros(2), [("C", [1])])],
    *[(lambda name=name: Space({name: [1]}), TypeError, f"Space: the name {shown(name)} must be a string that is not")
      for name in (1, None, "", ("a", "b"), True)],
    *[(lambda given=given: Space(x=given), TypeError,
       f"Space: x={shown(given)} must be a Float, an Int, a Categorical or a list of choices")
      for given in (3, "abc", None, Float, {"a": 1}, {1, 2}, 1.5, True, SVC(), lambda: 3)],
    (lambda: Space(x=[]), ValueError, "x: Categorical: choices=[] must hold at least one choice"),
    (lambda: Space(x=["a", "a"]), ValueError, "x: Categorical: the choice 'a' must appear once"),
    (lambda: Space(x=np.array(3)), TypeError, "x: Categorical: choices=3 must be a list"),
    (lambda: Space({"x": (0, 2)}), ValueError, "x=(0, 2) looks like a range: give Int(0, 2), or a list of choices [0, 2]"),
    (lambda: Space(x=(0.5, 2)), ValueError, "looks like a range: give Float(0.5, 2), or a list of choices [0.5, 2]"),
    (lambda: Space({"x": [1]}, x=[2]), ValueError, "Space: ['x'] must be given once"),
    (lambda: Space(x=Int(0, 1).when(k=1)), ValueError, "Space: x depends on 'k', which must be one of ['x']"),
    (lambda: Space(k=["a"], x=Int(0, 1).when(k="b")), ValueError, "x depends on k='b', which must be a value of k"),
    (lambda: Space(k=["a"], x=Int(0, 1).when(k=["a", 3])), ValueError, "x depends on k=3, which must be a value of k"),
    (lambda: Space(k=Int(0, 9), x=Int(0, 1).when(k=2.5)), ValueError, "x depends on k=2.5, which must be a value of k"),
    (lambda: Space(k=Float(0, 1), x=Int(0, 1).when(k=math.nan)), ValueError, "x depends on k=nan, which must be a value"),
    (lambda: Space(k=["a"], x=Int(0, 1).when(k=[])), ValueError, "x depends on k=[], which must hold at least one value"),
    (lambda: Space(k=["a"], x=Int(0, 1).when(k=np.zeros(2))), ValueError, "k=an array of shape (2,), which must be a value"),
    (lambda: Space(x=Int(0, 1).when(x=1)), ValueError, "the conditions of ['x'] form a cycle"),
    (lambda: Space(x=Int(0, 1).when(y=1), y=Int(0, 1).when(x=1)), ValueError, "of ['x', 'y'] form a cycle"),
    *[(lambda params=params, call=call: call(params), TypeError,
       f"Space: params={shown(params)} must be a mapping from names to values")
      for params in (None, 3, "C", [GOOD], np.zeros(2)) for call in (SPACE.check, SPACE.encode, SPACE.to_json, SPACE.active)],
    *[(lambda more=more, call=call: call({**GOOD, **more}), ValueError, message)
      for call in (SPACE.check, SPACE.encode, SPACE.to_json)
      for more, message in (
          ({"z": 1}, "the params name 'z', which must be one of ['C', 'kernel', 'gamma', 'n', 'layers']"),
          ({3: 1}, "the params name 3, which must be one of"),
          ({"C": "1"}, "C: Float: value='1' must be a finite number"),
          ({"C": True}, "C: Float: value=True must be a finite number"),
          ({"C": math.nan}, "C: Float: value=nan must be a finite number"),
          ({"C": None}, "C: Float: value=None must be a finite number"),
          ({"C": np.ones(2)}, "C: Float: value=an array of shape (2,) must be a finite number"),
          ({"C": 99}, "C: Float: the value 99.0 must be between 0.1 and 10.0"),
          ({"n": 3.0}, "n: Int: value=3.0 must be an integer"),
          ({"n": 10}, "n: Int: the value 10 must be between 1 and 9"),
          ({"kernel": "poly"}, "kernel: Categorical: the value 'poly' must be one of ['linear', 'rbf']"),
          ({"kernel": 0}, "kernel: Categorical: the value 0 must be one of"),
          ({"kernel": "rbf"}, "must have a value for gamma"),
          ({"gamma": 0.5}, "gamma is inactive under"),
          ({"layers": [9]}, "layers: Categorical: the value [9] must be one of [[8], [16]]"),
      )],
    (lambda: SPACE.encode({"C": 1.0}), ValueError, "must have a value for kernel"),
    (lambda: SPACE.active({"kernel": "poly"}), ValueError, "the value 'poly' must be one of"),
    *[(lambda u=u: SPACE.decode(u), TypeError, f"Space: u={shown(u)} must be an array of numbers")
      for u in (None, "text", ["a"] * 5, [True] * 5, [None] * 5, {"C": 1})],
    *[(lambda u=u: SPACE.decode(u), ValueError, message) for u, message in (
        (0.5, "Space: the point of shape () must have shape (5,)"),
        ([0.5] * 4, "Space: the point of shape (4,) must have shape (5,)"),
        (POINTS, "Space: the point of shape (3, 5) must have shape (5,)"),
        ([1.5] * 5, "decode: the coordinate 1.5 must be in [0, 1]"),
        ([math.nan] * 5, "decode: the coordinate nan must be in [0, 1]"),
        ([0.5, 0.1, 0.5, -1, 0.5], "decode: the coordinate -1.0 must be in [0, 1]"),
    )],
    *wrong_cubes(SPACE.snap, "Space.snap: points"),
    *wrong_cubes(SPACE.activity, "Space.activity: points"),
    *wrong_cubes(SPACE.settle, "Space.settle: points"),
    *[(lambda rng=rng: SPACE.sample(rng), TypeError, f"Space.sample: rng={shown(rng)} must be a generator, such as")
      for rng in NO_RNG],
    *[(lambda text=text: SPACE.from_json(text), TypeError, f"Space: text={shown(text)} must be a string that to_json wrote")
      for text in (None, 3, GOOD, ["{}"], True)],
    *[(lambda text=text: SPACE.from_json(text), ValueError, message) for text, message in (
        ("", "Space: text='' must be JSON"),
        ("not json", "Space: text='not json' must be JSON"),
        ("[1]", "Space: text='[1]' must hold a dict of params"),
        ("null", "Space: text='null' must hold a dict"),
        ('"C"', "must hold a dict of params"),
        ("NaN", "Space: text='NaN' must hold a dict"),
        (b"\xff", "must be JSON"),
        ("{}", "must have a value for C"),
        ('{"z": 1}', "the params name 'z'"),
        ('{"kernel": 2}', "the choice number 2 of kernel must be an integer from 0 to 1"),
        ('{"kernel": "rbf"}', "the choice number 'rbf' of kernel must be an integer"),
        ('{"kernel": null}', "the choice number None of kernel must be an integer"),
        ('{"C": NaN, "kernel": 0, "n": 1, "layers": 0}', "C: Float: value=nan must be a finite number"),
        ('{"C": 1, "kernel": 0, "n": "1", "layers": 0}', "n: Int: value='1' must be an integer"),
        ('{"C": 1, "C": 1}', "each of ['C', 'C'] must be given once"),
    )],
    *[(lambda given=given: Space.from_description(given), ValueError, f"Space: the description {shown(given)} must be a dict")
      for given in (None, 3, "x", [1], True)],
    (lambda: Space.from_description({"x": 3}), ValueError, "the description of 'x', 3, must have a known type"),
    (lambda: Space.from_description({"x": {"type": "Set"}}), ValueError, "must have a known type"),
    (lambda: Space.from_description({"x": {"type": "Int"}}), ValueError, "x has the fields ['type'], which must be"),
    (lambda: Space.from_description(Space(m=[SVC()]).describe()), ValueError, "of m: the choice 'SVC()' must be a number"),
]  # fmt: skip

GRIDS = [
    *[(lambda r=r: SPACE.grid(r), TypeError, f"resolution={shown(r)} must be an integer")
      for r in ("3", 2.5, [3], True, math.nan)],
    *[(lambda r=r: SPACE.grid(r), ValueError, f"resolution={r} must be at least 1") for r in (0, -3)],
    (lambda: SPACE.grid(), ValueError, "C is continuous; give it a step, or a resolution: {'C': 10}"),
    (lambda: SPACE.grid({"C": 3}), ValueError, "gamma is continuous; give it a step, or a resolution: {'gamma': 10}"),
    (lambda: SPACE.grid({"z": 3}), ValueError, "resolution names 'z', which must be one of ['C', 'kernel'"),
    (lambda: SPACE.grid({3: 3}), ValueError, "resolution names 3, which must be one of"),
    (lambda: SPACE.grid({"kernel": 1}), ValueError, "resolution names kernel, which must not be a Categorical"),
    (lambda: SPACE.grid({"C": "3"}), TypeError, "resolution of C='3' must be an integer"),
    (lambda: SPACE.grid({"C": 0}), ValueError, "resolution of C=0 must be at least 1"),
    (lambda: Grid(SPACE, {}), TypeError, "Grid: dimensions=Space(C=Float(low=0.1"),
    *[(lambda number=number: SPACE.grid(3)[number], TypeError, f"Grid: number={shown(number)} must be an integer")
      for number in ("0", 1.5, None, True, slice(0, 2), [0])],
    *[(lambda r=r: GridSearch(r), TypeError, f"GridSearch: resolution={shown(r)} must be an integer, or a dict of integers")
      for r in ("3", [3], {3}, 1j, np.zeros(2))],
    (lambda: GridSearch(2.5).suggest(History(SPACE, ())), TypeError, "resolution=2.5 must be an integer"),
    (lambda: GridSearch(0).suggest(History(SPACE, ())), ValueError, "resolution=0 must be at least 1"),
    *[(lambda given=given: ManualSearch(given), TypeError,
       f"ManualSearch: list_of_params={shown(given)} must be a list of dicts") for given in (5, None, "abc", GOOD, 1.5, True)],
    (lambda: ManualSearch([GOOD, ("C", 1)]), TypeError, "ManualSearch: entry 1, ('C', 1), must be a dict of params"),
    (lambda: ManualSearch([GOOD, {"z": 1}]).suggest(History(SPACE, ())), ValueError, "entry 1: Space: the params name 'z'"),
]  # fmt: skip


def kernels(**options):
    return lambda: ParzenEstimator(SPACE, [], **options)


DENSITY = ParzenEstimator(SPACE, [GOOD])
WITHOUT_C = np.array([[math.nan, 0.3, math.nan, 0.5, 0.25]])
SURROGATES = [
    *wrong_cubes(SPACE.settle, "Space.settle: points"),
    *wrong_cubes(SPACE.activity, "Space.activity: points"),
    *wrong_cubes(lambda points: features(SPACE, points), "features: points"),
    *wrong_cubes(DENSITY.log_terms, "ParzenEstimator: points", NO_CUBES),
    *[case for case in wrong_cubes(lambda points: ParzenEstimator(SPACE, np.asarray(points)), "ParzenEstimator: points", [
        case for case in NO_CUBES if isinstance(case[0], np.ndarray)])],
    (lambda: ParzenEstimator(SPACE, WITHOUT_C), ValueError, "points lack C, which must have a coordinate, since it is always"),
    (lambda: DENSITY.log_terms(np.full((1, 5), math.nan)), ValueError, "points lack C, which must have a coordinate"),
    *[(lambda points=points, call=call: call(points), TypeError,
       f"ParzenEstimator: points={shown(points)} must be a list of params")
      for points in (None, 3, "abc", GOOD)
      for call in (lambda points: ParzenEstimator(SPACE, points), DENSITY.log_density, lambda p: coordinates(SPACE, p))],
    (lambda: ParzenEstimator(SPACE, [3]), TypeError, "Space: params=3 must be a mapping"),
    (lambda: DENSITY.log_density([{"C": 1}]), ValueError, "must have a value for kernel"),
    *[(lambda space=space: ParzenEstimator(space, []), TypeError, f"ParzenEstimator: space={shown(space)} must be a Space")
      for space in (None, {"x": [1]}, Float(0, 1))],
    *[(kernels(**{name: value}), error, f"ParzenEstimator: {name}={shown(value)} must be a finite number above 0")
      for name in ("prior_weight", "narrowest")
      for value, error in ((0, ValueError), (-1, ValueError), (math.nan, ValueError), (math.inf, ValueError),
                           (True, TypeError), (None, TypeError), ([1], TypeError))],
    *[(kernels(bandwidth=value), error, f"ParzenEstimator: bandwidth={shown(value)} must be a finite number above 0")
      for value, error in ((0, ValueError), (-1, ValueError), (math.nan, ValueError),
                           (True, TypeError), (None, TypeError), (["scott"], TypeError))],
    *[(kernels(multivariate=value), TypeError, f"ParzenEstimator: multivariate={shown(value)} must be True or False")
      for value in (1, "yes", None)],
    (lambda: check_kernels("TPE", prior_weight=-1), ValueError, "TPE: prior_weight=-1 must be a finite number above 0"),
    (lambda: check_kernels("TPE", bandwidth="wide"), ValueError, "TPE: bandwidth='wide' must be above 0, 'neighbours'"),
    *[(lambda rng=rng, call=call: call(rng, 3), TypeError, f"ParzenEstimator: rng={shown(rng)} must be a generator")
      for rng in NO_RNG for call in (DENSITY.draw, DENSITY.sample)],
    *[(lambda n=n, call=call: call(RNG, n), TypeError, f"ParzenEstimator: n={shown(n)} must be an integer")
      for n in ("3", 1.5, None, True) for call in (DENSITY.draw, DENSITY.sample)],
    (lambda: DENSITY.draw(RNG, -1), ValueError, "ParzenEstimator: n=-1 must be an integer of at least 0"),
]  # fmt: skip

CHECKS = [
    *wrong_integers(lambda value: checks.integer("who: n", value), "who: n"),
    *wrong_integers(lambda value: checks.positive("who: n", value), "who: n"),
    (lambda: checks.integer("who: n", 3, 4), ValueError, "who: n=3 must be an integer of at least 4"),
    (lambda: checks.integer("who: n", 9, 4, 8), ValueError, "who: n=9 must be an integer from 4 to 8"),
    (lambda: checks.integer("who: n", -(10**5000), 0), ValueError, "must be an integer of at least 0"),
    (lambda: checks.positive("who: n", 0), ValueError, "who: n=0 must be at least 1"),
    *wrong_numbers(lambda value: checks.finite("who: x", value), "who: x"),
    *wrong_numbers(lambda value: checks.finite("who: x", value, above=0), "who: x", "must be a finite number above 0"),
    (lambda: checks.finite("who: x", -1, least=0), ValueError, "who: x=-1 must be a finite number of at least 0"),
    (lambda: checks.finite("who: x", 0, above=0), ValueError, "who: x=0 must be a finite number above 0"),
    (lambda: checks.one_of("who: x", "c", ["a", "b"]), ValueError, "who: x='c' must be one of ['a', 'b']"),
    *[(lambda value=value: checks.one_of("who: x", value, ["a"]), TypeError, f"who: x={shown(value)} must be one of ['a']")
      for value in (None, 3, ["a"], np.zeros(2))],
    *[(lambda value=value: checks.flag("who: x", value), TypeError, f"who: x={shown(value)} must be True or False")
      for value in (None, 0, 1, "yes", np.zeros(2), [True])],
    *wrong_cubes(lambda value: checks.cube("who: points", value, 5), "who: points"),
    (lambda: checks.cube("who: points", [0.5, 2], missing=True), ValueError, "who: points holds 2, but must hold numbers"),
]  # fmt: skip

CALLS = [*DIMENSIONS, *SPACES, *GRIDS, *SURROGATES, *CHECKS]


def test_at_least_six_hundred_wrong_calls_are_tried():
    assert len(CALLS) >= 600


@pytest.mark.parametrize(("call", "error", "message"), CALLS, ids=range(len(CALLS)))
def test_a_wrong_call_is_refused_in_one_sentence(call, error, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    said = str(caught.value)
    assert isinstance(caught.value, error)
    assert message in said
    assert any(word in said for word in ("must", "needs", "looks like", "give ", "name a parent", "has a condition"))
    assert "\n" not in said
    assert len(said) < 400
    assert said.endswith("...") or not said.endswith((".", " "))


def test_right_calls_are_not_refused():
    assert DENSITY.log_terms(np.array([[0.3, 0.3, math.nan, 0.5, 0.25]] * 2)).shape == (2, 1)
    assert DENSITY.draw(RNG, 0).shape == (0, 5)
    assert features(SPACE, SPACE.settle(POINTS))[0].shape == (3, 8)
    assert checks.cube("who: points", [[0, 1]], 2).tolist() == [[0.0, 1.0]]
    assert check_kernels("TPE", bandwidth=np.float64(0.1))["bandwidth"] == 0.1
    assert ManualSearch(iter([GOOD])).suggest(History(SPACE, ())).params == GOOD
    assert GridSearch(np.int64(2)).suggest(History(SPACE, ())).params["C"] == 0.1
