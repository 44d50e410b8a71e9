"""After a search: which hyperparameters matter, which trial to deliver, an ensemble of its models, the front, scaling laws."""

from hpt_lab.values.faces import face

__getattr__, __dir__, __all__ = face(__name__)
