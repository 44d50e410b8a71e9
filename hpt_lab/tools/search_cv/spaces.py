"""Search spaces in the notation of scikit-learn and scikit-optimize, converted to ours.

    {"C": Float(1, 9), "kernel": ["rbf", "poly"]}         ours, and lists of choices
    {"C": scipy.stats.expon(scale=100)}                   uniform, loguniform and randint become Float and Int
    {"C": skopt.space.Real(1e-3, 1e3, "log-uniform")}     Real, Integer, Categorical; or (1e-3, 1e3, "log-uniform")
    [{"kernel": ["linear"]}, {"kernel": ["rbf"], ...}]    several spaces, with one more choice: which of them

Each kind is recognized by its attributes, without importing SciPy or scikit-optimize. Chapter 2.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpt_lab.space import Categorical, Dimension, Float, Int, Params, Space
from hpt_lab.space.distributions import Continuous, Discrete
from hpt_lab.values.checks import WrongType, is_number, short
from hpt_lab.values.frozen import unfrozen

PRIORS = ("uniform", "log-uniform")  # scikit-optimize's


@dataclass(frozen=True)
class EstimatorSpace:
    """A space, and the parameter of the estimator that each dimension sets, if it sets one."""

    space: Space
    names: Mapping[str, str]

    def params(self, params: Mapping[str, Any]) -> Params:
        """Return a point as parameters of the estimator, in alphabetical order, like those of `ParameterGrid`."""
        named = {self.names[name]: unfrozen(value) for name, value in params.items() if name in self.names}
        return {name: named[name] for name in sorted(named)}


def as_space(space: Any) -> EstimatorSpace:
    """Return a space from any of the notations above. Raises TypeError or ValueError if it is in none of them."""
    if isinstance(space, Space):
        space = space.dimensions
    if isinstance(space, Mapping):
        joined = Space({name: dimension(name, value) for name, value in space.items()})
        return EstimatorSpace(joined, {name: name for name in joined})
    if isinstance(space, (list, tuple)) and space and all(isinstance(part, Mapping) for part in space):
        if len(space) == 1 and space[0]:
            return as_space(space[0])
        return _parts([{name: dimension(name, value) for name, value in part.items()} for part in space])
    what = "a Space, a dict from the estimator's parameters to dimensions, or a list of such dicts"
    raise WrongType(f"SearchCV: space={short(space)} must be {what}")


def _parts(spaces: list[dict[str, Any]]) -> EstimatorSpace:
    """Join several spaces: a dimension that is the same wherever it occurs becomes one, others get a number."""
    parts = [dict(Space(dimensions).dimensions) if dimensions else {} for dimensions in spaces]
    part = "part"  # the dimension that selects one of them
    while any(part in dimensions for dimensions in parts):
        part += "_"
    joined: dict[str, Dimension] = {part: Categorical(range(len(parts)))}  # type: ignore[arg-type]
    names: dict[str, str] = {}
    for i, dimensions in enumerate(parts):
        having = {name: [k for k, other in enumerate(parts) if name in other] for name in dimensions}
        same = {name for name, one in dimensions.items() if all(_same(one, parts[k][name]) for k in having[name])}
        own = {name: name if name in same else f"{name} [{i}]" for name in dimensions}
        for name, one in dimensions.items():
            among = having[name] if name in same else [i]
            condition = {own[parent]: wanted for parent, wanted in one.condition.items()}
            joined[own[name]] = replace(one, condition={part: among, **condition})
            names[own[name]] = name
    return EstimatorSpace(Space(joined), names)


def _same(one: Dimension, other: Dimension) -> bool:
    return one is other or (one == other and not one.condition)


def dimension(name: str, value: Any) -> Any:
    """Return a value as a dimension; values of unknown kinds are left for `Space` to judge."""
    if isinstance(value, Dimension):
        return replace(value)  # a copy, since dimensions cache values: a fit must not change the user's object
    try:
        if isinstance(value, np.ndarray) and value.ndim == 1:
            return Categorical(list(value))  # type: ignore[arg-type]  # the array's own numbers, like scikit-learn's
        if isinstance(value, np.ndarray):
            raise ValueError(f"an array of shape {value.shape} must have one axis, or be a list of choices")
        if isinstance(value, tuple) and len(value) == 3 and value[2] in PRIORS and all(map(is_number, value[:2])):
            low, high, prior = value
            whole = all(isinstance(bound, (int, np.integer)) for bound in (low, high))
            return (Int if whole else Float)(low, high, log=prior == "log-uniform")
        if hasattr(value, "prior") and hasattr(value, "transform"):
            return _of_skopt(value)
        if hasattr(value, "rvs"):
            return _of_scipy(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"SearchCV: space has {name}: {error}") from None
    return value


def _of_scipy(value: Any) -> Dimension:
    if hasattr(value, "freeze"):
        raise ValueError(f"the distribution {value.name or short(value)} must be frozen, such as uniform(0, 1)")
    kind = getattr(getattr(value, "dist", None), "name", None)
    if kind == "uniform":
        return Float(*value.support())
    if kind == "randint":
        return Int(*map(int, value.support()))
    if kind in ("loguniform", "reciprocal"):
        low, high = value.support()
        if math.isclose(value.median() ** 2, low * high):  # it is not moved by loc
            return Float(low, high, log=True)
    return (Discrete if hasattr(value, "pmf") else Continuous)(value)


def _of_skopt(value: Any) -> Dimension:
    if hasattr(value, "categories"):
        weights = value.prior
        if weights is not None and len({float(weight) for weight in weights}) > 1:
            what = f"the choices {short(value.categories)} have weights {short(weights)}"
            raise ValueError(f"{what}, which must be equal")
        return Categorical(list(value.categories))  # type: ignore[arg-type]
    if value.prior not in PRIORS:
        raise ValueError(f"the prior {short(value.prior)} must be one of {list(PRIORS)}")
    kind = Int if type(value).__name__ == "Integer" else Float
    return kind(value.low, value.high, log=value.prior == "log-uniform")
