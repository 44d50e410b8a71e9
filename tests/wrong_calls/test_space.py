"""Wrong calls of the search space, the grid, the checks, the features and the Parzen estimator."""

import math
from decimal import Decimal

import numpy as np
import refusals as of
from refusals import Table, refuse
from sklearn.svm import SVC

from hpt_lab import Categorical, Float, GridSearch, History, Int, ManualSearch, Space
from hpt_lab.space import Grid
from hpt_lab.surrogates import ParzenEstimator
from hpt_lab.surrogates.learning import features
from hpt_lab.surrogates.parzen import check_kernels, coordinates
from hpt_lab.values import checks

NAN, INF, SVM = math.nan, math.inf, SVC()
MIXED = Space(
    C=Float(0.1, 10, log=True),
    kernel=["linear", "rbf"],
    gamma=Float(0, 1).when(kernel="rbf"),
    n=Int(1, 9),
    layers=[[8], [16]],
)
GOOD = {"C": 1.0, "kernel": "linear", "n": 3, "layers": [8]}
POINTS = np.full((3, 5), 0.3)
RNG = np.random.default_rng(0)
INTEGER = of.integer("must be an integer")
CUBE = [  # arrays of shape (n, 5) with numbers from 0 to 1
    *of.ARRAY,
    (ValueError, " of shape (5,) must have shape (n, 5)", [np.full(5, 0.5)]),
    (ValueError, " of shape (2, 4) must have shape (n, 5)", [np.full((2, 4), 0.5)]),
    (ValueError, " of shape () must have shape (n, 5)", [0.5]),
    (ValueError, " holds 1.2, but must hold numbers from 0 to 1", [np.full((2, 5), 1.2)]),
    (ValueError, " holds -1e-09, but must hold numbers from 0 to 1", [np.full((2, 5), -1e-9)]),
    (ValueError, " holds inf, but must hold numbers from 0 to 1", [np.full((2, 5), INF)]),
]
HOLES = [(ValueError, " holds nan, but must hold numbers from 0 to 1", [np.full((2, 5), NAN)])]
COORDINATES = [row for row in CUBE if "shape" not in row[1]]  # of one dimension: any shape, from 0 to 1
calls = Table()

# dimensions
for make, given, bound in ((Float, {"low": 0, "high": 1}, of.FINITE), (Int, {"low": 0, "high": 9}, INTEGER)):
    calls.arguments(make, given, low=bound, high=bound, step=of.without(bound, None))
    calls.arguments(make, {"low": 1, "high": 2}, log=of.FLAG)
    calls.kind(make(**given).check, f"{make.__name__}: value", bound)
for make in (Float, Int):
    low, high = make(0, 9).low, make(0, 9).high
    who, past = make.__name__, f"must not be larger than the range from {low} to {high}"
    calls.values(lambda v, make=make: make(v, 1), f"{who}: low", f"must be below high={make(0, 1).high}", 2)
    calls.values(lambda v, make=make: make(v, 1, log=True), f"{who}: low", "must be above 0 where log=True", 0, -1)
    calls.values(lambda v, make=make: make(0, 9, step=v), f"{who}: step", "must be above 0", 0, -2)
    calls.values(lambda v, make=make: make(0, 9, step=v), f"{who}: step", past, 10)
calls.values(lambda v: Int(v, 1), "Int: low", "must be below high=1", 10**400)
calls.types(lambda v: Float(0, 1, condition=v), "Float: condition", "must be a mapping from parents to values", 3)
NO_LISTS = ["abc", b"abc", {"a": 1}, {1, 2}, frozenset([1]), 3, None, 1.5, True, np.array(3), SVC, list]
calls.types(Categorical, "Categorical: choices", "must be a list", *NO_LISTS)
for twice in (["a", "a"], [1, 2, 1], [[8], [8]], [NAN, NAN], [np.arange(2), np.arange(2)], [{1}, {1}]):
    message = f"the choice {checks.short(twice[-1])} appears twice; each must appear once"
    calls.one(lambda twice=twice: Categorical(twice), message, error=ValueError)
for value in ("c", None, 0, ["a"], np.zeros(2), {"a": 1}, SVC):
    message = f"Categorical: the value {checks.short(value)} must be one of ['a', 'b']"
    calls.one(lambda value=value: Categorical(["a", "b"]).encode(value), message, error=ValueError)
calls.all(
    (lambda: Float(-1e308, 1e308), "the range from low=-1e+308 to high=1e+308 must be below 1.8e308"),
    (lambda: Float(1, 9, step=1, log=True), "Float: step=1.0 must be above 1 where log=True"),
    (lambda: Float(0, 1, step=1e-14), "Float: step=1e-14 must be at least 1e-11"),
    (lambda: Int(2, 9, step=5, log=True), "Int: step=5 must not be larger than the range"),
    (lambda: Int(0, 10**12), "the range from 0 to 1000000000000 must hold at most 10^12 values; use a step"),
    (lambda: Int(1, 10**12 + 1, log=True), "high=1000000000001 must be at most 10^12 where log=True"),
    (lambda: Float(1e300, 1.00000000000001e300, log=True), "low=1e+300 and high=1.00000000000001e+300 must"),
    (lambda: Float(1.0, 1.00000000000001), "low=1.0 and high=1.00000000000001 must differ within the 12 digits"),
    (lambda: Categorical([]), "Categorical: choices=[] must hold at least one choice"),
    (lambda: Int(0, 1).when(), "when: name a parent and its value, as in .when(kernel='rbf')"),
    (lambda: Int(0, 1).when(k=1).when(k=2), "when: k already has a condition"),
    (lambda: Float(0, 1).encode(2), "Float: the value 2.0 must be between 0.0 and 1.0"),
    (lambda: Float(0, 1, step=0.5).index(0.3), "Float: the value 0.3 must be on the steps of 0.5 from 0.0"),
    (lambda: Float(0, 1, step=0.1).encode(0.25), "Float: the value 0.25 must be on the steps of 0.1 from 0.0"),
    (lambda: Int(2, 64, step=2, log=True).encode(6), "Int: the value 6 must be on the steps of 2 from 2"),
    (lambda: Int(0, 9).encode(10), "Int: the value 10 must be between 0 and 9"),
    (lambda: Int(0, 9, step=2).index(3), "Int: the value 3 must be on the steps of 2 from 0"),
    (lambda: Categorical(list(range(10_000))).index("x"), "the value 'x' must be one of [0, 1, 2"),
    (lambda: Float(0, 1).values(), "values: a continuous dimension has no list of values; give a step"),
    error=ValueError,
)
UNIT = of.number("must be a finite number of at least 0 and at most 1", -0.1, np.float64(1.1), 2)
for d in (Float(0, 1), Int(1, 9, log=True), Categorical(["a"])):
    calls.kind(lambda v, d=d: d.decode(v), "decode: u", UNIT)
calls.types(Int(0, 9).values, "values: resolution", "must be an integer", "3", 2.5, True, [3])
for d in (Float(0, 1), Int(1, 9), Int(1, 9, log=True)):
    calls.values(d.values, "values: resolution", "must be at least 1", 0, -3)
calls.values(Float(0, 1).values, "values: resolution", "must be at most 10^7", 10**8, 2**70, 10**400)

# spaces
for given in ([1], "C", 3, True, Float(0, 1), MIXED, np.zeros(2), [("C", [1])]):
    message = f"Space: {checks.short(given)} must be a mapping from names to dimensions"
    calls.one(lambda given=given: Space(given), message, error=TypeError)
for name in (1, None, "", ("a", "b"), True):
    message = f"Space: the name {name!r} must be a string that is not"
    calls.one(lambda name=name: Space({name: [1]}), message, error=TypeError)
NO_DIMENSIONS = [3, "abc", None, Float, {"a": 1}, {1, 2}, 1.5, True, SVM, len]
DIMENSION = of.kind("must be a Float, an Int, a Categorical or a list of choices", NO_DIMENSIONS)
calls.kind(lambda v: Space(x=v), "Space: x", DIMENSION)
k = ["a"]
calls.all(
    (lambda: Space(), "Space: needs at least one dimension, as in Space(C=Float(0.1, 10))"),
    (lambda: Space({}), "Space: needs at least one dimension"),
    (lambda: Space(x=[]), "x: Categorical: choices=[] must hold at least one choice"),
    (lambda: Space(x=["a", "a"]), "x: Categorical: the choice 'a' appears twice; each must appear once"),
    (lambda: Space(x=np.array(3)), TypeError, "x: Categorical: choices=3 must be a list"),
    (lambda: Space({"x": (0, 2)}), "x=(0, 2) looks like a range: give Int(0, 2), or a list of choices [0, 2]"),
    (lambda: Space(x=(np.float64(1), 2)), "looks like a range: give Float(1.0, 2)"),
    (lambda: Space(x=(0.5, 2)), "looks like a range: give Float(0.5, 2), or a list of choices [0.5, 2]"),
    (lambda: Space({"x": [1]}, x=[2]), "Space: ['x'] must be given once"),
    (lambda: Space(x=Int(0, 1).when(k=1)), "Space: x depends on 'k', which must be one of ['x']"),
    (lambda: Space(k=k, x=Int(0, 1).when(k="b")), "x depends on k='b', which must be a value of k"),
    (lambda: Space(k=k, x=Int(0, 1).when(k=["a", 3])), "x depends on k=3, which must be a value of k"),
    (lambda: Space(k=Int(0, 9), x=Int(0, 1).when(k=2.5)), "x depends on k=2.5, which must be a value of k"),
    (lambda: Space(k=Float(0, 1), x=Int(0, 1).when(k=NAN)), "x depends on k=nan, which must be a value"),
    (lambda: Space(k=k, x=Int(0, 1).when(k=[])), "x depends on k=[], which must hold at least one value"),
    (lambda: Space(k=k, x=Int(0, 1).when(k=np.zeros(2))), "k=an array of shape (2,), which must be a value"),
    (lambda: Space(x=Int(0, 1).when(x=1)), "the conditions of ['x'] form a cycle"),
    (lambda: Space(x=Int(0, 1).when(y=1), y=Int(0, 1).when(x=1)), "of ['x', 'y'] form a cycle"),
    (lambda: MIXED.encode({"C": 1.0}), "must have a value for kernel"),
    (lambda: MIXED.active({"kernel": "poly"}), "the value 'poly' must be one of"),
    error=ValueError,
)
NOT_OF_THIS_SPACE = {
    "the param 'z' is unknown; it must be one of ['C', 'kernel', 'gamma', 'n', 'layers']": {"z": 1},
    "the param 3 is unknown; it must be one of": {3: 1},
    "C: Float: value='1' must be a finite number": {"C": "1"},
    "C: Float: value=True must be a finite number": {"C": True},
    "C: Float: value=nan must be a finite number": {"C": NAN},
    "C: Float: value=None must be a finite number": {"C": None},
    "C: Float: value=an array of shape (2,) must be a finite number": {"C": np.ones(2)},
    "C: Float: the value 99.0 must be between 0.1 and 10.0": {"C": 99},
    "n: Int: value=3.0 must be an integer": {"n": 3.0},
    "n: Int: the value 10 must be between 1 and 9": {"n": 10},
    "kernel: Categorical: the value 'poly' must be one of ['linear', 'rbf']": {"kernel": "poly"},
    "kernel: Categorical: the value 0 must be one of": {"kernel": 0},
    "must have a value for gamma": {"kernel": "rbf"},
    "gamma is inactive under": {"gamma": 0.5},
    "layers: Categorical: the value [9] must be one of [[8], [16]]": {"layers": [9]},
}
for call in (MIXED.check, MIXED.encode, MIXED.to_json):
    for message, more in NOT_OF_THIS_SPACE.items():
        calls.one(lambda call=call, more=more: call({**GOOD, **more}), message, error=ValueError)
for call in (MIXED.check, MIXED.encode, MIXED.to_json, MIXED.active):
    calls.types(call, "Space: params", "must be a mapping from names to values", None, 3, "C", [GOOD], np.zeros(2))
NO_POINTS = [None, "text", ["a"] * 5, [True] * 5, [None] * 5, {"C": 1}]
calls.types(MIXED.decode, "Space: u", "must be an array of numbers", *NO_POINTS, np.ma.masked, {})
calls.types(
    MIXED.key, "Space: params", "must be a mapping from names to values", None, 3, 1.5, b"x", "x", [1], np.zeros(2)
)
calls.kind(MIXED.settle, "Space.settle: points", CUBE, HOLES)
calls.kind(MIXED.sample, "Space.sample: rng", of.GENERATOR)
calls.types(MIXED.from_json, "Space: text", "must be a string that to_json wrote", None, 3, GOOD, ["{}"], True)
calls.values(MIXED.from_json, "Space: text", "must be JSON", "", "not json", b"\xff")
calls.values(MIXED.from_json, "Space: text", "must hold a dict of params", "[1]", "null", '"C"', "NaN")
for given in (None, 3, "x", [1], True):
    message = f"Space: the description {given!r} must be a dict"
    calls.one(lambda given=given: Space.from_description(given), message, error=ValueError)
calls.all(
    (lambda: MIXED.decode(0.5), "Space: the point of shape () must have shape (5,)"),
    (lambda: MIXED.decode(np.zeros(4)), "Space: the point of shape (4,) must have shape (5,)"),
    (lambda: MIXED.decode(np.zeros((1, 5))), "Space: the point of shape (1, 5) must have shape (5,)"),
    (lambda: MIXED.decode(np.full(5, 1.5)), "decode: u=1.5 must be a finite number of at least 0 and at most 1"),
    (lambda: MIXED.decode([0.5] * 4), "Space: the point of shape (4,) must have shape (5,)"),
    (lambda: MIXED.decode(POINTS), "Space: the point of shape (3, 5) must have shape (5,)"),
    (lambda: MIXED.decode([1.5] * 5), "decode: u=1.5 must be a finite number of at least 0 and at most 1"),
    (lambda: MIXED.decode([NAN] * 5), "decode: u=nan must be a finite number of at least 0 and at most 1"),
    (
        lambda: MIXED.decode([0.5, 0.1, 0.5, -1, 0.5]),
        "decode: u=-1 must be a finite number of at least 0 and at most 1",
    ),
    (lambda: MIXED.from_json("{}"), "must have a value for C"),
    (lambda: MIXED.from_json('{"z": 1}'), "the param 'z'"),
    (lambda: MIXED.from_json('{"kernel": 2}'), "the choice number 2 of kernel must be an integer from 0 to 1"),
    (lambda: MIXED.from_json('{"kernel": "rbf"}'), "the choice number 'rbf' of kernel must be an integer"),
    (lambda: MIXED.from_json('{"kernel": null}'), "the choice number None of kernel must be an integer"),
    (lambda: MIXED.from_json('{"C": NaN, "kernel": 0, "n": 1, "layers": 0}'), "C: Float: value=nan must be a"),
    (lambda: MIXED.from_json('{"C": 1, "kernel": 0, "n": "1", "layers": 0}'), "n: Int: value='1' must be an"),
    (lambda: MIXED.from_json('{"C": 1, "C": 1}'), "the field 'C' appears twice, but must appear once"),
    (lambda: Space.from_description({"x": 3}), "the description of 'x', 3, must have a known type"),
    (lambda: Space.from_description({"x": {"type": "Set"}}), "must have a known type"),
    (lambda: Space.from_description({"x": {"type": "Int"}}), "x has the fields ['type'], which must be"),
    (lambda: Space.from_description(Space(m=[SVM]).describe()), "of m: the choice 'SVC()' must be a number"),
    error=ValueError,
)

# grids and lists
calls.types(MIXED.grid, "resolution", "must be an integer", "3", 2.5, [3], True, NAN)
calls.values(MIXED.grid, "resolution", "must be at least 1", 0, -3)
calls.types(lambda v: MIXED.grid(3)[v], "Grid: number", "must be an integer", "0", 1.5, None, True, slice(0, 2), [0])
NO_RESOLUTION = "3", [3], {3}, 1j, np.zeros(2), True, 2.5, NAN, math.inf
calls.types(GridSearch, "GridSearch: resolution", "must be an integer, or a dict of integers", *NO_RESOLUTION)
calls.values(GridSearch, "GridSearch: resolution", "must be at least 1", 0, -1)
calls.types(lambda v: GridSearch({"C": v}), "GridSearch: resolution of 'C'", "must be an integer", *NO_RESOLUTION)
calls.values(lambda v: GridSearch({"C": v}), "GridSearch: resolution of 'C'", "must be at least 1", 0, -1)
NO_LISTS = 5, None, "abc", GOOD, 1.5, True, np.array(3.0), np.ma.masked
calls.types(ManualSearch, "ManualSearch: list_of_params", "must be a list of dicts", *NO_LISTS)
calls.all(
    (lambda: MIXED.grid(), "C is continuous; give it a step, or a resolution: {'C': 10}"),
    (lambda: MIXED.grid({"C": 3}), "gamma is continuous; give it a step, or a resolution: {'gamma': 10}"),
    (lambda: MIXED.grid({"z": 3}), "resolution names 'z', which must be one of ['C', 'kernel'"),
    (lambda: MIXED.grid({3: 3}), "resolution names 3, which must be one of"),
    (lambda: MIXED.grid({"kernel": 1}), "resolution names kernel, which must not be a Categorical"),
    (lambda: MIXED.grid({"C": "3"}), TypeError, "resolution of C='3' must be an integer"),
    (lambda: MIXED.grid({"C": 0}), "resolution of C=0 must be at least 1"),
    (lambda: Grid(MIXED, {}), TypeError, "Grid: dimensions=Space(C=Float(low=0.1"),
    (lambda: MIXED.grid(10**400), "resolution=1000", "must be at most 10^7, since the values are listed"),
    (lambda: ManualSearch([GOOD, ("C", 1)]), TypeError, "ManualSearch: entry 1=('C', 1) must be a dict of params"),
    (lambda: ManualSearch([GOOD, {"z": 1}]).suggest(History(MIXED, ())), "entry 1: Space: the param 'z'"),
    error=ValueError,
)

# densities and features
DENSITY = ParzenEstimator(MIXED, [GOOD])
calls.kind(lambda v: features(MIXED, v), "features: points", CUBE, HOLES)
calls.kind(DENSITY.log_terms, "ParzenEstimator: points", CUBE)
calls.kind(lambda v: ParzenEstimator(MIXED, np.asarray(v)), "ParzenEstimator: points", CUBE[1:3], CUBE[4:])
FLAGS = [np.full((2, 5), True), np.full((2, 5), 1j)]
calls.types(lambda v: ParzenEstimator(MIXED, v), "ParzenEstimator: points", "must be an array of numbers", *FLAGS)
for call in (lambda v: ParzenEstimator(MIXED, v), DENSITY.log_density, lambda v: coordinates(MIXED, v)):
    calls.types(call, "ParzenEstimator: points", "must be a list of params", None, 3, "abc", GOOD)
calls.kind(lambda v: ParzenEstimator(v, []), "ParzenEstimator: space", of.SPACE)
WIDTH = of.number("must be a finite number above 0", 0, -1)
NEIGHBOURS = of.kind("must be a finite number above 0", [*of.NO_NUMBERS[1:], ["neighbours"]], 0, -1, *of.NOT_FINITE)
NEIGHBOURS.append((ValueError, "must be above 0, or 'neighbours'", ["wide", "3", ""]))
PARZEN = {"space": MIXED, "points": []}
calls.arguments(
    ParzenEstimator, PARZEN, prior_weight=WIDTH, narrowest=WIDTH, bandwidth=NEIGHBOURS, multivariate=of.FLAG
)
for call in (DENSITY.draw, DENSITY.sample):
    calls.kind(lambda v, call=call: call(v, 3), "ParzenEstimator: rng", of.GENERATOR)
    calls.kind(lambda v, call=call: call(RNG, v), "ParzenEstimator: n", INTEGER)
WITHOUT_C = np.array([[NAN, 0.3, NAN, 0.5, 0.25]])
calls.all(
    (lambda: ParzenEstimator(MIXED, WITHOUT_C), "points lack C, which must have a coordinate, since it is always"),
    (lambda: DENSITY.log_terms(np.full((1, 5), NAN)), "points lack C, which must have a coordinate"),
    (lambda: ParzenEstimator(MIXED, [3]), TypeError, "Space: params=3 must be a mapping"),
    (lambda: DENSITY.log_density([{"C": 1}]), "must have a value for kernel"),
    (lambda: check_kernels("TPE", prior_weight=-1), "TPE: prior_weight=-1 must be a finite number above 0"),
    (lambda: check_kernels("TPE", bandwidth="wide"), "TPE: bandwidth='wide' must be above 0, or 'neighbours'"),
    (lambda: DENSITY.draw(RNG, -1), "ParzenEstimator: n=-1 must be an integer from 0 to 1000000000"),
    error=ValueError,
)

# the checks themselves
MORE = [Decimal(1), np.array("a"), np.bool_(True), SVC, of.LINES, {"a": 1}]
NUMBER = of.kind("must be a finite number", MORE, np.float64("nan"))
calls.kind(lambda v: checks.integer("who: n", v), "who: n", INTEGER, of.kind("must be an integer", MORE))
calls.kind(lambda v: checks.positive("who: n", v), "who: n", of.POSITIVE, of.kind("must be an integer", MORE))
calls.kind(lambda v: checks.integer("who: n", v, 4), "who: n", of.integer("must be an integer of at least 4", 3))
calls.kind(lambda v: checks.integer("who: n", v, 4, 8), "who: n", of.integer("must be an integer from 4 to 8", 3, 9))
calls.kind(lambda v: checks.finite("who: x", v), "who: x", of.FINITE, NUMBER)
calls.kind(lambda v: checks.finite("who: x", v, above=0), "who: x", of.ABOVE_0, NUMBER)
calls.kind(lambda v: checks.finite("who: x", v, least=0), "who: x", of.NUMBER_FROM_0)
A_OR_B = of.kind("must be one of ['a', 'b']", MORE, "c")
calls.kind(lambda v: checks.one_of("who: x", v, ["a", "b"]), "who: x", of.one_of("a", "b"), A_OR_B)
calls.kind(
    lambda v: checks.flag("who: x", v), "who: x", of.FLAG, of.kind("must be True or False", [*MORE[:2], *MORE[3:]])
)
calls.kind(lambda v: checks.generator("who: rng", v), "who: rng", of.GENERATOR)
calls.kind(lambda v: checks.array("who: x", v), "who: x", of.ARRAY)
calls.kind(lambda v: checks.cube("who: points", v, 5), "who: points", CUBE, HOLES)
calls.one(lambda: checks.integer("who: n", -(10**5000), 0), "must be an integer of at least 0", error=ValueError)
calls.one(lambda: checks.cube("who: points", [0.5, 2], missing=True), "who: points holds 2, but must hold numbers")


@calls.each()
def test_a_wrong_call_is_refused_in_one_sentence(error, calls):
    refuse(error, calls, longest=400)


def test_right_calls_are_not_refused():
    assert DENSITY.log_terms(np.array([[0.3, 0.3, NAN, 0.5, 0.25]] * 2)).shape == (2, 1)
    assert DENSITY.draw(RNG, 0).shape == (0, 5)
    assert features(MIXED, MIXED.settle(POINTS))[0].shape == (3, 8)
    assert checks.cube("who: points", [[0, 1]], 2).tolist() == [[0.0, 1.0]]
    assert check_kernels("TPE", bandwidth=np.float64(0.1))["bandwidth"] == 0.1
    assert ManualSearch(iter([GOOD])).suggest(History(MIXED, ())).params == GOOD
    assert GridSearch(np.int64(2)).suggest(History(MIXED, ())).params["C"] == 0.1
