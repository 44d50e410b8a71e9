"""The page that says how good the lab is holds what the benchmarks have stored, and the challenge's searches keep their face."""

import json
from pathlib import Path

import how_good
import numpy as np
import pytest
from bench_challenge import OURS, REFERENCE, TASKS, example, scores, show, summary
from challenge.searches import SEARCHES, Ours, made
from challenge.tasks import NAMES, cheap, dearer, yard

import hpt_lab as hpt

KINDS = {"rate": ("real", 0, 1), "units": ("int", 1, 15), "bias": ("bool", 0, 1)}


def test_the_page_is_what_the_results_make_of_it():
    assert how_good.PAGE.read_text(encoding="utf-8") == how_good.page()


@pytest.fixture(scope="module")
def found():
    return how_good.load("challenge")


@pytest.mark.parametrize(("name", "part"), [("challenge", "judge"), ("challenge_dearer", "dearer")])
def test_the_table_has_the_runs_that_it_says(name, part):
    found = how_good.load(name)
    assert set(found["tasks"]) == set(TASKS[part])
    assert {OURS, REFERENCE} <= set(found["searches"]) <= set(SEARCHES)
    for name, row in found["searches"].items():
        assert row["n_tasks"] == len(found["tasks"]), name  # so that the mean scores can be compared
        assert row["n_runs"] == row["n_tasks"] * row["n_seeds"], name


def test_the_lot_leaves_two_thirds_to_the_judge():
    assert len(yard()) * 3 == len(NAMES)
    for name in ("judge", "dearer"):
        assert not yard() & set(TASKS[name])
    assert not set(cheap()) & set(dearer())
    pairs = {name.rsplit("_", 1)[0] for name in yard()}
    assert yard() == {name for name in NAMES if name.rsplit("_", 1)[0] in pairs}  # both metrics of a model and its data


@pytest.mark.parametrize("name", [name for name, (package, _) in SEARCHES.items() if package in ("hpt_lab", "optuna")])
def test_a_search_suggests_points_of_its_space_and_stands_a_training_that_failed(name):
    pytest.importorskip(SEARCHES[name][0])
    if name == "Optuna GP":
        pytest.importorskip("torch")
    search = SEARCHES[name][1](KINDS, 3)
    for losses in ([1.0, float("inf"), 0.5], [0.25, 2.0, 1.5]):
        points = search.suggest(3)
        assert [sorted(point) for point in points] == [sorted(KINDS)] * 3
        for point in points:
            assert 0 <= point["rate"] <= 1
            assert type(point["units"]) is int
            assert 1 <= point["units"] <= 15
            assert type(point["bias"]) is bool
        search.observe(points, losses)


def test_ours_learns_of_a_batch_only_when_it_is_observed():
    search = Ours(KINDS, 0, hpt.BayesianOptimization())
    points = search.suggest(8)
    assert len(search.study.history.running) == 8
    search.observe(points, [1.0] * 7 + [float("inf")])
    assert [trial.state for trial in search.study.trials] == ["complete"] * 7 + ["failed"]


def test_a_space_with_fewer_points_than_trials_is_filled_with_random_ones():
    search = Ours({"bias": ("bool", 0, 1)}, 0, hpt.BayesianOptimization())
    points = search.suggest(8)
    search.observe(points, [float(point["bias"]) for point in points])
    assert len(points) == 8
    assert len(search.study.trials) == 2


def test_values_of_others_are_made_pythons_and_brought_within_the_bounds():
    assert made(KINDS, np.array([1.5, 3.6, 0.9])) == {"rate": 1.0, "units": 4, "bias": True}


def run(search, losses, task="DT_iris_nll", again=0.0):
    found = {"seen": losses, "held_out": losses, "again": again, "thinking": 1.28}
    return {"search": search, "task": task, "seed": 0, **found}


def test_the_median_of_random_search_scores_nothing_and_the_best_of_anybody_a_hundred():
    random = run(REFERENCE, list(np.linspace(1, 3, 128)), again=1.0)
    ours = run(OURS, [2.0] * 64 + [0.0] * 64, again=0.5)
    table = scores([random, ours])
    assert table[OURS, "DT_iris_nll", 0].round(6).tolist() == [0] * 8 + [100] * 8
    assert table[REFERENCE, "DT_iris_nll", 0][-1] == pytest.approx(50)
    row = summary([random, ours], ["DT_iris_nll"], [0])["searches"][REFERENCE]
    assert row["ours_minus_it"]["mean"] == pytest.approx(50)
    assert row["ours_minus_it_halfway"]["mean"] < 0
    assert row["milliseconds"] == 10
    assert example([random, ours])[OURS] == {"told": 0.0, "again": 0.5}


def test_a_table_is_printed_though_the_held_out_rows_of_its_task_tell_nothing(capsys):
    runs = [run(REFERENCE, list(np.linspace(1, 3, 128))), run(OURS, [0.5] * 128)]
    show(summary([one | {"held_out": [1.0] * 128} for one in runs], ["DT_iris_nll"], [0]))
    assert f"{OURS:22}  100.0  100.0" in capsys.readouterr().out


def test_a_search_that_finds_nothing_scores_nothing_however_bad_it_is():
    random, ours = run(REFERENCE, list(np.linspace(1, 3, 128))), run(OURS, [1e9] * 128)
    assert scores([random, ours])[OURS, "DT_iris_nll", 0].tolist() == [0] * 16


def test_a_table_of_the_judges_problems_only_says_how_many_there_are(found):
    there = how_good.size(found)
    assert there.startswith("There are 40 such problems. 16 of them,")
    assert f"the other 24, with {sum(row['n_runs'] for row in found['searches'].values()):,} searches" in there
    assert "shows 1 of the other 24" in how_good.size(found | {"tasks": ["DT_wine_nll"]})
    assert not found["yard"]


def test_the_dearer_problems_and_their_seeds_are_counted():
    rows = {OURS: {"n_seeds": 1}, REFERENCE: {"n_seeds": 1}}
    said = how_good.dearer_size({"tasks": list(TASKS["dearer"]), "searches": rows})
    assert said.endswith("On the other 28, each search ran with one seed.")
    assert "36 more of the contest's problems" in said
    rows[REFERENCE] = {"n_seeds": 2}
    assert "with 1 or 2 seeds." in how_good.dearer_size({"tasks": list(TASKS["dearer"]), "searches": rows})


def test_the_winner_is_ahead_or_behind_and_two_standard_errors_say_whether_it_is_luck():
    rows = {OURS: {"milliseconds": 3.0}}
    for mean, error, told in (
        (-1.0, 0.4, "is 4.0 ± 1.0 points behind halfway, and 1.0 ± 0.4 points ahead at the end. It takes 100 times"),
        (1.0, 0.6, "1.0 ± 0.6 points behind at the end, which may be luck."),
    ):
        half, end = {"mean": 4.0, "over_tasks": 1.0}, {"mean": mean, "over_tasks": error}
        rows["HEBO"] = {"milliseconds": 300.0, "ours_minus_it": end, "ours_minus_it_halfway": half}
        assert told in how_good.winner({"searches": rows})


def test_an_error_over_the_seeds_is_shown_where_there_are_several():
    row = {"mean": 1.0, "over_tasks": 0.5, "over_seeds": None}
    assert how_good.both_errors(row) == "1.0 ± 0.5"
    assert how_good.both_errors(row | {"over_seeds": 0.25}) == "1.0 ± 0.5 (0.2)"


@pytest.mark.parametrize(("eight", "said"), [(86, "by itself"), (84, "may be luck"), (70, "is the price of choosing")])
def test_what_the_delay_does_not_cost_is_a_price_only_beyond_two_errors(eight, said):
    means = zip(how_good.WORKERS, (90, 85, eight), strict=True)
    assert said in how_good.price({what: {"mean": mean, "error": 1.0} for what, mean in means})


def test_a_mended_task_has_the_losses_of_bayesmark():
    pytest.importorskip("bayesmark")
    from challenge.tasks import Task, mended

    task = Task("DT_iris_nll")
    params = task.params(dict.fromkeys(task.kinds, 0.5) | {"max_depth": 4})
    theirs = mended()[0].SklearnModel("DT", "iris", "nll")
    score = theirs.scorer
    theirs.scorer = lambda *given: np.float64(score(*given))
    ours = task.losses(params, 7)["nll"]
    np.random.seed(7)  # noqa: NPY002
    assert ours == theirs.evaluate(params)


def test_the_results_are_stored_as_text_that_git_can_compare():
    for path in sorted(Path(how_good.HERE, "results").glob("*.json")):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=1) + "\n"
