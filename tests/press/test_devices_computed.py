"""What the devices compute, run by node: it is what hpt_lab computes, and what the answers and the texts of the lessons say."""

import functools
import json
import re
from itertools import combinations

import node
import numpy as np
import pytest
import scripts
from browsing import telling
from scipy.integrate import quad
from scipy.stats import ks_2samp, kstest, norm, qmc
from sklearn.tree import DecisionTreeRegressor

import hpt_lab as hpt
from book.press.pages import devices
from hpt_lab import ASHA, TPE, GridSearch, ManualSearch, Study, SuccessiveHalving, datasets, problems
from hpt_lab.loop import simulate
from hpt_lab.space import Categorical, Float, Int, Space
from hpt_lab.surrogates import (
    GaussianProcess,
    ParzenEstimator,
    curves,
    expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)
from hpt_lab.surrogates.prior import ranking_losses, ranking_weights

MAKER = scripts.load("make_device_data")


def answer_of(root, path, name):
    """Return the text of the answer of a device in its lesson, in one line."""
    text = (root / "chapters" / f"{path}.md").read_text(encoding="utf-8")
    box = text[text.index(f":class: device {name}") :]
    return re.sub(r"\s+", " ", re.search(r":::\{dropdown\} Answer\n(.*?)\n:::", box, re.S)[1])


def printed_in(root, path):
    """Return what the cells of a lesson print."""
    cells = json.loads((root / "chapters" / f"{path}.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join("".join(o.get("text", o.get("data", {}).get("text/markdown", ""))) for o in outputs)


def space(d):
    return Space({f"x{j}": Float(0, 1) for j in range(d)})


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


# ---- The mathematics, on random inputs


def cases(rng, n=40):
    """Gaussian processes, beliefs and Parzen estimators to be computed twice."""
    processes, densities = [], []
    for i in range(n):
        d, m = 1 + i % 2, int(rng.integers(1, 12))
        X, y, at = rng.random((m, d)), rng.normal(size=m), rng.random((6, d))
        options = {
            "kernel": ["rbf", "matern32", "matern52"][i % 3],
            "lengthscale": rng.uniform(0.1, 1.0, d).tolist(),
            "signal": float(rng.uniform(0.3, 3)),
            "noise": float(rng.uniform(1e-3, 0.2)),
        }
        given = {"X": X.tolist(), "y": y.tolist(), "at": at.tolist(), "normals": rng.normal(size=6).tolist()}
        processes.append({**given, "options": options})
        kernels = {"narrowest": [0.5, 1, 2][i % 3], **({"bandwidth": 0.2} if i // 2 % 2 else {})}
        densities.append({"points": X.tolist(), "d": d, "at": at.tolist(), "options": kernels})
    beliefs = [[rng.normal(), rng.uniform(0.1, 2), rng.normal(), rng.uniform(0, 0.3)] for _ in range(n)]
    beliefs += [[0.0, 1.0, -z, 0.0] for z in (1, 1.001, 3, 10, 40, 300)]
    beliefs += [[0.2, 0.0, 0.5, 0.1], [0.5, 0.0, 0.2, 0.1]]
    return {"processes": processes, "densities": densities, "beliefs": beliefs, "split": rng.random(12).tolist()}


COMPUTED = """async cases => {
    const lab = await import("/_static/lab.js"), many = draw => [...Array(4000)].map(draw);
    const [one, first, second] = [lab.parzen([[0.2]], 1, {}), lab.seeded(1), lab.seeded(2)], points = cases.split.map(v => [v]);
    return {
        processes: cases.processes.map(({ X, y, at, options, normals }) => {
            const gp = lab.gaussianProcess(X, y, options);
            return { ...gp.predict(at), evidence: gp.evidence, sample: gp.sample(at, normals) };
        }),
        scalar: lab.gaussianProcess([[0.1, 0.2], [0.3, 0.9]], [1, 2], { lengthscale: 0.4 }).evidence,
        densities: cases.densities.map(({ points, d, at, options }) => at.map(u => lab.parzen(points, d, options).logDensity(u))),
        beliefs: cases.beliefs.map(([mean, std, best, xi]) => [lab.expectedImprovement(mean, std, best, xi),
            lab.probabilityOfImprovement(mean, std, best, xi), lab.lowerConfidenceBound(mean, std, xi)]),
        sobol: lab.sobol(64, 2), drawn: many(() => one.draw(first)[0]), normals: many(() => second.normal()),
        split: [0.25, "linear"].map(gamma => {
            const { l, g, good, logRatio } = lab.densities(points, cases.split.map(v => -v), { gamma });
            return [good, l.logDensity([0.3]), g.logDensity([0.3]), logRatio([0.3])];
        }),
    };
}"""


class Normals(np.random.Generator):
    """A generator that draws the numbers it was given."""

    def __new__(cls, numbers):
        return super().__new__(cls)

    def __init__(self, numbers):
        super().__init__(np.random.PCG64(0))
        self.numbers = np.array(numbers)

    def standard_normal(self, size):
        return self.numbers.reshape(size)


@pytest.fixture(scope="module")
def computed():
    """The cases, and what the script makes of them."""
    asked = cases(np.random.default_rng(0))
    return asked, node.run(COMPUTED, asked)


def test_gaussian_processes_are_those_of_the_lab(computed):
    for case, js in zip(computed[0]["processes"], computed[1]["processes"], strict=True):
        gp = GaussianProcess(*case["options"].values(), optimize=False).fit(np.array(case["X"]), np.array(case["y"]))
        at = np.array(case["at"])
        for name, wanted in zip(("mean", "std"), gp.predict(at), strict=True):
            close(js[name], wanted)
        close(js["evidence"], gp.log_marginal_likelihood)
        close(js["sample"], gp.sample(at, Normals(case["normals"]))[0])
    scalar = GaussianProcess("matern52", 0.4, optimize=False).fit(np.array([[0.1, 0.2], [0.3, 0.9]]), np.array([1, 2]))
    close(computed[1]["scalar"], scalar.log_marginal_likelihood)


def test_acquisition_functions_are_those_of_the_lab(computed):
    for (mean, std, best, xi), (ei, pi, lcb) in zip(*(part["beliefs"] for part in computed), strict=True):
        close(ei, expected_improvement(mean, std, best, xi))
        close(pi, probability_of_improvement(mean, std, best, xi))
        close(lcb, lower_confidence_bound(mean, std, xi))


def test_densities_are_those_of_the_lab(computed):
    asked, found = computed
    for case, js in zip(asked["densities"], found["densities"], strict=True):
        model = ParzenEstimator(space(case["d"]), np.array(case["points"]), **case["options"])
        close(js, model.log_terms(np.array(case["at"]))[:, 0])
    ranked = np.sort(asked["split"])[::-1, None]  # the losses are the negative points
    for good, (n, l, g, ratio) in zip((3, 2), found["split"], strict=True):
        assert n == good
        close(l, ParzenEstimator(space(1), ranked[:good], narrowest=0.5).log_terms(np.array([[0.3]])).item())
        close(g, ParzenEstimator(space(1), ranked[good:], narrowest=2.0).log_terms(np.array([[0.3]])).item())
        close(ratio, l - g)


def test_what_is_drawn_is_distributed_as_it_should_be(computed):
    found = computed[1]
    assert found["sobol"] == qmc.Sobol(2, scramble=False).random(64).tolist()
    assert kstest(found["normals"], norm.cdf).pvalue > 0.01
    u = np.linspace(0, 1, 2001)
    density = np.exp(ParzenEstimator(space(1), np.array([[0.2]])).log_terms(u[:, None])[:, 0])
    mass = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(u))])
    assert kstest(found["drawn"], lambda x: np.interp(x, u, mass)).pvalue > 0.01


# ---- What devices share


def test_scales_have_round_ticks_within_and_states_survive_their_text():
    found = node.run("""async () => {
        const { scale, short, read, written } = await import("/_static/device.js");
        const start = { n: 3, x: 0.5, on: false, name: "rbf" }, state = { n: 4, x: -1e-7, on: true, name: "matern52" }, back = { ...start };
        const text = written(state, start);
        read(text, back, start);
        const odd = { ...start };
        read("n=&x=NaN&on&on=2&name&constructor=1&other=2", odd, start);
        return { ticks: [[0, 10, false, 5], [0.13, 0.92, false, 4], [-3, 250, false, 6], [1e-4, 1, true, 4], [1e-4, 1, true, 2], [1e-6, 1, true, 2], [0.5, 100, true, 3]]
            .map(([low, high, log, most]) => scale(low, high, log).ticks(most)),
            inverse: scale(1e-4, 10, true).value(scale(1e-4, 10, true).unit(0.03)), text, back, state, odd, same: written(start, start),
            words: [0, 0.0001, 0.00001, 123456, 0.12345, 15].map(short) };
    }""")
    assert found["ticks"] == [
        [0, 2, 4, 6, 8, 10],
        [0.2, 0.4, 0.6, 0.8],
        [0, 50, 100, 150, 200, 250],
        [0.0001, 0.001, 0.01, 0.1, 1],
        [0.0001, 0.01, 1],
        [1e-6, 0.001, 1],
        [1, 10, 100],
    ]
    assert found["inverse"] == pytest.approx(0.03)
    assert found["text"] == "n=4&x=-1e-7&on=1&name=matern52"
    assert found["back"] == found["state"]
    assert found["odd"] == {"n": 3, "x": 0.5, "on": False, "name": "rbf"}
    assert found["same"] == ""
    assert found["words"] == ["0", "0.0001", "1e-5", "1.2e5", "0.123", "15"]


@pytest.mark.parametrize("file", MAKER.MODULES)
def test_a_module_of_data_is_small_and_what_the_lab_computes_today(file):
    text = (devices.STATIC / file).read_text(encoding="utf-8")
    assert 300 < len(text) < 20_000
    assert text == MAKER.module(file)


READ = """async () => {
    const { TABLES, CURVES, LEADS } = await import("/_static/tables.js"), { BROKEN } = await import("/_static/broken_models.js"), { WIDTHS } = await import("/_static/width_losses.js");
    return { tables: TABLES.map(one => one.values), curves: CURVES.epochs.losses, leads: [LEADS.reported, LEADS.retest], regrets: BROKEN.regrets, scaled: WIDTHS.scaled };
}"""


def test_the_tables_are_those_of_the_lab():
    assert 300 < (node.scripts() / "tables.js").stat().st_size < 20_000
    found, data = node.run(READ), problems.trainings.DATA
    assert found["tables"][0] == (100 * problems.svm_digits().values(seed=0)).round(2).tolist()
    assert found["tables"][1] == problems.forest_boston("root_mean_squared_error").values(seed=0).round(2).tolist()
    every = np.stack([problems.mlp_mnist().values(seed=0, budget=budget).ravel() for budget in (1, 3, 9, 27)], axis=1)
    assert sorted(found["curves"]) == sorted((100 * every).round(2).tolist())
    with np.load(data / "leads.npz") as stored:
        assert found["leads"] == (stored["random"] - stored["bayesian"]).T.tolist()
    with np.load(data / "broken_models.npz") as stored:
        np.testing.assert_allclose(found["regrets"], stored["regrets"], rtol=0.001, atol=0.002)
        np.testing.assert_allclose(
            np.mean(found["regrets"], axis=-1), stored["regrets"].mean(axis=-1), rtol=2e-4, atol=2e-4
        )
    with np.load(data / "widths.npz") as stored:
        assert found["scaled"] == stored["scaled"].mean(axis=2).round(3).tolist()


# ---- Lesson 1.1: a ball in a valley, and a tree that deepens

ROLLED = """async () => {
    const { arrival, descend } = await import("/_static/devices/valley.js"), rates = [...Array(120).keys()].map(i => (i + 1) / 100);
    const there = (steepness, steps) => rates.filter(rate => arrival(descend({ rate, steepness, steps })) >= 0);
    return { path: descend({ rate: 0.3, steepness: 4, steps: 10 }), there: [there(1, 10), there(1, 40), there(4, 10), there(4, 40)] };
}"""
PARAMETERS = "01_the_problem/01_parameters_and_hyperparameters"


def test_the_ball_rolls_by_gradient_descent(root):
    found = node.run(ROLLED)
    w, path = 0.5, []  # where 4 w^2 is 1
    for _ in range(11):
        path.append([w, 4 * w**2])
        w -= 0.3 * 8 * w
    np.testing.assert_allclose(found["path"], path, rtol=1e-9)
    ten, _forty, steep, ever = [(rates[0], rates[-1]) for rates in found["there"]]
    for rates in found["there"]:  # nothing fails in between
        assert len(rates) == round(100 * (rates[-1] - rates[0])) + 1
    answer = answer_of(root, PARAMETERS, "valley")
    assert telling("Ten steps", *ten)(answer)
    assert steep == pytest.approx([rate / 4 for rate in ten], abs=0.005)  # all limits are a quarter of what they were
    assert ever[1] < 0.25


GROWN = """async () => {
    const { errors } = await import("/_static/devices/tree.js"), { PATIENTS } = await import("/_static/patients.js");
    return PATIENTS.splits.map((_, i) => errors(i + 1));
}"""


def test_the_tree_is_that_of_scikit_learn(root):
    found = np.array(node.run(GROWN))
    for seed, errors in enumerate(found):
        split = datasets.diabetes(seed=seed)
        x, unseen = (X[:, [split.feature_names.index("s5")]] for X in (split.X_train, split.X_valid))
        for depth, (train, valid) in enumerate(errors, start=1):
            tree = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(x, split.y_train)
            assert train == pytest.approx(np.abs(tree.predict(x) - split.y_train).mean(), abs=1e-6)
            assert valid == pytest.approx(np.abs(tree.predict(unseen) - split.y_valid).mean(), abs=1e-6)
    best, first = found[:, :, 1].argmin(axis=1) + 1, found[0].round(1)
    counts, whole = np.bincount(best), found[:, :, 1].mean(axis=0).argmin() + 1
    told = [best[0], len(found), counts.argmax(), whole, 12]
    assert telling(*map(float, told))(answer_of(root, PARAMETERS, "tree"))
    assert 2 * counts.max() > len(found)  # most splits
    assert first[-1, 1] > first[0, 1]
    assert 0.5 < first[-1, 0] / first[0, 0] < 0.55  # nearly halved
    assert (found[:, -1, 1] > found[:, 1, 1]).all()  # every split says that 12 is too deep


# ---- Lesson 4.5: good and bad

THOUGHT = """async () => {
    const { think } = await import("/_static/devices/goodbad.js"), { SIXTEEN } = await import("/_static/sixteen.js");
    const states = [[4, 0], [4, 0.01], [4, 0.5], ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 12].map(good => [good, 0])];
    return { sixteen: SIXTEEN, thoughts: states.map(([good, bandwidth]) => think({ good, bandwidth })) };
}"""


def test_good_and_bad_are_those_of_the_lab(root):
    found = node.run(THOUGHT)
    x, losses = np.array(found["sixteen"]["x"]), np.array(found["sixteen"]["losses"])
    order, u, grid = np.argsort(losses, kind="stable"), (x[:, None] + 4) / 5, np.linspace(0, 1, 501)[:, None]
    states = ((4, "neighbours"), (4, 0.01), (4, 0.5), (2, "neighbours"))
    for now, (good, width) in zip(found["thoughts"], states, strict=False):
        models = [ParzenEstimator(space(1), u[part], bandwidth=width) for part in (order[:good], order[good:])]
        for name, model in zip("lg", models, strict=True):
            np.testing.assert_allclose(now[name], np.exp(model.log_terms(grid)[:, 0]) / 5, rtol=1e-6)
        np.testing.assert_allclose(now["ratio"], np.array(now["l"]) / now["g"], rtol=1e-6)
        drawn = (np.array(now["drawn"])[:, None] + 4) / 5
        best = (models[0].log_terms(drawn) - models[1].log_terms(drawn))[:, 0].argmax()
        assert now["next"] == now["drawn"][best]
    (neighbors, narrow, wide), (*rest, most) = found["thoughts"][:3], found["thoughts"][3:]
    assert f"l/g at x = {neighbors['peak']:.2f}" in printed_in(root, "04_how_it_works/05_tpe")
    peaks = [one["peak"] for one in rest]
    assert np.allclose(peaks, -1, atol=0.15)
    told = [10, -1, 12, most["peak"], round(narrow["most"]), wide["most"]]
    assert telling(*(round(number, 2) for number in told))(answer_of(root, "04_how_it_works/05_tpe", "goodbad"))
    error = lambda place: losses[np.abs(x - place).argmin()]  # noqa: E731
    assert 2 <= error(most["peak"]) / error(neighbors["peak"]) <= 3
    assert np.abs(x[order[:4]] - narrow["peak"]).min() < 0.05


# ---- Lesson 2.4: grid, random, Sobol

SQUARES = """async () => {
    const { WAYS, empty, error, lowest, means } = await import("/_static/devices/projections.js");
    const problem = { wx: 0.7, wy: 0.2, bx: 0.3, by: 0.8 }, points = WAYS.random(5, 3), best = lowest(points, problem);
    return {
        grids: [3, 8].map(side => [WAYS["grid (ends)"](side), WAYS["grid (centered)"](side)]), sobol: WAYS.Sobol(8, 5),
        lowest: [points, best, error(best, problem)], holes: empty(points, 5),
        empties: [2, 3, 4, 5, 6, 7, 8].map(side => [...Array(40).keys()].map(draw => empty(WAYS.Sobol(side, draw), side).length)),
        means: [[3, 9, 0.02], [3, 9, 0.05], [3, 9, 0.1], [3, 9, 0.15], [8, 64, 0.03], [8, 64, 0.05], [8, 64, 0.2], [8, 64, 0.3], [8, 32, 0.03], [8, 64, 1]]
            .map(([side, count, wy]) => [side, count, wy, means(side, count, 1, wy)]),
    };
}"""


def test_the_squares_hold_the_trials_of_the_lab_and_the_lessons_read_them_rightly():
    found = node.run(SQUARES)
    for side, (ends, centered) in zip((3, 8), found["grids"], strict=True):
        study = Study(space(2), GridSearch(resolution=side))
        np.testing.assert_allclose(ends, [list(study.ask().params.values()) for _ in range(side * side)])
        np.testing.assert_allclose(centered, (np.array(ends) * (side - 1) + 0.5) / side)
    plain = qmc.Sobol(2, scramble=False).random(64)
    digits = lambda points: (np.array(points) * 2**32).astype(np.uint64)  # noqa: E731
    assert len(np.unique(digits(found["sobol"]) ^ digits(plain), axis=0)) == 1  # one shift of the digits for all
    points, best, least = found["lowest"]
    errors = 0.7 * (np.array(points)[:, 0] - 0.3) ** 2 + 0.2 * (np.array(points)[:, 1] - 0.8) ** 2
    assert best == points[int(errors.argmin())]
    assert least == pytest.approx(errors.min())
    hits = np.histogram2d(*np.array(points).T, bins=5, range=[[0, 1], [0, 1]])[0]
    assert found["holes"] == np.argwhere(hits == 0).tolist()
    rng, mean = np.random.default_rng(0), {}
    for side, count, wy, means in found["means"]:
        mean[side, count, wy] = means
        places, weights = rng.random((1000, 1, 2)), np.array([1, wy])
        shifted = (digits(plain[:count]) ^ rng.integers(2**32, size=(1000, 1, 2), dtype=np.uint64)) / 2**32
        ends, centered = (np.array(way)[None, :count] for way in found["grids"][side == 8])
        for way, js in zip((ends, centered, rng.random((1000, count, 2)), shifted), means, strict=True):
            least = ((way - places) ** 2 @ weights).min(axis=1)
            assert js == pytest.approx(least.mean(), abs=6 * least.std() / np.sqrt(1000))
    ahead = {key: (centered < random, centered < sobol) for key, (_, centered, random, sobol) in mean.items()}
    turns = [(False, False), (True, False), (True, False), (True, True)]
    assert [ahead[3, 9, wy] for wy in (0.02, 0.05, 0.1, 0.15)] == turns
    assert [ahead[8, 64, wy] for wy in (0.03, 0.05, 0.2, 0.3)] == turns
    half, whole = mean[8, 32, 0.03], mean[8, 64, 0.03]
    assert 45 < half[1] / half[3] < half[0] / half[3] < 60
    assert 1.8 < whole[1] / whole[3] < 2.4
    empties = np.array(found["empties"])
    assert (empties[[0, 2, 6]] == 0).all()
    assert ((empties[[1, 3, 4, 5]] > 0).mean(axis=1) > 0.85).all()


# ---- The front page: you choose the next trial

ROUNDS = """async tried => {
    const { hidden, search, rivals, belief, highest, nearest, found } = await import("/_static/rounds.js");
    const frames = [], searches = [], hill = [], fifth = hidden(1, 5);
    for (let round = 1; round <= 60; round++) {
        for (const d of [1, 2]) {
            const p = hidden(d, round), [low, high] = p.range;
            frames.push(p.values.length === p.places.length && p.values.every(v => v > low && v < high) && p.best < 0.9 * high
                && JSON.stringify(p.values) === JSON.stringify(hidden(d, round).values)
                && p.places.every((u, i) => nearest(p, u) === i));
            if (round > 4) continue;
            for (const name of ["random search", "TPE", "Bayesian optimization"]) searches.push(search(p, name, 12, round));
        }
        const p = hidden(1, round), mine = [p.first], ends = rivals(p, 7);
        while (mine.length < 7) mine.push(highest(belief(p, mine).ei));
        hill.push(...ends.map(end => [end.name, Math.sign(end.found - found(p, mine)), end.found === found(p, end.tried) && end.found >= p.best, round % 3 > 0]));
    }
    return { frames, searches, hill, places: fifth.places, learned: fifth.learned, belief: belief(fifth, tried) };
}"""
TRIED = [3, 50, 90, 71]


@pytest.fixture(scope="module")
def rounds():
    return node.run(ROUNDS, TRIED)


def test_a_round_is_a_fair_game(rounds):
    """Problems stay in their frames, searches never train twice, and the peak of expected improvement does what the front page says."""
    assert all(rounds["frames"])
    assert all(len(set(tried)) == 12 for tried in rounds["searches"])
    assert all(true for _, _, true, _ in rounds["hill"])
    signs = lambda rival, kind: np.array([sign for name, sign, _, made in rounds["hill"] if (name, made) == (rival, kind)])  # fmt: skip  # noqa: E731
    assert 0.75 < (signs("random search", True) > 0).mean() < 0.87, "the front page says four of five made-up functions"
    assert (signs("random search", False) > 0).mean() < 0.2, "and rarely on the tables"
    assert abs(signs("Bayesian optimization", True).mean()) < 0.4


def test_belief_and_expected_improvement_are_those_of_the_lab(rounds):
    X, y, js = np.array(rounds["places"]), np.array(rounds["learned"]), rounds["belief"]
    centre, spread = y[TRIED].mean(), y[TRIED].std()
    z = (y[TRIED] - centre) / spread
    worth = {}
    for l in (0.08, 0.13, 0.2, 0.35, 0.6, 1):
        gp = GaussianProcess("matern52", l, 1.0, 1e-4, optimize=False).fit(X[TRIED], z)
        worth[gp.log_marginal_likelihood - (np.log(l / 0.6) / 1.5) ** 2 / 2] = gp
    mean, std = worth[max(worth)].predict(X)
    ei = expected_improvement(mean, std, z.min())
    ei[TRIED] = 0
    for name, wanted in (("mean", centre + spread * mean), ("std", spread * std), ("ei", ei)):
        close(js[name], wanted)


# ---- Chapter 4: watch it think

SEARCHED = """async asked => {
    const { start } = await import("/_static/devices/think.js"), { read } = await import("/_static/device.js");
    const { PLACES, LENGTHS, believe, choose, depth, highest, split } = await import("/_static/thinking.js");
    return asked.map(([settings, rounds, changes]) => {
        const state = { ...start };
        read(settings, state, start);
        Object.assign(state, changes);
        const trials = state.tried.split("-").map(Number).map(i => [i, depth(i)]), seen = [];
        if (state.spoilt) trials[highest(trials.map(([, loss]) => loss))][1] = 240;
        for (let k = 0; k < rounds; k++) {
            const gp = believe(trials, state), { values, chosen } = choose(trials, gp, state), tpe = split(trials, state), { evidence } = gp;
            const peak = LENGTHS[highest(evidence)], next = state.who === "tpe" ? tpe.chosen : chosen;
            seen.push({ peak, top: Math.max(...evidence), lengthscale: gp.lengthscale, gp: PLACES[chosen], tpe: PLACES[tpe.chosen], ...(rounds === 1 ? { trials: [...trials], ...gp, values, split: tpe } : {}) });
            trials.push([next, depth(next)]);
        }
        return seen;
    });
}"""


@pytest.mark.parametrize(
    "changes",
    [
        {"kernel": "rbf", "noise": 0.5, "lengthscale": 1.3, "acquisition": "lcb", "kappa": 1.5},
        {"kernel": "matern32", "learn": True, "acquisition": "pi", "xi": 0.5, "gamma": 0.4, "spoilt": True},
    ],
    ids=["lcb", "pi"],
)
def test_what_it_thinks_is_what_the_lab_thinks(changes):
    road = np.arange(201) / 20
    js = node.run(SEARCHED, [["tried=16-40-72-116-188-54-2", 1, changes]])[0][0]
    s = {"learn": False, "noise": 0.2, "xi": 0, "kappa": 2, "gamma": 0.25} | changes
    places, y = np.array([i for i, _ in js["trials"]]), np.array([loss for _, loss in js["trials"]])
    x = road[places]
    truth = 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    truth[truth.argmax()] = 240 if "spoilt" in changes else truth.max()
    np.testing.assert_allclose(y, truth)
    centre, unit = (y.mean(), y.std()) if s["learn"] else (24, 5)

    def fitted(length):
        gp = GaussianProcess(s["kernel"], length, 1.0, (s["noise"] / unit) ** 2, optimize=False)
        return gp.fit(x[:, None], (y - centre) / unit)

    lengths = np.array([float(f"{value:.2g}") for value in np.geomspace(0.1, 10, 61)])
    evidence = np.array([fitted(length).log_marginal_likelihood for length in lengths]) - len(y) * np.log(unit)
    close(js["evidence"], evidence)
    if s["learn"]:
        worth = evidence - (np.log(lengths / 6) / 1.5) ** 2 / 2
        close(js["worth"], worth)
        assert js["lengthscale"] == lengths[worth.argmax()]
    gp = fitted(js["lengthscale"])
    mean, std = (unit * part for part in gp.predict(road[:, None]))
    mean, best = mean + centre, centre + unit * gp.predict(x[:, None])[0].min()
    np.testing.assert_allclose(js["mean"], mean, rtol=1e-6)
    np.testing.assert_allclose(js["std"], std, rtol=1e-6)
    values = best - lower_confidence_bound(mean, std, s["kappa"])
    if s["acquisition"] == "pi":
        values = probability_of_improvement(mean, std, best, s["xi"])
    np.testing.assert_allclose(js["values"], values, rtol=1e-6, atol=1e-9)
    values[places] = -np.inf
    assert js["gp"] == road[values.argmax()]
    study = Study(Space(x=Float(0, 10)), TPE(), seed=0)
    for place, loss in zip(x, y, strict=True):
        study.add({"x": float(place)}, float(loss))
    models = TPE(gamma=s["gamma"], contrast=1).densities(study.history)
    l, g = (np.exp(model.log_density([{"x": float(place)} for place in road])) for model in models)
    split = js["split"]
    for name, values in (("l", l), ("g", g), ("ratio", l / g)):
        np.testing.assert_allclose(split[name], values, rtol=1e-6)
    assert sorted(split["good"] + split["others"]) == list(range(len(y)))
    assert y[split["good"]].max() < y[split["others"]].min()
    fresh = [i for i in split["drawn"] if i not in places]
    assert js["tpe"] == road[max(fresh, key=lambda i: (l / g)[i])]
    assert len(split["drawn"]) == 24


@pytest.fixture(scope="module")
def thinks(root):
    """Gives what it thinks in a lesson, once for each of some changes of the state that it begins with there."""

    def thinks(lesson, *changes, rounds=1):
        text = (root / f"chapters/04_how_it_works/{lesson}.md").read_text(encoding="utf-8")
        settings = re.search(r":class: device think\n<!-- (.*) -->", text)[1]
        return node.run(SEARCHED, [[settings, rounds, change] for change in changes])

    return thinks


def test_the_peaks_of_the_evidence_are_where_lesson_2_says(thinks):
    peaks = [one[0] for one in thinks("02_the_surrogate", *({"noise": noise} for noise in (0.2, 3, 3.3, 3.4)))]
    assert [round(found["peak"], 2) for found in peaks] == [0.93, 1.4, 1.4, 10]
    assert [round(found["top"], 1) for found in (peaks[0], peaks[-1])] == [-29.8, -32.8]


def test_what_is_wanted_next_is_where_lesson_3_says(thinks):
    lcb = [{"acquisition": "lcb", "kappa": kappa} for kappa in (2.4, 2.5)]
    ei = [{"acquisition": "ei", "xi": xi} for xi in (6, 6.5)]
    found = [one[0]["gp"] for one in thinks("03_acquisition", *({"xi": xi} for xi in (0, 7, 7.5)), *lcb, *ei)]
    assert found[:5] == [2.05, 2.8, 7.75, 2.8, 7.75]
    assert found[5] < 5 <= found[6]


def test_the_loop_goes_to_the_gap_when_lesson_4_says(thinks):
    changes = [{}, *({"learn": False, "lengthscale": length} for length in (0.5, 1, 5)), {"xi": 1}]
    learned, *others = thinks("04_the_loop", *changes, rounds=22)
    gap = lambda rounds: [6 < found["gp"] < 9 for found in rounds]  # noqa: E731
    assert gap(learned[:15]) == [False] * 11 + [True] * 4
    assert max(found["lengthscale"] for found in learned[:12]) == 2
    assert learned[14]["lengthscale"] == 0.86
    assert [gap(rounds).index(True) + 1 if any(gap(rounds)) else 0 for rounds in others] == [8, 5, 0, 5]


def test_tpe_looks_where_lesson_5_says(thinks):
    (now,), (spoilt,), (wide,) = thinks("05_tpe", {}, {"spoilt": True}, {"gamma": 0.6})
    assert (now["gp"], spoilt["gp"]) == (2.6, 7.05)
    assert now["tpe"] == spoilt["tpe"] == 1.95
    drilled = thinks("05_tpe", *({"who": "tpe", "gamma": gamma} for gamma in (0.1, 0.25, 0.6)), rounds=10)
    few, usual, many = ([found["tpe"] for found in rounds] for rounds in drilled)
    assert max(usual) < 5 < 8.5 < min(many)
    assert min(few) < 1 < 9 < max(few)
    assert [len(one["split"]["good"]) for one in (wide, now)] == [5, 2]
    assert all(wide["trials"][k][0] < 8 * 20 for k in wide["split"]["others"])


# ---- Lesson 5.1: halving

HALVED = """async runs => {
    const { drawn, simulate, inHand } = await import("/_static/rungs.js");
    return runs.map(([table, draw, way, workers, until]) => {
        const rows = drawn(table, draw), trials = simulate(rows, way, workers, until ?? Infinity);
        return [rows, trials.map(t => [t.config, t.rung, t.worker, t.began, t.ended, t.loss]), [0, 5, 46].map(hour => inHand(trials, hour)?.number ?? null)];
    });
}"""


def test_halving_trains_what_the_lab_trains():
    ways = (("halving", 1, None), ("halving", 8, None), ("asha", 1, 108), ("asha", 8, 46))
    runs = [(table, draw, *way) for table, draw in (("epochs", 1), ("trees", 7)) for way in ways]
    found = node.run(HALVED, runs)
    for (_, _, way, workers, until), (rows, trials, hands) in zip(runs, found, strict=True):
        assert len(rows) == 250
        source = ManualSearch([{"config": i} for i in range(250)])
        strategy = SuccessiveHalving(27, 1, 27, source=source) if way == "halving" else ASHA(1, 27, source=source)
        study = Study(Space(config=Int(0, 249)), strategy)
        loss = lambda params, budget, rows=rows: rows[params["config"]][(1, 3, 9, 27).index(budget)]  # noqa: E731
        ran = simulate(study, loss, lambda trial: trial.budget, workers, 500, until=until)
        pairs = list(zip(study.trials, ran.moments, strict=True))
        assert trials == [[t.params["config"], t.info["rung"], m.worker, m.started, m.ended, t.value] for t, m in pairs]
        for hour, hand in zip((0, 5, 46), hands, strict=True):
            told = [(-t.budget, t.value, t.number) for t, m in pairs if m.ended <= hour]
            assert hand == (min(told)[2] if told else None)
    first, second = found[0][0], found[4][0]
    stored = [problems.mlp_mnist().values(seed=0, budget=27), problems.boosting_boston().values(seed=0, budget=81)]
    assert {row[3] for row in first} == set(np.round(100 * stored[0], 2).ravel().tolist())
    assert {row[3] for row in second} <= set(np.round(100 * stored[1], 2).ravel().tolist())


# ---- Lesson 2.2: the winner's curse, and lesson 2.3: the explosion

WINNERS = """async () => {
    const { expectedMaximum } = await import("/_static/lab.js"), { world, winners, noiseOf } = await import("/_static/devices/curse.js");
    const all = [...Array(200).keys()].map(k => world(1, k));
    return { expected: [1, 2, 10, 1000].map(expectedMaximum), first: all[0], noise: noiseOf(400), paths: all.map(world => winners(world, 2, 2)) };
}"""


def test_the_curse_is_that_of_normal_numbers():
    found = node.run(WINNERS)
    largest = lambda n: quad(lambda x: x * n * norm.pdf(x) * norm.cdf(x) ** (n - 1), -9, 9, epsabs=1e-10)[0]  # noqa: E731
    np.testing.assert_allclose(found["expected"], [largest(n) for n in (1, 2, 10, 1000)], atol=1e-6)
    assert found["noise"] == 100 * np.sqrt(0.2 * 0.8 / 400)
    z, e = np.array(found["first"]).T
    sizes = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000]  # fmt: skip
    for n, (promise, truth) in zip(sizes, found["paths"][0], strict=True):
        winner = np.argmin(z[:n] + e[:n])
        assert (promise, truth) == (pytest.approx(20 + 2 * (z + e)[winner]), pytest.approx(20 + 2 * z[winner]))
    paths = np.array(found["paths"])
    for n in (2, 20, 500):  # the share that is true, whatever the number: spread^2 / (spread^2 + noise^2)
        promise, truth = 20 - paths[:, sizes.index(n)].mean(axis=0)
        assert promise == pytest.approx(np.sqrt(8) * largest(n), abs=0.5)
        assert truth / promise == pytest.approx(0.5, abs=0.06)


def test_a_bill_counts_what_the_lab_counts_and_says_it_in_words():
    bills = [(3, 10, 1), (5, 7, 1), (5, 7, 1000), (2, 1, 1000)]
    found = node.run(
        """async bills => {
        const { bill, lasting, money } = await import("/_static/devices/explosion.js");
        return { bills: bills.map(([k, d, machines]) => bill({ k, d, machines, minutes: 10, price: 2 })),
            words: [0.01, 1 / 60, 0.5, 1, 47.9, 48, 8759, 8760, 1e9, 1e13].map(lasting), money: [0.1, 1, 2604.2, 8138020.8, 2e12].map(money) };
    }""",
        bills,
    )
    for (k, d, machines), js in zip(bills, found["bills"], strict=True):
        size = Space({f"x{j}": Categorical(list(range(k))) for j in range(d)}).size
        in_turn = -(-size // machines)  # trainings of the machine that has most of them
        assert js == {"trainings": size, "hours": pytest.approx(in_turn / 6), "cost": pytest.approx(size / 3)}
    words = "36 seconds|1 minute|30 minutes|1 hour|48 hours|2 days|365 days|1 year|114,155 years|1.1 billion years"
    assert found["words"] == words.split("|")
    assert found["money"] == ["$0.10", "$1", "$2,604", "$8.1 million", "$2,000 billion"]


@pytest.mark.parametrize("k", [2, 3, 10])
def test_each_hyperparameter_divides_every_cell_of_the_grid_into_its_values(k):
    found = node.run(
        """async k => {
        const { division } = await import("/_static/devices/explosion.js");
        return [1, 2, 3, 4, 5].map(level => division(k, level).map(pair => pair.map(at => Number(at.toFixed(9)))));
    }""",
        k,
    )
    edges = [{0.0}, {0.0}]  # where cells begin, along x and along y
    for d, lines in enumerate(found):
        before = edges[d % 2]
        assert {start for start, _ in lines} == before  # each line comes out of a cell that was there
        edges[d % 2] = before | {end for _, end in lines}
        assert len(edges[0]) * len(edges[1]) == k ** (d + 1)
        assert np.allclose(np.diff(sorted(edges[d % 2])), 1 / len(edges[d % 2]), atol=1e-8)


# ---- Lesson 6.3: make any method win

CHOICES = ("five", "trials", "old", "problems", "seed", "seen")
RIVAL = {"TPE": "Climb", "Climb": "TPE"}
ALL_TABLES = [(own, on) for own in RIVAL for n in range(7) for on in combinations(CHOICES, n)]


@functools.cache
def stored_scores():
    return node.run('async () => (await import("/_static/scores.js")).SCORES')


def table_of(own, on):
    """The table of an author: the lead, the lucky seed, the rows, and both columns in the order of the rows."""
    ours = (
        np.array(stored_scores()[own][("seen" if "seen" in on else "true") + ("40" if "trials" in on else "30")]) / 10
    )
    theirs = np.array(stored_scores()[RIVAL[own]]["old30" if "old" in on else "true30"]) / 10
    if "five" in on:
        ours = ours.reshape(7, 4, 5).max(axis=2).repeat(5, axis=1)
    tables = []
    for seeds in [[s] for s in range(20)] if "seed" in on else [list(range(20))]:
        a, b = ours[:, seeds].mean(axis=1), theirs[:, seeds].mean(axis=1)
        rows = np.sort(np.argsort((b - a).round(6), kind="stable")[: 3 if "problems" in on else 7])
        tables.append(((a - b)[rows].mean(), seeds[0] if "seed" in on else -1, rows.tolist(), a[rows], b[rows]))
    return max(tables, key=lambda table: round(table[0], 6))


def test_what_a_table_of_six_choices_is_made_of_is_what_the_lesson_prints(root):
    text = printed_in(root, "06_your_turn/03_read_a_table_with_suspicion")
    for name in RIVAL:
        mean, *rows = map(float, re.search(rf"^{name} +(\S+) +by problem: +(.*)$", text, re.M).expand(r"\1 \2").split())
        true = np.array(stored_scores()[name]["true30"]) / 10
        assert [true.mean(), *true.mean(axis=1)] == pytest.approx([mean, *rows], abs=0.11)
    words = "best of five", "more trials", "an old rival", "the right problems", "a lucky seed", "seen, not true"
    for choice, word in zip(CHOICES, words, strict=True):
        up, down = map(float, re.search(rf"^{word} +(\S+) +(\S+)", text, re.M).groups())
        assert [table_of("TPE", [choice])[0], -table_of("Climb", [choice])[0]] == pytest.approx([up, down], abs=0.11)


TABLES = """async states => {
    const { honest, printed } = await import("/_static/devices/anywin.js");
    return { tables: states.map(printed), honest: honest() };
}"""


def test_the_tables_are_those_of_python():
    states = [{"own": own, **{choice: choice in on for choice in CHOICES}} for own, on in ALL_TABLES]
    found = node.run(TABLES, states)
    for (own, on), js in zip(ALL_TABLES, found["tables"], strict=True):
        lead, seed, rows, ours, theirs = table_of(own, on)
        assert (js["lead"], js["seed"]) == (pytest.approx(lead), seed)
        assert [i for i, score in enumerate(js["columns"][own]) if score is not None] == rows
        assert [js["columns"][own][i] for i in rows] == pytest.approx(ours.tolist())
        assert [js["columns"][RIVAL[own]][i] for i in rows] == pytest.approx(theirs.tolist())
        assert js["means"][own] - js["means"][RIVAL[own]] == pytest.approx(lead)
    gaps = (np.array(stored_scores()["TPE"]["true30"]) - stored_scores()["Climb"]["true30"]).mean(axis=0) / 10
    assert found["honest"] == pytest.approx([gaps.mean(), 2 * gaps.std(ddof=1) / np.sqrt(20)])


def test_the_answer_about_the_six_choices_is_right():
    leads = {table: table_of(*table)[0] for table in ALL_TABLES}
    assert round(leads["Climb", ()], 1) == 2.7
    assert {table for table, lead in leads.items() if lead <= 0} == {("TPE", ())}
    alone = {choice: round(leads["TPE", (choice,)], 1) for choice in CHOICES}
    assert (min(alone.values()), alone["old"], max(alone.values()), alone["seen"]) == (1.8, 1.8, 88.6, 88.6)
    for own in RIVAL:
        swept = [choice for choice in CHOICES if np.greater(*table_of(own, [choice])[3:]).all()]
        assert swept == ["five", "problems"]
    assert [choice for choice in CHOICES if leads["Climb", (choice,)] < leads["Climb", ()]] == ["old"]
    assert round(leads["Climb", ("old",)], 1) == 0.4
    assert [round(leads[own, CHOICES]) for own in RIVAL] == [682, 662]
    assert max(np.max(stored_scores()[own][kind]) for own in RIVAL for kind in ("true30", "true40", "old30")) <= 1000
    assert all(np.max(stored_scores()[own]["seen30"]) > 1000 for own in RIVAL)


# ---- Lesson 3.3: the lead

LEAD = """async () => {
    const { growing } = await import("/_static/devices/leads.js"), few = (...of) => growing(...of).map(({ lead }) => lead.flat());
    return { all: few("all", false), single: few("all", true), last: few("stop27", false), network: few("network2", false),
        runs: growing("all", false).map(({ runs }) => runs), lastRuns: growing("stop27", true).at(-1).runs };
}"""
DOES_LEARNING_PAY = "03_the_solution/03_does_learning_pay"


@pytest.fixture(scope="module")
def winners():
    """What the lesson's searches report for their winners, and what the re-test says: by strategy, a row for each seed."""
    with np.load(problems.trainings.DATA / "leads.npz") as stored:
        return {name: stored[name] / stored["unit"] for name in ("random", "bayesian")}


def test_the_winners_are_those_of_the_searches_of_the_lesson(root, winners, tmp_path, monkeypatch):
    making = scripts.load("make_leads")
    monkeypatch.setattr(making, "STORE", tmp_path / "leads.npz")
    monkeypatch.setattr(making, "SEEDS", 2)
    making.main()
    with np.load(tmp_path / "leads.npz") as made, np.load(problems.trainings.DATA / "leads.npz") as stored:
        assert set(made) == set(stored)
        for name in made:
            assert np.array_equal(made[name], stored[name][:2] if name in winners else stored[name])
    text = printed_in(root, DOES_LEARNING_PAY)
    for name, rows in winners.items():
        assert f"{name:8} reports an error of {rows.mean(axis=0)[0]:.4f}" in text
    lead = winners["random"] - winners["bayesian"]
    by_run = lead.reshape(-1, 30, 2).mean(axis=0)
    mean, error = by_run.mean(axis=0), by_run.std(axis=0, ddof=1) / np.sqrt(30)
    assert telling("bayesian leads by", *np.round([mean[0], error[0]], 4))(text)
    assert telling("only **", round(100 * mean[1] / mean[0]), *np.round([mean[1], error[1]], 4))(text)
    last = np.arange(120) % 30 >= 27
    for column, name in enumerate(("reported", "retest")):
        random, bayesian = (winners[of][last, column].mean() for of in ("random", "bayesian"))
        assert f"{name:8} random {random:.4f} bayesian {bayesian:.4f}" in text
    three = [lead[network + 27 :: 30, 1].mean() for network in range(3)]
    assert telling("lead of bayesian in the re-test:", *np.round(three, 4))(text)


def test_the_lead_is_that_of_the_lesson(winners, root):
    found = node.run(LEAD)
    lead = winners["random"] - winners["bayesian"]
    for n in (2, 17, 45, 120):
        for key, run in (("all", np.arange(n) % 30), ("single", np.arange(n))):
            means = np.array([lead[:n][run == one].mean(axis=0) for one in np.unique(run)])
            half = 2 * means.std(axis=0, ddof=1) / np.sqrt(len(means))
            np.testing.assert_allclose(np.reshape(found[key][n - 1], (2, 2)).T, [means.mean(axis=0), half], atol=1e-12)
    assert found["runs"] == [min(n, 30) for n in range(1, 121)]
    assert (len(found["last"]), found["lastRuns"], len(found["network"])) == (12, 3, 40)
    rows = {key: np.array(found[key], dtype=float) for key in ("all", "single", "last")}
    above = lambda key, at: (np.flatnonzero(rows[key][:, at] > rows[key][:, at + 1]) + 1).tolist()  # noqa: E731
    below = (np.flatnonzero(rows["all"][:, 2] < 0) + 1).tolist()
    some = above("single", 2)
    assert len(above("all", 2)) == 3
    assert above("all", 0) == list(range(5, 121))  # "from the fifth seed on"
    assert above("last", 0) == list(range(2, 13))  # "from the second seed on"
    assert below == list(range(below[0], below[-1] + 1))
    reported, _, left, _ = rows["all"][-1]
    middle, half = rows["last"][-1, 2:]
    told = [round(reported, 4), below[0], below[-1], 120, round(100 * left / reported), "three counts", len(some)]
    told += [27, *np.round([rows["last"][-1, 0], middle, middle - half, middle + half], 4)]
    assert telling(*told)(answer_of(root, DOES_LEARNING_PAY, "leads"))


# ---- Lesson 5.6: break the model

BROKEN = """async () => {
    const { compared, loss, search } = await import("/_static/devices/breakit.js");
    const { BROKEN } = await import("/_static/broken_models.js"), all = {};
    for (const lengthscale of BROKEN.lengthscales) for (const noise of BROKEN.noises) for (const idle of BROKEN.idle) {
        const { lead, error } = compared({ lengthscale, noise, idle });
        all[[lengthscale, noise, idle]] = { lead, error };
    }
    const states = [[0.02, 0, 0], [0.3, 20, 18], [0, 60, 0]].map(([lengthscale, noise, idle]) => ({ lengthscale, noise, idle, trials: 9 }));
    return { all, line: [0, 0.2, 0.9].map(loss), searches: states.map(state => search(state)) };
}"""
LOSES = "05_trade_offs/06_when_bayesian_optimization_loses"


@pytest.fixture(scope="module")
def broken():
    return node.run(BROKEN)


def test_the_broken_models_are_those_of_the_lesson(broken, root):
    branin = problems.branin()
    assert broken["line"] == pytest.approx([branin({"x1": 15 * u - 5, "x2": 2.275}) for u in (0, 0.2, 0.9)])
    models = {tuple(map(float, key.split(","))): value for key, value in broken["all"].items()}
    wins = {key for key, value in models.items() if value["lead"] > 3 * value["error"]}
    assert {key for key, value in models.items() if value["lead"] < -3 * value["error"]} == {(0.005, 0, 0)}
    assert {key[0] for key in wins if key[1:] == (0, 0)} == {0.1, 0.3, 1, 0}
    assert {key[0] for key in wins if key[1:] == (0, 18)} == {1, 0}
    assert not {key for key in wins if key[1]}
    assert abs(models[0.005, 0, 18]["lead"]) < 0.005
    with np.load(problems.trainings.DATA / "broken_models.npz") as stored:
        assert abs(stored["regrets"][0, 0, 1] - stored["random"][0]).max() < 0.005
    ahead = lambda *key: [round(models[key][part], 1) for part in ("lead", "error")]  # noqa: E731
    assert telling("three middle", 18, "longest of these three", 20)(answer_of(root, LOSES, "breakit"))
    text = printed_in(root, LOSES)
    for noise in (20, 60):
        assert telling(f"| noise, s.d. {noise} |", "| **draw** |", *ahead(0, noise, 0), "| **draw** |")(text)
    for one in broken["searches"]:
        assert len(one["trials"]) == 9
        assert one["gain"][0] >= 0
    assert broken["searches"][2]["lengthscale"] in (0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5)


def test_the_broken_models_are_stored_as_they_are_made(root):
    making = scripts.load("make_broken_models")
    with np.load(problems.trainings.DATA / "broken_models.npz") as stored:
        for i, j, k, seed in ((0, 0, 0, 3), (1, 1, 1, 59), (3, 0, 1, 7), (4, 2, 0, 20), (6, 1, 0, 2)):
            length = stored["lengthscales"][i]
            model = making.FixedBelief(length) if length else hpt.BayesianOptimization()
            made = making.regret(model, stored["noises"][j], stored["idle"][k], seed)
            assert made == pytest.approx(stored["regrets"][i, j, k, seed], abs=1e-6)
        assert making.regret(hpt.RandomSearch(), 20, 0, 5) == pytest.approx(stored["random"][1, 5], abs=1e-6)


def test_the_line_believes_what_the_lab_believes(broken):
    one = broken["searches"][0]
    u, y = np.array(one["trials"]).T
    z, line = (y - y.mean()) / y.std(), np.linspace(0, 1, 121)
    mean, std = GaussianProcess("matern52", 0.02, 1.0, 1e-4, optimize=False).fit(u[:, None], z).predict(line[:, None])
    np.testing.assert_allclose(one["mean"], y.mean() + y.std() * mean, atol=1e-5)
    np.testing.assert_allclose(one["std"], y.std() * std, atol=1e-5)
    gain = expected_improvement(mean, std, z.min())
    np.testing.assert_allclose(one["gain"], gain, atol=1e-6)
    assert np.interp(one["next"], line, gain) > 0.9 * gain.max()


# ---- Lesson 5.3: a population on Branin

EVOLVED = """async () => {
    const { evolve, loss, members, mutate, summary } = await import("/_static/devices/population.js"), { seeded } = await import("/_static/lab.js");
    const rng = seeded(1), start = [0.05, 0.7], sums = {}, seeds = [...Array(100).keys()];
    for (const size of [5, 10, 20, 60]) for (const step of [0, 0.003, 0.3]) sums[[size, step]] = summary({ size, step });
    return {
        sums, losses: [[0.1, 0.2], [0.9, 0.4]].map(loss), mutants: [...Array(2000)].map(() => mutate(start, 0.3, rng)), run: evolve({ size: 20, step: 0.3, seed: 1 }),
        bests: seeds.map(seed => Math.min(...evolve({ size: 20, step: 0.3, seed }).map(one => one.loss))), alive: members([3, 1, 2, 1].map(loss => ({ loss })), 4, 3),
    };
}"""


def evolution(root):
    """The functions that lesson 5.3 builds."""
    text = (root / "chapters/05_trade_offs/03_evolution.md").read_text(encoding="utf-8")
    names = {"np": np, "problem": problems.branin()}
    built = r"```\{code-cell\} ipython3\n(def (?:loss|tournament|crossover|mutate|evolve)\b.*?)```"
    for cell in re.findall(built, text, re.S):
        exec(cell.partition("\n\nrng = ")[0], names)
    return names


def test_a_population_evolves_as_in_the_lesson(root):
    found, rng, lesson = node.run(EVOLVED), np.random.default_rng(0), evolution(root)
    assert found["losses"] == pytest.approx([lesson["loss"](np.array(u)) for u in ([0.1, 0.2], [0.9, 0.4])])
    mutants = np.array([lesson["mutate"](np.array([0.05, 0.7]), rng) for _ in range(2000)])
    for j in (0, 1):
        assert ks_2samp(np.array(found["mutants"])[:, j].round(9), mutants[:, j].round(9)).pvalue > 0.01
    bests = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        first = rng.random((20, 2))
        bests.append(lesson["evolve"](first, [lesson["loss"](u) for u in first], 180, rng)[1].min())
    assert ks_2samp(found["bests"], bests).pvalue > 0.01
    assert found["alive"] == [1, 3, 2]
    losses = [one["loss"] for one in found["run"]]
    assert [len(one["parents"]) for one in found["run"]] == 20 * [0] + 180 * [2]
    for i, one in enumerate(found["run"]):
        assert set(one["parents"]) <= set(np.argsort(losses[:i], kind="stable")[:20].tolist())
    sums = found["sums"]
    median = lambda size, step=0.3, digits=4: round(sums[f"{size},{step}"]["evolution"], digits)  # noqa: E731
    lone = [sums[f"{size},0.3"]["lone"] for size in (5, 10, 20, 60)]
    assert min((5, 10, 20, 60), key=median) == 5
    assert lone[:3] == [20, 20, 20]
    assert lone[3] < 10  # it seldom does
    assert median(60, 0.003) > 10 * median(20, 0.003)  # too slow
    told = [5, 20, 60, 20, median(20, 0, 2), round(sums["20,0"]["random"], 2), 0.003, median(20, 0.003)]
    assert telling(*told)(answer_of(root, "05_trade_offs/03_evolution", "population"))


# ---- Lesson 7.3: stop, or train on?

PLAYED = """async played => {
    const { follow, forecast } = await import("/_static/devices/trainon.js");
    const games = played.map(({ game, stops }) => follow({ game, stops: stops.slice(0, -1).join("-"), at: stops.at(-1) }));
    const runs = games[0].runs.map(run => run.losses), seen = [[3, 1], [9, 2], [20, 4], [26, 3]];
    const forecasts = seen.map(([n, m]) => forecast(runs[m].slice(0, n), runs.slice(0, m)));
    return { runs, seen, forecasts, games: games.map(({ best, runs, lost, wasted, over }) => [Math.round(2000 * best), runs.length, lost, wasted, over]) };
}"""


def belief(losses, whole):
    """What ForecastStopping believes about a run, by the lab."""
    ends, s = [run[-1] for run in whole], np.ptp(np.concatenate([losses, *whole]))
    return curves.forecast(losses, 27, (np.median(ends), s / 2), (s / 2, s / 2), s / 100)


class AboveTheBand:
    """A reader who stops a run when the end of the whole band is above the gold line."""

    def stop(self, losses, whole):
        curve = belief(losses, whole)
        return round(curve.mean[-1] - 1.645 * curve.std[-1], 9) > min(run[-1] for run in whole)


def stopped_after(order, rule, budget=81):
    """The epochs of the runs after the first one, by the rule's own word."""
    whole, stops = [order[0]], []
    for losses in order[1:]:
        if sum(stops) == budget:
            break
        most = min(27, budget - sum(stops))
        n = next((n for n in range(3, most) if rule and rule.stop(losses[:n], whole)), most)
        stops.append(n)
        if n == 27:
            whole.append(losses)
    return stops


def test_the_runs_are_those_of_the_lab(root):
    data = MAKER.runs()
    digits = lambda text: np.array([data["letters"].index(letter) for letter in text])  # noqa: E731
    units = np.array([digits(curve).reshape(27, 2) @ [60, 1] for curve in data["curves"]])
    orders = [(units[digits(order)] / 2000).tolist() for order in data["orders"]]
    rules = (hpt.ForecastStopping(), hpt.MedianStopping(3, 1), None)
    played = [{"game": g + 1, "stops": stopped_after(orders[g], rule)} for g in range(0, 60, 4) for rule in rules]
    found = node.run(PLAYED, played)
    assert found["games"] == [[*numbers, True] for g in range(0, 60, 4) for numbers in data["games"].values[g]]
    problem = problems.mlp_mnist()
    table = np.stack([problem.values(seed=0, budget=int(epochs)).ravel() for epochs in problem.budgets], axis=1)
    assert {tuple(curve) for curve in units} <= {tuple(np.rint(2000 * curve).astype(int)) for curve in table}
    np.testing.assert_allclose(table * 2000, np.rint(table * 2000), atol=1e-6)  # nothing is lost in these units
    for (n, m), one in zip(found["seen"], found["forecasts"], strict=True):
        curve = belief(found["runs"][m][:n], found["runs"][:m])
        np.testing.assert_allclose(one["mean"], curve.mean, rtol=1e-7)
        np.testing.assert_allclose(one["std"], curve.std, rtol=1e-6)
    best, _, lost, wasted = np.moveaxis(np.array(data["games"].values), 2, 0)
    gain = (best[:, 2:] - best) / 2000
    mean, error = gain.mean(axis=0), gain.std(axis=0, ddof=1) / 60**0.5
    assert mean[0] < 2 * error[0]  # "which may be chance"
    assert mean[1] > 3 * error[1]
    means = lambda of: np.mean([MAKER._played(order, of(order), 81) for order in orders], axis=0)  # noqa: E731
    hasty = means(lambda order: hpt.ForecastStopping(0.5))
    assert best[:, 1].mean() < hasty[0]  # "higher than the median rule"
    round_ = lambda values, digits: round(float(np.mean(values)), digits)  # noqa: E731
    told = [60, 81, 0, round_(wasted[:, 2], 1)]
    for rule in (0, 1):
        told += [round_(lost[:, rule], 2), round_(wasted[:, rule], 1), round(mean[rule], 4), round(error[rule], 4)]
    told += [round_(means(lambda order: AboveTheBand())[3], 1), round_(hasty[2], 1)]
    assert telling(*told)(answer_of(root, "07_past_the_textbook/03_will_this_curve_get_there", "trainon"))


# ---- Devices of one question: what they compute is compared with their programs (test_programs.py), here with what the lessons answer

RANKED = """async cases => {
    const { rankingLosses, rankingWeights } = await import("/_static/lab.js");
    return cases.map(({ drawn, y, others, losses }) => [rankingLosses(drawn, y, others ?? undefined), rankingWeights(losses)]);
}"""


def test_the_ranking_weights_are_those_of_the_lab():
    rng, asked = np.random.default_rng(3), []
    for i in range(24):
        n, losses = 2 + i % 5, rng.integers(0, 6, size=(2 + i % 2, 40))
        losses[0] += 4 * (i % 3)  # a model that is dropped, now and then
        others = rng.normal(size=n).tolist() if i % 2 else None
        asked.append({"drawn": rng.normal(size=(9, n)).tolist(), "y": rng.normal(size=n).tolist(), "others": others, "losses": losses.tolist()})  # fmt: skip
    for case, (wrong, weights) in zip(asked, node.run(RANKED, asked), strict=True):
        others = None if case["others"] is None else np.array(case["others"])
        assert wrong == ranking_losses(np.array(case["drawn"]), np.array(case["y"]), others).tolist()
        assert weights == pytest.approx(ranking_weights(np.array(case["losses"])))


ANSWERED = """async () => {
    const from = name => import("/_static/devices/" + name + ".js"), fixed = (value, digits) => Number(value.toFixed(digits));
    const [wells, loops, cut, cancel, tilt, goals, island, lift, maps, widths, copies, pays, edge] = await Promise.all("wells loops cut cancel tilt goals island lift maps widths copies pays edge".split(" ").map(from));
    const { PLACES } = await import("/_static/road.js"), below = loops.RATES.filter(rate => loops.inner(rate).at(-1) < 0.05);
    const at = limit => fixed(island.best(limit), 3), mixed = rho => cancel.mixture(cancel.share({ rho, worse: 1.5 }), { rho, worse: 1.5 });
    const on = goals.front(PLACES.map((_, i) => i)).map(i => PLACES[i]).sort((a, b) => a - b), ends = on.filter((x, i) => !(on[i - 1] > x - 0.1 && on[i + 1] < x + 0.1));
    const jumps = [...Array(69).keys()].map(k => 45 - k / 2).filter(limit => Math.abs(island.best(limit) - island.best(limit + 0.5)) > 0.1);
    const moves = lift.REPORTS.map(at => [-3, 3].map(by => Math.abs(lift.believe({ at, by }).place - lift.believe({ at, by: 0 }).place))).map(pair => Math.max(...pair));
    const raised = [-3, 3].map(by => Math.abs(lift.believe({ at: 7.7, by }).depth - lift.believe({ at: 7.7, by: 0 }).depth));
    const times = mup => (({ losses, best, kept }) => fixed(losses[kept] / losses[best], 1))(widths.compared({ width: 512, mup }));
    const looked = [...Array(26).keys()].map(i => [(65 + i) / 10, edge.look((65 + i) / 10)]), last = seen => Math.max(...looked.filter(([, one]) => seen(one)).map(([end]) => end));
    const level = needs => [...Array(60).keys()].map(i => i + 1).find(run => (([dice, model]) => dice >= model)(pays.minutes({ run, needs }).map(value => fixed(value, 6))));
    const best = every => copies.lineage(copies.population(every)), changed = best(3).filter((one, t, line) => t && one.rate !== line[t - 1].rate).length;
    return {
        wells: [5, 6, 7].map(k => fixed(Math.min(...wells.grid(k).map(wells.field)), 1)), loops: [below, fixed(loops.inner(0.05).at(-1), 2), Math.min(...loops.RATES.slice(8).map(rate => loops.inner(rate).at(-1)))],
        cut: [cut.cut({ at: 1, keep: 3 }), cut.BEST, [...Array(26).keys()].map(i => cut.cut({ at: i + 1, keep: 1 }).best)],
        cancel: [cancel.share({ rho: 0.5, worse: 1.5 }), mixed(0.5), mixed(0), cancel.share({ rho: 0.66, worse: 1.5 }), cancel.share({ rho: 0.67, worse: 1.5 }), cancel.share({ rho: 1, worse: 1 })],
        tilt: tilt.shares(tilt.surface({ a: 0, b: 0, c: 1 })), goals: ends, island: [jumps[0], at(32), at(31.5), island.islands(32).length, island.islands(31.5).length], lift: [moves, raised], widths: [times(false), times(true)],
        maps: ["month", "other"].map(study => [2, 3, 5].map(n => fixed(maps.weigh(study, n).weights[0], 2))),
        pays: [30, 20].map(needs => [level(needs), ...pays.minutes({ run: level(needs), needs })]), edge: [last(one => one.gain > 0), last(one => one.near), looked.map(([, one]) => [one.gain > 0, one.near, one.best])],
        copies: [changed, best(3)[0].rate, best(3).at(-1).rate, best(3).at(-1).loss, best(0).at(-1).loss, best(1).at(-1).loss],
    };
}"""


@pytest.fixture(scope="module")
def answered():
    return node.run(ANSWERED)


def digits(value, n):
    return float(f"{value:.{n}g}")


def test_the_answers_to_one_question_are_what_their_devices_compute(root, answered):
    answers = {
        name: answer_of(root, path, name)
        for name, path in {
            "wells": "02_grid_search/01_grid_search",
            "loops": "04_how_it_works/01_two_loops",
            "cut": "05_trade_offs/01_stop_early",
            "cancel": "05_trade_offs/04_ensembles",
            "goals": "05_trade_offs/11_two_goals",
            "island": "05_trade_offs/12_within_limits",
            "maps": "07_past_the_textbook/02_last_months_search",
            "widths": "07_past_the_textbook/04_too_big_to_tune",
            "copies": "07_past_the_textbook/05_schedules_that_learn",
            "pays": "04_how_it_works/06_what_thinking_costs",
            "edge": "06_your_turn/02_tune_something_that_matters",
        }.items()
    }
    told = {
        "wells": (25, answered["wells"][0], 49, answered["wells"][2]),
        "loops": (answered["loops"][0][0], answered["loops"][0][-1], 0.05, answered["loops"][1], 0.055),
        "cut": (answered["cut"][0]["epochs"], 729, answered["cut"][0]["best"], answered["cut"][1], 0.077, 0.075),
        "cancel": (
            0.5,
            round(100 * answered["cancel"][0]),
            round(100 - 100 * answered["cancel"][1]),
            round(100 - 100 * answered["cancel"][2]),
        ),
        "goals": (answered["goals"][0], 4, *answered["goals"][2:]),
        "island": (answered["island"][0], 32, answered["island"][1], answered["island"][2]),
        "maps": (
            answered["maps"][0][0],
            answered["maps"][0][1],
            answered["maps"][1][1],
            "five",
            answered["maps"][1][2],
        ),
        "widths": (answered["widths"][0], 32, answered["widths"][1]),
        "copies": ("four", *(digits(value, 2) for value in answered["copies"][1:])),
        "pays": (30, answered["pays"][0][0], "three", 20, answered["pays"][1][0], "one"),
        "edge": (answered["edge"][0], round(answered["edge"][0] + 0.1, 1), answered["edge"][1]),
    }
    for name, facts in told.items():
        assert telling(..., *facts)(answers[name]), (name, facts, answers[name])


def test_what_the_answers_to_one_question_say_in_words_is_so(answered):
    (low, *others), (below, _, beyond) = answered["wells"], answered["loops"]
    assert min(others) > low
    assert below == [0.03, 0.04, 0.045]
    assert beyond > 100  # far outside of a frame that ends at 1
    kept, best, alone = answered["cut"]
    assert 0 < kept["best"] - best < 0.001
    assert sum(error > best + 0.0001 for error in alone) > 13
    share, gain, _, still, no_more, same = answered["cancel"]
    assert share > 0
    assert gain < 1
    assert (still > 0, no_more, same) == (True, 0, 0)
    assert answered["tilt"] == pytest.approx([0, 0, 1])
    assert len(answered["goals"]) == 4
    assert answered["goals"][1] == 4  # the village
    assert answered["island"][3:] == [2, 1]
    moves, raised = answered["lift"]
    assert max(moves[0], moves[1], moves[3], moves[5]) < 0.011 < 0.07 < min(moves[2], moves[4]) < max(moves) < 0.13
    assert raised == pytest.approx([2, 2], abs=0.2)
    (two, three, _), (other_two, other_three, other_five) = answered["maps"]
    assert two == other_two
    assert three > 2 * other_three
    assert other_three < other_five < 0.5
    assert answered["copies"][0] == 4
    for run, dice, model in answered["pays"]:
        assert dice == pytest.approx(model)
        assert run in (10, 30)
    better, near, best = zip(*answered["edge"][2], strict=True)
    assert list(better) == sorted(better, reverse=True)  # up to an end, and then no more
    assert list(near) == sorted(near, reverse=True)
    assert max(best) < answered["edge"][1] - 0.5  # the optimum is well inside, and the best well still near the end
