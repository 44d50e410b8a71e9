"""Search spaces as users of scikit-learn and scikit-optimize write them, as spaces of ours.

    {"C": Float(1, 9), "kernel": ["rbf", "poly"]}         ours, and lists of choices
    {"C": scipy.stats.loguniform(1e-3, 1e3)}              uniform, loguniform and randint, which have an exact counterpart
    {"C": skopt.space.Real(1e-3, 1e3, "log-uniform")}     Real, Integer, Categorical; or (1e-3, 1e3, "log-uniform")
    [{"kernel": ["linear"]}, {"kernel": ["rbf"], ...}]    several spaces: which of them, is one more choice

What becomes of each is known by its attributes: neither SciPy's nor scikit-optimize's modules are imported. Chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from hpt_lab.space import Categorical, Dimension, Float, Int, Params, Space
from hpt_lab.values.checks import WrongType, short
from hpt_lab.values.frozen import fresh

__all__ = ["EstimatorSpace", "as_space"]

PRIORS = ("uniform", "log-uniform")  # scikit-optimize's
PART = "part"  # the dimension that says which of several spaces
WHAT = "a Space, a dict of dimensions by the estimator's parameters, or a list of such dicts"


@dataclass(frozen=True)
class EstimatorSpace:
    """A space, and which parameter of the estimator each dimension sets; one that is not named sets none."""

    space: Space
    names: Mapping[str, str]

    def params(self, params: Mapping[str, Any]) -> Params:
        """A point of the space as parameters of the estimator, in alphabetical order, as `ParameterGrid` has them."""
        named = {self.names[name]: fresh(value) for name, value in params.items() if name in self.names}
        return {name: named[name] for name in sorted(named)}


def as_space(given: Any) -> EstimatorSpace:
    """The space that was given in any of the ways above.

    Raises
    ------
    TypeError, ValueError
        In one sentence, if it is none of them, or if a distribution has no exact counterpart.
    """
    if isinstance(given, Space):
        given = given.dimensions
    if isinstance(given, Mapping):
        space = Space({name: dimension(name, value) for name, value in given.items()})
        return EstimatorSpace(space, {name: name for name in space})
    if isinstance(given, (list, tuple)) and given and all(isinstance(part, Mapping) for part in given):
        if len(given) == 1 and given[0]:
            return as_space(given[0])
        return _parts([{name: dimension(name, value) for name, value in part.items()} for part in given])
    raise WrongType(f"SearchCV: space={short(given)} must be {WHAT}")


def _parts(given: list[dict[str, Any]]) -> EstimatorSpace:
    """Several spaces as one. A dimension that is the same in several of them is one dimension, others get a number."""
    parts = [dict(Space(dimensions).dimensions) if dimensions else {} for dimensions in given]
    part = PART
    while any(part in dimensions for dimensions in parts):
        part += "_"
    joined: dict[str, Dimension] = {part: Categorical(range(len(parts)))}  # type: ignore[arg-type]
    names: dict[str, str] = {}
    for i, dimensions in enumerate(parts):
        own = {name: name for name in dimensions}
        for name, one in dimensions.items():
            alike = [other for other in parts if name in other]
            if not all(_same(one, other[name]) for other in alike):
                own[name] = f"{name} [{i}]"
        for name, one in dimensions.items():
            among = [i] if own[name] != name else [k for k, other in enumerate(parts) if name in other]
            condition = {own[parent]: wanted for parent, wanted in one.condition.items()}
            joined[own[name]] = replace(one, condition={part: among, **condition})
            names[own[name]] = name
    return EstimatorSpace(Space(joined), names)


def _same(one: Dimension, other: Dimension) -> bool:
    """Whether two dimensions without a condition hold the same values."""
    return one is other or (one == other and not one.condition)


def dimension(name: str, given: Any) -> Any:
    """One dimension; what is none of a foreign kind is left to `Space` to judge."""
    if isinstance(given, Dimension):
        return replace(given)  # which keeps its own notes, so that a fit does not change the one that was given
    try:
        if isinstance(given, np.ndarray) and given.ndim == 1:
            return Categorical(list(given))  # type: ignore[arg-type]  # the array's own numbers, as scikit-learn sets them
        if isinstance(given, np.ndarray):
            raise ValueError(f"an array of shape {given.shape} must have one axis, or be a list of choices")
        if hasattr(given, "dist") and hasattr(given, "support"):
            return _of_scipy(given)
        if isinstance(given, tuple) and len(given) == 3 and given[2] in PRIORS and all(map(_is_number, given[:2])):
            low, high, prior = given
            whole = all(isinstance(bound, (int, np.integer)) for bound in (low, high))
            return (Int if whole else Float)(low, high, log=prior == "log-uniform")
        if hasattr(given, "prior") and hasattr(given, "transform"):
            return _of_skopt(given)
        if hasattr(given, "rvs"):
            raise ValueError(
                f"the distribution {getattr(given, 'name', short(given))} must be frozen, as uniform(0, 1) is"
            )
    except (TypeError, ValueError) as error:
        raise type(error)(f"SearchCV: space has {name}: {error}") from None
    return given


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _of_scipy(given: Any) -> Dimension:
    """A frozen distribution of SciPy."""
    kind, (low, high) = given.dist.name, given.support()
    if kind == "uniform":
        return Float(low, high)
    if kind in ("loguniform", "reciprocal") and math.isclose(given.median() ** 2, low * high):  # it is not moved by loc
        return Float(low, high, log=True)
    if kind == "randint":
        return Int(int(low), int(high))
    arguments = [*map(str, given.args), *(f"{name}={value}" for name, value in given.kwds.items())]
    what = f"{kind}({', '.join(arguments)})"
    raise ValueError(
        f"the distribution {what} has no exact counterpart, and must be a Float, an Int or a list of choices"
    )


def _of_skopt(given: Any) -> Dimension:
    """A dimension of scikit-optimize."""
    if hasattr(given, "categories"):
        weights = given.prior
        if weights is not None and len({float(weight) for weight in weights}) > 1:
            raise ValueError(
                f"the choices {short(given.categories)} have weights {short(weights)}, which must be equal"
            )
        return Categorical(list(given.categories))  # type: ignore[arg-type]
    if given.prior not in PRIORS:
        raise ValueError(f"the prior {short(given.prior)} must be one of {list(PRIORS)}")
    kind = Int if type(given).__name__ == "Integer" else Float
    return kind(given.low, given.high, log=given.prior == "log-uniform")
