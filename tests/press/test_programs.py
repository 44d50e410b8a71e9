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
import { field, grid } from "./devices/wells.js";
import { inner } from "./devices/loops.js";
import { cut } from "./devices/cut.js";
import { mixture, share } from "./devices/cancel.js";
import { shares, surface } from "./devices/tilt.js";
import { front, hypervolume } from "./devices/goals.js";
import { best, islands, loss, milliseconds } from "./devices/island.js";
import { believe as smooth } from "./devices/lift.js";
import { look } from "./devices/edge.js";
import { minutes } from "./devices/pays.js";
import { weigh } from "./devices/maps.js";
import { compared } from "./devices/widths.js";
import { lineage, population } from "./devices/copies.js";
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
  wells: [5, 6].map(k => Math.min(...grid(k).map(field))),
  loops: [0.003, 0.05, 0.052].map(rate => [5, 10, 15, 20].map(step => inner(rate)[step])),
  cut: [[1, 3], [5, 9], [26, 1]].map(([at, keep]) => (({ epochs, best }) => [epochs, best])(cut({ at, keep }))),
  cancel: [[0.5, 1.5], [-1, 2], [0.95, 1.25], [1, 1]].map(([rho, worse]) => [share({ rho, worse }), mixture(share({ rho, worse }), { rho, worse })]),
  tilt: [[1, 0.5, 0], [0, 0, 1], [-0.4, 1.2, 2]].map(([a, b, c]) => shares(surface({ a, b, c }))),
  goals: [[20, 50, 70, 150], [0, 80, 153, 152, 60, 61]].map(wells => [front(wells).map(i => i / 20).sort((a, b) => a - b), hypervolume(wells) / hypervolume([...Array(201).keys()])]),
  island: [58, 45, 32, 31.5, 23.5, 11].map(limit => [islands(limit).length, best(limit), milliseconds(best(limit)), loss(best(limit))]),
  lift: [[6.9, 3], [7.7, 3], [8.5, -3]].map(([at, by]) => (({ place, depth }) => [place, depth])(smooth({ at, by }))),
  pays: [[10, 30], [5, 20], [60, 36]].map(([run, needs]) => minutes({ run, needs })),
  edge: [7, 7.7, 9].map(end => (({ best, near, gain }) => [best, near, gain])(look(end))),
  maps: ["month", "other"].map(study => [2, 3, 5, 9].map(n => weigh(study, n).weights[0])),
  widths: [[32, false], [512, false], [512, true]].map(([width, mup]) => (({ losses, best, kept }) => [losses[best], losses[kept]])(compared({ width, mup }))),
  copies: [0, 9, 3, 1].map(every => (({ loss, rate }) => [loss, rate])(lineage(population(every)).at(-1))),
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


# ---- Devices of one question each

LAST = {  # settings of a program, a list for each run; what its last numbers are, in the figure, and to how many digits
    "wells": ([{"k": 5}], lambda found: [[25, found[0], 36, found[1]]], 0.006),
    "loops": ([{"rate": rate} for rate in (0.003, 0.05, 0.052)], lambda found: found, 1e-3),
    "cut": ([{"at": 1, "keep": 3}, {"at": 5, "keep": 9}, {"at": 26, "keep": 1}], lambda found: [[a, 729, b, 0.0745] for a, b in found], 1e-4),
    "cancel": ([{"rho": r, "worse": w} for r, w in ((0.5, 1.5), (-1, 2), (0.95, 1.25), (1, 1))], lambda found: found, 0.006),
    "tilt": ([{"a": a, "b": b, "c": c} for a, b, c in ((1, 0.5, 0), (0, 0, 1), (-0.4, 1.2, 2))], lambda found: found, 6e-4),
    "goals": ([{"tried": "20-50-70-150"}, {"tried": "0-80-153-152-60-61"}], lambda found: [[*on, 100 * share] for on, share in found], 0.06),
    "island": ([{"limit": limit} for limit in (58, 45, 32, 31.5, 23.5, 11)], lambda found: found, 0.06),
    "lift": ([{"at": 6.9, "by": 3.0}, {"at": 7.7, "by": 3.0}, {"at": 8.5, "by": -3.0}], lambda found: found, 0.006),
    "pays": ([{"run": run, "needs": needs} for run, needs in ((10, 30), (5, 20), (60, 36))], lambda found: found, 0.006),
    "edge": ([{"end": end} for end in (7, 7.7, 9)], lambda found: [[best, gain] for best, _, gain in found], 0.006),
    "widths": ([{"width": 32, "mup": 0}, {"width": 512, "mup": 0}, {"width": 512, "mup": 1}], lambda found: found, 6e-4),
    "copies": ([{"every": every} for every in (0, 9, 3, 1)], lambda found: found, 6e-5),
}  # fmt: skip


@pytest.mark.parametrize("name", LAST)
def test_a_figure_of_one_question_shows_what_its_program_computes_with_the_lab(figures, tmp_path, name):
    settings, shown, near = LAST[name]
    for one, wanted in zip(settings, shown(figures[name]), strict=True):
        _, numbers, _ = ran(tmp_path, name, **one)
        found = {
            "wells": lambda lines: [lines[0][0], lines[0][1], *lines[1]],
            "loops": lambda lines: [line[1] for line in lines],
            "lift": lambda lines: lines[-1][1:],
            "edge": lambda lines: lines[-1][::2],
            "widths": lambda lines: lines[0][1::2],
        }.get(name, lambda lines: lines[-1])(numbers)
        assert found == pytest.approx(wanted, abs=near, rel=1e-3 if name == "loops" else 0)


def test_a_well_is_near_the_end_in_the_program_where_it_is_in_the_figure(figures, tmp_path):
    for end, (_, near, _) in zip((7, 7.7, 9), figures["edge"], strict=True):
        lines, _, _ = ran(tmp_path, "edge", end=end)
        assert lines[0] == ("near the end" if near else "not near the end")


def test_an_old_map_weighs_what_the_ensemble_of_the_lab_says_of_other_draws(figures, tmp_path):
    for study, weights in zip(("month", "other"), figures["maps"], strict=True):
        for n, weight in zip((2, 3, 5, 9), weights, strict=True):
            _, numbers, _ = ran(tmp_path, "maps", study=study, n=n)
            assert numbers[0][0] == pytest.approx(weight, abs=0.12)
