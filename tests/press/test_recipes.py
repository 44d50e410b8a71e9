"""The recipes run as they stand, one after the other, as who copies them would run them; but in one process, which is cheap.

What several processes do is tested in `tests/loop` and `tests/search_cv/test_search_cv.py`.
"""

import re
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

import hpt_lab as hpt
from hpt_lab.tools.report.sentences import pressed


class Recorder:
    """A tracking service that notes what it is told, since neither MLflow nor Weights & Biases is installed here."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.calls.append((name, args, kwargs)) or self

    def __enter__(self):
        return self

    def __exit__(self, *stop):
        self.end_run()


def cluster_of(cores):
    """A cluster in this process."""
    from dask.distributed import LocalCluster

    cluster = LocalCluster(n_workers=1, threads_per_worker=cores, processes=False, dashboard_address=None)
    end = cluster._loop_runner.stop
    cluster._loop_runner.stop = lambda timeout=10: end(timeout=240)  # a busy machine may need more than Dask's 10 s
    return cluster


def slurm_without_slurm(cores, memory, walltime, queue, log_directory):
    """A cluster in this process, with what the recipe calls of one with Slurm, which is not installed here."""
    cluster = cluster_of(cores)
    cluster.job_script = lambda: f"#SBATCH -p {queue}"
    scale = cluster.scale
    cluster.scale = lambda n=0, jobs=None: scale(n if jobs is None else 1)  # to close, it scales to 0
    return cluster


@pytest.fixture(scope="module")
def ran(root, tmp_path_factory):
    """The names that all recipes leave behind, by their headings, and what was told to the tracking services."""
    text = (root / "book" / "recipes.md").read_text(encoding="utf-8")
    mlflow, wandb = Recorder(), Recorder()
    names, after, dask = {}, {}, SimpleNamespace(SLURMCluster=slurm_without_slurm)
    with pytest.MonkeyPatch.context() as patch:
        for name, module in {"dask_jobqueue": dask, "mlflow": mlflow, "wandb": wandb}.items():
            patch.setitem(sys.modules, name, module)
        patch.chdir(tmp_path_factory.mktemp("recipes"))
        patch.setenv("TQDM_DISABLE", "1")
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")  # n_jobs=-1 is one job
        for section in text.split("\n## ")[1:]:
            heading = section.splitlines()[0]
            for code in re.findall(r"```python\n(.*?)```", section, re.S):
                if any(
                    find_spec(name) is None for name in re.findall("^import (lightgbm|xgboost|keras|ray)$", code, re.M)
                ):
                    continue
                code = code.replace("n_workers=2", "n_workers=1")
                with (
                    cluster_of(1) if "driver:8786" in code else nullcontext() as cluster
                ):  # see tests/loop/test_hosts.py
                    code = code.replace("driver:8786", getattr(cluster, "scheduler_address", ""))
                    exec(compile(code, f"recipes.md: {heading}", "exec"), names)
            after[heading] = SimpleNamespace(**names)
        page = (tmp_path_factory.getbasetemp() / "recipes0" / "search.html").read_text(encoding="utf-8")
    return SimpleNamespace(after=after, mlflow=mlflow.calls, wandb=wandb.calls, page=page)


def test_every_heading_has_code(ran):
    assert len(ran.after) == 15


def test_the_search_in_the_place_of_the_grid_finds_as_good_a_model(ran):
    search = ran.after["From GridSearchCV to SearchCV"].search
    assert search.best_score_ > 0.97
    assert len(search.cv_results_["params"]) == 16


@pytest.mark.parametrize(("library", "name"), [("sklearn", "reported"), ("lightgbm", "light"), ("xgboost", "extreme")])
def test_what_a_library_trains_reports_and_the_rule_saves_rounds(ran, library, name):
    pytest.importorskip(library, reason=f"{library} is not installed")
    history = getattr(ran.after["Stop runs of a library that owns the training loop"], name).history
    assert len(history.finished) == 12
    assert {len(trial.curve) for trial in history.finished if trial.stopped is None} == {60}
    assert {trial.stopped for trial in history.stopped} == {"MedianStopping(warmup=5, n_trials=5)"}
    assert 0.1 * 12 * 60 < history.saved == 12 * 60 - history.spent


def test_a_search_in_a_file_reports_what_the_one_in_memory_did(ran):
    names = ran.after["A search that survives a crash, on all cores"]
    assert names.search.best_params_ == ran.after["From GridSearchCV to SearchCV"].search.best_params_
    assert len(names.study.trials) == 12


def test_what_one_knows_comes_first(ran):
    names = ran.after["Start from what you know"]
    assert [trial.params for trial in names.study.trials[:2]] == names.start
    assert [trial.origin for trial in names.later.trials].count("added") == 7
    assert len(names.later.trials) == 11


def test_what_is_kept_more_is_a_column(ran):
    assert (ran.after["Keep more than the value"].study.to_frame()["fit_seconds"] > 0).all()


def test_no_trial_beats_one_of_the_front_in_both_goals(ran):
    study = ran.after["Accurate and small"].study
    assert study.front
    for accuracy, size in (trial.values for trial in study.front):
        assert not any(other.values[0] >= accuracy and other.values[1] < size for other in study.trials)


def test_the_best_trial_within_the_limit_keeps_it(ran):
    study = ran.after["Accurate and small"].within
    assert study.best_value > 0.97
    assert study.best.constraints["size"] <= 0
    assert any(trial.constraints["size"] > 0 for trial in study.trials)


def test_no_epoch_is_trained_twice(ran):
    study = ran.after["Stop bad runs early"].study
    assert 60 <= study.spent < 60 + 9
    finished = [trial for trial in study.history.finished if trial.budget == 9]
    assert finished
    assert all(len(trial.curve) == 9 and trial.spent == 6 for trial in finished)


def test_a_rule_stops_runs_and_saves_epochs(ran):
    study = ran.after["Stop bad runs early"].by_rule
    assert study.spent + study.history.saved == 12 * 9
    assert study.history.stopped
    assert all(3 <= trial.spent < 9 for trial in study.history.stopped)
    assert len(study.best.curve) == 9


def test_a_search_that_is_good_enough_ends(ran):
    study = ran.after["Stop the search when it is good enough"].study
    assert study.best_value > 0.97
    assert len(study.trials) < 30


def test_hyperparameters_named_in_the_loop_make_the_space(ran):
    study = ran.after["A training loop that names its hyperparameters where it uses them"].study
    assert set(study.space) == {"kernel", "C", "gamma"}
    assert len(study.trials) == 8


def test_the_page_is_there_and_the_live_page_is_closed_again(ran):
    assert "gamma" in ran.page
    server = ran.after["Watch a search"].server
    assert server.url.startswith("http://127.0.0.1:")
    assert server.closing.is_set()


def test_a_search_on_several_machines_keeps_its_file_here(ran):
    study = ran.after["Several machines"].study
    assert [trial.state for trial in study.trials] == ["complete"] * 8
    assert study.name == "machines"


def test_a_search_on_a_cluster_has_its_trials_from_there(ran):
    study = ran.after["A cluster with Slurm"].study
    assert [trial.state for trial in study.trials] == ["complete"] * 6
    assert study.name == "slurm"


def test_the_tracking_services_are_told_of_each_trial(ran):
    study = ran.after["MLflow"].study
    metrics = [call for call in ran.mlflow if call[0] == "log_metric"]
    assert [args for _, args, _ in metrics] == [("accuracy", trial.value) for trial in study.trials]
    assert [call[0] for call in ran.mlflow].count("end_run") == 5
    runs = [kwargs["config"] for name, _, kwargs in ran.wandb if name == "init"]
    assert runs == [trial.params for trial in ran.after["Weights & Biases"].study.trials]
    assert all(kwargs == {"exit_code": 0} for name, _, kwargs in ran.wandb if name == "finish")


def test_no_recipe_does_what_the_book_warns_of(ran, root):
    """No fold is scaled by another's rows, no best trials lie at a bound, and the search beats the untuned model."""
    assert "fit_transform" not in (root / "book" / "recipes.md").read_text(encoding="utf-8")
    every = [study for names in ran.after.values() for study in vars(names).values() if isinstance(study, hpt.Study)]
    studies = {id(study): study for study in every}.values()
    assert len(studies) >= 8
    assert not [study for study in studies if not study.history.directions.several and pressed(study)]
    names = ran.after["Start from what you know"]
    untuned = names.accuracy({})
    assert (
        ran.after["A search that survives a crash, on all cores"].study.best_value < untuned <= names.study.best_value
    )
    assert f"they get {untuned:.1%} of the rows right" in (root / "book" / "recipes.md").read_text(encoding="utf-8")


def test_the_readme_says_the_same(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "SearchCV(model, space, n_trials=" in readme
    assert hpt.SearchCV
