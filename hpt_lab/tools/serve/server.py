"""A server of the live page, for this machine alone: it listens to 127.0.0.1, answers GET, and changes nothing.

    /           the page, of one study (?study=1) or of all        /events        what changes, as server-sent events
    /words, /importance, /map, /table, /trials, /trial             parts of it, as JSON
    /report     the report, made by a process of its own           /csv           all trials
    /edit       changes, by POST, only if it was begun with `edit`: see `feed`

It is the standard library's: a few pages of one person ask little of it, and nothing has to be installed. A request that
gives another host's name comes from a page elsewhere whose name was pointed here (DNS rebinding), and is refused; so is one
from the page of another site, or of another port of this machine. Whatever goes wrong is answered in one place, with a
status and a sentence: the program that searches gets nothing on its standard error.

A change must come from this very page: its `Origin` is that of the address, and a header holds the token that is in the
printed address, behind #, which a browser keeps to itself. Another site's page cannot read it, nor send such a header.
"""

import hmac
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hpt_lab.study import StorageError
from hpt_lab.study.outcomes import describe
from hpt_lab.study.tables import as_csv
from hpt_lab.tools.report.languages import catalog, say
from hpt_lab.tools.serve.feed import NoChange, NoStudy, Studies, as_json, as_number
from hpt_lab.values.display import render, shown

POLL = 0.5  # seconds between two looks at a study
QUIET = 20  # looks without news, after which a line shows whether the page is still there
PATIENCE = 30.0  # seconds for a request to arrive, and for what is sent to be taken
MOST_ROWS = 50  # of a table
MOST_READS = 100  # of what follows a request
LONGEST = 300  # characters of an error
MOST_BYTES = 8192  # of a change
MOST_PAGES = 50  # that follow a study at once: each has a thread and a connection of the program that searches
SCRIPTS = {"page.js": "serve", "charts.js": "serve", "trial.js": "report"}  # and the folder of each
HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.ASCII)
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",  # more is in the page
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Said = tuple[int, str, str]  # status, text, and its kind
FOREIGN = 403, "This page is for this machine only.", "text/plain"
NOTHING = 404, "There is nothing here: no such page, or no such study.", "text/plain"
TOO_MANY = 503, f"{MOST_PAGES} pages are open already: close one, and load this one again.", "text/plain"
NO_TOKEN = 403, "Only the page at the address that was printed can change a study, with its token.", "text/plain"
ENDED = 503, "The report was not made: the server was closed, or no one waited for it.", "text/plain"


class Server(ThreadingHTTPServer):
    """A live page, served until it is closed; leaving a `with` closes it. `url` is its address, on this machine."""

    daemon_threads, block_on_close, request_queue_size = True, False, 128

    def __init__(self, studies: Studies, number: int | None, port: int, language: str, edit: bool = False) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.token = secrets.token_urlsafe(24) if edit else None
        self.studies, self.language, self.say = studies, language, say(language, "serve")
        self.closing, self.pages, self.reports = threading.Event(), threading.BoundedSemaphore(MOST_PAGES), _Reports()
        weakref.finalize(self, self.reports.close)  # at the end of the program, too
        self._reader = ThreadPoolExecutor(1)
        self.url = f"http://127.0.0.1:{self.server_port}/" + ("" if number is None else f"?study={number}")
        self.url += f"#edit={self.token}" if edit else ""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def read(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a function returns in the one thread that reads the studies."""
        return self._reader.submit(function, *args).result()

    def get_request(self) -> Any:
        try:
            return super().get_request()
        except OSError:
            self.closing.wait(POLL)  # no descriptor is left: the next try would fail as fast
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the client is gone, or no thread could be started for it."""

    def close(self) -> None:
        """End the server, and a report that it makes. The studies and their searches stay as they are."""
        closed_before = self.closing.is_set()
        self.closing.set()
        self.shutdown()
        self.server_close()
        self.reports.close()
        if not closed_before:
            with suppress(TimeoutError, RuntimeError):  # a page waits for what takes long, or the program is ending
                self._reader.submit(self.studies.close).result(POLL)
            self._reader.shutdown(wait=False)

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<live page at {self.url}{', closed' * self.closing.is_set()}>"

    def _repr_html_(self) -> str:
        return f'<a href="{self.url}" target="_blank">{self.url}</a>'


class _Reports:
    """Reports, each made by a process of its own, since matplotlib draws for one thread of a process; one at a time."""

    def __init__(self) -> None:
        self._turn, self._guard, self._closed = threading.Lock(), threading.Lock(), False
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, is_wanted: Callable[[], bool], *options: str) -> tuple[int, bytes, bytes] | None:
        """Return exit code, output and errors of `hpt-lab report`; None if no one wants it any more, or all was closed."""
        while not self._turn.acquire(timeout=POLL):
            if not is_wanted():
                return None
        try:
            with self._guard:
                if self._closed:
                    return None
                self._process = _begin_report(options)
            with self._process as process:
                while True:
                    try:
                        output, errors = process.communicate(timeout=POLL)
                        return None if self._closed else (process.returncode, output, errors)
                    except subprocess.TimeoutExpired:
                        if not is_wanted():
                            process.kill()
                            return None
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the report that is being made, and make no other."""
        with self._guard:
            self._closed = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()


def _begin_report(options: tuple[str, ...]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "ignore", "-m", "hpt_lab", "report", *options]
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, **pipes)


class _Answer(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "hpt-lab", ""
    default_request_version = "HTTP/1.0"  # an older one has no status
    timeout = PATIENCE

    def do_GET(self) -> None:
        self._reply(self._answer)

    def do_POST(self) -> None:
        if self.server.token is None:
            return self.send_error(501, "Unsupported method ('POST')")
        return self._reply(self._edit)

    def _reply(self, answer: Callable[[], Said | None]) -> None:
        """Send what an answer returns, unless it was sent already, or what went wrong."""
        try:
            said = self._look_up() or answer()
        except NoStudy:
            said = NOTHING
        except StorageError as error:
            said = 503, str(error), "text/plain"
        except Exception as error:
            said = 500, _sentence(error), "text/plain"
        if said is not None:
            self._send(*said)

    def _look_up(self) -> Said | None:
        """Read the address, or return why it is refused."""
        if not HOST.fullmatch(self.headers.get("Host", "")):
            return FOREIGN
        try:
            url = urlsplit(self.path)
            self.asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        except ValueError as error:
            return 400, f"This address cannot be read: {_on_a_line(str(error))}.", "text/plain"
        self.what = url.path[1:]
        if self._is_foreign():
            return FOREIGN
        number = as_number(self.asked.get("study", "0"))
        self.names = self.server.read(self.server.studies.names)
        self.number = -1 if number is None else number
        return None

    def _answer(self) -> Said | None:
        """Return what to send, or None if it was sent, or no one is there to get it."""
        server = self.server
        of_all = {"": self._page, "events": self._events, **dict.fromkeys(SCRIPTS, self._script)}
        of_one = {**of_all, **dict.fromkeys(("words", "importance", "map", "table", "trials", "trial"), self._part)}
        of_one["csv"] = self._csv
        if server.studies.path is not None:
            of_one["report"] = self._report
        answers = of_all if self.number == 0 else of_one if self.number in self.names else {}
        return answers[self.what]() if self.what in answers else NOTHING

    def _is_foreign(self) -> bool:
        """Return True if another site's page asks, or that of another port. It may lead to this page, but read nothing."""
        site, origin = self.headers.get("Sec-Fetch-Site"), self.headers.get("Origin")
        if self.what == "" and self.headers.get("Sec-Fetch-Mode") in (None, "navigate"):
            return False
        return site not in (None, "same-origin", "none") or origin not in (None, f"http://{self.headers['Host']}")

    def _page(self) -> Said:
        server = self.server
        if self.number == 0 and len(self.names) == 1:
            self.number = next(iter(self.names))
        title = shown(self.names.get(self.number, Path(str(server.studies.path)).name))
        title = server.say("study") if server.studies.path is None else title
        values = {"title": title, "language": server.language, "say": server.say, "study": self.number}
        values |= {"words": catalog(server.language, "serve"), "report": server.studies.path is not None}
        values["edit"] = server.token is not None
        return 200, render("tools/serve/page.html", **values), "text/html"

    def _script(self) -> Said:
        file = Path(__file__).parents[1] / SCRIPTS[self.what] / self.what
        return 200, file.read_text(encoding="utf-8"), "text/javascript"

    def _part(self) -> Said:
        feed, asked = self.server.read(self.server.studies.feed, self.number), self.asked
        x, y, start, number = (as_number(asked.get(name, "")) for name in ("x", "y", "start", "number"))
        numbers = {*map(as_number, asked.get("numbers", "").split(",")[:MOST_ROWS])} - {None}
        words = [asked.get(name, "") for name in ("search", "column", "down")]
        given: dict[str, list[Any]]
        given = {"table": [numbers], "map": [x, y], "trial": [number], "trials": [*words, start or 0]}
        return 200, as_json(getattr(feed, self.what)(self.server.say, *given.get(self.what, []))), "application/json"

    def _csv(self) -> Said:
        return 200, as_csv(self.server.read(self.server.studies.feed, self.number).facts().history), "text/csv"

    def _edit(self) -> Said:
        """Make the change that a page asks for, and answer in a sentence."""
        server, origin = self.server, f"http://{self.headers['Host']}"
        token = self.headers.get("Edit-Token", "").encode("utf-8", "replace")
        if self.headers.get("Origin") != origin or not hmac.compare_digest(token, str(server.token).encode()):
            return NO_TOKEN
        if self.what != "edit" or self.number not in self.names:
            return NOTHING
        size = as_number(self.headers.get("Content-Length", ""))
        if self.headers.get("Content-Type") != "application/json" or size is None or size > MOST_BYTES:
            return 400, f"A change is JSON of at most {MOST_BYTES} bytes.", "text/plain"
        try:
            asked = json.loads(self.rfile.read(size))
        except (ValueError, RecursionError):
            return 400, "This change cannot be read: it is not JSON.", "text/plain"
        feed = server.read(server.studies.feed, self.number)
        try:
            feed.change(server.studies.path, asked)
        except NoChange as error:
            return 400, f"This change cannot be made: {error}.", "text/plain"
        except ValueError as error:
            return 409, f"This change cannot be made: {_on_a_line(str(error))}.", "text/plain"
        return 200, "This change was made.", "text/plain"

    def _events(self) -> Said | None:
        server, mark, quiet = self.server, self.headers.get("Last-Event-ID", self.asked.get("mark", "")), 0
        if not server.pages.acquire(blocking=False):
            return TOO_MANY
        try:
            with suppress(OSError):  # the page is gone
                self._send_head(200, "text/event-stream")
                while not server.closing.is_set():
                    mark, data = self._look(mark)
                    quiet = 0 if data else (quiet + 1) % QUIET
                    if data or not quiet:
                        self.wfile.write((f"id: {mark}\ndata: {data}\n\n" if data else ":\n\n").encode())
                    server.closing.wait(POLL)
        finally:
            server.pages.release()
        return None

    def _look(self, mark: str) -> tuple[str, str | None]:
        """Return the mark of now, and what has changed since another one, as JSON; if that cannot be told, it says why."""
        server, studies = self.server, self.server.studies
        try:
            look = (studies.changes, self.number, mark) if self.number else (studies.overview, mark, server.say)
            mark, change = server.read(*look)
            return mark, as_json(change) if change else None
        except Exception as error:
            gone = str(error) if isinstance(error, StorageError) else _sentence(error)
            return "gone", None if mark == "gone" else as_json({"gone": gone})

    def _report(self) -> Said | None:
        which = str(self.server.studies.path), self.names[self.number]
        made = self.server.reports.make(self._is_there, "--language", self.server.language, "--", *which)
        if made is None:
            return ENDED
        code, output, errors = made
        if code:
            lines = ["it ended without a word", *errors.decode("utf-8", "replace").strip().splitlines()]
            return 500, f"The report cannot be made: {_on_a_line(lines[-1])}.", "text/plain"
        return 200, output.decode("utf-8", "replace"), "text/html"

    def _is_there(self) -> bool:
        """Return True if the client still waits for its answer."""
        self.connection.settimeout(0.001)
        try:
            return self.connection.recv(1, socket.MSG_PEEK) != b""
        except TimeoutError:
            return not self.server.closing.is_set()
        except OSError:
            return False
        finally:
            self.connection.settimeout(PATIENCE)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request, or of another method, which the base class finds out."""
        self._send(code, f"This request cannot be answered: {_on_a_line(message or 'it is wrong')}.", "text/plain")

    def finish(self) -> None:
        """End the connection once the client has ended it: what it still sends would take back our answer (as TCP resets)."""
        super().finish()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(POLL)
            for _ in range(MOST_READS):
                if not self.connection.recv(65536):
                    break

    def _send(self, code: int, text: str, kind: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        with suppress(OSError):  # the page is gone
            self._send_head(code, kind, {"Content-Length": str(len(data))})
            if self.command != "HEAD":
                self.wfile.write(data)

    def _send_head(self, code: int, kind: str, more: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": f"{kind}; charset=utf-8", **(more or {}), **HEADERS}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


def _sentence(error: Exception) -> str:
    return f"This cannot be told now: {_on_a_line(describe(error)).rstrip(':')}."


def _on_a_line(text: str) -> str:
    return shown(" ".join(text.split()), LONGEST)
