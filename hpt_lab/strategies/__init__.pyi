from hpt_lab.strategies.bayesian import BayesianOptimization as BayesianOptimization
from hpt_lab.strategies.genetic import GeneticAlgorithm as GeneticAlgorithm
from hpt_lab.strategies.grid import GridSearch as GridSearch
from hpt_lab.strategies.halving import ASHA as ASHA, Hyperband as Hyperband, SuccessiveHalving as SuccessiveHalving
from hpt_lab.strategies.knowledge_gradient import KnowledgeGradient as KnowledgeGradient
from hpt_lab.strategies.manual import ManualSearch as ManualSearch
from hpt_lab.strategies.random_search import QuasiRandomSearch as QuasiRandomSearch, RandomSearch as RandomSearch
from hpt_lab.strategies.tpe import TPE as TPE
