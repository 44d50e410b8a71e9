"""The search strategies, one file each: pure functions from a study's history to its next trial."""

from typing import TYPE_CHECKING

from hpt_lab.values.faces import face

if TYPE_CHECKING:
    from hpt_lab.strategies.bayesian import BayesianOptimization as BayesianOptimization
    from hpt_lab.strategies.genetic import GeneticAlgorithm as GeneticAlgorithm
    from hpt_lab.strategies.grid import GridSearch as GridSearch
    from hpt_lab.strategies.halving import ASHA as ASHA, Hyperband as Hyperband, SuccessiveHalving as SuccessiveHalving
    from hpt_lab.strategies.knowledge_gradient import KnowledgeGradient as KnowledgeGradient
    from hpt_lab.strategies.manual import ManualSearch as ManualSearch
    from hpt_lab.strategies.random_search import QuasiRandomSearch as QuasiRandomSearch, RandomSearch as RandomSearch
    from hpt_lab.strategies.tpe import TPE as TPE

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "bayesian": "BayesianOptimization",
        "genetic": "GeneticAlgorithm",
        "grid": "GridSearch",
        "halving": "ASHA Hyperband SuccessiveHalving",
        "knowledge_gradient": "KnowledgeGradient",
        "manual": "ManualSearch",
        "random_search": "QuasiRandomSearch RandomSearch",
        "tpe": "TPE",
    },
)
