"""Analysis of a finished search: which hyperparameters matter, which trial to deliver, an ensemble of its models, the front."""

from hpt_lab.analysis.ensemble import Ensemble, select
from hpt_lab.analysis.front import crowding_distances, front_numbers, hypervolume, non_dominated
from hpt_lab.analysis.recommend import recommend
from hpt_lab.surrogates.importance import Importance, importance

__all__ = ["Ensemble", "Importance", "crowding_distances", "front_numbers", "hypervolume", "importance"]
__all__ += ["non_dominated", "recommend", "select"]
