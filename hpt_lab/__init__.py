"""hpt_lab: every search strategy of *Hyperparameter Tuning from Scratch*, in code small enough to read.

A search takes a space, a strategy, and the outer loop:

>>> import hpt_lab as hpt
>>> space = hpt.Space(x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True))
>>> study = hpt.tune(lambda p: p["x"] ** 2 + p["y"], space, hpt.RandomSearch(), 30, seed=0, progress=False)
>>> len(study.trials), study.best_value < 1
(30, True)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hpt_lab import report as report  # attaches `Study.report`
from hpt_lab.analysis.front import hypervolume
from hpt_lab.analysis.recommend import recommend
from hpt_lab.hyperparameters import HyperParameters
from hpt_lab.loop import (
    ForecastStopping,
    MedianStopping,
    Patience,
    PercentileStopping,
    population_based_training,
    run,
    simulate,
    tune,
)
from hpt_lab.loop.progress import DISPLAYS as _DISPLAYS
from hpt_lab.tools.race import race
from hpt_lab.space import Categorical, Float, Int, Space
from hpt_lab.strategies import (
    ASHA,
    TPE,
    BayesianOptimization,
    GeneticAlgorithm,
    GridSearch,
    Hyperband,
    KnowledgeGradient,
    ManualSearch,
    QuasiRandomSearch,
    RandomSearch,
    SuccessiveHalving,
)
from hpt_lab.study import History, NothingToSuggest, StorageError, Strategy, Study, Suggestion, Trial, studies
from hpt_lab.surrogates.importance import Importance, importance

if TYPE_CHECKING:
    from hpt_lab.tools.search_cv import SearchCV

__version__ = "0.1.0"

__all__ = ["Categorical", "Float", "HyperParameters", "Int", "Space"]
__all__ += ["History", "NothingToSuggest", "StorageError", "Strategy", "Study", "Suggestion", "Trial", "studies"]
__all__ += ["TPE", "BayesianOptimization", "GridSearch", "ManualSearch", "QuasiRandomSearch", "RandomSearch"]
__all__ += ["ASHA", "GeneticAlgorithm", "Hyperband", "KnowledgeGradient", "SuccessiveHalving"]
__all__ += ["ForecastStopping", "MedianStopping", "Patience", "PercentileStopping"]
__all__ += ["Importance", "SearchCV", "hypervolume", "importance", "population_based_training", "race", "recommend"]
__all__ += ["run", "simulate", "tune"]
_MODULES = ["analysis", "datasets", "hyperparameters", "loop", "models", "plots", "problems", "report", "search_cv"]
_MODULES += ["serve", "space", "strategies", "study", "surrogates", "tuner"]


def _live_figure(study: Study, n_trials: int | None) -> Any:
    """Return the display of `progress="plot"`, or None if matplotlib or a notebook is missing."""
    try:
        from hpt_lab.plots.live import figure

        return figure(study, n_trials)
    except ImportError:
        return None


_DISPLAYS["plot"] = _live_figure


def _serve(study: Study, /, *, port: int = 0, language: str = "en") -> Any:
    """Serve a live page of the study, and return its server at once: see `hpt_lab.tools.serve.serve`."""
    return __getattr__("serve").serve(study, port=port, language=language)


Study.serve = _serve  # type: ignore[method-assign]  # the method is declared on a lower floor


def __getattr__(name: str) -> Any:
    """Import a module when it is first used, such as `plots` (for matplotlib), and `SearchCV` (for scikit-learn)."""
    if name == "SearchCV":
        return import_module("hpt_lab.tools.search_cv").SearchCV
    if name in _MODULES:
        return import_module(f"hpt_lab.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_MODULES, *(name for name in globals() if name.startswith("__"))]
