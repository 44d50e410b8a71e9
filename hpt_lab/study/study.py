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
import threading
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hpt_lab.space import Params, Space
from hpt_lab.study import warm_start
from hpt_lab.study.backend import InMemory, StorageError
from hpt_lab.study.directions import MINIMIZE, Direction, Directions, directions_of
from hpt_lab.study.history import History, Strategy, budget_note, check_strategy
from hpt_lab.study.log import Log
from hpt_lab.study.outcomes import Outcome, as_attributes, as_budget, ending, plain_json
from hpt_lab.study.trial import (
    Suggestion,
    Trial,
    as_constraints,
    keep_only,
    replace_unchecked,
    start_trial,
    timestamp,
    unfrozen_trial,
)
from hpt_lab.values.checks import WrongType, instance, listable, require, seed as check_seed, short
from hpt_lab.values.frozen import frozen, unfrozen

if TYPE_CHECKING:
    import pandas as pd

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
        It is no server such as PostgreSQL, since the locks of a file tell whose process has died: with workers on other
        machines, this process alone writes it.
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
        backend = InMemory(space, first)
        if storage is not None:
            from hpt_lab.tools.storage import records

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
        from hpt_lab.tools.storage import records

        as_text, space = strategy is None and space is None, None if space is None else warm_start.as_space(space)
        backend, header = records.open_study(storage, name, space, as_text)
        strategy = records.NoStrategy(backend.name, header["strategy"]) if strategy is None else strategy
        study = object.__new__(cls)
        study._set(backend, check_strategy("Study: strategy", strategy), header["direction"], header["seed"])
        return study

    def _set(self, backend: InMemory, strategy: Strategy, direction: Direction, seed: int) -> None:
        self._backend, self.strategy, self.direction, self.seed = backend, strategy, direction, seed
        self._lock, self.stopped = threading.RLock(), False
        _studies[id(self)] = self
        self._started_again: dict[tuple[int, float], float] = {}  # when a trial (number, start) was handed out again
        self._history: tuple[Log, int, History] | None = None  # made for this log of this length
        self._latest: Suggestion | None = None

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
        return Directions.of(self.direction).given

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
                trials.append(trial := unfrozen_trial(orphans[0]))
                self._backend.hand_over(trial, to_us=True)
                self._started_again[trial.number, trial.started] = time.time()
                return trial
            if history.trials.n_trials >= n_trials and history.n_asked >= n_trials:
                more = "that the search may have; give it a larger n_trials"
                raise NothingToSuggest(f"ask: the study has the {n_trials} trials {more}")
            if total_budget < math.inf and history.committed >= total_budget:
                more = "units of budget; give it a larger total_budget"
                raise NothingToSuggest(f"ask: the study has spent its {total_budget:g} {more}")
            suggestion = self._suggest(history)
            if suggestion is None and (n_running := self._view().n_running):
                raise NothingToSuggest(f"ask: {who} waits for {n_running} running trials; tell one of them first")
            number = history.trials.n_trials
            if suggestion is None:
                raise NothingToSuggest(f"ask: {who} has nothing left to suggest after {number} trials")
            if not isinstance(suggestion, Suggestion):
                raise WrongType(f"ask: {who}.suggest returned {short(suggestion)}, which must be a Suggestion or None")
            self._latest = suggestion
            params = self.space.check(suggestion.params)
            budget = None if suggestion.budget is None else as_budget(suggestion.budget, who)
            info = plain_json(f"ask: the info that {who} suggested", suggestion.info) if suggestion.info else {}
            kept, trial = start_trial(number, params, budget, info)
            trials.append(trial)
            self._backend.enter((number, kept))
            return trial

    def _suggest(self, history: History) -> Suggestion | None:
        """Return what the strategy suggests; while there are params to start with, these take the place of its own.

        If it sets budgets, its suggestion says at which budget they are trained, and a promotion is not replaced.
        """
        first = history.next_start
        if first is None:
            return self.strategy.suggest(history.as_suggested)
        start = Suggestion(first, info={"origin": "start"})
        earlier = next((trial for trial in history.trials if trial.origin != "added"), None)
        if earlier is not None and earlier.budget is None:
            return start  # a strategy without budgets need not be asked
        suggestion: Suggestion | None = None
        try:
            suggestion = self.strategy.suggest(history.as_suggested)
        except Exception:
            if history.space.dimensions:  # few strategies can search a space that is still empty
                raise
        if suggestion is None or (isinstance(suggestion, Suggestion) and suggestion.budget is None):
            return start if earlier is None else None
        if not isinstance(suggestion, Suggestion):
            return suggestion
        if suggestion.info.get("rung", 0) != 0 or suggestion.info.get("origin") == "start":
            return suggestion
        return replace(suggestion, params=start.params, info={**suggestion.info, **start.info})

    @property
    def latest(self) -> Suggestion | None:
        """The latest suggestion; in a resumed study, the one that its strategy would make now, if it can make one."""
        if self._latest is None:
            with suppress(Exception):
                self._latest = self.strategy.suggest(self.history.as_suggested)
        return self._latest

    @property
    def orphans(self) -> Sequence[Trial]:
        """The running trials that no one will tell: `ask` returns them again before any new trial.

        They are those given to `requeue` and, in a file, those whose process was killed or whose `Study` was closed or
        collected.
        """
        with self._lock:
            return self._backend.orphans(self.history)

    def start_with(self, *params: Mapping[str, Any]) -> None:
        """Try these params next, in this order, after those of `start` that still wait, whatever the strategy.

        They are trials of the search, as those of `start` are. What they leave out is drawn at random. Raises ValueError or
        TypeError, and changes nothing, if one is not of the space.
        """
        backend = self._backend
        with self._lock, backend.transaction():
            rng = np.random.default_rng([self.seed, len(backend.start)])
            points = warm_start.points_to_start_with("start_with: params", params, backend.space, rng)
            n = backend.notes.get("start_with", 0) + len(points)  # so that the first `start` is recognized
            backend.rewrite(backend.log.entries, backend.space, (*backend.start, *points), {"start_with": n})

    def requeue(self, trial: Trial | int) -> None:
        """Let the next `ask` return a running trial again, if you know that no one will tell it.

        You don't need this for a killed process, only for a client that vanished, or one on another machine.
        """
        with self._lock, self._backend.transaction():
            self._backend.hand_over(self._running_trial(trial, "requeue"), to_us=False)

    def abandon(self, trials: Iterable[Trial]) -> None:
        """Take back those of the trials that are still running, since no one will tell them.

        The study's latest trial is removed, as if never asked for, so that a resumed search asks for it again. An earlier
        trial fails, since the numbers of later ones must not change; in a file, `ask` returns it again instead.
        """
        require(listable(trials) and not hasattr(trials, "shape"), "abandon: trials", trials, "a list of trials")
        backend = self._backend
        with self._lock:
            for trial in trials:
                backend.refresh()
                if not self._is_running(trial):  # it has not entered the study yet, or is finished
                    continue
                with backend.transaction():
                    if not self._is_running(trial):  # another process was faster
                        continue
                    if trial.number == len(backend.log) - 1:
                        entries = [entry for entry in backend.log.entries if entry[0] != trial.number]
                        backend.rewrite(entries, backend.space, backend.start, {})
                    elif backend.shared:
                        backend.hand_over(trial, to_us=False)
                    else:
                        self.tell(trial, error="interrupted before it was told")

    def _forget_from(self, number: int) -> None:
        """Take back all trials from this number on, finished or not, as if never asked for."""
        backend = self._backend
        with self._lock, backend.transaction():
            if len(backend.log) > number:
                entries = [entry for entry in backend.log.entries if entry[0] < number]
                backend.rewrite(entries, backend.space, backend.start, {})

    def _is_running(self, trial: Trial) -> bool:
        return (known := self._record_of(trial, "abandon")) is not None and known.state == "running"

    def _running_trial(self, trial: Trial | int, who: str) -> Trial:
        """Return the study's record of a trial, which must be running."""
        if isinstance(trial, (int, np.integer)) and not isinstance(trial, bool):
            known = self._backend.log.find(int(trial)) if 0 <= trial < len(self._backend.log) else None
        else:
            known = self._record_of(trial, who)
        if known is None:
            number = trial.number if isinstance(trial, Trial) else trial
            raise ValueError(f"{who}: trial {number} must be one that this study's ask() returned")
        if known.state != "running":
            raise ValueError(f"{who}: trial {known.number} is already {known.state}; tell each trial once")
        return known

    def _record_of(self, trial: Any, who: str) -> Trial | None:
        """Return the study's record of a trial (or of a copy of it) that `ask` returned, or None."""
        instance(f"{who}: trial", trial, Trial, "a trial that ask() returned")
        known = self._backend.log.find(trial.number)
        return None if known is None or known.started != trial.started else known

    def tell(
        self,
        trial: Trial | int,
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
        trial : Trial that `ask` gave out, a copy of it, or its number
        value : float, or dict of the `"value"` and of attributes, such as an objective may return
            With several objectives, a tuple of floats, or a dict of these by name.
        error : str or exception
        attributes : dict, what else to keep with the trial, in JSON's types; arrays become lists, and NaN becomes None
        constraints : dict of float, by name, of which at most 0 is feasible
        """
        if error is not None:
            instance("tell: error", error, (str, BaseException), "a string or an exception")
        more = {} if attributes is None else as_attributes("tell: attributes", attributes)
        limits = {} if constraints is None else as_constraints("tell: constraints", constraints)
        with self._lock, self._backend.transaction(flush=True):
            ours = self._running_trial(trial, "tell")
            if error is None and value is None:
                raise ValueError(f"tell: trial {ours.number} needs a value, or error='what went wrong'")
            if error is not None and value is not None:
                raise ValueError(f"tell: trial {ours.number} takes a value or an error, not both")
            seconds = max(0.0, time.time() - self._started_again.get((ours.number, ours.started), ours.started))
            fields = ending(value, error, more, limits, self.direction)
            told, asked = replace_unchecked(ours, seconds=seconds, **fields), getattr(value, "asked", None)
            self._backend.enter((ours.number, told if asked is None else keep_only(told, asked)))

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

    @property
    def best(self) -> Trial:
        """The incumbent: the best trial at the highest budget reached, among the feasible ones if there are constraints.

        Raises ValueError if no trial is complete, or none is feasible; with several objectives, see `front`.
        """
        history = self.history
        if history.directions.several:
            n, n_objectives = len(history.trials), len(history.directions)
            which = f"none of the {n} trials is the best in each of the {n_objectives} objectives"
            raise ValueError(f"best: {which}; see front for those that no other dominates")
        if history.incumbent is not None:
            return history.incumbent
        if not history.finished:
            raise ValueError(f"best: none of the {len(history.trials)} trials is complete yet")
        least = history.ranked[0]
        above = ", ".join(f"{name}={value:.6g}" for name, value in least.constraints.items() if value > 0)
        closest = f"trial {least.number} comes closest, with {above}, which must be at most 0"
        raise ValueError(f"best: none of the {len(history.finished)} complete trials is feasible; {closest}")

    @property
    def best_params(self) -> Params:
        """The hyperparameters of the best trial, as a copy that may be changed."""
        return unfrozen(self.best.params)

    @property
    def best_value(self) -> float:
        """The value of the best trial, as reported."""
        return self.best.value  # type: ignore[return-value]  # with one objective, it is complete

    @property
    def front(self) -> list[Trial]:
        """The complete feasible trials that no other dominates, in the order of their numbers; [] before the first.

        Of trials with equal values, it has the earliest. With one objective, it is the best trial alone.
        """
        return list(self.history.front)

    @property
    def spent(self) -> float:
        """Units of budget spent on finished trials, failed ones included, added ones not.

        A trial spends the units that a yielding objective trained for it (`trial.spent`), or its budget, or 1 without one.
        """
        return self.history.spent

    def add(
        self,
        params: Mapping[str, Any],
        value: float | Sequence[float] | Mapping[str, Any],
        *,
        budget: float | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Trial:
        """Add a trial that was trained elsewhere: the strategy learns from it, but it is not one of the trials of `tune`.

        Returns it, complete, with `origin` "added"; raises ValueError or TypeError if anything about it is wrong. Successive
        halving, Hyperband and ASHA do not learn from it, since it is on none of their rungs.

        Parameters
        ----------
        params : dict, a point of the space
        value : float, tuple of floats, or dict, as for `tell`; all must be finite
        budget : float, optional, the budget at which it was trained, for a strategy that sets budgets
        attributes : dict, optional, as for `tell`
        """
        fields = warm_start.added_fields(value, budget, attributes, self.direction)
        with self._lock, self._backend.transaction(flush=True):
            point = frozen(warm_start.check_params("add: params", params, self.space))
            return self._enter([replace_unchecked(Trial(0, point), **fields)])[0]

    def add_trials(
        self,
        trials: Study | Iterable[Trial],
        *,
        outside: Literal["raise", "skip"] = "raise",
        defaults: Mapping[str, Any] | None = None,
    ) -> list[Trial]:
        """Add the complete trials of an earlier study, as `add` does, and return those that are new: a warm start.

        Their attributes, curves and seconds are kept. A trial with the same params, value and budget as one added before is
        skipped, so that a script can run twice. Raises ValueError or TypeError if one is wrong; then none is added.

        Parameters
        ----------
        trials : Study, of the same direction, or iterable of Trial; those that are not complete are skipped
        outside : {"raise", "skip"}, what to do with a trial whose params are outside this space, which may be narrower
        defaults : dict, optional, the values of new hyperparameters in the earlier trials, if this space is wider: see `extend`
        """
        if isinstance(trials, Study):
            if trials.direction != self.direction:
                must = f"must be {self.direction!r}, as it is here"
                raise ValueError(f"add_trials: the direction of {short(trials)} {must}")
            trials = trials.trials
        complete, known = warm_start.complete_trials(trials, outside, defaults)
        with self._lock, self._backend.transaction(flush=True):  # another process may have widened the space, too
            return self._enter(warm_start.new_trials(self.history, complete, outside == "skip", known))

    def _enter(self, trials: Sequence[Trial]) -> list[Trial]:
        first = len(self._backend.log)
        entered = [replace_unchecked(trial, number=n, started=timestamp()) for n, trial in enumerate(trials, first)]
        self._backend.enter(*[(trial.number, trial) for trial in entered])
        return entered

    def extend(self, space: Space | Mapping[str, Any], defaults: Mapping[str, Any], **notes: Any) -> None:
        """Widen the space by new dimensions, as define-by-run does; in earlier trials they count as set to `defaults`.

        `notes` are stored as by `note`. Raises ValueError, and leaves the study unchanged, if a trial does not fit the new
        space.
        """
        wider = warm_start.as_space(space)
        instance("extend: defaults", defaults, Mapping, "a dict of values by name")
        self.extend_to(lambda: (wider, defaults, notes), used=True)

    def extend_to(self, wider: warm_start.Wider, used: bool) -> None:
        """Extend the study to the space, defaults and notes that `wider` returns, called while no one else can write.

        If the defaults were not `used`, finished trials have them among their `unused` params.
        """
        backend = self._backend
        with self._lock, backend.transaction():
            space, defaults, notes = wider()
            entries, start = warm_start.widened(backend.log.entries, backend.start, space, defaults, used)
            if lost := [name for name in backend.space if name not in space]:  # it may be active in no trial
                raise ValueError(f"extend: space={short(space)} must keep {lost[0]}, which the study has")
            backend.rewrite(entries, space, start, plain_json("extend", notes))

    def to_frame(self) -> pd.DataFrame:
        """Return the trials as a pandas DataFrame, one row each: number, the params by name, value, budget, state, ...

        `started` is a date in UTC, `seconds` is the time from ask to tell, and attributes come last. A hyperparameter with
        the name of another column becomes `param_NAME`, and an attribute `attribute_NAME`. In place of `value`, several
        objectives have a column each: their names, or `value_0`, `value_1`, ... Constraints have one each, too, after the values;
        with the name of another column, one becomes `value_NAME` or `constraint_NAME`. If a stopping rule ended some, `spent`,
        `stopped` and `expected` follow.
        """
        from hpt_lab.study import tables

        return tables.frame(self.history)

    def _repr_html_(self) -> str:
        from hpt_lab.study import tables

        return tables.as_html(repr(self), self.history)

    def to_json(self) -> str:
        """Return the study, without its strategy and its space, as JSON; `from_json` reads it."""
        from hpt_lab.tools.storage.text import to_json

        return to_json(self.history)

    @classmethod
    def from_json(cls, text: str, space: Space | Mapping[str, Any], strategy: Strategy) -> Study:
        """Return the study that `to_json` wrote, ready to continue. Raises ValueError if it is not one, or not of `space`."""
        from hpt_lab.tools.storage.text import from_json

        study, strategy = object.__new__(cls), check_strategy("Study: strategy", strategy)
        history = from_json(text, warm_start.as_space(space))
        backend = InMemory(history.space, history.start, enumerate(history.trials))
        study._set(backend, strategy, history.direction, history.seed)
        return study

    def report(self, /, file: str | os.PathLike[str], *, title: str | None = None, language: str = "en") -> Path:
        """Write a report of the study into a file, and return its path: see `hpt_lab.tools.report.write`."""
        from hpt_lab.tools.report import write

        return write(self, file, title=title, language=language)

    def serve(self, /, *, port: int = 0, language: str = "en", edit: bool = False) -> Any:
        """Serve a live page of the study, and return its server at once: see `hpt_lab.tools.serve.serve`."""
        from hpt_lab.tools.serve import serve

        return serve(self, port=port, language=language, edit=edit)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.history == other.history

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Study:
        """Return an independent copy in memory, with the same strategy."""
        return self.__deepcopy__(None)

    def __deepcopy__(self, memo: dict[int, Any] | None) -> Study:
        """Return an independent copy in memory, with a copy of the strategy."""
        with self._lock:
            backend = self._backend
            backend.refresh()
            in_memory = InMemory(backend.space, backend.start, backend.log.entries, backend.notes)
            fields = {**self.__getstate__(), "_backend": in_memory}
        twin = object.__new__(type(self))
        twin.__setstate__(fields if memo is None else copy.deepcopy(fields, memo))
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled; a study in a file stays in its file."""
        left = "_lock", "_history", "_started_again", "_latest"
        return {name: value for name, value in vars(self).items() if name not in left}

    def __setstate__(self, fields: dict[str, Any]) -> None:
        vars(self).update(fields)
        self._set(self._backend, self.strategy, self.direction, self.seed)

    def __repr__(self) -> str:
        history = self.history
        best = "" if history.incumbent is None else f", best_value={history.incumbent.value:.6g}{budget_note(history)}"
        best = f", front of {len(history.front)}" if history.directions.several else best
        of = f" of {history.n_configs} configurations" if history.n_configs < history.n_asked else ""
        counts = f"{len(history.trials)} trials{of}, {len(history.failed)} failed"
        return f"Study({type(self.strategy).__name__}, {counts}{best})"


_studies: weakref.WeakValueDictionary[int, Study] = weakref.WeakValueDictionary()


def _renew_locks() -> None:
    """Give the studies of a forked child new locks: one held by a thread of the parent would never open."""
    for study in list(_studies.values()):
        study._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_renew_locks)
