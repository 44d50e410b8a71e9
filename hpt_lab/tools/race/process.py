"""A strategy in its own process, as the race sees it: it must answer within a time limit, and may fail.

    with StrategyProcess(entry, limit=10.0) as strategy:
        suggestion = strategy.suggest(history)

Whatever goes wrong there, in `hpt_lab.tools.race.child`, is raised as `Refused`, with one sentence.
"""

import base64
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpt_lab.study import History, Suggestion
from hpt_lab.study.outcomes import plain_json
from hpt_lab.surrogates.threads import ONE_THREAD
from hpt_lab.tools.race.entry import Entry, Refused
from hpt_lab.values.checks import finite
from hpt_lab.values.display import shown

START_SECONDS = 60.0  # seconds for a process to start, and to import what it needs
ANSWER_BYTES, USUAL_BYTES, EXCESS_BYTES = 2**20, 2**13, 2**26  # at most; usually; of all together beyond the usual
KILL_ROUNDS = 100  # of looking for processes that a strategy has started
FORGED = "its process answers something that the race did not ask for"
PRINTED_CHARACTERS, REASON_CHARACTERS = 200, 300  # characters of a strategy's output, and of what is wrong with it


class StrategyProcess:
    """A strategy in its own process; `with` loads it there. Raises Refused if that fails."""

    _log: Any = None  # of the search that it knows, and how many of its trials
    _n_told = 0

    def __init__(self, entry: Entry, limit: float, hash_seed: int = 1) -> None:
        # limit: seconds for a suggestion; seconds: processor time of each one; hash_seed: the order of sets of strings
        self.limit, self.seconds = limit, list[float]()
        self._entry, self._printed = entry, list[bytes]()
        self._requests, self._answers = queue.Queue[bytes](), queue.Queue[bytes]()
        self._size, self._closed, self._mark = 0, False, f"HPT_LAB_RACE_{uuid.uuid4().hex}"
        path = os.pathsep.join([str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONHASHSEED": str(hash_seed)}
        environment |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace", self._mark: "1"}
        self._process: Any = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "hpt_lab.tools.race.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True,
        )  # fmt: skip
        self._threads = [threading.Thread(target=do, daemon=True) for do in (self._exchange, self._listen)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "StrategyProcess":
        entry, path = self._entry, [path or os.getcwd() for path in sys.path]
        packed = None if entry.packed is None else base64.b64encode(entry.packed).decode()
        request = {"path": path, "file": entry.file, "inside": entry.inside, "packed": packed}
        try:
            self._ask(request, max(START_SECONDS, self.limit), "to be loaded")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *stop: object) -> None:
        self.close()

    def suggest(self, history: History) -> Suggestion | None:
        """Return the next suggestion, as a strategy does; it is checked here again, so that the process need not be trusted."""
        space, trials, request = history.space, history.trials, dict[str, Any]()
        if trials.log is not self._log:
            self._log, self._n_told = trials.log, 0
            request = {"space": space.describe(), "seed": history.seed}
        new, self._n_told = trials[self._n_told :], len(trials)
        request["trials"] = [(space.to_json(one.params), one.value, one.error, dict(one.info)) for one in new]
        answer = self._ask(request, self.limit, "for a suggestion")
        try:
            seconds = finite("seconds", answer["seconds"], least=0)
            info = plain_json("info", dict(answer.get("info", {})))
            if seconds > (self.limit + 1) * (os.cpu_count() or 1):  # + 1: a clock may tick coarsely
                raise ValueError
            params = None if answer["params"] is None else space.from_json(answer["params"])
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise Refused(FORGED) from None
        self.seconds.append(seconds)
        return None if params is None else Suggestion(params, info=info)

    @property
    def printed(self) -> str:
        """The beginning of its output so far, on one line."""
        return shown(" ".join(b"".join(self._printed).decode("utf-8", "backslashreplace").split()), PRINTED_CHARACTERS)

    def close(self) -> None:
        """End the process and everything it started: its process group and, on Linux, every process that has its mark.

        The mark is an environment variable: a program that was given a different environment continues.
        """
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        end_marked(self._mark)
        self._requests.put(b"")
        for thread in self._threads:
            thread.join(1.0)
        if not any(thread.is_alive() for thread in self._threads):
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                with suppress(OSError):
                    stream.close()

    def _ask(self, request: Mapping[str, Any], seconds: float, purpose: str) -> dict[str, Any]:
        self._requests.put(json.dumps(request).encode() + b"\n")
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise Refused(f"it took longer than {seconds:g} s {purpose}") from None
        if not line:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)
            code = self._process.returncode
            raise Refused("its process stopped answering" if code is None else f"its process ended with code {code}")
        self._size = max(0, self._size + len(line) - USUAL_BYTES)
        if len(line) > ANSWER_BYTES or self._size > EXCESS_BYTES:
            most = f"at most {ANSWER_BYTES >> 20} MB at once, and less in the long run"
            raise Refused(f"its answers, including info, are too long: {most}")
        answer = None
        with suppress(ValueError, RecursionError):
            answer = json.loads(line)
        if not isinstance(answer, dict):
            raise Refused(FORGED)
        if "refused" in answer:
            raise Refused(shown(str(answer["refused"]), REASON_CHARACTERS))
        return answer

    def _exchange(self) -> None:
        """Send each request and queue its answer, an empty one at the end; the caller waits for the queue."""
        while request := self._requests.get():
            with suppress(OSError):  # it has ended, which the empty answer below shows
                self._process.stdin.write(request)
                self._process.stdin.flush()
            self._answers.put(self._process.stdout.readline(ANSWER_BYTES + 1))

    def _listen(self) -> None:
        """Keep the beginning of the output, and discard the rest."""
        while text := self._process.stderr.read1(4096):
            if sum(map(len, self._printed)) < 4 * PRINTED_CHARACTERS:
                self._printed.append(text)


def end_marked(mark: str) -> None:
    """End all processes that have this text in their environment, where the system lists them (Linux)."""
    for _ in range(KILL_ROUNDS):  # a process that was starting is found in the next round
        found = False
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):  # it has ended, or is another user's
                if mark.encode() in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)
                    found = True
        if not found:
            break
