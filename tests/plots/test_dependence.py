import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import plots


def test_partial_dependence_is_the_mean_of_the_slices_on_the_scale_of_the_dimension():
    class Model:
        def predict(self, X):
            return X[:, 0] * 2 + X[:, 1], np.zeros(len(X))

    space = hpt.Space(rate=hpt.Float(1e-4, 1e-1, log=True), units=hpt.Int(16, 256, log=True), degree=hpt.Int(1, 3))
    ax = plots.partial_dependence(Model(), space, "rate", n_slices=7)
    *slices, mean = ax.get_lines()
    assert len(slices) == 7
    assert ax.get_xscale() == "log"
    np.testing.assert_allclose(mean.get_ydata(), np.mean([line.get_ydata() for line in slices], axis=0))
    assert mean.get_ydata()[-1] - mean.get_ydata()[0] == pytest.approx(2 * 40 / 41, abs=1e-5)
    units = plots.partial_dependence(Model(), space, "units").get_lines()[-1].get_ydata()
    assert units[-1] - units[0] == pytest.approx(40 / 41, abs=0.02)
    assert len(plots.partial_dependence(Model(), space, "degree").get_lines()[0].get_xdata()) == 3
    ax = plots.partial_dependence(Model(), hpt.Space({"$": hpt.Float(0, 1), "y": hpt.Float(0, 1)}), "$")
    assert (ax.get_xlabel(), ax.xaxis.label.get_parse_math()) == ("$", False)
