"""After a search: which hyperparameters matter, which trial to deliver, an ensemble of its models, the front, scaling laws."""

from hpt_lab.analysis.ensemble import Ensemble, select
from hpt_lab.analysis.front import crowding_distances, front_numbers, hypervolume, non_dominated
from hpt_lab.analysis.recommend import recommend
from hpt_lab.analysis.scaling import Forecast, PowerLaw, fit_power_law, forecast
from hpt_lab.surrogates.importance import Importance, importance

__all__ = ["Ensemble", "Forecast", "Importance", "PowerLaw", "crowding_distances", "fit_power_law", "forecast"]
__all__ += ["front_numbers", "hypervolume", "importance", "non_dominated", "recommend", "select"]
