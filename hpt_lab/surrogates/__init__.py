"""Surrogates: models of the losses a search has not seen, and acquisition functions, which say where to look next."""

from hpt_lab.surrogates.acquisition import (
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)
from hpt_lab.surrogates.gaussian_process import GaussianProcess
from hpt_lab.surrogates.hypervolume import expected_hypervolume_improvement
from hpt_lab.surrogates.knowledge_gradient import knowledge_gradient
from hpt_lab.surrogates.parzen import ParzenEstimator

__all__ = ["GaussianProcess", "ParzenEstimator", "expected_hypervolume_improvement", "expected_improvement"]
__all__ += ["knowledge_gradient", "log_expected_improvement", "lower_confidence_bound", "probability_of_improvement"]
