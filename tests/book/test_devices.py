"""The devices: their mathematics is that of hpt_lab, and each is played to its end by mouse, by touch and by keyboard."""

import shutil

import browsing
import devices
import numpy as np
import pytest
import speed
from bs4 import BeautifulSoup
from scipy.stats import qmc

from hpt_lab import GridSearch, Study, problems
from hpt_lab.space import Float, Space
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
    figure = page_of(("choose replaces", "d=1"))
    (folder / "figure.html").write_text(figure, encoding="utf-8")
    (folder / "two.html").write_text(page_of(("choose", "round=5"), ("choose", "round=8&belief=1")), encoding="utf-8")
    (folder / "projections.html").write_text(page_of(("projections", "")), encoding="utf-8")
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
    from scipy.stats import kstest, norm

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


# ---- How soon a page can be used

BUSY = "<script>setTimeout(() => { const began = Date.now(); while (Date.now() - began < 200); }, 400)</script></body>"


def test_a_page_is_usable_when_its_last_long_task_has_ended(browser, folder, site):
    (folder / "busy.html").write_text(page_of(("projections", "")).replace("</body>", BUSY), encoding="utf-8")
    far = page_of(("projections", "")).replace("<h1>", '<div style="height: 4000px"></div><h1>')
    (folder / "far.html").write_text(far, encoding="utf-8")
    weight, seen, usable, busy, device = speed.measure(browser, site, "busy.html")
    files = ("device.js", "lab.js", "devices/projections.js", "mount.js", "book.css", "device.css", "book.js")
    assert 1000 * weight == sum((folder / "_static" / file).stat().st_size for file in files) + (folder / "busy.html").stat().st_size  # fmt: skip
    assert 0 < seen < usable
    assert usable > 0.6
    assert busy > 0.2
    assert device == 0
    lighter, *_, device = speed.measure(browser, site, "far.html")
    assert lighter < weight - (folder / "_static/lab.js").stat().st_size / 1000
    assert device > 0
    pages = speed.with_devices(folder)
    assert {"busy.html", "choose.html"} <= set(pages)
    (folder / "plain.html").write_text("<p>No device</p>", encoding="utf-8")
    assert speed.with_devices(folder) == pages


# ---- Grid, random, Sobol

SQUARES = """async () => {
    const { WAYS, empty, error, lowest, means } = await import("/_static/devices/projections.js");
    const problem = { wx: 0.7, wy: 0.2, bx: 0.3, by: 0.8 }, points = WAYS.random(5, 3), best = lowest(points, problem);
    return {
        grids: [3, 8].map(side => [WAYS["grid (ends)"](side), WAYS["grid (centred)"](side)]), sobol: WAYS.Sobol(8, 5),
        lowest: [points, best, error(best, problem)], holes: empty(points, 5),
        empties: [2, 3, 4, 5, 6, 7, 8].map(side => [...Array(40).keys()].map(draw => empty(WAYS.Sobol(side, draw), side).length)),
        means: [[3, 9, 0.02], [3, 9, 0.05], [3, 9, 0.1], [3, 9, 0.15], [8, 64, 0.03], [8, 64, 0.05], [8, 64, 0.2], [8, 64, 0.3], [8, 32, 0.03], [8, 64, 1]]
            .map(([side, count, wy]) => [side, count, wy, means(side, count, 1, wy)]),
    };
}"""


def test_the_squares_hold_the_trials_of_the_lab_and_the_lessons_read_them_rightly(opened):
    found = opened("projections.html").evaluate(SQUARES)
    for side, (ends, centred) in zip((3, 8), found["grids"], strict=True):
        study = Study(space(2), GridSearch(resolution=side))
        np.testing.assert_allclose(ends, [list(study.ask().params.values()) for _ in range(side * side)])
        np.testing.assert_allclose(centred, (np.array(ends) * (side - 1) + 0.5) / side)
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
        ends, centred = (np.array(way)[None, :count] for way in found["grids"][side == 8])
        for way, js in zip((ends, centred, rng.random((1000, count, 2)), shifted), means, strict=True):
            least = ((way - places) ** 2 @ weights).min(axis=1)
            assert js == pytest.approx(least.mean(), abs=6 * least.std() / np.sqrt(1000))
    ahead = {key: (centred < random, centred < sobol) for key, (_, centred, random, sobol) in mean.items()}
    assert [ahead[3, 9, wy] for wy in (0.02, 0.05, 0.1, 0.15)] == [(False, False), (True, False), (True, False), (True, True)]  # fmt: skip
    assert [ahead[8, 64, wy] for wy in (0.03, 0.05, 0.2, 0.3)] == [(False, False), (True, False), (True, False), (True, True)]  # fmt: skip
    half, whole = mean[8, 32, 0.03], mean[8, 64, 0.03]
    assert 45 < half[1] / half[3] < half[0] / half[3] < 60
    assert 1.8 < whole[1] / whole[3] < 2.4
    empties = np.array(found["empties"])
    assert (empties[[0, 2, 6]] == 0).all()
    assert ((empties[[1, 3, 4, 5]] > 0).mean(axis=1) > 0.85).all()


def aimed(page, squares, tap):
    """The best point to the right, in the third square; then the grids' own first value, in the first one."""
    frame, small = squares.bounding_box(), page.viewport_size["width"] < 500
    for number, (u, v) in ((2, (0.9, 0.4)), (0, (0.02, 0.02))):
        ground = squares.locator(".device-frame").nth(number).bounding_box()
        tap(ground["x"] + u * ground["width"], ground["y"] + (1 - v) * ground["height"])
        said = dict(pair.split("=") for pair in page.evaluate("location.hash").split(":")[1].split("&"))
        assert [float(said[key]) for key in ("bx", "by")] == pytest.approx([u, v], abs=0.02)
    assert frame["width"] / ground["width"] < (4 if small else 8)


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280}),
        ("touch", {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360}),
    ],
)
def test_the_projections_fill_as_the_trials_run(opened, play, options):
    page = opened("projections.html#projections:done=50&cells=1&draw=-2&n=60&wx=0.93&by=7", **options)
    say, squares, table = page.locator(".device-say"), page.locator("#projections svg"), page.locator(".device-table")
    squares.wait_for()
    assert say.inner_text().startswith("32 of 64 trials, x : y = 1 : 0.03.")
    rows = lambda: [row.split("\t") for row in table.inner_text().split("\n") if "\t" in row]  # noqa: E731
    assert rows()[0] == ["", "values of x, of y", "empty cells", "error here", "mean error"]
    assert [row[:3] for row in rows()[1:]] == [["grid (ends)", "4, 8", "32"], ["grid (centred)", "4, 8", "32"],
                                               ["random", "32, 32", rows()[3][2]], ["Sobol", "32, 32", "32"]]  # fmt: skip
    assert squares.locator(".device-empty").count() == 96 + int(rows()[3][2])
    assert squares.locator("circle.device-Sobol").count() == 3 * 32 + 1
    page.get_by_label("run").press("End")
    page.get_by_label("y counts").press("End")
    assert say.inner_text().startswith(
        "64 of 64 trials, x : y = 1 : 1. Mean error in thousandths: grid (centred) 2.61,"
    )
    page.get_by_label("x counts").press("Home")
    page.get_by_label("shade the empty cells").press("Space")
    assert [row[1] for row in rows()[1:]] == ["8, 8", "8, 8", "64, 64", "64, 64"]
    assert squares.locator(".device-empty").count() == 0
    again, drawn = page.get_by_role("button", name="Draw again"), squares.locator(".device-random").all()[0].get_attribute("cx")  # fmt: skip
    if play == "keyboard":
        squares.press("Shift+ArrowLeft")
        squares.press("ArrowDown")
        assert "bx=0.09&by=0.98" in page.evaluate("location.hash")
        squares.press("Enter")
    else:
        aimed(page, squares, page.mouse.click if play == "mouse" else page.touchscreen.tap)
        assert float(rows()[1][-2]) < 0.5  # a grid that ends in the corner is lucky there
        again.click() if play == "mouse" else again.tap()
    assert squares.locator(".device-random").all()[0].get_attribute("cx") != drawn
    ended, shown = say.inner_text(), rows()
    assert page.evaluate(SIDEWAYS) <= 1
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=ended)
    assert rows() == shown
    assert not page.complaints


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
