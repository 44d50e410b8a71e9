"""The requests of a build function, kept with the trials, so that a resumed search has the same space. Chapter 3.

Discovery: call a build function to learn its space, and once more for each branch that was not taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hpt_lab.hyperparameters.definition import HyperParameter
from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.space.description import plain_choice, read_choice
from hpt_lab.study import Study, Trial
from hpt_lab.study.outcomes import Outcome
from hpt_lab.values.checks import require


def to_notes(hp: HyperParameters) -> dict[str, Any]:
    """Return the notes that a study keeps of what `hp` was asked for, in plain types."""
    return {"hyperparameters": [[one["config"]["name"], plain_choice(one)] for one in hp.get_config()["space"]]}


def from_notes(notes: Mapping[str, Any], known: HyperParameters) -> HyperParameters:
    """Return what the build function has asked for so far; choices that only code can make are taken from `known`."""
    now = {one["config"]["name"]: one for one in known.get_config()["space"]}
    entries = []
    for name, marked in notes.get("hyperparameters", []):
        try:
            entries.append(read_choice(marked))
        except ValueError:  # a choice that JSON cannot hold
            entries += [now[name]] if name in now else []
    return known.with_space(entries) if entries else known.copy()


def widen(study: Study, hp: HyperParameters) -> None:
    """Widen the space of a study by what is new in `hp`; earlier trials did not use it, and count as set to its defaults."""

    def wider() -> Any:
        both = from_notes(study.notes, hp)  # another process may have widened it in the meantime
        both.add(both.new_in(hp))
        return both.search_space(), {h.name: h.default for h in both.space}, to_notes(both)

    study.extend_to(wider, used=False)


def tell(study: Study, trial: Trial, outcome: Outcome, known: HyperParameters, hp: HyperParameters) -> None:
    """Tell the outcome of a trial that was trained with `hp`; `known` and the space grow by what it was the first to ask.

    The trial's params are those it asked for. Raises ValueError if the space grows after the first trial, in grid search
    or with trials of earlier studies.
    """
    try:
        if len(study.space) > len(known.space):  # another process has widened it
            known.add(known.new_in(from_notes(study.notes, known)))
        new, wider = known.new_in(hp), known.copy()
        if new and study.history.n_suggested and (latest := study.latest) is not None and (who := latest.fixed_space):
            what = f"{[h.name for h in new]} came up during the search, but {who} must know all hyperparameters"
            how = "from its start; ask for them there, under hp.conditional_scope, not under a plain if"
            raise ValueError(f"{type(study.strategy).__name__}: {what} {how}")
        if new:
            wider.add(new)
            widen(study, wider)
            known.add(new)
        elif not known.space:  # no strategy can search that
            if isinstance(outcome.error, Exception):
                raise outcome.error
            known.search_space()
    finally:
        study.tell(trial, replace(outcome, asked=frozenset(hp.asked)))


def discover(
    build_model: Callable[[HyperParameters], Any], hyperparameters: HyperParameters | None = None
) -> HyperParameters:
    """Return the space that `build_model(hp) -> model` asks for, with its default values.

    It is called with its defaults, then once for each branch not yet taken. The search for the space starts with
    `hyperparameters`, from `HyperParameters.prevailing`. Raises TypeError if `build_model` is not a function, and
    ValueError if it returns None or asks for no hyperparameter.
    """
    require(callable(build_model), "discover: build_model", build_model, "a function of hp")
    hp, tried = HyperParameters() if hyperparameters is None else hyperparameters.copy({}), 0
    opened: list[dict[str, Any]] = []
    build(build_model, hp)
    while tried < len(hp.space):
        for registered in hp.space[tried:]:
            tried += 1
            opening = {parent: wanted[0] for parent, wanted in _all_conditions(hp, registered).items()}
            if opening not in opened and registered.name not in _at_defaults(hp):
                opened.append(opening)
                inside = hp.copy(opening)
                build(build_model, inside)
                hp._registered.update(inside._registered)
    hp.search_space()
    return _at_defaults(hp)


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


def _at_defaults(hp: HyperParameters) -> HyperParameters:
    other = hp.copy({})
    other.add(hp.space)
    return other
