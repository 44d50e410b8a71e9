"""A live history knows what one made from scratch knows, whatever was asked, told, failed or abandoned before."""

import copy
import pickle
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hpt_lab import Float, History, RandomSearch, Space, Study, Suggestion, Trial, run

LINE = Space(x=Float(-1, 1))
WIDE = Space(x=Float(-1, 1), y=[1, 2])


class Budgets:
    """The budget and the mark depend on the number alone."""

    def suggest(self, history):
        n = len(history.trials)
        return Suggestion({"x": 0.5}, budget=[None, 1, 3][n * 7 % 3], info={"n": n})


class Seen:
    """An index of all that there is to know, in an order of its own."""

    def __init__(self, history):
        self.rule, self.states, self.values = (history.direction, history.seed), {}, {}

    def add(self, place, trial):
        self.states[place] = trial.state
        self.values[place] = trial.value

    def known(self):
        return self.rule, sorted(self.states.items()), sorted(self.values.items())


def knowledge(history):
    """All that a strategy can read off a history."""
    return {
        "trials": list(history.trials),
        "finished": history.finished,
        "running": history.running,
        "failed": history.failed,
        "n_running": history.n_running,
        "losses": history.losses.tolist(),
        "incumbent": history.incumbent,
        "incumbents": history.incumbents,
        "ranked": history.ranked,
        "spent": (history.spent, history.committed),
        "rng": history.rng.random(3).tolist(),
        "index": history.index(Seen).known(),
    }


def scratch(history, **changed):
    fields = {"space": history.space, "seed": history.seed, "direction": history.direction} | changed
    return History(trials=tuple(history.trials), **fields)


class Sessions(RuleBasedStateMachine):
    """Whatever happens to a study, its history equals one made from scratch, and the histories before stay as they were."""

    def __init__(self):
        super().__init__()
        self.study = Study(LINE, Budgets(), seed=5, direction="maximize")
        self.running, self.kept = [], []

    @rule()
    def ask(self):
        self.running.append(self.study.ask())

    @precondition(lambda self: self.running)
    @rule(data=st.data(), value=st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, float("nan"), float("inf")]))
    def tell(self, data, value):
        self.study.tell(self.running.pop(data.draw(st.integers(0, len(self.running) - 1))), value)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def fail(self, data):
        self.study.tell(self.running.pop(data.draw(st.integers(0, len(self.running) - 1))), error="no")

    @precondition(lambda self: self.running and self.running[-1].number == len(self.study.trials) - 1)
    @rule()
    def abandon_the_latest(self):
        self.study.abandon([self.running.pop()])

    @precondition(lambda self: self.running)
    @rule()
    def abandon(self):
        self.study.abandon([self.running.pop(0)])

    @rule()
    def keep(self):
        history = self.study.history
        self.kept.append((history, knowledge(scratch(history))))

    @rule()
    def read(self):
        """An index that was read is brought up to date later; one that was not starts then."""
        knowledge(self.study.history)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def read_an_old_one(self, data):
        history, known = data.draw(st.sampled_from(self.kept))
        assert knowledge(history) == known

    @rule()
    def load(self):
        self.study = pickle.loads(pickle.dumps(self.study))

    @rule()
    def copy(self):
        before, self.study = self.study, copy.copy(self.study)
        assert self.study == before
        before.ask()  # the other one goes on by itself

    @invariant()
    def numbers_are_places(self):
        trials = self.study.trials
        assert [trial.number for trial in trials] == list(range(len(trials)))
        assert [t.number for t in self.study.history.running] == sorted(t.number for t in self.running)

    def teardown(self):
        assert knowledge(self.study.history) == knowledge(scratch(self.study.history))
        for history, known in self.kept:
            assert knowledge(history) == known
        again = Study.from_json(self.study.to_json(), LINE, Budgets())
        assert knowledge(again.history) == knowledge(self.study.history)


Sessions.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestSessions = Sessions.TestCase


def some(direction="minimize", n=6):
    """A study with trials of all three states."""
    study = Study(LINE, Budgets(), seed=2, direction=direction)
    values = [3.0, 1.0, None, 1.0, 2.0, -1.0]
    for value in values[:n]:
        trial = study.ask()
        study.tell(trial, value, error=None if value is not None else "no")
    study.ask()
    return study


# One log, many readers


def test_a_history_of_the_other_direction_has_an_incumbent_of_its_own():
    history = run(Study(LINE, RandomSearch(), seed=4), lambda params: params["x"], 6, progress=False).history
    least, most = history.incumbent, replace(history, direction="maximize").incumbent
    values = [trial.value for trial in history.trials]
    assert (least.value, most.value) == (min(values), max(values))
    assert history.incumbent == least
    assert replace(history, direction="maximize").losses.tolist() == (-history.losses).tolist()


def test_an_index_knows_the_space_the_seed_and_the_direction_of_its_own_history():
    class Own:
        def __init__(self, history):
            self.of = history.space, history.seed, history.direction

        def add(self, place, trial):
            pass

    history = some().history
    for changed in ({"seed": 9}, {"direction": "maximize"}, {"space": WIDE}):
        for one in (history, replace(history, **changed), history):
            assert one.index(Own).of == (one.space, one.seed, one.direction)
    for name in "abcdefghij":  # each space may get the place in memory of the one before
        assert list(replace(history, space=Space({name: [1]})).index(Own).of[0]) == [name]


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(8)), st.sets(st.integers(0, 7)), st.sampled_from(["minimize", "maximize"]))
def test_what_is_known_does_not_depend_on_the_order_in_which_trials_are_told(order, bad, direction):
    study = Study(LINE, Budgets(), seed=2, direction=direction)
    asked = [study.ask() for _ in range(8)]
    for place in order:
        if place in bad:
            study.tell(asked[place], error="no")
        else:
            study.tell(asked[place], float(place % 3))
        _ = study.history.incumbent, study.history.finished
    known, expected = knowledge(study.history), knowledge(scratch(study.history))
    assert known == expected
    best = [t for t in study.trials if t.state == "complete"]
    assert known["incumbent"] == min(best, key=study.history.rank, default=None)


def test_an_index_is_shown_each_trial_when_it_is_asked_for_and_when_it_is_told():
    class Entries:
        def __init__(self, history):
            self.entries = []

        def add(self, place, trial):
            self.entries.append((place, trial.state))

    study = some(n=2)
    study.history.index(Entries)
    study.tell(study.trials[2], 1.0)
    live = study.history.index(Entries).entries
    assert live == [(0, "running"), (0, "complete"), (1, "running"), (1, "complete"), (2, "running"), (2, "complete")]
    assert scratch(study.history).index(Entries).entries == [(0, "complete"), (1, "complete"), (2, "complete")]
    study.ask()
    assert study.history.index(Entries).entries is live  # nothing is read twice
    assert live[6:] == [(3, "running")]


def test_an_index_that_fails_while_it_is_made_or_grows_begins_anew_and_takes_nothing_in_twice():
    class Breaks:
        at = None

        def __init__(self, history):
            self.entries = []

        def add(self, place, trial):
            self.entries.append((place, trial.state))
            if self.entries[-1] == Breaks.at:
                raise KeyError(place)

    def broken(history, at):
        Breaks.at = at
        with pytest.raises(KeyError):
            history.index(Breaks)
        Breaks.at = None
        return history.index(Breaks).entries

    assert [place for place, _ in broken(scratch(some().history), (3, "complete"))] == [0, 1, 2, 3, 4, 5, 6]
    study = some(n=2)
    study.history.index(Breaks)
    study.ask()
    study.tell(study.trials[2], 1.0)
    entries = broken(study.history, (2, "complete"))
    assert len(entries) == len(set(entries)) == 7


def test_each_thread_has_an_index_of_its_own():
    """One that another thread reads must not grow meanwhile."""
    study, others = some(), []
    mine = study.history.index(Seen)
    before = mine.known()

    def read():
        study.ask()
        others.append(study.history.index(Seen))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert others[0] is not mine
    assert mine.known() == before != others[0].known() == scratch(study.history).index(Seen).known()


@pytest.mark.parametrize(
    ("direction", "values", "path"),
    [
        ("minimize", [None, 2.0, 2.0, 1.0, None, 1.0, 3.0], [None, 1, 1, 3, 3, 3, 3]),
        ("maximize", [None, 2.0, 2.0, 1.0, None, 3.0, 3.0], [None, 1, 1, 1, 1, 5, 5]),
    ],
)
def test_incumbents_are_the_earliest_best_after_each_trial(direction, values, path):
    states = ["failed" if value is None else "complete" for value in values]
    trials = [Trial(n, {"x": 0.5}, value=values[n], state=state) for n, state in enumerate(states)]
    incumbents = History(LINE, trials, 0, direction).incumbents
    assert [None if best is None else best.number for best in incumbents] == path


# The trials as a sequence


def test_trials_without_a_budget_are_no_level_among_those_with_one():
    study = Study(LINE, Budgets())
    for value in (1.0, 2.0, 3.0, 0.5):
        study.tell(study.ask(), value)
    assert [trial.budget for trial in study.trials] == [None, 1, 3, None]
    assert repr(study).endswith("best_value=3 at budget 3)")


def test_trials_are_a_sequence_like_a_tuple():
    study = some()
    trials, plain = study.trials, tuple(study.trials)
    assert len(trials) == len(plain) == 7
    for place in range(-7, 7):
        assert trials[place] is trials[np.int64(place)]
        assert trials[place] is plain[place]
    for part in (slice(None), slice(2, 5), slice(-3, None), slice(None, None, -2), slice(5, 2), slice(99)):
        assert trials[part] == plain[part]
        assert isinstance(trials[part], tuple)
    assert list(reversed(trials)) == list(reversed(plain))
    assert plain[3] in trials
    assert trials.index(plain[3]) == 3
    assert trials.count(plain[3]) == 1
    assert trials + plain[:1] == plain + plain[:1]
    assert trials == plain
    assert trials != plain[:-1]
    assert trials != list(plain)
    assert repr(trials) == repr(plain)
    assert bool(trials)
    assert not Study(LINE, Budgets()).trials


@pytest.mark.parametrize("place", [7, -8, 10**30])
def test_trials_have_no_place_beyond_their_ends(place):
    with pytest.raises(IndexError, match=f"trials: the index {place} must be below the number of trials, 7"):
        some().trials[place]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))])
def test_a_history_is_copied_and_pickled_whole(duplicate):
    study = some()
    history = study.history
    _ = history.ranked
    twin = duplicate(history)
    assert twin == history
    assert knowledge(twin) == knowledge(history)
    study.tell(study.trials[6], 9.0)
    assert knowledge(twin) == knowledge(history) != knowledge(study.history)


def test_histories_are_equal_by_all_that_they_hold():
    history = some().history
    assert scratch(history) == history
    for changed in ({"seed": 9}, {"direction": "maximize"}, {"space": WIDE}):
        assert replace(history, **changed) != history
    assert replace(history, trials=history.trials[:-1]) != history
    assert replace(history, trials=iter(history.trials)) == history


def test_a_history_may_be_cut_back_to_its_first_trials():
    study = run(Study(LINE, RandomSearch(), seed=4), lambda params: params["x"], 6, progress=False)
    for k in range(6):
        early = replace(study.history, trials=study.trials[:k])
        assert len(early.trials) == len(early.finished) == k
        assert RandomSearch().suggest(early).params == study.trials[k].params


@pytest.mark.parametrize("state", ["running", "failed"])
def test_a_trial_without_a_value_has_no_loss_and_no_rank(state):
    history = some().history
    trial = Trial(3, {"x": 0.5}, state=state)
    for ask in (history.loss, history.rank):
        with pytest.raises(ValueError, match=f"History: trial 3 is {state}, but must be complete to have a loss"):
            ask(trial)


def test_extend_that_loses_a_hyperparameter_is_refused_and_changes_nothing():
    study = Study(WIDE, RandomSearch(), seed=1)
    study.tell(study.ask(), 1.0)
    before = study.to_json()
    with pytest.raises(ValueError, match=r"extend: space=Space\(x=.* must keep y of trial 0"):
        study.extend(LINE, {})
    assert (study.to_json(), study.space) == (before, WIDE)
    study.extend(Space(x=Float(-1, 1), y=[1, 2], z=[3, 4]), {"z": 4})
    assert study.trials[0].params["z"] == 4
    assert study.history.finished == study.trials[:]
