"""Trials, the history they form, and the study that records them."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
