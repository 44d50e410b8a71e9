"""The search strategies, one file each: pure functions from a study's history to its next trial."""

from hpt_lab.strategies.bayesian import BayesianOptimization
from hpt_lab.strategies.genetic import GeneticAlgorithm
from hpt_lab.strategies.grid import GridSearch
from hpt_lab.strategies.halving import ASHA, Hyperband, SuccessiveHalving
from hpt_lab.strategies.knowledge_gradient import KnowledgeGradient
from hpt_lab.strategies.manual import ManualSearch
from hpt_lab.strategies.random_search import QuasiRandomSearch, RandomSearch
from hpt_lab.strategies.tpe import TPE

__all__ = ["ASHA", "TPE", "BayesianOptimization", "GeneticAlgorithm", "GridSearch", "Hyperband", "ManualSearch"]
__all__ += ["KnowledgeGradient", "QuasiRandomSearch", "RandomSearch", "SuccessiveHalving"]
