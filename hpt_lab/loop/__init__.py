"""The outer loop around the training loop, and the same in virtual time, on any number of workers."""

from hpt_lab.hyperparameters.define_by_run import ByRun
from hpt_lab.loop.outer_loop import run, tune
from hpt_lab.loop.population_based import Population, population_based_training
from hpt_lab.loop.simulation import Simulation, simulate
from hpt_lab.loop.stopping import ForecastStopping, MedianStopping, Patience, PercentileStopping, Stopping

__all__ = ["ByRun", "Population", "Simulation", "population_based_training", "run", "simulate", "tune"]
__all__ += ["ForecastStopping", "MedianStopping", "Patience", "PercentileStopping", "Stopping"]
