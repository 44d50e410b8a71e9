"""Trials, the history they form, and the study that keeps the books."""

from hpt_lab.study.study import History, NothingToSuggest, Strategy, Study, Suggestion, Trial

__all__ = ["History", "NothingToSuggest", "Strategy", "Study", "Suggestion", "Trial"]
