"""Comparing strategies fairly: every strategy on the same problem, with the same seeds, counted in trials.

One run is a lucky or an unlucky one, so a comparison repeats each search with many seeds, and looks at the spread as
well as at the mean. After n trials the *incumbent* is the smallest loss so far, and its *regret* what is still missing:

    incumbent_n = min(loss_1, ..., loss_n)          regret_n = incumbent_n - optimum

A mean over k seeds is uncertain by its standard error, s.d. / sqrt(k). This is the luck of the strategy's dice: runs that
share a tabulated training (seed modulo `n_seeds`) are not independent repetitions of the training. Two strategies run
with the same seeds are compared seed by seed (`win_rate`). Chapters 2 to 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hpt_lab.loop import run
from hpt_lab.problems import Problem
from hpt_lab.study import Strategy, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "summary", "win_rate"]


def compare(
    strategies: Mapping[str, Strategy],
    problem: Problem,
    n_trials: int,
    seeds: int | Iterable[int] = 20,
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Run every strategy on `problem` with every seed.

    Run s has seed s in its study, and sees the problem's seed s modulo `problem.n_seeds`, the same for all strategies.

    Parameters
    ----------
    strategies : dict of Strategy
        By name, in the order in which they will be listed.
    problem : Problem
        What to minimise.
    n_trials : int
        Trials of each run. A strategy that ends before keeps its incumbent to the end.
    seeds : int or iterable of int
        The seeds; an int k means 0 to k - 1.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    DataFrame
        One row for each strategy, seed and trial (that order), with the columns

        strategy, seed
        trial : number of trials done, from 1 to n_trials
        loss : of this trial; NaN if it failed, or after the strategy's end
        incumbent : smallest loss so far, at the highest budget so far; NaN before the first success
        regret : incumbent minus the best loss that this seed of the problem has (`problem.optimum_at`)
        expected_loss : mean of the incumbent's params over all seeds of the problem, the searched one among them:
            with n seeds the n-th part of it is the flattered incumbent, so it forecasts a new training too well
        cost : sum of the budgets so far; a trial of full training costs the largest budget, or 1 without budgets

    Raises
    ------
    ValueError
        If there is no strategy, no seed, a seed twice, or n_trials is below 1.

    Examples
    --------
    >>> from hpt_lab import GridSearch, RandomSearch, problems
    >>> from hpt_lab.comparison import compare, summary
    >>> strategies = {"grid": GridSearch(resolution=4), "random": RandomSearch()}
    >>> frame = compare(strategies, problems.branin(), n_trials=20, seeds=5, progress=False)
    >>> len(frame), summary(frame, at=20).shape
    (200, (2, 7))
    """
    import pandas as pd

    seeds = list(range(seeds)) if isinstance(seeds, (int, np.integer)) else list(seeds)
    if not isinstance(strategies, Mapping) or not strategies:
        raise ValueError("compare: strategies must name at least one, as in {'random': RandomSearch()}")
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"compare: seeds={seeds} must be at least one seed, each of them once")
    runs = [(name, seed) for name in strategies for seed in seeds]
    rows: list[dict[str, Any]] = []
    for name, seed in _bar(runs, progress):
        rows += _one_run(name, strategies[name], problem, n_trials, seed)
    return pd.DataFrame(rows)


def _bar(runs: Sequence[tuple[str, int]], progress: bool) -> Iterable[tuple[str, int]]:
    if not progress:
        return runs
    from tqdm import tqdm

    return tqdm(runs, desc="compare", unit="run")


def _one_run(name: str, strategy: Strategy, problem: Problem, n_trials: int, seed: int) -> list[dict[str, Any]]:
    """The rows of one search."""
    repetition = seed % problem.n_seeds
    optimum = problem.optimum_at(repetition)
    full = problem.budgets[-1] if problem.budgets else 1

    def objective(params: Mapping[str, Any], budget: float | None = None) -> float:
        return problem(params, budget, repetition)  # type: ignore[arg-type]

    study = run(Study(problem.space, strategy, seed=seed), objective, n_trials, progress=False)
    nan = float("nan")
    incumbent = expected = nan
    highest: float = 0
    cost: float = 0
    rows = []
    for number in range(1, n_trials + 1):
        trial = study.trials[number - 1] if number <= len(study.trials) else None
        loss = nan
        if trial is not None:
            budget = full if trial.budget is None else trial.budget
            cost += budget
            if trial.value is not None:
                loss = trial.value
                if budget > highest or (budget == highest and loss < incumbent):
                    highest, incumbent, expected = budget, loss, problem(trial.params, trial.budget, None)  # type: ignore[arg-type]
        result = {"loss": loss, "incumbent": incumbent, "regret": round(incumbent - optimum, 10)}
        rows.append(
            {"strategy": name, "seed": seed, "trial": number, **result, "expected_loss": expected, "cost": cost}
        )
    return rows


def summary(frame: pd.DataFrame, at: int | Sequence[int] | None = None, metric: str = "incumbent") -> pd.DataFrame:
    """Mean, spread and median of each strategy after given numbers of trials.

    Parameters
    ----------
    frame : DataFrame
        What `compare` returns.
    at : int or list of int, optional
        After how many trials; after all of them if None.
    metric : str
        The column to summarise.

    Returns
    -------
    DataFrame
        Columns strategy, trial, n_seeds, mean, sd (over seeds, with n - 1), se (of the mean: sd / sqrt(n_seeds)),
        median; strategies in the order of `frame`.

    Raises
    ------
    ValueError
        If a number in `at` is not one of the frame's trials, or the metric is not a column.
    """
    import pandas as pd

    rows = _rows_at(frame, at, metric, "summary")
    groups = rows.groupby(["strategy", "trial"], sort=False)[metric]
    statistics = {"n_seeds": groups.count(), "mean": groups.mean(), "sd": groups.std(), "se": groups.sem()}
    return pd.DataFrame({**statistics, "median": groups.median()}).reset_index()


def win_rate(
    frame: pd.DataFrame, strategy: str, against: str, at: int | None = None, metric: str = "incumbent"
) -> float:
    """Share of the seeds on which `strategy` is better than `against` after `at` trials; a draw counts one half.

    Raises ValueError if a strategy, the trial or the metric is not in the frame.
    """
    rows = _rows_at(frame, at, metric, "win_rate").pivot(index="seed", columns="strategy", values=metric)
    for name in (strategy, against):
        if name not in rows:
            raise ValueError(f"win_rate: strategy {name!r} must be one of {list(rows.columns)}")
    better, equal = rows[strategy] < rows[against], rows[strategy] == rows[against]
    return float(better.mean() + 0.5 * equal.mean())


def _rows_at(frame: pd.DataFrame, at: int | Sequence[int] | None, metric: str, who: str) -> pd.DataFrame:
    """The rows of `frame` after the given numbers of trials."""
    last = int(frame["trial"].max())
    numbers = [last] if at is None else [at] if isinstance(at, (int, np.integer)) else list(at)
    for number in numbers:
        if not 1 <= number <= last:
            raise ValueError(f"{who}: at={number} must be a number of trials between 1 and {last}")
    if metric not in frame:
        raise ValueError(f"{who}: metric={metric!r} must be one of {list(frame.columns)}")
    return frame[frame["trial"].isin(numbers)]
