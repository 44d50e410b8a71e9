"""Comparing strategies fairly: every strategy on the same problem, with the same seeds, counted in trials.

One run may be lucky, so each search is repeated with many seeds. After n trials the *incumbent* is the smallest loss so
far, and its *regret* is the distance to the optimum:

    incumbent_n = min(loss_1, ..., loss_n)          regret_n = incumbent_n - optimum

A mean over k independent parts is uncertain by its standard error, s.d. / sqrt(k). Searches that see the same tabulated
training run (`Problem.training`) share its luck and are one part: their mean comes first, then the error over these means,
and few of them need more than two errors (Student's t). Chapters 2 to 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpt_lab.loop.objective import CalledObjective, InProcess
from hpt_lab.loop.progress import bar
from hpt_lab.loop.session import search
from hpt_lab.problems import Problem
from hpt_lab.study import Strategy, Study
from hpt_lab.study.history import check_strategy
from hpt_lab.values.checks import flag, instance, integer, listable, one_of, plain, positive, require, seed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Paired", "compare", "paired", "search_here", "seed_list", "summary", "win_rate"]


def compare(
    strategies: Mapping[str, Strategy],
    problem: Problem,
    n_trials: int,
    seeds: int | Iterable[int] = 20,
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Run every strategy on `problem` with every seed, and return all losses and regrets.

    Run s has seed s in its study, and sees the training `problem.training(s)`, the same for all strategies.
    Raises ValueError or TypeError if an argument is wrong.

    Parameters
    ----------
    strategies : dict of Strategy, by name, in the order in which to list them
    problem : Problem, the objective to minimize
    n_trials : int, number of trials of each run; a strategy that ends earlier keeps its incumbent to the end
    seeds : int or iterable of int; an int k means 0 to k - 1
    progress : bool, whether to show a progress bar

    Returns
    -------
    DataFrame
        One row for each strategy, seed and trial (in this order), with the columns

        - strategy, seed
        - training: which tabulated training the run saw; the seed, if the problem has a single one and so no noise
        - trial: number of trials done, from 1 to n_trials
        - loss: of this trial; NaN if it failed, or after the strategy's end
        - incumbent: smallest loss so far, at the highest budget so far; NaN before the first success
        - regret: incumbent minus the best loss for this seed of the problem (`problem.optimum_at`)
        - expected_loss: mean loss of the incumbent's params over all seeds of the problem, including the searched one, so
          it looks better than a new training run would
        - cost: sum of the budgets so far; a trial of full training costs the largest budget, or 1 without budgets

    Examples
    --------
    >>> from hpt_lab import GridSearch, RandomSearch, problems
    >>> from hpt_lab.loop.comparison import compare, summary
    >>> strategies = {"grid": GridSearch(resolution=4), "random": RandomSearch()}
    >>> frame = compare(strategies, problems.branin(), n_trials=20, seeds=5, progress=False)
    >>> len(frame), summary(frame, at=20).shape
    (200, (2, 8))
    """
    import pandas as pd

    instance("compare: strategies", strategies, Mapping, "a dict, as in {'random': RandomSearch()}")
    if not strategies:
        raise ValueError("compare: strategies={} must name at least one, as in {'random': RandomSearch()}")
    for name, strategy in strategies.items():
        check_strategy(f"compare: strategies[{name!r}]", strategy)
    instance("compare: problem", problem, Problem, "a Problem, such as problems.branin()")
    n_trials, listed = positive("compare: n_trials", n_trials), seed_list("compare", seeds, 1)
    rows: list[dict[str, Any]] = []
    with bar("compare", len(strategies) * len(listed), "run", wanted=flag("compare: progress", progress)) as shown:
        for name, strategy in strategies.items():
            for one in listed:
                rows += _run_rows(name, strategy, problem, n_trials, one)
                shown.update()
    return pd.DataFrame(rows)


def seed_list(who: str, seeds: Any, least: int) -> list[int]:
    """Return the seeds as a list, 0 to k - 1 for an int k, with at least `least` of them (1 or 2), all different."""
    seeds = plain(seeds)
    if listable(seeds):
        listed = [seed(f"{who}: a seed in seeds", one) for one in seeds]
    else:
        listed = list(range(positive(f"{who}: seeds", seeds)))
    what = f"at least {'one seed' if least == 1 else 'two seeds'}, each of them once"
    require(least <= len(listed) == len(set(listed)), f"{who}: seeds", listed, what, ValueError)
    return listed


def search_here(study: Study, objective: Callable[..., float], n_trials: int) -> Study:
    """Continue a study in this process, and return it. Unlike `run`, it does not treat an interrupt as the end."""
    search(study, InProcess(CalledObjective(objective, study)), n_trials)
    return study


def _run_rows(name: str, strategy: Strategy, problem: Problem, n_trials: int, seed: int) -> list[dict[str, Any]]:
    """Return the n_trials rows of one search, even if the strategy ends earlier."""
    repetition, full = problem.training(seed), problem.budgets[-1] if problem.budgets else 1
    optimum = problem.optimum_at(repetition)
    study = search_here(Study(problem.space, strategy, seed=seed), partial(problem, seed=repetition), n_trials)
    training = repetition if problem.n_seeds > 1 else seed
    row: dict[str, Any] = {"strategy": name, "seed": seed, "training": training, "trial": 0}
    row |= {"loss": math.nan, "incumbent": math.nan, "regret": math.nan, "expected_loss": math.nan, "cost": 0}
    rows = []
    for trial, incumbent in zip(study.trials, study.history.incumbents, strict=True):
        if incumbent is not None and incumbent.number == trial.number:  # a new one
            row |= {"incumbent": trial.value, "regret": round(trial.value - optimum, 10)}  # type: ignore[operator]
            row["expected_loss"] = problem(trial.params, trial.budget, None)  # type: ignore[arg-type]
        row["cost"] += full if trial.budget is None else trial.budget
        row |= {"trial": row["trial"] + 1, "loss": math.nan if trial.value is None else trial.value}
        rows.append(row.copy())
    return rows + [{**row, "trial": number, "loss": math.nan} for number in range(len(rows) + 1, n_trials + 1)]


def summary(frame: pd.DataFrame, at: int | Sequence[int] | None = None, metric: str = "incumbent") -> pd.DataFrame:
    """Return mean, spread and median for each strategy after given numbers of trials, in the order of `frame`.

    Columns: strategy, trial, n_seeds, n_trainings, mean, sd (over seeds, with n - 1), se (of the mean), median. Seeds that
    saw the same training are averaged first: mean and se are over these averages (over the seeds, in a frame without the
    column `training`). Raises ValueError or TypeError if an argument is wrong.

    Parameters
    ----------
    frame : DataFrame, what `compare` returns
    at : int or list of int, optional, after how many trials; after all of them if None
    metric : str, the column to summarize
    """
    import pandas as pd

    rows = _rows_at(frame, at, metric, "summary")
    by = ["strategy", "trial"]
    groups = rows.groupby(by, sort=False)[metric]
    each = rows.groupby([*by, "training" if "training" in rows else "seed"], sort=False)[metric].mean()
    trainings = each.groupby(by, sort=False)
    statistics = {"n_seeds": groups.count(), "n_trainings": trainings.count(), "mean": trainings.mean()}
    statistics |= {"sd": groups.std(), "se": trainings.sem(), "median": groups.median()}
    return pd.DataFrame(statistics).reset_index()


class Paired(NamedTuple):
    """The mean of paired differences, its standard error, and the number of independent parts that it is over."""

    mean: float
    error: float
    n: int

    @property
    def margin(self) -> float:
        """The half width of the interval that holds the true mean 95 times in 100: two errors, more if n is small (Student's t)."""
        from scipy import stats

        return float(stats.t.isf(stats.norm.sf(2), self.n - 1) * self.error)


def paired(differences: Iterable[float], trainings: Iterable[int] | None = None) -> Paired:
    """Return the mean of paired differences with its standard error, counting what is independent.

    Differences that come from the same training run are averaged first, and the error is over these means: forty searches
    that saw three trained networks are three observations. Without `trainings`, each difference is independent. Raises
    ValueError if there are fewer than two independent parts, or not a training run for each difference.

    >>> paired([1.0, 1.2, 2.0, 2.2, 3.0, 3.2], [0, 0, 1, 1, 2, 2])
    Paired(mean=2.1, error=0.5773502691896258, n=3)
    >>> round(_.margin, 1)  # more than two errors, since three networks hardly show how much networks differ
    2.6
    """
    found = np.array(list(differences), float)
    if trainings is not None:
        own = np.array(list(trainings))
        if len(own) != len(found):
            must = f"must have one for each of {len(found)} differences"
            raise ValueError(f"paired: `trainings` has length {len(own)} but {must}")
        found = np.array([found[own == training].mean() for training in np.unique(own)])
    if len(found) < 2:
        raise ValueError(f"paired: {len(found)} independent part shows no spread, so there must be at least 2")
    return Paired(float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found))), len(found))


def win_rate(
    frame: pd.DataFrame, strategy: str, against: str, at: int | None = None, metric: str = "incumbent"
) -> float:
    """Return the share of the seeds on which `strategy` is better than `against` after `at` trials; a tie counts half.

    Raises ValueError if a strategy, the trial or the metric is not in the frame.
    """
    if at is not None:
        integer("win_rate: at", at)
    rows = _rows_at(frame, at, metric, "win_rate")
    for argument, name in (("strategy", strategy), ("against", against)):
        one_of(f"win_rate: {argument}", name, list(rows["strategy"].unique()))
    table = rows.pivot(index="seed", columns="strategy", values=metric)
    better, equal = table[strategy] < table[against], table[strategy] == table[against]
    return float(better.mean() + 0.5 * equal.mean())


def _rows_at(frame: pd.DataFrame, at: int | Sequence[int] | None, metric: str, who: str) -> pd.DataFrame:
    import pandas as pd

    instance(f"{who}: frame", frame, pd.DataFrame, "the DataFrame that compare returns")
    if frame.empty or not {"strategy", "seed", "trial"} <= set(frame):
        raise ValueError(f"{who}: frame={list(frame)} must have rows and the columns strategy, seed and trial")
    metrics = [name for name in frame.select_dtypes("number") if name not in ("seed", "training", "trial")]
    one_of(f"{who}: metric", metric, metrics)
    last = int(frame["trial"].max())
    several = listable(at)
    numbers = [last] if at is None else list(at) if several else [at]  # type: ignore[arg-type]
    if not numbers:
        raise ValueError(f"{who}: at=[] must hold at least one number of trials")
    for n_trials in numbers:
        right, what = 1 <= integer(f"{who}: at", n_trials) <= last, f"a number of trials between 1 and {last}"
        require(right, f"{who}: at", n_trials, what, ValueError)
    return frame[frame["trial"].isin(numbers)]
