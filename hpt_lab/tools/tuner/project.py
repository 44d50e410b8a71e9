"""The project of a tuner: a folder with one file that keeps the search, and what the build function has asked for.

A build function may ask for more during the search, under a plain `if`. So what it has asked for is kept with the trials,
in `directory/project_name/study.db`: a tuner made again by the same call has the same space. Chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpt_lab.hyperparameters import HyperParameters, from_notes, widen
from hpt_lab.study import StorageError, Strategy, Study
from hpt_lab.tools.storage.file import close_all
from hpt_lab.tools.storage.records import read_notes
from hpt_lab.tools.storage.sqlite import as_path
from hpt_lab.tools.tuner.training import Objective
from hpt_lab.values.checks import WrongType, flag, short

FILE, NAME = "study.db", "tuner"
UNTITLED = "untitled_project"


@dataclass(frozen=True)
class Project:
    """The folder of a search."""

    file: Path
    overwrite: bool

    @classmethod
    def of(cls, directory: Any, project_name: Any, overwrite: Any) -> Project | None:
        """Return the project that a tuner's arguments name, or None."""
        overwrite = flag("Tuner: overwrite", overwrite)
        if directory is None and project_name is None:
            return None
        folder = Path(as_path("Tuner: directory", "." if directory is None else directory))
        name = UNTITLED if project_name is None else project_name
        if not isinstance(name, str):
            raise WrongType(f"Tuner: project_name={short(name)} must be a string, the name of a folder in directory")
        if not name.strip() or "\0" in name:
            raise ValueError(f"Tuner: project_name={short(name)} must be the name of a folder in directory")
        return cls(folder / name / FILE, overwrite)

    def study(
        self, hp: HyperParameters, strategy: Strategy, objective: Objective, direction: Any, seed: int
    ) -> tuple[Study, HyperParameters]:
        """Return the stored study, or a new one, and the hyperparameters of its space."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.overwrite:
                self._remove()
        except OSError as error:
            what = f"cannot be used: it must be writable: {error.strerror}"
            raise StorageError(f"Tuner: the folder {short(str(self.file.parent), 200)} {what}") from None
        where, study, kept = short(str(self.file), 120), None, dict[str, Any](direction=direction, seed=seed)
        while study is None:
            notes = read_notes(self.file, NAME)
            if notes.get("objective") not in (None, objective.name):
                anew = f"as in the search in {where}; give that, or overwrite=True to start over"
                raise ValueError(f"Tuner: objective={objective.name!r} must be {short(notes['objective'])}, {anew}")
            stored = from_notes(notes, hp)
            try:
                study = Study(stored.search_space(), strategy, storage=self.file, name=NAME, **kept)
            except ValueError:
                if read_notes(self.file, NAME) == notes:  # otherwise another process has widened it in between
                    raise
        stored.add(new := stored.new_in(hp))
        if new or "hyperparameters" not in notes:
            study.note(objective=objective.name)
            widen(study, stored)
        return study, stored

    def _remove(self) -> None:
        close_all(self.file)  # an earlier cell's tuner may have it open, and Windows does not remove open files
        for suffix in ("-wal", "-shm", "-alive", ""):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)


def given_entries(hyperparameters: Any, tune_new: Any, allow_new: Any) -> HyperParameters | None:
    """Return the space that a tuner's arguments describe, from which `discover` starts."""
    tune_new = flag("Tuner: tune_new_entries", tune_new)
    allow_new = flag("Tuner: allow_new_entries", allow_new)
    if hyperparameters is not None and not isinstance(hyperparameters, HyperParameters):
        raise WrongType(f"Tuner: hyperparameters={short(hyperparameters)} must be a HyperParameters object")
    if hyperparameters is None and not (tune_new and allow_new):
        name = "allow_new_entries" if tune_new else "tune_new_entries"
        raise ValueError(f"Tuner: {name}=False needs hyperparameters=..., since without them all entries are new")
    if hyperparameters is None:
        return None
    return hyperparameters.prevailing("refuse" if not allow_new else "tune" if tune_new else "fix")
