"""The process in which an entry's strategy runs: `python -m hpt_lab.tools.race.child`, started by `hpt_lab.tools.race.process`.

It gets a space, a seed and trials with their losses, then further trials, and answers with a suggestion: lines of JSON on
the standard streams, which the strategy cannot use (it prints to standard error). This keeps an honest strategy honest,
and one that hangs from holding up the race. It is not a sandbox: the process has the rights of the user who starts it.
"""

import base64
import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from time import process_time  # under its own name, so that a strategy cannot replace it in the module
from typing import Any

from hpt_lab.problems import Problem
from hpt_lab.space import Space
from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.study.log import Log, Trials
from hpt_lab.study.outcomes import plain_json
from hpt_lab.tools.race.entry import Refused, blame, load
from hpt_lab.tools.race.searches import STORE
from hpt_lab.values.checks import plain, short
from hpt_lab.values.frozen import frozen

PEEKED = "it looks at hpt_lab.problems, but a strategy may see only the history"
_peeks: list[str] = []


def main() -> None:
    """Answer requests one after another, until there are no more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it ends with the race, even if that is killed
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def answer(values: Mapping[str, Any]) -> None:
        print(json.dumps(values), file=answers, flush=True)

    entry = json.loads(requests.readline())
    file = None if entry["file"] is None else os.path.abspath(entry["file"])
    try:
        sys.path[:] = entry["path"]
        _block_problems()
        strategy = load(file, entry["inside"], entry["packed"] and base64.b64decode(entry["packed"]))
        if not callable(getattr(strategy, "suggest", None)):
            raise Refused(f"{short(strategy)} must be an object with suggest(history)")
    except Refused as refused:
        answer({"refused": _peeks[0] if _peeks else str(refused)})
        return
    import scipy.optimize  # noqa: F401  with all that hpt_lab uses, so that loading it is not timed

    answer({"ready": True})
    search: SearchLog | None = None
    for request in map(json.loads, requests):
        if "space" in request:
            search = SearchLog(strategy, request["space"], request["seed"], file)
        assert search is not None
        try:
            answer(search.suggest(request["trials"]))
        except Refused as refused:
            answer({"refused": str(refused)})


class SearchLog:
    """One search: the log of its trials, with times made from their numbers, so that each replay shows the same."""

    def __init__(self, strategy: Any, described: Mapping[str, Any], seed: int, file: str | None = None) -> None:
        self.strategy, self.seed, self.file = strategy, seed, file
        self.space, self.log = Space.from_description(described), Log()

    def suggest(self, told: list[Any]) -> dict[str, Any]:
        """Return the next suggestion after these new trials as an answer. Raises Refused if it is not a valid one."""
        for number, (given, value, error, info) in enumerate(told, len(self.log)):
            running = Trial(number, frozen(self.space.from_json(given)), info=frozen(info), started=float(number))
            state = "complete" if error is None else "failed"
            ended = replace(running, state=state, value=value, error=error, seconds=1.0)
            self.log.entries += [(number, running), (number, ended)]
        history = History(self.space, Trials(self.log), self.seed)
        started = process_time()
        try:
            suggestion = self.strategy.suggest(history)
        except BaseException as error:
            raise Refused(_peeks[0] if _peeks else f"it raised {blame(error, self.file)}") from None
        seconds = process_time() - started
        if _peeks:
            raise Refused(_peeks[0])
        if suggestion is None:
            return {"seconds": seconds, "params": None}
        if not isinstance(suggestion, Suggestion):
            wanted = "a Suggestion, such as Suggestion(params), or None"
            raise Refused(f"it returned {short(suggestion)}, which must be {wanted}")
        if suggestion.budget is not None:
            budget = short(plain(suggestion.budget))
            raise Refused(f"it suggested a budget of {budget}, which must be None: the race counts full training runs")
        wrong = "it left the space"
        try:
            params = self.space.check(suggestion.params)
            wrong = "its info cannot be kept"
            info = plain_json("info", suggestion.info)
        except (TypeError, ValueError) as error:
            raise Refused(f"{wrong}: {error}") from None
        return {"seconds": seconds, "params": self.space.to_json(params), "info": info}


def _block_problems() -> None:
    """Keep problems from being made and tables from being read here, and remember any attempt, even one that is caught."""

    def closed(*_: Any) -> None:
        _peeks.append(PEEKED)
        raise PermissionError(PEEKED)

    data = os.path.join(os.path.realpath(STORE.parent), "").lower()
    tables = {(one.st_dev, one.st_ino) for one in map(os.stat, STORE.parent.glob("*.npz"))}

    def is_table(file: Any, from_os: bool) -> Iterator[bool]:
        path = "" if isinstance(file, int) else os.fsdecode(file)
        # lower: on Windows and macOS, DATA/RACE.NPZ is the same file
        yield path.lower().endswith(".npz") and os.path.realpath(path).lower().startswith(data)
        relative = from_os and os.open in os.supports_dir_fd and not os.path.isabs(path)
        for folder in [None, *(map(int, os.listdir("/dev/fd")) if relative else ())]:  # events don't show their dir_fd
            with suppress(OSError, ValueError, OverflowError):
                one = os.stat(file, dir_fd=folder)  # for a link, of its target
                yield (one.st_dev, one.st_ino) in tables

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        file = arguments[0] if event == "open" else None
        if isinstance(file, (str, bytes, os.PathLike, int)) and any(is_table(file, arguments[1] is None)):
            closed()

    Problem.__post_init__ = closed  # type: ignore[method-assign, assignment]
    sys.addaudithook(hook)


if __name__ == "__main__":
    main()
