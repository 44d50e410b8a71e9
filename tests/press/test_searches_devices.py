"""The broken models of lesson 5.6, the population of lesson 5.3, and the runs of lesson 7.3: each is that of the lab, and its answer is what playing shows."""

import re

import browsing
import numpy as np
import pytest
import scripts
from browsing import addressed, eventually
from playing import WAYS, answer_of, becomes, ended, point, press, says, shows, site_of
from scipy.stats import ks_2samp

import hpt_lab as hpt
from hpt_lab import problems
from hpt_lab.surrogates import GaussianProcess, curves, expected_improvement


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("devices"), "breakit", "population", "trainon") as address:
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


def test_the_broken_models_are_stored_as_they_are_made():
    maker = scripts.load("make_broken_models")
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


# ---- Stop, or train on?

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


class Knows:
    """A rule that knows how each run ends, and gives it up unless it wins."""

    def __init__(self, runs):
        self.ends = {tuple(run[:3]): run[-1] for run in runs}

    def stop(self, losses, whole):
        return self.ends[tuple(losses[:3])] >= min(run[-1] for run in whole)


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


def test_the_runs_are_those_of_the_lab_and_the_answer_is_what_playing_shows(opened, root):
    device_data = scripts.load("make_device_data")
    data = device_data.runs()
    digits = lambda text: np.array([data["letters"].index(letter) for letter in text])  # noqa: E731
    units = np.array([digits(curve).reshape(27, 2) @ [60, 1] for curve in data["curves"]])
    orders = [(units[digits(order)] / 2000).tolist() for order in data["orders"]]
    rules = (hpt.ForecastStopping(), hpt.MedianStopping(3, 1), None)
    played = [{"game": g + 1, "stops": stopped_after(orders[g], rule)} for g in range(0, 60, 4) for rule in rules]
    found = opened("trainon.html").evaluate(PLAYED, played)
    assert found["games"] == [[*numbers, True] for g in range(0, 60, 4) for numbers in data["games"][g]]
    problem = problems.mlp_mnist()
    table = np.stack([problem.values(seed=0, budget=int(epochs)).ravel() for epochs in problem.budgets], axis=1)
    assert {tuple(curve) for curve in units} <= {tuple(np.rint(2000 * curve).astype(int)) for curve in table}
    np.testing.assert_allclose(table * 2000, np.rint(table * 2000), atol=1e-6)  # nothing is lost in these units
    for (n, m), one in zip(found["seen"], found["forecasts"], strict=True):
        curve = belief(found["runs"][m][:n], found["runs"][:m])
        np.testing.assert_allclose(one["mean"], curve.mean, rtol=1e-7)
        np.testing.assert_allclose(one["std"], curve.std, rtol=1e-6)
    best, runs, lost, wasted = np.moveaxis(np.array(data["games"]), 2, 0)
    gain = (best[:, 2:] - best) / 2000
    mean, error = gain.mean(axis=0), gain.std(axis=0, ddof=1) / 60**0.5
    answer = answer_of(root, "07_past_the_textbook/03_will_this_curve_get_there.md", "trainon")
    assert (
        f"sees {runs[:, 2].mean():.1f} runs per round, wastes {wasted[:, 2].mean():.1f} of its 81 epochs, "
        f"and ends at {best[:, 2].mean() / 2000:.4f}" in answer
    )
    assert (
        f"median rule stops {lost[:, 1].mean():.2f} winners per round, but it wastes only {wasted[:, 1].mean():.1f} "
        f"epochs, sees {runs[:, 1].mean():.1f} runs, and ends lower by {mean[1]:.4f} ± {error[1]:.4f} (" in answer
    )
    assert f"fewer winners, {lost[:, 0].mean():.2f}, and wastes {wasted[:, 0].mean():.1f} epochs." in answer
    assert f"lower by only {mean[0]:.4f} ± {error[0]:.4f}, which may be chance" in answer
    assert mean[0] < 2 * error[0]
    assert mean[1] > 3 * error[1]
    means = lambda of: np.mean([device_data._played(order, of(order), 81) for order in orders], axis=0)  # noqa: E731
    hasty, least = means(lambda order: hpt.ForecastStopping(0.5)), means(Knows)
    assert f"above the gold line, you waste {means(lambda order: AboveTheBand())[3]:.1f} epochs." in answer
    assert f"stops {hasty[2]:.1f} winners per round, and ends at {hasty[0] / 2000:.4f}, higher" in answer
    assert f"you would get to {least[0] / 2000:.4f}." in answer
    assert best[:, 1].mean() < hasty[0]


@WAYS
def test_the_runs_are_stopped_or_trained_on(opened, play, options):
    page = opened("trainon.html#trainon:game=18", **options)
    says(page, "Run 2, epoch 3 of 27: error 0.1355. Best finished run: 0.0910. Epochs left: 78.")
    press(page, play, "Train on")
    says(page, "Run 2, epoch 4 of 27…Epochs left: 77.")
    page.get_by_label("show the forecast").check()
    says(page, "…Forecast of its end: 0.0… 90% band from 0.0… to 0.…")
    eventually(page.locator(".device-band").count, 1)
    press(page, play, "To the end")
    says(
        page,
        "Run 2, epoch 27 of 27: error 0.0860. Best finished run: 0.0860. Epochs left: 54. This run is finished, and is the new best.",
    )
    press(page, play, "Train on")
    says(page, "This run has been trained to its end. Go to the next run.")
    press(page, play, "Next run")
    says(page, "Run 3, epoch 3 of 27…Epochs left: 51…")
    for run in (3, 4):
        press(page, play, "Stop")
        says(page, f"Run {run + 1}, epoch 3 of 27…")
    assert not page.get_by_role("button", name="Next round").is_visible()
    assert not page.locator("table").is_visible()
    press(page, play, "To the end")
    press(page, play, "Next run")
    says(page, "Run 6, epoch 3 of 27…Epochs left: 18…")
    press(page, play, "Stop")
    press(page, play, "To the end")
    says(
        page, "Round 18 is over: your best final error is 0.0785, after 7 runs. Winners stopped: 1. Epochs wasted: 15."
    )
    eventually(page.locator("tr").nth(3).inner_text().split, ["median", "rule", "0.0725", "11", "1", "3"])
    eventually(page.locator(".device-truth").count, 1)
    eventually(page.locator(".device-rest").count, 3)
    addressed(page, "#trainon:game=18&stops=27-3-3-27-3&at=18&band=1")
    press(page, play, "Stop")
    says(page, "You have used all your epochs. Start the next round.")
    page.get_by_label("show the forecast").uncheck()
    press(page, play, "Start again")
    says(page, "Run 2, epoch 3 of 27…")
    press(page, play, "Undo")
    says(page, "Round 18 is over…")
    press(page, play, "Next round")
    says(page, "Run 2, epoch 3 of 27…")
    addressed(page, "#trainon:game=19")
    ended(page, play, options)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "breakit.html#breakit:lengthscale=0.15&noise=1e9&idle=-2&trials=1e9",
            "Mean regret: random search 17.99, this model 16.57.",
        ),
        ("population.html#population:size=33&step=-1&seed=1e6&n=1e9", "After 200 trials: regret"),
        ("trainon.html#trainon:game=1e9&stops=27-99-x-2-27&at=-7", "Run 4, epoch 3 of 27"),
        ("trainon.html#trainon:game=-1&stops=27-27-27-27&at=1e9", "Round 1 is over"),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(opened, address, said):
    becomes(opened, address, said)
