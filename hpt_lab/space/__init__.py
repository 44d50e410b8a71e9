"""The search space: its hyperparameters, the values each may take, and their coordinates in the unit cube."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
