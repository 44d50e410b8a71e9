"""The outer loop around the training loop, the same in virtual time, and strategies compared over many seeds."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
