"""Ctrl-C in the tests, and which of them `make quick` leaves out: those that take more than about a second."""

import os
import signal
import sys

import pytest

if (
    sys.__stdin__ is None
):  # whoever started the tests closed it, but IPython asks what pytest shows instead for its encoding
    sys.__stdin__ = open(os.devnull, encoding="utf-8")  # noqa: SIM115

SLOW_FILES = {
    "loop/test_workers.py",
    "loop/test_interrupts.py",
    "press/test_classroom.py",
    "press/test_execution.py",
    "press/test_kernels.py",
    "press/test_launch.py",
    "press/test_recipes.py",
    "press/test_student_site.py",
    "race/test_hostile.py",
    "race/test_race.py",
    "study/test_cost.py",
    "study/test_kills.py",
    "test_systems.py",
}
SLOW_TESTS = {
    "test_a_fingerprint_is_the_same_in_another_process",
    "test_a_long_search_is_drawn_again_when_it_may_be",
    "test_a_search_whose_params_are_wrecked_is_the_search_of_one_whose_are_not",
    "test_a_study_of_ten_thousand_trials_is_opened_and_goes_on",
    "test_a_study_that_was_pickled_goes_on_as_if_it_had_not_been",
    "test_a_worker_goes_on_with_what_it_has_and_all_are_closed_at_the_end",
    "test_every_example_is_a_strategy_with_conditions_and_failures_too",
    "test_it_passes_every_check_of_estimators",
    "test_looking_at_the_trials_wins_on_most_seeds_there",
    "test_mlp_is_what_our_mlp_scores",
    "test_the_choice_is_the_same_without_fused_instructions_and_on_another_kernel",
    "test_the_ten_lines_print_what_the_readme_says",
    "test_thousands_of_workers_and_the_same_every_time",
}


def pytest_collection_modifyitems(config, items):
    tests = config.rootpath / "tests"
    for item in items:
        in_a_slow_file = item.path.is_relative_to(tests) and item.path.relative_to(tests).as_posix() in SLOW_FILES
        if in_a_slow_file or getattr(item, "originalname", item.name) in SLOW_TESTS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, here and in processes that tests start: a shell has its background processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
