"""Wrong calls of the study, the history, trials, the loop and the report."""

import functools
import math
import pathlib
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import refusals as of
from refusals import Says, Table, refuse

import hpt_lab as hpt
from hpt_lab import Float, History, RandomSearch, Space, Study, Suggestion, Trial, problems, run, simulate, tune
from hpt_lab.study.outcomes import SelfTelling
from hpt_lab.tools.report import report

NAN, INF = math.nan, math.inf
LINE = Space(x=Float(-1, 1))
WIDE = Space(x=Float(-1, 1), y=[1, 2])
DONE = tune(lambda p: p["x"], {"x": [1, 2]}, hpt.GridSearch(), 2, progress=False)
NO_TRIALS = [None, "0", {"x": 1}, [1], np.zeros(2), of.SILENT, of.LINES, 3.5, True]
ADDRESSES = ["sqlite:///runs.db", "sqlite:///C:/runs.db", "https://host.example/runs.db", "ab://"]
PATH = of.kind("must be the path of a file", of.NO_PATHS, "", ":memory:", "a\0b", *ADDRESSES)
NAME = of.kind(
    "must be a string", [3, True, b"svm", ["svm"], np.zeros(2), of.SILENT, of.LINES], "", "  ", "a\nb", "\x1b[2J"
)
TRIAL = of.kind("must be a trial that ask() returned", NO_TRIALS)
FUNCTION = of.kind("must be a function of the params", of.NO_FUNCTIONS)
calls = Table()


def square(params):
    raise AssertionError("a wrong call was trained")


def study(**more):
    return Study(LINE, RandomSearch(), **more)


def begun():
    """A study whose trial 0 is told and whose trial 1 is running."""
    made = study()
    made.tell(made.ask(), 0.5)
    made.ask()
    return made


def search(**wrong):
    arguments = {"objective": square, "space": LINE, "strategy": RandomSearch(), "n_trials": 3, "progress": False}
    return tune(**{**arguments, **wrong})


def asked(*suggestion, **more):
    """A study asks a strategy that suggests this."""
    return Study(LINE, Says(Suggestion(*suggestion, **more))).ask()


def told(*value, trial=1, **more):
    made = begun()
    made.tell(made.trials[trial], *value, **more)


# Study
SEARCHED = {"space": LINE, "strategy": RandomSearch()}
calls.arguments(Study, SEARCHED, direction=of.DIRECTION, seed=of.SEED, strategy=of.STRATEGY)
calls.all(
    (lambda: Study({}, RandomSearch()), "Space: needs at least one dimension"),
    (lambda: Study(None, RandomSearch()), "Space: needs at least one dimension"),
    (lambda: Study("x", RandomSearch()), "Space: ", "'x'", "must be a mapping"),
    (lambda: Study({"x": 3}, RandomSearch()), "Space: x=3", "must be a Float"),
    (lambda: Study([("x", Float(0, 1))], RandomSearch()), "Space: ", "must be a mapping"),
    (lambda: study().best, "best: none of the 0 trials is complete yet"),
    (lambda: study().best_params, "best: none of the 0 trials is complete yet"),
    (lambda: study().best_value, "best: none of the 0 trials is complete yet"),
)
DIRECTIONS = {
    "must have at least two entries; for one objective, give direction=": [[], ["minimize"], {"loss": "maximize"}],
    "must be a list such as ['maximize', 'minimize'], or a dict": ["minimize", 2, np.zeros(2), of.SILENT],
    "must hold only 'minimize' and 'maximize', not ": [["min", "max"], ["minimize", None], {"a": "minimize", "b": 1}],
    "must have names of at least one letter, other than ('value', 'constraints'), not ": [
        {1: "minimize", 2: "minimize"},
        {"value": "minimize", "b": "minimize"},
        {"a": "minimize", "a\nb": "minimize"},
    ],
}
for right, values in DIRECTIONS.items():
    calls.kind(lambda v: study(directions=v), "Study: directions", [((TypeError, ValueError), right, values)])
    calls.kind(lambda v: search(directions=v), "Study: directions", [((TypeError, ValueError), right, values)])
BOTH = "Study: directions=['minimize', 'minimize'] and direction='minimize' must not both be given"
calls.one(lambda: study(direction="minimize", directions=["minimize"] * 2), BOTH)
NONE_BEST = "best: none of the 0 trials is the best in each of the 2 objectives; see front"
calls.one(lambda: study(directions=["minimize"] * 2).best, NONE_BEST)

# tell, requeue, abandon, extend
NO_LISTS = 3, None, 1.5, of.SILENT, "ab", {}, np.zeros(2), np.array(3), np.array([None], object), np.ma.masked
calls.kind(lambda v: begun().tell(v, 1.0), "tell: trial", TRIAL)
calls.kind(lambda v: begun().requeue(v), "requeue: trial", TRIAL)
calls.kind(lambda v: begun().abandon([v]), "abandon: trial", TRIAL)
for number_ in (7, -1, 1, 10**30):
    right = f"trial {number_} must be one that this study's ask() returned"
    calls.one(lambda n=number_: begun().tell(Trial(n, {}), 1.0), f"tell: {right}")
    calls.one(lambda n=number_: begun().requeue(Trial(n, {})), f"requeue: {right}")
calls.all(
    (lambda: told(1.0, trial=0), "tell: trial 0 is already complete; tell each trial once"),
    (lambda: told(), "tell: trial 1 needs a value, or error='what went wrong'"),
    (lambda: told(1.0, error="no"), "tell: trial 1 takes a value or an error, not both"),
    (lambda: (s := begun()).requeue(s.trials[0]), "requeue: trial 0 is already complete"),
    (lambda: begun().add({"x": 0.5}, (1, 2)), "add: value=(1, 2) must be one finite number"),
    (lambda: begun().add({"x": 0.5}, {"value": 1, "constraints": 3}), "add: constraints=3 must be a dict of numbers"),
    (lambda: begun().extend(None, {}), "Space: needs at least one dimension"),
    (lambda: begun().extend(WIDE, {}), "y: Categorical: the value None must be one of [1, 2]"),
    (lambda: begun().extend(WIDE, {"y": 3}), "y: Categorical: the value 3 must be one of [1, 2]"),
    (lambda: begun().extend(Space(z=[1]), {"z": 1}), "extend: space=Space(z=", "must keep x of trial 0"),
)
NO_ERRORS = [0, True, ["no"], {}, ValueError, 1.5, b"no", of.SILENT]
calls.types(lambda v: told(error=v), "tell: error", "must be a string or an exception", *NO_ERRORS)
AT_MOST_0 = "must be a dict of numbers by name, of which at most 0 is feasible"
for value in ([1, 2], 3, np.zeros(2), "ab"):
    calls.types(lambda v: Trial(0, {}, objectives=v), "Trial 0: objectives", "must be a tuple of numbers", value)
NO_TRIAL = [None, 3, True, "0", ("a",), ..., b"0", np.zeros(2)]
calls.types(lambda v: begun().history.rank(v), "History: trial", "must be a Trial", *NO_TRIAL)
calls.types(lambda v: begun().history.places(v), "History: trials", "must be a sequence of trials", *NO_LISTS[:6])
NO_CONSTRAINTS = [3, "m", ["m"], {1: 2}, np.zeros(2), of.SILENT]
calls.types(lambda v: told(1.0, constraints=v), "tell: constraints", AT_MOST_0, *NO_CONSTRAINTS)
calls.kind(lambda v: told(1.0, constraints={"m": v}), "tell: constraints: m", of.without(of.FINITE, True))
calls.types(lambda v: begun().abandon(v), "abandon: trials", "must be a list of trials", *NO_LISTS)
BY_NAME = of.kind("must be a dict of values by name", of.NO_DICTS)
JSON = of.kind("must be of JSON's types", [of.SILENT, {1, 2}, np.zeros(2), of.LINES, 1j])
calls.kind(lambda v: begun().extend(WIDE, v), "extend: defaults", BY_NAME)
calls.kind(lambda v: study().note(a=v), "note: a", JSON)
calls.kind(lambda v: asked({"x": 0}, info={"a": v}), "ask: the info that Says suggested: a", JSON)
calls.one(lambda: study().note(a=NAN), "note: a=nan must be a finite number")

# ask: what a strategy suggests
NO_SUGGESTIONS = [{"x": 0.5}, 3, "x", ({"x": 0.5}, 3), Suggestion, of.SILENT, of.LINES, False, np.zeros(2)]
SUGGESTION = of.kind("must be a Suggestion or None", NO_SUGGESTIONS)
calls.kind(lambda v: Study(LINE, Says(v)).ask(), "ask: Says.suggest returned {}, which", SUGGESTION)
calls.all(
    (lambda: Study(LINE, Says(None)).ask(), "ask: Says has nothing left to suggest after 0 trials"),
    (lambda: asked({}), "must have a value for x"),
    (lambda: asked({"y": 1}), "'y'"),
    (lambda: asked({"x": 0.5, "y": 1}), "'y'"),
    (lambda: asked({"x": 2}), "x: Float: the value 2.0 must be between -1.0 and 1.0"),
    (lambda: asked({"x": "0"}), "x: Float: value='0' must be a finite number"),
    (lambda: asked({"x": None}), "x: Float: value=None must be a finite number"),
    (lambda: asked({"x": NAN}), "x: Float: value=nan must be a finite number"),
    (lambda: asked({"x": 0}, np.array(-1)), "Suggestion: budget=-1 must be above 0"),
    (lambda: asked({"x": 0}, info={"gain": NAN}), "gain=nan must be a finite number"),
    (lambda: asked({"x": 0}, info={"gain": [1.0, -INF]}), "gain=-inf must be a finite number"),
    (lambda: asked({"x": 0}, info={1: "rung"}), "the key 1 must be a string"),
    (lambda: asked({"x": 0}, info={"deep": {2: 3}}), "deep: the key 2 must be a string"),
)
BUDGET = of.without(of.number("must be one finite number above 0, or None"), None, -INF)
calls.kind(lambda v: asked({"x": 0}, v), "ask: the budget {} that Says suggested", BUDGET)

# Suggestion, Trial, History
NEGATIVE = of.kind("must be above 0", [], 0, -1, -0.5, -INF)
calls.arguments(Suggestion, {"params": {"x": 0}}, params=of.DICT, info=of.DICT, budget=NEGATIVE)
INTEGER = of.kind("must be an integer", ["0", None, 1.0, True, [0], np.zeros(2), of.SILENT])
calls.kind(lambda v: Trial(v, {}), "Trial: number", INTEGER)
FROM_0 = of.number("must be a finite number of at least 0", -1)
NO_WORDS = [3, True, ["no"], b"no", ValueError("no"), of.SILENT]
calls.arguments(
    Trial,
    {"number": 3, "params": {}},
    who="Trial 3",
    params=of.DICT,
    info=of.DICT,
    state=of.kind("must be one of ['running', 'complete', 'failed']", of.NO_TEXTS, "done", ""),
    budget=of.without(of.number("must be a finite number above 0", 0, -1), None),
    started=FROM_0,
    seconds=of.without(FROM_0, None),
    error=of.kind("must be a string or None", NO_WORDS),
    stopped=of.kind("must be a string or None", NO_WORDS),
    value=of.kind("must be None, since its state is running", [], 0.5, NAN),
)
COMPLETE, FAILED = ({"number": 3, "params": {}, "state": state} for state in ("complete", "failed"))
NO_VALUE = (ValueError, "must be a number, since its state is complete", [None])
calls.arguments(Trial, COMPLETE, who="Trial 3", value=[*of.without(of.FINITE, None), NO_VALUE])
COMPLETE["value"] = 1.0
calls.arguments(Trial, COMPLETE, who="Trial 3", expected=of.kind("must be None, since no rule", [], 0.5))
calls.arguments(Trial, COMPLETE | {"stopped": "median"}, who="Trial 3", expected=of.without(of.FINITE, None))
calls.arguments(Trial, FAILED, who="Trial 3", value=of.kind("must be None, since its state is failed", [], 0.5, 0))
HISTORY = {"space": LINE, "trials": ()}
SEQUENCE = of.kind("must be a sequence of trials", [3, None, "ab", [1], [{"x": 1}], {"a": 1}, Trial(0, {}), of.SILENT])
SPACE = of.kind("must be a Space", [None, {}, {"x": Float(0, 1)}, "x", of.LINES, of.SILENT])
calls.arguments(History, HISTORY, direction=of.DIRECTION, seed=of.SEED, space=SPACE, trials=SEQUENCE)
INDEX = of.kind("must be an index class", [None, 3, "Seen", [1], of.LINES])
calls.kind(lambda v: begun().history.index(v), "History: make", INDEX)
calls.types(lambda v: begun().history.loss(v), "History: trial", "must be a Trial", 3, None, "x", of.SILENT)
calls.types(lambda v: begun().trials[v], "trials: the index", "must be an integer", "0", None, 1.5, True, [0])
UNTOLD = "History: trial 1 is running, but must be complete to have a loss"
calls.all(
    (lambda: replace(Trial(3, {}), state="complete"), "Trial 3: value=None must be a number"),
    (lambda: replace(begun().history, direction="up"), "History: direction='up' must be"),
    (lambda: replace(begun().history, seed=-1), "History: seed=-1 must be"),
    (lambda: replace(begun().history, space=None), "History: space=None must be"),
    (lambda: begun().history.loss(begun().trials[1]), UNTOLD),
    (lambda: begun().history.rank(begun().trials[1]), UNTOLD),
)


# tune and run
class TakesTrial(SelfTelling):
    takes_trial = True
    why_here = ": a tuner keeps the models of its trials here"

    def __call__(self, trial):
        return 1.0


def threads():
    return ThreadPoolExecutor(1)


NO_POOLS = [3, "loky", ThreadPoolExecutor(1), [ThreadPoolExecutor], square, np.zeros(2), of.SILENT, of.LINES]
WRONG_SHAPES = [[square], [threads], [tune], [functools.partial(square)]]  # of one, of none, of three
NO_CALLBACKS = [print, 3, None, [1], ["print"], "print", [None], {"a": print}, *WRONG_SHAPES, of.SILENT]
calls.arguments(
    search,
    who="tune",
    objective=FUNCTION,
    n_trials=of.without(of.POSITIVE, None),
    total_budget=of.without(of.ABOVE_0, None),
    timeout=of.SECONDS,
    trial_timeout=of.SECONDS,
    on_error=of.kind("must be 'record' or 'raise'", [], *of.NO_TEXTS, "ignore", "", "Raise"),
    progress=of.FLAG,
    callbacks=of.kind("must be a list of functions of the study and the trial", NO_CALLBACKS),
    executor=of.kind("must be a function without arguments that makes an executor", NO_POOLS),
    n_workers=of.without(of.POSITIVE, None),
    max_retries=of.integer("must be an integer of at least 0", -1),
)
calls.arguments(search, who="Study", direction=of.DIRECTION, seed=of.SEED, strategy=of.STRATEGY, storage=PATH)
POOL = of.kind("must be a concurrent.futures.Executor", [None, 3, "pool", ThreadPoolExecutor, [], of.SILENT])
calls.kind(lambda v: search(executor=lambda: v), "tune: executor() returned {}, which", POOL)
calls.kind(lambda v: search(start=v), "Study: start", of.kind("must be a list of params", [{"x": 0.5}, "x", b"x", 3]))
NO_END = "tune: n_trials=None must be an integer where neither total_budget nor timeout ends the search"
ONLY_OURS = "tune: trial_timeout=3 must be None with ThreadPoolExecutor"
calls.all(
    (lambda: search(executor=threads, n_workers=1, trial_timeout=3), ONLY_OURS, "only processes of this machine"),
    (lambda: search(executor=Executor), "tune: n_workers=None must be a number with Executor", "does not say how many"),
    (lambda: search(objective=TakesTrial(), n_workers=2), "tune: n_workers=2 must be 1: a tuner keeps the models"),
    (lambda: search(objective=threading.Lock().__enter__, n_workers=2), "tune: objective=<", "can be sent", "lock"),
    (lambda: search(n_trials=None), NO_END),
    (lambda: run(study(), square, None), NO_END),
    (lambda: search(start=[{"x": 0.5}, {"x": 5}]), "Study: start[1]: x: Float: the value 5.0 must be between"),
    (lambda: search(start=[3]), "Study: start[0]=3 must be a dict of params"),
    (lambda: search(space=hpt.HyperParameters(), start=[{"x": 0.1}]), "start=[{'x': 0.1}] needs known hyperparameters"),
    (lambda: search(space=hpt.HyperParameters(), start=DONE), "start=", "needs known hyperparameters: ask hp for them"),
    (lambda: search(space=3), "Space: ", "3", "must be a mapping"),
    (lambda: search(space={}), "Space: needs at least one dimension"),
    (lambda: search(space={"x": (0, 1, 2), 3: [1]}), "Space: the name 3 must be a string"),
    (lambda: search(strategy=hpt.GridSearch()), "GridSearch: x is continuous; give it a step, or a resolution"),
)
calls.kind(lambda v: run(v, square, 3), "run: study", of.STUDY)
calls.types(lambda v: run(v, square, 3), "run: study", "must be a Study", LINE, square, Study, of.LINES)
calls.kind(lambda v: run(study(), v, 3), "tune: objective", FUNCTION)
calls.kind(lambda v: run(study(), square, v), "tune: n_trials", of.without(of.POSITIVE, None))

# simulate, and population-based training
IN_SECONDS = of.kind("must be a function of the trial, in seconds", [3, study, tune])
SIMULATED = {"study": study(), "objective": square, "duration": lambda trial: 1.0, "n_workers": 2, "n_trials": 3}
calls.arguments(
    simulate,
    SIMULATED,
    study=of.STUDY,
    objective=FUNCTION,
    duration=IN_SECONDS,
    n_workers=of.POSITIVE,
    n_trials=[*of.without(of.POSITIVE, None), (ValueError, "and until=None must not both be None", [None])],
    until=of.without(of.ABOVE_0, None),
    thinking=of.NUMBER_FROM_0,
)
calls.kind(lambda v: simulate(study(), square, lambda trial: v, 2, 3), "simulate: duration of trial 0", of.ABOVE_0)
calls.kind(simulate(study(), lambda params: 1.0, lambda trial: 1.0, 2, 3).time_to, "time_to: target", of.FINITE)
calls.types(problems.durations, "durations: problem", "must be a Problem", None, "branin", LINE)
calls.values(problems.durations, "durations: problem", "must be a tabulated one: forest_bo", problems.branin())
POPULATION = {"make": list, "train": square, "space": LINE, "n_rounds": 2}
calls.arguments(
    hpt.population_based_training,
    POPULATION,
    make=of.kind("must be a function", [3, None, "list"]),
    train=of.kind("must be a function", [3, None, "train"]),
    n_rounds=of.POSITIVE,
    n_members=of.integer("must be an integer from 2 to 1000000", 1, 0, 10**400),
    warmup=of.POSITIVE,
    share=of.number("must be a finite number of at least 0 and at most 0.5", -1, 0.6, 1),
    factor=of.number("must be a finite number of at least 1", 0.8, 0),
    progress=of.FLAG,
)
calls.arguments(hpt.population_based_training, POPULATION, who="Study", direction=of.DIRECTION, seed=of.SEED)
PLACES = {"storage": of.without(PATH, None), "name": NAME}
calls.arguments(hpt.population_based_training, POPULATION | {"storage": "no/folder/runs.db"}, who="Study", **PLACES)
STEPPED = {"space": {"rate": Float(1e-3, 1.0, log=True, step=10)}}
calls.one(lambda: hpt.population_based_training(**POPULATION | STEPPED), "the step=10.0 of rate must be None")

# files: more in tests/study/test_broken_files.py
calls.kind(lambda v: study(storage=v), "Study: storage", PATH)
calls.kind(lambda v: Study.open(v), "Study.open: storage", PATH, of.kind("must be the path of a file", [None]))
calls.kind(lambda v: hpt.studies(v), "studies: storage", PATH, of.kind("must be the path of a file", [None]))
calls.kind(lambda v: study(storage="no.db", name=v), "Study: name", NAME)
calls.kind(lambda v: Study.open("no.db", v), "Study.open: name", NAME)
for make in (study, search):
    calls.arguments(make, who="Study", name=of.kind("needs storage='runs.db', a file to keep it in", [], "svm", 3))
ON_ONE_LINE = "must be a string of at least one letter, on one line"
calls.values(lambda v: study(storage="no.db", name=v), "Study: name", ON_ONE_LINE, "", "  ", "a\nb")

# from_json: more in tests/study/test_storage.py
UNWRITTEN = [None, 3, b"{}", ["{}"], of.SILENT, of.LINES, "", "{}", "null", "[1]", "study"]
WRITTEN = of.kind("must be what a study's to_json wrote", [], *UNWRITTEN)
calls.kind(lambda v: Study.from_json(v, LINE, RandomSearch()), "from_json: the text {}", WRITTEN)
ONE_TOLD = begun().to_json()
calls.kind(lambda v: Study.from_json(study().to_json(), LINE, v), "Study: strategy", of.STRATEGY)
calls.all(
    (lambda: Study.from_json(study().to_json(), None, RandomSearch()), "Space: needs at least one dimension"),
    (lambda: Study.from_json(ONE_TOLD, Space(y=[1]), RandomSearch()), "Trial 0: params=", "must be of this space"),
)


@calls.each()
def test_a_wrong_call_is_refused_in_one_sentence(error, calls):
    refuse(error, calls, alone=True)


reports = Table()
reports.values(DONE.report, "report: file", "must end in .html or .md", "search", "search.pdf", ".html")
reports.types(
    DONE.report, "report: file", "must be the path of a file, such as 'search.html'", None, "", b"search.html", 3
)
reports.types(lambda v: DONE.report("a.html", title=v), "report: title", "must be a string", 3)
reports.kind(
    lambda v: DONE.report("a.html", language=v), "report: language", of.kind("must be one of ['en', 'ko']", [3], "fr")
)
reports.types(report, "report: study", "must be a Study", None)
reports.values(lambda v: report(DONE, format=v), "format", "must be one of ['html', 'md']", "pdf")
reports.one(lambda: DONE.report(pathlib.Path(".")), "report: file='.' must end in .html or .md", error=ValueError)


@reports.each()
def test_a_wrong_call_of_the_report_writes_nothing(error, calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refuse(error, calls)
    assert list(tmp_path.iterdir()) == []
    assert len(DONE.trials) == 2


def test_a_report_into_a_folder_that_is_not_there_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match=r"no/a.html"):
        DONE.report("no/a.html")
    assert list(tmp_path.iterdir()) == []
