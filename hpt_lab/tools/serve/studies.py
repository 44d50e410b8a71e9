"""The studies that a live page shows, by number: those of a file, or one that is only in memory."""

import os
from typing import Any

from hpt_lab.tools.report.languages import Say
from hpt_lab.tools.serve.feed import Feed
from hpt_lab.study import StorageError, Study
from hpt_lab.tools.storage.sqlite import Database, read_studies
from hpt_lab.values.display import shown


class Studies:
    """Studies to be watched, while other processes may write the file, remove it, and replace it.

    Its methods must always be called by the same thread. They raise StorageError if the file cannot be read.
    """

    def __init__(self, of: Study | str) -> None:
        self.path = of if isinstance(of, str) else None
        self._feeds = {1: Feed(of)} if isinstance(of, Study) else {}
        self._database: Database | None = None
        self._identity: Any = None
        self.names()

    def names(self) -> dict[int, str]:
        """Return the name of each study."""
        if self.path is None:
            return {1: "study"}
        status = os.stat(self.path) if os.path.exists(self.path) else None
        identity = status and (status.st_dev, status.st_ino)
        if self._database is None or identity != self._identity:
            self._feeds, self._database = {}, None
            self._database, self._identity = Database(self.path), identity
        return {row.id: row.name for row in read_studies(self._database)}

    def feed(self, number: int) -> Feed:
        """Return the feed of a study. Raises KeyError if there is none of this number."""
        name = self.names()[number]
        if self.path is not None and (number not in self._feeds or self._feeds[number].study.name != name):
            self._feeds[number] = Feed(Study.open(self.path, name))
        return self._feeds[number]

    def changes(self, number: int, mark: str) -> tuple[str, dict[str, Any] | None]:
        """Return what has changed in a study since a mark, as its feed does; `gone` says why it cannot be read."""
        try:
            return self.feed(number).changes(mark, self.names())
        except (StorageError, KeyError) as error:
            self._feeds.pop(number, None)
            gone = str(error) if isinstance(error, StorageError) else ""  # it was deleted
            return "gone", None if mark == "gone" else {"gone": gone}

    def table(self, say: Say) -> dict[str, Any]:
        """Return a table with a row for each study, and their numbers."""
        heads = [*map(say, ("study", "strategy", "best value", "complete", "failed", "running"))]
        rows = []
        for number, name in (names := self.names()).items():
            study = self.feed(number).study
            history, front = study.history, study.history.front
            best = [one.value if one.value is not None else say("{n} on the front", n=len(front)) for one in front[:1]]
            strategy = str(getattr(study.strategy, "was", type(study.strategy).__name__)).partition("(")[0]
            counts = len(history.finished), len(history.failed), history.n_running
            cells = name, strategy, *(best or [""]), *counts
            rows.append([shown(cell) for cell in cells])
        return {"heads": heads, "rows": rows, "numeric": [False] * 2 + [True] * 4, "numbers": list(names)}
