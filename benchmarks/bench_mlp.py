"""The perceptron against scikit-learn's: 30 trainings of 5 epochs on 3600 digits of 28 x 28, CPU time side by side.

    python benchmarks/bench_mlp.py

The aim is a ratio of at most 1.5. Both get the same rows, widths, batch size, learning rate and number of epochs, and
take turns, after one unmeasured training each, on one thread: a second one that waits would count as CPU time.
"""

import time
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from hpt_lab import datasets
from hpt_lab.models import MLP

EPOCHS = 5


def configurations(n, seed=0):
    """n draws like those of chapter 3: one or two layers of 16 to 64, batches of 32 to 200, a logarithmic rate."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        hidden = tuple(int(width) for width in rng.integers(16, 65, size=rng.integers(1, 3)))
        yield hidden, int(rng.choice([32, 64, 128, 200])), float(10 ** rng.uniform(-4, -2))


def race(n=30):
    """CPU seconds and mean test accuracy of (ours, scikit-learn's), over n trainings each."""
    data = datasets.mnist(valid=0.08, test=0.2)

    def ours(hidden, batch_size, learning_rate):
        model = MLP(hidden, learning_rate=learning_rate, batch_size=batch_size)
        model.fit(data.X_train, data.y_train, EPOCHS)
        return model

    def theirs(hidden, batch_size, learning_rate):
        model = MLPClassifier(
            hidden, learning_rate_init=learning_rate, batch_size=batch_size, alpha=0, max_iter=EPOCHS, random_state=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(data.X_train, data.y_train)

    seconds, accuracy = np.zeros(2), np.zeros(2)
    for train in (ours, theirs):
        train((16,), 200, 1e-3)
    with threadpool_limits(1):
        for configuration in configurations(n):
            for side, train in enumerate((ours, theirs)):
                start = time.process_time()
                model = train(*configuration)
                seconds[side] += time.process_time() - start
                accuracy[side] += model.score(data.X_test, data.y_test) / n
    return seconds, accuracy


@pytest.mark.benchmark
def test_thirty_trainings_take_at_most_half_as_long_again_as_scikit_learn():
    (ours, theirs), accuracy = race()
    assert ours <= 1.5 * theirs
    assert abs(accuracy[0] - accuracy[1]) < 0.02


if __name__ == "__main__":
    (ours, theirs), accuracy = race()
    print(f"hpt_lab       {ours:6.2f} CPU s   mean test accuracy {accuracy[0]:.4f}")
    print(f"scikit-learn  {theirs:6.2f} CPU s   mean test accuracy {accuracy[1]:.4f}")
    print(f"ratio         {ours / theirs:6.2f}")
