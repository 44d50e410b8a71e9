"""Define-by-run without a tuner: the objective asks `hp` for its hyperparameters, and trains.

    def objective(hp): lr = hp.Float("lr", 1e-4, 1e-1, sampling="log"); ...; return loss, or yield it after each epoch
    study = tune(objective, HyperParameters(), strategy, n_trials)

The first trial is at the defaults, and the space is what it asks for; whatever a later trial asks for, under a plain
`if`, widens the space. The params of a trial are those it asked for; a strategy sees the whole point that was suggested,
which determines the value, with the defaults of what came up later (`History.as_suggested`). Chapter 3.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hpt_lab.hyperparameters import HyperParameters, from_notes, tell
from hpt_lab.space import Space
from hpt_lab.study import Study, Trial
from hpt_lab.study.outcomes import Outcome, SelfTelling
from hpt_lab.values.checks import short

KNOWN = "needs known hyperparameters: ask hp for them first, as in hp.Float(...)"


class ByRun(SelfTelling):
    """An objective that asks `hp`, wrapped to take params: `run(study, ByRun(objective, hp), n)` continues its study.

    Parameters
    ----------
    objective : callable, `objective(hp)`, `objective(hp, budget)` or `objective(hp, trial)`; it may yield
    hp : HyperParameters, to which everything that the objective asks for is added
    """

    def __init__(self, objective: Callable[..., Any], hp: HyperParameters) -> None:
        self.__wrapped__ = objective  # its signature counts, and whether it yields
        self.hp = hp

    def __call__(self, params: Mapping[str, Any], *more: Any) -> Any:
        return self.__wrapped__(self.hp.copy(params), *more)

    def tell(self, study: Study, trial: Trial, outcome: Outcome) -> None:
        """Tell the outcome of a trial. Raises ValueError if no trial has asked for anything."""
        if outcome.asked is None:  # its worker died, and nobody knows what it has asked for
            study.tell(trial, outcome)
            return
        try:
            self.hp.new_in(outcome.asked)
        except ValueError as differs:  # from what a trial that was trained at the same time has asked for
            asked = frozenset(outcome.asked.asked & study.space.dimensions.keys())
            study.tell(trial, replace(outcome, value=None, objectives=(), error=differs, asked=asked))
        else:
            tell(study, trial, outcome, self.hp, outcome.asked)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def begin(
    hp: HyperParameters, strategy: Any, start: Any = (), storage: Any = None, name: Any = None, **more: Any
) -> Study:
    """Return a new study, or the stored one, with the hyperparameters that were asked for so far: see `HyperParameters.study`."""
    start = list(start) if isinstance(start, Iterator) else start
    notes = stored_notes(storage, name)
    stored = from_notes(notes, hp)
    stored.add(stored.new_in(hp))
    hp.add(hp.new_in(stored))
    if stored.space:  # in the order of the file
        space = stored.search_space()
    elif isinstance(start, Study) or list(start):
        raise ValueError(f"tune: start={short(start)} {KNOWN}")
    else:
        space = Space.empty()
    try:
        return Study(space, strategy, storage=storage, name=name, start=start, **more)
    except ValueError:
        if storage is None or stored_notes(storage, name) == notes:
            raise
    return begin(hp, strategy, start, storage, name, **more)  # another process has widened the space in between


def stored_notes(storage: Any, name: Any) -> dict[str, Any]:
    """Return the notes of the study of this name in a file; {} without a file."""
    if storage is None:
        return {}
    from hpt_lab.tools.storage.records import read_notes

    return read_notes(storage, name)
