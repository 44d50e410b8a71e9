"""A strategy in a process of its own, as the race sees it: it has so many seconds for an answer, and may fail.

    with StrategyProcess(entry, limit=10.0) as strategy:
        suggestion = strategy.begin(space, seed)      the first one, or the next one after these trials
        suggestion = strategy.tell(trial)             the next one, after the outcome of the last

Whatever goes wrong there, in `hpt_lab.race.child`, is raised as `Refused`, in one sentence.
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
from pathlib import Path
from typing import IO, Any, cast

from hpt_lab.race.entry import Entry, Refused
from hpt_lab.space import Space
from hpt_lab.study import History, Suggestion, Trial
from hpt_lab.surrogates.threads import ONE_THREAD

START = 60.0  # seconds that a process has to start, and to import what it wants to
FORGED = "what its process answers is not what the race asks for"
SHOWN = 200  # characters of what a strategy prints


class StrategyProcess:
    """A strategy in a process of its own; `with` loads it there. Refused if that cannot be done."""

    def __init__(self, entry: Entry, limit: float, hash_seed: int = 1) -> None:
        # limit: for a suggestion; seconds: of the processor, for each one; hash_seed: orders sets of strings there
        self.limit, self.seconds = limit, list[float]()
        self._entry, self._printed = entry, list[str]()
        self._space: Space | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONHASHSEED": str(hash_seed)}
        environment |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace"}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "hpt_lab.race.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, encoding="utf-8", errors="backslashreplace", start_new_session=True,
        )  # fmt: skip
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._input, self._output, self._errors = (cast(IO[str], stream) for stream in streams)
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._listen)]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> StrategyProcess:
        entry, path = self._entry, [path or os.getcwd() for path in sys.path]
        packed = None if entry.packed is None else base64.b64encode(entry.packed).decode()
        request = {"path": path, "file": entry.file, "inside": entry.inside, "packed": packed}
        try:
            self._ask(request, max(START, self.limit), "to be loaded")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *stop: object) -> None:
        self.close()

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next suggestion of a search that is shown from its beginning, as a strategy does."""
        return self.tell(history.trials[-1]) if history.trials else self.begin(history.space, history.seed)

    def begin(self, space: Space, seed: int, trials: Sequence[Trial] = ()) -> Suggestion | None:
        """Return the next suggestion of a search that has these told trials; None at its end."""
        self._space = space
        told = [(space.to_json(trial.params), trial.value, trial.error, dict(trial.info)) for trial in trials]
        return self._suggestion(space, {"space": space.describe(), "seed": seed, "trials": told})

    def tell(self, trial: Trial) -> Suggestion | None:
        """Return the next suggestion, after the outcome of the last one."""
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
            self._input.close()
        for reader, stream in zip(self._readers, (self._output, self._errors), strict=True):
            reader.join(1.0)
            if not reader.is_alive():  # else a program that it has started holds the other end: closing would wait
                stream.close()

    def _suggestion(self, space: Space, request: Mapping[str, Any]) -> Suggestion | None:
        """Ask for a suggestion, and check it here again: nobody needs to trust the process."""
        answer = self._ask(request, self.limit, "for a suggestion")
        try:
            self.seconds.append(float(answer["seconds"]))
            info = dict(answer.get("info", {}))
            return None if answer["params"] is None else Suggestion(space.from_json(answer["params"]), info=info)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise Refused(FORGED) from None

    def _ask(self, request: Mapping[str, Any], seconds: float, purpose: str) -> dict[str, Any]:
        with suppress(OSError):  # it has ended: what it left says so below
            self._input.write(json.dumps(request) + "\n")
            self._input.flush()
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise Refused(f"it took longer than {seconds:g} s {purpose}") from None
        if line is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)
            raise Refused(f"its process ended with exit code {self._process.returncode}")
        answer = None
        with suppress(ValueError):
            answer = json.loads(line)
        if not isinstance(answer, dict):
            raise Refused(FORGED)
        if "refused" in answer:
            raise Refused(str(answer["refused"]))
        return answer

    def _read(self) -> None:
        """Queue the answers, and None at their end."""
        with suppress(ValueError, OSError):
            for line in self._output:
                self._answers.put(line)
        self._answers.put(None)

    def _listen(self) -> None:
        """Keep the beginning of what is printed, and let the rest go by."""
        with suppress(ValueError, OSError):
            while text := self._errors.readline(4096):
                if sum(map(len, self._printed)) < 4 * SHOWN:
                    self._printed.append(text)
