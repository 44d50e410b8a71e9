"""A strategy is `suggest(history)` and nothing else: a wrapper that only delegates it behaves as what it wraps."""

import pytest

import hpt_lab as hpt

SPACE = hpt.Space(x=hpt.Float(-1, 1), kind=["a", "b"], n=hpt.Int(1, 9).when(kind="b"))
EARLIER = hpt.tune(lambda p: p["x"] ** 2, SPACE, hpt.RandomSearch(), 6, seed=9, progress=False)
START = [{"x": 0.5, "kind": "a"}, {"x": 0.25}]
PLAIN = {
    "grid": hpt.GridSearch(3),
    "random": hpt.RandomSearch(),
    "quasi-random": hpt.QuasiRandomSearch(),
    "manual": hpt.ManualSearch([{"x": 0.1, "kind": "a"}, {"x": 0.2, "kind": "b", "n": 3}]),
    "Bayesian": hpt.BayesianOptimization(n_initial=3),
    "with earlier studies": hpt.BayesianOptimization(n_initial=3, earlier=[EARLIER]),
    "with a belief": hpt.BayesianOptimization(n_initial=3, belief={"x": 0.0}),
    "TPE": hpt.TPE(n_initial=3),
    "genetic": hpt.GeneticAlgorithm(5),
    "knowledge gradient": hpt.KnowledgeGradient(n_initial=3),
}
WITH_BUDGETS = {
    "halving": hpt.SuccessiveHalving(5, 1, 9),
    "halving TPE": hpt.SuccessiveHalving(6, 1, 9, source=hpt.TPE(n_initial=2)),
    "Hyperband": hpt.Hyperband(1, 9),
    "ASHA": hpt.ASHA(1, 9),
}


class Only:
    """A wrapper that a user may write: to log, say."""

    def __init__(self, inner):
        self.inner = inner

    def suggest(self, history):
        return self.inner.suggest(history)


class Runs:
    """An objective that yields, and keeps which of its runs are closed, in order."""

    def __init__(self):
        self.closed = []

    def __call__(self, params):
        try:
            for epoch in range(1, 28):
                yield params["x"] ** 2 + 1 / epoch
        finally:
            self.closed.append((params["x"], epoch))


def trials_of(study):
    shown = ("params", "budget", "value", "state", "info", "curve", "spent")
    return [tuple(getattr(trial, name) for name in shown) for trial in study.trials]


def both(strategy, objective, n_trials, **more):
    """Return what a search finds, and what the same search finds with the strategy wrapped."""
    return [
        trials_of(hpt.tune(objective, SPACE, one, n_trials, seed=4, progress=False, **more))
        for one in (strategy, Only(strategy))
    ]


@pytest.mark.parametrize("start", [[], START], ids=["", "start"])
@pytest.mark.parametrize("strategy", PLAIN.values(), ids=PLAIN)
def test_a_wrapped_strategy_finds_the_same_trials(strategy, start):
    bare, wrapped = both(strategy, lambda params: params["x"] ** 2 + params.get("n", 0), 9, start=start)
    assert wrapped == bare
    assert len(bare) >= 2 + len(start)


@pytest.mark.parametrize("start", [[], START], ids=["", "start"])
@pytest.mark.parametrize("strategy", WITH_BUDGETS.values(), ids=WITH_BUDGETS)
def test_a_wrapped_strategy_sets_the_same_budgets(strategy, start):
    bare, wrapped = both(strategy, lambda params, budget: params["x"] ** 2 + 1 / budget, 16, start=start)
    assert wrapped == bare
    assert len({budget for _, budget, *_ in bare}) > 1
    assert sum(info.get("origin") == "start" and info["rung"] == 0 for *_, info, _, _ in bare) == len(start)


@pytest.mark.parametrize("strategy", WITH_BUDGETS.values(), ids=WITH_BUDGETS)
def test_a_wrapped_strategy_pauses_and_closes_the_same_runs(strategy):
    closed = []
    for one in (strategy, Only(strategy)):
        runs, so_far = Runs(), []
        more = {"callbacks": [lambda study, trial, runs=runs, so_far=so_far: so_far.append(len(runs.closed))]}
        study = hpt.tune(runs, SPACE, one, 20, seed=1, progress=False, **more)
        closed.append((trials_of(study), so_far, runs.closed))
    assert closed[1] == closed[0]
    assert max(closed[0][1]) > 0  # before the end of the search


@pytest.mark.parametrize("strategy", [hpt.GridSearch(2), Only(hpt.GridSearch(2))], ids=["bare", "wrapped"])
def test_a_space_that_grows_under_a_grid_is_refused(strategy):
    def objective(hp):
        x = hp.Float("x", -1.0, 1.0)
        return x**2 + (hp.Int("late", 1, 3) if x > 0 else 0)

    with pytest.raises(ValueError, match="came up during the search, but a grid must know all hyperparameters"):
        hpt.tune(objective, hpt.HyperParameters(), strategy, 4, progress=False)


def test_a_strategy_of_a_user_that_sets_budgets_gets_the_params_to_start_with():
    class Alternating:
        def suggest(self, history):
            return hpt.Suggestion({"x": 0.9, "kind": "a"}, 1 + len(history.trials) % 2)

    study = hpt.tune(lambda params, budget: params["x"] / budget, SPACE, Alternating(), 4, start=START, progress=False)
    assert [(trial.params["x"], trial.budget) for trial in study.trials] == [(0.5, 1), (0.25, 2), (0.9, 1), (0.9, 2)]
