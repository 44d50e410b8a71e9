"""The search strategies, one file each: pure functions from a study's history to its next trial."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
