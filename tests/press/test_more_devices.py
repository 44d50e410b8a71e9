"""More devices: what each computes is what the lab computes, its answer is what playing shows, and it is played in three ways."""

import importlib.util
import re
import shutil

import browsing
import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.tree import DecisionTreeRegressor
from test_devices import drawn, page_of

import hpt_lab as hpt
from book.press.pages import device_data, devices
from book.press.translation import javascript
from hpt_lab import datasets, problems
from hpt_lab.surrogates import GaussianProcess, expected_improvement

NAMES = ("breakit", "population", "tree", "valley")
WAYS = pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280, "scheme": "dark"}),
        ("touch", {"width": 390, "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360, "reduced_motion": "reduce"}),
    ],
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("more")
    shutil.copytree(devices.STATIC, folder / "_static")
    javascript.write(folder / "_static", "en")
    device_data.write(folder / "_static")
    for path in [folder / "_static" / file for file in device_data.MODULES]:
        assert path.stat().st_size < 20_000
    for name in NAMES:
        (folder / f"{name}.html").write_text(page_of((name, "")), encoding="utf-8")
    with browsing.served(folder) as address:
        yield address


@pytest.fixture
def opened(browser, site):
    with browsing.opening(browser, site, patience=10_000) as opened:
        yield opened


def answer_of(root, path, name):
    """Return the text of the answer of a device in its lesson, in one line."""
    text = (root / "chapters" / path).read_text(encoding="utf-8")
    box = text[text.index(f":class: device {name}") :]
    return re.sub(r"\s+", " ", re.search(r":::\{dropdown\} Answer\n(.*?)\n:::", box, re.S)[1])


def say(page):
    return page.locator(".device-say").inner_text()


def press(page, play, name):
    button = page.get_by_role("button", name=name, exact=True)
    {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()


def point(page, play, plot, share, keys):
    """Go to a share of the width of a plot's axes, or press the keys there."""
    if play == "keyboard":
        for key in keys:
            plot.press(key)
        return
    plot.scroll_into_view_if_needed()
    frame = plot.bounding_box()
    at = frame["x"] + 50 + share * (frame["width"] - 62), frame["y"] + frame["height"] / 2
    (page.mouse.click if play == "mouse" else page.touchscreen.tap)(*at)


def ended(page, play, options):
    """Check what holds for every device after it has been played: it is in the address, fits the page, and shuts no one out."""
    assert page.evaluate(browsing.SIDEWAYS) <= 1
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    said = say(page)
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=said)
    assert not page.complaints


# ---- A ball in a valley

ROLLED = """async () => {
    const { arrival, descend } = await import("/_static/devices/valley.js"), rates = [...Array(120).keys()].map(i => (i + 1) / 100);
    const there = (steepness, steps) => rates.filter(rate => arrival(descend({ rate, steepness, steps })) >= 0);
    return { path: descend({ rate: 0.3, steepness: 4, steps: 10 }), ten: there(1, 10), forty: there(1, 40), steep: there(4, 10), ever: there(4, 40) };
}"""


def test_the_ball_rolls_by_gradient_descent_and_the_answer_is_what_playing_shows(opened, root):
    found = opened("valley.html").evaluate(ROLLED)
    w, path = 0.5, []  # where 4 w^2 is 1
    for _ in range(11):
        path.append([w, 4 * w**2])
        w -= 0.3 * 8 * w
    np.testing.assert_allclose(found["path"], path, rtol=1e-9)
    answer = answer_of(root, "01_the_problem/01_parameters_and_hyperparameters.md", "valley")
    ends = {name: (rates[0], rates[-1]) for name, rates in found.items() if name != "path"}
    assert all(
        len(found[name]) == round(100 * (high - low)) + 1 for name, (low, high) in ends.items()
    )  # nothing fails in between
    assert "for $\\eta$ from {} to {}, and within 40".format(*ends["ten"]) in answer
    assert "within 40 for $\\eta$ from {} to {}:".format(*ends["forty"]) in answer
    assert "10 steps are enough from {} to {}, and from 0.25 on".format(*ends["steep"]) in answer
    assert ends["ever"][1] < 0.25


@WAYS
def test_the_ball_is_rolled(opened, play, options):
    page = opened("valley.html", **options)
    drawn(page)
    assert say(page) == "Step 10 of 10: loss 0.122. Each step multiplies w by 0.9. The ball has not arrived."
    point(page, play, page.locator("svg").last, 0.5, ["ArrowLeft"] * 5)
    assert say(page).startswith("Step 5 of 10: loss 0.349.")
    assert say(page).endswith("The ball has not arrived yet.")
    assert page.locator("svg").last.get_attribute("aria-label").endswith("Step 5: 0.349")
    page.get_by_label("learning rate η").press("End")
    assert say(page).endswith("Each step multiplies w by −1.4. Every step jumps across the valley and lands higher.")
    page.get_by_label("steepness of the valley").press("End")
    assert say(page).startswith("Step 5 of 10: loss more than 10,000.")
    page.get_by_label("learning rate η").press("Home")
    for _ in range(3):
        page.get_by_label("learning rate η").press("ArrowRight")
    press(page, play, "Play")
    page.wait_for_function("document.querySelector('.device-say').textContent.startsWith('Step 10 of 10')")
    page.get_by_role("button", name="Play").wait_for()
    assert say(page).endswith("loss less than 0.0001. Each step multiplies w by 0.36. The ball arrived at step 4.")
    assert page.evaluate("location.hash") == "#valley:rate=0.04&steepness=8"
    assert page.locator(".device-best").count() == 1
    ended(page, play, options)


# ---- A tree that deepens

GROWN = """async () => {
    const { errors } = await import("/_static/devices/tree.js"), { PATIENTS } = await import("/_static/patients.js");
    return PATIENTS.splits.map((_, i) => errors(i + 1));
}"""


def test_the_tree_is_that_of_scikit_learn_and_the_answer_is_what_playing_shows(opened, root):
    found = np.array(opened("tree.html").evaluate(GROWN))
    for seed, errors in enumerate(found):
        split = datasets.diabetes(seed=seed)
        x, unseen = (X[:, [split.feature_names.index("s5")]] for X in (split.X_train, split.X_valid))
        for depth, (train, valid) in enumerate(errors, start=1):
            tree = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(x, split.y_train)
            assert train == pytest.approx(np.abs(tree.predict(x) - split.y_train).mean(), abs=1e-6)
            assert valid == pytest.approx(np.abs(tree.predict(unseen) - split.y_valid).mean(), abs=1e-6)
    best, first = found[:, :, 1].argmin(axis=1) + 1, found[0]
    counts = np.bincount(best)
    answer = answer_of(root, "01_the_problem/01_parameters_and_hyperparameters.md", "tree")
    assert f"In the first split it is lowest at depth {best[0]}." in answer
    assert f"has fallen from {first[0, 0]:.1f} to {first[-1, 0]:.1f}" in answer
    assert f"{first[-1, 1]:.1f}, is higher than with a single question ({first[0, 1]:.1f})" in answer
    assert f"Of the {len(found)} splits, {counts[best[0]]} are best at depth {best[0]}." in answer
    assert (
        f"between {best.min()} and {best.max()}, and most often, in {counts.max()} splits, it is {counts.argmax()}."
        in answer
    )
    assert f"over all splits is also lowest at depth {found[:, :, 1].mean(axis=0).argmin() + 1}" in answer
    assert (found[:, -1, 1] > found[:, 1, 1]).all()  # every split says that 12 is too deep


@WAYS
def test_the_tree_is_deepened(opened, play, options):
    page = opened("tree.html", **options)
    drawn(page)
    assert say(page).startswith("Depth 2: 4 groups, 0 of a single patient. Training error 48.8, validation error 54.1.")
    point(page, play, page.locator("svg").last, (4 - 0.6) / 11.8, ["ArrowRight", "ArrowUp"])
    assert say(page).endswith("Training error 45.7, validation error 50.7.")
    assert page.locator("svg").last.get_attribute("aria-label").endswith("Depth 4: training 45.7, validation 50.7")
    press(page, play, "Play")
    page.wait_for_function("document.querySelector('.device-say').textContent.startsWith('Depth 12')")
    page.get_by_role("button", name="Play").wait_for()
    assert say(page).endswith("In this split, the validation error is lowest at depth 4.")
    page.get_by_label("split of the patients").press("End")
    assert say(page).endswith("Its mean over the 20 splits so far is lowest at depth 2.")
    assert page.locator(".device-curve").count() == 19
    assert page.evaluate("location.hash") == "#tree:depth=12&split=20"
    ended(page, play, options)


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
    drawn(page)
    assert say(page).startswith(
        "Mean regret: random search 1.81, this model 0.01. The model is ahead by 1.80 ± 0.24. The model wins."
    )
    press(page, play, "Play")
    page.wait_for_function("document.querySelector('svg').getAttribute('aria-label').includes('25 trials')")
    page.get_by_role("button", name="Play").wait_for()
    page.get_by_label("lengthscale").press("Home")
    assert (
        say(page)
        == "Mean regret: random search 1.81, this model 5.74. The model is ahead by −3.94 ± 0.93. The model loses."
    )
    page.get_by_label("idle dimensions").press("End")
    assert say(page).endswith("The model is ahead by 0.00 ± 0.00. That is a draw.")
    page.get_by_label("noise (s.d.)").press("ArrowRight")
    assert "random search 10.60, this model 10.60" in page.locator("svg").last.get_attribute("aria-label")
    assert page.evaluate("location.hash") == "#breakit:lengthscale=0.005&noise=20&idle=18&trials=25"
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
    drawn(page)
    assert say(page).endswith("The members are in 3 valleys.")
    press(page, play, "Next generation")
    assert say(page).startswith("After 40 trials: regret 0.88, random search 1.38.")
    assert page.locator(".device-member").count() == 20
    assert page.locator(".device-trail").count() == 2
    point(page, play, page.locator("svg").last, 1, ["Shift+ArrowRight"] * 16)
    assert say(page).endswith(
        "On 20 starts: median regret 0.000709, random search 0.309; all members in one valley on 20."
    )
    press(page, play, "Another start")
    assert say(page).startswith("After 20 trials")
    page.get_by_label("longest mutation").press("Home")
    page.get_by_role("slider", name="population").press("Home")
    press(page, play, "Play")
    page.wait_for_timeout(700)
    if play != "keyboard":
        press(page, play, "Stop")
        assert 20 < int(re.search("After ([0-9]+) trials", say(page))[1]) < 60
    else:
        assert say(page).endswith(
            "On 20 starts: median regret 7.73, random search 0.309; all members in one valley on 20."
        )
    assert page.evaluate("location.hash").startswith("#population:size=5&step=0&seed=2&n=")
    ended(page, play, options)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("valley.html#valley:rate=-3&steepness=5&steps=1e9&at=-2", "Step 0 of 40: loss 1."),
        ("valley.html#valley:rate=99&at=7.7", "Step 8 of 10: loss"),
        (
            "breakit.html#breakit:lengthscale=0.15&noise=1e9&idle=-2&trials=1e9",
            "Mean regret: random search 17.99, this model 16.57.",
        ),
        ("population.html#population:size=33&step=-1&seed=1e6&n=1e9", "After 200 trials: regret"),
        ("tree.html#tree:depth=1e9&split=-4", "Depth 12: 134 groups"),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(opened, address, said):
    page = opened(address)
    drawn(page)
    assert say(page).startswith(said)
    assert not page.complaints
