from hpt_lab.hyperparameters.define_by_run import ByRun as ByRun
from hpt_lab.loop.comparison import compare as compare, paired as paired, summary as summary, win_rate as win_rate
from hpt_lab.loop.handle import TrialHandle as TrialHandle
from hpt_lab.loop.outer_loop import run as run, tune as tune
from hpt_lab.loop.population_based import (
    Population as Population,
    population_based_training as population_based_training,
)
from hpt_lab.loop.simulation import Simulation as Simulation, simulate as simulate
from hpt_lab.loop.stopping import (
    ForecastStopping as ForecastStopping,
    MedianStopping as MedianStopping,
    Patience as Patience,
    PercentileStopping as PercentileStopping,
    Stopping as Stopping,
    WilcoxonStopping as WilcoxonStopping,
)
