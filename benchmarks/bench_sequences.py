"""The same trials everywhere: sequences of params under other arithmetic, compared trial by trial.

    python benchmarks/bench_sequences.py

Six problems, four seeds, forty trials each of BayesianOptimization and TPE: 48 sequences. Each row computes them in a
process of its own: one thread and two, every OpenBLAS kernel that this processor runs, NumPy without its AVX code, other
Pythons with the pinned versions (see tools/portability.py). A row that differs says in how many sequences, and how early.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab import problems

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
N_SEEDS, N_TRIALS = 4, 40
NAMES = ("branin", "hartmann6", "svm_digits", "forest_boston", "mlp_mnist")
STRATEGIES = {"bayesian": hpt.BayesianOptimization, "tpe": hpt.TPE}


def pipeline(params):
    """A conditional space of all kinds of dimensions, with a valley in each arm."""
    loss = abs(math.log10(params["C"]) - 1.0) + 0.1 * (params["scale"] == "none")
    if params["model"] == "svm":
        return round(loss + (math.log10(params["gamma"]) + 2.0) ** 2, 9)
    return round(loss + 0.05 * (params["depth"] - 7) ** 2 + 0.3, 9)


PIPELINE = hpt.Space(
    C=hpt.Float(1e-3, 1e3, log=True),
    scale=["none", "standard", "minmax"],
    model=["svm", "forest"],
    gamma=hpt.Float(1e-5, 1e1, log=True).when(model="svm"),
    depth=hpt.Int(1, 20).when(model="forest"),
)


def sequences():
    """{"strategy problem seed": params of all trials, as text}."""
    tasks = [(name, problems.get(name), problems.get(name).space) for name in NAMES]
    tasks.append(("pipeline", pipeline, PIPELINE))
    found = {}
    for strategy, make in STRATEGIES.items():
        for name, objective, space in tasks:
            for seed in range(N_SEEDS):
                study = hpt.tune(lambda p, f=objective: f(p), space, make(), N_TRIALS, seed=seed, progress=False)
                found[f"{strategy} {name} {seed}"] = [repr(trial.params) for trial in study.trials]
    return found


def rows():
    """(name, sequences or the reason to skip) of each configuration."""
    from tools.portability import BASE, configurations, run

    for name, python, environment, reason in configurations():
        if not reason:
            command = [python, str(Path(__file__).resolve()), "--print"]
            done = run(command, BASE | environment)
            done.check_returncode()
        yield name, reason or json.loads(done.stdout)


def differences(ours, theirs):
    """{sequence: number of its first trial that differs}."""
    return {
        key: next(i for i, (a, b) in enumerate(zip(ours[key], theirs[key], strict=True)) if a != b)
        for key in ours
        if ours[key] != theirs[key]
    }


def main():
    reference, n_different = None, 0
    print(f"{'configuration':<36} {'equal':>6} {'differ':>6}  first difference", flush=True)
    for name, found in rows():
        if isinstance(found, str):
            print(f"{name:<36} skipped: {found}", flush=True)
            continue
        reference = reference or found
        different = differences(reference, found)
        n_different += bool(different)
        first = ", ".join(f"{key}: trial {i}" for key, i in list(different.items())[:3])
        print(f"{name:<36} {len(found) - len(different):>6} {len(different):>6}  {first}", flush=True)
    return n_different


@pytest.mark.benchmark
def test_the_same_trials_under_every_arithmetic():
    assert main() == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        print(json.dumps(sequences()))
    else:
        sys.exit(main() > 0)
