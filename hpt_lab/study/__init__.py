"""Trials, the history they form, and the study that keeps the books."""

from hpt_lab.study.history import History, Index, Strategy, Suggestion, Trial
from hpt_lab.study.study import NothingToSuggest, Study

__all__ = ["History", "Index", "NothingToSuggest", "Strategy", "Study", "Suggestion", "Trial"]
