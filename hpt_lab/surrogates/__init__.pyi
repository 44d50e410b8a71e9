from hpt_lab.surrogates.acquisition import (
    expected_hypervolume_improvement as expected_hypervolume_improvement,
    expected_improvement as expected_improvement,
    knowledge_gradient as knowledge_gradient,
    log_expected_improvement as log_expected_improvement,
    lower_confidence_bound as lower_confidence_bound,
    probability_of_improvement as probability_of_improvement,
)
from hpt_lab.surrogates.gaussian_process import GaussianProcess as GaussianProcess
from hpt_lab.surrogates.parzen import ParzenEstimator as ParzenEstimator
