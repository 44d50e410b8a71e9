"""hpt_lab: every search strategy of *Hyperparameter Tuning from Scratch*, in code small enough to read.

A search takes a space, a strategy, and the outer loop:

>>> import hpt_lab as hpt
>>> space = hpt.Space(x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True))
>>> study = hpt.tune(lambda p: p["x"] ** 2 + p["y"], space, hpt.RandomSearch(), 30, seed=0, progress=False)
>>> len(study.trials), study.best_value < 1
(30, True)
"""

import sys
from typing import TYPE_CHECKING

from hpt_lab.values.faces import face
from hpt_lab.values.moved import Moved

if TYPE_CHECKING:
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

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "space": "Categorical Float Int Space",
        "hyperparameters": "HyperParameters",
        "study": "History NothingToSuggest StorageError Strategy Study Suggestion Trial studies",
        "strategies": "ASHA TPE BayesianOptimization GeneticAlgorithm GridSearch Hyperband KnowledgeGradient ManualSearch QuasiRandomSearch RandomSearch SuccessiveHalving",
        "loop": "ForecastStopping MedianStopping Patience PercentileStopping WilcoxonStopping population_based_training run simulate tune",
        "analysis": "Importance hypervolume importance recommend",
        "tools.race.race": "race",
        "tools.search_cv": "SearchCV",
    },
    modules="analysis datasets hyperparameters loop models plots problems report search_cv serve space strategies study surrogates tools tuner",
)
__version__ = "0.1.0"

sys.meta_path.insert(
    0, Moved()
)  # before the finder that would load a second copy of a module of a folder that has moved
