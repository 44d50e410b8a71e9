"""The broken models of lesson 5.6 and the population of lesson 5.3: each is that of the lab, and its answer is what playing shows."""

import importlib.util
import re

import browsing
import numpy as np
import pytest
from browsing import addressed, eventually
from playing import WAYS, answer_of, becomes, ended, point, press, says, shows, site_of
from scipy.stats import ks_2samp

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.surrogates import GaussianProcess, expected_improvement


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("devices"), "breakit", "population") as address:
        yield address


@pytest.fixture
def opened(browser, site):
    with browsing.opening(browser, site) as opened:
        yield opened


# ---- Break the model

SEARCHED = """async () => {
    const { compared, loss, search } = await import("/_static/devices/breakit.js"), { gaussianProcess } = await import("/_static/lab.js");
    const { BROKEN } = await import("/_static/broken_models.js"), all = {};
    for (const lengthscale of BROKEN.lengthscales) for (const noise of BROKEN.noises) for (const idle of BROKEN.idle) {
        const { chance, model, lead, error } = compared({ lengthscale, noise, idle });
        all[[lengthscale, noise, idle]] = { lead, error, same: chance.filter((value, i) => Math.abs(value - model[i]) < 0.005).length };
    }
    const states = [[0.02, 0, 0], [0.3, 20, 18], [0, 60, 0]].map(([lengthscale, noise, idle]) => ({ lengthscale, noise, idle, trials: 9 }));
    return { all, line: [0, 0.2, 0.9].map(loss), searches: states.map(state => search(state)) };
}"""


def test_the_broken_models_are_those_of_the_lesson_and_the_answer_is_what_playing_shows(opened, root):
    found = opened("breakit.html").evaluate(SEARCHED)
    branin = problems.branin()
    assert found["line"] == pytest.approx([branin({"x1": 15 * u - 5, "x2": 2.275}) for u in (0, 0.2, 0.9)])
    all_ = {tuple(map(float, key.split(","))): value for key, value in found["all"].items()}
    wins = {key for key, value in all_.items() if value["lead"] > 3 * value["error"]}
    loses = {key for key, value in all_.items() if value["lead"] < -3 * value["error"]}
    answer = answer_of(root, "05_trade_offs/06_when_bayesian_optimization_loses.md", "breakit")
    assert {key[0] for key in wins if key[1:] == (0, 0)} == {0.1, 0.3, 1, 0}
    assert {key[0] for key in wins if key[1:] == (0, 18)} == {1, 0}
    assert not {key for key in wins if key[1]}
    assert loses == {(0.005, 0, 0)}
    ahead = lambda key: f"{abs(all_[key]['lead']):.2f} ± {all_[key]['error']:.2f}"  # noqa: E731
    assert f"0.005, loses by {ahead((0.005, 0, 0))}" in answer
    assert f"still ahead, by {ahead((0, 20, 0))}, but" in answer
    assert all_[0.005, 0, 18]["same"] == 60
    cells = (root / "chapters/05_trade_offs/06_when_bayesian_optimization_loses.ipynb").read_text(encoding="utf-8")
    assert f"lead over random search is {all_[0, 20, 0]['lead']:+.2f} ± {all_[0, 20, 0]['error']:.2f}" in cells
    assert f"lead over random search is {all_[0, 60, 0]['lead']:+.2f} ± {all_[0, 60, 0]['error']:.2f}" in cells
    for one in found["searches"]:
        assert len(one["trials"]) == 9
        assert one["gain"][0] >= 0
    learned = found["searches"][2]
    assert learned["lengthscale"] in (0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5)


def test_the_broken_models_are_stored_as_they_are_made(root):
    spec = importlib.util.spec_from_file_location("made", root / "examples/tables/make_broken_models.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    with np.load(problems.trainings.DATA / "broken_models.npz") as stored:
        for i, j, k, seed in ((0, 0, 0, 3), (1, 1, 1, 59), (3, 0, 1, 7), (4, 2, 0, 20), (6, 1, 0, 2)):
            length = stored["lengthscales"][i]
            model = maker.FixedBelief(length) if length else hpt.BayesianOptimization()
            made = maker.regret(model, stored["noises"][j], stored["idle"][k], seed)
            assert made == pytest.approx(stored["regrets"][i, j, k, seed], abs=1e-6)
        assert maker.regret(hpt.RandomSearch(), 20, 0, 5) == pytest.approx(stored["random"][1, 5], abs=1e-6)


def test_the_line_believes_what_the_lab_believes(opened):
    (one, *_) = opened("breakit.html").evaluate(SEARCHED)["searches"]
    u, y = np.array(one["trials"]).T
    gp = GaussianProcess("matern52", 0.02, 1.0, 1e-4, optimize=False).fit(u[:, None], (y - y.mean()) / y.std())
    mean, std = gp.predict(np.linspace(0, 1, 121)[:, None])
    np.testing.assert_allclose(one["mean"], y.mean() + y.std() * mean, atol=1e-5)
    np.testing.assert_allclose(one["std"], y.std() * std, atol=1e-5)
    gain = expected_improvement(mean, std, ((y - y.mean()) / y.std()).min())
    np.testing.assert_allclose(one["gain"], gain, atol=1e-6)
    assert np.interp(one["next"], np.linspace(0, 1, 121), gain) > 0.9 * gain.max()


@WAYS
def test_the_model_is_broken(opened, play, options):
    page = opened("breakit.html", **options)
    says(page, "Mean regret: random search 1.81, this model 0.01. The model is ahead by 1.80 ± 0.24. The model wins.…")
    press(page, play, "Play")
    shows(page.locator("svg").first, "…25 trials…")
    page.get_by_role("button", name="Play").wait_for()
    page.get_by_label("lengthscale").press("Home")
    says(
        page,
        "Mean regret: random search 1.81, this model 5.74. Random search is ahead by 3.94 ± 0.93. The model loses.",
    )
    page.get_by_label("idle dimensions").press("End")
    says(page, "…The model is ahead by 0.00 ± 0.00. That is a draw.")
    page.get_by_label("noise (s.d.)").press("ArrowRight")
    shows(page.locator("svg").last, "…random search 10.60, this model 10.60…")
    addressed(page, "#breakit:lengthscale=0.005&noise=20&idle=18&trials=25")
    ended(page, play, options)


# ---- A population on Branin

EVOLVED = """async () => {
    const { evolve, loss, members, mutate, summary } = await import("/_static/devices/population.js"), { seeded } = await import("/_static/lab.js");
    const rng = seeded(1), start = [0.05, 0.7], sums = {}, seeds = [...Array(100).keys()];
    for (const size of [5, 10, 20, 60]) for (const step of [0, 0.003, 0.3]) sums[[size, step]] = summary({ size, step });
    return {
        sums, losses: [[0.1, 0.2], [0.9, 0.4]].map(loss), mutants: [...Array(2000)].map(() => mutate(start, 0.3, rng)), run: evolve({ size: 20, step: 0.3, seed: 1 }),
        bests: seeds.map(seed => Math.min(...evolve({ size: 20, step: 0.3, seed }).map(one => one.loss))), alive: members([3, 1, 2, 1].map(loss => ({ loss })), 4, 3),
    };
}"""


@pytest.fixture(scope="module")
def evolution(root):
    """The functions that lesson 5.3 builds."""
    text = (root / "chapters/05_trade_offs/03_evolution.md").read_text(encoding="utf-8")
    names = {"np": np, "problem": problems.branin()}
    for cell in re.findall(
        r"```\{code-cell\} ipython3\n(def (?:loss|tournament|crossover|mutate|evolve)\b.*?)```", text, re.S
    ):
        exec(cell.partition("\n\nrng = ")[0], names)
    return names


def test_a_population_evolves_as_in_the_lesson_and_the_answer_is_what_playing_shows(opened, root, evolution):
    found, rng = opened("population.html").evaluate(EVOLVED), np.random.default_rng(0)
    assert found["losses"] == pytest.approx([evolution["loss"](np.array(u)) for u in ([0.1, 0.2], [0.9, 0.4])])
    mutants = np.array([evolution["mutate"](np.array([0.05, 0.7]), rng) for _ in range(2000)])
    for j in (0, 1):
        assert ks_2samp(np.array(found["mutants"])[:, j].round(9), mutants[:, j].round(9)).pvalue > 0.01
    bests = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        first = rng.random((20, 2))
        bests.append(evolution["evolve"](first, [evolution["loss"](u) for u in first], 180, rng)[1].min())
    assert ks_2samp(found["bests"], bests).pvalue > 0.01
    assert found["alive"] == [1, 3, 2]
    losses = [one["loss"] for one in found["run"]]
    assert [len(one["parents"]) for one in found["run"]] == 20 * [0] + 180 * [2]
    for i, one in enumerate(found["run"]):
        assert set(one["parents"]) <= set(np.argsort(losses[:i], kind="stable")[:20].tolist())
    sums, answer = found["sums"], answer_of(root, "05_trade_offs/03_evolution.md", "population")
    median = lambda size, step=0.3: sums[f"{size},{step}"]["evolution"]  # noqa: E731
    assert min((5, 10, 20, 60), key=median) == 5
    assert f"regret: {median(5):.4f}, against {median(20):.4f} with 20 members and {median(60):.3f} with 60." in answer
    assert [sums[f"{size},0.3"]["lone"] for size in (5, 10, 20)] == [20, 20, 20]
    assert f"with 60, they do so on {sums['60,0.3']['lone']}." in answer
    assert (
        f"median regret of {median(20, 0):.2f}, **worse than random search ({sums['20,0']['random']:.2f})**" in answer
    )
    assert f"bring it down to {median(20, 0.003):.4f}." in answer
    assert f"60 members are still at {median(60, 0.003):.3f}" in answer


@WAYS
def test_the_population_evolves(opened, play, options):
    page = opened("population.html", **options)
    says(page, "…The members are in 3 valleys.")
    press(page, play, "Next generation")
    says(page, "After 40 trials: regret 0.88, random search 1.38.…")
    eventually(page.locator(".device-member").count, 20)
    eventually(page.locator(".device-trail").count, 2)
    point(page, play, page.locator("svg").last, 1, ["Shift+ArrowRight"] * 16)
    says(page, "…On 20 starts: median regret 0.000709, random search 0.309; all members in one valley on 20.")
    press(page, play, "Another start")
    says(page, "After 20 trials…")
    page.get_by_label("longest mutation").press("Home")
    page.get_by_role("slider", name="population").press("Home")
    browsing.stop_clock(page)
    press(page, play, "Play")
    if play != "keyboard":  # where motion is reduced, all steps are made at once
        page.get_by_role("button", name="Stop").wait_for()
        page.clock.run_for(500)
        press(page, play, "Stop")
        page.get_by_role("button", name="Play").wait_for()
        page.clock.run_for(500)
        says(page, "After 24 trials…")
    else:
        says(page, "…On 20 starts: median regret 7.73, random search 0.309; all members in one valley on 20.")
    page.clock.resume()
    addressed(page, "#population:size=5&step=0&seed=2&n=…")
    ended(page, play, options)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "breakit.html#breakit:lengthscale=0.15&noise=1e9&idle=-2&trials=1e9",
            "Mean regret: random search 17.99, this model 16.57.",
        ),
        ("population.html#population:size=33&step=-1&seed=1e6&n=1e9", "After 200 trials: regret"),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(opened, address, said):
    becomes(opened, address, said)
