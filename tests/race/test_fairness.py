"""What is a strategy, and what is not: replays, other names, the disguise; and what a process may answer."""

import ast
import itertools
import json
import random
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hpt_lab import TPE, BayesianOptimization, Float, GeneticAlgorithm, GridSearch, Int, Space, Suggestion
from hpt_lab.problems import Problem
from hpt_lab.tools.race import evaluation
from hpt_lab.tools.race.child import SearchLog
from hpt_lab.tools.race.entry import Entry, Refused, load
from hpt_lab.tools.race.evaluation import Setup, evaluate, quick_check, remote_search
from hpt_lab.tools.race.process import StrategyProcess
from hpt_lab.tools.race.score import scores
from hpt_lab.tools.race.searches import LAB, NOISY, Search, disguised, random_loss, suite

SPACE = Space(
    rate=Float(1e-3, 1e3, log=True),
    kind=["a", "b", "c"],
    depth=Int(1, 9),
    gamma=Float(0, 1).when(kind=["b", "c"]),
)


def loss(params):
    if params["depth"] == 9:
        raise ValueError("too deep")
    return (np.log(params["rate"]) - 1) ** 2 + params["depth"] + params.get("gamma", 0.3)


TREE = Problem("tree", SPACE, 1.0, {}, "loss", loss)


class Here:
    """A strategy in this process that answers as a `StrategyProcess` does."""

    def __init__(self, strategy):
        self.strategy, self.seconds = strategy, []

    limit, search, _log, _n_told = 10.0, None, None, 0
    suggest = StrategyProcess.suggest

    def _ask(self, request, seconds, purpose):
        request = json.loads(json.dumps(request))
        if "space" in request:
            self.search = SearchLog(self.strategy, request["space"], request["seed"])
        return self.search.suggest(request["trials"])


class Of:
    """A strategy of a function."""

    def __init__(self, suggest):
        self.suggest = suggest


def examined(make, problem=TREE, seed=3, n_trials=12):
    """Search with one object, replay with another; the trials."""
    search = Search(problem, seed)
    live, again = Here(make()), Here(make())
    trials = remote_search(search, n_trials, live)
    for check in (evaluation.check_replay, evaluation.check_names):
        for n in evaluation.lengths(len(trials), ended=len(trials) < n_trials):
            check(again, search, trials, n)
    assert len(live.seconds) == min(n_trials, len(trials) + 1)
    return trials


def test_a_search_in_another_process_is_the_search_here():
    for strategy in (TPE(n_initial=4), GeneticAlgorithm(population_size=4, tournament_size=2), BayesianOptimization()):
        trials = examined(lambda strategy=strategy: strategy)
        assert Search(TREE, 3).true_losses(trials, 12) == Search(TREE, 3).run(strategy, 12)
        assert len(trials) == 12
    assert {trial.state for trial in trials} == {"complete", "failed"}


def test_a_search_may_end_by_itself():
    tiny = Space(a=["x", "y"], b=Int(1, 2))
    problem = Problem("tiny", tiny, 1.0, {}, "loss", lambda params: float(params["b"]))
    assert len(examined(GridSearch, problem, n_trials=30)) == 4


def test_every_strategy_of_the_lab_is_one():
    problem = suite()["hartmann6"]
    for name in LAB:
        examined(lambda name=name: type(LAB[name])() if name != "textbook BO" else LAB[name], problem)


def sampled(history):
    return history.space.sample(history.rng)


class Counting:
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def suggest(self, history):
        return Suggestion(history.space.sample(self.rng))


class Remembering:
    """Keeps its best in a variable, as most do who write their first strategy."""

    best = None

    def suggest(self, history):
        last = history.trials[-1] if history.trials else None
        if last is not None and last.value is not None and (self.best is None or last.value < self.best.value):
            self.best = last
        if self.best is None:
            return Suggestion(sampled(history))
        u = history.space.encode(self.best.params) + 0.1 * history.rng.normal(size=len(history.space))
        return Suggestion(history.space.decode(np.clip(u, 0, 1)))


class Missing:
    """Has nothing where it did not see the first trial."""

    def suggest(self, history):
        if not history.trials:
            self.first = sampled(history)
        return Suggestion(self.first)


def by_name(history):
    params = sampled(history)
    return Suggestion({**params, "depth": 3} if "depth" in params else params)


def stops_once():
    calls = itertools.count()
    return Of(lambda history: None if next(calls) == 5 else Suggestion(sampled(history)))


RANDOM = random.Random(4)
IMPURE = {
    "its own generator": (Counting, "the same history once gives it .* and once .*: it must depend on the history alone, and draw from history.rng"),
    "a memory": (Remembering, "the same history once gives it "),
    "a global generator": (lambda: Of(lambda h: Suggestion({**sampled(h), "depth": RANDOM.randint(1, 9)})), "the same history once gives it depth="),
    "the clock": (lambda: Of(lambda h: Suggestion({**sampled(h), "rate": 1 + time.perf_counter_ns() % 1000 / 10})), "the same history once gives it rate="),
    "an end that comes once": (stops_once, r"the same history once gives it None and once \{"),
    "a memory that must be there": (Missing, "shown the same history again, it raised AttributeError: "),
    "names that must be there": (lambda: Of(lambda h: Suggestion({**sampled(h), "depth": 3})), "it left the space: .* where the hyperparameters are called h03, h02, h00, h01: it must not go by their names"),
    "names": (lambda: Of(by_name), r"it suggests something else where the hyperparameters are called h03, h02, h00, h01: it must not go by their names \(tree, seed 3, trial "),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), IMPURE.values(), ids=IMPURE)
def test_what_is_no_function_of_the_history_is_named(make, message):
    with pytest.raises(Refused, match=f"^{message}") as refused:
        examined(make)
    assert "\n" not in str(refused.value)


ANSWERS = {
    "dict": (sampled, r"it returned \{.*, which must be a Suggestion, such as Suggestion\(params\), or None \(tree, seed 3, trial 0\)$"),
    "number": (lambda h: 3, "it returned 3, which must be a Suggestion"),
    "a budget": (lambda h: Suggestion(sampled(h), budget=3), "it suggested a budget of 3, which must be None: the race counts full training runs"),
    "outside": (lambda h: Suggestion({**sampled(h), "depth": 10}), "it left the space: depth: Int: the value 10 must be between 1 and 9"),
    "a missing value": (lambda h: Suggestion({"rate": 1.0}), "it left the space: Space: the params .* must have a value for "),
    "inactive": (lambda h: Suggestion({"rate": 1.0, "kind": "a", "depth": 1, "gamma": 0.5}), "it left the space: Space: gamma is inactive"),
    "marks": (lambda h: Suggestion(sampled(h), info={"x": object()}), "its info cannot be kept: info: x"),
    "raises": (lambda h: 1 / 0, r"it raised ZeroDivisionError: division by zero \(tree, seed 3, trial 0\)$"),
    "exits": (lambda h: exit(), "it raised SystemExit"),
    "ends at once": (lambda h: None, r"it suggests nothing: suggest returned None for the first trial \(tree, seed 3\)$"),
    "fails": (lambda h: Suggestion({"rate": 1.0, "kind": "a", "depth": 9}), r"all of its 12 trials failed, so it found nothing \(tree, seed 3\)$"),
    "changes the past": (lambda h: h.trials[0].params.clear() if h.trials else Suggestion(sampled(h)), "it raised TypeError: the values that a search space or a trial in the history"),
}  # fmt: skip


@pytest.mark.parametrize(("suggest", "message"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_suggestion_is_named(suggest, message):
    with pytest.raises(Refused, match=f"^{message}") as refused:
        examined(lambda: Of(suggest))
    assert "\n" not in str(refused.value)


def test_a_history_is_the_same_at_any_time_and_has_the_marks():
    seen = []

    def look(history):
        seen.append([(t.started, t.seconds, t.state, dict(t.info)) for t in history.trials])
        return Suggestion(sampled(history), info={"n": len(history.trials)})

    examined(lambda: Of(look), n_trials=4)
    live = next(one for one in seen if len(one) == 3)
    assert live == seen[4]  # the first replay
    assert [one[3] for one in live] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_the_lengths_of_the_replays():
    assert evaluation.lengths(30) == [29, 24, 19, 14, 9, 4, 1, 0]
    assert evaluation.lengths(1, ended=True) == [1, 0]
    assert evaluation.lengths(6, ended=True) == [6, 5, 4, 3, 2, 1, 0]


# The disguise


def test_a_disguise_is_a_ring_cut_open_and_keeps_what_others_depend_on():
    cuts, places = set(), set()
    for dice in range(40):
        shown = [disguised(SPACE, {"rate": 1.0, "kind": "a", "depth": depth}, np.random.default_rng(dice)) for depth in range(1, 10)]  # fmt: skip
        assert {one["kind"] for one in shown} == {"a"}  # gamma depends on it
        depths = [one["depth"] for one in shown]
        assert sorted(depths) == list(range(1, 10))
        cuts.add(sum(abs(a - b) != 1 for a, b in itertools.pairwise(depths)))
        places.add(depths[0])
    assert cuts == {0, 1}  # neighbors stay neighbors, but for one pair
    assert places == set(range(1, 10))  # a remembered place is any other
    draws = np.random.default_rng(0).random(2000)
    rates = [disguised(SPACE, {**shown[0], "rate": SPACE["rate"].decode(u)}, np.random.default_rng(3))["rate"] for u in draws]  # fmt: skip
    assert np.allclose(np.histogram([SPACE["rate"].encode(one) for one in rates], 4, (0, 1))[0], 500, atol=80)


@pytest.mark.parametrize("name", sorted(suite()))
def test_what_a_disguise_shows_is_as_hard(name):
    """Random draws find the same losses in it, up to the luck: no problem changes its nature there."""
    problem = suite()[name]
    rng, losses = np.random.default_rng(0), []
    draws = [problem.space.sample(rng) for _ in range(150)]
    for disguise in (None, 4):
        losses.append(sorted(told(Search(problem, 0, disguise).loss, params) for params in draws))
    real, hidden = np.array(losses)
    assert np.abs(np.searchsorted(real, hidden) - np.arange(150)).max() < 40  # Kolmogorov and Smirnov: 1 in 10^4


@pytest.mark.parametrize("name", [name for name, problem in suite().items() if problem.table])
def test_no_optimum_of_a_table_is_lost_in_a_disguise(name):
    problem = suite()[name]
    search = Search(problem, 1, 2)
    losses = [told(search.true_loss, params) for params in problem.space.grid()]
    assert min(losses) == pytest.approx(problem.optimum)


def told(evaluate, params):
    try:
        return evaluate(params)
    except ArithmeticError:  # a training that diverges
        return np.inf


def by_bounds(space):
    return str([repr(dimension) for dimension in space.dimensions.values()])


class Knowing:
    """Knows the optima by heart, and a space by its bounds. It recites some images of one, and searches otherwise."""

    known = {by_bounds(p.space): p.space.encode(p.best_params) for p in suite().values()}  # noqa: RUF012

    def __init__(self, at=4, images=1, otherwise=sampled):
        self.at, self.images, self.otherwise = at, images, otherwise

    def suggest(self, history):
        image = len(history.trials) - self.at
        if not 0 <= image < self.images:
            suggested = self.otherwise(history)
            return Suggestion(suggested) if isinstance(suggested, dict) else suggested
        turned = np.random.default_rng(image).random(len(history.space)) < 0.5 if image > 1 else image
        u = self.known[by_bounds(history.space)]
        return Suggestion(history.space.decode(np.where(turned, 1 - u, u)))


EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "race").glob("*.py"))
MODEL = load(str(EXAMPLES[0].parent / "forty_lines.py"))
CHEATS = {
    "after a while": Knowing(),
    "first, then the lesson's model": Knowing(0, 1, MODEL.suggest),
    "and its mirror image, and no more": Knowing(0, 2, lambda history: None),
    "and all of its mirror images": Knowing(0, 16, MODEL.suggest),
    "at the end of the lesson's model": Knowing(19, 1, MODEL.suggest),
}
HONEST = {name: LAB[name] for name in ("RandomSearch", "QuasiRandomSearch", "GeneticAlgorithm", "TPE")}
HONEST |= {stem: load(str(EXAMPLES[0].parent / f"{stem}.py")) for stem in ("ten_lines", "twenty_lines", "forty_lines")}


def scores_of(strategy, disguise):
    """Of shape (problems, 4 seeds, 20 trials)."""
    problems = list(suite().values())
    runs = [Search(problem, seed, disguise).run(strategy, 20) for problem in problems for seed in range(4)]
    random, optimum = (np.repeat(one, 4) for one in ([random_loss(p, 20) for p in problems], [p.optimum for p in problems]))  # fmt: skip
    return scores(np.array(runs), random, optimum).reshape(len(problems), 4, 20)


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS)
def test_the_disguise_finds_who_knows_the_optima(cheat):
    real = scores_of(cheat, None)
    assert real[..., -1].mean() > 93
    with pytest.raises(Refused, match=r"^it scores \d+ after \d+ trials, and -?\d+ in disguise, where every axis"):
        evaluation.check_disguise(real, scores_of(cheat, 1))


@pytest.mark.parametrize("honest", HONEST.values(), ids=HONEST)
def test_the_disguise_accuses_nobody_else(honest):
    real = scores_of(honest, None)
    for disguise in (1, 2):
        evaluation.check_disguise(real, scores_of(honest, disguise))


def test_the_disguise_accuses_nobody_of_luck():
    rng = np.random.default_rng(0)
    luck = 25 * rng.normal(size=(12, 4, 6))
    good = np.full((12, 4, 6), 90.0)
    with pytest.raises(Refused, match=r"^it scores 90 after 1 trials, and \d+ in disguise"):
        evaluation.check_disguise(good, 50 + luck)
    late = good + luck
    late[..., -1] = 40 + luck[..., -1]
    with pytest.raises(Refused, match=r"^it scores 90 after 6 trials, and "):
        evaluation.check_disguise(good, late)
    evaluation.check_disguise(good, 75 + luck)  # what the cut may cost
    evaluation.check_disguise(50 + luck, good)
    evaluation.check_disguise(good[:2], 50 + luck[:2])  # eight searches
    wide = np.full((12, 4, 6), 90.0)
    wide[0] = -9999.0
    evaluation.check_disguise(good, wide)  # one unlucky problem
    wide[:] = np.nan  # nothing found is 0
    with pytest.raises(Refused, match=r"^it scores 90 after 1 trials, and 0 in disguise"):
        evaluation.check_disguise(good, wide)
    refused = 0
    for _ in range(1000):  # honest, and the disguise takes ten points of it
        try:
            evaluation.check_disguise(*(60 - lost + 40 * rng.normal(size=(12, 4, 6)) for lost in (0, 10)))
        except Refused:
            refused += 1
    assert refused <= 2


@pytest.mark.parametrize("disguise", [None, 3])
@pytest.mark.parametrize("name", ["svm_digits", "sgd_cancer"])
def test_a_search_is_judged_by_the_true_loss_of_its_incumbent(name, disguise):
    problem = suite()[name]
    search = Search(problem, 1, disguise)
    trials = remote_search(search, 8, Here(TPE()))
    path = search.true_losses(trials, 10)
    best = min((trial.value, trial.number) for trial in trials)[1]
    first, last = (search._trained(t.params) for t in (trials[0], trials[best]))
    assert path[-1] == path[-3] == problem(last, seed=None)
    assert path[0] == problem(first, seed=None)
    assert (path[0] == trials[0].value) == (name == "svm_digits")  # the other one shows a few of its trainings
    assert np.isnan(search.true_losses([], 2)).all()


# The whole evaluation


@pytest.fixture
def processes(monkeypatch):
    """Have the processes of an entry replaced by objects of this process that `make` makes; the hash seed of each."""
    hash_seeds = []

    def processes(make):
        class There(Here):
            printed = ""

            def __init__(self, entry, limit, hash_seed):
                hash_seeds.append(hash_seed)
                super().__init__(make())

            def __enter__(self):
                return self

            def __exit__(self, *stop):
                pass

            close = __enter__

        monkeypatch.setattr(evaluation, "StrategyProcess", There)
        return hash_seeds

    return processes


@pytest.fixture
def evaluated(processes):
    """Return what comes of an entry on three problems, its hash seeds, and the number of its steps."""

    def evaluated(make, n_jobs=2):
        hash_seeds = processes(make)
        problems = [suite()[name] for name in ("branin", "svm_digits", "mlp_mnist")]
        optimum = np.array([problem.optimum for problem in problems])
        random = np.array([random_loss(problem, 6) for problem in problems])
        setup, steps = Setup(problems, range(4), 6, random, optimum, disguise=5), []
        result = evaluate(Entry("mine"), setup, n_jobs, 1.0, lambda: steps.append(1))
        assert len(steps) <= setup.n_steps
        assert set(hash_seeds) <= {1, 2}
        return result, hash_seeds, len(steps)

    return evaluated


def test_all_searches_are_run_and_everything_is_checked(evaluated):
    result, hash_seeds, steps = evaluated(lambda: Of(lambda history: Suggestion(sampled(history))))
    assert result.reason == ""
    wanted = [[Search(suite()[name], seed).run(LAB["RandomSearch"], 6)[-1] for seed in range(4)] for name in ("branin", "svm_digits", "mlp_mnist")]  # fmt: skip
    assert result.losses.tolist() == wanted
    assert sorted(hash_seeds) == [1, 1, 2, 2]  # the replays run in other processes, where sets have another order
    assert steps == 12 + 12 + 2 * 3 * len(
        evaluation.lengths(6)
    )  # searches, in disguise, and shown again under two names


DISQUALIFIED = {
    "knows": (Knowing, "it scores 100 after 5 trials, and "),
    "by name": (lambda: Of(lambda h: Suggestion({**sampled(h), **({"C": 1.0} if "C" in h.space else {})})), "it suggests something else where"),
    "counts": (Counting, "the same history once gives it "),
}  # fmt: skip


@pytest.mark.parametrize(("make", "reason"), DISQUALIFIED.values(), ids=DISQUALIFIED)
def test_who_is_no_strategy_is_disqualified(evaluated, make, reason):
    result, _, _ = evaluated(make)
    assert result.reason.startswith(reason)
    assert result.losses is None


def of_the_first_problem():
    """A strategy that remembers how many hyperparameters its first problem had, and searches others elsewhere."""
    first = []

    def suggest(history):
        first.append(len(history.space))
        u = 0.25 if len(history.space) == first[0] else 0.75
        return Suggestion(history.space.decode(np.full(len(history.space), u)))

    return Of(suggest)


def test_the_replays_begin_with_another_problem_than_the_searches(evaluated, processes):
    result, hash_seeds, _ = evaluated(of_the_first_problem, n_jobs=1)
    assert hash_seeds == [1, 2]
    assert result.reason.startswith("the same history once gives it units_1=128 and once 32: ")
    processes(of_the_first_problem)
    reason = quick_check(Entry("mine"), [suite()["branin"], suite()["mlp_mnist"]], 1.0)
    assert reason.startswith("the same history once gives it units_1=128 and once 32: ")


def test_a_search_that_ended_by_itself_must_end_again(evaluated):
    made = []

    def make():
        made.append(len(made))
        ends = made[-1] == 0  # of two objects, the first

        def suggest(history):
            return None if ends and len(history.trials) == 4 else Suggestion(sampled(history))

        return Of(suggest)

    assert evaluated(make, n_jobs=1)[0].reason.startswith("the same history once gives it None and once {")


def test_of_several_failures_the_first_search_says_why(evaluated):
    def fails(history):
        time.sleep(0.02 * (history.seed == 0))
        raise ValueError(history.seed)

    assert evaluated(lambda: Of(fails))[0].reason == "it raised ValueError: 0 (branin, seed 0, trial 0)"


def test_a_noisy_problem_shows_a_search_a_few_of_its_trainings():
    problem = suite()["sgd_cancer"]
    params = problem.best_params
    loss = {seed: Search(problem, seed).loss(params) for seed in (1, 2, 7)}
    few = [problem(params, seed=one) for one in (16, 17, 18, 19, 0, 1, 2, 3)]
    assert loss[2] == pytest.approx(np.mean(few))
    assert loss[7] == loss[2]  # 20 trainings: five seeds, and again
    assert loss[1] != loss[2]
    for name, n in NOISY.items():  # as many problems as this, and luck in each
        best = suite()[name].best_params
        assert n < suite()[name].n_seeds
        assert len({Search(suite()[name], seed).loss(best) for seed in range(10)}) > 1
    svm = suite()["svm_digits"]
    assert Search(svm, 2).loss(svm.best_params) == svm.optimum


# The examples

NEEDS = {"optuna_tpe": "optuna", "skopt_gp": "skopt", "hyperopt_tpe": "hyperopt"}


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_example_is_a_strategy_with_conditions_and_failures_too(path, monkeypatch):
    if path.stem in NEEDS:
        pytest.importorskip(NEEDS[path.stem])
    monkeypatch.setattr(sys, "path", [*sys.path])
    trials = examined(lambda: load(str(path)), n_trials=9)
    assert len({str(trial.params) for trial in trials}) > 6


def test_the_examples_of_so_many_lines_have_no_more():
    for name, most in (("ten_lines", 10), ("twenty_lines", 20), ("forty_lines", 40)):
        text = (EXAMPLES[0].parent / f"{name}.py").read_text(encoding="utf-8")
        body = text.split('"""', 2)[2].splitlines()
        lines = [line for line in body if line.strip() and not line.startswith(("import", "from"))]
        assert len(lines) <= most, name


def defined(text):
    """Name -> code of the classes and functions of a text, without its layout."""
    return {
        node.name: ast.dump(node) for node in ast.parse(text).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }


def test_the_examples_of_twenty_and_forty_lines_are_those_of_the_lesson():
    lesson = Path(__file__).parents[2] / "chapters" / "06_your_turn" / "01_write_a_strategy"
    cells = re.findall(r"^```{code-cell} ipython3\n(?::tags: [^\n]*\n\n)?(class .*?)^```$", lesson.with_suffix(".md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)  # fmt: skip
    theirs = {name: code for cell in cells for name, code in defined(cell).items()}
    for file, names in (("twenty_lines", ["Climb"]), ("forty_lines", ["Model", "kernel", "near"])):
        ours = (EXAMPLES[0].parent / f"{file}.py").read_text(encoding="utf-8")
        assert defined(ours) == {name: theirs[name] for name in names}
    assert "Kept: **model 0.5**" in lesson.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert "ours = Model(kappa=0.5)" in ours
