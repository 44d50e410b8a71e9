"""The arithmetic of fronts, against a library (moocore 0.3.2, its numbers stored here), Monte Carlo, and known fronts."""

from itertools import combinations

import numpy as np
import pytest

from hpt_lab import hypervolume
from hpt_lab.analysis import crowding_distances, front_numbers, non_dominated
from hpt_lab.study.front import best_first

# (objectives, points, seed): the hypervolume below 1 and the fronts, as moocore.hypervolume and pareto_rank have them
MOOCORE = {
    (2, 20, 0): (0.956661, [1, 0, 5, 2, 3, 0, 1, 1, 4, 1, 0, 3, 2, 6, 4, 3, 1, 1, 2, 2]),
    (3, 15, 1): (0.4294499209999999, [0, 1, 1, 0, 0, 0, 0, 1, 2, 0, 0, 2, 0, 1, 1]),
    (4, 12, 2): (0.25581753924499995, [0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0]),
    (5, 10, 3): (0.11477456938706673, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
}


def drawn(m, n, seed):
    return np.random.default_rng(seed).random((n, m)).round(3)


@pytest.mark.parametrize(("case", "known"), MOOCORE.items(), ids=str)
def test_hypervolume_and_fronts_are_those_of_a_library(case, known):
    losses = drawn(*case)
    assert hypervolume(losses, [1.0] * case[0]) == pytest.approx(known[0], abs=1e-12)
    assert front_numbers(losses).tolist() == known[1]
    assert non_dominated(losses).tolist() == [number == 0 for number in known[1]]


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_hypervolume_is_the_share_of_random_points_that_are_dominated(m):
    losses, reference = drawn(m, 12, 7), np.full(m, 0.9)
    where = np.random.default_rng(0).random((40_000, m)) * reference
    share = (losses[None] <= where[:, None]).all(axis=2).any(axis=1).mean()
    assert hypervolume(losses, reference) == pytest.approx(share * 0.9**m, abs=0.01)


def test_hypervolume_ignores_what_is_dominated_or_beyond_the_reference():
    assert hypervolume([[1, 2], [2, 1], [2, 2], [2, 1], [0, 3], [0, 9]], [3, 3]) == 3.0
    assert hypervolume([[4, 0], [0, 4]], [3, 3]) == 0.0
    assert hypervolume(np.empty((0, 2)), [3, 3]) == 0.0


def test_hypervolume_takes_values_as_told_with_their_directions():
    values = [[0.9, 20.0], [0.8, 10.0], [0.7, 15.0]]
    expected = hypervolume([[-a, b] for a, b in values], [-0.5, 30.0])
    assert hypervolume(values, [0.5, 30.0], ["maximize", "minimize"]) == expected == pytest.approx(7.0)
    assert hypervolume(values, [0.5, 30.0], {"accuracy": "maximize", "size": "minimize"}) == expected


def test_equal_points_share_a_front():
    losses = [[1, 2], [1, 2], [2, 1], [2, 2]]
    assert non_dominated(losses).tolist() == [True, True, True, False]
    assert front_numbers(losses).tolist() == [0, 0, 0, 1]


def test_the_front_of_a_front_is_all_of_it():
    f1 = np.linspace(0, 1, 401)
    for f2 in (1 - np.sqrt(f1), 1 - f1**2):  # ZDT1 and ZDT2
        assert non_dominated(np.column_stack([f1, f2])).all()
    f2 = 1 - np.sqrt(f1) - f1 * np.sin(10 * np.pi * f1)  # ZDT3: only some pieces of this curve
    kept = f1[non_dominated(np.column_stack([f1, f2]))]
    pieces = [(0, 0.083), (0.1822, 0.2578), (0.4093, 0.4539), (0.6183, 0.6526), (0.8233, 0.8519)]  # Zitzler et al. 2000
    inside = np.any([(low - 0.004 <= kept) & (kept <= high + 0.004) for low, high in pieces], axis=0)
    assert len(kept) > 60
    assert inside.all()


def test_a_chain_has_one_front_for_each_point():
    order = np.random.default_rng(0).permutation(30)
    assert front_numbers(np.column_stack([order, order])).tolist() == order.tolist()


def test_crowding_is_the_gap_between_neighbors_and_infinite_at_the_ends():
    distances = crowding_distances([[0, 4], [1, 3], [3, 1], [4, 0]])
    assert distances.tolist() == [np.inf, 3 / 4 + 3 / 4, 3 / 4 + 3 / 4, np.inf]
    apart, alike = (crowding_distances([[0, 1.0], [0.5, 0.5], third, [1, 0]]) for third in ([0.6, 0.4], [0.5, 0.5]))
    assert apart[1] > alike[1]
    assert crowding_distances([[2, 2], [2, 2]]).tolist() == [0, 0]
    assert crowding_distances(np.empty((0, 2))).tolist() == []


def test_the_feasible_come_first_then_fronts_then_what_adds_most_volume():
    losses = [[9, 9], [0, 4], [2.1, 1.9], [2, 2], [4, 0], [5, 5], [0, 0], [0, 0]]
    violations = [0, 0, 0, 0, 0, 0, 0.5, 0.1]
    assert best_first(losses, violations).tolist() == [3, 1, 4, 2, 5, 0, 7, 6]


@pytest.mark.parametrize("n_objectives", [2, 3])
def test_the_first_of_a_front_dominate_nearly_what_the_best_choice_does(n_objectives):
    """Greedy choice has at least 1 - 1/e of the best volume (Nemhauser et al. 1978); counting points costs little of it."""
    rng = np.random.default_rng(n_objectives)
    for _ in range(5):
        points = np.abs(rng.normal(size=(12, n_objectives)))
        points = 1 - points / np.linalg.norm(points, axis=1, keepdims=True)  # one front, on a sphere
        corner = points.max(axis=0) + 0.1 * np.ptp(points, axis=0)
        first = best_first(points, np.zeros(12))
        best = max(hypervolume(points[list(k)], corner) for k in combinations(range(12), 4))
        of_crowding = hypervolume(points[np.argsort(-crowding_distances(points), kind="stable")[:4]], corner)
        assert of_crowding < hypervolume(points[first[:4]], corner) >= 0.9 * best
        assert sorted(first) == list(range(12))


def test_equal_points_and_losses_without_a_range_have_an_order_too():
    assert best_first([[1, 1]] * 4, [0] * 4).tolist() == [0, 1, 2, 3]
    assert best_first([[0, 3], [0, 2], [0, 1]], [0] * 3).tolist() == [2, 1, 0]
    huge = np.finfo(float).max
    assert best_first([[-huge, huge], [huge, -huge], [0, 0]], [0] * 3)[0] == 2
    rng = np.random.default_rng(0)
    line = np.sort(rng.random(60))
    order = best_first(np.column_stack([line, line[::-1]]), np.zeros(60))  # more than are ordered by volume
    assert sorted(order) == list(range(60))
