"""Watching over a strategy in its own process: it is asked, it is given so many seconds, and it may fail in any way.

    with Watched(entry, limit=10.0) as strategy:
        answer = strategy.begin(space, seed)          the first suggestion, on no trials or on given ones
        answer = strategy.tell(trial)                 the next one, after the outcome of the last

Whatever goes wrong there is `Refused` here, with one sentence. See `hpt_lab.race.rider` for the other side.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hpt_lab
from hpt_lab.race.entry import Entry
from hpt_lab.race.loading import Refused
from hpt_lab.space import Params, Space
from hpt_lab.study import Trial

__all__ = ["Answer", "Watched"]

START = 60.0  # seconds that a process has to start, and to import what it wants to
FORGED = "what its process answers is not what the race asks for"
SHOWN = 200  # characters of what a strategy prints


@dataclass(frozen=True)
class Answer:
    """A suggestion: its params, None at the end of a search; its marks; and the seconds that it took."""

    params: Params | None
    info: Mapping[str, Any]
    seconds: float


class Watched:
    """A strategy in a process of its own, which `with` loads there: Refused if that cannot be done.

    Parameters
    ----------
    entry : Entry
    limit : float
        Seconds for each suggestion.
    hash_seed : int
        Decides the order of sets of strings there, which nothing must depend on.
    """

    def __init__(self, entry: Entry, limit: float, hash_seed: int = 1) -> None:
        self.limit = limit
        self._space: Space | None = None
        self._printed: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        home = str(Path(hpt_lab.__file__).parent.parent)
        environment = {
            **os.environ,
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            "PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONHASHSEED": str(hash_seed),
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8:backslashreplace",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "hpt_lab.race.rider"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, encoding="utf-8", errors="backslashreplace", start_new_session=True,
        )  # fmt: skip
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._listen)]
        for reader in self._readers:
            reader.start()
        packed = None if entry.packed is None else base64.b64encode(entry.packed).decode()
        path = [path or os.getcwd() for path in sys.path]
        self._first = {"path": path, "file": entry.file, "name": entry.inside, "packed": packed}

    def __enter__(self) -> Watched:
        try:
            self._ask(self._first, max(START, self.limit), "to be loaded")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *stop: object) -> None:
        self.close()

    def begin(self, space: Space, seed: int, trials: Sequence[Trial] = ()) -> Answer:
        """The next suggestion of a search that has these told trials, which may be none."""
        told = [(space.to_json(trial.params), trial.value, trial.error, dict(trial.info)) for trial in trials]
        self._space = space
        return self._suggestion(space, {"space": space.describe(), "seed": seed, "trials": told})

    def tell(self, trial: Trial) -> Answer:
        """The next suggestion, after the outcome of the last one."""
        assert self._space is not None, "a search begins first"
        return self._suggestion(self._space, {"value": trial.value, "error": trial.error})

    @property
    def printed(self) -> str:
        """The beginning of what it has printed so far, on one line."""
        text = " ".join("".join(self._printed).split())
        return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."

    def close(self) -> None:
        """End the process, and whatever it has started."""
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        with suppress(OSError, ValueError):
            self._process.stdin.close()  # type: ignore[union-attr]
        for reader, stream in zip(self._readers, (self._process.stdout, self._process.stderr), strict=True):
            reader.join(1.0)
            if reader.is_alive():  # a program that it has started holds the other end: to close this one would wait
                continue
            stream.close()  # type: ignore[union-attr]

    def _suggestion(self, space: Space, request: Mapping[str, Any]) -> Answer:
        """Nobody needs to trust the process: what it answers is looked at again."""
        found = self._ask(request, self.limit, "for a suggestion")
        try:
            params = None if found["params"] is None else space.from_json(found["params"])
            return Answer(params, dict(found.get("info", {})), float(found["seconds"]))
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise Refused(FORGED) from None

    def _ask(self, request: Mapping[str, Any], seconds: float, what: str) -> dict[str, Any]:
        with suppress(OSError):  # it has ended: what it left says so below
            self._process.stdin.write(json.dumps(request) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise Refused(f"it took longer than {seconds:g} s {what}") from None
        if line is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)
            raise Refused(f"its process ended with exit code {self._process.returncode}")
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Refused(FORGED)
        if "refused" in found:
            raise Refused(str(found["refused"]))
        return found

    def _read(self) -> None:
        with suppress(ValueError, OSError):
            for line in self._process.stdout:  # type: ignore[union-attr]
                self._lines.put(line)
        self._lines.put(None)

    def _listen(self) -> None:
        """Keep the beginning of what is printed, and let the rest go by."""
        with suppress(ValueError, OSError):
            while text := self._process.stderr.readline(4096):  # type: ignore[union-attr]
                if sum(map(len, self._printed)) < 4 * SHOWN:
                    self._printed.append(text)
