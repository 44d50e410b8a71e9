"""The programs that open below the figures: each computes what its figure says, for the figure's settings."""

import contextlib
import io
import json
import re
import runpy

import node
import numpy as np
import pytest

from book.press import npm
from book.press.address import ROOT
from book.press.pages import devices

PROGRAMS = ROOT / "book" / "programs"
BROWSER = ROOT / "book" / "press" / "live" / "browser"
ASKED = """
import { descend, start as ball } from "./devices/valley.js";
import { errors } from "./devices/tree.js";
import { bill } from "./devices/explosion.js";
import { WAYS, lowest, error, means } from "./devices/projections.js";
import { growing } from "./devices/leads.js";
import { think } from "./devices/goodbad.js";
import { printed, start as honest } from "./devices/anywin.js";
import { summary } from "./devices/population.js";
import { BROKEN } from "./broken_models.js";
import { RUNS } from "./runs.js";
import { follow } from "./devices/trainon.js";
import { expectedMaximum, gaussianProcess } from "./lab.js";
import { drawn, simulate } from "./rungs.js";
import { hidden } from "./rounds.js";
import { LENGTHS, believe, choose, depth } from "./thinking.js";

const end = trials => Math.max(...trials.map(({ ended }) => ended)), rows = drawn("epochs", 1), problem = { wx: 1, wy: 0.03, bx: 0.29, by: 0.6 };
const holes = [...Array(12).keys()].map(k => Math.floor(8 + 16.7 * k)).map(i => [i, depth(i)]);
const gp = { kernel: "matern52", lengthscale: 1, noise: 0.2, learn: false }, held = { kernel: "rbf", lengthscale: 1, signal: 25, noise: 1e-6 };
function walked(tried, settings) {
  const trials = tried.split("-").map(i => [Number(i), depth(Number(i))]);
  for (let step = 0; step < 8; step++) { const i = choose(trials, believe(trials, settings), settings).chosen; trials.push([i, depth(i)]); }
  return trials.slice(-8).map(([i]) => i / 20);
}

console.log(JSON.stringify({
  valley: descend({ ...ball, rate: 0.3 }).map(([, loss]) => loss),
  tree: errors(2),
  explosion: [5, 6].map(d => bill({ k: 5, d, minutes: 20, price: 2, machines: 10 })),
  projections: ["grid (ends)", "grid (centered)"].map(name => 1000 * error(lowest(WAYS[name](4), problem), problem)),
  means: means(4, 16, 1, 0.03).map(value => 1000 * value),
  curse: expectedMaximum(25),
  halving: simulate(rows, "halving", 8).map(({ began, ended }) => [began, ended]),
  leads: growing("all", false).map(({ lead }) => lead),
  goodbad: think({ good: 6, bandwidth: 0.1 }),
  anywin: printed(honest).columns,
  population: summary({ size: 40, step: 0.3 }),
  broken: BROKEN,
  trainon: RUNS.games[17], stopped: (({ best, runs }) => [best, runs.length])(follow({ game: 18, stops: "27-3-3-27-3", at: 27 })),
  condition: gaussianProcess([[3]], [-4], held).predict([[4.5]]),
  choose: hidden(2, 3).best,
  evidence: believe(holes, gp).evidence.filter((_, k) => [0.2, 0.5, 2].includes(LENGTHS[k])), holes: holes.map(([i]) => i).join("-"),
  fixed: walked("16-40-72-116-188", { ...gp, acquisition: "ei", xi: 0, kappa: 2 }),
  learned: walked("198-90-111", { ...gp, learn: true, acquisition: "ei", xi: 0, kappa: 2 }),
}));
"""


@pytest.fixture(scope="module")
def figures():
    """What the figures compute, by their own scripts."""
    script = node.scripts() / "figures.js"
    script.write_text(ASKED, encoding="utf-8")
    return json.loads(npm.node(script))


def with_settings(program, settings):
    """Return a program with these settings in its lines, as `filled` in programs.js writes them."""
    for key, value in settings.items():
        program, n = re.subn(rf"^{key} = [^#\n]*?(?=  #|$)", f"{key} = {value!r}", program, count=1, flags=re.M)
        assert n == 1, f"no line sets {key}"
    return program


def ran(tmp_path, name, **settings):
    """Run a program with these settings; return its lines, the numbers in each, and its names."""
    text = with_settings((PROGRAMS / f"{name}.py").read_text(encoding="utf-8"), settings)
    file, printed = tmp_path / f"{name}.py", io.StringIO()
    file.write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(printed):
        names = runpy.run_path(str(file))
    lines = printed.getvalue().splitlines()
    bare = [re.sub(r"(?<=\d),(?=\d)", "", line) for line in lines]
    numbers = [[float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", line)] for line in bare]
    return lines, numbers, names


def test_every_figure_has_its_program_and_every_program_its_figure():
    offered = (BROWSER / "programs.js").read_text(encoding="utf-8")
    own = set(json.loads(re.search(r"const OWN = (\[.*?\]);", offered)[1]))
    assert own | {"think"} == {path.stem for path in (devices.STATIC / "devices").glob("*.js")}
    assert own | {"think_gp", "think_tpe", "think_evidence"} == {path.stem for path in PROGRAMS.glob("*.py")}
    assert all(f'"{name}"' in offered for name in ("think_gp", "think_tpe", "think_evidence"))


def test_the_ball_and_the_bill_are_those_of_their_figures(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "valley", rate=0.3)
    assert [line[2] for line in numbers] == [round(loss, 4) for loss in figures["valley"][1:]]
    _, numbers, _ = ran(tmp_path, "explosion", k=5, d=5, minutes=20, price=2, machines=10)
    for (_, _, trainings, hours, _, cost), bill in zip(numbers, figures["explosion"], strict=True):
        assert (trainings, hours, cost) == (bill["trainings"], round(bill["hours"]), round(bill["cost"]))


def test_the_trees_are_those_of_the_figure(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "tree", split=2)
    assert [line[-2:] for line in numbers] == [[round(error, 1) for error in pair] for pair in figures["tree"]]


def test_the_trials_in_the_square_are_those_of_the_figure(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "projections", n=16)
    assert [line[1] for line in numbers[:2]] == [round(error, 2) for error in figures["projections"]]
    assert [line[0] for line in numbers] == [4, 4, 16, 16]
    for line, mean in zip(numbers, figures["means"], strict=True):
        assert line[2] == pytest.approx(mean, rel=0.15)  # other places and other draws


def test_the_winner_promises_what_the_figure_says_of_the_long_run(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "curse", n=25, rows=400, spread=2)
    total = 8**0.5
    assert numbers[0][1] == pytest.approx(20 - total * figures["curse"], abs=0.1)
    assert numbers[1][1] == pytest.approx(20 - 4 / total * figures["curse"], abs=0.1)


def test_eight_workers_halve_for_as_many_hours_as_in_the_figure(figures, tmp_path):
    lines, _, _ = ran(tmp_path, "halving", workers=8)
    bars = np.array(figures["halving"])
    end = bars[:, 1].max()
    idle = 1 - (bars[:, 1] - bars[:, 0]).sum() / (8 * end)
    assert lines[0] == f"halving: {end:.0f} hours, {len(bars)} training runs, idle {idle:.0%}"


def test_the_lead_is_that_of_the_figure(figures, tmp_path):
    for n in (12, 90):
        _, numbers, _ = ran(tmp_path, "leads", n=n)
        assert [line[:2] for line in numbers] == [[round(v, 4) for v in lead] for lead in figures["leads"][n - 1]]


def test_tpe_divides_the_sixteen_trials_as_in_the_figure(figures, tmp_path):
    lines, _, _ = ran(tmp_path, "goodbad", good=6, bandwidth=0.1)
    found = figures["goodbad"]
    assert lines == [f"l / g is largest at x = {found['peak']:.2f}, where it is {found['most']:.2f}"]


def test_a_row_of_the_table_is_that_of_the_figure(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "anywin")
    row = ("branin", "hartmann6", "forest_boston", "svm_digits").index("svm_digits")
    figure = [figures["anywin"][name][row] for name in ("Climb", "TPE")]
    assert [line[0] for line in numbers] == pytest.approx(figure, abs=0.06)


def test_a_population_ends_about_where_that_of_the_figure_does(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "population", size=40)
    found = figures["population"]  # other random numbers: medians of twenty starts
    assert found["evolution"] / 3 < numbers[0][1] < 3 * found["evolution"]
    assert numbers[0][2] == pytest.approx(found["random"], rel=0.6)


def test_a_broken_model_has_the_regrets_that_are_stored_for_the_figure(figures):
    broken = figures["broken"]
    program = (PROGRAMS / "breakit.py").read_text(encoding="utf-8")
    program = program.partition("for name, strategy in")[0]  # without its twenty seeds
    for settings in ({"lengthscale": 0.02, "noise": 0, "idle": 18}, {"lengthscale": 0.3, "noise": 20, "idle": 0}):
        names = {}
        exec(compile(with_settings(program, settings), "breakit", "exec"), names)
        at = tuple(broken[f"{key}s" if key != "idle" else key].index(value) for key, value in settings.items())
        stored = np.array(broken["regrets"])[at]
        assert [names["regret"](names["model"], seed) for seed in (0, 1)] == pytest.approx(stored[:2], rel=0.03)


def test_the_rules_reach_with_the_runs_of_a_round_what_the_figure_says(figures, tmp_path):
    _, numbers, _ = ran(tmp_path, "trainon", game=18, stops="27-3-3-27-3", at=27)
    assert numbers == [figures["stopped"], *([best / 2000, begun] for best, begun, _, _ in figures["trainon"])]


def test_a_held_hole_says_of_another_what_the_figure_says(figures, tmp_path):
    lines, _, _ = ran(tmp_path, "condition", xa=3, a=-4, xb=4.5)
    (mean,), (std,) = figures["condition"]["mean"], figures["condition"]["std"]
    assert f"{24 - mean:.1f} ± {std:.1f} m" in lines[0]


def test_the_round_of_the_game_is_played_on_the_table_of_the_figure(figures, tmp_path):
    lines, numbers, _ = ran(tmp_path, "choose", nights=4)
    assert numbers[-1] == [pytest.approx(figures["choose"], abs=0.005)]
    assert lines[0].startswith("you: ")
    assert len(lines) == 5


def test_the_thoughts_on_the_road_are_those_of_the_figure(figures, tmp_path):
    for steps, settings in (("fixed", {}), ("learned", {"tried": "198-90-111", "learn": 1})):
        _, numbers, _ = ran(tmp_path, "think_gp", **settings)
        assert [line[1] for line in numbers] == pytest.approx(figures[steps])
    lines, _, _ = ran(tmp_path, "think_evidence", tried=figures["holes"])
    assert [float(lines[k].split()[-1]) for k in (0, 2, 5)] == [round(value, 1) for value in figures["evidence"]]
    lines, _, _ = ran(tmp_path, "think_tpe", gamma=0.4)
    assert len(lines) == 8
