"""The search strategies, one file each: pure functions from a study's history to its next trial."""

from hpt_lab.strategies.bayesian import BayesianOptimization
from hpt_lab.strategies.grid import GridSearch
from hpt_lab.strategies.manual import ManualSearch
from hpt_lab.strategies.random import QuasiRandomSearch, RandomSearch
from hpt_lab.strategies.tpe import TPE

__all__ = [
    "TPE",
    "BayesianOptimization",
    "GridSearch",
    "ManualSearch",
    "QuasiRandomSearch",
    "RandomSearch",
]
