"""Trials, the history they form, and the study that records them."""

from hpt_lab.study.directions import Directions
from hpt_lab.study.history import History, Strategy
from hpt_lab.study.log import Index
from hpt_lab.tools.storage.records import StudyRecord, studies
from hpt_lab.tools.storage.sqlite import StorageError
from hpt_lab.study.study import NothingToSuggest, Study
from hpt_lab.study.trial import Suggestion, Trial

__all__ = ["History", "Index", "NothingToSuggest", "StorageError", "Strategy", "Study", "StudyRecord", "Suggestion"]
__all__ += ["Directions", "Trial", "studies"]
