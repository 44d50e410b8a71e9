"""An interrupt at any moment leaves no ghost trial, and the resumed search equals the one that nobody interrupted."""

import random
import signal
import sys
import threading

import pytest

import hpt_lab as hpt
from hpt_lab import Float, GridSearch, RandomSearch, Space, Study, Suggestion, run, tune
from tests.loop.scripted import Scripted, wait_at
from tests.moments import leaves_a_block

SPACE = Space(x=Float(-1, 1), c=["a", "b"])
SEED = 4


class Rungs:
    """Budgets 1, 2, 1, 2, ... and a mark."""

    def suggest(self, history):
        n = len(history.trials)
        return Suggestion(history.space.sample(history.rng), budget=1 + n % 2, info={"rung": n % 2, "path": [n]})


class Bad(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def objective(params, budget=1):
    """Fails in a third of the space, each time in another way; else a number."""
    if params["x"] > 0.8:
        raise Bad
    if params["x"] > 0.3:
        return float("nan")
    return params["x"] ** 2 / budget


def outcomes(study):
    return [(dict(t.params), t.budget, t.value, t.state, t.error, dict(t.info)) for t in study.trials]


OURS = ("hpt_lab.loop.", "hpt_lab.study.")  # the modules whose lines are interrupted
# Those where a search must have been interrupted: none of them may slip out of sight, as by another name.
SEARCH = {
    f"hpt_lab.{name}"
    for name in (
        "loop.objective", "loop.outer_loop", "loop.progress", "loop.session",
        "study.history", "study.log", "study.outcomes", "study.backend", "study.study", "study.trial",
    )
}  # fmt: skip


def module(frame):
    return frame.f_globals.get("__name__", "")


class Interrupt:
    """While it is entered, KeyboardInterrupt is raised once, before the n-th line (or opcode) of study and loop."""

    def __init__(self, n, opcodes=False):
        self.left, self.opcodes, self.where = n, opcodes, None

    @property
    def happened(self):
        return self.where is not None

    def __enter__(self):
        self.before = sys.gettrace()
        sys._getframe().f_trace_opcodes = self.opcodes  # Python 3.12 asks for opcodes only if a frame wants them by now
        sys.settrace(self.call)
        return self

    def __exit__(self, kind, *rest):
        sys.settrace(self.before)
        return kind is KeyboardInterrupt

    def call(self, frame, event, argument):
        if not module(frame).startswith(OURS):
            return None
        frame.f_trace = self.line  # without it, Python 3.13 takes no notice of the next line
        frame.f_trace_opcodes = self.opcodes
        return self.line

    def line(self, frame, event, argument):
        if event == ("opcode" if self.opcodes else "line") and not self.happened:
            if self.left > 0:
                self.left -= 1
            elif self.opcodes or not leaves_a_block(frame):
                self.where = module(frame)
                raise KeyboardInterrupt
        return self.line


def each_moment(opcodes=False, step=1, first=0):
    """Interrupts at the first moment, the second, ... until the work is done before its turn comes."""
    n = first
    while True:
        interrupt = Interrupt(n, opcodes)
        yield interrupt
        if not interrupt.happened:
            assert n > first, "no line of the study was traced"
            return
        n += step


# At every line


@pytest.mark.parametrize(
    ("strategy", "direction", "step"),
    [(Rungs, "maximize", 1), (RandomSearch, "minimize", 3), (lambda: GridSearch(3), "minimize", 3)],
    ids=["budgets", "random", "grid"],
)
def test_an_interrupt_at_any_line_of_a_search_leaves_no_ghost_and_the_search_goes_on_alike(strategy, direction, step):
    def begin():
        return Study(SPACE, strategy(), direction=direction, seed=SEED)

    whole = outcomes(run(begin(), objective, 3, progress=False))
    assert {state for _, _, _, state, _, _ in whole} == {"complete", "failed"}
    moments, seen, where = 0, set(), set()
    for interrupt in each_moment(step=step):
        study, called = begin(), []
        with interrupt:
            found = run(
                study, objective, 3, progress=False, callbacks=[lambda s, t, called=called: called.append(t.number)]
            )
            assert found is study
        so_far = outcomes(study)
        assert so_far == whole[: len(so_far)]
        assert called in (list(range(len(so_far))), list(range(len(so_far) - 1)))
        assert outcomes(run(study, objective, 3, progress=False)) == whole
        moments, seen, where = moments + 1, seen | {len(so_far)}, where | {interrupt.where}
    assert moments > 100 // step
    assert seen == {0, 1, 2, 3}
    assert step > 1 or where >= SEARCH


def test_an_interrupt_at_any_line_of_a_search_that_yields_closes_all_trainings():
    state = {"begun": 0, "closed": 0}

    def train(params):
        state["begun"] += 1
        try:
            for epoch in range(1, 9):
                yield params["x"] ** 2 + 1 / epoch
        finally:
            state["closed"] += 1

    def begin():
        return Study(SPACE, hpt.SuccessiveHalving(3, 1, 3), seed=SEED)

    whole = outcomes(run(begin(), train, 4, progress=False))
    moments = 0
    for interrupt in each_moment(step=13):
        study = begin()
        with interrupt:
            assert run(study, train, 4, progress=False) is study
        assert state["begun"] == state["closed"]
        assert outcomes(study) == whole[: len(study.trials)]
        assert outcomes(run(study, train, 4, progress=False)) == whole
        moments += 1
    assert moments > 30


class Bar:
    """In the place of a bar of tqdm: it shows nothing."""

    def __init__(self, initial=0, **more):
        self.n, self.initial, self.disable, self.last_print_t, self.mininterval = initial, initial, False, 0.0, 0.0

    def set_postfix_str(self, text):
        pass

    close = locals  # takes nothing, does nothing


def test_an_interrupt_at_any_line_of_a_search_with_a_bar_gives_back_the_study(monkeypatch):
    monkeypatch.setattr("tqdm.tqdm", Bar)
    whole = outcomes(tune(objective, SPACE, RandomSearch(), 3, seed=SEED, progress=False))
    for interrupt in each_moment(step=2):
        study = Study(SPACE, RandomSearch(), seed=SEED)
        with interrupt:
            assert run(study, objective, 2) is study
        so_far = outcomes(study)
        assert so_far == whole[: len(so_far)]
        assert outcomes(run(study, objective, 3)) == whole


def test_an_interrupt_while_the_bar_closes_still_returns_the_study(monkeypatch):
    class Closing(Bar):
        def close(self):
            raise KeyboardInterrupt

    monkeypatch.setattr("tqdm.tqdm", Closing)
    assert len(tune(objective, SPACE, RandomSearch(), 3, seed=SEED).trials) == 3


@pytest.mark.parametrize("opcodes", [False, True], ids=["lines", "opcodes"])
def test_an_interrupt_at_any_moment_of_ask_leaves_no_trial(opcodes):
    expected = Study(SPACE, Rungs(), seed=SEED)
    expected.tell(expected.ask(), 1.0)
    next_params = expected.ask().params
    given_out = 0
    for interrupt in each_moment(opcodes):
        study = Study(SPACE, Rungs(), seed=SEED)
        study.tell(study.ask(), 1.0)
        given = None
        with interrupt:
            given = study.ask()
        if given is None and study.history.n_running:
            # The very last opcodes: the value is on its way, where no signal is looked at.
            assert opcodes
            given_out += 1
            continue
        if given is None:
            assert len(study.trials) == 1
            given = study.ask()
        assert given.params == next_params
        study.tell(given, 0.5)
        assert [trial.state for trial in study.trials] == ["complete", "complete"]
    assert given_out <= 1


@pytest.mark.parametrize("opcodes", [False, True], ids=["lines", "opcodes"])
@pytest.mark.parametrize("outcome", [{"value": 0.5}, {"error": "no"}], ids=["value", "error"])
def test_an_interrupt_at_any_moment_of_tell_tells_or_does_not(opcodes, outcome):
    expected = Study(SPACE, Rungs(), seed=SEED)
    expected.tell(expected.ask(), **outcome)
    states = set()
    for interrupt in each_moment(opcodes):
        study = Study(SPACE, Rungs(), seed=SEED)
        trial = study.ask()
        with interrupt:
            study.tell(trial, **outcome)
        states.add(study.trials[0].state)
        if study.trials[0].state == "running":
            assert study.trials[0].value is None
            study.tell(trial, **outcome)
        assert outcomes(study) == outcomes(expected)
        assert study.history.incumbent == (study.trials[0] if "value" in outcome else None)
        assert study.ask().params == Study.from_json(expected.to_json(), SPACE, Rungs()).ask().params
    assert states == {"running", outcomes(expected)[0][3]}


def test_an_interrupt_at_any_line_of_abandon_and_extend_does_them_or_does_not():
    wider = Space(x=Float(-1, 1), c=["a", "b"], y=[1, 2])
    for interrupt in each_moment():
        study = Study(SPACE, RandomSearch(), seed=SEED)
        study.tell(study.ask(), 1.0)
        study.ask()
        with interrupt:
            study.abandon([study.trials[1]])
            study.extend(wider, {"y": 2})
        assert [trial.state for trial in study.trials] in (["complete", "running"], ["complete"])
        assert all(study.space.contains(trial.params) for trial in study.trials)
        assert ("y" in study.trials[0].params) == ("y" in study.space)
        assert study.history.n_running == len(study.trials) - 1
        study.ask()


def test_an_interrupt_at_any_line_leaves_every_index_whole():
    class Seen:
        def __init__(self, history):
            self.states = {}

        def add(self, place, trial):
            self.states[place] = trial.state

    whole = run(Study(SPACE, RandomSearch(), seed=SEED), objective, 3, progress=False)
    for interrupt in each_moment():
        study = Study(SPACE, RandomSearch(), seed=SEED)
        with interrupt:
            while len(study.trials) < 3:
                trial = study.ask()
                try:
                    study.tell(trial, objective(trial.params))
                except Bad as error:
                    study.tell(trial, error=error)
                study.history.index(Seen)
                _ = study.history.incumbent, study.history.running
        n = len(study.trials)
        assert study.history.index(Seen).states == {t.number: t.state for t in study.trials}
        assert study.history.finished == tuple(t for t in study.trials if t.state == "complete")
        if n == 3 and not study.history.n_running:
            assert study.history.incumbent.number == whole.history.incumbent.number


@pytest.mark.parametrize(("strategy", "step"), [(Rungs, 3), (RandomSearch, 5)], ids=["budgets", "random"])
def test_an_interrupt_at_any_line_of_a_search_with_workers_leaves_no_ghost(monkeypatch, strategy, step):
    def threads():
        script = wait_at(
            monkeypatch, Scripted(lambda n: min(1, n - 1))
        )  # the second of those that wait, if there are two
        return {"executor": lambda: script, "n_workers": 3, "progress": False}

    whole = outcomes(tune(objective, SPACE, strategy(), 5, seed=SEED, **threads()))
    assert whole == outcomes(tune(objective, SPACE, strategy(), 5, seed=SEED, progress=False))
    moments, seen = 0, set()
    for interrupt in each_moment(step=step):
        study, called, more = Study(SPACE, strategy(), seed=SEED), [], threads()
        with interrupt:
            found = run(study, objective, 5, callbacks=[lambda s, t, called=called: called.append(t.number)], **more)
            assert found is study
        told = []
        for trial, expected in zip(study.trials, whole, strict=False):
            if trial.error == "interrupted before it was told":
                assert dict(trial.params) == expected[0]
            else:
                assert outcomes(study)[trial.number] == expected
                told.append(trial.number)
        assert len(told) - len(called) in (0, 1)
        assert set(called) <= set(told)
        assert not study.trials or study.trials[-1].number in told  # the last ones are as if never asked for
        moments, seen = moments + 1, seen | {len(told)}
        assert [t.params for t in run(study, objective, 5, progress=False).trials] == [params for params, *_ in whole]
    assert moments > 200 // step
    assert seen == {0, 1, 2, 3, 4, 5}


# Real signals


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs the timer signals of Unix")
@pytest.mark.timeout(300, method="thread")  # the timer is this test's own
def test_real_signals_at_random_moments_leave_no_ghost():
    whole = outcomes(tune(objective, SPACE, Rungs(), 6, seed=SEED, progress=False))
    rng, hits, armed = random.Random(0), 0, [False]

    def handler(number, frame):
        if armed[0]:
            armed[0] = False
            raise KeyboardInterrupt

    def free(study, found):
        if study._lock.acquire(timeout=120):
            found.append(True)
            study._lock.release()

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for _ in range(60):
            study = Study(SPACE, Rungs(), seed=SEED)
            try:
                armed[0] = True
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-5, 1.5e-3))
                run(study, objective, 6, progress=False)
                armed[0] = False
            except KeyboardInterrupt:
                pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            so_far = outcomes(study)
            hits += len(so_far) < 6
            assert so_far == whole[: len(so_far)]
            found = []
            other = threading.Thread(target=free, args=(study, found))
            other.start()
            other.join()
            assert found == [True]
            assert outcomes(Study.from_json(study.to_json(), SPACE, Rungs())) == so_far
    finally:
        signal.signal(signal.SIGALRM, before)
        armed[0] = False


# Other ends


@pytest.mark.parametrize("stop", [SystemExit, GeneratorExit, KeyboardInterrupt], ids=lambda stop: stop.__name__)
@pytest.mark.parametrize("where", ["objective", "callback", "strategy", "text"])
def test_whatever_ends_a_search_keeps_the_study_whole(stop, where):
    whole = outcomes(tune(objective, SPACE, RandomSearch(), 6, seed=SEED, progress=False))

    class Text(Exception):
        def __str__(self):
            raise stop

    class Stops:
        def suggest(self, history):
            if where == "strategy" and len(history.trials) == 3 and armed:
                raise stop
            return RandomSearch().suggest(history)

    def train(params):
        calls.append(params)
        if len(calls) == 4 and where in ("objective", "text"):
            raise stop if where == "objective" else Text
        return objective(params)

    def after(study, trial):
        if where == "callback" and trial.number == 2 and armed:
            raise stop

    calls, armed = [], True
    study = Study(SPACE, Stops(), seed=SEED)
    if stop is KeyboardInterrupt:
        assert run(study, train, 6, progress=False, callbacks=[after]) is study
    else:
        with pytest.raises(stop) as caught:
            run(study, train, 6, progress=False, callbacks=[after])
        assert caught.value.study is study
    assert outcomes(study) == whole[:3]
    armed = False
    assert outcomes(run(study, objective, 6, progress=False)) == whole


def test_an_exception_that_has_no_text_fails_its_trial_alone():
    study = tune(
        lambda params: objective({"x": 0.9} if params["x"] > 0 else params), SPACE, RandomSearch(), 6, progress=False
    )
    assert {trial.error for trial in study.history.failed} == {"Bad (its text cannot be read)"}
    assert study.history.finished


def test_tell_takes_an_exception_as_it_is():
    study = Study(SPACE, RandomSearch())
    for error in (Bad(), KeyError("x"), "as it is"):
        study.tell(study.ask(), error=error)
    assert [t.error for t in study.trials] == ["Bad (its text cannot be read)", "KeyError: 'x'", "as it is"]


def test_an_interrupted_search_takes_back_its_own_trial_and_no_other():
    study = Study(SPACE, RandomSearch(), seed=SEED)

    def stop(params):
        others.append(study.ask())  # another worker of the same study, while this one trains
        raise KeyboardInterrupt

    others = []
    run(study, stop, 6, progress=False)
    assert [trial.state for trial in study.trials] == ["failed", "running"]
    assert study.trials[0].error == "interrupted before it was told"
    study.tell(others[0], 1.0)

    def ask_too(study, trial):
        others.append(study.ask())
        raise KeyboardInterrupt

    run(study, lambda params: 1.0, 6, progress=False, callbacks=[ask_too])
    assert [trial.state for trial in study.trials] == ["failed", "complete", "complete", "running"]


def test_what_is_abandoned_twice_or_never_entered_is_no_error():
    study = Study(SPACE, RandomSearch(), seed=SEED)
    trial = study.ask()
    study.abandon([trial])
    study.abandon([trial, hpt.Trial(7, {})])
    assert study.trials == ()
    told = study.ask()
    study.tell(told, 1.0)
    study.abandon([told])
    assert [trial.state for trial in study.trials] == ["complete"]


def test_an_error_that_counts_as_false_is_an_error_all_the_same():
    class Empty(Exception):
        def __len__(self):
            return 0

    numbers = iter(range(9))

    def train(params):
        raise Empty(next(numbers))

    with pytest.raises(Empty) as caught:
        tune(train, SPACE, RandomSearch(), 3, progress=False)
    assert caught.value.args == (0,)
