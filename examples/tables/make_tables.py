"""Make the tables of `hpt_lab.problems`: train every combination of every grid, and write hpt_lab/data/<name>.npz.

    python examples/tables/make_tables.py forest_boston svm_digits mlp_mnist svm_mnist boosting_boston
    python examples/tables/make_tables.py boosters_diabetes schedule_digits sgd_cancer momentum_boston

One process a call, the versions of constraints.txt. A training is one seed of a table: all of its combinations, trained once.
CPU minutes for a training on a 2020s core: mlp_mnist 8, svm_mnist 3.5, boosting_boston 2.5; forest_boston 0.7, svm_digits 0.4,
boosters_diabetes 0.7, schedule_digits 0.3, sgd_cancer 0.03, momentum_boston 0.6: three hours for all of them.

Each training is kept in `trainings/NAME-SEED.npz` (or where --keep says) as soon as it is done. A training that is there is
not made again, so that a call can be interrupted and repeated; several processes may share the folder, and each takes the
trainings that none of the others has begun (a folder NAME-SEED.lock; remove one that an interrupt left behind). The table is
written from all trainings at the end, by whichever process finds them complete; the docstring of `hpt_lab.problems.trainings`
describes its format.
"""

from __future__ import annotations

import argparse
import math
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt_lab import datasets
from hpt_lab.problems.trainings import (
    BOOSTERS_BUDGETS,
    BOOSTERS_SPACE,
    BOOSTING_BUDGETS,
    BOOSTING_RUNGS,
    BOOSTING_SPACE,
    DATA,
    DIGITS,
    FEW,
    FOREST_METRICS,
    FOREST_SPACE,
    MANY,
    MLP_BUDGETS,
    MLP_SPACE,
    MOMENTUM_SPACE,
    SCHEDULE_BUDGETS,
    SCHEDULE_SPACE,
    SGD_SPACE,
    SVM_MNIST_BUDGETS,
    SVM_MNIST_SPACE,
    SVM_SPACE,
)
from hpt_lab.space import Params, Space

Array = NDArray[np.float64]
# The rows of which a loss counts some, so that the integers are small.
SCALES = {"svm_digits": 1438, "mlp_mnist": 2000, "svm_mnist": 1500, "schedule_digits": 719, "sgd_cancer": 114}
SCALE = 10**DIGITS  # elsewhere: as many digits as a loss is given


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


def boosters_diabetes(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (n_budgets, n_combinations)."""
    data, grid = datasets.diabetes(valid=0.4, seed=seed), BOOSTERS_SPACE.grid()
    unexplained = np.empty((len(BOOSTERS_BUDGETS), grid.size))
    for b, budget in enumerate(BOOSTERS_BUDGETS):
        for number in range(grid.size):
            model = booster(grid[number], budget, seed).fit(data.X_train, data.y_train)
            unexplained[b, number] = 1 - model.score(data.X_valid, data.y_valid)
    return {"unexplained": np.minimum(unexplained, 2.0)}


def booster(params: Params, n_trees: int, seed: int) -> Any:
    """The model of scikit-learn that a point of BOOSTERS_SPACE stands for."""
    from sklearn.ensemble import AdaBoostRegressor, GradientBoostingRegressor, HistGradientBoostingRegressor
    from sklearn.tree import DecisionTreeRegressor

    more = {name: value for name, value in params.items() if name != "booster"}
    if params["booster"] == "gradient":
        return GradientBoostingRegressor(n_estimators=n_trees, random_state=seed, **more)
    if params["booster"] == "histogram":
        return HistGradientBoostingRegressor(max_iter=n_trees, min_samples_leaf=5, random_state=seed, **more)
    tree, loss = DecisionTreeRegressor(max_depth=more["max_depth"]), more["ada_loss"]
    return AdaBoostRegressor(
        tree, n_estimators=n_trees, learning_rate=more["learning_rate"], loss=loss, random_state=seed
    )


def schedule_digits(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (n_budgets, n_combinations)."""
    from hpt_lab.models import MLP

    data, grid = datasets.digits(valid=0.4), SCHEDULE_SPACE.grid()
    error = np.empty((len(SCHEDULE_BUDGETS), grid.size))
    for number in range(grid.size):
        params = grid[number]
        model = MLP((16,), batch_size=params["batch_size"], seed=seed)
        for epoch in range(SCHEDULE_BUDGETS[-1]):
            model.learning_rate = rate_at(params, epoch)
            model.fit(data.X_train, data.y_train, epochs=1)
            if epoch + 1 in SCHEDULE_BUDGETS:
                error[SCHEDULE_BUDGETS.index(epoch + 1), number] = 1 - model.score(data.X_valid, data.y_valid)
    return {"error": error}


def rate_at(params: Mapping[str, Any], epoch: int) -> float:
    """Return the learning rate that a point of `schedule_digits` has in an epoch, counted from 0."""
    warmup = params["warmup_epochs"]
    after, rate = epoch - warmup, float(params["learning_rate"])
    if after < 0:
        return rate * (epoch + 1) / (warmup + 1)
    if params["schedule"] == "step":
        return rate * params["drop_factor"] ** (after // params["drop_every"])
    if params["schedule"] == "cosine":
        done = after / (SCHEDULE_BUDGETS[-1] - warmup)
        last = params["final_share"]
        return rate * (last + (1 - last) * (1 + math.cos(math.pi * done)) / 2)
    return rate


def sgd_cancer(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (1, *sizes)."""
    from sklearn.linear_model import SGDClassifier
    from sklearn.preprocessing import StandardScaler

    data = datasets.breast_cancer(valid=0.2, test=0.7, seed=seed)
    scaler = StandardScaler().fit(data.X_train)
    X, X_valid = scaler.transform(data.X_train), scaler.transform(data.X_valid)

    def wrong(params: Params) -> float:
        model = SGDClassifier(
            penalty="elasticnet", learning_rate="invscaling", max_iter=2, tol=None, random_state=seed, **params
        )
        return float((model.fit(X, data.y_train).predict(X_valid) != data.y_valid).mean())

    return {"error": _over(SGD_SPACE, wrong)}


def momentum_boston(seed: int) -> dict[str, Array]:
    """All losses of one seed, of shape (1, *sizes), NaN where the weights do not stay finite."""
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import StandardScaler

    data = datasets.boston(seed=seed)
    scaler, mean, sd = StandardScaler().fit(data.X_train), data.y_train.mean(), data.y_train.std()
    X, X_valid = scaler.transform(data.X_train), scaler.transform(data.X_valid)

    def unexplained(params: Params) -> float:
        model = MLPRegressor(
            hidden_layer_sizes=(params["units"],) * params["n_layers"],
            solver="sgd",
            learning_rate_init=params["learning_rate"],
            momentum=params["momentum"],
            batch_size=params["batch_size"],
            max_iter=30,
            tol=0,
            n_iter_no_change=30,
            random_state=seed,
        )
        try:
            model.fit(X, (data.y_train - mean) / sd)
        except ValueError:  # "Solver produced non-finite parameter weights"
            return np.nan
        return min(1 - model.score(X_valid, (data.y_valid - mean) / sd), 2.0)

    return {"unexplained": _over(MOMENTUM_SPACE, unexplained)}


def _over(space: Space, loss: Callable[[Params], float]) -> Array:
    """The losses of all params of a space without conditions, of shape (1, *sizes)."""
    sizes = [int(dimension.size) for dimension in space.dimensions.values()]
    losses, grid = np.empty((1, *sizes)), space.grid()
    for params in (grid[number] for number in range(grid.size)):
        losses[(0, *(dimension.index(params[name]) for name, dimension in space.dimensions.items()))] = loss(params)
    return losses


TABLES: dict[str, tuple[Callable[[int], dict[str, Array]], int]] = {
    "forest_boston": (forest_boston, 20),
    "svm_digits": (svm_digits, 10),
    "mlp_mnist": (mlp_mnist, MANY),
    "svm_mnist": (svm_mnist, MANY),
    "boosting_boston": (boosting_boston, MANY),
    "boosters_diabetes": (boosters_diabetes, 3),
    "schedule_digits": (schedule_digits, 3),
    "sgd_cancer": (sgd_cancer, 20),
    "momentum_boston": (momentum_boston, 4),
}


def planes(losses: Array, scale: int) -> NDArray[np.uint8]:
    """Return what is stored: 1 plus the losses times `scale`, 0 in place of NaN, in bytes, of shape (n_bytes, *shape)."""
    integers = np.where(np.isnan(losses), 0, 1 + np.rint(scale * np.nan_to_num(losses))).astype("<u4")
    cut = np.moveaxis(integers[..., None].view(np.uint8), -1, 0)
    return cut[: max(1, (int(integers.max()).bit_length() + 7) // 8)]


def store(name: str, made: Sequence[Mapping[str, Array]]) -> None:
    """Write data/<name>.npz from the trainings of the seeds 0, 1, ..."""
    scale, few = SCALES.get(name, SCALE), FEW if name == "boosting_boston" else len(made)
    table = {metric: planes(np.stack([one[metric] for one in made[:few]]), scale) for metric in made[0]}
    if few < len(made):  # twelve budgets of all would weigh more than the other tables together
        rungs = [BOOSTING_BUDGETS.index(rung) for rung in BOOSTING_RUNGS]
        table["more"] = planes(np.stack([one["unexplained"][rungs] for one in made[few:]]), scale)
    np.savez_compressed(DATA / f"{name}.npz", scale=np.int32(scale), **table)  # type: ignore[arg-type]


def training(name: str, seed: int, keep: Path) -> dict[str, Array] | None:
    """Return a training that is kept, or make it and keep it; None if another process is making it."""
    path, lock = keep / f"{name}-{seed}.npz", keep / f"{name}-{seed}.lock"
    if not path.exists():
        try:
            lock.mkdir()
        except FileExistsError:
            return None
        started, half = time.process_time(), keep / f"{name}-{seed}.part.npz"
        np.savez(half, **TABLES[name][0](seed))  # type: ignore[arg-type]
        half.rename(path)
        lock.rmdir()
        print(f"{name}: seed {seed}, {(time.process_time() - started) / 60:.1f} CPU minutes", flush=True)
    with np.load(path) as kept:
        return dict(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=TABLES)
    parser.add_argument("--keep", type=Path, default=Path("trainings"), help="the folder of the single trainings")
    asked = parser.parse_args()
    asked.keep.mkdir(exist_ok=True)
    for name in asked.names:
        made = [training(name, seed, asked.keep) for seed in range(TABLES[name][1])]
        complete = [one for one in made if one is not None]
        if len(complete) == len(made):
            store(name, complete)
        else:
            print(f"{name}: another process is at {len(made) - len(complete)} of its trainings, and writes the table")


if __name__ == "__main__":
    for library in ("OPENBLAS", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    warnings.simplefilter("ignore")  # a short training that has not converged is what the tables are about
    main()
