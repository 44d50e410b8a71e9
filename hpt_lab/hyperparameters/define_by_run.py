"""Define-by-run without a tuner: the objective asks `hp` for its hyperparameters, and trains.

    def objective(hp): lr = hp.Float("lr", 1e-4, 1e-1, sampling="log"); ...; return loss, or yield it after each epoch
    study = tune(objective, HyperParameters(), strategy, n_trials)

The first trial is at the defaults, and the space is what it asks for; whatever a later trial asks for, under a plain
`if`, widens the space. The params of a trial are those it asked for; a strategy sees the whole point that was suggested,
which determines the value, with the defaults of what came up later (`History.as_suggested`). Chapter 3.
"""

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from hpt_lab.hyperparameters import HyperParameters, from_notes, tell
from hpt_lab.space import Params, Space
from hpt_lab.study import Study, Trial
from hpt_lab.study.outcomes import Outcome, SelfTelling
from hpt_lab.values.checks import short

KNOWN = "needs known hyperparameters: ask hp for them first, as in hp.Float(...)"


class ByRun(SelfTelling):
    """An objective that asks `hp`, wrapped to take params: `run(study, ByRun(objective, hp), n)` continues its study.

    Parameters
    ----------
    objective : callable, `objective(hp)` or `objective(hp, budget)`; it may yield
    hp : HyperParameters, to which everything that the objective asks for is added
    """

    why_here = ", without executor and trial_timeout: the next trial must know what this one asks hp for"

    def __init__(self, objective: Callable[..., Any], hp: HyperParameters) -> None:
        self.__wrapped__ = objective  # its signature counts, and whether it yields
        self.hp = hp
        self._asked: HyperParameters | None = None  # by the trial trained last

    def __call__(self, params: Mapping[str, Any], *budget: Any) -> Any:
        hp = self._asked = self.hp.copy(params)
        result = self.__wrapped__(hp, *budget)
        return self._steps(hp, result) if inspect.isgenerator(result) else result

    def _steps(self, hp: HyperParameters, training: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        with closing(training):
            while True:
                self._asked = hp  # it may continue after others
                try:
                    value = next(training)
                except StopIteration as end:
                    return end.value
                yield value

    def begin(self, strategy: Any, start: Iterable[Params] | Study, storage: Any, name: Any, **more: Any) -> Study:
        """Return a new study, or the stored one, with the hyperparameters that its objective has asked for so far."""
        start = list(start) if isinstance(start, Iterator) else start
        notes = stored_notes(storage, name)
        stored = from_notes(notes, self.hp)
        stored.add(stored.new_in(self.hp))
        self.hp.add(self.hp.new_in(stored))
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
        return self.begin(strategy, start, storage, name, **more)  # another process has widened the space in between

    def tell(self, study: Study, trial: Trial, outcome: Outcome) -> None:
        """Tell the outcome of the trial trained last. Raises ValueError if no trial has asked for anything."""
        hp, self._asked = self._asked, None
        if hp is None:  # its training ended on a lower rung
            hp, which = self.hp.copy(), {**trial.info, "rung": 0}
            hp.asked.update(*(one.params for one in study.history.finished if {**one.info, "rung": 0} == which))
        tell(study, trial, outcome, self.hp, hp)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def stored_notes(storage: Any, name: Any) -> dict[str, Any]:
    """Return the notes of the study of this name in a file; {} without a file."""
    if storage is None:
        return {}
    from hpt_lab.tools.storage.records import read_notes

    return read_notes(storage, name)
