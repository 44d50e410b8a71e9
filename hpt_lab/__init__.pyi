__version__: str

from hpt_lab.analysis import (
    Importance as Importance,
    hypervolume as hypervolume,
    importance as importance,
    recommend as recommend,
)
from hpt_lab.hyperparameters import HyperParameters as HyperParameters
from hpt_lab.loop import (
    ForecastStopping as ForecastStopping,
    MedianStopping as MedianStopping,
    Patience as Patience,
    PercentileStopping as PercentileStopping,
    WilcoxonStopping as WilcoxonStopping,
    population_based_training as population_based_training,
    run as run,
    simulate as simulate,
    tune as tune,
)
from hpt_lab.space import Categorical as Categorical, Float as Float, Int as Int, Space as Space
from hpt_lab.strategies import (
    ASHA as ASHA,
    TPE as TPE,
    BayesianOptimization as BayesianOptimization,
    GeneticAlgorithm as GeneticAlgorithm,
    GridSearch as GridSearch,
    Hyperband as Hyperband,
    KnowledgeGradient as KnowledgeGradient,
    ManualSearch as ManualSearch,
    QuasiRandomSearch as QuasiRandomSearch,
    RandomSearch as RandomSearch,
    SuccessiveHalving as SuccessiveHalving,
)
from hpt_lab.study import (
    History as History,
    NothingToSuggest as NothingToSuggest,
    StorageError as StorageError,
    Strategy as Strategy,
    Study as Study,
    Suggestion as Suggestion,
    Trial as Trial,
    studies as studies,
)
from hpt_lab.tools.race.race import race as race
from hpt_lab.tools.search_cv import SearchCV as SearchCV

from . import (
    analysis as analysis,
    datasets as datasets,
    hyperparameters as hyperparameters,
    loop as loop,
    models as models,
    plots as plots,
    problems as problems,
    space as space,
    strategies as strategies,
    study as study,
    surrogates as surrogates,
    tools as tools,
)
from .tools import report as report, search_cv as search_cv, serve as serve, tuner as tuner
