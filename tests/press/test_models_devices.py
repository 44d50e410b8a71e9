"""The valley and the tree of lesson 1.1, and TPE's two densities: each is that of the lab, and its answer is what playing shows."""

import json

import browsing
import numpy as np
import pytest
import scripts
from browsing import addressed, eventually
from playing import WAYS, answer_of, becomes, ended, point, press, says, shows, site_of
from sklearn.tree import DecisionTreeRegressor

import hpt_lab as hpt
from book.press.pages import devices
from hpt_lab import datasets
from hpt_lab.surrogates import ParzenEstimator


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("devices"), "goodbad", "tree", "valley") as address:
        yield address


@pytest.fixture
def opened(browser, site):
    with browsing.opening(browser, site) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("file", scripts.load("make_device_data").MODULES)
def test_a_module_of_data_is_small_and_what_the_lab_computes_today(file):
    text = (devices.STATIC / file).read_text(encoding="utf-8")
    assert 300 < len(text) < 20_000
    assert text == scripts.load("make_device_data").module(file)


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
    says(page, "Step 10 of 10: loss 0.122. Each step multiplies w by 0.9. The ball has not arrived.")
    point(page, play, page.locator("svg").last, 0.5, ["ArrowLeft"] * 5)
    says(page, "Step 5 of 10: loss 0.349.…")
    says(page, "…The ball has not arrived yet.")
    shows(page.locator("svg").last, "…Step 5: 0.349")
    page.get_by_label("learning rate η").press("End")
    says(page, "…Each step multiplies w by −1.4. Every step jumps across the valley and lands higher.")
    page.get_by_label("steepness of the valley").press("End")
    says(page, "Step 5 of 10: loss more than 10,000.…")
    page.get_by_label("learning rate η").press("Home")
    for _ in range(3):
        page.get_by_label("learning rate η").press("ArrowRight")
    press(page, play, "Play")
    says(page, "Step 10 of 10…")
    page.get_by_role("button", name="Play").wait_for()
    says(page, "…loss less than 0.0001. Each step multiplies w by 0.36. The ball arrived at step 4.")
    addressed(page, "#valley:rate=0.04&steepness=8")
    eventually(page.locator(".device-best").count, 1)
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
    says(page, "Depth 2: 4 groups, 0 of a single patient. Training error 48.8, validation error 54.1.…")
    point(page, play, page.locator("svg").last, (4 - 0.6) / 11.8, ["ArrowRight", "ArrowUp"])
    says(page, "…Training error 45.7, validation error 50.7.")
    shows(page.locator("svg").last, "…Depth 4: training 45.7, validation 50.7")
    press(page, play, "Play")
    says(page, "Depth 12…")
    page.get_by_role("button", name="Play").wait_for()
    says(page, "…In this split, the validation error is lowest at depth 4.")
    page.get_by_label("split of the patients").press("End")
    says(page, "…Its mean over the 20 splits so far is lowest at depth 2.")
    eventually(page.locator(".device-curve").count, 19)
    addressed(page, "#tree:depth=12&split=20")
    ended(page, play, options)


# ---- Good and bad

THOUGHT = """async () => {
    const { think } = await import("/_static/devices/goodbad.js"), { SIXTEEN } = await import("/_static/sixteen.js");
    const states = [[4, 0], [4, 0.01], [4, 0.5], ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 12].map(good => [good, 0])];
    return { sixteen: SIXTEEN, thoughts: states.map(([good, bandwidth]) => think({ good, bandwidth })) };
}"""


def test_good_and_bad_are_those_of_the_lab_and_the_answer_is_what_playing_shows(opened, root):
    found = opened("goodbad.html").evaluate(THOUGHT)
    x, losses = np.array(found["sixteen"]["x"]), np.array(found["sixteen"]["losses"])
    order, u, grid = np.argsort(losses, kind="stable"), (x[:, None] + 4) / 5, np.linspace(0, 1, 501)[:, None]
    space = hpt.Space(u=hpt.Float(0, 1))
    for now, (good, width) in zip(
        found["thoughts"], ((4, "neighbours"), (4, 0.01), (4, 0.5), (2, "neighbours")), strict=False
    ):
        models = [ParzenEstimator(space, u[part], bandwidth=width) for part in (order[:good], order[good:])]
        for name, model in zip("lg", models, strict=True):
            np.testing.assert_allclose(now[name], np.exp(model.log_terms(grid)[:, 0]) / 5, rtol=1e-6)
        np.testing.assert_allclose(now["ratio"], np.array(now["l"]) / now["g"], rtol=1e-6)
        drawn = (np.array(now["drawn"])[:, None] + 4) / 5
        best = (models[0].log_terms(drawn) - models[1].log_terms(drawn))[:, 0].argmax()
        assert now["next"] == now["drawn"][best]
    (neighbors, narrow, wide), rest = found["thoughts"][:3], found["thoughts"][3:]
    cells = json.loads((root / "chapters/04_how_it_works/05_tpe.ipynb").read_text(encoding="utf-8"))["cells"]
    printed = "".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", []))
    assert f"l/g at x = {neighbors['peak']:.2f}" in printed
    answer = answer_of(root, "04_how_it_works/05_tpe.md", "goodbad").replace("−", "-")
    peaks = [one["peak"] for one in rest[:-1]]
    assert (
        f"the peak stays between {min(peaks):.2f} and {max(peaks):.2f}. With 12 of 16, it is at {rest[-1]['peak']:.2f},"
        in answer
    )
    error = lambda place: losses[np.abs(x - place).argmin()]  # noqa: E731
    assert 2 <= error(rest[-1]["peak"]) / error(neighbors["peak"]) <= 3
    assert f"With a width of 0.01 the ratio gets as large as {narrow['most']:.0f}, right beside" in answer
    assert np.abs(x[order[:4]] - narrow["peak"]).min() < 0.05
    assert f"With 0.5 it is {wide['most']:.2f} at most" in answer


@WAYS
def test_the_split_and_the_kernels_are_moved(opened, play, options):
    page = opened("goodbad.html", **options)
    says(page, "The ratio is largest at x = −0.98, where it is 7.00. Of 24 candidates drawn from l, the best is x = …")
    plot = page.locator("svg").first
    point(page, play, plot, 0.5, ["ArrowUp"] * 7)
    shows(plot, "…11 good trials")
    page.get_by_role("slider", name="good trials").press("End")
    says(page, "The ratio is largest at x = −0.04, where it is 1.57.…")
    eventually(page.locator(".device-best").count, 12)
    page.get_by_role("slider", name="good trials").press("Home")
    press(page, play, "Play")
    shows(page.locator("svg").first, "…12 good trials")
    page.get_by_role("button", name="Play").wait_for()
    page.get_by_role("slider", name="width of the kernels").press("Home")
    says(page, "The ratio is largest at x = 0.08, where it is 45.…")
    addressed(page, "#goodbad:good=12&bandwidth=0.01")
    ended(page, play, options)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("valley.html#valley:rate=-3&steepness=5&steps=1e9&at=-2", "Step 0 of 40: loss 1."),
        ("valley.html#valley:rate=99&at=7.7", "Step 8 of 10: loss"),
        ("goodbad.html#goodbad:good=1e9&bandwidth=-7", "The ratio is largest at x = −0.04, where it is 1.57."),
        ("tree.html#tree:depth=1e9&split=-4", "Depth 12: 134 groups"),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(opened, address, said):
    becomes(opened, address, said)
