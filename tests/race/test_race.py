"""The race itself: strangers in processes of their own, the lab's stored results, the board, the page, the command."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.tools.command_line import main
from hpt_lab.tools.race import LAB, Result, check, race, suite
from hpt_lab.tools.race.entry import Entry, Refused
from hpt_lab.tools.race.process import StrategyProcess
from hpt_lab.tools.race.searches import N_STORED, REFERENCE, SEEDS_STORED, Search, lab_losses, random_loss, stored
from hpt_lab.values import display, intervals

RANDOM = "from hpt_lab import Suggestion\ndef suggest(history):\n    {}\n    return Suggestion(history.space.sample(history.rng))\n"
TWO = ["branin", "svm_digits"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strategies")
    (folder / "talks.py").write_text(RANDOM.format("print('hello', len(history.trials))"), encoding="utf-8")
    (folder / "raises.py").write_text(RANDOM.format("1 / len(history.trials)"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(folder):
    strategies = {"quiet": hpt.TPE(), "<talks>": folder / "talks.py", "raises": folder / "raises.py"}
    return race(strategies, 12, 3, problems=TWO, n_jobs=1, progress=False)


def test_the_same_strategy_scores_the_same_from_a_file_an_object_and_the_store(result):
    assert result.losses["<talks>"] == result.losses["RandomSearch"]
    assert result.losses["quiet"] == result.losses["TPE"]
    assert result.entered == ("quiet", "<talks>", "raises")
    assert set(result.scores) == {*LAB, "quiet", "<talks>"}


def test_who_is_no_strategy_is_out_and_the_race_goes_on(result):
    where = "(line 3) (branin, seed 0, trial 0)"
    assert result.reasons == {"raises": f"it raised ZeroDivisionError: division by zero {where}"}
    assert list(result.printed) == ["<talks>"]
    assert result.printed["<talks>"].startswith("hello 0 hello 1 hello 2 ")
    assert len(result.printed["<talks>"]) == 200


def test_scores_follow_from_what_was_found(result):
    problems = [suite()[name] for name in TWO]
    assert result.optimum == tuple(problem.optimum for problem in problems)
    found = np.array([[Search(problem, seed).run(LAB["TPE"], 12)[-1] for seed in range(3)] for problem in problems])
    assert result.losses["TPE"] == tuple(map(tuple, found.tolist()))
    random = np.array(result.random)
    by_seed = (100 * (random[:, None] - found) / (random - np.array(result.optimum))[:, None]).mean(axis=0)
    assert result.scores["TPE"] == pytest.approx(by_seed.mean())
    assert result.errors["TPE"] == pytest.approx(by_seed.std(ddof=1) / 3**0.5)
    assert result.by_problem("TPE").mean(axis=0) == pytest.approx(by_seed)
    points, over_seeds, over_problems, apart = result.difference("TPE", "RandomSearch")
    gaps = result.by_problem("TPE") - result.by_problem("RandomSearch")
    assert points == pytest.approx(result.scores["TPE"] - result.scores["RandomSearch"])
    assert over_seeds == pytest.approx(gaps.mean(axis=0).std(ddof=1) / 3**0.5)
    assert over_problems == pytest.approx(abs(gaps.mean(axis=1) @ [0.5, -0.5]))  # of two
    assert not apart
    assert result.difference("quiet", "TPE") == (0.0, 0.0, 0.0, False)
    assert result.behind(result.groups[0][0]) == (0.0, 0.0, 0.0)


def test_ranks_and_groups_agree_with_the_scores(result):
    order = [name for group in result.groups for name in group]
    assert [result.scores[name] for name in order] == sorted(result.scores.values(), reverse=True)
    assert all(1 <= best <= worst <= len(order) for best, worst in result.ranks.values())
    assert result.ranks["quiet"] == result.ranks["TPE"]
    assert result.resolution > 0
    assert result.seeds_for(result.resolution / 2) > 3


def raced(n_seeds, spread):
    """A race of three strategies, 10 points apart, on one problem whose scores spread by so many points."""
    rng = np.random.default_rng(0)
    losses = {name: ((100 - 10 * i + spread * rng.normal(size=n_seeds)).tolist(),) for i, name in enumerate("abc")}
    seconds, seeds = dict.fromkeys(losses, 0.0), tuple(range(n_seeds))
    return Result(("p",), seeds, 9, (100.0,), (0.0,), losses, seconds, (), {}, {})


def test_where_so_few_seeds_can_tell_nothing_the_board_says_so():
    """A difference of more than all there is to gain is no luck: it does not exist."""
    few, many = raced(2, 12.0), raced(30, 12.0)
    assert few.resolution > 100 > many.resolution
    assert "With 2 seeds, this race can tell nothing: even 100 points" in few.sentences[1]
    assert f"detecting 10 points would take about {few.seeds_for(10)} seeds" in few.sentences[1]
    assert "points is typically luck" not in few.sentences[1]
    assert f"below about {many.resolution:.0f} points is typically luck" in many.sentences[1]
    assert "can tell nothing" not in many.sentences[1]
    at_the_edge = raced(2, 12.0 * 99.9 / few.resolution)
    assert "points is typically luck" in at_the_edge.sentences[1]


def test_a_result_is_read_back_whole(result, tmp_path):
    result.save(tmp_path / "r.json")
    assert Result.load(tmp_path / "r.json") == result
    kept = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    for wrong in ("", "[]", "{}", json.dumps({**kept, "more": 1}), json.dumps({**kept, "losses": {"x": [[1.0]]}}), json.dumps({**kept, "losses": 3}), json.dumps({**kept, "seeds": [0]})):  # fmt: skip
        (tmp_path / "w.json").write_text(wrong, encoding="utf-8")
        with pytest.raises(ValueError, match=r"^Result: the file .*w\.json must be one that save wrote$"):
            Result.load(tmp_path / "w.json")


def test_the_frame_has_a_row_for_everybody(result):
    frame = result.to_frame().set_index("strategy")
    assert len(frame) == len(LAB) + 3
    assert frame.index[-1] == "raises"
    assert "ZeroDivisionError" in frame.loc["raises", "reason"]
    assert frame.loc["TPE", TWO].tolist() == pytest.approx(result.by_problem("TPE").mean(axis=1))
    assert frame.loc["quiet", "score"] == result.scores["quiet"]
    assert frame.loc["TPE", ["behind", "behind_error", "behind_problem_error"]].tolist() == list(result.behind("TPE"))
    assert frame["entered"].sum() == 3
    assert frame["group"].dropna().is_monotonic_increasing


def test_the_board_shows_groups_newcomers_reasons_and_how_to_read_it(result):
    lines = repr(result).splitlines()
    assert " ".join(lines[0].split()) == "rank strategy score error behind ± seeds ± problems ms/trial"
    *rules, last = (number for number, line in enumerate(lines) if set(line) == {"-"})
    assert all(group[0] in lines[rule + 1] for rule, group in zip(rules, result.groups, strict=True))
    assert lines[last + 1] == result.sentences[0]
    (mine,) = [line for line in lines if "* quiet" in line]
    assert f"{result.scores['quiet']:.1f}" in mine
    assert any(line.startswith("disqualified: raises: it raised ZeroDivisionError") for line in lines)
    assert any(line.startswith("printed by <talks>: hello 0") for line in lines)
    assert len(result.sentences) == 3
    assert "over the problems" not in result.sentences[1]  # two problems are what the race is about
    assert result.sentences[2].startswith("The problems are public")
    assert f"{result.behind('TPE')[1]:.1f}" in next(line for line in lines if " TPE " in line)


def test_who_leads_on_one_problem_alone_is_in_one_group_with_the_others():
    """Over the seeds nothing is clearer, and over the problems nothing less clear."""
    one = np.zeros((6, 20)) + np.random.default_rng(0).normal(size=(6, 20)) / 100
    one[0] -= 1
    losses = {"one": tuple(map(tuple, one.tolist())), "none": ((0.0,) * 20,) * 6}
    problems = tuple(f"p{i}" for i in range(6))
    result = Result(problems, tuple(range(20)), 10, (0.0,) * 6, (-1.0,) * 6, losses, dict.fromkeys(losses, 0.0), (), {}, {})  # fmt: skip
    points, over_seeds, over_problems, apart = result.difference("one", "none")
    assert points > 20 * over_seeds
    assert points < 2 * over_problems
    assert not apart
    assert result.groups == (("one", "none"),)
    assert "over the seeds and over the problems" in result.sentences[1]
    few = replace(result, problems=problems[:4], random=(0.0,) * 4, optimum=(-1.0,) * 4, losses={name: of[:4] for name, of in losses.items()})  # fmt: skip
    assert few.groups == (("one",), ("none",))
    alone = replace(few, problems=("p0",), random=(0.0,), optimum=(-1.0,), losses={name: of[:1] for name, of in losses.items()})  # fmt: skip
    assert np.isnan(alone.difference("one", "none")[2])
    assert "nan" in repr(alone)


def test_a_terminal_obeys_nobody(result):
    text = repr(replace(result, printed={"x\x1b[2J": "\x1b[31mred"}, reasons={"y": "\x07bell"}))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_page_shows_what_a_stranger_writes_as_text(result):
    page = replace(result, printed={"<b>x": "<i>printed"}, reasons={"<b>y": "<i>reason"}).to_html()
    assert not re.search("<i>(?!</i>)|<b>[xy]", page)
    assert "<b>&lt;b&gt;x</b>: &lt;i&gt;printed" in page
    assert "<b>&lt;b&gt;y</b>: &lt;i&gt;reason" in page


def test_the_page_is_whole_escaped_and_asks_no_other_host(result):
    page = result.to_html()
    assert page.startswith("<!doctype html>")
    assert "&lt;talks&gt;" in page
    assert "<talks>" not in page
    assert not re.search(r"https?:|src=|<script|<link", page)
    assert "prefers-color-scheme: dark" in page
    assert page.count("<tr") == 3 * (1 + len(result.scores))
    assert all(sentence.split(":")[0] in page for sentence in result.sentences)
    assert "ZeroDivisionError" in page
    assert result._repr_html_() in page
    assert page.count('class="first') >= 2 * len(result.groups)
    assert (
        page.count('role="region" tabindex="0"') == page.count("<table") - 1 == 2
    )  # wider than a phone: keys scroll it
    assert result._repr_html_().count("overflow-wrap: anywhere") == 2  # a long name, and a long print


def test_without_jinja2_the_picture_stands_alone(result, monkeypatch):
    monkeypatch.setattr(display, "_environment", display._environment.__wrapped__)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    alone = result._repr_html_()
    assert alone.startswith(result._picture)
    assert all(sentence in alone for sentence in result.sentences[:2])
    assert "<style" not in alone
    with pytest.raises(ImportError, match="jinja2"):
        result.to_html()


def test_a_score_is_a_dot_with_two_errors_to_each_side_gray_where_they_reach_zero_and_its_numbers_are_behind_a_fold():
    board = made(good=(50, 51, 52), weak=(-20, 1, 25), worst=(-75, -80, -85))
    picture, fold = board._picture.split("<details>")
    assert re.findall("<td>([^<]*)</td>", picture) == ["1\u20132", "1\u20133", "2\u20133"]
    assert re.findall("<p>(.*?)</p>", picture) == ["51.00 ± 0.58", "2 ± 13", "\u221280.0 ± 2.9"]
    assert re.findall('class="(interval[^-"]*)"', picture)[1:] == ["interval", "interval level", "interval"]
    span = intervals.frame([51 + 2 * 3**-0.5, -80 - 10 * 3**-0.5])
    places = dict.fromkeys(["zero"], 0.0) | {"mean": 51, "low": 51 - 2 * 3**-0.5, "high": 51 + 2 * 3**-0.5}
    style = ";".join(f"--{name}:{intervals.place(value, span)}" for name, value in places.items())
    assert f'style="{style}"' in picture
    assert "51.0" in fold
    assert "\u2605 x" in replace(board, entered=("x",), losses={"x": board.losses["good"]}, seconds={"x": 0})._picture


def test_scores_below_zero_are_red():
    page = made(good=(50, 51, 52), bad=(-25, -25, -25), worst=(-75, -80, -85))._repr_html_()
    assert re.findall(r"rgb\((.*?)\)", page) == ["0 114 178 / 0.31", "213 94 0 / 0.30", "213 94 0 / 0.60"]


def made(**scores):
    """A result with one problem whose scores are given, for each seed."""
    found = {name: (tuple(1 - one / 100 for one in of_seeds),) for name, of_seeds in scores.items()}
    seconds = dict.fromkeys(scores, 0.001)
    return Result(("p",), (0, 1, 2), 10, (1.0,), (0.0,), found, seconds, (), {"out": "no"}, {})


ROOT = Path(__file__).parents[2]


def test_points_go_from_random_search_to_tpe_as_the_teachers_guide_says_and_take_the_error_for_the_student():
    result = made(TPE=(39, 40, 41), low=(9, 10, 11), high=(79, 80, 81), below=(-50, -49, -51))
    assert result.scores["TPE"] == pytest.approx(40)
    assert result.points("low") == pytest.approx(10 * (10 + 3**-0.5) / 40, abs=0.05)
    assert (result.points("high"), result.points("below"), result.points("out"), result.points("TPE", most=4)) == (10, 0, 0, 4)  # fmt: skip
    rows = re.findall(
        r"^\| (.*) \| ([\d.]+) \|$", (ROOT / "book" / "teacher_race.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = {"0 or less": 0.0, "a quarter": 0.25, "a half": 0.5, "three quarters": 0.75, "all of it": 1.0}
    assert [text.split(",")[0].removesuffix(" or disqualified") for text, _ in rows] == list(words)
    for share, (_, points) in zip(words.values(), rows, strict=True):
        assert made(TPE=(40,) * 3, x=(40 * share,) * 3).points("x") == float(points)
    with pytest.raises(ValueError, match=r"^points: TPE scores -1\.0, which must be above 0"):
        made(TPE=(-1, -2, 0)).points("TPE")
    with pytest.raises(ValueError, match=r"^points: name='nobody' must be one of"):
        result.points("nobody")


# What is stored


def test_what_is_stored_is_what_the_lab_finds_today():
    for name, problem, seed in (("TPE", "svm_digits", 3), ("BayesianOptimization", "branin", 19), ("textbook BO", "mlp_mnist", 7), ("GeneticAlgorithm", "hartmann6", 11), ("QuasiRandomSearch", "forest_boston", 0)):  # fmt: skip
        n = 20 if "B" in name else N_STORED
        known = stored()[f"{name}/{problem}"][seed, :n]
        assert known.tolist() == Search(suite()[problem], seed).run(LAB[name], n)
    for name in suite():
        assert stored()[f"random/{name}"].shape == (N_STORED,)
        assert all(stored()[f"{strategy}/{name}"].shape == (len(SEEDS_STORED), N_STORED) for strategy in LAB)


def test_random_search_is_the_mean_of_many_searches_with_seeds_of_their_own():
    problem = suite()["svm_digits"]
    some = [Search(problem, seed).run(LAB["RandomSearch"], 5)[-1] for seed in REFERENCE]
    assert random_loss(problem, 5) == pytest.approx(np.mean(some))
    assert not set(REFERENCE) & set(SEEDS_STORED)


def test_the_script_makes_what_is_stored(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_race", ROOT / "examples" / "tables" / "make_race.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    names = ["RandomSearch", "QuasiRandomSearch"]
    np.savez(tmp_path / "race.npz", kept=np.ones(1))
    for name, value in {"STORE": tmp_path / "race.npz", "LAB": {name: LAB[name] for name in names}, "SEEDS_STORED": range(3), "REFERENCE": range(2)}.items():  # fmt: skip
        monkeypatch.setattr(maker, name, value)
    maker.main(["svm_digits"])
    with np.load(tmp_path / "race.npz") as made:
        assert set(made) == {"kept", "random/svm_digits", *(f"{name}/svm_digits" for name in names)}
        for name in names:
            assert (made[f"{name}/svm_digits"] == stored()[f"{name}/svm_digits"][:3]).all()
        assert (made["random/svm_digits"] == made["RandomSearch/svm_digits"][:2].mean(axis=0)).all()


def test_what_is_stored_is_not_run(monkeypatch):
    monkeypatch.setattr(Search, "run", None)
    problem = suite()["branin"]
    assert random_loss(problem, N_STORED) == stored()["random/branin"][-1]
    kept, seconds = lab_losses("TPE", [problem], [19], N_STORED, lambda: None)
    assert (kept, seconds) == (stored()["TPE/branin"][19, -1], stored()["seconds/TPE"])


def test_what_is_not_stored_is_run():
    problems = [suite()["branin"]]
    kept, _ = lab_losses("RandomSearch", problems, [4, 2], 7, lambda: None)
    assert kept[0].tolist() == [Search(problems[0], s).run(LAB["RandomSearch"], 7)[-1] for s in (4, 2)]
    beyond, seconds = lab_losses("RandomSearch", problems, [2, 99], N_STORED + 1, lambda: None)
    assert 0 < seconds < 1
    assert beyond[0].tolist() == [Search(problems[0], s).run(LAB["RandomSearch"], N_STORED + 1)[-1] for s in (2, 99)]


# Processes


def started(folder, text, limit=20.0):
    (folder / "mine.py").write_text(text, encoding="utf-8")
    return StrategyProcess(Entry("mine", str(folder / "mine.py")), limit)


SPACE = hpt.Space(x=hpt.Float(0, 1))
PEEK = """
import pathlib
import numpy as np
import hpt_lab
from hpt_lab import Suggestion, problems

def suggest(history):
    try:
        {}
    except Exception:
        pass
    return Suggestion({{"x": 0.5}})
"""
MISDEEDS = {
    "hangs": ("def suggest(history):\n    while True: pass\n", r"^it took longer than 0\.3 s for a suggestion$"),
    "dies": ("import os\ndef suggest(history): os._exit(3)\n", "^its process ended with code 3$"),
    "looks at problems": (PEEK.format("problems.branin()"), r"^it looks at hpt_lab\.problems, but a strategy may see only the history$"),
    "looks at tables": (PEEK.format("np.load(pathlib.Path(hpt_lab.__file__).parent / 'data' / 'svm_digits.npz')"), r"^it looks at hpt_lab\.problems"),
    "looks at tables as only Windows knows them": (PEEK.format("open(pathlib.Path(hpt_lab.__file__).parent / 'DATA' / 'SVM_DIGITS.NPZ', 'rb')"), r"^it looks at hpt_lab\.problems"),
    "forges an answer": ("import os\ndef suggest(history):\n    for fd in range(3, 9):\n        try: os.write(fd, b'[1]\\n')\n        except OSError: pass\n", "^its process answers something that the race did not ask for$"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISDEEDS.values(), ids=MISDEEDS)
def test_a_process_may_fail_in_any_way(tmp_path, text, message):
    with started(tmp_path, text) as strategy:
        strategy.limit = 0.3 if "True" in text else 120.0
        with pytest.raises(Refused, match=message):
            strategy.suggest(hpt.History(SPACE, ()))
    assert strategy._process.poll() is not None


@pytest.mark.skipif(os.name == "nt", reason="needs the signals of Unix")
def test_ctrl_c_ends_what_is_still_being_loaded(tmp_path):
    text = "import time\nprint('here')\nopen('loading', 'w').close()\ntime.sleep(600)\n"
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    out = [str(tmp_path / name) for name in ("r.json", "r.html")]
    command = [sys.executable, "-c", "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from hpt_lab.tools.command_line import main; sys.exit(main())"]  # fmt: skip
    arguments = ["race", "mine.py", "--jobs", "1", "--problems", "branin", "--save", out[0], "--page", out[1]]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.Popen([*command, *arguments], cwd=tmp_path, env={**os.environ, "PYTHONPATH": path, "TQDM_DISABLE": "1"})  # fmt: skip
    while run.poll() is None and not (tmp_path / "loading").exists():
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    assert run.wait(240) == 130  # long before it is loaded
    assert not any(map(os.path.exists, out))


FORGED = [{}, {"params": None}, {"params": None, "seconds": "x"}, {"params": None, "seconds": 10**400}, {"params": 3, "seconds": 1}, {"params": '{"x": 2}', "seconds": 1}, {"params": None, "seconds": 1, "info": 3}]  # fmt: skip


@pytest.mark.parametrize("answer", FORGED, ids=range(len(FORGED)))
def test_no_answer_is_trusted(answer, monkeypatch):
    monkeypatch.setattr(StrategyProcess, "__init__", lambda self: self.__dict__.update(limit=1.0, seconds=[]))
    monkeypatch.setattr(StrategyProcess, "_ask", lambda self, request, seconds, what: answer)
    with pytest.raises(Refused, match=r"^its process answers something that the race did not ask for$"):
        StrategyProcess().suggest(hpt.History(SPACE, ()))


def test_what_reads_the_standard_input_finds_its_end(tmp_path):
    text = "import os, sys\nfrom hpt_lab import Suggestion\ndef suggest(history):\n    print(repr(sys.stdin.read()), os.environ['PYTHONHASHSEED'])\n    return Suggestion({'x': 0.5})\n"
    with started(tmp_path, text) as strategy:
        assert strategy.suggest(hpt.History(SPACE, ())).params == {"x": 0.5}
    assert strategy.printed == "'' 1"


def test_a_process_is_shown_trials_whole_and_answers_with_marks(tmp_path):
    text = "from hpt_lab import Suggestion\ndef suggest(history):\n    print(history.seed, [(t.number, t.params['x'], t.state, t.value, t.error, dict(t.info)) for t in history.trials])\n    return Suggestion({'x': 0.5}, info={'n': len(history.trials)})\n"
    told = [
        hpt.Trial(0, {"x": 0.25}, None, 3.0, "complete", info={"a": 1}),
        hpt.Trial(1, {"x": 1.0}, None, None, "failed", "bad"),
    ]
    with started(tmp_path, text) as strategy:
        assert strategy.suggest(hpt.History(SPACE, told, 7)) == hpt.Suggestion({"x": 0.5}, info={"n": 2})
        told.append(hpt.Trial(2, {"x": 0.5}, None, 4.0, "complete", info={"n": 2}))
        assert strategy.suggest(hpt.History(SPACE, told, 7)).info == {"n": 3}
    shown = "7 [(0, 0.25, 'complete', 3.0, None, {'a': 1}), (1, 1.0, 'failed', None, 'bad', {})"
    assert strategy.printed.startswith(f"{shown}] {shown}, (2, 0.5, 'complete', 4.0, ")
    assert len(strategy.seconds) == 2


# Calls


def test_the_quick_check_finds_what_is_wrong_and_races_nobody(folder):
    reasons = check([folder / "raises.py", folder / "none.py"])
    assert reasons["raises"].startswith("it raised ZeroDivisionError")
    assert reasons["none"] == "none.py is not a file"


WRONG = {
    "few trials": (dict(n_trials=4), "n_trials=4 must be an integer of at least 5"),
    "trials": (dict(n_trials=True), "n_trials=True must be an integer"),
    "one seed": (dict(seeds=1), r"seeds=\[0\] must be at least two seeds"),
    "seeds twice": (dict(seeds=[1, 1]), r"seeds=\[1, 1\] must be at least two seeds, each of them once"),
    "a seed below 0": (dict(seeds=[1, -1]), "a seed in seeds=-1 must be an integer from 0"),
    "seeds a text": (dict(seeds="10"), "seeds='10' must be an integer"),
    "problem": (dict(problems=["branin", "brain"]), "a problem in problems='brain' must be one of"),
    "no problem": (dict(problems=[]), r"problems=\[\] must be at least one name"),
    "problem twice": (dict(problems=["branin"] * 2), "problems=.* must be at least one name, each of them once"),
    "jobs": (dict(n_jobs=0), "n_jobs=0 must be at least 1"),
    "limit": (dict(limit=0), "limit=0 must be a finite number above 0"),
    "years": (dict(limit=1e10), r"limit=1e\+10 must be a finite number above 0 and at most 86400"),
    "progress": (dict(progress=None), "progress=None must be True or False"),
}


@pytest.mark.parametrize(("more", "message"), WRONG.values(), ids=WRONG)
def test_wrong_calls_are_one_sentence(more, message):
    with pytest.raises((TypeError, ValueError), match=f"^race: {message}") as caught:
        race("mine.py", **{"progress": False, **more})
    assert "\n" not in str(caught.value)


def test_a_race_that_random_search_has_won_is_refused(monkeypatch):
    module = sys.modules["hpt_lab.tools.race.race"]
    monkeypatch.setattr(module, "random_loss", lambda problem, n_trials: problem.optimum)
    with pytest.raises(ValueError, match=r"^race: n_trials=30 must be smaller, or the problems different: random"):
        race("mine.py", problems=["branin"], progress=False)


# The command


def test_the_command_races_saves_and_writes_a_page(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    (folder / "bad.py").write_text("x = 1\n", encoding="utf-8")
    out = tmp_path / "r.json", tmp_path / "r.html"
    arguments = ["race", str(folder / "bad.py"), "--trials", "8", "--seeds", "2", "--problems", "branin,hartmann6"]
    assert main([*arguments, "--jobs", "1", "--save", str(out[0]), "--page", str(out[1])]) == 1  # nobody has a score
    text = capsys.readouterr().out
    assert "disqualified: bad: bad.py must define a strategy" in text
    result = Result.load(out[0])
    assert repr(result) + "\n" == text
    assert (result.problems, result.n_trials, len(result.seeds)) == (("branin", "hartmann6"), 8, 2)
    assert out[1].read_text(encoding="utf-8") == result.to_html()


def test_a_page_that_cannot_be_made_is_said_before_the_race(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["race", str(folder / "talks.py"), "--page", str(tmp_path / "r.html")]) == 1
    said = capsys.readouterr()
    assert "jinja2" in said.err
    assert not said.out
    assert not (tmp_path / "r.html").exists()


def test_the_command_checks(folder, capsys):
    (folder / "colours.py").write_text("raise ValueError('\\x1b[31mred')\n", encoding="utf-8")
    assert main(["race", "--check", str(folder / "colours.py")]) == 1
    said = capsys.readouterr().out
    assert said.startswith("colours: ")
    assert r"colours.py cannot be imported: ValueError: \x1b[31mred (line 1)" in said  # nothing that a terminal obeys


def test_what_the_command_cannot_do_is_one_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["race"])
    assert stop.value.code == 2
    assert "the following arguments are required: FILE" in capsys.readouterr().err
    for more in (["--save", "r.json"], ["--problems", "branin"], ["--page", "x"]):
        with pytest.raises(SystemExit) as stop:
            main(["race", "--check", "a.py", *more])
        assert stop.value.code == 2
        assert "need a race, which --check does not run" in capsys.readouterr().err
    assert main(["race", "a.py", "--page", str(tmp_path / "no" / "r.html")]) == 1
    assert "r.html' cannot be written" in capsys.readouterr().err
    assert main(["race", "a.py", "--problems", "brain"]) == 1
    assert capsys.readouterr().err.startswith("hpt-lab: race: a problem in problems='brain' must be one of")
