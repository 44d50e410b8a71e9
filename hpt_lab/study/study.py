"""Trials, the history they form, and the study that keeps the books: ask for hyperparameters, tell the value.

Everything a strategy may know is the `History`: a strategy is a function from the history to the next `Suggestion`,
and keeps no state of its own. So a fresh strategy, given the first k trials of a search, suggests trial k + 1 of it, on
any machine: to resume, to replay and to test a search are one and the same thing.

    trial = study.ask()                 the strategy looks at the history and suggests
    study.tell(trial, value)            the trial is complete: its value joins the history

Losses are minimised. `Study` turns a metric that is maximised around, once, in `History.losses`: loss = -value.

Chapter 1.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from hpt_lab.space.dimensions import finite, plain
from hpt_lab.space import Params, Space

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["History", "NothingToSuggest", "Strategy", "Study", "Suggestion", "Trial"]


@dataclass(frozen=True)
class Suggestion:
    """What a strategy wants tried next.

    Parameters
    ----------
    params : dict
        A point of the search space: a value for every active dimension.
    budget : float, optional
        How much training to spend (epochs, trees, samples), under a strategy that decides this as well.
    info : dict
        Marks that the strategy will find again in the history, of JSON's types.
    """

    params: Params
    budget: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One training with one set of hyperparameters.

    Attributes
    ----------
    number : int
        Position in the study, from 0.
    params, budget, info
        As suggested.
    value : float or None
        The objective's value, as told; None until the trial is complete.
    state : {"running", "complete", "failed"}
    error : str or None
        Why the trial failed.
    started : float
        Seconds since 1970-01-01 UTC. No two trials of a process have the same: it tells a trial from its namesakes.
    seconds : float or None
        From ask to tell.
    """

    number: int
    params: Params
    budget: float | None = None
    value: float | None = None
    state: str = "running"
    error: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0
    seconds: float | None = None


@dataclass(frozen=True)
class History:
    """Everything a strategy may know.

    Attributes
    ----------
    space : Space
    trials : tuple of Trial
        In the order in which they were asked for.
    seed : int
        For what must be the same during a whole study, such as the scrambling of a Sobol sequence.
    direction : {"minimize", "maximize"}
    """

    space: Space
    trials: tuple[Trial, ...]
    seed: int = 0
    direction: str = "minimize"

    def __post_init__(self) -> None:
        if self.direction not in ("minimize", "maximize"):
            raise ValueError(f"History: direction={self.direction!r} must be 'minimize' or 'maximize'")

    @cached_property
    def finished(self) -> tuple[Trial, ...]:
        """The complete trials."""
        return tuple(trial for trial in self.trials if trial.state == "complete")

    @cached_property
    def running(self) -> tuple[Trial, ...]:
        """The trials asked for and not yet told."""
        return tuple(trial for trial in self.trials if trial.state == "running")

    @cached_property
    def failed(self) -> tuple[Trial, ...]:
        """The trials that raised, or returned no finite number."""
        return tuple(trial for trial in self.trials if trial.state == "failed")

    def _loss(self, trial: Trial) -> float:
        assert trial.value is not None
        return -trial.value if self.direction == "maximize" else trial.value

    @property
    def losses(self) -> np.ndarray:
        """Losses of the finished trials, always to be minimised: ndarray of shape (n_finished,)."""
        return np.array([self._loss(trial) for trial in self.finished])

    @property
    def rng(self) -> np.random.Generator:
        """A fresh random generator, derived from the seed and the number of the next trial.

        It has nothing in common with `np.random.default_rng(seed)`, which may have made the data: Philox takes the
        pair as its key, and every key has a stream of its own (Salmon et al. 2011).
        """
        return np.random.Generator(np.random.Philox(_Key(self.seed, len(self.trials))))  # type: ignore[arg-type]

    @cached_property
    def ranked(self) -> tuple[Trial, ...]:
        """The finished trials, best first: those of a higher budget before those of a lower, and the earlier of equals."""
        return tuple(sorted(self.finished, key=self._rank))

    @cached_property
    def incumbent(self) -> Trial | None:
        """The first of `ranked`: the best finished trial at the highest budget reached. None before the first."""
        return min(self.finished, key=self._rank, default=None)

    def _rank(self, trial: Trial) -> tuple[float, float]:
        return -(trial.budget or 0), self._loss(trial)


class _Key(ISeedSequence):
    """Philox's key, of two words. Given as `Philox(key=...)`, NumPy would first collect entropy, and throw it away."""

    def __init__(self, *words: int) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        return np.array(self.words, dtype)


class Strategy(Protocol):
    """A pure function of the history: no state of its own that changes its answers."""

    def suggest(self, history: History) -> Suggestion | None:
        """The next trial, or None: nothing to suggest until a running trial ends, and nothing at all if none runs."""


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
        self, space: Space | Mapping[str, Any], strategy: Strategy, *, direction: str = "minimize", seed: int = 0
    ) -> None:
        if direction not in ("minimize", "maximize"):
            raise ValueError(f"Study: direction={direction!r} must be 'minimize' or 'maximize'")
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            raise ValueError(f"Study: seed={seed!r} must be an integer from 0 to 2^64 - 1")
        if not is_strategy(strategy):
            raise TypeError(f"Study: strategy={strategy!r} must be an object with suggest(history), as RandomSearch()")
        self.space = space if isinstance(space, Space) else Space(space)
        self.strategy, self.direction, self.seed = strategy, direction, int(seed)
        self._trials: list[Trial] = []
        self._history: History | None = None

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, in the order in which they were asked for."""
        return self.history.trials

    @property
    def history(self) -> History:
        """What a strategy is shown: made once for every change of the trials."""
        if self._history is None:
            self._history = History(self.space, tuple(self._trials), self.seed, self.direction)
        return self._history

    def ask(self) -> Trial:
        """Let the strategy suggest the next trial, and enter it as running.

        The params of the trial returned are a copy: whoever trains may change them.

        Raises
        ------
        NothingToSuggest
            (A ValueError.) If the strategy has reached its end, or waits for a running trial.
        ValueError
            If the suggested params are not of this space, or the budget is not finite.
        TypeError
            If the strategy returned neither a Suggestion nor None, or its budget is not a number.
        """
        suggestion = self.strategy.suggest(self.history)
        who = type(self.strategy).__name__
        if suggestion is None:
            running = len(self.history.running)
            raise NothingToSuggest(
                f"ask: {who} waits for {running} running trials; tell one of them first"
                if running
                else f"ask: {who} has nothing left to suggest after {len(self._trials)} trials"
            )
        if not isinstance(suggestion, Suggestion):
            raise TypeError(f"ask: {who}.suggest returned {suggestion!r}, which must be a Suggestion or None")
        params, budget, info = self.space.check(suggestion.params), plain(suggestion.budget), dict(suggestion.info)
        if budget is not None:
            finite(budget, "ask: the budget ", f" that {who} suggested must be one finite number, or None")
        trial = Trial(len(self._trials), params, budget, info=info, started=_now())
        self._trials.append(trial)
        self._history = None
        return Trial(trial.number, dict(params), trial.budget, info=dict(info), started=trial.started)

    def _find(self, trial: Trial, who: str) -> Trial:
        """Our record of the running trial that ask() gave out, perhaps copied since, or pickled by a worker."""
        if not isinstance(trial, Trial):
            raise TypeError(f"{who}: trial={trial!r} must be a trial that ask() gave out")
        ours = self._trials[trial.number] if 0 <= trial.number < len(self._trials) else None
        if ours is None or ours.started != trial.started:
            raise ValueError(f"{who}: trial {trial.number} must be one that this study's ask() gave out")
        if ours.state != "running":
            raise ValueError(f"{who}: trial {trial.number} is {ours.state} already; tell each trial once")
        return ours

    def tell(self, trial: Trial, value: float | None = None, *, error: str | None = None) -> None:
        """Complete a running trial with its value, or fail it with an error.

        A value that is not one finite number (NaN, infinity, a string, an array) fails the trial as well, and the
        error says so: a search goes on where a training diverged.

        Raises
        ------
        ValueError
            If the trial is not of this study or was told before, or without a value or an error.
        """
        ours = self._find(trial, "tell")
        if error is None and value is None:
            raise ValueError(f"tell: trial {trial.number} needs a value, or error='what went wrong'")
        if error is not None and value is not None:
            raise ValueError(f"tell: trial {trial.number} takes a value or an error, not both")
        outcome: dict[str, Any] = {"state": "failed", "error": str(error)}
        if error is None:
            try:
                outcome = {"state": "complete", "value": told(value)}
            except (TypeError, ValueError) as problem:
                outcome["error"] = str(problem)
        self._trials[ours.number] = replace(ours, seconds=max(0.0, time.time() - ours.started), **outcome)
        self._history = None

    def withdraw(self, trial: Trial) -> None:
        """Forget the latest trial, if it is still running: an interrupted search asks for the same one again."""
        if self._find(trial, "withdraw").number != len(self._trials) - 1:
            raise ValueError(f"withdraw: trial {trial.number} must be the latest of this study")
        self._trials.pop()
        self._history = None

    def extend(self, space: Space, defaults: Mapping[str, Any]) -> None:
        """Widen the space by new dimensions; earlier trials count as made at the `defaults` of those.

        A define-by-run search calls this when a trial shows a hyperparameter that no earlier one had. ValueError if a
        trial does not fit into the wider space, which leaves the study as it was.
        """
        trials = []
        for trial in self._trials:
            params: Params = {}
            while missing := [n for n, on in zip(space, space.active(params), strict=True) if on and n not in params]:
                params |= {name: trial.params.get(name, defaults.get(name)) for name in missing}
            trials.append(replace(trial, params=space.check(params)))
        self.space, self._trials, self._history = space, trials, None

    @property
    def best(self) -> Trial:
        """The incumbent: the best trial at the highest budget reached. ValueError if no trial is complete."""
        incumbent = self.history.incumbent
        if incumbent is None:
            raise ValueError(f"best: none of the {len(self._trials)} trials is complete yet")
        return incumbent

    @property
    def best_params(self) -> Params:
        """Hyperparameters of the best trial."""
        return dict(self.best.params)

    @property
    def best_value(self) -> float:
        """Value of the best trial, as told."""
        value = self.best.value
        assert value is not None
        return value

    def to_frame(self) -> pd.DataFrame:
        """The trials as a pandas DataFrame, one row each: number, the params by name, value, budget, state, ...

        A parameter that has the name of another column goes by `param_NAME`.
        """
        import pandas as pd

        after = ("value", "budget", "state", "error", "started", "seconds")
        columns = {name: f"param_{name}" if name in ("number", *after) else name for name in self.space}
        rows = [
            {"number": trial.number}
            | {column: trial.params.get(name) for name, column in columns.items()}
            | {key: getattr(trial, key) for key in after}
            for trial in self._trials
        ]
        return pd.DataFrame(rows, columns=["number", *columns.values(), *after])

    def to_json(self) -> str:
        """The whole study but its strategy and its space's choices as JSON text; `from_json` reads it."""
        trials = [{**vars(trial), "params": self.space.to_json(trial.params)} for trial in self._trials]
        return json.dumps({"direction": self.direction, "seed": self.seed, "trials": trials})

    @classmethod
    def from_json(cls, text: str, space: Space | Mapping[str, Any], strategy: Strategy) -> Study:
        """The study that `to_json` wrote, ready to go on. Raises ValueError if it is not one, or not of `space`."""
        stored = json.loads(text)
        if not isinstance(stored, dict) or not {"direction", "seed", "trials"} <= set(stored):
            raise ValueError(f"from_json: the text {text[:40]!r}... must be what to_json of a study wrote")
        study = cls(space, strategy, direction=stored["direction"], seed=stored["seed"])
        study._trials = [Trial(**{**t, "params": study.space.from_json(t["params"])}) for t in stored["trials"]]
        return study

    def __copy__(self) -> Study:
        """A study that goes on from here on its own, with the same strategy."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), _trials=self._trials.copy(), _history=None)
        return twin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.history == other.history

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        states = [trial.state for trial in self._trials]
        best = f", best_value={self.best_value:.6g}" if "complete" in states else ""
        return f"Study({type(self.strategy).__name__}, {len(states)} trials, {states.count('failed')} failed{best})"


def is_strategy(value: object) -> bool:
    """Whether it has a `suggest` to call; a class has none before it is made an object."""
    return not isinstance(value, type) and callable(getattr(value, "suggest", None))


def told(value: Any) -> float:
    """What an objective returned, as a float. Raises TypeError or ValueError unless it is one finite number."""
    return finite(value, "the objective returned ", "; it must return one finite number")


_latest = 0.0


def _now() -> float:
    """Seconds since 1970, later at every call, even where the clock ticks slowly or is set back."""
    global _latest
    _latest = max(time.time(), math.nextafter(_latest, math.inf))
    return _latest
