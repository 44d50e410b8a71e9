"""Trials, the history they form, and the study that records them."""

from typing import TYPE_CHECKING, Any

from hpt_lab.study.backend import StorageError
from hpt_lab.study.directions import Directions
from hpt_lab.study.history import History, Strategy
from hpt_lab.study.log import Index
from hpt_lab.study.study import NothingToSuggest, Study
from hpt_lab.study.trial import Suggestion, Trial

if TYPE_CHECKING:
    from hpt_lab.tools.storage.records import StudyRecord, studies

__all__ = ["History", "Index", "NothingToSuggest", "StorageError", "Strategy", "Study", "StudyRecord", "Suggestion"]
__all__ += ["Directions", "Trial", "studies"]


def __getattr__(name: str) -> Any:
    """Return `studies` or `StudyRecord`, whose module is imported when one of them is first used."""
    if name not in ("StudyRecord", "studies"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hpt_lab.tools.storage import records

    return getattr(records, name)
