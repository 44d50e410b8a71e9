"""The outer loop around the training loop, the same in virtual time, and strategies compared over many seeds."""

from typing import TYPE_CHECKING

from hpt_lab.values.faces import face

if TYPE_CHECKING:
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

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "outer_loop": "run tune",
        "comparison": "compare paired summary win_rate",
        "population_based": "Population population_based_training",
        "handle": "TrialHandle",
        "simulation": "Simulation simulate",
        "stopping": "ForecastStopping MedianStopping Patience PercentileStopping Stopping WilcoxonStopping",
        "hpt_lab.hyperparameters.define_by_run": "ByRun",
    },
)
