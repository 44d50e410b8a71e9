"""Surrogates: models of the losses a search has not seen, and acquisition functions, which say where to look next."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
