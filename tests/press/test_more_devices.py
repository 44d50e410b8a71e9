"""More devices: what each computes is what the lab computes, its answer is what playing shows, and it is played in three ways."""

import json
import re
import shutil

import browsing
import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor
from test_devices import drawn, page_of

from book.press.pages import device_data, devices
from book.press.translation import javascript
from hpt_lab import datasets

NAMES = ("tree", "valley")
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


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("valley.html#valley:rate=-3&steepness=5&steps=1e9&at=-2", "Step 0 of 40: loss 1."),
        ("valley.html#valley:rate=99&at=7.7", "Step 8 of 10: loss"),
        ("tree.html#tree:depth=1e9&split=-4", "Depth 12: 134 groups"),
    ],
)
def test_a_state_that_is_none_becomes_the_nearest(opened, address, said):
    page = opened(address)
    drawn(page)
    assert say(page).startswith(said)
    assert not page.complaints
