"""The study, which keeps the books: ask for hyperparameters, tell the value.

A strategy is a function from the history to the next `Suggestion`, and keeps no state of its own. So a fresh strategy,
given the first k trials of a search, suggests trial k + 1 of it, on any machine: to resume, to replay and to test a search
are one and the same thing.

    trial = study.ask()                 the strategy looks at the history and suggests
    study.tell(trial, value)            the trial is complete: its value joins the history

Any number of threads may ask and tell: one at a time thinks, while the others train. An interrupt at any moment leaves a
study in which every trial is whole: told, running in somebody's hands, or not there.

A study in a file (`storage="runs.db"`) is that for any number of processes of one machine: an ask or a tell is stored
when it returns, and a running trial whose owner was killed is handed out again first. See `hpt_lab.study.storage.backends`.

Chapter 1; files in chapter 5.
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
from typing import TYPE_CHECKING, Any

from hpt_lab.space import Params, Space
from hpt_lab.study import warm_start
from hpt_lab.study.budgets import Levels, seen_at
from hpt_lab.study.history import History, Strategy, check_direction
from hpt_lab.study.log import Log, Trials
from hpt_lab.study.moments import now
from hpt_lab.study.outcomes import Outcome, as_attributes, as_budget, describe, told
from hpt_lab.study.storage import records
from hpt_lab.study.storage.backends import InFile, InMemory
from hpt_lab.study.storage.sqlite import StorageError
from hpt_lab.study.storage.text import from_json, plain_json, to_json
from hpt_lab.study.tables import as_html, table
from hpt_lab.study.trial import Suggestion, Trial
from hpt_lab.values import checks
from hpt_lab.values.checks import WrongType, short
from hpt_lab.values.frozen import fresh, frozen

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["NothingToSuggest", "Study"]


class NothingToSuggest(ValueError):
    """The strategy has nothing to suggest: for now if trials are running, for good if none is."""


class Study:
    """One search: a space, a strategy, a seed, and the trials so far.

    Parameters
    ----------
    space : Space or mapping
        The search space.
    strategy : Strategy
        Any object with `suggest(history)`.
    direction : {"minimize", "maximize"}
        Whether a small or a large value is good.
    seed : int
        Every random choice derives from it. The same seed gives the same search.
    storage : path, optional
        A file on a disk of this machine to keep the study in, made if there is none; without one it is in memory alone.
        Where the file has a study of this name, that one goes on: its space, direction and seed must be these, while
        another strategy may take over. Beside `runs.db` lie `runs.db-wal` and `runs.db-shm` while it is in use, and
        `runs.db-alive`: leave them there.
    name : str
        Of the study in its file, which may hold many.
    start : iterable of dict, or Study
        Params to be tried first, in this order, whatever the strategy is; of an earlier study, its ten best, best first.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of range or of a wrong type, or differs from that of the study in the file.
    StorageError
        (A ValueError and an OSError.) If the file cannot be used; so do `ask`, `tell`, and all that looks at the trials.

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
        direction: str = "minimize",
        seed: int = 0,
        storage: str | os.PathLike[str] | None = None,
        name: str | None = None,
        start: Iterable[Mapping[str, Any]] | Study = (),
    ) -> None:
        self.direction = check_direction("Study", direction)
        self.seed = checks.seed("Study: seed", seed)
        self.strategy = check_strategy("Study: strategy", strategy)
        self.space = space if isinstance(space, Space) else Space(space)
        begin = warm_start.params_to_start_with(start.history if isinstance(start, Study) else start, self.space)
        self._keep: InMemory | InFile = InMemory()
        if storage is not None:
            texts = [self.space.to_json(params) for params in begin]
            self._keep = records.begin(storage, name, self.space, direction, seed, short(strategy, 400), texts)
        elif name is not None:
            raise ValueError(f"Study: name={short(name)} needs storage='runs.db', a file to be kept in")
        self._start = None if isinstance(self._keep, InFile) else (self.space, begin)
        self._open(Log())

    @classmethod
    def open(
        cls,
        storage: str | os.PathLike[str],
        name: str | None = None,
        *,
        strategy: Strategy | None = None,
        space: Space | Mapping[str, Any] | None = None,
    ) -> Study:
        """The study of this name in a file, or the only one there, to be read or to go on.

        Parameters
        ----------
        storage : path
        name : str, optional
        strategy : Strategy, optional
            Without one the study can be read and told, but not asked: a file says how its strategy was called, and
            nothing is run for that.
        space : Space or mapping, optional
            Needed only to go on where a choice is none that JSON holds, such as an estimator; without it, and without a
            strategy, such a choice is shown as the text that it was written as.

        Raises
        ------
        StorageError
            If there is no such file or study, or it cannot be used.
        """
        keep = records.open(storage, name)
        study = object.__new__(cls)
        header, study._keep = keep.row.header, keep
        study.direction, study.seed = header["direction"], header["seed"]
        study.strategy = records.NoStrategy(keep.name, header["strategy"]) if strategy is None else check_strategy("Study: strategy", strategy)  # fmt: skip
        if space is not None:
            space = space if isinstance(space, Space) else Space(space)
            records.check_same(keep, space, study.direction, study.seed)
        keep.as_text = strategy is None and space is None
        study.space = keep.space(keep.row, space)
        study._start = None
        study._open(Log())
        return study

    def close(self) -> None:
        """Let go of the file: trials that this object asked for and did not tell are handed out again."""
        with self._lock:
            self._keep.close()

    def _open(self, log: Log) -> None:
        self._log, self._lock = log, threading.RLock()
        self._again: dict[int, float] = {}  # when a trial was handed out again
        self._history: tuple[Log, int, History] | None = None  # made for this log of this length
        self.stopped = False
        _studies[id(self)] = self

    @property
    def name(self) -> str | None:
        """The name of the study in its file; None if it is in memory alone."""
        return self._keep.name

    @property
    def trials(self) -> Sequence[Trial]:
        """All trials, in the order in which they were asked for."""
        return self.history.trials

    @property
    def history(self) -> History:
        """What a strategy is shown: the trials as they are now."""
        with self._lock:
            self._look()
            now = len(self._log.entries)
            if self._history is None or self._history[:2] != (self._log, now):
                made = History(self.space, Trials(self._log), self.seed, self.direction, self._params_to_start_with())
                self._history = self._log, now, made
            return self._history[2]

    def _look(self) -> None:
        """What others have entered into the file, joins the log."""
        self.space, self._log = self._keep.news(self.space, self._log)

    @property
    def start(self) -> tuple[Params, ...]:
        """The params that are tried first."""
        return self.history.start

    def _params_to_start_with(self) -> tuple[Params, ...]:
        known = self._start
        if known is None or (
            known[0] is not self.space and isinstance(self._keep, InFile)
        ):  # somebody widened the space
            assert isinstance(self._keep, InFile)
            self._start = known = self.space, self._keep.start(self.space)
        return known[1]

    @property
    def orphans(self) -> Sequence[Trial]:
        """The running trials that nobody will tell: `ask` hands them out again before anything new.

        Those of a study in a file whose owner is gone - the process was killed, or its `Study` closed or collected - and
        those given to `requeue`.
        """
        with self._lock:
            history = self.history  # which looks for news
            return self._keep.orphans(self._log, history)

    def ask(self) -> Trial:
        """Let the strategy suggest the next trial, and enter it as running; an orphan comes first, the same trial again.

        The params of the trial returned are a copy: whoever trains may change them.

        Raises
        ------
        NothingToSuggest
            (A ValueError.) If the strategy has reached its end, or waits for a running trial.
        ValueError
            If the suggested params are not of this space, or the budget is not finite and above 0.
        TypeError
            If the strategy returned neither a Suggestion nor None, its budget is not a number, or its info not of JSON's
            types.
        """
        given: list[Trial] = []
        try:
            return self.ask_into(given)
        except BaseException:  # an interrupt: nobody has the trial, so it must not run
            with suppress(StorageError):
                self.abandon(given)
            raise

    def ask_into(self, given: list[Trial], n_trials: float = math.inf, total_budget: float = math.inf) -> Trial:
        """`ask`, which also puts the trial into `given`, before it enters the study: it is what `run` calls.

        A caller that is interrupted before it has received the trial finds it there, and can `abandon` it. Nothing new is
        asked for once `n_trials` trials were, or `total_budget` is spent or given to trials that run, by whomever.
        """
        with self._lock, self._keep.turn():
            if orphans := self.orphans:
                return self._hand_out_again(orphans[0], given)
            if self.history.n_asked >= n_trials:
                raise NothingToSuggest(f"ask: the study has its {n_trials} trials; ask for more of them")
            if total_budget < math.inf and self.history.committed >= total_budget:
                raise NothingToSuggest(f"ask: the study has spent its {total_budget:g} units of budget; give it more")
            suggestion, who = self._suggestion(self.history), type(self.strategy).__name__
            if suggestion is None:
                raise NothingToSuggest(self._why_nothing(who))
            if not isinstance(suggestion, Suggestion):
                raise WrongType(f"ask: {who}.suggest returned {short(suggestion)}, which must be a Suggestion or None")
            params, budget = self.space.check(suggestion.params), as_budget(suggestion.budget, who)
            marks = plain_json(f"ask: the info that {who} suggested", suggestion.info)
            trial = Trial(len(self._log), fresh(params), budget, info=marks, started=now())
            given.append(trial)
            self._enter(trial.number, replace(trial, params=frozen(params), info=frozen(marks)))
            return trial

    def _suggestion(self, history: History) -> Suggestion | None:
        """What to try next: what a user wants tried first, then what the strategy suggests."""
        if history.next_start is None or getattr(self.strategy, "draws_start", False):
            return self.strategy.suggest(history)
        return Suggestion(history.next_start, info={"origin": "start"})

    def _hand_out_again(self, orphan: Trial, given: list[Trial]) -> Trial:
        trial = replace(orphan, params=fresh(orphan.params), info=fresh(orphan.info))
        given.append(trial)
        self._keep.claim(self._log, orphan)
        self._again[trial.number] = time.time()
        return trial

    def _enter(self, place: int, trial: Trial) -> None:
        self._keep.enter(self._log, place, trial, self.space)

    def requeue(self, trial: Trial) -> None:
        """Have a running trial handed out again by the next `ask`, where you know that nobody will tell it.

        A killed process needs no word of yours; a client of yours that vanished does, and so does one on another machine.
        """
        with self._lock, self._keep.turn():
            self._look()
            self._keep.release(self._log, self._running(trial, "requeue"))

    def withdraw(self, trial: Trial) -> None:
        """Forget the latest trial, if it is still running: an interrupted search asks for the same one again."""
        with self._lock, self._keep.turn():
            self._look()
            if self._running(trial, "withdraw").number != len(self._log) - 1:
                raise ValueError(f"withdraw: trial {trial.number} must be the latest of this study")
            entries = [entry for entry in self._log.entries if entry[0] != trial.number]
            self._log = self._keep.rewrite(self._log, entries, self.space)

    def abandon(self, given: Iterable[Trial]) -> None:
        """Take back those of the `given` trials that are running, since nobody will tell them.

        The latest of the study becomes as if never asked for, so that a resumed search asks for it again. An earlier one
        fails, since the numbers of later trials must not change; in a file, it is handed out again instead.
        """
        if not isinstance(given, Iterable):
            raise WrongType(f"abandon: given={short(given)} must be a list of trials")
        with self._lock:
            for trial in given:
                self._look()
                ours = self._ours(trial, "abandon")
                if ours is None or ours.state != "running":  # it has not entered yet, or was told
                    continue
                if ours.number == len(self._log) - 1:
                    self.withdraw(ours)
                elif isinstance(self._keep, InFile):
                    self.requeue(ours)
                else:
                    self.tell(ours, error="interrupted before it was told")

    def _why_nothing(self, who: str) -> str:
        if running := self.history.n_running:
            return f"ask: {who} waits for {running} running trials; tell one of them first"
        return f"ask: {who} has nothing left to suggest after {len(self._log)} trials"

    def _ours(self, trial: Trial, who: str) -> Trial | None:
        """Our record of a trial that ask() gave out, perhaps copied since, or pickled by a worker; None if it did not."""
        if not isinstance(trial, Trial):
            raise WrongType(f"{who}: trial={short(trial)} must be a trial that ask() gave out")
        ours = self._log.newest(trial.number) if 0 <= trial.number < len(self._log) else None
        return None if ours is None or ours.started != trial.started else ours

    def _running(self, trial: Trial, who: str) -> Trial:
        """Our record of a trial, which must be running."""
        ours = self._ours(trial, who)
        if ours is None:
            raise ValueError(f"{who}: trial {trial.number} must be one that this study's ask() gave out")
        if ours.state != "running":
            raise ValueError(f"{who}: trial {trial.number} is {ours.state} already; tell each trial once")
        return ours

    def tell(
        self,
        trial: Trial,
        value: float | Mapping[str, Any] | Outcome | None = None,
        *,
        error: str | BaseException | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Complete a running trial with its value, or fail it with an error: a text, or the exception itself.

        A value that is not one finite number (NaN, infinity, a string, an array) fails the trial as well, and the
        error says so: a search goes on where a training diverged.

        Parameters
        ----------
        trial : Trial
            That `ask` gave out, or a copy of it.
        value : float, or dict
            Or a dict of the `"value"` and of attributes, as an objective may return it.
        error : str or exception
        attributes : dict
            What else to keep with the trial: texts, numbers, lists and dicts, which JSON has. An array becomes lists, NaN
            None.

        Raises
        ------
        ValueError
            If the trial is not of this study or was told before, or without a value or an error.
        TypeError
            If the trial is none, the error is neither a text nor an exception, or the attributes are not of JSON's types.
        """
        if not (error is None or isinstance(error, (str, BaseException))):
            raise WrongType(f"tell: error={short(error)} must be a text or an exception")
        more = {} if attributes is None else as_attributes("tell: attributes", attributes)
        with self._lock, self._keep.turn(flush=True):
            self._look()
            ours = self._running(trial, "tell")
            if error is None and value is None:
                raise ValueError(f"tell: trial {trial.number} needs a value, or error='what went wrong'")
            if error is not None and value is not None:
                raise ValueError(f"tell: trial {trial.number} takes a value or an error, not both")
            if error is not None:
                outcome = Outcome(error=error)
            elif isinstance(value, Outcome):
                outcome = value
            else:
                outcome = told(value)
                if outcome.error is not None:  # it did not raise: the text says it all
                    outcome = replace(outcome, error=str(outcome.error))
            self._settle(ours, replace(outcome, attributes={**outcome.attributes, **more}))

    def _settle(self, ours: Trial, outcome: Outcome) -> None:
        failed = outcome.error is not None
        started = self._again.get(ours.number, ours.started)
        told_trial = replace(
            ours,
            value=None if failed else outcome.value,
            state="failed" if failed else "complete",
            error=describe(outcome.error) if failed else None,
            seconds=max(0.0, time.time() - started),
            attributes=frozen(outcome.attributes),
            curve=outcome.curve,
            spent=outcome.spent,
        )
        self._enter(ours.number, told_trial)

    def add(
        self,
        params: Mapping[str, Any],
        value: float | Mapping[str, Any],
        *,
        budget: float | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Trial:
        """Add a trial that was trained elsewhere: the strategy learns from it, and it counts for no trial of `tune`.

        Successive halving, Hyperband and ASHA do not learn from it, since it stands on none of their rungs.

        Parameters
        ----------
        params : dict
            A point of the space.
        value : float, or dict
            As told to `tell`; it must be finite.
        budget : float, optional
            At which it was trained, under a strategy that sets budgets.
        attributes : dict, optional
            As for `tell`.

        Returns
        -------
        Trial
            Complete, with `origin` "added".

        Raises
        ------
        ValueError, TypeError
            If anything of it is wrong; the study is as before.

        Examples
        --------
        >>> from hpt_lab import BayesianOptimization, Float, Study
        >>> study = Study({"x": Float(-1, 1)}, BayesianOptimization())
        >>> study.add({"x": 0.4}, 0.16).number
        0
        """
        trial = warm_start.elsewhere(params, value, budget, attributes, self.space)
        with self._lock, self._keep.turn(flush=True):
            self._look()
            return self._enter_whole(trial)

    def add_trials(self, trials: Study | Iterable[Trial], *, outside: str = "raise") -> list[Trial]:
        """Add the complete trials of an earlier study, as `add` does: a warm start.

        Their attributes, curves and seconds are kept. A trial of the same params, value and budget as one that was added before
        is not added again, so that a script may run twice.

        Parameters
        ----------
        trials : Study or iterable of Trial
            A study must have the same direction. Trials that are not complete are left out.
        outside : {"raise", "skip"}
            What becomes of a trial whose params are not of this space, such as a narrower one.

        Returns
        -------
        list of Trial
            Those that are new.

        Raises
        ------
        ValueError, TypeError
            If one is wrong; then none is added.
        """
        if isinstance(trials, Study):
            if trials.direction != self.direction:
                raise ValueError(
                    f"add_trials: the direction of {short(trials)} must be {self.direction!r}, as it is here"
                )
            trials = trials.trials
        found = warm_start.earlier(trials, self.space, outside)
        with self._lock, self._keep.turn(flush=True):
            self._look()
            return [self._enter_whole(trial) for trial in warm_start.unknown(found, self.history)]

    def _enter_whole(self, trial: Trial) -> Trial:
        """Enter a trial that was never asked for."""
        trial = replace(trial, number=len(self._log), started=now())
        self._enter(trial.number, trial)
        return trial

    def stop(self) -> None:
        """End the search that is running: what trains is told, and nothing new is asked for. For callbacks; see `run`."""
        self.stopped = True

    @property
    def notes(self) -> dict[str, Any]:
        """What is kept with the study, in JSON's types: a copy."""
        with self._lock:
            self._look()
            return copy.deepcopy(self._keep.notes)

    def note(self, **notes: Any) -> None:
        """Keep something with the study, under these names: whatever JSON has."""
        with self._lock, self._keep.turn(flush=True):
            self._look()
            self._keep.note(plain_json("note", notes))

    def extend(self, space: Space, defaults: Mapping[str, Any], **notes: Any) -> None:
        """Widen the space by new dimensions; earlier trials count as made at the `defaults` of those. `notes` as in `note`.

        A define-by-run search calls this when a trial shows a hyperparameter that no earlier one had. ValueError if a
        trial does not fit into the wider space, which leaves the study as it was.
        """
        space = space if isinstance(space, Space) else Space(space)
        if not isinstance(defaults, Mapping):
            raise WrongType(f"extend: defaults={short(defaults)} must be a dict of values by name")
        with self._lock, self._keep.turn():
            self._look()

            def widened(params: Params, whose: str) -> Params:
                wider: Params = {}
                while missing := [n for n, on in zip(space, space.active(wider), strict=True) if on and n not in wider]:
                    wider |= {name: params.get(name, defaults.get(name)) for name in missing}
                if lost := [name for name in params if name not in wider]:
                    raise ValueError(f"extend: space={short(space)} must keep {lost[0]} of {whose}")
                return frozen(space.check(wider))

            entries = [
                (place, replace(trial, params=widened(trial.params, f"trial {place}")))
                for place, trial in self._log.entries
            ]
            start = tuple(widened(params, "the params to start with") for params in self.start)
            noted = plain_json("extend", notes)
            rewritten = self._keep.rewrite(self._log, entries, space, noted, start)
            self.space, self._log, self._start, self._history = space, rewritten, (space, start), None

    @property
    def best(self) -> Trial:
        """The incumbent: the best trial at the highest budget reached. ValueError if no trial is complete.

        That may be one trial, and a lower budget show better values of many: see `best_by_budget`.
        """
        incumbent = self.history.incumbent
        if incumbent is None:
            raise ValueError(f"best: none of the {len(self.trials)} trials is complete yet")
        return incumbent

    @property
    def best_params(self) -> Params:
        """Hyperparameters of the best trial: a copy, that may be changed."""
        return fresh(self.best.params)

    @property
    def best_value(self) -> float:
        """Value of the best trial, as told."""
        value = self.best.value
        assert value is not None
        return value

    @property
    def best_by_budget(self) -> dict[float, Trial]:
        """The best trial at each budget, from the lowest budget up; none of a search without budgets."""
        return {budget: level.best for budget, level in sorted(self.history.index(Levels).levels.items())}

    @property
    def spent(self) -> float:
        """Units of budget that its trials spent, failed ones included, but not those that were added.

        A trial spends what its objective that yields has trained for it (`trial.spent`), its budget where it does not
        yield, and 1 where it has no budget. Running trials count once they are told.
        """
        return self.history.spent

    def to_frame(self) -> pd.DataFrame:
        """The trials as a pandas DataFrame, one row each: number, the params by name, value, budget, state, ...

        `started` is a date in UTC, `seconds` are those from ask to tell; attributes come last. A parameter that has the
        name of another column goes by `param_NAME`, and then an attribute by `attribute_NAME`.
        """
        import pandas as pd

        columns, rows = table(self.history)
        frame = pd.DataFrame(rows, columns=columns)
        return frame.assign(started=pd.to_datetime(frame["started"], unit="s", utc=True))

    def to_json(self) -> str:
        """The whole study but its strategy and its space's choices as JSON text; `from_json` reads it."""
        return to_json(self.history)

    @classmethod
    def from_json(cls, text: str, space: Space | Mapping[str, Any], strategy: Strategy) -> Study:
        """The study that `to_json` wrote, ready to go on. Raises ValueError if it is not one, or not of `space`."""
        study = cls(space, strategy)
        history = from_json(text, study.space)
        study.direction, study.seed, study._start = history.direction, history.seed, (study.space, history.start)
        study._log = Log(enumerate(history.trials))
        return study

    if TYPE_CHECKING:  # `hpt_lab.report`, which stands above the study, attaches it when it is imported

        def report(
            self, /, file: str | os.PathLike[str], *, title: str | None = None, language: str = "en"
        ) -> Path: ...

    def __copy__(self) -> Study:
        """A study that goes on from here on its own, in memory, with the same strategy."""
        twin = object.__new__(type(self))
        twin.__setstate__({**self._state(), "_keep": InMemory()})
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Study:
        """As `__copy__`, with a copy of the strategy."""
        twin = object.__new__(type(self))
        twin.__setstate__(copy.deepcopy({**self._state(), "_keep": InMemory()}, memo))
        return twin

    def _state(self) -> dict[str, Any]:
        with self._lock:
            self._look()
            start = self.space, self._params_to_start_with()  # which a copy in memory cannot look up
            emptied = {"_history": None, "_lock": None, "_again": None}
            return {**vars(self), "_log": self._log.entries.copy(), "_start": start, **emptied}

    def __getstate__(self) -> dict[str, Any]:
        """Of a study in a file where it is: another process opens it there."""
        state = self._state()
        return (
            {**state, "_log": [], "_start": None, "_keep": records.address(self._keep)}
            if isinstance(self._keep, InFile)
            else state
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if isinstance(self._keep, tuple):
            self._keep = records.open(*self._keep)
        self._open(Log(state["_log"]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.history == other.history

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        history = self.history
        best = f", best_value={self.best_value:.6g}{seen_at(history)}" if history.incumbent else ""
        failed = len(history.failed)
        return f"Study({type(self.strategy).__name__}, {len(history.trials)} trials, {failed} failed{best})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the best trials, or the latest ones while none is complete."""
        return as_html(repr(self), self.history)


def check_strategy(name: str, value: Any, what: str = "an object with suggest(history), as RandomSearch()") -> Any:
    """`value`, which has a `suggest` to call; a class has none before it is made an object."""
    if isinstance(value, type) or not callable(getattr(value, "suggest", None)):
        raise WrongType(f"{name}={short(value)} must be {what}")
    return value


_studies: weakref.WeakValueDictionary[int, Study] = weakref.WeakValueDictionary()


def _reopen() -> None:
    """In a forked child: locks that another thread of the parent held at that moment would never open again."""
    for study in list(_studies.values()):
        study._lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_reopen)
