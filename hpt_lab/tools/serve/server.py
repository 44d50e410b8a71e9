"""A server of the live page, for this machine alone: it listens to 127.0.0.1, answers GET, and changes nothing.

    /           the page, of one study (?study=1) or of all        /events        what changes, as server-sent events
    /words, /importance, /table      parts of it, as JSON         /report        the report, made by a process of its own

It is the standard library's: a few pages of one person ask little of it, and nothing has to be installed. A request that
gives another host's name comes from a page elsewhere whose name was pointed here (DNS rebinding), and is refused.
"""

import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hpt_lab.study import StorageError
from hpt_lab.tools.report.languages import catalog, say
from hpt_lab.tools.serve.feed import Studies
from hpt_lab.values.display import render, shown

POLL = 0.5  # seconds between two looks at a study
QUIET = 20  # looks without news, after which a line shows whether the page is still there
MOST_ROWS = 50  # of a table
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",  # more is in the page
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """A live page, served until it is closed; leaving a `with` closes it. `url` is its address, on this machine."""

    daemon_threads, block_on_close = True, False

    def __init__(self, studies: Studies, number: int | None, port: int, language: str) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.studies, self.language, self.say = studies, language, say(language, "serve")
        self.closing = threading.Event()
        self._reader = ThreadPoolExecutor(1)
        self.url = f"http://127.0.0.1:{self.server_port}/" + ("" if number is None else f"?study={number}")
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def read(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what a function returns in the one thread that reads the studies."""
        return self._reader.submit(function, *args).result()

    def close(self) -> None:
        """End the server. The studies and their searches stay as they are."""
        self.closing.set()
        self.shutdown()
        self.server_close()

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<live page at {self.url}{', closed' * self.closing.is_set()}>"

    def _repr_html_(self) -> str:
        return f'<a href="{self.url}" target="_blank">{self.url}</a>'


class _Answer(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "hpt-lab", ""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.what, self.asked = url.path[1:], {name: values[-1] for name, values in parse_qs(url.query).items()}
        number = self.asked.get("study", "0")
        self.number = int(number) if number.isdecimal() and len(number) < 20 else -1
        of_all = {"": self._page, "events": self._events, "page.js": self._script, "charts.js": self._script}
        of_one = {**of_all, **dict.fromkeys(("words", "importance", "table"), self._part)}
        if self.server.studies.path is not None:
            of_one["report"] = self._report
        foreign = self.headers.get("Sec-Fetch-Site") == "cross-site" and self.what != ""
        with suppress(ConnectionError):  # the page is gone
            if foreign or self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
                return self._send("This page is for this machine only.", "text/plain", 403)
            try:
                self.names = self.server.read(self.server.studies.names)
                answers = of_all if self.number == 0 else of_one if self.number in self.names else {}
                if self.what not in answers:
                    return self._send("There is nothing here: no such page, or no such study.", "text/plain", 404)
                answers[self.what]()
            except StorageError as error:
                self._send(str(error), "text/plain", 503)

    def _page(self) -> None:
        server = self.server
        if self.number == 0 and len(self.names) == 1:
            self.number = next(iter(self.names))
        title = shown(self.names.get(self.number, Path(str(server.studies.path)).name))
        title = server.say("study") if server.studies.path is None else title
        values = {"title": title, "language": server.language, "say": server.say, "study": self.number}
        values |= {"words": catalog(server.language, "serve"), "report": server.studies.path is not None}
        self._send(render("tools/serve/page.html", **values), "text/html")

    def _script(self) -> None:
        self._send((Path(__file__).parent / self.what).read_text(encoding="utf-8"), "text/javascript")

    def _part(self) -> None:
        feed, more = self.server.read(self.server.studies.feed, self.number), []
        if self.what == "table":
            numbers = self.asked.get("numbers", "").split(",")[:MOST_ROWS]
            more = [{int(number) for number in numbers if number.isdecimal() and len(number) < 20}]
        self._send(json.dumps(getattr(feed, self.what)(self.server.say, *more)), "application/json")

    def _events(self) -> None:
        server, mark, quiet = self.server, self.headers.get("Last-Event-ID", self.asked.get("mark", "")), 0
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        while True:
            look = server.studies.changes if self.number else self._overview
            mark, change = server.read(look, self.number, mark)
            quiet = 0 if change else (quiet + 1) % QUIET
            data = json.dumps(change, separators=(",", ":"))  # one line of ASCII
            if change or not quiet:
                self.wfile.write((f"id: {mark}\ndata: {data}\n\n" if change else ":\n\n").encode())
            if server.closing.wait(POLL):
                return

    def _overview(self, _: int, mark: str) -> tuple[str, Any]:
        table = self.server.studies.table(self.server.say)
        new = str(zlib.crc32(json.dumps(table).encode()))
        return new, None if new == mark else table

    def _report(self) -> None:
        which = str(self.server.studies.path), self.names[self.number]
        command = [sys.executable, "-m", "hpt_lab", "report", "--language", self.server.language, "--", *which]
        made = subprocess.run(command, capture_output=True, check=False)  # matplotlib draws for one thread of a process
        text, *how = (made.stderr, "text/plain", 500) if made.returncode else (made.stdout, "text/html")
        self._send(text.decode("utf-8", "replace"), *how)

    def _send(self, text: str, kind: str, code: int = 200) -> None:
        data = text.encode("utf-8", "backslashreplace")
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        pass
