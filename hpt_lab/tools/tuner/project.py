"""The project of a tuner: a folder with one file that keeps the search, and what the build function has asked for.

A build function may ask for more during the search, under a plain `if`. So what it has asked for is kept with the trials,
in `directory/project_name/study.db`: a tuner made again by the same call has the same space. Chapter 5.
"""

from pathlib import Path
from typing import Any

from hpt_lab.hyperparameters import HyperParameters, from_notes, widen
from hpt_lab.study import StorageError, Strategy, Study
from hpt_lab.tools.storage.file import close_all
from hpt_lab.tools.storage.records import read_notes
from hpt_lab.tools.storage.sqlite import as_path
from hpt_lab.tools.tuner.training import Objective
from hpt_lab.values.checks import flag, instance, require, short

NAME = "tuner"  # of the study


def project_file(directory: Any, project_name: Any) -> Path | None:
    """Return the file of the project that a tuner's arguments name, or None."""
    if directory is None and project_name is None:
        return None
    folder = Path(as_path("Tuner: directory", "." if directory is None else directory))
    name = "untitled_project" if project_name is None else project_name
    instance("Tuner: project_name", name, str, "a string, the name of a folder in directory")
    a_name = bool(name.strip()) and "\0" not in name
    require(a_name, "Tuner: project_name", name, "the name of a folder in directory", ValueError)
    return folder / name / "study.db"


def open_project(
    file: Path,
    hp: HyperParameters,
    strategy: Strategy,
    objective: Objective,
    direction: Any,
    seed: int,
    overwrite: bool,
) -> tuple[Study, HyperParameters]:
    """Return the stored study, or a new one, and the hyperparameters of its space."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if overwrite:
            close_all(file)  # an earlier cell's tuner may have it open, and Windows does not remove open files
            for suffix in ("-wal", "-shm", "-alive", ""):
                Path(f"{file}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        what = f"cannot be used: it must be writable: {error.strerror}"
        raise StorageError(f"Tuner: the folder {short(str(file.parent), 200)} {what}") from None
    study = None
    while study is None:
        notes = read_notes(file, NAME)
        if notes.get("objective") not in (None, objective.name):
            anew = f"as in the search in {short(str(file), 120)}; give that, or overwrite=True to start over"
            raise ValueError(f"Tuner: objective={objective.name!r} must be {short(notes['objective'])}, {anew}")
        stored = from_notes(notes, hp)
        try:
            study = Study(stored.search_space(), strategy, direction=direction, seed=seed, storage=file, name=NAME)
        except ValueError:
            if read_notes(file, NAME) == notes:  # otherwise another process has widened it in between
                raise
    stored.add(new := stored.new_in(hp))
    if new or "hyperparameters" not in notes:
        study.note(objective=objective.name)
        widen(study, stored)
    return study, stored


def given_entries(hyperparameters: Any, tune_new: Any, allow_new: Any) -> HyperParameters | None:
    """Return the space that a tuner's arguments describe, from which `discover` starts."""
    tune_new = flag("Tuner: tune_new_entries", tune_new)
    allow_new = flag("Tuner: allow_new_entries", allow_new)
    if hyperparameters is None and tune_new and allow_new:
        return None
    if hyperparameters is None:
        name = "allow_new_entries" if tune_new else "tune_new_entries"
        raise ValueError(f"Tuner: {name}=False needs hyperparameters=..., since without them all entries are new")
    instance("Tuner: hyperparameters", hyperparameters, HyperParameters, "a HyperParameters object")
    return hyperparameters.prevailing("refuse" if not allow_new else "tune" if tune_new else "fix")
