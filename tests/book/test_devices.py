"""The devices: their mathematics is that of hpt_lab, and each is played to its end by mouse, by touch and by keyboard."""

import shutil

import browsing
import devices
import numpy as np
import pytest
from bs4 import BeautifulSoup

from hpt_lab import ASHA, ManualSearch, Study, SuccessiveHalving, problems
from hpt_lab.loop import simulate
from hpt_lab.space import Categorical, Float, Int, Space
from hpt_lab.surrogates import (
    GaussianProcess,
    ParzenEstimator,
    expected_improvement,
    log_expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
)

PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Devices</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>html[data-theme=light] { --pst-color-background: #fff; --pst-color-text-base: #222832; --pst-color-text-muted: #48566b }
html[data-theme=dark] { --pst-color-background: #14181e; --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 12px }</style>
<link rel="stylesheet" href="_static/book.css"><script>
const dark = matchMedia("(prefers-color-scheme: dark)");
(dark.onchange = () => document.documentElement.dataset.theme = dark.matches ? "dark" : "light")();
</script></head><body class="bd-article"><main><h1>Devices</h1>BOXES</main><script defer src="_static/book.js"></script></body></html>"""
BOX = """<div class="admonition device NAME"><p class="admonition-title">A device</p><p>What one does.</p><!-- SETTINGS -->
<p><strong>Question.</strong> What does one see?</p><details><summary>Answer</summary><p>This.</p></details></div>"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def page_of(*boxes):
    """A page with these devices alone: pairs of a name and its settings."""
    html = "".join(BOX.replace("NAME", name).replace("SETTINGS", settings) for name, settings in boxes)
    figure = '<div class="cell"><img alt="" src="data:,"></div>'
    soup = BeautifulSoup(PAGE.replace("BOXES", figure + html), "html.parser")
    devices.mark(soup, "page.html")
    return str(soup)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    shutil.copytree(devices.STATIC, folder / "_static")
    (folder / "_static/tables.js").write_text(devices.tables(), encoding="utf-8")
    (folder / "_static/devices-from-disk.js").write_text(devices.joined(folder / "_static"), encoding="utf-8")
    (folder / "choose.html").write_text(page_of(("choose", "d=1&round=5")), encoding="utf-8")
    (folder / "halving.html").write_text(page_of(("halving", "")), encoding="utf-8")
    (folder / "curse.html").write_text(page_of(("curse", "")), encoding="utf-8")
    (folder / "explosion.html").write_text(page_of(("explosion", "k=5&d=6")), encoding="utf-8")
    figure = page_of(("choose replaces", "d=1"))
    (folder / "figure.html").write_text(figure, encoding="utf-8")
    (folder / "two.html").write_text(page_of(("choose", "round=5"), ("choose", "round=8&belief=1")), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(folder):
    with browsing.served(folder) as address:
        yield address


@pytest.fixture
def opened(browser, site):
    """Opens a page of the site; closed at the end of the test."""
    contexts = []

    def opened(path, width=1280, scheme="light", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        browsing.watch(page, site)
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()


# ---- The mathematics: random inputs, in Python and in the browser


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
        processes.append({"X": X.tolist(), "y": y.tolist(), "at": at.tolist(), "options": options, "normals": rng.normal(size=6).tolist()})  # fmt: skip
        kernels = {
            "priorWeight": float(rng.uniform(0.3, 2)),
            "narrowest": [0.5, 1, 2][i % 3],
            "bandwidth": ["neighbours", "scott", 0.2][i // 2 % 3],
        }
        densities.append({"points": X.tolist(), "d": d, "at": at.tolist(), "options": kernels})
    beliefs = [[float(rng.normal()), float(rng.uniform(0.1, 2)), float(rng.normal()), float(rng.uniform(0, 0.3))] for _ in range(n)]  # fmt: skip
    beliefs += [[0.0, 1.0, -z, 0.0] for z in (1, 1.001, 3, 10, 40, 300)] + [
        [0.2, 0.0, 0.5, 0.1],
        [0.5, 0.0, 0.2, 0.1],
    ]
    return {"processes": processes, "densities": densities, "beliefs": beliefs}


COMPUTE = """async cases => {
    const lab = await import("/_static/lab.js");
    return {
        processes: cases.processes.map(({ X, y, at, options, normals }) => {
            const gp = lab.gaussianProcess(X, y, options);
            return { ...gp.predict(at), evidence: gp.evidence, sample: gp.sample(at, normals) };
        }),
        densities: cases.densities.map(({ points, d, at, options }) => at.map(u => lab.parzen(points, d, options).logDensity(u))),
        beliefs: cases.beliefs.map(([mean, std, best, xi]) => [lab.expectedImprovement(mean, std, best, xi),
            String(lab.logExpectedImprovement(mean, std, best, xi)), lab.probabilityOfImprovement(mean, std, best, xi),
            lab.lowerConfidenceBound(mean, std, xi)]),
        sobol: lab.sobol(64, 2), scalar: lab.gaussianProcess([[0.1, 0.2], [0.3, 0.9]], [1, 2], { lengthscale: 0.4 }).evidence,
        drawn: (() => { const rng = lab.seeded(1), one = lab.parzen([[0.2]], 1, {}); return [...Array(4000)].map(() => one.draw(rng)[0]); })(),
        normals: (() => { const rng = lab.seeded(2); return [...Array(4000)].map(() => rng.normal()); })(),
        split: [0.25, "linear"].map(gamma => {
            const points = cases.split.map(v => [v]), { l, g, good, logRatio } = lab.densities(points, cases.split.map(v => -v), { gamma });
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


def space(d):
    return Space({f"x{j}": Float(0, 1) for j in range(d)})


def test_the_mathematics_of_the_browser_is_that_of_the_lab(opened):
    from scipy.stats import kstest, norm, qmc

    asked = cases(np.random.default_rng(0))
    split = np.random.default_rng(1).random(12).tolist()
    found = opened("choose.html").evaluate(COMPUTE, asked | {"split": split})
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)  # noqa: E731
    for case, js in zip(asked["processes"], found["processes"], strict=True):
        o = case["options"]
        gp = GaussianProcess(o["kernel"], o["lengthscale"], o["signal"], o["noise"], optimize=False)
        mean, std = gp.fit(np.array(case["X"]), np.array(case["y"])).predict(np.array(case["at"]))
        close(js["mean"], mean)
        close(js["std"], std)
        close(js["evidence"], gp.log_marginal_likelihood)
        close(js["sample"], gp.sample(np.array(case["at"]), Normals(case["normals"]))[0])
    scalar = GaussianProcess("matern52", 0.4, optimize=False).fit(np.array([[0.1, 0.2], [0.3, 0.9]]), np.array([1, 2]))
    close(found["scalar"], scalar.log_marginal_likelihood)
    for case, js in zip(asked["densities"], found["densities"], strict=True):
        o = case["options"]
        options = {"prior_weight": o["priorWeight"], "narrowest": o["narrowest"], "bandwidth": o["bandwidth"]}
        close(js, ParzenEstimator(space(case["d"]), np.array(case["points"]), **options).log_terms(np.array(case["at"]))[:, 0])  # fmt: skip
    for (mean, std, best, xi), (ei, log_ei, pi, lcb) in zip(asked["beliefs"], found["beliefs"], strict=True):
        close(ei, expected_improvement(mean, std, best, xi))
        close(float(log_ei.replace("Infinity", "inf")), log_expected_improvement(mean, std, best, xi))
        close(pi, probability_of_improvement(mean, std, best, xi))
        close(lcb, lower_confidence_bound(mean, std, xi))
    assert found["sobol"] == qmc.Sobol(2, scramble=False).random(64).tolist()
    assert kstest(found["normals"], norm.cdf).pvalue > 0.01
    u = np.linspace(0, 1, 2001)
    density = np.exp(ParzenEstimator(space(1), np.array([[0.2]])).log_terms(u[:, None])[:, 0])
    mass = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(u))])
    assert kstest(found["drawn"], lambda x: np.interp(x, u, mass)).pvalue > 0.01
    ranked = np.sort(split)[::-1, None]  # the losses are the negative points
    for good, (n, l, g, ratio) in zip((3, 2), found["split"], strict=True):
        assert n == good
        close(l, ParzenEstimator(space(1), ranked[:good], narrowest=0.5).log_terms(np.array([[0.3]])).item())
        close(g, ParzenEstimator(space(1), ranked[good:], narrowest=2.0).log_terms(np.array([[0.3]])).item())
        close(ratio, l - g)


# ---- The build


def soup_of(box, above=""):
    return BeautifulSoup(f"<html><head></head><body><section>{above}{box}</section></body></html>", "html.parser")


def test_a_box_becomes_a_device_with_its_settings_and_an_id_of_its_own():
    box = BOX.replace("NAME", "choose").replace("SETTINGS", "d=2&amp;round=3")
    soup = soup_of(box + box)
    devices.mark(soup, "chapters/one/two.html")
    first, second = soup.select("[data-device=choose]")
    assert (first["id"], second["id"]) == ("choose", "choose-2")
    assert first.find("p", string="What one does.").find_next_sibling()["class"] == ["device-stage"]
    assert soup.select_one("script[type=module]")["src"] == "../../_static/mount.js"
    assert soup.select_one("link")["href"] == "../../_static/device.css"


def test_a_device_takes_its_settings_from_the_comment_and_the_place_of_the_figure_above():
    box = BOX.replace("NAME", "choose replaces").replace("SETTINGS", "d=2&round=3")
    soup = soup_of(box, '<div class="cell"><img src="a.png"></div>')
    devices.mark(soup, "page.html")
    assert soup.select_one("[data-device]")["data-settings"] == "d=2&round=3"
    assert "round=3" not in str(soup.select_one("[data-device]").contents)
    assert soup.select_one(".cell")["class"] == ["cell", "device-figure"]


def test_a_page_without_a_device_loads_nothing_for_one():
    soup = soup_of('<div class="admonition note"></div>')
    devices.mark(soup, "page.html")
    assert not soup.select("script, link")


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (BOX.replace("NAME", "chose"), r"page.html: .* 'admonition device chose' must name one of \['choose'"),
        (BOX.replace("NAME", "choose").replace("Question.", "Well."), "the device choose must ask a question"),
        (BOX.replace("NAME", "choose replaces"), "choose replaces the figure above it, and there is none"),
    ],
)
def test_a_box_that_is_no_device_is_refused(box, message):
    with pytest.raises(ValueError, match=message):
        devices.mark(soup_of(box), "page.html")


def test_the_tables_are_those_of_the_lab():
    text = devices.tables()
    table = problems.svm_digits().values(seed=0)
    assert f'"values":[[{100 * table[0, 0]:.4g},' in text
    assert len(text) < 20_000


def test_all_devices_together_weigh_less_than_150_kB():
    own = [*devices.STATIC.glob("*.js"), *(devices.STATIC / "devices").glob("*.js"), devices.STATIC / "device.css"]
    assert sum(path.stat().st_size for path in own) < 150_000


# ---- What devices share


def test_scales_have_round_ticks_within_and_states_survive_their_text(opened):
    found = opened("choose.html").evaluate("""async () => {
        const { scale, short, read, written } = await import("/_static/device.js");
        const start = { n: 3, x: 0.5, on: false, name: "rbf" }, state = { n: 4, x: -1e-7, on: true, name: "matern52" }, back = { ...start };
        const text = written(state, start);
        read(text, back, start);
        const odd = { ...start };
        read("n=&x=NaN&on&name&constructor=1&other=2", odd, start);
        return { ticks: [[0, 10, false, 5], [0.13, 0.92, false, 4], [-3, 250, false, 6], [1e-4, 1, true, 4], [1e-4, 1, true, 2], [0.5, 100, true, 3]]
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
        [1, 10, 100],
    ]
    assert found["inverse"] == pytest.approx(0.03)
    assert found["text"] == "n=4&x=-1e-7&on=1&name=matern52"
    assert found["back"] == found["state"]
    assert found["odd"] == {"n": 3, "x": 0.5, "on": False, "name": "rbf"}
    assert found["same"] == ""
    assert found["words"] == ["0", "0.0001", "1e-5", "1.2e5", "0.123", "15"]


def test_a_drag_is_followed_from_the_press_to_the_release_and_stays_within_the_axes(opened):
    page = opened("choose.html#choose:tried=%E0")  # a broken address is none
    page.locator("#choose svg").wait_for()
    box = page.evaluate("""async () => {
        const { plot, scale } = await import("/_static/device.js"), stage = document.querySelector(".device-stage");
        window.seen = [];
        const device = { stage, width: () => 400 }, onDrag = (x, y, begins) => seen.push([x, y, begins]);
        const made = plot(device, { label: "Drag", height: 300, onDrag });
        made.axes({ x: scale(0, 10), y: scale(1, 100, true), xLabel: "x", yLabel: "y" });
        made.root.scrollIntoView();
        const { left, top } = made.root.getBoundingClientRect();
        return [made.px(5) + left, made.py(10) + top];
    }""")
    page.mouse.move(*box)
    page.mouse.down()
    page.mouse.move(box[0] + 5000, box[1] - 5000)
    page.mouse.up()
    page.mouse.move(*box)
    first, last = page.evaluate("seen")
    assert first == [pytest.approx(5, abs=0.05), pytest.approx(10, rel=0.05), True]
    assert last == [10, pytest.approx(100), False]
    assert not page.complaints


def test_two_devices_on_a_page_share_the_address(opened):
    page = opened("two.html")
    first, second = page.locator("#choose"), page.locator("#choose-2")
    second.get_by_label("show the hope").check()
    first.locator("svg").press("Enter")
    assert page.evaluate("location.hash") == "#choose-2:hope=1;choose:tried=50"
    second.get_by_label("show the belief").uncheck()
    page.reload()
    assert "Night 1" in first.locator(".device-say").inner_text()
    assert not second.get_by_label("show the belief").is_checked()
    assert second.get_by_label("show the hope").is_checked()
    page.evaluate("location.hash = 'choose-2:d=2&tried=1-2'")
    page.wait_for_function("document.querySelector('#choose-2 .device-say').textContent.startsWith('Night 2 of 10')")
    assert second.get_by_label("show the belief").is_checked()  # what the link does not say is as the lesson has it
    assert not page.complaints


def test_a_page_that_is_opened_from_a_folder_has_its_devices_too(browser, folder):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "choose.html").as_uri() + "#choose:d=2&belief=1")
    page.locator("#choose svg").press("Enter")
    assert page.locator(".device-say").inner_text().startswith("Night 1 of 10")
    assert not errors
    context.close()


def test_without_javascript_and_on_paper_the_box_says_what_it_says(opened):
    page = opened("choose.html", java_script_enabled=False)
    assert page.get_by_text(devices.WITHOUT).is_visible()
    assert page.get_by_text("What one does.").is_visible()
    page = opened("figure.html#choose:d=2&tried=1&belief=1")
    page.locator("#choose rect").first.wait_for()
    shown = "getComputedStyle(document.querySelector('.cell img')).display !== 'none'"
    assert not page.evaluate(shown)
    page.emulate_media(media="print")
    assert page.evaluate(shown)
    assert not page.locator(".device-stage").is_visible()
    page.emulate_media(media="screen")
    page.locator("#choose rect").first.wait_for()
    assert not page.complaints  # nothing is drawn where there is no room


def test_the_example_of_contributing_is_a_device(browser, folder, tmp_path, root):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listing = text[text.index("    import { button, check") : text.index("- `device.set({...})`")]
    module = "\n".join(line.removeprefix("    ") for line in listing.splitlines())
    (tmp_path / "_static/devices/choose.js").write_text(module, encoding="utf-8")
    with browsing.served(tmp_path) as address:
        page = browser.new_page()
        browsing.watch(page, address)
        page.goto(f"{address}choose.html")
        page.locator("svg").click()
        page.get_by_label("lengthscale").press("ArrowRight")
        assert page.locator(".device-say").inner_text() == "1 points"
        assert page.evaluate("location.hash").startswith("#choose:lengthscale=0.25&tried=0.")
        assert not page.complaints
        page.close()


# ---- You choose the next trial


def test_a_round_is_a_fair_game(opened):
    """Problems stay in their frames, searches never train twice, and the hill of hope does what the front page says."""
    found = opened("choose.html").evaluate("""async () => {
        const { hidden, search, rivals, belief, highest, nearest, found } = await import("/_static/rounds.js");
        const frames = [], searches = [], hill = [];
        for (let round = 1; round <= 60; round++) {
            for (const d of [1, 2]) {
                const p = hidden(d, round), [low, high] = p.range;
                frames.push(p.values.length === p.places.length && p.values.every(v => v > low && v < high) && p.best < 0.9 * high
                    && JSON.stringify(p.values) === JSON.stringify(hidden(d, round).values)
                    && p.places.every((u, i) => nearest(p, u) === i));
                if (round > 4) continue;
                for (const name of ["random search", "TPE", "Bayesian optimization"]) searches.push(search(p, name, 12, round));
            }
            if (round % 3 === 0) continue;
            const p = hidden(1, round), mine = [nearest(p, [0.5])], ends = rivals(p, 7);
            while (mine.length < 7) mine.push(highest(belief(p, mine).hope));
            hill.push(...ends.map(end => [end.name, Math.sign(end.found - found(p, mine)), end.found >= p.best]));
        }
        return { frames, searches, hill };
    }""")
    assert all(found["frames"])
    assert all(len(set(tried)) == 12 for tried in found["searches"])
    assert all(reached for _, _, reached in found["hill"])
    ahead = np.mean([sign > 0 for name, sign, _ in found["hill"] if name == "random search"])
    assert 0.65 < ahead < 0.85, "the front page says three rounds of four"
    level = [sign for name, sign, _ in found["hill"] if name == "Bayesian optimization"]
    assert abs(np.mean(level)) < 0.4


def test_belief_and_hope_are_those_of_the_lab(opened):
    tried = [3, 50, 90, 71]
    places, losses, js = opened("choose.html").evaluate(
        """async tried => {
        const { hidden, belief } = await import("/_static/rounds.js"), p = hidden(1, 5);
        return [p.places, p.learned, belief(p, tried)];
    }""",
        tried,
    )
    X, y = np.array(places), np.array(losses)
    centre, spread = y[tried].mean(), y[tried].std()
    z = (y[tried] - centre) / spread
    worth = {}
    for l in (0.08, 0.13, 0.2, 0.35, 0.6, 1):
        gp = GaussianProcess("matern52", l, 1.0, 1e-4, optimize=False).fit(X[tried], z)
        worth[gp.log_marginal_likelihood - (np.log(l / 0.6) / 1.5) ** 2 / 2] = gp
    mean, std = worth[max(worth)].predict(X)
    hope = expected_improvement(mean, std, z.min())
    hope[tried] = 0
    for mine, other in zip((js["mean"], js["std"], js["hope"]), (centre + spread * mean, spread * std, hope), strict=True):  # fmt: skip
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6)


def by_mouse(page, plot, n):
    frame = plot.bounding_box()
    for k in range(n):
        place = frame["x"] + frame["width"] * (0.15 + 0.8 * k / n), frame["y"] + frame["height"] * (0.3 + 0.4 * (k % 2))
        page.mouse.move(*place)
        page.mouse.click(*place)


def by_touch(page, plot, n):
    plot.scroll_into_view_if_needed()
    frame = plot.bounding_box()
    for k in range(n):
        page.touchscreen.tap(frame["x"] + frame["width"] * (0.2 + 0.7 * k / n), frame["y"] + frame["height"] * (0.3 + 0.4 * (k % 3) / 2))  # fmt: skip


def by_keyboard(page, plot, n):
    plot.focus()
    for k in range(n):
        page.keyboard.press("Enter" if k % 2 else " ")
        if k < n - 1:
            page.keyboard.press("ArrowRight" if k % 3 else "ArrowUp")


@pytest.mark.parametrize(
    ("play", "nights", "address", "options"),
    [
        (by_mouse, 7, "d=1&belief=1", {"width": 1280}),
        (by_touch, 10, "d=2&belief=1", {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        (by_keyboard, 10, "d=2&hope=1", {"width": 360, "reduced_motion": "reduce"}),
        (by_keyboard, 7, "d=1&round=3&hope=1", {"width": 1280, "scheme": "dark"}),
    ],
    ids=["mouse", "touch", "keyboard", "keyboard-dark"],
)
def test_you_choose_is_played_to_its_end_and_its_address_tells_it_again(opened, play, nights, address, options):
    page = opened(f"choose.html#choose:{address}", **options)
    plot, say, table = page.locator("#choose svg"), page.locator(".device-say"), page.locator(".device-table")
    plot.wait_for()
    assert say.inner_text().startswith(f"{nights} nights are yours")
    assert not table.is_visible()
    play(page, plot, nights)
    assert say.inner_text().startswith("Your best:")
    rows = [row.split("\t") for row in table.inner_text().split("\n") if "\t" in row]
    assert [row[0] for row in rows[1:]] == ["you", "random search", "TPE", "Bayesian optimization"]
    assert all(float(row[2].split()[0]) >= 0 for row in rows[1:])
    assert "1 round" in rows[0][-1]
    mine, *theirs = (float(row[1].split()[0]) for row in rows[1:])
    for row, other in zip(rows[2:], theirs, strict=True):
        assert mine == other or row[-1].startswith("ahead 1") == (mine < other)
    tried = page.evaluate("new URLSearchParams(location.hash.split(':')[1]).get('tried').split('-').length")
    assert tried == nights
    ended = say.inner_text()
    assert page.evaluate(SIDEWAYS) <= 1
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=ended)
    assert table.locator("tr").first.inner_text().split() == ["best", "found", "regret"]  # seen, not played
    page.get_by_role("button", name="Next round").click()
    assert say.inner_text().startswith(f"{nights} nights are yours")
    assert page.evaluate("location.hash").count("round=") == 1
    assert "round=0" not in page.evaluate("location.hash")  # a link leads to this round, not to any new one
    assert not page.complaints


def test_no_place_is_trained_twice_and_no_night_is_left_after_the_last(opened):
    page = opened("choose.html#choose:tried=50-1-1-x-999-2&d=7")
    plot, say = page.locator("#choose svg"), page.locator(".device-say")
    plot.wait_for()
    assert say.inner_text().startswith("Night 3 of 7")
    plot.press("Enter")
    assert "trained already" in say.inner_text()
    for _ in range(4):
        plot.press("ArrowRight")
        assert "learning rate" in say.inner_text()
        plot.press("Enter")
    assert say.inner_text().startswith("Your best")
    plot.press("ArrowRight")
    plot.press("Enter")
    assert say.inner_text().startswith("All nights are spent")
    ends = []
    for places in ("9-25-41-57-95-88", "1-2-3-4-5-6"):  # well, then badly
        page.evaluate(f"location.hash = 'choose:tried={places}'")
        page.wait_for_function("document.querySelector('.device-say').textContent.startsWith('Night 6')")
        plot.press("Shift+ArrowRight")
        plot.press("Enter")
        ends.append([row.split("\t") for row in page.locator(".device-table").inner_text().split("\n") if "\t" in row])
    assert ends[0][1][1] != ends[1][1][1]
    assert [row[-1] for row in ends[0][2:]] == [row[-1] for row in ends[1][2:]]  # the first time counts
    page.get_by_role("button", name="Same round again").click()
    assert say.inner_text().startswith("7 nights are yours")
    begin = float(plot.locator(".device-cursor").get_attribute("x1"))
    plot.press("ArrowRight")
    one = float(plot.locator(".device-cursor").get_attribute("x1")) - begin
    plot.press("Shift+ArrowRight")
    assert float(plot.locator(".device-cursor").get_attribute("x1")) - begin == pytest.approx(11 * one)
    page.get_by_label("Hyperparameters").select_option("two")
    assert say.inner_text().startswith("10 nights are yours")


# ---- Halving


RUNS = """async runs => {
    const { drawn, simulate, inHand } = await import("/_static/rungs.js");
    return runs.map(([table, draw, way, workers, until]) => {
        const rows = drawn(table, draw), trials = simulate(rows, way, workers, until ?? Infinity);
        return [rows, trials.map(t => [t.config, t.rung, t.worker, t.began, t.ended, t.loss]), [0, 5, 46].map(hour => inHand(trials, hour)?.number)];
    });
}"""


def test_halving_in_the_browser_trains_what_the_lab_trains(opened):
    ways = (("halving", 1, None), ("halving", 8, None), ("asha", 1, 108), ("asha", 8, 46))
    runs = [(table, draw, *way) for table, draw in (("epochs", 1), ("trees", 7)) for way in ways]
    found = opened("halving.html").evaluate(RUNS, runs)
    space = Space(config=Int(0, 249))
    for (_, _, way, workers, until), (rows, trials, hands) in zip(runs, found, strict=True):
        assert len(rows) == 250
        source = ManualSearch([{"config": i} for i in range(250)])
        study = Study(space, SuccessiveHalving(27, 1, 27, source=source) if way == "halving" else ASHA(1, 27, source=source))  # fmt: skip
        ran = simulate(study, lambda params, budget, rows=rows: rows[params["config"]][(1, 3, 9, 27).index(budget)], lambda trial: trial.budget, workers, 500, until=until)  # fmt: skip
        pairs = list(zip(study.trials, ran.moments, strict=True))
        assert trials == [[t.params["config"], t.info["rung"], m.worker, m.started, m.ended, t.value] for t, m in pairs]
        for hour, hand in zip((0, 5, 46), hands, strict=True):
            told = [(-t.budget, t.value, t.number) for t, m in pairs if m.ended <= hour]
            assert hand == (min(told)[2] if told else None)
    first, second = found[0][0], found[4][0]
    curves = [problems.mlp_mnist().values(seed=0, budget=27), problems.boosting_boston().values(seed=0, budget=81)]
    assert {row[3] for row in first} == set(np.round(100 * curves[0], 2).ravel().tolist())
    assert {row[3] for row in second} <= set(np.round(100 * curves[1], 2).ravel().tolist())


def seen(page):
    return [row.split("\t") for row in page.locator(".device-table").inner_text().split("\n") if "\t" in row]


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280}),
        ("touch", {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360, "reduced_motion": "reduce"}),
    ],
)
def test_halving_is_played_to_its_end_by_one_worker_and_by_eight(opened, play, options):
    page = opened("halving.html#halving:workers=8", **options)
    page.clock.install()
    say, bars = page.locator(".device-say"), page.locator("rect")
    page.locator("svg").first.wait_for()

    def press(name):
        button = page.get_by_role("button", name=name, exact=True)
        {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()

    assert say.inner_text().startswith("Hour 0. Paid: 0 epochs; all 27 to the end cost 729. Idle: 0 %")
    assert bars.count() == 8
    press("Step")
    assert say.inner_text().startswith("Hour 1. Paid: 8 epochs")
    assert bars.count() == 16
    press("Back")
    press("Back")
    assert say.inner_text().startswith("Hour 0.")
    press("Play")
    if play != "keyboard":  # who wants no movement, sees the end at once
        page.clock.run_for(800)
        press("Stop")
        assert say.inner_text().startswith("Hour 3.")
        assert page.evaluate("location.hash") == "#halving:workers=8&step=3"
        press("Play")
        page.clock.run_for(10_000)
    ended = say.inner_text()
    assert ended.startswith("Hour 46. Paid: 108 epochs; all 27 to the end cost 729. Idle: 71 % of the workers' time.")
    assert bars.count() == 40
    rows = page.evaluate(
        "import('/_static/rungs.js').then(({ drawn }) => drawn('epochs', 1).slice(0, 27).map(row => row[3]))"
    )
    in_hand = float(ended.split("In hand: ")[1].split()[0])
    assert ended.endswith(
        f"Had all 27 been trained to the end, it would have place {1 + sum(row < in_hand for row in rows)}."
    )
    page.get_by_role("combobox", name="Workers").select_option("one")
    assert say.inner_text().startswith("Hour 0.")
    press("Play")
    page.clock.run_for(20_000)
    assert [row[1:4] for row in seen(page)[1:]] == [["46", "108", "71 %"], ["108", "108", "0 %"]]
    page.get_by_role("combobox", name="Way").select_option("ASHA")
    assert say.inner_text().startswith("Hour 0.")
    page.get_by_role("combobox", name="Workers").select_option("eight")
    press("Play")
    page.clock.run_for(20_000)
    hours, epochs, idle, _ = seen(page)[-1][1:]
    assert (hours, idle) == ("46", "0 %")
    assert int(epochs) > 250
    page.get_by_label("show what was never trained").check()
    lines = page.locator(".device-rest").count()
    assert lines == int(page.locator("svg").first.get_attribute("aria-label").split()[1])
    assert page.evaluate(SIDEWAYS) <= 1
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    last = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=last)
    press("New draw")
    assert say.inner_text().startswith("Hour 0.")
    assert not page.locator(".device-table").is_visible()
    assert not page.complaints


def test_halving_takes_no_state_that_is_none(opened):
    page = opened("halving.html#halving:table=constructor&way=x&workers=3&step=-7&draw=-2.5")
    page.locator("svg").first.wait_for()
    assert page.locator(".device-say").inner_text().startswith("Hour 0. Paid: 0 epochs")
    assert page.get_by_role("combobox", name="Workers").input_value() == "1"
    page.evaluate("location.hash = 'halving:step=1e9&table=trees'")
    page.wait_for_function("document.querySelector('.device-say').textContent.startsWith('Hour 108. Paid: 324 trees; all 27 to the end cost 2187.')")  # fmt: skip
    assert not page.complaints


# ---- The winner's curse

WINNERS = """async () => {
    const { expectedMaximum } = await import("/_static/lab.js"), { world, winners, noiseOf } = await import("/_static/devices/curse.js");
    const all = [...Array(200).keys()].map(k => world(1, k));
    return { expected: [1, 2, 10, 1000].map(expectedMaximum), first: all[0], noise: noiseOf(400), paths: all.map(world => winners(world, 2, 2)) };
}"""


def test_the_curse_is_that_of_normal_numbers(opened):
    from scipy.integrate import quad
    from scipy.stats import norm

    found = opened("curse.html").evaluate(WINNERS)
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


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280, "scheme": "dark"}),
        ("touch", {"width": 390, "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360}),
    ],
)
def test_the_curse_is_drawn_again_and_again(opened, play, options):
    page = opened("curse.html#curse:rows=200", **options)
    say, curve = page.locator(".device-say"), page.locator("svg").last
    curve.wait_for()

    def press(name):
        button = page.get_by_role("button", name=name)
        {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()

    def number():
        return int(page.get_by_label("candidates n").get_attribute("aria-valuetext"))

    assert say.inner_text().startswith("One draw: the best of 10 promises")
    press("Draw again")
    assert say.inner_text().startswith("Draw 2: the best of 10 promises")
    for _ in range(11):
        press("20 draws more")
    assert say.inner_text() == "200 draws are enough. Start again for others."
    curve.scroll_into_view_if_needed()
    frame = curve.bounding_box()
    right, middle = frame["x"] + frame["width"] - 13, frame["y"] + frame["height"] / 2
    if play == "keyboard":
        curve.press("Shift+ArrowRight")
        curve.press("ArrowRight")
        assert number() == 120
        curve.press("Shift+ArrowRight")
    elif play == "touch":
        page.touchscreen.tap(right, middle)
    else:
        page.mouse.move(frame["x"] + 60, middle)
        page.mouse.down()
        assert number() == 1
        page.mouse.move(right, middle)
        page.mouse.up()
    assert number() == 1000
    told = say.inner_text()
    assert "Mean of 200 draws: promise 10.8" in told
    assert told.endswith("gap 9.2 points. Of the promised lead of 9.2 points over the mean candidate, 0 % are true.")
    page.get_by_label("rows that choose").press("End")
    assert "gap 1.6 points" in say.inner_text()
    page.get_by_label("spread of the true errors").press("End")
    assert "gap 0.4 points" in say.inner_text()
    assert say.inner_text().endswith("94 % are true.")
    page.get_by_label("show where the means tend to").check()
    assert curve.locator(".device-truth").count() == 2
    assert page.evaluate("location.hash") == "#curse:n=1000&rows=6400&spread=2&draws=200&limit=1"
    assert page.evaluate(SIDEWAYS) <= 1
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent.replaceAll('\\u00a0', ' ') === text.replaceAll('\\u00a0', ' ')", arg=told)  # fmt: skip
    press("Start again")
    assert say.inner_text().startswith("One draw: the best of 1000 promises")
    assert "seed=" in page.evaluate("location.hash")
    assert not page.complaints


def test_the_curse_takes_what_is_nearest_to_a_state_that_is_none(opened):
    page = opened("curse.html#curse:n=-3&rows=1e9&spread=0.6&draws=-4&seed=1.5")
    page.locator("svg").first.wait_for()
    assert page.locator(".device-say").inner_text().startswith("One draw: the only candidate promises")
    shown = [page.get_by_label(name).get_attribute("aria-valuetext") for name in ("candidates n", "rows that", "spread of")]  # fmt: skip
    assert shown == ["1", "6400 (noise 0.5)", "0.5 points"]
    assert not page.complaints


# ---- The explosion


def test_a_bill_counts_what_the_lab_counts_and_says_it_in_words(opened):
    found = opened("explosion.html").evaluate("""async () => {
        const { bill, lasting, money } = await import("/_static/devices/explosion.js");
        return { bills: [[3, 10, 1], [5, 7, 1], [5, 7, 1000], [2, 1, 1000]].map(([k, d, machines]) => bill({ k, d, machines, minutes: 10, price: 2 })),
            words: [0.01, 1 / 60, 0.5, 1, 47.9, 48, 8759, 8760, 1e9, 1e13].map(lasting), money: [0.1, 1, 2604.2, 8138020.8, 2e12].map(money) };
    }""")
    for (k, d, machines), js in zip([(3, 10, 1), (5, 7, 1), (5, 7, 1000), (2, 1, 1000)], found["bills"], strict=True):
        size = Space({f"x{j}": Categorical(list(range(k))) for j in range(d)}).size
        in_turn = -(-size // machines)  # trainings of the machine that has most of them
        assert js == {"trainings": size, "hours": pytest.approx(in_turn / 6), "cost": pytest.approx(size / 3)}
    assert found["words"] == ["36 seconds", "1 minute", "30 minutes", "1 hour", "48 hours", "2 days", "365 days", "1 year", "114,155 years", "1.1 billion years"]  # fmt: skip
    assert found["money"] == ["$0.10", "$1", "$2,604", "$8.1 million", "$2,000 billion"]


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280}),
        ("touch", {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360}),
    ],
)
def test_the_explosion_is_turned_until_it_fits_into_a_year(opened, play, options):
    page = opened("explosion.html", **options)
    say, picture = page.locator(".device-say"), page.locator("svg")
    picture.wait_for()
    assert say.inner_text() == "5 values of 6 hyperparameters: 15,625 trainings, 109 days on 1 machine, $2,604."
    picture.scroll_into_view_if_needed()
    ticks = [tick.bounding_box() for tick in picture.locator(".device-tick").all()]
    ring = picture.locator(".device-ring")
    height = lambda: float(ring.get_attribute("cy"))  # noqa: E731
    before = height()
    if play == "keyboard":
        picture.press("ArrowUp")
        picture.press("ArrowDown")
        picture.press("ArrowRight")
    else:
        top = picture.bounding_box()["y"]
        old, new = (ticks[d - 1]["x"] + ticks[d - 1]["width"] / 2 for d in (6, 7))
        if play == "touch":
            page.touchscreen.tap(new, top + before - 8)
        else:
            page.mouse.move(old, top + before)
            page.mouse.down()
            page.mouse.move(new, top + before - 10)
            page.mouse.up()
    assert say.inner_text() == "5 values of 7 hyperparameters: 78,125 trainings, 1.5 years on 1 machine, $13,021."
    assert height() < before
    assert picture.locator(".device-one-machine").count() == 0
    page.get_by_label("machines").press("End")
    assert say.inner_text().endswith("13 hours on 1,000 machines, $13,021.")
    assert picture.locator(".device-one-machine").count() == 1
    for _ in range(4):
        page.get_by_label("hyperparameters d").press("ArrowRight")
    assert (
        say.inner_text()
        == "5 values of 11 hyperparameters: 49 million trainings, 339 days on 1,000 machines, $8.1 million."
    )
    rows = seen(page)
    assert [row[0] for row in rows[1:]] == ["now", "one value more", "one dimension more", "10 times the machines", "10 times as fast"]  # fmt: skip
    assert [row[1] for row in rows[1:]] == ["49 million", "363 million", "244 million", "49 million", "49 million"]
    assert [row[2] for row in rows[1:]] == ["339 days", "6.9 years", "4.6 years", "34 days", "34 days"]
    assert [row[3] for row in rows[1:]] == ["$8.1 million", "$60 million", "$41 million", "$8.1 million", "$813,802"]
    page.get_by_label("a training takes").press("Home")
    page.get_by_label("an hour costs").press("End")
    assert page.evaluate("location.hash") == "#explosion:d=11&minutes=0.5&price=50&machines=1000"
    assert page.evaluate(SIDEWAYS) <= 1
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=told)
    assert not page.complaints


def test_the_explosion_takes_what_is_nearest_to_a_state_that_is_none(opened):
    page = opened("explosion.html#explosion:k=99&d=-1&minutes=1e9&price=-1&machines=3.2")
    page.locator("svg").wait_for()
    assert (
        page.locator(".device-say").inner_text()
        == "10 values of 1 hyperparameter: 10 trainings, 25 hours on 2 machines, $5."
    )
    assert not page.complaints
