"""Make the tables of `hpt_lab.problems`: train every combination of every grid, and write data/<name>.npz.

    python hpt_lab/data/make_tables.py forest_boston svm_digits mlp_mnist svm_mnist boosting_boston

One process, the versions of constraints.txt. CPU minutes on a 2020s core: forest_boston 14, svm_digits 4, mlp_mnist 25,
svm_mnist 10, boosting_boston 8.
A table holds integers, the loss times `scale`, in an array of shape (n_seeds, n_budgets, *sizes of the dimensions).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpt_lab import datasets
from hpt_lab.problems import (
    BOOSTING_BUDGETS,
    BOOSTING_SPACE,
    DATA,
    FOREST_METRICS,
    FOREST_SPACE,
    MLP_BUDGETS,
    MLP_SPACE,
    SVM_MNIST_BUDGETS,
    SVM_MNIST_SPACE,
    SVM_SPACE,
)

Array = NDArray[np.float64]
SCALE = 10**6  # the digits kept: one millionth of the unit of the loss


def forest_boston(seed: int) -> dict[str, Array]:
    """All losses of one seed, by metric, each of shape (1, n_depths, n_sizes).

    The first n trees of a forest are the forest of n trees with the same random_state, so only the largest is grown.
    """
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    data = datasets.boston()
    X, y = data.X_cv, data.y_cv
    depths, sizes = FOREST_SPACE["max_depth"].values(), np.array(FOREST_SPACE["n_estimators"].values())
    errors = np.empty((len(FOREST_METRICS), 5, len(depths), len(sizes)))
    for k, (train, valid) in enumerate(KFold(5, shuffle=True, random_state=seed).split(X)):
        deepest = depths[-1] + 1
        for i, depth in reversed(list(enumerate(depths))):
            if depth < deepest:  # otherwise the bound did not stop any tree, and the forest is the same
                forest = RandomForestRegressor(int(sizes[-1]), max_depth=depth, random_state=seed)
                trees = forest.fit(X[train], y[train]).estimators_
                deepest = max(tree.get_depth() for tree in trees)
                sums = np.cumsum([tree.predict(X[valid]) for tree in trees], axis=0)
                error = np.abs(sums[sizes - 1] / sizes[:, None] - y[valid])  # (n_sizes, n_valid)
                by_metric = error.max(axis=1), error.mean(axis=1), np.sqrt((error**2).mean(axis=1))
            errors[:, k, i] = by_metric
    return dict(zip(FOREST_METRICS, errors.mean(axis=1)[:, None], strict=True))


def svm_digits(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (1, n_C, n_gamma). The kernel is computed once for each gamma."""
    from sklearn.metrics.pairwise import rbf_kernel
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import SVC

    data = datasets.digits()
    X, y = data.X_cv, data.y_cv
    folds = list(StratifiedKFold(3, shuffle=True, random_state=seed).split(X, y))
    Cs, gammas = SVM_SPACE["C"].values(), SVM_SPACE["gamma"].values()
    wrong = np.zeros((1, len(Cs), len(gammas)))
    for j, gamma in enumerate(gammas):
        kernel = rbf_kernel(X, gamma=gamma)
        for train, valid in folds:
            inner, outer = kernel[np.ix_(train, train)], kernel[np.ix_(valid, train)]
            for i, C in enumerate(Cs):
                wrong[0, i, j] += (SVC(C=C, kernel="precomputed").fit(inner, y[train]).predict(outer) != y[valid]).sum()
    return {"error": wrong / len(y)}


def mlp_mnist(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (n_epochs, n_units, n_units, n_rates)."""
    from hpt_lab.models import MLP

    data = datasets.mnist(valid=0.4)
    valid = data.X_valid, data.y_valid
    error = np.empty((len(MLP_BUDGETS), *(int(dimension.size) for dimension in MLP_SPACE.dimensions.values())))
    for i, units_1 in enumerate(MLP_SPACE["units_1"].values()):
        for j, units_2 in enumerate(MLP_SPACE["units_2"].values()):
            for k, rate in enumerate(MLP_SPACE["learning_rate"].values()):
                model = MLP((units_1, units_2), learning_rate=rate, batch_size=64, seed=seed)
                history = model.fit(data.X_train, data.y_train, MLP_BUDGETS[-1], valid).history
                error[:, i, j, k] = 1.0 - np.nan_to_num(history["val_accuracy"], nan=0.1)  # diverged: as good as chance
    return {"error": error}


def svm_mnist(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (n_budgets, n_blurs, n_components, n_C, n_gamma).

    The first k of many principal components are those of a PCA to k components, so it is made once for each blur.
    """
    from scipy.ndimage import gaussian_filter
    from sklearn.decomposition import PCA
    from sklearn.metrics import euclidean_distances
    from sklearn.svm import SVC

    data = datasets.mnist(valid=0.3, test=0.1, seed=seed)
    blurs, counts, Cs, gammas = (dimension.values() for dimension in SVM_MNIST_SPACE.dimensions.values())
    error = np.empty((len(SVM_MNIST_BUDGETS), len(blurs), len(counts), len(Cs), len(gammas)))
    for b, budget in enumerate(SVM_MNIST_BUDGETS):
        n = 100 * budget
        for i, blur in enumerate(blurs):
            train, valid = (
                gaussian_filter(X.reshape(-1, 28, 28), (0, blur, blur)).reshape(-1, 784)
                for X in (data.X_train[:n], data.X_valid)
            )
            pca = PCA(min(n, counts[-1]), svd_solver="full").fit(train)
            train, valid = pca.transform(train), pca.transform(valid)
            for j, count in enumerate(counts):
                inner = euclidean_distances(train[:, :count], squared=True)
                outer = euclidean_distances(valid[:, :count], train[:, :count], squared=True)
                for g, gamma in enumerate(gammas):
                    kernel, kernel_valid = np.exp(-gamma * inner), np.exp(-gamma * outer)
                    for c, C in enumerate(Cs):
                        model = SVC(C=C, kernel="precomputed").fit(kernel, data.y_train[:n])
                        error[b, i, j, c, g] = (model.predict(kernel_valid) != data.y_valid).mean()
    return {"error": error}


def boosting_boston(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (n_budgets, *sizes). The first n trees of 81 are the model of n trees.

    With a learning rate of 1 and small subsamples the trees can answer each other with ever larger errors: at most 2.
    """
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.metrics import r2_score
    from sklearn.model_selection import KFold

    data, grid = datasets.boston(), BOOSTING_SPACE.grid()
    X, y = data.X_cv, data.y_cv
    dimensions = BOOSTING_SPACE.dimensions.items()
    unexplained = np.zeros((len(BOOSTING_BUDGETS), *(int(dimension.size) for _, dimension in dimensions)))
    for number in range(grid.size):
        params = grid[number]
        cell = tuple(dimension.index(params[name]) for name, dimension in dimensions)
        for train, valid in KFold(3, shuffle=True, random_state=seed).split(X):
            model = GradientBoostingRegressor(n_estimators=BOOSTING_BUDGETS[-1], random_state=seed, **params)
            staged = list(model.fit(X[train], y[train]).staged_predict(X[valid]))
            for b, budget in enumerate(BOOSTING_BUDGETS):
                unexplained[(b, *cell)] += (1 - r2_score(y[valid], staged[budget - 1])) / 3
    return {"unexplained": np.minimum(unexplained, 2.0)}


TABLES: dict[str, tuple[Callable[[int], dict[str, Array]], int]] = {
    "forest_boston": (forest_boston, 20),
    "svm_digits": (svm_digits, 10),
    "mlp_mnist": (mlp_mnist, 3),
    "svm_mnist": (svm_mnist, 3),
    "boosting_boston": (boosting_boston, 3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=TABLES)
    for name in parser.parse_args().names:
        make, n_seeds = TABLES[name]
        made: list[dict[str, Array]] = []
        started = time.process_time()
        for seed in range(n_seeds):
            made.append(make(seed))
            stacked = {metric: np.stack([one[metric] for one in made]) for metric in made[0]}
            table = {metric: np.rint(SCALE * losses).astype(np.int32) for metric, losses in stacked.items()}
            np.savez_compressed(DATA / f"{name}.npz", scale=np.int32(SCALE), **table)  # type: ignore[arg-type]
            minutes = (time.process_time() - started) / 60
            print(f"{name}: {seed + 1} of {n_seeds} seeds, {minutes:.1f} CPU minutes", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
