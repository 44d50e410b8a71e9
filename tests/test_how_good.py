"""The page that says how good the lab is holds what the benchmarks have stored, and the challenge's searches keep their face."""

import json
import re
from pathlib import Path

import bench_challenge
import challenge_table
import how_good
import numpy as np
import pytest
from bench_challenge import EXAMPLE, REFERENCE, SEEDS, TASKS, run_all
from challenge.searches import SEARCHES, Ours, made
from challenge.tasks import NAMES, cheap, dearer, yard
from challenge_table import OURS, WHAT, mean_and_error, rows, two

import hpt_lab as hpt
from book.press.pages.intervals import interval

KINDS = {"rate": ("real", 0, 1), "units": ("int", 1, 15), "bias": ("bool", 0, 1)}


def test_the_page_is_what_the_results_make_of_it():
    assert how_good.PAGE.read_text(encoding="utf-8") == how_good.page()


def test_each_picture_of_the_page_has_an_interval_in_every_row():
    pictures = re.findall(r"^:::\{table\}\n:class: intervals\n\n(.*?)\n:::$", how_good.page(), re.M | re.S)
    assert len(pictures) == 4
    for picture in pictures:
        for line in picture.splitlines()[2:]:
            assert interval(line.split("|")[2]), line


@pytest.fixture(scope="module")
def found():
    return challenge_table.load()


def test_the_table_has_the_runs_that_it_says(found):
    assert set(found["tasks"]) == set(TASKS["judge"])
    assert {OURS, REFERENCE} <= set(found["searches"]) <= set(SEARCHES)
    ran = dict(zip(found["searches"], np.isfinite(found["runs"][WHAT.index("again")]), strict=True))
    pairs = np.array([name.rsplit("_", 1)[0] for name in found["tasks"]])
    for row in rows(found):
        name, of_tasks = row["search"], ran[row["search"]]
        if (of_tasks == of_tasks[0]).all():  # every task with the same seeds, so that the means can be compared
            assert of_tasks[0].any(), name
            assert np.isfinite(row["again"][0]), name
        else:
            assert set(pairs[of_tasks.any(axis=1)]) == set(pairs), name
            assert np.isnan(row["again"][0]), name
        assert of_tasks.sum(axis=1).max() <= SEEDS.get(name, np.inf), name


def test_a_search_that_ran_on_some_of_the_tasks_has_a_lead_over_these_and_no_means():
    found = {
        "searches": np.array([OURS, REFERENCE, "Optuna GP"]),
        "tasks": np.array(["DT_wine_acc", "DT_wine_nll", "kNN_iris_acc", "kNN_iris_nll"]),
        "runs": np.full((7, 3, 4, 1), 90.0),
    }
    found["runs"][:, 2, 1::2] = np.nan
    found["runs"][:, 2, ::2] = [[80.0], [70.0]]
    found["runs"][:, 0, 1::2] = 0  # where the other has not run
    *whole, partial = rows(found)
    assert {row["search"]: row["again"][0] for row in whole} == {OURS: 45, REFERENCE: 90}
    assert (partial["search"], partial["tasks"], partial["lead"]) == ("Optuna GP", 2, (15, 5, 2))
    assert how_good.challenge(found).splitlines()[-1] == "| Optuna's Gaussian process | 1 |" + " – |" * 6
    assert "Optuna's Gaussian process has run on 2 of the problems so far" in how_good.partly(found)
    assert how_good.partly(found | {"runs": found["runs"][:, :2], "searches": found["searches"][:2]}) == ""


def test_the_example_lists_who_has_run_on_it():
    found = {
        "searches": np.array([OURS, "Optuna GP", "TPE"]),
        "example": np.array([[[1, 3], [np.nan] * 2, [4, np.nan]]] * 2),
    }
    found["example"][1] = [[6.0, 6.0], [np.nan] * 2, [5.0, np.nan]]
    assert [line.split(" | ")[1:] for line in how_good.example(found).splitlines()[2:]] == [
        ["2.000", "6.000 |"],
        ["4.000", "5.000 |"],
    ]
    assert how_good.lesson(found).startswith("The lowest loss is reported by `BayesianOptimization`")
    assert how_good.lesson(found).endswith("mean loss of 6.000; the best trees are those of `TPE` (this lab).")


@pytest.mark.parametrize(("name", "part"), [("challenge_before", "judge"), ("challenge_dearer", "dearer")])
def test_what_was_measured_before_has_the_tasks_that_it_says(name, part):
    there = how_good.results(name)
    assert set(there["tasks"]) == set(TASKS[part])
    assert OURS in there["searches"]
    assert set(there["searches"]) <= set(SEARCHES)


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


TREES, LINES = "DT_wine_nll", "lasso_boston_mae"


def run(search, losses, task=TREES, seed=0, again=0.0, **more):
    found = {"seen": losses, "held_out": losses, "again": again, "thinking": 1.28}
    return {"search": search, "task": task, "seed": seed, **found, **more}


def loaded(path, runs, old=None):
    np.savez_compressed(path, **bench_challenge.table(runs, old))
    return challenge_table.load(path)


def values(found, name, what):
    return found["runs"][WHAT.index(what), list(found["searches"]).index(name)]


RANDOM = list(np.linspace(1, 3, 128))


def test_the_median_of_random_search_scores_nothing_and_the_best_of_anybody_a_hundred(tmp_path):
    random = run(REFERENCE, RANDOM, again=1.0)
    ours = run(OURS, [2.0] * 64 + [0.0] * 64, again=0.5, recommended=0.8)
    found = loaded(tmp_path / "runs.npz", [random, ours, run(OURS, [0.7] * 128, EXAMPLE, again=0.9)])
    assert [values(found, OURS, what).item() for what in WHAT] == [0, 0, 100, 100, 80, 100, 10]
    assert values(found, REFERENCE, "after 16").item() == 50
    assert values(found, REFERENCE, "again").item() == pytest.approx(66.67)
    assert np.isnan(values(found, REFERENCE, "recommended")).all()
    assert list(found["tasks"]) == [TREES]
    assert found["example"][:, 1, 0].tolist() == pytest.approx([0.7, 0.9])
    assert np.isnan(found["example"][:, 0]).all()


def test_a_search_that_finds_nothing_scores_nothing_however_bad_it_is(tmp_path):
    found = loaded(tmp_path / "runs.npz", [run(REFERENCE, RANDOM), run(OURS, [1e9] * 128)])
    assert values(found, OURS, "after 16").item() == 0


def test_a_task_in_which_no_random_trial_is_worse_than_the_best_tells_nothing(tmp_path):
    runs = [run(REFERENCE, RANDOM, held_out=[1.0] * 128), run(OURS, [0.5] * 128, held_out=[1.0] * 128)]
    found = loaded(tmp_path / "runs.npz", runs)
    assert np.isnan(values(found, OURS, "held_out")).all()
    assert values(found, OURS, "after 4").item() == 100


def test_what_is_stored_is_scored_anew_when_a_later_run_finds_a_lower_loss(tmp_path):
    first = [run(REFERENCE, RANDOM, again=1.0), run(OURS, [1.5] * 64 + [0.5] * 64, again=0.75, recommended=0.5)]
    first += [run(name, RANDOM, LINES, again=1.5) for name in (REFERENCE, OURS)]
    later = [
        run("TPE", [0.0] * 128, again=0.25),
        run(OURS, [1.0] * 128, TREES, 1),
        run("TPE", RANDOM, EXAMPLE, again=2.0),
    ]
    at_once = loaded(tmp_path / "all.npz", first + later)
    added = loaded(tmp_path / "later.npz", later, loaded(tmp_path / "first.npz", first))
    assert all(np.array_equal(added[name], at_once[name]) for name in ("searches", "tasks", "scales"))
    for name in ("runs", "example"):
        np.testing.assert_allclose(added[name], at_once[name], atol=0.011)
    assert values(added, OURS, "after 16")[list(added["tasks"]).index(TREES)].tolist() == [75, 50]


def test_a_run_has_the_seeds_of_its_search_and_is_not_run_twice(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(
        bench_challenge, "run", lambda search, task, seed, trainings: (ran.append(seed), {"seen": [1.0]})[1]
    )
    monkeypatch.setattr(bench_challenge, "Task", lambda name: type("Task", (), {"kinds": KINDS}))
    monkeypatch.setattr(bench_challenge, "SEEDS", {"RandomSearch": 2})
    for _ in range(2):
        run_all(["RandomSearch", "TPE"], [TREES], range(3), tmp_path)
    assert sorted(ran) == [0, 0, 1, 1, 2]
    stored = loaded(
        tmp_path / "runs.npz", [run(REFERENCE, RANDOM), run(REFERENCE, RANDOM, EXAMPLE), run("TPE", RANDOM, seed=1)]
    )
    ran.clear()
    run_all(["RandomSearch", "TPE"], [TREES, EXAMPLE], range(2), tmp_path / "elsewhere", stored)
    assert ran == [0, 0, 1, 1, 1]  # the first is TPE's of both tasks


def test_two_metrics_of_one_model_and_its_data_are_one_observation():
    tasks = np.array(["DT_wine_acc", "DT_wine_nll", "kNN_iris_acc", "kNN_iris_nll"])
    apart = np.array([[1.0], [1.0], [3.0], [3.0]])
    assert mean_and_error(apart, tasks) == (2, 1, 2)  # four tasks would have the error 0.58
    assert mean_and_error(np.vstack([apart, [[np.nan]]]), np.append(tasks, "RF_wine_nll")) == (2, 1, 2)


def test_the_error_is_the_larger_one_of_two():
    tasks = np.array(["DT_wine_nll", "kNN_iris_nll"])
    mean, error, n = mean_and_error(np.array([[0.0, 4.0], [4.0, 0.0]]), tasks)  # the pairs agree, the seeds do not
    assert (mean, n) == (2, 2)
    assert error == pytest.approx(np.sqrt(2 * (8 / 2)) / 2)
    assert mean_and_error(np.array([[0.0, 0.0], [4.0, 4.0]]), tasks)[1] == 2  # the seeds agree, the pairs do not


def test_a_missing_seed_of_one_search_is_left_out_of_its_lead():
    found = {
        "searches": np.array([OURS, "TPE"]),
        "tasks": np.array(["DT_wine_nll", "kNN_iris_nll"]),
        "runs": np.full((7, 2, 2, 2), 90.0),
    }
    found["runs"][WHAT.index("again"), 0, :, 1] = 0  # ours is bad with the seed that the other has not run
    found["runs"][:, 1, :, 1] = np.nan
    lead, seeds = next((row["lead"], row["seeds"]) for row in rows(found) if row["search"] == "TPE")
    assert lead == (0, 0, 2)
    assert seeds == 1


@pytest.mark.parametrize(
    ("factor", "said"), [(1.0001, "ahead"), (0.9999, "level"), (-0.9999, "level"), (-1.0001, "behind")]
)
def test_a_verdict_takes_two_errors_and_a_little_more_for_few_pairs(factor, said):
    assert two(12) == pytest.approx(2.26, abs=0.01)
    gaps = np.linspace(-1, 1, 12)
    gaps += factor * two(12) * gaps.std(ddof=1) / np.sqrt(12)
    found = {
        "searches": np.array([OURS, "TPE"]),
        "tasks": np.array([f"m{i}_wine_nll" for i in range(12)]),
        "runs": np.zeros((7, 2, 12, 1)),
    }
    found["runs"][WHAT.index("again"), 0, :, 0] = gaps
    verdicts = {row["search"]: row["verdict"] for row in rows(found)}
    assert verdicts == {OURS: "", "TPE": said}
    how = {
        "ahead": "**ahead of** `TPE` (this lab), and so it is first",
        "level": "**level with**",
        "behind": "**behind**",
    }[said]
    assert how in how_good.verdict(found)
    assert ("first" in how_good.verdict(found)) == (said == "ahead")


def test_the_table_is_printed_by_a_script_of_its_own(capsys):
    found = challenge_table.load()
    challenge_table.show(found)
    printed = capsys.readouterr().out
    for row in rows(found):
        assert f"{row['again'][0]:.1f} ± {row['again'][1]:.1f}" in printed
        assert row["search"] in printed


def test_a_table_of_the_judges_problems_only_says_how_many_there_are(found):
    there = how_good.size(found)
    n_runs = np.isfinite(found["runs"][WHAT.index("again")]).sum()
    assert there.startswith("Of the 40 such problems, we set 16 aside")
    assert f"the other 24. Each of its {n_runs:,} searches" in there
    assert "shows 1 of the other 24" in how_good.size(found | {"tasks": ["DT_wine_nll"]})


def test_what_was_measured_before_gives_no_verdict_and_its_errors_are_bounds():
    old, dearer = (how_good.results(f"challenge_{name}") for name in ("before", "dearer"))
    said = how_good.before(old, dearer)
    assert "Another 36 of the contest's problems" in said
    assert "On the other 28, each search ran with one seed" in said
    assert "we give no verdict on them" in said
    assert (
        "| random search | 5 | 3.3 ± 1.3 |" in said
    )  # 1.06 over the tasks, as if two metrics were correlated by one half
    assert "| HEBO (contest model) | 5 | 0.5 ± 1.1 |" in said
    assert len(re.findall(r"^\| (?!search)", said, re.M)) == len(old["searches"]) + len(dearer["searches"])


def test_the_picture_and_the_verdict_agree(found):
    lines = [line.split(" | ") for line in how_good.leads(found).splitlines()[5:-1]]
    assert len(lines) == len(found["searches"]) - 1
    for _, lead, said in lines:
        _, low, high = interval(lead)
        assert said.rstrip(" |") == ("ahead" if low > 0 else "behind" if high < 0 else "level")


@pytest.mark.parametrize(
    ("eight", "said"), [(90, "by itself"), (84.6, "may be luck"), (70, "is the price of choosing")]
)
def test_what_the_delay_does_not_cost_is_a_price_only_beyond_two_errors(eight, said):
    shaken = np.array([-3.0, -1.0, 1.0, 3.0])
    points = {
        "alone": 90 + 10 * shaken,
        "alone, seven fewer": 85 + 10 * shaken,
        "eight workers": eight + 10 * shaken + [0.5, -0.5, 0.5, -0.5],
    }
    assert said in how_good.price(points)  # unpaired, 15 points would be luck: each alone has an error of 13


def test_a_rule_for_delivering_is_compared_seed_by_seed():
    told = np.array([60.0, 70, 80, 90])
    gains = {"told": 0.0, "recommend": np.array([1.0, 1.1, 0.9, 1.0]), "posterior mean": np.array([-9.0, 3, -4, 4])}
    said = how_good.rules({what: told + gain for what, gain in gains.items()})
    assert "what `hpt.recommend` says is worth 1.0 ± 0.0 points more than the lowest loss." in said
    assert (
        "the lowest posterior mean of the model is worth 1.5 ± 3.1 points less than the lowest loss, which may be luck."
        in said
    )


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
