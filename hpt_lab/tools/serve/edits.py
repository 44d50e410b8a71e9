"""The changes that a page may make if its server was begun with `edit`: notes, a study's name, and whether it is there.

    {"log": token, "note": text, "trial": 7}        {"log": token, "name": text}        {"log": token, "delete": true}

`log` names the log that the page has seen (see `feed`), since the number of a deleted study may come again.
"""

from typing import Any

from hpt_lab.study import Study
from hpt_lab.tools.report.tables import LONGEST_CELL
from hpt_lab.tools.storage.records import REMARKS, delete_study, remark, remarked, rename_study

KEYS = ({"log", "note", "trial"}, {"log", "note"}, {"log", "name"}, {"log", "delete"})


class NoChange(ValueError):
    """A change that a page did not ask for as it must."""


def change(path: str | None, study: Study, log: str, asked: Any) -> None:
    """Make a change to a study, in the file at `path`, or in memory; `log` is the token of the log as it is now.

    Raises NoChange if what is asked for is none, ValueError if the study has changed or a process trains one of its trials,
    and StorageError if the file cannot be written.
    """
    if not isinstance(asked, dict) or asked.keys() not in KEYS or asked.get("delete", True) is not True:
        raise NoChange("a change has a note, a name, or delete")
    if asked["log"] != log:
        raise ValueError("the study was changed meanwhile: load this page again")
    name = study.name or ""
    if "note" in asked:
        of, text = asked.get("trial"), asked["note"]
        if not isinstance(text, str) or len(text) > LONGEST_CELL:
            raise NoChange(f"a note is a text of at most {LONGEST_CELL} characters")
        if of is not None and not (type(of) is int and 0 <= of < len(study.trials)):
            raise NoChange("a note is on a trial of the study, or on the study itself")
        where, text = "" if of is None else str(of), " ".join(text.split())
        if path is None:
            study.note(**{REMARKS: remarked(study.notes, where, text)})
        else:
            remark(path, name, where, text)
    elif path is None:
        raise ValueError("a study in memory has no name, and cannot be deleted")
    elif "name" in asked:
        rename_study(path, name, asked["name"])
    else:
        delete_study(path, name)
