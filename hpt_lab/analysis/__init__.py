"""Analysis of a finished search: which hyperparameters matter, which trial to deliver, an ensemble of its models."""

from hpt_lab.analysis.ensemble import Ensemble, select
from hpt_lab.analysis.recommend import recommend
from hpt_lab.surrogates.importance import Importance, importance

__all__ = ["Ensemble", "Importance", "importance", "recommend", "select"]
