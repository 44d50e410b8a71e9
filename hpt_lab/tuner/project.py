"""The project of a tuner: a folder with one file, in which the search is kept, together with what the build function asked.

A build function may ask for more as the search goes on, under a plain `if`. So what it has asked is kept beside the
trials, in `directory/project_name/study.db`: a tuner made again by the same call has the same space. Chapter 5.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpt_lab.hyperparameters import HyperParameters, from_notes, to_notes, widen
from hpt_lab.study import StorageError, Strategy, Study
from hpt_lab.study.storage.file import close_all
from hpt_lab.study.storage.records import read_notes
from hpt_lab.study.storage.sqlite import as_path
from hpt_lab.tuner.objective import Objective
from hpt_lab.values.checks import WrongType, flag, short

FILE, NAME = "study.db", "tuner"
UNTITLED = "untitled_project"


@dataclass(frozen=True)
class Project:
    """The folder that a search is kept in."""

    file: Path
    overwrite: bool

    @classmethod
    def of(cls, directory: Any, project_name: Any, overwrite: Any) -> Project | None:
        """The project that a tuner's arguments name, or None."""
        overwrite = flag("Tuner: overwrite", overwrite)
        if directory is None and project_name is None:
            return None
        folder = Path(as_path("Tuner: directory", "." if directory is None else directory))
        name = UNTITLED if project_name is None else project_name
        if not isinstance(name, str):
            raise WrongType(f"Tuner: project_name={short(name)} must be a text, the name of a folder in directory")
        if not name.strip() or "\0" in name:
            raise ValueError(f"Tuner: project_name={short(name)} must be the name of a folder in directory")
        return cls(folder / name / FILE, overwrite)

    def study(
        self, hp: HyperParameters, strategy: Strategy, objective: Objective, direction: Any, seed: int
    ) -> tuple[Study, HyperParameters]:
        """The study that is kept, or a new one, and the hyperparameters of its space."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.overwrite:
                self._remove()
        except OSError as error:
            where = short(str(self.file.parent), 200)
            raise StorageError(
                f"Tuner: the folder {where} cannot be used, and must be writable: {error.strerror}"
            ) from None
        if self.file.exists() and self.file.stat().st_size:
            return self._kept(hp, strategy, objective, direction, seed)
        study = Study(hp.search_space(), strategy, direction=direction, seed=seed, storage=self.file, name=NAME)
        study.note(objective=objective.name, **to_notes(hp))
        return study, hp

    def _remove(self) -> None:
        try:
            _remove(self.file)
        except PermissionError:  # Windows removes no open file, such as that of the tuner that a cell made before
            close_all(self.file)
            _remove(self.file)

    def _kept(
        self, hp: HyperParameters, strategy: Strategy, objective: Objective, direction: Any, seed: int
    ) -> tuple[Study, HyperParameters]:
        anew = f"as the search in {short(str(self.file), 120)} has it; give that, or overwrite=True to begin anew"
        notes = read_notes(str(self.file), NAME)
        if notes and notes.get("objective") not in (None, objective.name):
            raise ValueError(f"Tuner: objective={objective.name!r} must be {short(notes['objective'])}, {anew}")
        stored = from_notes(notes, hp)
        study = Study(stored.search_space(), strategy, direction=direction, seed=seed, storage=self.file, name=NAME)
        if found := stored.new_in(hp):
            stored.add(found)
            widen(study, stored)
        return study, stored


def _remove(file: Path) -> None:
    for suffix in ("-wal", "-shm", "-alive", ""):
        with suppress(FileNotFoundError):
            os.remove(f"{file}{suffix}")


def given_entries(hyperparameters: Any, tune_new: Any, allow_new: Any) -> HyperParameters | None:
    """What a tuner's arguments say of the space: where `discover` begins."""
    tune_new = flag("Tuner: tune_new_entries", tune_new)
    allow_new = flag("Tuner: allow_new_entries", allow_new)
    if hyperparameters is not None and not isinstance(hyperparameters, HyperParameters):
        raise WrongType(
            f"Tuner: hyperparameters={short(hyperparameters)} must be HyperParameters, asked for what they hold"
        )
    if hyperparameters is None and not (tune_new and allow_new):
        name = "allow_new_entries" if tune_new else "tune_new_entries"
        raise ValueError(f"Tuner: {name}=False needs hyperparameters=..., since all entries are new without them")
    if hyperparameters is None:
        return None
    return hyperparameters.prevailing("refuse" if not allow_new else "tune" if tune_new else "fix")
