"""Define-by-run in `tune`: the objective asks `hp`, the space is what it asked for, and the search is that of the space."""

import json
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import HyperParameters, Space, Study, tune
from hpt_lab.loop import ByRun
from hpt_lab.study.outcomes import Outcome

STRATEGIES = [
    hpt.RandomSearch(), hpt.QuasiRandomSearch(), hpt.BayesianOptimization(), hpt.TPE(), hpt.GeneticAlgorithm(), hpt.ASHA(1, 9),
]  # fmt: skip


def loss(hp, budget=1):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    kernel = hp.Choice("kernel", ["rbf", "poly"])
    with hp.conditional_scope("kernel", ["poly"]):
        degree = hp.Int("degree", 2, 5)
    return {"value": rate + (0 if degree is None else degree) + 1 / budget, "kernel": kernel}


def search(objective, strategy=None, n_trials=8, hp=None, **more):
    hp = HyperParameters() if hp is None else hp
    return tune(objective, hp, hpt.RandomSearch() if strategy is None else strategy, n_trials, progress=False, **more)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_the_first_trial_is_at_the_defaults_and_the_rest_as_in_a_search_of_the_whole_space(strategy):
    hp = HyperParameters()
    study = search(loss, strategy, hp=hp)
    first = {"rate": 1e-3, "kernel": "rbf"}
    assert (study.trials[0].params, study.trials[0].origin) == (first, "start")
    known = Space(
        rate=hpt.Float(1e-4, 1e-1, log=True), kernel=["rbf", "poly"], degree=hpt.Int(2, 5).when(kernel="poly")
    )
    assert study.space == known == hp.search_space()

    def of_params(params, budget=1):
        return loss(hp.copy(params), budget)

    whole = tune(of_params, known, strategy, 8, start=[first], progress=False)
    found, expected = ([(t.params, t.value, t.budget) for t in of.trials] for of in (study, whole))
    assert found == expected
    assert study.best.attributes["kernel"] == study.best_params["kernel"]


def test_what_a_plain_if_hides_joins_the_space_and_earlier_trials_count_as_made_at_its_default():
    seen = []

    def objective(hp):
        deep = hp.Boolean("deep")
        seen.append({"deep": deep, "width": hp.Int("width", 1, 9, default=3)} if deep else {"deep": deep})
        return float(seen[-1].get("width", 0))

    shown = []
    study = search(objective, callbacks=[lambda study, trial: shown.append((trial.params, trial.suggested))])
    first = next(i for i, params in enumerate(seen) if "width" in params)
    assert 0 < first < 7
    assert [trial.params for trial in study.trials] == seen == [params for params, _ in shown]
    assert [suggested for _, suggested in shown[: first + 1]] == seen[: first + 1]
    assert [trial.unused for trial in study.trials[: first + 1]] == [{"width": 3}] * first + [{}]
    assert all(study.space.contains(trial.suggested) for trial in study.trials)
    assert len({params["width"] for params in seen[first:] if "width" in params}) > 2


@pytest.mark.parametrize("strategy", [hpt.ASHA(1, 9), hpt.RandomSearch()], ids=["ASHA", "random"])
def test_one_that_yields_may_ask_again_when_it_goes_on(strategy):
    closed = []

    def objective(hp):
        rate = hp.Float("rate", 0.0, 1.0)
        try:
            for epoch in range(1, 10):
                if epoch > 2:
                    rate = rate + hp.Int("late", 0, 1)
                yield rate + 1 / epoch
        finally:
            closed.append(rate)

    study = search(objective, strategy, 20)
    assert [*study.space] == ["rate", "late"]
    for trial in study.trials:  # a lower rung has not asked yet
        assert set(trial.params) == ({"rate", "late"} if len(trial.curve) > 2 else {"rate"})
    assert study.best.suggested.keys() == study.best.params.keys() == {"rate", "late"}
    n_begun = len({trial.info.get("config", trial.number) for trial in study.trials})
    assert len(closed) == n_begun
    assert study.spent == sum(len(trial.curve) for trial in study.trials if not trial.info.get("rung")) + sum(
        trial.spent for trial in study.trials if trial.info.get("rung")
    )
    assert all(trial.spent < trial.budget for trial in study.trials if trial.info.get("rung"))


def test_a_search_that_is_kept_goes_on_as_if_it_had_not_stopped(tmp_path):
    def objective(hp):
        deep = hp.Boolean("deep")
        return float(hp.Int("width", 1, 9) if deep else 0)

    whole = search(objective, n_trials=12)
    for n_trials in (1, 2, 7, 12):
        study = search(objective, n_trials=n_trials, storage=tmp_path / "runs.db", name="a")
    assert [(t.params, t.value) for t in study.trials] == [(t.params, t.value) for t in whole.trials]


def test_hyperparameters_that_are_known_need_no_first_trial_at_their_defaults():
    hp = HyperParameters()
    hp.Float("rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    study = search(loss, hp=hp, start=[{"rate": 0.01}])
    assert study.trials[0].params == {"rate": 0.01, "kernel": "rbf"}
    assert [trial.origin for trial in study.trials] == ["start"] + [None] * 7
    assert [*study.space] == ["rate", "kernel", "degree"]
    study = search(lambda hp: hp.Float("rate", 5, 6) + hp.Int("n", 3, 9), hp=hp.prevailing("fix"))
    assert {trial.params["n"] for trial in study.trials} == {3}
    assert max(trial.params["rate"] for trial in study.trials) <= 0.1


def test_an_interrupted_search_goes_on_with_the_same_hp():
    hp, whole = HyperParameters(), search(loss, n_trials=6)

    def stops(hp):
        if hp.values.get("rate", 1e-3) != 1e-3:
            raise KeyboardInterrupt
        return loss(hp)

    study = search(stops, hp=hp, n_trials=6)
    assert len(study.trials) == 1
    hpt.run(study, ByRun(loss, hp), 6, progress=False)
    assert [(t.params, t.value) for t in study.trials] == [(t.params, t.value) for t in whole.trials]


def test_a_simulated_search_learns_what_its_trials_ask_for():
    hp = HyperParameters()
    study = Study(Space.empty(), hpt.RandomSearch())
    hpt.simulate(study, ByRun(loss, hp), lambda trial: 1.0, 1, 5)
    assert [(t.params, t.value) for t in study.trials] == [(t.params, t.value) for t in search(loss, n_trials=5).trials]


# What a run did not ask for is not in its params


class ByKernel:
    """The recipe's objective, with layers whose units exist only so far; it notes what each call asked for, and got."""

    def __init__(self):
        self.asked = []

    def __call__(self, hp, budget=1):
        asked = {"kernel": hp.Choice("kernel", ["rbf", "linear"])}
        self.asked.append(asked)
        asked["C"] = hp.Float("C", 1e-2, 1e3, sampling="log")
        if asked["C"] > 100:
            raise OSError("before all is asked")
        if asked["kernel"] == "rbf":
            asked["gamma"] = hp.Float("gamma", 1e-5, 1e0, sampling="log")
        asked["layers"] = hp.Int("layers", 1, 3)
        for layer in range(asked["layers"]):
            asked[f"units_{layer}"] = hp.Choice(f"units_{layer}", [(8,), (16,), (32,)])  # no values that JSON has
        return 9 * asked.get("gamma", 0.0) + 9 * (asked["kernel"] == "rbf") + asked["layers"] / budget

    def known(self):
        """Return an `hp` that knows every name."""
        hp = HyperParameters()
        for values in ({"layers": 3}, {"kernel": "linear"}):
            with_values = hp.copy(values)
            self(with_values)
            hp.add(hp.new_in(with_values))
        self.asked.clear()
        return hp.with_space(hp.get_config()["space"])


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_the_params_of_a_trial_are_what_its_run_asked_for(strategy, tmp_path):
    objective = ByKernel()
    study = search(objective, strategy, 24)
    assert [trial.params for trial in study.trials] == objective.asked
    assert len({frozenset(params) for params in objective.asked}) > 4
    assert {trial.state for trial in study.trials} == {"complete", "failed"}
    assert study.best_params == objective.asked[study.best.number] == study.history.ranked[0].params
    assert [trial.params for trial in study.history.failed] == [p for p in objective.asked if p["C"] > 100]
    frame = study.to_frame()
    assert [set(row.dropna().index) & {*study.space} for _, row in frame.iterrows()] == [*map(set, objective.asked)]
    assert Study.from_json(study.to_json(), study.space, strategy) == study

    kept = ByKernel()
    for n_trials in (1, 2, 9, 24):
        again = search(kept, strategy, n_trials, storage=tmp_path / "runs.db")
        again.close()
    assert kept.asked == objective.asked
    for stored in (again, Study.open(tmp_path / "runs.db")):
        assert [t.params for t in stored.trials] == objective.asked
        assert [t.unused for t in stored.trials] == [t.unused for t in study.trials]

    simulated = ByKernel()
    empty = Study(Space.empty(), strategy)
    hpt.simulate(empty, ByRun(simulated, HyperParameters()), lambda trial: 1.0, 1, 24)
    assert [trial.params for trial in empty.trials] == simulated.asked == objective.asked


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_a_strategy_goes_on_to_see_the_whole_point_that_it_suggested(strategy):
    objective = ByKernel()
    hp = objective.known()
    study = search(objective, strategy, 24, hp=hp)

    def whole(params, budget=1):
        return objective(hp.copy(params), budget)

    flat = tune(whole, hp.search_space(), strategy, 24, progress=False)
    found, expected = ([(t.suggested, t.value, t.budget) for t in of.trials] for of in (study, flat))
    assert found == expected
    assert any(trial.unused for trial in study.trials)


class Climb:
    """A strategy of a reader, which takes the params of a trial for a point of the space."""

    def __init__(self):
        self.seen = []

    def suggest(self, history):
        self.seen.append([dict(trial.params) for trial in history.trials])
        best = history.incumbent
        u = history.rng.random(len(history.space)) if best is None else history.space.encode(best.params)
        return hpt.Suggestion(history.space.decode(np.clip(u + history.rng.normal(0, 0.2, len(u)), 0, 1)))


def test_a_strategy_of_ones_own_needs_to_know_nothing_of_it():
    climb, objective = Climb(), ByKernel()
    study = search(objective, climb, 24, hp=objective.known())
    assert [trial.params for trial in study.trials] == objective.asked
    assert all(len(params) == len(study.space) for seen in climb.seen for params in seen)
    assert climb.seen[-1] == [trial.suggested for trial in study.trials[:-1]]
    assert study.history.as_suggested.trials[0].unused == {}
    same = search(loss, n_trials=4)
    assert same.history.as_suggested is not None
    assert same.history.as_suggested.trials.log is same.history.trials.log  # nothing to be put back: the same trials


def test_several_at_once_keep_apart_what_each_has_asked_for(tmp_path):
    objective, hp = ByKernel(), HyperParameters()
    study = Study(Space.empty(), hpt.RandomSearch(), storage=tmp_path / "runs.db")
    found = hpt.simulate(study, ByRun(objective, hp), lambda trial: 1.0 + trial.number % 5, 4, 30)
    order = [m.number for m in sorted(found.moments, key=lambda m: (m.ended, m.number))]
    assert order != sorted(order)
    assert [study.trials[number].params for number in order] == objective.asked


def test_a_training_that_ended_early_has_asked_for_no_more_on_a_higher_rung():
    def objective(hp):
        x = hp.Float("x", 0.0, 1.0)
        if hp.Boolean("deep"):
            x += hp.Float("y", 0.0, 1.0)
        yield x

    study = search(objective, hpt.ASHA(1, 9), 40)
    higher = [trial for trial in study.trials if trial.info["rung"]]
    assert {trial.spent for trial in higher} == {0.0}
    assert {trial.params["deep"] for trial in higher} == {False, True}
    for trial in study.trials:
        assert ("y" in trial.params) == trial.params["deep"]


def test_a_trial_that_another_process_widens_under_is_told_with_what_it_asked_for(tmp_path):
    def objective(hp):
        return float(hp.Int("width", 1, 9, default=3) if hp.Boolean("deep") else 0)

    file, hp = tmp_path / "runs.db", HyperParameters()
    ours = search(objective, n_trials=1, hp=hp, storage=file)
    trials = [ours.ask() for _ in range(3)]
    assert [trial.params for trial in trials].count({"deep": False}) == 1
    theirs = search(objective, n_trials=12, storage=file)
    assert [*theirs.space] == ["deep", "width"]
    by_run = ByRun(objective, hp)
    for trial in trials:
        assert ours.trials[trial.number].params == {**trial.params, "width": 3}
        asked = hp.copy(trial.params)
        by_run.tell(ours, trial, Outcome(by_run.__wrapped__(asked), asked=asked))
        assert ours.trials[trial.number].params == (
            {"deep": True, "width": 3} if trial.params["deep"] else trial.params
        )
    assert [t.params for t in Study.open(file).trials] == [t.params for t in ours.trials]


def test_an_orphan_that_is_trained_again_is_trimmed_as_well(tmp_path):
    whole, objective = ByKernel(), ByKernel()
    expected = search(whole, n_trials=12)
    study = search(objective, n_trials=7, storage=tmp_path / "runs.db")
    study.ask()
    study.close()
    study = search(objective, n_trials=12, storage=tmp_path / "runs.db")
    assert [t.params for t in study.trials] == [t.params for t in expected.trials] == objective.asked


def test_what_get_hands_out_counts_as_asked_for_and_what_a_closed_scope_hides_does_not():
    def objective(hp):
        kind = hp.Choice("kind", ["a", "b"])
        if "late" not in hp:
            hp.Int("late", 0, 9)
        with hp.conditional_scope("kind", ["b"]):
            hp.Int("only_b", 1, 3)
        return float(hp.get("late")) if kind == "b" else 1.0

    study = search(objective, n_trials=12)
    assert study.trials[0].params == {"kind": "a", "late": 0}
    for trial in study.trials[1:]:
        assert set(trial.params) == ({"kind", "late", "only_b"} if trial.params["kind"] == "b" else {"kind"})


def test_the_report_figures_and_advice_of_such_a_search(tmp_path, capsys):
    from hpt_lab import plots
    from hpt_lab.tools.command_line import main

    objective, file = ByKernel(), tmp_path / "runs.db"
    study = search(objective, hpt.RandomSearch(), 40, storage=file, name="svm")
    assert not {"gamma", "units_2"} & study.best_params.keys()
    page = study.report(tmp_path / "page.html").read_text(encoding="utf-8")
    best = page[page.index("{\n") :]
    assert "gamma" not in best[: best.index("}")]
    n_rbf = sum("gamma" in trial.params for trial in study.history.finished)
    assert f"Values of {n_rbf} trials against gamma." in page
    assert hpt.importance(study).shares.keys() == set(study.space)
    assert hpt.recommend(study) in study.trials
    axes = plots.parallel_coordinates(study)
    column = [*study.space].index("gamma")
    lines = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert sum(np.isfinite(line.get_ydata()[column]) for line in lines) == n_rbf
    with pytest.raises(ValueError, match=r"heatmap: y='gamma' must be one of \['kernel', 'C', 'layers', 'units_0'\]"):
        plots.heatmap(study, "C", "gamma")
    plots.heatmap(study, "C", "layers")
    plots.coverage(study, "C", "gamma")
    main(["export", str(file), "-o", str(tmp_path / "trials.json"), "--format", "json"])
    exported = json.loads((tmp_path / "trials.json").read_text(encoding="utf-8"))
    assert [set(trial["params"]) for trial in exported] == [*map(set, objective.asked)]


def test_the_trials_of_such_a_search_are_a_warm_start_of_any_other():
    objective = ByKernel()
    earlier = search(objective, n_trials=24)
    for space in (earlier.space, conditional(earlier.space)):
        study = Study(space, hpt.TPE(), start=earlier)
        assert study.start[0].items() >= earlier.best_params.items()
        added = study.add_trials(earlier)
        assert [t.params for t in added] == [t.params for t in earlier.history.finished]
        assert study.add_trials(earlier) == []
        assert study.ask().params
        assert Study.from_json(study.to_json(), space, hpt.TPE()) == study


def conditional(space):
    """Return the space with conditions in the place of the plain `if`s."""
    units = {f"units_{n}": space[f"units_{n}"].when(layers=list(range(n + 1, 4))) for n in (1, 2)}
    return Space({**space.dimensions, "gamma": space["gamma"].when(kernel="rbf"), **units})


# What may go wrong


def nothing(hp):
    return 1.0


def breaks(hp):
    raise OSError("the disk is full")


@pytest.mark.parametrize(
    ("objective", "error", "message"),
    [
        (nothing, ValueError, "must ask hp for a hyperparameter"),
        (breaks, OSError, "the disk is full"),
        (lambda hp: hp.Float("x", 3, 1), ValueError, r"min_value=3.0 must be below max_value=1.0"),
    ],
    ids=["nothing", "breaks", "wrong"],
)
@pytest.mark.parametrize(
    "strategy", [hpt.BayesianOptimization(), hpt.TPE()], ids=lambda strategy: type(strategy).__name__
)
def test_a_first_trial_that_asks_for_nothing_ends_the_search_which_can_go_on(objective, error, message, strategy):
    hp = HyperParameters()
    with pytest.raises(error, match=message) as caught:
        search(objective, strategy, hp=hp)
    study = caught.value.study
    assert len(study.trials) == 1
    hpt.run(study, ByRun(loss, hp), 6, progress=False)
    assert study.trials[1].params == {"rate": 1e-3, "kernel": "rbf"}
    assert study.history.n_suggested == 4


def test_a_failed_trial_teaches_what_it_had_asked_for():
    def objective(hp):
        rate = hp.Float("rate", 0.0, 1.0)
        if rate == 0:
            raise OSError
        return rate

    study = search(objective)
    assert [trial.state for trial in study.trials] == ["failed"] + ["complete"] * 7


def late(hp):
    return float(hp.Int("width", 1, 9) if hp.Boolean("deep") else 0)


def test_a_grid_has_to_know_all_after_the_first_trial():
    study = search(loss, hpt.GridSearch(3), 99)
    assert len(study.trials) == 1 + 3 * (1 + 3)
    with pytest.raises(
        ValueError, match=r"GridSearch: \['width'\] came up during the search, but a grid must know all"
    ) as caught:
        search(late, hpt.GridSearch(), 9)
    assert all(study.space.contains(trial.params) for study in [caught.value.study] for trial in study.trials)


# In other processes and threads, and by hand


def by_kernel(hp, trial=None):
    """The objective above, smaller, and with a handle, which is told what was asked for."""
    asked = {"kernel": hp.Choice("kernel", ["rbf", "linear"]), "C": hp.Float("C", 1e-2, 1e3, sampling="log")}
    trial.attributes["asked"] = [*asked]
    if asked["C"] > 30:
        raise OSError("before all is asked")
    if asked["kernel"] == "rbf":
        asked["gamma"] = hp.Float("gamma", 1e-5, 1e0, sampling="log")
    asked["units"] = hp.Choice("units", [(8,), (16,), (32,)])  # no values that JSON has
    trial.attributes["asked"] = [*asked]
    for epoch in range(1, 10):
        if trial.report(9 * asked.get("gamma", 0.0) + asked["units"][0] / epoch):
            break


def as_yields(hp):
    told = []
    handle = SimpleNamespace(attributes={}, report=told.append)
    by_kernel(hp, handle)
    for value in told:
        yield {"value": value, "asked": handle.attributes["asked"]}


def whole(study):
    return [(t.number, t.params, t.suggested, t.budget, t.value, t.state, t.curve, t.spent) for t in study.trials]


@pytest.mark.parametrize("objective", [by_kernel, as_yields, loss])
@pytest.mark.parametrize("strategy", [hpt.TPE(), hpt.ASHA(1, 9)], ids=["TPE", "ASHA"])
@pytest.mark.parametrize(
    "how", [{"trial_timeout": 600}, {"executor": lambda: ThreadPoolExecutor(1)}], ids=["process", "thread"]
)
def test_a_worker_asks_for_what_the_search_itself_would(objective, strategy, how):
    expected, found = search(objective, strategy, 24), search(objective, strategy, 24, **how)
    assert whole(found) == whole(expected)
    assert found.space == expected.space
    assert found.notes == expected.notes
    if objective is not loss:
        assert {trial.state for trial in found.trials} == {"complete", "failed"}
        done = [trial for trial in found.trials if trial.attributes]
        assert all(set(trial.params) == set(trial.attributes["asked"]) for trial in done)


@pytest.mark.parametrize("how", [{"n_workers": 2}, {"executor": lambda: ProcessPoolExecutor(2)}], ids=["ours", "pool"])
def test_several_workers_ask_after_the_first_has_shown_the_space(how, tmp_path):
    study = search(by_kernel, hpt.TPE(), 16, hp=HyperParameters(), storage=tmp_path / "runs.db", **how)
    assert [*study.space][:2] == ["kernel", "C"]
    defaults = study.trials[0].params
    assert [trial.params for trial in study.trials].count(defaults) == 1
    for stored in (study, Study.open(tmp_path / "runs.db")):
        assert len(stored.trials) == 16
        assert all(set(trial.params) == set(trial.attributes["asked"]) for trial in stored.trials)


def test_what_two_trials_at_once_define_differently_fails_the_one_that_is_told_last():
    hp = HyperParameters()
    study, by_run = hp.study(hpt.RandomSearch()), ByRun(loss, hp)

    def trained(high):
        trial = study.ask()
        asked = hp.copy(trial.params)
        return trial, Outcome(asked.Float("x", 0, 1) + (0 if high is None else asked.Float("y", 0, high)), asked=asked)

    by_run.tell(study, *trained(None))
    first, second = trained(1), trained(2)  # in two processes, neither knows of the other
    by_run.tell(study, *first)
    by_run.tell(study, *second)
    by_run.tell(study, *trained(1))
    assert [trial.state for trial in study.trials] == ["complete", "complete", "failed", "complete"]
    assert "'y' is already registered" in study.trials[2].error
    assert [set(trial.params) for trial in study.trials] == [{"x"}, {"x", "y"}, {"x", "y"}, {"x", "y"}]
    assert study.space["y"].high == 1


def dies(hp):
    x = hp.Float("x", 0, 1)
    if x > 0.5:
        os._exit(1)
    return x + hp.Float("y", 0, 1)


def test_a_worker_that_dies_takes_along_what_it_asked_for_and_its_trial_keeps_its_params():
    study = search(dies, n_trials=8, n_workers=1, trial_timeout=600, max_retries=0)
    assert [trial.state for trial in study.trials].count("failed") in range(1, 8)
    for trial in study.trials:
        assert (trial.state == "failed") == (trial.params["x"] > 0.5)
        assert set(trial.params) == {"x", "y"}


def test_asking_and_telling_by_hand_is_the_same_search(tmp_path):
    def objective(hp):
        x = hp.Float("x", 0.0, 1.0)
        return (x if hp.Boolean("plain") else x + hp.Float("y", 0.0, 1.0)), x

    both = {"directions": ["minimize", "maximize"], "seed": 2}
    expected = search(objective, hpt.TPE(), 20, **both)
    for n in (4, 13, 20):
        hp = HyperParameters()
        study = hp.study(hpt.TPE(), storage=tmp_path / "runs.db", **both)
        while len(study.trials) < n:
            trial = study.ask()
            mine = hp.copy(trial.params)
            mine.tell(study, trial, objective(mine))
        study.close()
    assert [(t.params, t.suggested, t.objectives) for t in study.trials] == [
        (t.params, t.suggested, t.objectives) for t in expected.trials
    ]
    assert study.notes == expected.notes


def test_by_hand_an_error_fails_and_one_of_value_and_error_is_wanted():
    hp = HyperParameters()
    study = hp.study(hpt.RandomSearch())
    trial = study.ask()
    mine = hp.copy(trial.params)
    mine.Float("x", 0, 1)
    for wrong in ({}, {"value": 1.0, "error": "no"}):
        with pytest.raises(
            ValueError, match=r"HyperParameters\.tell: value=.* or error=.* must be None, and one alone"
        ):
            mine.tell(study, trial, **wrong)
    mine.tell(study, trial, error="out of memory")
    assert (study.trials[0].error, study.trials[0].params) == ("out of memory", {"x": 0.0})
    trial = study.ask()
    mine = hp.copy(trial.params)
    mine.tell(study, trial, mine.Float("x", 0, 1))
    assert study.best_params == trial.params
    with pytest.raises(ValueError, match="already complete"):
        mine.tell(study, trial, 1.0)
