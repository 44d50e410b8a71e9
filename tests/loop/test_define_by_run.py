"""Define-by-run in `tune`: the objective asks `hp`, the space is what it asked for, and the search is that of the space."""

import pytest

import hpt_lab as hpt
from hpt_lab import HyperParameters, Space, Study, tune
from hpt_lab.loop import ByRun

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
    assert [(t.params, t.value, t.budget) for t in study.trials] == [
        (t.params, t.value, t.budget) for t in whole.trials
    ]
    assert study.best.attributes["kernel"] == study.best_params["kernel"]


def test_what_a_plain_if_hides_joins_the_space_and_earlier_trials_count_as_made_at_its_default():
    seen = []

    def objective(hp):
        deep = hp.Boolean("deep")
        width = hp.Int("width", 1, 9, default=3) if deep else 0
        seen.append((deep, width))
        return float(width)

    shown = []
    study = search(objective, callbacks=[lambda study, trial: shown.append(dict(trial.params))])
    first = next(i for i, (deep, _) in enumerate(seen) if deep)
    assert 0 < first < 7
    assert shown[: first + 1] == [{"deep": False}] * first + [{"deep": True, "width": 3}]
    for trial, (deep, width) in zip(study.trials, seen, strict=True):
        assert trial.params["deep"] == deep
        assert trial.params["width"] == (width if deep else trial.params["width"])
    assert [trial.params["width"] for trial in study.trials[:first]] == [3] * first
    assert len({width for _, width in seen}) > 3


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
    assert study.trials[0].params == {"rate": 0.0, "late": 0}
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
        (lambda hp: hp.Float("x", 3, 1), ValueError, r"min_value=3.0 must not be above max_value=1.0"),
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


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"start": [{"rate": 0.1}]},
            r"start=\[\{'rate': 0.1\}\] needs hyperparameters that are known: ask hp for them before",
        ),
        ({"start": Study({"x": [1]}, hpt.RandomSearch())}, "start=.* needs hyperparameters that are known"),
        ({"n_workers": 2}, "n_workers=2 must be 1, with no executor or trial_timeout: what a trial asks hp for"),
        ({"trial_timeout": 5}, "must be 1, with no executor or trial_timeout"),
    ],
    ids=["start", "study", "workers", "timeout"],
)
def test_what_define_by_run_cannot_do_is_said_before_any_training(more, message):
    trained = []
    with pytest.raises(ValueError, match=message) as caught:
        search(trained.append, **more)
    assert "\n" not in str(caught.value)
    assert trained == []
