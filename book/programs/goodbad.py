# TPE on the sixteen trials of the figure: change how many are good, the widths, or the ratio itself.
import numpy as np
from sklearn.svm import SVC

import hpt_lab as hpt
from hpt_lab import datasets
from hpt_lab.surrogates import ParzenEstimator

good = 4
bandwidth = 0  # as a share of the range; 0: by the neighbors

data, space = datasets.digits(), hpt.Space(x=hpt.Float(-4.0, 1.0))


def error(params):
    return 1 - SVC(C=10, gamma=10 ** params["x"]).fit(data.X_train, data.y_train).score(data.X_valid, data.y_valid)


study = hpt.tune(error, space, hpt.RandomSearch(), 16, seed=1, progress=False)
ranked = [study.trials[i].params for i in np.argsort(study.history.losses, kind="stable")]
l, g = (ParzenEstimator(space, part, bandwidth=bandwidth or "neighbours") for part in (ranked[:good], ranked[good:]))
grid = [{"x": x} for x in np.linspace(-4, 1, 501)]
ratio = np.exp(l.log_density(grid) - g.log_density(grid))
print(f"l / g is largest at x = {grid[ratio.argmax()]['x']:.2f}, where it is {ratio.max():.2f}")
