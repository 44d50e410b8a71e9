"""Discovery: call a build function to learn its space, and once more for each branch that was not taken."""

from collections.abc import Callable
from typing import Any

from hpt_lab.hyperparameters.definition import HyperParameter
from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.values.checks import short


def discover(
    build_model: Callable[[HyperParameters], Any], hyperparameters: HyperParameters | None = None
) -> HyperParameters:
    """Return the space that `build_model(hp) -> model` asks for, with its default values.

    It is called with its defaults, then once for each branch not yet taken. The search for the space starts with
    `hyperparameters`, from `HyperParameters.prevailing`. Raises TypeError if `build_model` is not a function, and
    ValueError if it returns None or asks for no hyperparameter.
    """
    if not callable(build_model):
        raise TypeError(f"discover: build_model={short(build_model)} must be a function of hp")
    hp, tried = HyperParameters() if hyperparameters is None else hyperparameters.copy({}), 0
    opened: list[dict[str, Any]] = []
    build(build_model, hp)
    while tried < len(hp.space):
        for registered in hp.space[tried:]:
            tried += 1
            opening = {parent: wanted[0] for parent, wanted in _all_conditions(hp, registered).items()}
            if opening not in opened and not _active_by_default(hp, registered):
                opened.append(opening)
                inside = hp.copy(opening)
                build(build_model, inside)
                hp._registered.update(inside._registered)
    hp.search_space()
    return hp.copy({h.name: h.default for h in hp.space if _active_by_default(hp, h)})


def build(build_model: Callable[[HyperParameters], Any], hp: HyperParameters) -> Any:
    """Return the model that a build function makes from `hp`. Raises ValueError if it returns None."""
    model = build_model(hp)
    if model is None:
        raise ValueError("build_model: the build function returned None; it must return the model it built")
    return model


def _all_conditions(hp: HyperParameters, registered: HyperParameter) -> dict[str, list[Any]]:
    """Return the conditions of a hyperparameter and of all its ancestors."""
    conditions: dict[str, list[Any]] = {}
    for parent, wanted in registered.conditions.items():
        conditions |= {**_all_conditions(hp, hp._registered[parent]), parent: wanted}
    return conditions


def _active_by_default(hp: HyperParameters, registered: HyperParameter) -> bool:
    conditions = _all_conditions(hp, registered)
    return all(hp._registered[p].is_one_of(hp._registered[p].default, wanted) for p, wanted in conditions.items())
