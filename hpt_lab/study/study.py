"""The study, which records a search: ask for hyperparameters, tell the value.

    trial = study.ask()                 the strategy looks at the history and suggests params
    study.tell(trial, value)            the trial is complete: its value joins the history

A strategy is a function from the history to the next `Suggestion`. So a fresh one, given the first k trials of a search,
suggests the same trial k + 1, on any machine: resuming, replaying and testing a search are the same thing. Any number of
threads may ask and tell, and any number of processes of one machine if the study is in a file: one suggests while others
train. After an interrupt each trial is reported, running with an owner, or not in the study. Chapter 1; files: chapter 5.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from hpt_lab.space import Params, Space
from hpt_lab.study import copies, results, running, tables, warm_start
from hpt_lab.study.directions import MINIMIZE, Direction, Directions, directions_of
from hpt_lab.study.history import History, Strategy, at_budget, check_strategy
from hpt_lab.study.log import Log
from hpt_lab.study.outcomes import Outcome, as_attributes, as_budget, ending, plain_json
from hpt_lab.tools.storage import records
from hpt_lab.study.backend import Backend, InMemory
from hpt_lab.tools.storage.sqlite import StorageError
from hpt_lab.tools.storage.text import from_json, to_json
from hpt_lab.study.trial import Suggestion, Trial, as_constraints, begun, changed, thawed, using
from hpt_lab.values.checks import WrongType, short
from hpt_lab.values.checks import seed as check_seed

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NothingToSuggest", "Study"]


class NothingToSuggest(ValueError):
    """The strategy has nothing to suggest: for now, if trials are running; for good, if none is."""


class Study:
    """One search: a space, a strategy, a seed, and the trials so far.

    Raises ValueError or TypeError if an argument is wrong, or differs from that of the study in the file, and StorageError
    (both a ValueError and an OSError) if the file cannot be used; so do `ask`, `tell`, and whatever reads the trials.

    Parameters
    ----------
    space : Space or mapping
    strategy : Strategy, or any object with `suggest(history)`
    direction : {"minimize", "maximize"}
    directions : list, or dict by name, instead of `direction`
        That of each of several objectives, as in ["maximize", "minimize"] or {"accuracy": "maximize", "size": "minimize"}.
    seed : int, the source of every random choice: the same seed gives the same search
    storage : path, optional
        A file on a disk of this machine to keep the study in, created if it does not exist; without one, the study is only
        in memory. A study of this name in the file is resumed: its space, direction and seed must be these, but a different
        strategy may take over. Keep `runs.db-alive` next to `runs.db`, and `runs.db-wal` and `runs.db-shm` during use.
    name : str, the name of the study in its file, which may hold many
    start : iterable of dict, or Study
        Params to try first, in this order, whatever the strategy; from an earlier study, its ten best, best first.
        Hyperparameters that they leave out are drawn at random, from `seed`.

    Examples
    --------
    >>> from hpt_lab import Float, RandomSearch, Space, Study
    >>> study = Study(Space(x=Float(-1, 1)), RandomSearch(), seed=0)
    >>> for _ in range(20):
    ...     trial = study.ask()
    ...     study.tell(trial, trial.params["x"] ** 2)
    >>> abs(study.best_params["x"]) < 0.2
    True
    """

    def __init__(
        self,
        space: Space | Mapping[str, Any],
        strategy: Strategy,
        *,
        direction: Literal["minimize", "maximize"] = MINIMIZE,
        directions: Sequence[str] | Mapping[str, str] | None = None,
        seed: int = 0,
        storage: str | os.PathLike[str] | None = None,
        name: str | None = None,
        start: Iterable[Mapping[str, Any]] | Study = (),
    ) -> None:
        aim, seed = directions_of("Study", direction, directions), check_seed("Study: seed", seed)
        check_strategy("Study: strategy", strategy)
        space = warm_start.as_space(space)
        first = warm_start.params_to_start_with(start.history if isinstance(start, Study) else start, space, seed)
        backend: Backend = InMemory(space, first)
        if storage is not None:
            backend = records.begin_study(storage, name, space, aim, seed, short(strategy, 400), first)
        elif name is not None:
            raise ValueError(f"Study: name={short(name)} needs storage='runs.db', a file to keep it in")
        self._set(backend, strategy, aim, seed)

    @classmethod
    def open(
        cls,
        storage: str | os.PathLike[str],
        name: str | None = None,
        *,
        strategy: Strategy | None = None,
        space: Space | Mapping[str, Any] | None = None,
    ) -> Study:
        """Return the study of this name in a file, or the only one there. Raises StorageError if that fails.

        Parameters
        ----------
        storage : path
        name : str, optional
        strategy : Strategy, optional
            Without one, the study can be read and told, but not asked: no code from a file is run.
        space : Space or mapping, optional
            Needed only to resume a study with choices that JSON cannot hold, such as estimators: without it, they are strings.
        """
        as_text, space = strategy is None and space is None, None if space is None else warm_start.as_space(space)
        backend, header = records.open_study(storage, name, space, as_text)
        strategy = records.NoStrategy(backend.name, header["strategy"]) if strategy is None else strategy
        study = object.__new__(cls)
        study._set(backend, check_strategy("Study: strategy", strategy), header["direction"], header["seed"])
        return study

    def _set(self, backend: Backend, strategy: Strategy, direction: Direction, seed: int) -> None:
        self._backend, self.strategy, self.direction, self.seed = backend, strategy, direction, seed
        self._lock, self.stopped = copies.new_lock(self), False
        self._started_again: dict[tuple[int, float], float] = {}  # when a trial (number, start) was handed out again
        self._history: tuple[Log, int, History] | None = None  # made for this log of this length

    def close(self) -> None:
        """Close the file. Trials that this object asked for and did not tell will be handed out again."""
        with self._lock:
            self._backend.close()

    @property
    def name(self) -> str | None:
        """The name of the study in its file; None if it is only in memory."""
        return self._backend.name

    @property
    def space(self) -> Space:
        """The search space, which `extend` can widen."""
        return self._backend.space

    @property
    def directions(self) -> tuple[str, ...] | Mapping[str, str]:
        """The direction of each objective, as given: a tuple, or a mapping from their names."""
        return self.direction.given if isinstance(self.direction, Directions) else (self.direction,)

    @property
    def start(self) -> tuple[Params, ...]:
        """The params that are tried first."""
        return self.history.start

    @property
    def trials(self) -> Sequence[Trial]:
        """All trials, in the order in which they were asked for."""
        return self.history.trials

    @property
    def history(self) -> History:
        """The history, with the trials as they are now, which a strategy sees."""
        with self._lock:
            self._backend.refresh()
            return self._view()

    def _view(self) -> History:
        backend, log = self._backend, self._backend.log
        if self._history is None or self._history[:2] != (log, len(log.entries)):
            history = History.of(backend.space, log, self.seed, self.direction, backend.start)
            self._history = log, history.trials.version, history
        return self._history[2]

    def ask(self) -> Trial:
        """Return the next trial, which the strategy suggests, and record it as running. An orphan comes first, as it was.

        Its params are a copy, which you may change. Raises NothingToSuggest (a ValueError) if the strategy has reached its
        end or waits for a running trial; ValueError or TypeError if it returned neither None nor a Suggestion with params
        of this space, a finite budget above 0, and info in JSON's types.
        """
        trials: list[Trial] = []
        try:
            return self.ask_into(trials)
        except BaseException:  # an interrupt: no one has the trial, so it must not count as running
            with suppress(StorageError):
                self.abandon(trials)
            raise

    def ask_into(self, trials: list[Trial], n_trials: float = math.inf, total_budget: float = math.inf) -> Trial:
        """Ask, and append the trial to `trials` before it enters the study, so that an interrupted caller can `abandon` it.

        No new trial is asked for after `n_trials` of them, or once `total_budget` is spent or assigned to running trials.
        """
        with self._lock, self._backend.transaction():
            history, who = self._view(), type(self.strategy).__name__
            if orphans := self._backend.orphans(history):
                trials.append(trial := thawed(orphans[0]))
                self._backend.hand_over(trial, to_us=True)
                self._started_again[trial.number, trial.started] = time.time()
                return trial
            if history.trials.n_trials >= n_trials and history.n_asked >= n_trials:
                raise NothingToSuggest(f"ask: the study has its {n_trials} trials; ask for more of them")
            if total_budget < math.inf and history.committed >= total_budget:
                raise NothingToSuggest(f"ask: the study has spent its {total_budget:g} units of budget; give it more")
            suggestion: Suggestion | None
            if (first := history.next_start) is None or getattr(self.strategy, "draws_start", False):
                suggestion = self.strategy.suggest(history.as_suggested)
            else:
                suggestion = Suggestion(first, info={"origin": "start"})
            if suggestion is None and (n_running := self._view().n_running):
                raise NothingToSuggest(f"ask: {who} waits for {n_running} running trials; tell one of them first")
            number = history.trials.n_trials
            if suggestion is None:
                raise NothingToSuggest(f"ask: {who} has nothing left to suggest after {number} trials")
            if not isinstance(suggestion, Suggestion):
                raise WrongType(f"ask: {who}.suggest returned {short(suggestion)}, which must be a Suggestion or None")
            params = self.space.check(suggestion.params)
            budget = None if suggestion.budget is None else as_budget(suggestion.budget, who)
            info = plain_json(f"ask: the info that {who} suggested", suggestion.info) if suggestion.info else {}
            kept, trial = begun(number, params, budget, info)
            trials.append(trial)
            self._backend.enter((number, kept))
            return trial

    orphans = property(running.orphans)
    requeue, abandon = running.requeue, running.abandon

    def tell(
        self,
        trial: Trial,
        value: float | Sequence[float] | Mapping[str, Any] | Outcome | None = None,
        *,
        error: str | BaseException | None = None,
        attributes: Mapping[str, Any] | None = None,
        constraints: Mapping[str, float] | None = None,
    ) -> None:
        """Complete a running trial with its value. An error, or a value that is not one finite number, makes it fail.

        Raises ValueError or TypeError if the trial is not of this study, was told before, or has not one of value and error.

        Parameters
        ----------
        trial : Trial that `ask` gave out, or a copy of it
        value : float, or dict of the `"value"` and of attributes, such as an objective may return
            With several objectives, a tuple of floats, or a dict of these by name.
        error : str or exception
        attributes : dict, what else to keep with the trial, in JSON's types; arrays become lists, and NaN becomes None
        constraints : dict of float, by name, of which at most 0 is feasible
        """
        if not (error is None or isinstance(error, (str, BaseException))):
            raise WrongType(f"tell: error={short(error)} must be a string or an exception")
        more = {} if attributes is None else as_attributes("tell: attributes", attributes)
        limits = {} if constraints is None else as_constraints("tell: constraints", constraints)
        with self._lock, self._backend.transaction(flush=True):
            ours = running.ours(self, trial, "tell")
            if error is None and value is None:
                raise ValueError(f"tell: trial {trial.number} needs a value, or error='what went wrong'")
            if error is not None and value is not None:
                raise ValueError(f"tell: trial {trial.number} takes a value or an error, not both")
            seconds = max(0.0, time.time() - self._started_again.get((ours.number, ours.started), ours.started))
            fields = ending(value, error, more, limits, self.direction)
            told, asked = changed(ours, seconds=seconds, **fields), getattr(value, "asked", None)
            self._backend.enter((ours.number, told if asked is None else using(told, asked)))

    def stop(self) -> None:
        """End the running search from a callback: running trials finish, and no new one is asked for. See `run`."""
        self.stopped = True

    @property
    def notes(self) -> dict[str, Any]:
        """The notes that are kept with the study, as a copy, in JSON's types."""
        with self._lock:
            self._backend.refresh()
            return copy.deepcopy(dict(self._backend.notes))

    def note(self, **notes: Any) -> None:
        """Keep values of JSON's types with the study, under these names."""
        with self._lock, self._backend.transaction(flush=True):
            self._backend.note(plain_json("note", notes))

    best, front = property(results.best), property(results.front)
    best_params, best_value = property(results.best_params), property(results.best_value)
    best_by_budget = property(results.best_by_budget)

    @property
    def spent(self) -> float:
        """Units of budget spent on finished trials, failed ones included, added ones not.

        A trial spends the units that a yielding objective trained for it (`trial.spent`), or its budget, or 1 without one.
        """
        return self.history.spent

    add, add_trials, extend = warm_start.add, warm_start.add_trials, warm_start.extend
    to_frame, _repr_html_ = tables.to_frame, tables.as_html

    def to_json(self) -> str:
        """Return the study, without its strategy and its space, as JSON; `from_json` reads it."""
        return to_json(self.history)

    @classmethod
    def from_json(cls, text: str, space: Space | Mapping[str, Any], strategy: Strategy) -> Study:
        """Return the study that `to_json` wrote, ready to continue. Raises ValueError if it is not one, or not of `space`."""
        study, strategy = object.__new__(cls), check_strategy("Study: strategy", strategy)
        history = from_json(text, warm_start.as_space(space))
        backend = InMemory(history.space, history.start, enumerate(history.trials))
        study._set(backend, strategy, history.direction, history.seed)
        return study

    if TYPE_CHECKING:  # attached by `hpt_lab.tools.report` and the package's face, floors above this one

        def report(self, /, file: str | os.PathLike[str], *, title: str | None = None, language: str = ...) -> Path: ...
        def serve(self, /, *, port: int = 0, language: str = "en") -> Any: ...  # a server, with url and close()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.history == other.history

    __hash__ = None  # type: ignore[assignment]
    __copy__ = __deepcopy__ = copies.in_memory
    __getstate__, __setstate__ = copies.state, copies.set_state

    def __repr__(self) -> str:
        history = self.history
        best = "" if history.incumbent is None else f", best_value={history.incumbent.value:.6g}{at_budget(history)}"
        best = f", front of {len(history.front)}" if isinstance(self.direction, Directions) else best
        of = f" of {history.n_configs} configurations" if history.n_configs < history.n_asked else ""
        counts = f"{len(history.trials)} trials{of}, {len(history.failed)} failed"
        return f"Study({type(self.strategy).__name__}, {counts}{best})"
