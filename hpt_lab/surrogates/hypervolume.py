"""Expected hypervolume improvement (EHVI): how much larger a trial is expected to make the volume that a front dominates.

A place z that no trial dominates becomes dominated if f(x) <= z in every objective. So EHVI is the integral, over all
these z below the reference point, of P(f_1 <= z_1) P(f_2 <= z_2) ..., with one model for each objective. Over an
interval, each factor is a difference of expected improvements:

    integral from a to b of P(f <= z) dz = EI(b) - EI(a),    EI(c) = E[max(c - f, 0)]

With two objectives, the region is cut into stripes, one for each gap in the first objective of the front. Above stripe
i, from a_i to b_i, the second objective must get below h_i, the lowest one to the left:

    EHVI = sum_i (EI_1(b_i) - EI_1(a_i)) EI_2(h_i)

With more, a slice of the last objective is the same problem with one objective fewer. Emmerich, Giannakoglou and
Naujoks (2006); the stripes: Emmerich, Yang, Deutz, Wang and Fonseca (2016). Chapter 5.

means, stds : (n_objectives, m);   front : (k, n_objectives);   reference : (n_objectives,);   all minimized
"""

import math

import numpy as np

from hpt_lab.study.front import non_dominated
from hpt_lab.surrogates.acquisition import ei
from hpt_lab.values.checks import array


def expected_hypervolume_improvement(
    means: np.ndarray, stds: np.ndarray, front: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """Return by how much the hypervolume of `front` below `reference` is expected to grow: shape (m,).

    Raises ValueError if the shapes do not fit, or a number is not finite.

    >>> front = [[1, 2], [2, 1]]  # dominates 3 of the 9 squares below (3, 3)
    >>> expected_hypervolume_improvement([[0.0]], [[0.0]], [[1.0]], [3.0]).tolist()
    [1.0]
    >>> expected_hypervolume_improvement([[1, 0], [1, 0]], [[0, 0], [0, 0]], front, [3, 3]).tolist()
    [1.0, 6.0]
    """
    who = "expected_hypervolume_improvement"
    given = {"means": means, "stds": stds, "front": front, "reference": reference}
    means, stds, front, reference = (array(f"{who}: {name}", value) for name, value in given.items())
    fits = means.ndim == 2 and stds.shape == means.shape and front.ndim == 2
    if not fits or reference.shape != (len(means),) or front.shape[1] != len(means):
        wanted = "(n_objectives, m) twice, (k, n_objectives) and (n_objectives,)"
        shapes = ", ".join(str(values.shape) for values in (means, stds, front, reference))
        raise ValueError(f"{who}: means, stds, front and reference of shapes {shapes} must be {wanted}")
    if not all(np.isfinite(values).all() for values in (means, stds, front, reference)) or (stds < 0).any():
        raise ValueError(f"{who}: means, stds, front and reference must be finite, and stds not below 0")
    return ehvi(means, stds, front, reference)


def ehvi(means: np.ndarray, stds: np.ndarray, front: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return EHVI, without checks."""
    front = front[(front < reference).all(axis=1)]
    known: dict[tuple[int, float], np.ndarray] = {}

    def gain(objective: int, level: float) -> np.ndarray:
        """Return the expected improvement of one objective below a level, (m,)."""
        if (objective, level) not in known:
            known[objective, level] = ei(level - means[objective], stds[objective])
        return known[objective, level]

    def volume(front: np.ndarray, last: int) -> np.ndarray:
        """Return EHVI over the objectives up to the `last` one, (m,)."""
        if not len(front):
            return math.prod(gain(j, float(reference[j])) for j in range(last + 1))  # type: ignore[return-value]
        if last == 0:
            return gain(0, float(front.min()))
        front = front[non_dominated(front)]
        front = front[np.argsort(front[:, last], kind="stable")]
        total, below = np.zeros(means.shape[1]), np.zeros(means.shape[1])
        for i, level in enumerate([*front[:, last].tolist(), float(reference[last])]):
            upto = gain(last, level)
            total, below = total + (upto - below) * volume(front[:i, :last], last - 1), upto
        return total

    return volume(front, len(means) - 1)
