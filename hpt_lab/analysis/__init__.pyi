from hpt_lab.analysis.ensemble import Ensemble as Ensemble, select as select
from hpt_lab.analysis.recommendation import recommend as recommend
from hpt_lab.analysis.scaling import (
    Forecast as Forecast,
    PowerLaw as PowerLaw,
    fit_power_law as fit_power_law,
    forecast as forecast,
)
from hpt_lab.study.front import (
    best_first as best_first,
    crowding_distances as crowding_distances,
    front_numbers as front_numbers,
    hypervolume as hypervolume,
    non_dominated as non_dominated,
)
from hpt_lab.surrogates.importance import Importance as Importance, importance as importance
from hpt_lab.values.display import measured as measured
