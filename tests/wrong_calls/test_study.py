"""Wrong calls of the study, the history, trials and the loop: each a TypeError or ValueError of one sentence.

A call stands here with what its message must show: who and which argument, its value, and what would be right.
"""

import math
import re
import sys
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import Float, History, RandomSearch, Space, Study, Suggestion, Trial, run, tune

LINE = Space(x=Float(-1, 1))
WIDE = Space(x=Float(-1, 1), y=[1, 2])


class Silent:
    """It cannot be shown."""

    def __repr__(self):
        raise RuntimeError("no text")


class Lines:
    def __repr__(self):
        return "one\ntwo\n" + "three" * 100


SILENT, LINES = Silent(), Lines()


def square(params):
    raise AssertionError("a wrong call was trained")


def study(**more):
    return Study(LINE, RandomSearch(), **more)


def begun():
    """A study whose trial 0 is told and whose trial 1 is running."""
    one = study()
    one.tell(one.ask(), 0.5)
    one.ask()
    return one


def shown(value):
    """How the message shows a value, at least in part."""
    if value is LINES:
        return "one two three"
    if isinstance(value, np.ndarray) and value.shape:
        return f"an array of shape {value.shape}"
    return "a " if value is SILENT else " ".join(repr(value).split())[:60]


CALLS = []  # (name of the test, the call, fragments of the message)


def wrong(call, values, name, right):
    """`call(value)` is wrong for each of the values: the message shows it behind the name, and says what is right."""
    for value in values:
        CALLS.append((f"{name}={shown(value)}", lambda value=value: call(value), (f"{name}={shown(value)}", right)))


def one(call, *fragments):
    CALLS.append((fragments[0], call, fragments))


NO_TEXTS = [None, 0, True, ["minimize"], np.zeros(2), SILENT, LINES]

# Study
wrong(
    lambda v: study(direction=v),
    ["min", "", "Maximize", *NO_TEXTS],
    "Study: direction",
    "must be 'minimize' or 'maximize'",
)
NO_SEEDS = [-1, 2**64, 0.0, 1.5, "0", None, True, [0], np.zeros(2), math.inf, math.nan, SILENT]
wrong(lambda v: study(seed=v), NO_SEEDS, "Study: seed", "must be an integer from 0 to 2^64 - 1")
NO_STRATEGIES = [RandomSearch, "random", None, 3, square, {}, LINES, SILENT]
wrong(lambda v: Study(LINE, v), NO_STRATEGIES, "Study: strategy", "must be an object with suggest(history)")
one(lambda: Study({}, RandomSearch()), "Space: needs at least one dimension")
one(lambda: Study(None, RandomSearch()), "Space: needs at least one dimension")
one(lambda: Study("x", RandomSearch()), "Space: ", "'x'", "must be a mapping")
one(lambda: Study({"x": 3}, RandomSearch()), "Space: x=3", "must be a Float")
one(lambda: Study([("x", Float(0, 1))], RandomSearch()), "Space: ", "must be a mapping")
one(lambda: study().best, "best: none of the 0 trials is complete yet")
one(lambda: study().best_params, "best: none of the 0 trials is complete yet")
one(lambda: study().best_value, "best: none of the 0 trials is complete yet")

# directions
DIRECTIONS = {
    "must have at least two entries; for one objective, give direction=": [[], ["minimize"], {"loss": "maximize"}],
    "must be a list such as ['maximize', 'minimize'], or a dict": ["minimize", 2, np.zeros(2), SILENT],
    "must hold only 'minimize' and 'maximize', not ": [["min", "max"], ["minimize", None], {"a": "minimize", "b": 1}],
    "must have names of at least one letter, other than ('value', 'constraints'), not ": [
        {1: "minimize", 2: "minimize"},
        {"value": "minimize", "b": "minimize"},
        {"a": "minimize", "a\nb": "minimize"},
    ],
}
for right, values in DIRECTIONS.items():
    wrong(lambda v: study(directions=v), values, "Study: directions", right)
    wrong(lambda v: search(directions=v), values, "Study: directions", right)
one(
    lambda: study(direction="minimize", directions=["minimize"] * 2),
    "Study: directions=['minimize', 'minimize'] and direction='minimize' must not both be given",
)
one(
    lambda: study(directions=["minimize"] * 2).best,
    "best: none of the 0 trials is the best in each of the 2 objectives; see front",
)

# tell, requeue, abandon, extend
for name in ("tell", "requeue"):
    wrong(
        lambda v, name=name: getattr(begun(), name)(v, *([1.0] if name == "tell" else [])),
        [0, None, "0", {"x": 1}, [1], np.zeros(2), SILENT, LINES],
        f"{name}: trial",
        "must be a trial that ask() returned",
    )
    for number in (7, -1, 1, 10**30):
        one(
            lambda name=name, number=number: getattr(begun(), name)(
                Trial(number, {}), *([1.0] if name == "tell" else [])
            ),
            f"{name}: trial {number} must be one that this study's ask() returned",
        )
one(lambda: (s := begun()).tell(s.trials[0], 1.0), "tell: trial 0 is already complete; tell each trial once")
one(lambda: (s := begun()).tell(s.trials[1]), "tell: trial 1 needs a value, or error='what went wrong'")
one(lambda: (s := begun()).tell(s.trials[1], 1.0, error="no"), "tell: trial 1 takes a value or an error, not both")
wrong(
    lambda v: (s := begun()).tell(s.trials[1], error=v),
    [0, True, ["no"], {}, ValueError, 1.5, b"no", SILENT],
    "tell: error",
    "must be a string or an exception",
)
wrong(
    lambda v: (s := begun()).tell(s.trials[1], 1.0, constraints=v),
    [3, "m", ["m"], {1: 2}, np.zeros(2), SILENT],
    "tell: constraints",
    "must be a dict of numbers by name, of which at most 0 is feasible",
)
for bad in (math.nan, math.inf, "low", None, [1], 1j):
    one(
        lambda bad=bad: (s := begun()).tell(s.trials[1], 1.0, constraints={"m": bad}),
        f"tell: constraints: m={shown(bad)}",
        "must be a finite number",
    )
one(lambda: begun().add({"x": 0.5}, (1, 2)), "add: value=(1, 2) must be one finite number")
one(lambda: begun().add({"x": 0.5}, {"value": 1, "constraints": 3}), "add: constraints=3 must be a dict of numbers")
wrong(lambda v: begun().abandon(v), [3, None, 1.5, SILENT], "abandon: trials", "must be a list of trials")
wrong(lambda v: begun().abandon([v]), [3, None, "x", SILENT], "abandon: trial", "must be a trial that ask() returned")
wrong(
    lambda v: begun().extend(WIDE, v),
    [None, 3, "y", [("y", 1)], LINES],
    "extend: defaults",
    "must be a dict of values by name",
)
one(lambda: begun().extend(None, {}), "Space: needs at least one dimension")
one(lambda: begun().extend(WIDE, {}), "y: Categorical: the value None must be one of [1, 2]")
one(lambda: begun().extend(WIDE, {"y": 3}), "y: Categorical: the value 3 must be one of [1, 2]")
one(lambda: begun().extend(Space(z=[1]), {"z": 1}), "extend: space=Space(z=", "must keep x of trial 0")


# ask: what a strategy suggests
class Fixed:
    def __init__(self, suggested):
        self.suggested = suggested

    def suggest(self, history):
        return self.suggested


def asked(suggested):
    return Study(LINE, Fixed(suggested)).ask()


for value in ({"x": 0.5}, 3, "x", ({"x": 0.5}, 3), Suggestion, SILENT, LINES, False, np.zeros(2)):
    one(
        lambda value=value: asked(value),
        "ask: Fixed.suggest returned " + shown(value),
        "which must be a Suggestion or None",
    )
one(lambda: asked(None), "ask: Fixed has nothing left to suggest after 0 trials")
for params, message in (
    ({}, "must have a value for x"),
    ({"y": 1}, "'y'"),
    ({"x": 0.5, "y": 1}, "'y'"),
    ({"x": 2}, "x: Float: the value 2.0 must be between -1.0 and 1.0"),
    ({"x": "0"}, "x: Float: value='0' must be a finite number"),
    ({"x": None}, "x: Float: value=None must be a finite number"),
    ({"x": math.nan}, "x: Float: value=nan must be a finite number"),
):
    one(lambda params=params: asked(Suggestion(params)), message)
for budget in ("3", [3], math.nan, math.inf, True, np.zeros(2), 1j, Decimal(3), SILENT, {}):
    one(
        lambda budget=budget: asked(Suggestion({"x": 0}, budget)),
        f"ask: the budget {shown(budget)}",
        "that Fixed suggested must be one finite number above 0, or None",
    )
one(lambda: asked(Suggestion({"x": 0}, np.array(-1))), "Suggestion: budget=-1 must be above 0")
one(
    lambda: asked(Suggestion({"x": 0}, info={"a": SILENT})),
    "ask: the info that Fixed suggested: a=",
    "Silent",
    "must be of JSON's types",
)

# Suggestion
NO_DICTS = [None, 3, "x", [("x", 1)], ("x",), np.zeros(2), SILENT, LINES]
wrong(lambda v: Suggestion(v), NO_DICTS, "Suggestion: params", "must be a dict")
wrong(lambda v: Suggestion({"x": 0}, info=v), NO_DICTS, "Suggestion: info", "must be a dict")
wrong(lambda v: Suggestion({"x": 0}, budget=v), [0, -1, -0.5, -math.inf], "Suggestion: budget", "must be above 0")

# Trial
wrong(lambda v: Trial(v, {}), ["0", None, 1.0, True, [0], np.zeros(2), SILENT], "Trial: number", "must be an integer")
wrong(lambda v: Trial(3, v), NO_DICTS, "Trial 3: params", "must be a dict")
wrong(lambda v: Trial(3, {}, info=v), NO_DICTS, "Trial 3: info", "must be a dict")
wrong(
    lambda v: Trial(3, {}, state=v),
    ["done", "", *NO_TEXTS],
    "Trial 3: state",
    "must be one of ['running', 'complete', 'failed']",
)
NO_NUMBERS = ["0.5", [0.5], True, 1j, np.zeros(2), Decimal(1), SILENT]
NOT_FINITE = [math.nan, math.inf, -math.inf]
wrong(
    lambda v: Trial(3, {}, value=v, state="complete"),
    NO_NUMBERS + NOT_FINITE,
    "Trial 3: value",
    "must be a finite number",
)
wrong(
    lambda v: Trial(3, {}, budget=v),
    [*NO_NUMBERS, *NOT_FINITE, 0, -1],
    "Trial 3: budget",
    "must be a finite number above 0",
)
wrong(
    lambda v: Trial(3, {}, started=v),
    [*NO_NUMBERS, *NOT_FINITE, -1, None],
    "Trial 3: started",
    "must be a finite number of at least 0",
)
wrong(
    lambda v: Trial(3, {}, seconds=v),
    [*NO_NUMBERS, *NOT_FINITE, -1],
    "Trial 3: seconds",
    "must be a finite number of at least 0",
)
wrong(
    lambda v: Trial(3, {}, error=v),
    [3, True, ["no"], b"no", ValueError("no"), SILENT],
    "Trial 3: error",
    "must be a string or None",
)
wrong(
    lambda v: Trial(3, {}, state="complete", value=v),
    [None],
    "Trial 3: value",
    "must be a number, since its state is complete",
)
wrong(
    lambda v: Trial(3, {}, state="failed", value=v),
    [0.5, 0],
    "Trial 3: value",
    "must be None, since its state is failed",
)
wrong(lambda v: Trial(3, {}, value=v), [0.5, math.nan], "Trial 3: value", "must be None, since its state is running")
one(lambda: replace(Trial(3, {}), state="complete"), "Trial 3: value=None must be a number")

# History
wrong(lambda v: History(LINE, (), 0, v), ["min", *NO_TEXTS], "History: direction", "must be 'minimize' or 'maximize'")
wrong(lambda v: History(LINE, (), v), NO_SEEDS, "History: seed", "must be an integer from 0 to 2^64 - 1")
wrong(lambda v: History(v, ()), [None, {}, {"x": Float(0, 1)}, "x", LINES, SILENT], "History: space", "must be a Space")
wrong(
    lambda v: History(LINE, v),
    [3, None, "ab", [1], [{"x": 1}], {"a": 1}, Trial(0, {}), SILENT],
    "History: trials",
    "must be a sequence of trials",
)
one(lambda: replace(begun().history, direction="up"), "History: direction='up' must be")
one(lambda: replace(begun().history, seed=-1), "History: seed=-1 must be")
one(lambda: replace(begun().history, space=None), "History: space=None must be")
wrong(lambda v: begun().history.index(v), [None, 3, "Seen", [1], LINES], "History: make", "must be an index class")
one(lambda: begun().history.loss(begun().trials[1]), "History: trial 1 is running, but must be complete to have a loss")
one(lambda: begun().history.rank(begun().trials[1]), "History: trial 1 is running, but must be complete to have a loss")
wrong(lambda v: begun().history.loss(v), [3, None, "x", SILENT], "History: trial", "must be a Trial")
for place in ("0", None, 1.5, True, [0]):
    one(lambda place=place: begun().trials[place], f"trials: the index={shown(place)} must be an integer")


# tune and run
def search(**wrong):
    arguments = {"objective": square, "space": LINE, "strategy": RandomSearch(), "n_trials": 3, "progress": False}
    return tune(**{**arguments, **wrong})


wrong(
    lambda v: search(objective=v),
    [3, None, "square", {}, np.zeros(2), SILENT, LINES],
    "tune: objective",
    "must be a function of the params",
)
wrong(lambda v: search(n_trials=v), [0, -1], "tune: n_trials", "must be at least 1")
wrong(
    lambda v: search(n_trials=v),
    [1.0, "3", None, True, [3], math.inf, np.zeros(2), SILENT],
    "tune: n_trials",
    "must be an integer",
)
NO_TIMES = [0, -1, math.nan, "1", True, [1], np.zeros(2), 1j, -math.inf, SILENT, 10**400, Decimal(1)]
wrong(lambda v: search(timeout=v), NO_TIMES, "tune: timeout", "must be a number of seconds above 0, or None")
wrong(lambda v: search(on_error=v), ["ignore", "", "Raise", *NO_TEXTS], "tune: on_error", "must be 'record' or 'raise'")
wrong(
    lambda v: search(progress=v),
    ["yes", None, 1, 0.0, [True], np.zeros(2), SILENT],
    "tune: progress",
    "must be True or False",
)
wrong(
    lambda v: search(callbacks=v),
    [print, 3, None, [1], ["print"], "print", [None], {"a": print}, SILENT],
    "tune: callbacks",
    "must be a list of functions of the study and the trial",
)
one(
    lambda: search(callbacks=[lambda trial: None]),
    "tune: callbacks=[<function",
    "must be a list of functions of the study and the trial",
)
wrong(lambda v: search(direction=v), ["min", *NO_TEXTS], "Study: direction", "must be 'minimize' or 'maximize'")
wrong(lambda v: search(seed=v), NO_SEEDS, "Study: seed", "must be an integer from 0 to 2^64 - 1")
wrong(lambda v: search(strategy=v), NO_STRATEGIES, "Study: strategy", "must be an object with suggest(history)")


class TakesTrial:
    takes_trial = True

    def __call__(self, trial):
        return 1.0


wrong(
    lambda v: search(executor=v),
    [3, "loky", ThreadPoolExecutor(1), [ThreadPoolExecutor], lambda n: None, np.zeros(2), SILENT, LINES],
    "tune: executor",
    "must be a function without arguments that makes an executor",
)
for made in (None, 3, "pool", ThreadPoolExecutor, [], SILENT):
    one(
        lambda made=made: search(executor=lambda: made),
        f"tune: executor() returned {shown(made)}",
        "must be a concurrent.futures.Executor",
    )
wrong(lambda v: search(n_workers=v), [0, -1], "tune: n_workers", "must be at least 1")
wrong(
    lambda v: search(n_workers=v), [True, 2.5, "2", [2], math.inf, np.zeros(2), SILENT], "tune: n_workers", "must be an"
)
wrong(lambda v: search(max_retries=v), [-1, True, 1.5, "1", None, [1], SILENT], "tune: max_retries", "of at least 0")
wrong(
    lambda v: search(trial_timeout=v), NO_TIMES, "tune: trial_timeout", "must be a number of seconds above 0, or None"
)
one(
    lambda: search(executor=lambda: ThreadPoolExecutor(1), n_workers=1, trial_timeout=3),
    "tune: trial_timeout=3 must be None with ThreadPoolExecutor",
    "only processes of this machine can be ended",
)
one(lambda: search(executor=Executor), "tune: n_workers=None must be a number with Executor", "does not say how many")
one(
    lambda: search(objective=TakesTrial(), n_workers=2),
    "tune: n_workers=2 must be 1: a tuner keeps the models of its trials",
)
one(lambda: search(objective=threading.Lock().__enter__, n_workers=2), "tune: objective=<", "can be sent", "lock")
one(lambda: search(space=3), "Space: ", "3", "must be a mapping")
one(lambda: search(space={}), "Space: needs at least one dimension")
one(lambda: search(space={"x": (0, 1, 2), 3: [1]}), "Space: the name 3 must be a string")
one(lambda: search(strategy=hpt.GridSearch()), "GridSearch: x is continuous; give it a step, or a resolution")
wrong(
    lambda v: run(v, square, 3),
    [None, LINE, square, 3, RandomSearch(), Study, SILENT, LINES],
    "run: study",
    "must be a Study",
)
wrong(lambda v: run(study(), v, 3), [None, 3], "tune: objective", "must be a function of the params")
wrong(lambda v: run(study(), square, v), [None, "3"], "tune: n_trials", "must be an integer")

# files: more in tests/study/test_broken_files.py
NO_PATHS = [3, 1.5, True, b"runs.db", ["runs.db"], {}, np.zeros(2), SILENT, LINES]
NOT_GOOD = ["", ":memory:", "sqlite:///runs.db", "a\0b"]
NO_NAMES = [3, True, b"svm", ["svm"], np.zeros(2), SILENT, LINES]
EMPTY = ["", "  ", "a\nb", "\x1b[2J"]
wrong(
    lambda v: study(storage=v), NO_PATHS + NOT_GOOD, "Study: storage", "must be the path of a file, such as 'runs.db'"
)
wrong(
    lambda v: search(storage=v), NO_PATHS + NOT_GOOD, "Study: storage", "must be the path of a file, such as 'runs.db'"
)
wrong(lambda v: Study.open(v), [None, *NO_PATHS, *NOT_GOOD], "Study.open: storage", "must be the path of a file")
wrong(lambda v: hpt.studies(v), [None, *NO_PATHS, *NOT_GOOD], "studies: storage", "must be the path of a file")
wrong(lambda v: study(storage="no.db", name=v), NO_NAMES, "Study: name", "must be a string")
wrong(
    lambda v: study(storage="no.db", name=v),
    EMPTY,
    "Study: name",
    "must be a string of at least one letter, on one line",
)
wrong(lambda v: Study.open("no.db", v), NO_NAMES + EMPTY, "Study.open: name", "must be a string")
wrong(lambda v: study(name=v), ["svm", 3], "Study: name", "needs storage='runs.db', a file to keep it in")
wrong(lambda v: search(name=v), ["svm", 3], "Study: name", "needs storage='runs.db', a file to keep it in")
wrong(lambda v: begun().requeue(v), [3, None, "0", SILENT], "requeue: trial", "must be a trial that ask() returned")
one(lambda: (s := begun()).requeue(s.trials[0]), "requeue: trial 0 is already complete")
one(lambda: begun().requeue(Trial(7, {})), "requeue: trial 7 must be one that this study's ask() returned")
wrong(lambda v: study().note(a=v), [SILENT, {1, 2}, np.zeros(2), LINES], "note: a", "must be of JSON's types")
one(lambda: study().note(a=math.nan), "note: a=nan must be a finite number")

# from_json: more in tests/study/test_storage.py
for text in ("", "{}", "null", "[1]", "study", None, 3, b"{}", ["{}"], SILENT, LINES):
    one(
        lambda text=text: Study.from_json(text, LINE, RandomSearch()),
        f"from_json: the text {shown(text)[:30]}",
        "must be what a study's to_json wrote",
    )
wrong(
    lambda v: Study.from_json(study().to_json(), LINE, v),
    NO_STRATEGIES,
    "Study: strategy",
    "must be an object with suggest(history)",
)
one(lambda: Study.from_json(study().to_json(), None, RandomSearch()), "Space: needs at least one dimension")
one(
    lambda: Study.from_json(begun().to_json(), Space(y=[1]), RandomSearch()),
    "from_json: Trial 0: params=",
    "must be of this space",
)


# Addresses in memory are no names: they differ from process to process.
NAMES = [f"{number} {re.sub(' at 0x[0-9a-f]+', '', name)}" for number, (name, _, _) in enumerate(CALLS)]


@pytest.mark.parametrize(("call", "fragments"), [call[1:] for call in CALLS], ids=NAMES)
def test_a_wrong_call_is_refused_in_one_sentence(call, fragments):
    handled = sys.exc_info()[1]  # a tracer that raises inside a handler leaves one behind: see the tests of interrupts
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    message = str(caught.value)
    for fragment in fragments:
        assert fragment in message
    assert "\n" not in message
    assert len(message) < 300
    assert re.match(r"[A-Za-z_.]+[: ]", message)  # who says it
    assert re.search(r"\b(must|needs|takes|tell each|has nothing left|give it|is already complete|none of)\b", message)
    assert caught.value.__traceback__ is not None
    assert caught.value.__suppress_context__ or caught.value.__context__ is handled


def test_there_are_enough_wrong_calls():
    assert len(CALLS) >= 300
