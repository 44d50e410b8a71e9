"""Manual search: what was written down, in that order."""

import pytest

from hpt_lab import Float, History, ManualSearch, NothingToSuggest, RandomSearch, Space, Study, tune

SPACE = Space(kernel=["linear", "rbf"], gamma=Float(0, 1).when(kernel="rbf"))
LISTED = [{"kernel": "rbf", "gamma": 0.5}, {"kernel": "linear"}, {"kernel": "rbf", "gamma": 0.25}]


def test_manual_search_tries_the_list_in_order_and_ends_with_it():
    study = Study(SPACE, ManualSearch(LISTED))
    assert [study.ask().params for _ in LISTED] == LISTED
    with pytest.raises(NothingToSuggest, match=r"nothing left to suggest|waits for"):
        study.ask()
    assert len(tune(lambda params: 0.0, SPACE, ManualSearch(LISTED), 10, progress=False).trials) == 3


def test_manual_search_goes_on_where_the_history_stands():
    study = Study(SPACE, RandomSearch(), seed=0)
    study.ask()
    assert ManualSearch(LISTED).suggest(study.history).params == LISTED[1]


def test_the_list_is_read_once_and_may_be_a_generator():
    strategy = ManualSearch(params for params in LISTED)
    assert [strategy.suggest(History(SPACE, ())).params for _ in range(2)] == [LISTED[0], LISTED[0]]


def test_nobody_changes_the_list_or_what_is_inside_an_entry():
    space, listed = Space(layers=[[8], [16]]), [{"layers": [8]}]
    strategy = ManualSearch(listed)
    listed[0]["layers"].append(9)
    strategy.suggest(History(space, ())).params["layers"].append(9)
    strategy.suggest(History(space, ())).params.clear()
    assert strategy.suggest(History(space, ())).params == {"layers": [8]}


def test_a_late_entry_outside_the_space_is_refused_at_the_first_suggestion():
    study = Study(SPACE, ManualSearch([*LISTED, {"kernel": "linear", "gamma": 1}]))
    with pytest.raises(ValueError, match="ManualSearch: entry 3: Space: gamma is inactive"):
        study.ask()
    assert study.trials == ()
