"""What a strategy says would be right in the place of a wrong argument; which are wrong is in tests/wrong_calls."""

import pytest

import hpt_lab as hpt

SAID = [
    (lambda: hpt.TPE(gamma=1), "TPE: gamma=1 must be between 0 and 1, or one of"),
    (lambda: hpt.TPE(n_initial=0), "TPE: n_initial=0 must be at least 1, and finite"),
    (lambda: hpt.TPE(n_candidates=0), "TPE: n_candidates=0 must be at least 1, and finite"),
    (lambda: hpt.TPE(contrast=0.5), "TPE: contrast=0.5 must be at least 1, and finite"),
    (lambda: hpt.TPE(prior_weight=-1), "prior_weight=-1 must be above 0"),
    (lambda: hpt.TPE(bandwidth="wide"), "bandwidth='wide' must be above 0, 'neighbours' or 'scott'"),
    (lambda: hpt.GeneticAlgorithm(1), "population_size=1 must be at least 2"),
    (lambda: hpt.GeneticAlgorithm(tournament_size=30), "tournament_size=30 must be between 1 and"),
    (lambda: hpt.GeneticAlgorithm(crossover=1.5), "crossover=1.5 must be between 0 and 1"),
    (lambda: hpt.Hyperband(1, 81, eta=1), "eta=1 must be at least 2"),
    (lambda: hpt.Hyperband(9, 3), "min_budget=9 must not be above max_budget=3"),
    (lambda: hpt.ASHA(0, 3), "min_budget=0 must be an integer of at least 1"),
    (lambda: hpt.SuccessiveHalving(0, 1, 3), "n_configs=0 must be an integer of at least 1"),
    (lambda: hpt.ASHA(1, 9, source="random"), "source='random' must be a strategy"),
]


@pytest.mark.parametrize(("make", "said"), SAID)
def test_a_wrong_argument_is_told_what_would_be_right(make, said):
    with pytest.raises((TypeError, ValueError), match=said):
        make()
