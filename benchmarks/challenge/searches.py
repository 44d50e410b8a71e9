"""The searches of the challenge behind one small face: `suggest` a batch of points, `observe` their losses.

Each sees the same `kinds` of hyperparameters (see `tasks.Task`), and is used as its documentation says for batches. A
training that failed has the loss inf: ours is told so, the others never hear of it, as in the challenge.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

import hpt_lab as hpt
from hpt_lab.study import NothingToSuggest

INTEGER, BOOLEAN = "int", "bool"
Kinds = Mapping[str, tuple[str, float, float]]
Point = dict[str, Any]


class BatchSearch(Protocol):
    def suggest(self, n: int) -> list[Point]: ...

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None: ...


def drawn(kinds: Kinds, rng: np.random.Generator) -> Point:
    return {name: _drawn(kind, low, high, rng) for name, (kind, low, high) in kinds.items()}


def _drawn(kind: str, low: float, high: float, rng: np.random.Generator) -> Any:
    if kind == BOOLEAN:
        return bool(rng.integers(2))
    return int(rng.integers(int(low), int(high) + 1)) if kind == INTEGER else float(rng.random())


def made(kinds: Kinds, values: Sequence[Any]) -> Point:
    """Return the point of these values, in Python's types and within the bounds."""
    point: Point = {}
    for (name, (kind, low, high)), value in zip(kinds.items(), values, strict=True):
        value = min(max(float(value), low), high)
        point[name] = bool(round(value)) if kind == BOOLEAN else round(value) if kind == INTEGER else value
    return point


class Random:
    def __init__(self, kinds: Kinds, seed: int) -> None:
        self.kinds, self.rng = kinds, np.random.default_rng([seed, 7])

    def suggest(self, n: int) -> list[Point]:
        return [drawn(self.kinds, self.rng) for _ in range(n)]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        pass


class Ours:
    """A strategy of the lab, asked again and again before it is told."""

    def __init__(self, kinds: Kinds, seed: int, strategy: hpt.Strategy) -> None:
        dimensions: dict[str, Any] = {}
        for name, (kind, low, high) in kinds.items():
            number = hpt.Int(int(low), int(high)) if kind == INTEGER else hpt.Float(low, high)
            dimensions[name] = hpt.Categorical([False, True]) if kind == BOOLEAN else number
        self.kinds, self.rng = kinds, np.random.default_rng(seed)
        self.study, self.asked = hpt.Study(hpt.Space(dimensions), strategy, seed=seed), list[Any]()

    def suggest(self, n: int) -> list[Point]:
        self.asked = []
        with contextlib.suppress(NothingToSuggest):  # all of a finite space has been tried
            for _ in range(n):
                self.asked.append(self.study.ask())
        points = [dict(trial.params) for trial in self.asked]
        return points + [drawn(self.kinds, self.rng) for _ in range(n - len(points))]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        for trial, loss in zip(self.asked, losses, strict=False):
            if math.isfinite(loss):
                self.study.tell(trial, loss)
            else:
                self.study.tell(trial, error="the training failed")

    def recommended(self) -> Point:
        """Return the point that the lab delivers under noise: see `hpt_lab.recommend`."""
        return dict(hpt.recommend(self.study).params)


class Optuna:
    def __init__(self, kinds: Kinds, seed: int, sampler: str, **options: Any) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        of = optuna.distributions
        self.ranges: dict[str, Any] = {}
        for name, (kind, low, high) in kinds.items():
            number = of.IntDistribution(int(low), int(high)) if kind == INTEGER else of.FloatDistribution(low, high)
            self.ranges[name] = of.CategoricalDistribution([False, True]) if kind == BOOLEAN else number
        self.study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed, **options))
        self.failed, self.asked = optuna.trial.TrialState.FAIL, list[Any]()

    def suggest(self, n: int) -> list[Point]:
        self.asked = [self.study.ask(self.ranges) for _ in range(n)]
        return [dict(trial.params) for trial in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        for trial, loss in zip(self.asked, losses, strict=True):
            if math.isfinite(loss):
                self.study.tell(trial, loss)
            else:
                self.study.tell(trial, state=self.failed)


class ScikitOptimize:
    """Its own lie for batches is `cl_min`: each point has returned the best loss so far."""

    def __init__(self, kinds: Kinds, seed: int) -> None:
        from skopt import Optimizer

        box = [(int(low), int(high)) if kind == INTEGER else (0.0, 1.0) for kind, low, high in kinds.values()]
        dimensions = [[0, 1] if kind == BOOLEAN else one for (kind, _, _), one in zip(kinds.values(), box, strict=True)]
        self.kinds, self.optimizer, self.asked = kinds, Optimizer(dimensions, random_state=seed), list[Any]()

    def suggest(self, n: int) -> list[Point]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.asked = self.optimizer.ask(n_points=n)
        return [made(self.kinds, place) for place in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        told = [(place, loss) for place, loss in zip(self.asked, losses, strict=True) if math.isfinite(loss)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if told:
                self.optimizer.tell([place for place, _ in told], [loss for _, loss in told])


class Hyperopt:
    """Asked for one point after the other, of which the model knows nothing until they are observed."""

    def __init__(self, kinds: Kinds, seed: int) -> None:
        from hyperopt import Domain, Trials, hp

        space: dict[str, Any] = {}
        for name, (kind, low, high) in kinds.items():
            number = hp.uniform(name, low, high) if kind == "real" else hp.uniformint(name, low, high)
            space[name] = hp.choice(name, [False, True]) if kind == BOOLEAN else number
        self.kinds, self.rng = kinds, np.random.default_rng(seed)
        self.domain, self.trials, self.asked = Domain(lambda point: 0.0, space), Trials(), list[Any]()

    def suggest(self, n: int) -> list[Point]:
        from hyperopt import tpe

        self.asked = []
        for _ in range(n):
            ids = self.trials.new_trial_ids(1)
            self.asked += tpe.suggest(ids, self.domain, self.trials, int(self.rng.integers(2**31 - 1)))
        return [made(self.kinds, [trial["misc"]["vals"][name][0] for name in self.kinds]) for trial in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        from hyperopt import JOB_STATE_DONE

        for trial, loss in zip(self.asked, losses, strict=True):
            if math.isfinite(loss):
                trial.update(state=JOB_STATE_DONE, result={"loss": loss, "status": "ok"})
                self.trials.insert_trial_doc(trial)
        self.trials.refresh()


class Nevergrad:
    """(1+1) evolution with eight workers, as bayesmark runs it; its own choice, NGOpt, fails with NumPy 2.4."""

    def __init__(self, kinds: Kinds, seed: int) -> None:
        import nevergrad as ng

        parts: dict[str, Any] = {}
        for name, (kind, low, high) in kinds.items():
            number = ng.p.Scalar(lower=low, upper=high)
            parts[name] = ng.p.Choice([False, True]) if kind == BOOLEAN else number
            if kind == INTEGER:
                parts[name] = number.set_integer_casting()
        parameters = ng.p.Dict(**parts)
        parameters.random_state = np.random.RandomState(seed)
        self.kinds, self.asked = kinds, list[Any]()
        self.optimizer = ng.optimizers.registry["OnePlusOne"](parametrization=parameters, budget=128, num_workers=8)

    def suggest(self, n: int) -> list[Point]:
        self.asked = [self.optimizer.ask() for _ in range(n)]
        return [made(self.kinds, [asked.value[name] for name in self.kinds]) for asked in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        for asked, loss in zip(self.asked, losses, strict=True):
            if math.isfinite(loss):
                self.optimizer.tell(asked, loss)


class PySOT:
    """Radial basis functions and candidates around the best (SRBF), with up to eight evaluations at once."""

    def __init__(self, kinds: Kinds, seed: int) -> None:
        from pySOT.experimental_design import SymmetricLatinHypercube
        from pySOT.optimization_problems import OptimizationProblem
        from pySOT.strategy import SRBFStrategy
        from pySOT.surrogate import CubicKernel, LinearTail, RBFInterpolant

        np.random.seed(seed)  # all of it draws from NumPy's global generator
        problem, dim = OptimizationProblem(), len(kinds)
        problem.dim, problem.lb, problem.ub = dim, *np.array([(low, high) for _, low, high in kinds.values()], float).T
        whole = np.array([kind != "real" for kind, _, _ in kinds.values()])
        problem.int_var, problem.cont_var = np.flatnonzero(whole), np.flatnonzero(~whole)
        design = SymmetricLatinHypercube(dim=dim, num_pts=max(8, 2 * (dim + 1)))
        tail = LinearTail(dim)
        surrogate = RBFInterpolant(dim, problem.lb, problem.ub, kernel=CubicKernel(), tail=tail, eta=1e-4)
        self.strategy = SRBFStrategy(
            1_000_000, problem, design, surrogate, asynchronous=True, batch_size=1, use_restarts=True
        )
        self.state, self.kinds, self.asked = np.random.get_state(), kinds, list[Any]()

    def suggest(self, n: int) -> list[Point]:
        from poap.strategy import EvalRecord

        np.random.set_state(self.state)
        self.asked = []
        for _ in range(n):
            proposal = self.strategy.propose_action()
            proposal.record = EvalRecord(proposal.args, status="pending")
            proposal.accept()
            self.asked.append(proposal.record)
        self.state = np.random.get_state()
        return [made(self.kinds, np.ravel(record.params)) for record in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        np.random.set_state(self.state)
        for record, loss in zip(self.asked, losses, strict=True):
            if math.isfinite(loss):
                record.complete(loss)
        self.state = np.random.get_state()


class TuRBO:
    """One trust region and Thompson sampling (TuRBO-1), used as the challenge's starter kit uses it.

    Its authors' code is in no registry: https://github.com/uber-research/TuRBO, under Uber's non-commercial license.
    """

    def __init__(self, kinds: Kinds, seed: int) -> None:
        import torch
        from turbo import Turbo1
        from turbo.utils import latin_hypercube

        torch.manual_seed(seed)
        self.state = np.random.RandomState(seed).get_state()  # it draws from NumPy's global generator
        self.low, high = np.array([(low, high) for _, low, high in kinds.values()], float).T
        self.width, self.kinds, self.design = high - self.low, kinds, latin_hypercube
        n_init = max(8, 2 * len(kinds) + 1)
        self.search = Turbo1(
            lambda point: 0.0, self.low, high, n_init=n_init, max_evals=1_000_000, batch_size=8, verbose=False
        )
        self.asked = np.empty((0, len(kinds)))
        self._restart()

    def _restart(self) -> None:
        self.search._restart()
        self.search._X, self.search._fX = np.empty((0, len(self.kinds))), np.empty((0, 1))
        self.first = self.design(self.search.n_init, len(self.kinds))

    def suggest(self, n: int) -> list[Point]:
        from scipy.stats import norm, rankdata

        np.random.set_state(self.state)
        cube, self.first = self.first[:n], self.first[n:]
        if len(cube) < n:
            losses = self.search._fX.ravel()
            scores = norm.ppf(rankdata(losses, method="max") / (len(losses) + 1))
            candidates, draws, _ = self.search._create_candidates(
                (self.search._X - self.low) / self.width, scores, self.search.length, n_training_steps=100, hypers={}
            )
            cube = np.vstack([cube, self.search._select_candidates(candidates, draws)[: n - len(cube)]])
        self.asked = self.low + self.width * cube
        self.state = np.random.get_state()
        return [made(self.kinds, place) for place in self.asked]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        np.random.set_state(self.state)
        column = np.nan_to_num(np.array(losses, float))[:, None]
        if len(self.search._fX) >= self.search.n_init:
            self.search._adjust_length(column)
        self.search._X, self.search._fX = np.vstack([self.search._X, self.asked]), np.vstack([self.search._fX, column])
        if self.search.length < self.search.length_min:
            self._restart()
        self.state = np.random.get_state()


class HEBO:
    """The winner of the challenge, in the version that its authors have published since.

    Its model "gpy" warps the inputs, and has won. Version 0.3.6 still brings it, but no longer lists it; the model of its
    defaults, "gp", is another.
    """

    def __init__(self, kinds: Kinds, seed: int, model: str) -> None:
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.models.gp.gpy_wgp import GPyGP
        from hebo.models.model_factory import model_dict
        from hebo.optimizers.hebo import HEBO as Search

        model_dict["gpy"] = GPyGP
        torch.manual_seed(seed)
        self.state = np.random.RandomState(seed).get_state()  # it draws from NumPy's global generator
        types = {"real": "num", "int": "int", "bool": "bool"}
        space = [
            {"name": name, "type": types[kind], "lb": low, "ub": high} for name, (kind, low, high) in kinds.items()
        ]
        self.search = Search(DesignSpace().parse(space), model_name=model, scramble_seed=seed)
        self.kinds, self.asked = kinds, Any

    def suggest(self, n: int) -> list[Point]:
        np.random.set_state(self.state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.asked = self.search.suggest(n_suggestions=n)
        self.state = np.random.get_state()
        return [made(self.kinds, [row[name] for name in self.kinds]) for _, row in self.asked.iterrows()]

    def observe(self, points: Sequence[Point], losses: Sequence[float]) -> None:
        self.search.observe(self.asked, np.array(losses, float)[:, None])


SEARCHES: dict[str, tuple[str, Callable[[Kinds, int], BatchSearch]]] = {  # the package it needs, and how it is made
    "RandomSearch": ("hpt_lab", Random),
    "BayesianOptimization": ("hpt_lab", lambda kinds, seed: Ours(kinds, seed, hpt.BayesianOptimization())),
    "TPE": ("hpt_lab", lambda kinds, seed: Ours(kinds, seed, hpt.TPE())),
    "Optuna TPE": ("optuna", lambda kinds, seed: Optuna(kinds, seed, "TPESampler", constant_liar=True)),
    "Optuna GP": ("optuna", lambda kinds, seed: Optuna(kinds, seed, "GPSampler")),
    "scikit-optimize": ("skopt", ScikitOptimize),
    "Hyperopt": ("hyperopt", Hyperopt),
    "Nevergrad": ("nevergrad", Nevergrad),
    "pySOT": ("pySOT", PySOT),
    "TuRBO": ("turbo", TuRBO),
    "HEBO": ("hebo", lambda kinds, seed: HEBO(kinds, seed, "gpy")),
    "HEBO, defaults": ("hebo", lambda kinds, seed: HEBO(kinds, seed, "gp")),
}
