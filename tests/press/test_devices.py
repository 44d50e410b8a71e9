"""The devices: their mathematics is that of hpt_lab, and each is played to its end by mouse, by touch and by keyboard."""

import json
import re
import shutil
from itertools import combinations

import browsing
import numpy as np
import pytest
import scripts
import speed
from browsing import addressed, eventually, says
from bs4 import BeautifulSoup, Comment
from docutils import nodes
from docutils.core import publish_from_doctree
from docutils.utils import new_document
from scipy.stats import qmc

from book.press.pages import devices
from book.press.translation import catalogs, javascript
from hpt_lab import ASHA, GridSearch, ManualSearch, Study, SuccessiveHalving, problems
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
<link rel="stylesheet" href="_static/palette.css"><link rel="stylesheet" href="_static/type.css"><link rel="stylesheet" href="_static/frame.css"><link rel="stylesheet" href="_static/book.css"><link rel="stylesheet" href="_static/device.css"><script>
const dark = matchMedia("(prefers-color-scheme: dark)");
(dark.onchange = () => document.documentElement.dataset.theme = dark.matches ? "dark" : "light")();
</script></head><body class="bd-article"><main><h1>Devices</h1>BOXES</main><script defer src="_static/book.js"></script></body></html>"""
BOX = """<div class="admonition device NAME"><p class="admonition-title">A device</p><p>What one does.</p><!-- SETTINGS -->
<p><strong>Question.</strong> What does one see?</p><details><summary>Answer</summary><p>This.</p></details></div>"""
NAMES = sorted(path.stem for path in (devices.STATIC / "devices").glob("*.js"))


def marked(content, page="page", language="en"):
    """The HTML that the build makes of some content: boxes become admonitions, as Sphinx has them, and all else stays as it is."""
    document = new_document("page")
    document += nodes.section("", ids=["s"])
    for element in BeautifulSoup(content, "html.parser").find_all(True, recursive=False):
        if "admonition" in element.get("class", ()):
            box = nodes.admonition(classes=element["class"][1:])
            for child in element.children:
                text = str(child) if not isinstance(child, Comment) else f"<!-- {child.strip()} -->"
                if child.name == "p":
                    kind = nodes.title if "class" in child.attrs else nodes.paragraph
                    box += kind(
                        "",
                        "",
                        *([nodes.strong("", child.strong.text)] if child.strong else []),
                        nodes.Text(list(child.strings)[-1]),
                    )
                elif text.strip():
                    box += nodes.raw("", text, format="html")
            document[0] += box
        else:
            cell = nodes.container(classes=element.get("class", []))
            cell += nodes.image(uri="data:,", alt="") if element.img else nodes.raw("", str(element), format="html")
            document[0] += cell
    devices.mark(document, page, language)
    html = publish_from_doctree(
        document,
        writer="html5",
        settings_overrides={
            "output_encoding": "unicode",
            "math_output": "MathML",
            "embed_stylesheet": False,
            "stylesheet_path": "",
        },
    )
    return BeautifulSoup(html, "html.parser").section or BeautifulSoup(html, "html.parser").main


def page_of(*boxes):
    """A page with these devices alone: pairs of a name and its settings."""
    html = "".join(BOX.replace("NAME", name).replace("SETTINGS", settings) for name, settings in boxes)
    figure = '<div class="cell"><img alt="" src="data:,"></div>'
    return PAGE.replace("BOXES", marked(figure + html).decode_contents())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    shutil.copytree(devices.STATIC, folder / "_static")
    javascript.write(folder / "_static", "en")
    (folder / "_static/tables.js").write_text(devices.tables(), encoding="utf-8")
    devices.bundle(folder / "_static")
    (folder / "choose.html").write_text(page_of(("choose", "d=1&round=5")), encoding="utf-8")
    for name in ("condition", "think"):
        (folder / f"{name}.html").write_text(page_of((name, "")), encoding="utf-8")
    (folder / "loop.html").write_text(page_of(("think", "tried=198-90-111&line=0&learn=1")), encoding="utf-8")
    (folder / "halving.html").write_text(page_of(("halving", "")), encoding="utf-8")
    (folder / "curse.html").write_text(page_of(("curse", "")), encoding="utf-8")
    (folder / "anywin.html").write_text(page_of(("anywin", "")), encoding="utf-8")
    (folder / "leads.html").write_text(page_of(("leads", "")), encoding="utf-8")
    (folder / "explosion.html").write_text(page_of(("explosion", "k=5&d=6")), encoding="utf-8")
    figure = page_of(("choose replaces", "d=1"))
    (folder / "figure.html").write_text(figure, encoding="utf-8")
    (folder / "two.html").write_text(page_of(("choose", "round=5"), ("choose", "round=8&belief=1")), encoding="utf-8")
    (folder / "projections.html").write_text(page_of(("projections", "")), encoding="utf-8")
    (folder / "all.html").write_text(page_of(*((name, "") for name in NAMES)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(folder):
    with browsing.served(folder) as address:
        yield address


@pytest.fixture
def opened(browser, site):
    """Opens a page of the site, where nothing moves unless a test wants it to; closed at the end of the test."""
    with browsing.opening(browser, site) as opened:
        yield lambda path, **options: opened(path, **{"reduced_motion": "reduce", **options})


def more(page):
    """Opens what is folded in."""
    page.get_by_text("More settings").click()


def drawn(page):
    """Waits until the device has spoken: its elements are there a moment before."""
    page.wait_for_function("document.querySelector('.device-say')?.textContent")


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


def test_a_box_becomes_a_device_with_its_settings_and_an_id_of_its_own():
    box = BOX.replace("NAME", "choose").replace("SETTINGS", "d=2&round=3")
    soup = marked(box + box, "chapters/one/two")
    first, second = soup.select("[data-device=choose]")
    assert (first["id"], second["id"]) == ("choose", "choose-2")
    assert first["class"] == ["admonition", "device", "choose"]
    assert first.select_one("p.admonition-title").get_text() == "A device"
    assert first.find("p", string="What one does.").find_next_sibling()["class"] == ["device-stage"]
    (script,) = soup.select("script[type=module]")
    assert script["src"] == "../../_static/mount.js"
    assert script.find_previous_sibling() == second


def test_a_device_takes_its_settings_from_the_comment_and_the_place_of_the_figure_above():
    box = BOX.replace("NAME", "choose replaces").replace("SETTINGS", "d=2&round=3")
    soup = marked('<div class="cell"><img src="a.png"></div>' + box)
    assert soup.select_one("[data-device]")["data-settings"] == "d=2&round=3"
    assert "round=3" not in str(soup.select_one("[data-device]").contents)
    assert {"cell", "device-figure"} <= set(soup.select_one(".cell")["class"])


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("On the book’s page this box is something to play with: click where to train next. Or wait.", "Click where to train next. Or wait."),
        ("On the book's page you can play with this figure. Each night is a run: a long one.", "Each night is a run: a long one."),
        ("On the book's page you can play with this figure.", None),
        ("On the book's page of contents", "On the book's page of contents"),
        ("On this page: a box.", "On this page: a box."),
    ],
)  # fmt: skip
def test_a_page_does_not_say_where_the_page_is(told, left):
    soup = marked(BOX.replace("NAME", "choose").replace("What one does.", told))
    (title, *texts) = [p.get_text() for p in soup.select_one(".device-stage").find_previous_siblings("p")][::-1]
    assert title == "A device"
    assert texts == ([left] if left else [])


def test_what_is_left_out_ends_at_a_formula_too():
    told = [
        nodes.Text("On the book's page you can play with this figure: "),
        nodes.math("", "x"),
        nodes.Text(" moves."),
    ]
    paragraph = nodes.paragraph("", "", *told)
    assert devices._is_for_pages(paragraph, ("On the book's page",))
    assert paragraph.astext() == "x moves."


def test_a_box_of_another_language_asks_and_excuses_itself_in_it(monkeypatch):
    korean = {
        "Question.": "질문.",
        "This interactive figure needs JavaScript.": "자바스크립트가 필요하다.",
        "On the book's page": "책의 웹페이지에서는",
    }
    monkeypatch.setattr(catalogs, "gettext", lambda language: lambda text: korean[text] if language == "ko" else text)
    box = BOX.replace("NAME", "choose")
    told = box.replace("What one does.", "책의 웹페이지에서는 이 상자를 가지고 놀 수 있다. 클릭한다.")
    assert marked(told, language="ko").find("p", string="클릭한다.")
    for language, asks in (("ko", "질문."), ("ko", "Question."), ("en", "Question.")):
        stage = marked(box.replace("Question.", asks), language=language).select_one(".device-stage")
        assert stage.get_text().strip() == ("자바스크립트가 필요하다." if language == "ko" else "This interactive figure needs JavaScript.")  # fmt: skip
        assert stage.find_next_sibling("p").get_text().startswith(asks)
    with pytest.raises(ValueError, match="must ask a question"):
        marked(box.replace("Question.", "질문."))


def test_a_page_without_a_device_loads_nothing_for_one():
    assert not marked('<div class="admonition note"><p>A note.</p></div>').select("script, link")


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (BOX.replace("NAME", "chose"), r"page: .* 'device chose' must name one of \['anywin'"),
        (BOX.replace("NAME", "choose").replace("Question.", "Well."), "the device choose must ask a question"),
        (BOX.replace("NAME", "choose replaces"), "choose replaces the figure above it, and there is none"),
    ],
)
def test_a_box_that_is_no_device_is_refused(box, message):
    with pytest.raises(ValueError, match=message):
        marked(box)


def test_the_tables_are_those_of_the_lab():
    text = devices.tables()
    table = problems.svm_digits().values(seed=0)
    assert f'"values":[[{100 * table[0, 0]:.4g},' in text
    assert len(text) < 20_000


def test_all_devices_with_their_data_and_their_style_weigh_less_than_165_kB(folder):
    served = [folder / "_static" / path.relative_to(devices.STATIC) for path in devices.STATIC.rglob("*.js")]
    assert all(
        path.stat().st_size < 0.8 * (devices.STATIC / "devices" / path.name).stat().st_size
        for path in served
        if path.parent.name == "devices"
    )
    assert sum((folder / "_static" / name).stat().st_size for name in ("devices-from-disk.js", "device.css")) < 165_000


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
    eventually(lambda: page.evaluate("seen.at(-1)?.[0]"), 10)
    first, last = page.evaluate("seen")
    assert first == [pytest.approx(5, abs=0.05), pytest.approx(10, rel=0.05), True]
    assert last == [10, pytest.approx(100), False]
    assert not page.complaints


OUTLINE = "plot => [document.activeElement === plot, getComputedStyle(plot).outlineStyle, getComputedStyle(plot).outlineWidth]"


def test_a_plot_has_a_frame_for_the_keyboard_and_none_for_the_mouse(opened):
    page = opened("choose.html")
    plot = page.locator("#choose svg")
    outline = lambda: plot.evaluate(OUTLINE)  # noqa: E731
    plot.click()
    eventually(outline, lambda found: found[:2] == [True, "none"])
    page.get_by_role("button", name="Replay this round").click()  # it gives the plot the focus
    eventually(outline, lambda found: found[:2] == [True, "none"])
    plot.press("ArrowRight")
    eventually(outline, [True, "solid", "3px"])
    page.reload()
    page.get_by_role("button", name="Next round").focus()
    page.keyboard.press("Shift+Tab")
    eventually(outline, [True, "solid", "3px"])


def test_two_devices_on_a_page_share_the_address(opened):
    page = opened("two.html")
    first, second = page.locator("#choose"), page.locator("#choose-2")
    second.get_by_label("show expected improvement").check()
    first.locator("svg").press("Enter")
    said = addressed(page, "#choose-2:ei=1;choose:tried=…")
    assert re.fullmatch(r"#choose-2:ei=1;choose:tried=\d+", said)
    second.get_by_label("show the model's belief").uncheck()
    addressed(page, "#choose-2:belief=0&ei=1;…")
    page.reload()
    says(first.locator(".device-say"), "…Night 2…")
    eventually(lambda: not second.get_by_label("show the model's belief").is_checked())
    eventually(second.get_by_label("show expected improvement").is_checked)
    browsing.follow(page, "choose-2:d=2&tried=1-2")
    says(second.locator(".device-say"), "Night 3 of 10…")
    eventually(second.get_by_label("show the model's belief").is_checked)  # what the link does not say is the lesson's
    assert not page.complaints


def test_a_browser_that_takes_few_addresses_gets_the_last_one(opened):
    page = opened("explosion.html")
    drawn(page)
    page.clock.install()
    page.evaluate("""() => {
        const replace = history.replaceState.bind(history);
        let n = 0;
        history.replaceState = (...more) => { if (n++ > 99) throw new DOMException("too often", "SecurityError"); replace(...more); };
        const bar = document.querySelector("input[type=range]");
        for (let i = 0; i < 120; i++) { bar.value = i < 119 ? 2 + i % 5 : 9; bar.dispatchEvent(new Event("input")); }
    }""")
    page.wait_for_function("location.hash === '#explosion:k=9'")
    page.evaluate("""() => {
        const bar = document.querySelector("input[type=range]");
        for (bar.value = bar.min; Number(bar.value) < Number(bar.max); bar.value = Number(bar.value) + 1) bar.dispatchEvent(new Event("input"));
        location.hash = "explosion:k=4";  // a link that is followed before the last one is written
    }""")
    says(page.locator(".device-value").first, "4")
    page.clock.run_for(5000)  # the pause after which one would be written
    assert page.evaluate("location.hash") == "#explosion:k=4"
    says(page.locator(".device-value").first, "4")
    assert not page.complaints


def test_a_page_that_is_opened_from_a_folder_has_all_its_devices(browser, folder):
    context = browsing.new_context(browser)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "all.html").as_uri() + "#choose:d=2&belief=1")
    page.locator("#choose svg").press("Enter")
    says(page.locator("#choose .device-say"), "Night 2 of 10…")
    for name in NAMES:
        page.locator(f"#{name}").scroll_into_view_if_needed()
        page.locator(f"#{name} .device-plot :is(path, circle, rect)").first.wait_for(state="attached")
        stage = page.locator(f"#{name} .device-stage")
        eventually(stage.locator(".device-say").inner_text)
        assert not re.search("NaN|undefined|Infinity", stage.inner_html()), name
    for name in ("halving", "think"):
        stage = page.locator(f"#{name} .device-stage")
        before = stage.locator(".device-say").inner_text()
        stage.get_by_role("button", name="Step").click()
        eventually(stage.locator(".device-say").inner_text, lambda text, before=before: text != before)
    assert not errors
    context.close()


def test_the_bundle_holds_every_device_whatever_the_form_of_its_exports(tmp_path, opened):
    shutil.copytree(devices.STATIC, tmp_path / "_static")
    static = tmp_path / "_static"
    (static / "tables.js").write_text("export const ONE = 1;\n", encoding="utf-8")
    (static / "lab.js").write_text(
        "export const A = 3, B = [1, 2], later = x => x * 2;\nexport * from './rungs.js';\n", encoding="utf-8"
    )
    (static / "rungs.js").write_text("export default class {}\nexport { A as C } from './lab.js';\n", encoding="utf-8")
    for name in NAMES:
        (static / f"devices/{name}.js").write_text("export const start = {};\n", encoding="utf-8")
    device = 'import { A, B, later, C } from "../lab.js";\nexport const start = { name: "choose", A, b: B[1], C, d: later(4) };\n'
    (static / "devices/choose.js").write_text(device, encoding="utf-8")
    (static / "device.js").write_text("export function mountAll(load) { window.loaded = load; }\n", encoding="utf-8")
    devices.bundle(static)
    found = opened("explosion.html").evaluate(
        "script => { eval(script); return loaded('choose').start; }",
        (static / "devices-from-disk.js").read_text("utf-8"),
    )
    assert found == {"name": "choose", "A": 3, "b": 2, "C": 3, "d": 8}
    (static / "lab.js").write_text("export const B = 1;\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r'No matching export in "lab\.js" for import "A"'):
        devices.bundle(static)


@pytest.mark.parametrize("name", sorted({*NAMES} - {"choose"}))
def test_a_device_is_a_labelled_group_with_one_voice_and_its_plots_say_what_they_show(opened, name):
    page = opened("all.html")
    page.locator(f"#{name}").scroll_into_view_if_needed()
    page.locator(f"#{name} .device-say:not(:empty)").wait_for()
    group = page.locator(f"#{name}").get_by_role("group", name="A device")
    assert group.locator("[aria-live], [role=status], [role=alert], [role=log], output").count() == 1
    names = group.locator("svg").evaluate_all(
        "plots => plots.filter(plot => plot.getClientRects().length).map(plot => plot.getAttribute('aria-label'))"
    )
    assert names
    assert all(re.search(r"\d", said) for said in names)  # a name that has no number tells nothing of now
    assert not re.search("NaN|undefined", " ".join(names))


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_the_plot_and_what_drives_it_are_on_one_screen(opened, name):
    page = opened("all.html", width=390)
    page.locator(f"#{name}").scroll_into_view_if_needed()
    page.locator(f"#{name} .device-say:not(:empty)").wait_for()
    ends = page.locator(f"#{name}").evaluate("""box => ["svg", ".device-main, input, select"].map(kind => box.querySelector(kind))
        .map(part => part.getBoundingClientRect()).flatMap(({ top, bottom }) => [top, bottom])""")
    assert max(ends) - min(ends) < 700, ends


def test_without_javascript_and_on_paper_the_box_says_what_it_says(opened):
    page = opened("choose.html", java_script_enabled=False)
    eventually(page.get_by_text("This interactive figure needs JavaScript.").is_visible)
    eventually(page.get_by_text("What one does.").is_visible)
    page = opened("figure.html#choose:d=2&tried=1&belief=1")
    page.locator("#choose rect").first.wait_for()
    shown = "getComputedStyle(document.querySelector('.cell img')).display !== 'none'"
    eventually(lambda: not page.evaluate(shown))
    page.emulate_media(media="print")
    eventually(lambda: page.evaluate(shown))
    eventually(page.locator(".device-stage").is_hidden)
    page.emulate_media(media="screen")
    page.locator("#choose rect").first.wait_for()
    assert not page.complaints  # nothing is drawn where there is no room


def test_the_example_of_contributing_is_a_device(browser, folder, tmp_path, root):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listing = text[text.index("    import { button, check") : text.index("- `device.set({...})`")]
    module = "\n".join(line.removeprefix("    ") for line in listing.splitlines())
    (tmp_path / "_static/devices/choose.js").write_text(module, encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("choose.html")
        page.locator("svg").click()
        page.get_by_label("lengthscale").press("ArrowRight")
        says(page.locator(".device-say"), "1 points")
        addressed(page, "#choose:lengthscale=0.25&tried=0.…")
        assert not page.complaints


# ---- Another language

STATES = """
anywin:five=1|anywin:own=Climb&five=1&seed=1&old=1|anywin:trials=1&problems=1&seen=1|anywin:seed=1
choose:d=1&round=5&belief=1&ei=1|choose:d=2&round=5&tried=3-7|choose:d=2&round=3&tried=1-2-3-4-5-6-7-8-9-10|condition:second=1|curse:draws=20&spread=1
curse:n=1&spread=0.5&draws=2|explosion:k=3&d=1&minutes=0.5&machines=2|explosion:d=12&machines=1000|explosion:d=6&minutes=60|explosion:k=2&d=2&minutes=20
leads:n=120|leads:n=12&runs=stop27|leads:n=1&runs=network2|leads:n=40&single=1|leads:n=1&runs=stop21|leads:n=2&runs=stop21
halving:hour=20&workers=1|halving:hour=999&workers=8|halving:hour=999&way=asha|halving:table=trees&hour=999|projections:cells=1|think:view=evidence|think:view=ei&acquisition=lcb
trainon:band=1&at=9|trainon:game=18&at=27|trainon:at=27|trainon:game=18&stops=27-4-3-27-3&at=27
think:view=both&line=4|think:view=both&line=1&who=tpe|think:view=both&line=2&who=tpe&spoilt=1|think:line=0|think:line=1|think:line=1&learn=1|think:line=2|think:line=3|think:line=5
""".replace("\n", "|")
READ = """async states => {
    const soon = () => new Promise(done => setTimeout(done, 0)), found = new Set();
    const read = async () => {
        await soon();
        for (const node of document.querySelectorAll("section *, .device-stage *")) {
            if (node.closest("code, script")) continue;
            for (const text of [...node.childNodes].filter(child => child.nodeType === 3).map(child => child.data)) found.add(text);
            for (const name of ["aria-label", "aria-valuetext", "title"]) if (node.hasAttribute(name)) found.add(node.getAttribute(name));
        }
    };
    for (const state of states) { location.hash = state; await soon(); await read(); }
    for (let turn = 0; turn < 16; turn++) {  // played, not seen
        for (const plot of document.querySelectorAll("svg[role=application]")) {
            plot.dispatchEvent(new KeyboardEvent("keydown", { key: turn % 2 ? "Enter" : "ArrowRight" }));
        }
        await read();
    }
    for (const details of document.querySelectorAll("section details")) { details.open = true; await new Promise(requestAnimationFrame); await read(); }
    for (const button of document.querySelectorAll("button:not(.quiz-again)")) { button.click(); await read(); }
    return [...found];
}"""
QUIZ = """<section id="quiz"><p>1. ?</p>OPTIONS</section>"""
OPTION = '<details class="sd-dropdown"><summary><span class="sd-summary-text">-</span></summary><div class="sd-summary-content">VERDICT</div></details>'


def test_the_scripts_of_a_site_say_nothing_in_another_language(browser, tmp_path, monkeypatch):
    masked = lambda text: re.sub("[A-Za-z]", "가", text)  # noqa: E731
    monkeypatch.setattr(catalogs, "gettext", lambda language: masked)
    shutil.copytree(devices.STATIC, tmp_path / "_static")
    javascript.write(tmp_path / "_static", "ko")
    (tmp_path / "_static/tables.js").write_text(devices.tables("ko"), encoding="utf-8")
    box = "".join(BOX.replace("NAME", name).replace("SETTINGS", "") for name in NAMES).replace("Question.", masked("Question."))  # fmt: skip
    options = "".join(OPTION.replace("VERDICT", masked(verdict)) for verdict in ("No. -", "Right. -"))
    figure = '<div class="cell"><img alt="" src="data:,"></div>'
    text = marked(figure + box, language="ko").decode_contents() + QUIZ.replace("OPTIONS", options)
    (tmp_path / "page.html").write_text(PAGE.replace('lang="en"', 'lang="ko"').replace("BOXES", text), encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("page.html", reduced_motion="reduce")
        for name in NAMES:
            page.locator(f"#{name}").scroll_into_view_if_needed()
            page.wait_for_function("name => document.querySelector(`#${name} .device-say:not(:empty)`)", arg=name)
        said = page.evaluate(READ, STATES.strip("|").split("|"))
        eventually(page.locator(".quiz-verdict").all_inner_texts, [masked("✗ not this one"), masked("✓ right")])
        assert not page.complaints
    own = re.compile(r"[A-Za-z]{2,}")
    known = {"km", "rbf", "Mat", "rn", "TPE", "EI", "PI", "LCB", "Climb", "ASHA", "Sobol", "gamma", "max", "depth", "estimators"}  # fmt: skip
    assert {
        word for text in said for word in own.findall(re.sub(r"http\S+", "", text))
    } <= known  # an address is copied
    assert len(said) > 400


# ---- How soon a page can be used

BUSY = """<script>new PerformanceObserver((seen, observer) => {
    observer.disconnect();
    setTimeout(() => { const began = Date.now(); while (Date.now() - began < 600); });
}).observe({ type: "paint", buffered: true });</script></body>"""


def test_a_page_is_usable_when_its_last_long_task_has_ended(browser, folder, site):
    (folder / "busy.html").write_text(page_of(("projections", "")).replace("</body>", BUSY), encoding="utf-8")
    far = page_of(("projections", "")).replace("<h1>", '<div style="height: 4000px"></div><h1>')
    (folder / "far.html").write_text(far, encoding="utf-8")
    weight, seen, usable, busy, device = speed.measure(browser, site, "busy.html")
    files = (
        "device.js",
        "lab.js",
        "devices/projections.js",
        "mount.js",
        "palette.css",
        "type.css",
        "frame.css",
        "book.css",
        "device.css",
        "book.js",
    )
    assert 1000 * weight == sum((folder / "_static" / file).stat().st_size for file in files) + (folder / "busy.html").stat().st_size  # fmt: skip
    assert seen > 0
    assert usable > seen + 0.5
    assert busy > 0
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
        grids: [3, 8].map(side => [WAYS["grid (ends)"](side), WAYS["grid (centered)"](side)]), sobol: WAYS.Sobol(8, 5),
        lowest: [points, best, error(best, problem)], holes: empty(points, 5),
        empties: [2, 3, 4, 5, 6, 7, 8].map(side => [...Array(40).keys()].map(draw => empty(WAYS.Sobol(side, draw), side).length)),
        means: [[3, 9, 0.02], [3, 9, 0.05], [3, 9, 0.1], [3, 9, 0.15], [8, 64, 0.03], [8, 64, 0.05], [8, 64, 0.2], [8, 64, 0.3], [8, 32, 0.03], [8, 64, 1]]
            .map(([side, count, wy]) => [side, count, wy, means(side, count, 1, wy)]),
    };
}"""


def test_the_squares_hold_the_trials_of_the_lab_and_the_lessons_read_them_rightly(opened):
    found = opened("projections.html").evaluate(SQUARES)
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
    best = lambda: [float(state_of(page, "projections").get(key, 2)) for key in ("bx", "by")]  # noqa: E731
    for number, (u, v) in ((2, (0.9, 0.4)), (0, (0.02, 0.02))):
        ground = browsing.frame_of(squares.locator(".device-frame").nth(number))
        tap(ground["x"] + u * ground["width"], ground["y"] + (1 - v) * ground["height"])
        eventually(best, pytest.approx([u, v], abs=0.02))
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
    says(say, "32 of 64 trials, weights x : y = 1 : 0.03.…")
    rows = lambda: [row.split("\t") for row in table.inner_text().split("\n") if "\t" in row]  # noqa: E731
    assert rows()[0] == ["", "values of x, y", "empty cells", "error here", "mean error"]
    assert [row[:3] for row in rows()[1:]] == [["grid (ends)", "4, 8", "32"], ["grid (centered)", "4, 8", "32"],
                                               ["random", "32, 32", rows()[3][2]], ["Sobol", "32, 32", "32"]]  # fmt: skip
    eventually(squares.locator(".device-empty").count, 96 + int(rows()[3][2]))
    eventually(squares.locator("circle.device-Sobol").count, 3 * 32 + 1)
    page.get_by_label("run so far").press("End")
    page.get_by_label("weight of y").press("End")
    says(say, "64 of 64 trials, weights x : y = 1 : 1. Mean error in thousandths: grid (centered) 2.61,…")
    page.get_by_label("weight of x").press("Home")
    page.get_by_label("shade the empty cells").press("Space")
    eventually(lambda: [row[1] for row in rows()[1:]], ["8, 8", "8, 8", "64, 64", "64, 64"])
    eventually(squares.locator(".device-empty").count, 0)
    again, first = page.get_by_role("button", name="Draw again"), squares.locator(".device-random").first
    before = first.get_attribute("cx")
    if play == "keyboard":
        squares.press("Shift+ArrowLeft")
        squares.press("ArrowDown")
        addressed(page, "…bx=0.09&by=0.98…")
        squares.press("Enter")
    else:
        aimed(page, squares, page.mouse.click if play == "mouse" else page.touchscreen.tap)
        eventually(lambda: float(rows()[1][-2]) < 0.5)  # a grid that ends in the corner is lucky there
        again.click() if play == "mouse" else again.tap()
    eventually(lambda: first.get_attribute("cx") != before)
    ended, shown = say.inner_text(), rows()
    least, name = re.search(r"best point at .*, the lowest error is (.+): (.+)\.$", ended).groups()
    here = {row[0]: row[-2] for row in shown[1:]}
    assert here[name] == least == min(here.values(), key=float)
    assert re.search(r"at \(0\.09, 0\.98\)" if play == "keyboard" else r"at \(0\.0[0-4]\d*, 0\.0[0-4]\d*\)", ended)
    browsing.fits(page)
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=ended)
    assert rows() == shown
    assert not page.complaints


# ---- You choose the next trial


def test_a_round_is_a_fair_game(opened):
    """Problems stay in their frames, searches never train twice, and the peak of expected improvement does what the front page says."""
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
            const p = hidden(1, round), mine = [p.first], ends = rivals(p, 7);
            while (mine.length < 7) mine.push(highest(belief(p, mine).ei));
            hill.push(...ends.map(end => [end.name, Math.sign(end.found - found(p, mine)), end.found === found(p, end.tried) && end.found >= p.best, round % 3 > 0]));
        }
        return { frames, searches, hill };
    }""")
    assert all(found["frames"])
    assert all(len(set(tried)) == 12 for tried in found["searches"])
    assert all(true for _, _, true, _ in found["hill"])
    ahead = {made: np.mean([sign > 0 for name, sign, _, kind in found["hill"] if (name, kind) == ("random search", made)]) for made in (True, False)}  # fmt: skip
    assert 0.75 < ahead[True] < 0.87, "the front page says four rounds of five on the made-up functions"
    assert ahead[False] < 0.2, "and rarely on the tables"
    level = [sign for name, sign, _, made in found["hill"] if made and name == "Bayesian optimization"]
    assert abs(np.mean(level)) < 0.4


def test_belief_and_expected_improvement_are_those_of_the_lab(opened):
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
    ei = expected_improvement(mean, std, z.min())
    ei[tried] = 0
    for mine, other in zip((js["mean"], js["std"], js["ei"]), (centre + spread * mean, spread * std, ei), strict=True):  # fmt: skip
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6)


def by_mouse(page, plot, n):
    frame = browsing.frame_of(plot)
    for k in range(n):
        place = frame["x"] + frame["width"] * (0.15 + 0.8 * k / n), frame["y"] + frame["height"] * (0.3 + 0.4 * (k % 2))
        page.mouse.move(*place)
        page.mouse.click(*place)
        eventually(page.locator(".choose-spent").count, k + 2)


def by_touch(page, plot, n):
    frame = browsing.frame_of(plot)
    for k in range(n):
        page.touchscreen.tap(frame["x"] + frame["width"] * (0.2 + 0.7 * k / n), frame["y"] + frame["height"] * (0.3 + 0.4 * (k % 3) / 2))  # fmt: skip
        eventually(page.locator(".choose-spent").count, k + 2)


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
        (by_keyboard, 10, "d=2&ei=1", {"width": 360, "reduced_motion": "reduce"}),
        (by_keyboard, 7, "d=1&round=3&ei=1", {"width": 1280, "scheme": "dark"}),
    ],
    ids=["mouse", "touch", "keyboard", "keyboard-dark"],
)
def test_you_choose_is_played_to_its_end_and_its_address_tells_it_again(opened, play, nights, address, options):
    page = opened(f"choose.html#choose:{address}", **options)
    plot, say, table = page.locator("#choose svg"), page.locator(".device-say"), page.locator(".device-table")
    drawn(page)
    says(say, f"Night 1 of {nights}…")
    says(page.locator(".choose-nights"), f"{nights - 1} nights left")
    page.wait_for_function(
        "!document.querySelector('.device-table').textContent.includes('…')"
    )  # the strategies have searched
    read = lambda: [row.split("\t") for row in table.inner_text().split("\n") if "\t" in row]  # noqa: E731
    begun = read()
    assert begun[0] == ["", "best so far"]
    play(page, plot, nights - 1)
    eventually(say.inner_text, re.compile("You |All three ").match)
    says(page.locator(".choose-nights"), "no nights left")
    rows = read()
    assert [row[0] for row in rows[1:]] == ["you", "random search", "TPE", "Bayesian optimization"]
    assert "1 round" in rows[0][-1]
    mine, *theirs = (float(row[1].split()[0].rstrip("%")) for row in rows[1:])
    assert all(
        end <= float(before[1].split()[0].rstrip("%")) for end, before in zip([mine, *theirs], begun[1:], strict=True)
    )
    for row, other in zip(rows[2:], theirs, strict=True):
        assert mine == other or row[-1].startswith("1/") == (mine < other)
    eventually(plot.locator(".choose-rival").count, 3)
    for name in ("you", "random search", "TPE", "Bayesian optimization"):
        eventually(plot.locator(".device-word").get_by_text(name, exact=True).count, 1)
    tried = page.evaluate("new URLSearchParams(location.hash.split(':')[1]).get('tried').split('-').length")
    assert tried == nights - 1
    ended = say.inner_text()
    browsing.fits(page)
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=ended)
    eventually(lambda: read()[0], ["", "best found"])  # seen, not played
    page.get_by_role("button", name="Next round").click()
    says(say, f"Night 1 of {nights}…")
    assert addressed(page, "…round=…").count("round=") == 1
    assert "round=0" not in page.evaluate("location.hash")  # a link leads to this round, not to any new one
    assert not page.complaints


VERDICT = """async ([round, places]) => {
    const { hidden, rivals } = await import("/_static/rounds.js"), p = hidden(1, round), ends = rivals(p, 7);
    const order = p.values.map((_, i) => i).sort((a, b) => p.values[a] - p.values[b]);  // the best place first
    return { order, values: p.values, first: p.first, ends: ends.map(({ name, found, tried }) => [name, found, tried]) };
}"""


def test_the_sentence_at_the_end_says_who_has_beaten_whom_and_by_how_much(opened):
    page = opened("choose.html")
    seen = set()
    for number in (5, 7, 8):
        p = page.evaluate(VERDICT, [number, []])
        ends = sorted(p["ends"], key=lambda end: end[1])
        for best in (0, *(len([v for v in p["values"] if v < end[1]]) + shift for end in ends for shift in (0, 1)), 90):
            bad = [i for i in p["order"][::-1] if i != p["first"]][:5]
            browsing.follow(page, f"choose:round={number}&tried={'-'.join(map(str, [p['order'][best], *bad]))}")
            says(page.locator(".choose-nights"), "no nights left")
            mine = min(p["values"][i] for i in (p["first"], p["order"][best]))
            said = page.locator(".device-say").inner_text().split(" Your best")[0]
            gap = lambda end: f"{float(f'{abs(end[1] - mine):.3g}'):g} points"  # noqa: B023, E731
            beaten, level = (
                [end for end in ends if sign(end[1] - mine)] for sign in (lambda d: d > 0, lambda d: d == 0)
            )
            if len(beaten) == 3:
                told = f"You beat {beaten[0][0]} by {gap(beaten[0])}, and the other two by at least as much."
            elif not beaten and not level:
                told = f"All three beat you, the best of them by {gap(ends[0])}."
            elif ends[0] in level:
                told = f"You drew level with {level[0][0]}" + (
                    f" and beat {beaten[0][0]} by {gap(beaten[0])}." if beaten else "."
                )
            elif beaten:
                told = f"You beat {beaten[0][0]} by {gap(beaten[0])}, and {ends[0][0]} beat you by {gap(ends[0])}."
            else:
                told = f"You drew level with {level[0][0]}, and {ends[0][0]} beat you by {gap(ends[0])}."
            assert said == told
            seen.add(" ".join(told.split()[:3]))
    assert len(seen) >= 4


def test_the_truth_draws_itself_in_once_and_not_where_motion_is_reduced(opened):
    for reduced in ("no-preference", "reduce"):
        page = opened("choose.html#choose:tried=1-2-3-4-90", reduced_motion=reduced)
        plot, moves = page.locator("#choose svg"), reduced == "no-preference"
        drawn(page)
        page.evaluate("window.begun = []; addEventListener('animationstart', event => begun.push(event.animationName))")
        plot.press("Enter")
        truth, style = plot.locator(".device-truth"), "e => getComputedStyle(e).animation"
        assert ("0.6s" in truth.evaluate(style)) == moves
        browsing.settle(page)
        eventually(lambda: page.evaluate("begun.includes('choose-draws')"), moves)  # noqa: B023
        page.get_by_label("show the model's belief").check()
        eventually(lambda: "0.6s" in truth.evaluate(style), False)  # noqa: B023  # it is there now
        assert not page.complaints


def test_a_round_can_be_copied_and_its_address_opens_it_unplayed(opened, browser, folder):
    page = opened("choose.html#choose:round=12&d=2&tried=1-2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    drawn(page)
    page.get_by_role("button", name="Copy this round").click()
    page.get_by_role("button", name="Copied").wait_for()
    says(page.locator(".device-say"), "Copied: this address opens the same round.")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.endswith("choose.html#choose:d=2&round=12")
    page.get_by_role("button", name="Copy this round").wait_for()
    addressed(page, "#choose:round=12&d=2&tried=1-2")  # nothing is lost
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    page.get_by_role("button", name="Copy this round").click()
    page.wait_for_function("text => document.querySelector('.device-say').textContent.endsWith(text)", arg=address)
    assert not page.complaints


def test_no_place_is_trained_twice_and_no_night_is_left_after_the_last(opened):
    page = opened("choose.html#choose:tried=50-1-1-x-999-2-60&d=7")
    plot, say = page.locator("#choose svg"), page.locator(".device-say")
    drawn(page)
    says(say, "Night 5 of 7…")
    plot.press("Enter")
    plot.press("Enter")
    says(say, "…already tried…")
    plot.press("ArrowRight")
    says(say, "…learning rate…")
    plot.press("Enter")
    says(say, "…Your best…")
    ended = page.locator("#choose").inner_text()
    for key in ("ArrowRight", "Shift+ArrowLeft", "Enter", " "):
        plot.press(key)
    plot.click(position={"x": 90, "y": 90})
    says(say, "…Your best…")
    says(say, "…You have used all your nights. Start the next round.")
    page.get_by_label("show the model's belief").check()
    addressed(page, "…belief=1…")
    says(page.locator("#choose"), ended)  # a stray click has deleted nothing
    ends = []
    for places in ("9-25-41-57-95", "1-2-3-4-5"):  # well, then badly
        browsing.follow(page, f"choose:tried={places}")
        says(say, "Night 6…")
        plot.press("Shift+ArrowRight")
        plot.press("Enter")
        says(page.locator(".choose-nights"), "no nights left")
        ends.append([row.split("\t") for row in page.locator(".device-table").inner_text().split("\n") if "\t" in row])
    assert ends[0][1][1] != ends[1][1][1]
    assert [row[-1] for row in ends[0][2:]] == [row[-1] for row in ends[1][2:]]  # the first time counts
    page.get_by_role("button", name="Replay this round").click()
    says(say, "Night 1 of 7…")
    for _ in range(9):
        plot.press("Shift+ArrowLeft")
    cursor = lambda: plot.locator(".device-cursor").evaluate("line => new DOMMatrix(line.style.transform).e")  # noqa: E731
    begin = cursor()
    plot.press("ArrowRight")
    one = eventually(cursor, lambda now: now > begin) - begin
    plot.press("Shift+ArrowRight")
    eventually(lambda: cursor() - begin, pytest.approx(11 * one, abs=0.6))
    page.get_by_label("Hyperparameters").select_option("two")
    says(say, "Night 1 of 10…")


def test_a_new_round_keeps_its_number_through_its_end_a_reload_and_a_replay(opened):
    page = opened("figure.html")  # it begins with one of many rounds
    plot, say = page.locator("#choose svg"), page.locator(".device-say")
    drawn(page)

    def play():
        for _ in range(40):
            plot.press("ArrowLeft")  # a round may begin anywhere
        for night in range(2, 8):
            before = say.inner_text()
            plot.press("Shift+ArrowRight" if night == 7 else "ArrowRight")
            if "already tried" in eventually(say.inner_text, lambda text: text != before):  # noqa: B023
                plot.press("ArrowRight")  # the first night may have been anywhere, too
            plot.press("Enter")
            says(say, f"Night {night} of 7…" if night < 7 else "…The problem was a made-up function.")  # no table yet

    play()
    ended, address = say.inner_text(), page.evaluate("location.hash")
    plot.press("Enter")
    says(say, f"{ended} You have used all your nights. Start the next round.")
    assert page.evaluate("location.hash") == address
    page.reload()
    says(say, ended)
    page.get_by_role("button", name="Replay this round").click()
    begun = addressed(page, re.sub("&tried=.*", "", address))
    assert re.fullmatch(r"#choose:round=[1-9]\d*", begun)
    page.reload()
    says(say, "Night 1 of 7…")
    play()
    assert (say.inner_text(), page.evaluate("location.hash")) == (ended, address)
    assert not page.complaints


# ---- Hold one value, and the others follow


def finger(page):
    """Drags a finger along points of the window."""
    session = page.context.new_cdp_session(page)

    def drag(*points):
        for kind, point in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [dict(zip("xy", point, strict=True))]})  # fmt: skip
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    return drag


def pointer(page):
    """Drags the mouse along points of the window."""

    def drag(first, *others):
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point)
        page.mouse.up()

    return drag


def middle(locator):
    locator.scroll_into_view_if_needed()
    frame = locator.bounding_box()
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


def state_of(page, name):
    """What the address says of a device."""
    text = page.evaluate("decodeURIComponent(location.hash)").removeprefix(f"#{name}:")
    return dict(pair.split("=") for pair in text.split("&") if pair)


def told(state):
    """What "Hold one value" must say of its state, by the lab's Gaussian process."""
    s = {"xa": 4, "a": 6, "xb": 5.2, "second": 0, "xc": 5, "c": 0, "kernel": "rbf", "lengthscale": 1} | state
    x = {key: float(s[f"x{key}"]) for key in "abc"}

    def at_b(**held):
        gp = GaussianProcess(s["kernel"], float(s["lengthscale"]), 25.0, 1e-6, optimize=False)
        mean, std = gp.fit(np.array([[x[key]] for key in held]).reshape(-1, 1), np.array(list(held.values()))).predict(np.array([[x["b"]]]))  # fmt: skip
        return mean[0], std[0]

    others = {"c": float(s["c"])} if int(s["second"]) else {}
    (mean, std), a = at_b(a=float(s["a"]), **others), float(s["a"])
    before, spread = at_b(**others) if others else (0, 5)
    return [100 * (at_b(a=a + 1, **others)[0] - mean), 24 - mean, std, 24 - before, spread]


def dragged(page, drag):
    """A up and aside, B near to it; then C with the mouse or the finger as well, and A along the ellipse."""
    square, road = page.locator("#condition svg").nth(0), page.locator("#condition svg").nth(1)
    grips = road.locator(".device-grip")
    scrolls = "plots => plots.map(svg => svg.style.touchAction)"
    assert page.locator("#condition svg").evaluate_all(scrolls) == ["pan-y", "pan-y"]  # between the grips
    for number, (right, up) in [(0, (-30, 30)), (1, (-20, 60))]:
        x, y = middle(grips.nth(number))
        drag((x + 6, y - 4), (x + 4, y - up / 2), (x + 6 + right, y - up))  # upwards first, as one scrolls
        moved = (x + 6 + right, y - up)[: 2 - number]  # the value of B follows, and is not dragged
        eventually(lambda: middle(grips.nth(number))[: 2 - number], pytest.approx(moved, abs=5))  # noqa: B023
    page.get_by_label("also fix a hole C").check()
    x, y = middle(grips.nth(2))
    drag((x, y), (x + 20, y + 30))
    x, y = middle(square.locator(".device-grip"))
    drag((x, y), (x - 20, y + 5), (x - 60, y + 9))
    browsing.settle(page)
    before = page.evaluate("location.hash")
    frame, aside = square.bounding_box(), road.bounding_box()
    drag(
        (x + 90, frame["y"] + 40), (x + 95, frame["y"] + 41)
    )  # far from the line and from all holes: nothing is selected
    drag((aside["x"] + 60, aside["y"] + 60), (aside["x"] + 70, aside["y"] + 61))
    browsing.settle(page)
    assert page.evaluate("location.hash") == before
    return {"xa", "a", "xb", "second", "xc", "c"}


def pressed(page, _):
    """The same with keys."""
    square, road = page.locator("#condition svg").nth(0), page.locator("#condition svg").nth(1)
    square.press("Shift+ArrowLeft")
    page.get_by_label("also fix a hole C").press("Space")
    for keys in ("ArrowUp ArrowRight", "Enter Shift+ArrowRight", "Space ArrowDown ArrowLeft", "Enter ArrowUp"):
        for key in keys.split():
            road.press(key)
    page.get_by_label("lengthscale").press("ArrowRight")
    page.get_by_label("kernel").select_option("Matérn 3/2")
    return {"xa", "a", "xb", "second", "kernel", "lengthscale"}


@pytest.mark.parametrize(
    ("play", "drag", "options"),
    [
        (dragged, pointer, {"width": 1280}),
        (dragged, finger, {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        (pressed, pointer, {"width": 360, "reduced_motion": "reduce"}),
    ],
    ids=["mouse", "touch", "keyboard"],
)
def test_the_others_follow_the_value_that_is_held(opened, play, drag, options):
    page = opened("condition.html", **options)
    say = page.locator(".device-say")
    drawn(page)
    moved = play(page, drag(page))
    state = eventually(lambda: state_of(page, "condition"), lambda state: moved <= state.keys())
    browsing.settle(page)
    said = say.inner_text()
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", said.replace("−", "-"))]
    assert numbers[0] == pytest.approx(24 - float(state["a"]))
    assert numbers[1] == pytest.approx(abs(float(state["xb"]) - float(state["xa"])))
    np.testing.assert_allclose(numbers[2:], told(state), atol=0.51)
    np.testing.assert_allclose(numbers[3:], told(state)[1:], atol=0.051)
    seen_to_follow(page, numbers)
    browsing.fits(page)
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=said)
    assert not page.complaints


def test_what_is_far_away_stays_within_the_frame_and_is_said_as_it_is(opened):
    page = opened("condition.html#condition:lengthscale=4&second=1&xc=4.1&c=12&a=-99&kernel=toString")
    say = page.locator(".device-say")
    drawn(page)
    state = {"lengthscale": 4, "second": 1, "xc": 4.1, "c": 12, "a": -12}
    says(say, f"…: {told(state)[1]:.0f} ± …".replace("-", "−"))
    assert told(state)[1] < -200
    tops = """svgs => svgs.map(svg => Math.min(...[...svg.querySelectorAll("path")].flatMap(path => path.getAttribute("d").match(/,-?[0-9.]+/g)
        .map(pair => Number(pair.slice(1))))))"""
    assert min(page.locator("#condition svg").evaluate_all(tops)) >= 24
    assert not page.complaints


def seen_to_follow(page, numbers):
    """The ellipse has the width and the slant that the words say, and every curve runs through A and through C."""
    points = """(svg, kind) => [...svg.querySelectorAll(kind)].map(line =>
        line.getAttribute("d")?.slice(1).split("L").map(pair => pair.split(",").map(Number)) ?? [line.cx, line.cy].map(c => c.baseVal.value))"""
    square, road = page.locator("#condition svg").all()
    inner, outer = (np.array(line) for line in square.evaluate(points, ".device-line"))
    x, y = inner[:-1].T
    height, (_, follows, _, _, _, without) = float(square.get_attribute("height")) - 70, numbers[1:]
    assert np.ptp(outer[:, 1]) == pytest.approx(2 * np.ptp(y), abs=1)
    assert np.ptp(y) == pytest.approx(2 * without / 30 * height, rel=0.04)
    scales = (float(square.get_attribute("width")) - 62) / height  # pixels of a metre along x, in those along y
    assert -np.polyfit(x, y, 1)[0] * scales == pytest.approx(follows / 100, abs=0.02)
    depths = """svg => [...svg.querySelectorAll(".device-tick[text-anchor=end]")].map(tick => [tick.y.baseVal[0].value, Number(tick.textContent)])"""
    for plot in (square, road):
        metres = np.array(sorted(plot.evaluate(depths)))[:, 1]
        assert len(metres) > 2
        assert (np.diff(metres) > 0).all()  # deeper is lower, as in the figures of the lesson
    held, curves = road.evaluate(points, ".device-dot"), road.evaluate(points, ".device-curve")
    assert (len(held), len(curves)) == (2, 3)
    for curve in curves:
        for place in held:
            assert min(np.hypot(*(np.array(curve) - place).T)) < 1


# ---- Watch it think


def lesson_of(root, path):
    """The state that "Watch it think" begins with in a lesson."""
    text = (root / "chapters/04_how_it_works" / path).read_text(encoding="utf-8")
    return re.search(r":class: device think\n<!-- (.*) -->", text)[1]


SEARCH = """async ({ settings, changes, rounds }) => {
    const { start } = await import("/_static/devices/think.js"), { read } = await import("/_static/device.js");
    const { PLACES, LENGTHS, believe, choose, depth, highest, split } = await import("/_static/thinking.js");
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
}"""


def test_what_it_thinks_is_what_the_lab_thinks(opened):
    from hpt_lab import TPE, Study

    page, road = opened("think.html"), np.arange(201) / 20
    tried = "16-40-72-116-188-54-2"
    for changes in (
        {"kernel": "rbf", "noise": 0.5, "lengthscale": 1.3, "acquisition": "lcb", "kappa": 1.5},
        {"kernel": "matern32", "learn": True, "acquisition": "pi", "xi": 0.5, "gamma": 0.4, "spoilt": True},
    ):
        js = page.evaluate(SEARCH, {"settings": f"tried={tried}", "changes": changes, "rounds": 1})[0]
        s = {"learn": False, "noise": 0.2, "xi": 0, "kappa": 2, "gamma": 0.25} | changes
        places, y = np.array([i for i, _ in js["trials"]]), np.array([loss for _, loss in js["trials"]])
        x = road[places]
        truth = 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))  # fmt: skip
        truth[truth.argmax()] = 240 if "spoilt" in changes else truth.max()
        np.testing.assert_allclose(y, truth)
        centre, unit = (y.mean(), y.std()) if s["learn"] else (24, 5)

        def fitted(length, s=s, x=x, z=(y - centre) / unit, unit=unit):
            return GaussianProcess(s["kernel"], length, 1.0, (s["noise"] / unit) ** 2, optimize=False).fit(x[:, None], z)  # fmt: skip

        lengths = np.array([float(f"{value:.2g}") for value in np.geomspace(0.1, 10, 61)])
        evidence = np.array([fitted(length).log_marginal_likelihood for length in lengths]) - len(y) * np.log(unit)
        np.testing.assert_allclose(js["evidence"], evidence, rtol=1e-6, atol=1e-6)
        if s["learn"]:
            worth = evidence - (np.log(lengths / 6) / 1.5) ** 2 / 2
            assert js["lengthscale"] == lengths[worth.argmax()]
            assert worth.argmax() != evidence.argmax() or changes["kernel"] == "matern32"
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
        for name, values in (("l", l), ("g", g), ("ratio", l / g)):
            np.testing.assert_allclose(js["split"][name], values, rtol=1e-6)
        assert sorted(js["split"]["good"] + js["split"]["others"]) == list(range(len(y)))
        assert y[js["split"]["good"]].max() < y[js["split"]["others"]].min()
        fresh = [i for i in js["split"]["drawn"] if i not in places]
        assert js["tpe"] == road[max(fresh, key=lambda i: (l / g)[i])]
        assert len(js["split"]["drawn"]) == 24


def test_the_answers_of_the_lessons_are_what_playing_shows(opened, root):
    page = opened("think.html")

    def play(lesson, rounds=1, **changes):
        return page.evaluate(SEARCH, {"settings": lesson_of(root, lesson), "changes": changes, "rounds": rounds})

    peaks = {noise: play("02_the_surrogate.md", noise=noise)[0] for noise in (0.2, 3, 3.3, 3.4)}
    assert [round(found["peak"], 2) for found in peaks.values()] == [0.93, 1.4, 1.4, 10]
    assert [f"{peaks[noise]['top']:.1f}" for noise in (0.2, 3.4)] == ["-29.8", "-32.8"]

    wants = lambda **changes: play("03_acquisition.md", **changes)[0]["gp"]  # noqa: E731
    assert [wants(xi=xi) for xi in (0, 7, 7.5)] == [2.05, 2.8, 7.75]
    assert [wants(acquisition="ei", xi=xi) < 5 for xi in (6, 6.5)] == [True, False]
    assert [wants(acquisition="lcb", kappa=kappa) for kappa in (2.4, 2.5)] == [2.8, 7.75]

    def east(rounds=22, **changes):
        """The round that goes to the gap; 0 where none does."""
        went = [6 < found["gp"] < 9 for found in play("04_the_loop.md", rounds, **changes)]
        return went.index(True) + 1 if True in went else 0

    learned = play("04_the_loop.md", 15)
    assert [6 < found["gp"] < 9 for found in learned] == [False] * 11 + [True] * 4
    assert max(found["lengthscale"] for found in learned[:12]) == 2
    assert learned[14]["lengthscale"] == 0.86
    fixed = {length: east(learn=False, lengthscale=length) for length in (0.5, 1, 5)}
    assert fixed == {0.5: 8, 1: 5, 5: 0}
    assert east(xi=1) == 5

    (now,), (spoilt,) = play("05_tpe.md"), play("05_tpe.md", spoilt=True)
    assert (now["gp"], spoilt["gp"]) == (2.6, 7.05)
    assert now["tpe"] == spoilt["tpe"] == 1.95
    drilled = {gamma: [found["tpe"] for found in play("05_tpe.md", 10, who="tpe", gamma=gamma)] for gamma in (0.1, 0.25, 0.6)}  # fmt: skip
    assert max(drilled[0.25]) < 5 < 8.5 < min(drilled[0.6])
    assert min(drilled[0.1]) < 1 < 9 < max(drilled[0.1])
    wide = play("05_tpe.md", gamma=0.6)[0]
    assert [len(wide["split"]["good"]), len(now["split"]["good"])] == [5, 2]
    assert all(wide["trials"][k][0] < 8 * 20 for k in wide["split"]["others"])


LIT = """() => {
    const lines = [...document.querySelectorAll("#think .device-lines li")], lit = lines.filter(line => line.ariaCurrent);
    return [lit.map(line => [lines.indexOf(line) + 1, line.ariaCurrent]), document.querySelector("#think .device-say").innerText];
}"""


def lit(page):
    """The number of the lit line, and what is said."""
    found, said = page.evaluate(LIT)
    assert [how for _, how in found] in ([], ["step"])
    return found[0][0] if found else 0, said


def tried(page):
    return state_of(page, "think").get("tried", "198-90-111").split("-")


def spots(page):
    """Dots in the picture of the belief, and whether band, acquisition and handle are there."""
    svg = page.locator("#think svg")
    parts = (0, ".device-dot"), (0, ".device-band"), (1, ".device-acquisition"), (2, ".device-grip")
    return [svg.nth(number).locator(kind).count() for number, kind in parts]


FIRST_ROUND = [
    "From 3 trials and the prior, the model learns a lengthscale of 0.63 km.",
    "The mean is best at km 4.35, the band is widest at km 0.00.",
    "EI is highest at km 4.10.",
    "EI picks km 4.10. Best of 3 trials: 22.9 m.",
    "Trial 4, at km 4.10: 21.9 m, inside the band. The best before it: 22.9 m.",
]


def by_hand(page, press, drag):
    """Steps forward and back, a trial added and removed, the handle moved."""
    button = lambda name: press(page.get_by_role("button", name=name))  # noqa: E731
    forward = [(1, 3, 3, 0, 0, 1), (2, 3, 3, 1, 0, 1), (3, 3, 3, 1, 1, 1), (4, 3, 3, 1, 1, 1), (5, 4, 4, 1, 1, 1), (1, 4, 4, 0, 0, 1)]  # fmt: skip
    states, said = [*forward, *forward[4::-1], (5, 3, 3, 1, 1, 1), (4, 2, 2, 1, 1, 1)], []
    for name, state in zip(("Step",) * 6 + ("Back",) * 7, states, strict=True):
        button(name)
        eventually(lambda: (lit(page)[0], len(tried(page)), *spots(page)), state)
        said.append(lit(page)[1])
    assert said[:5] == FIRST_ROUND
    button("Start again")
    for length in (3, 4, 5):
        button("Next choice")
        eventually(lambda: (lit(page)[0], len(tried(page))), (4, length))
    belief, evidence = page.locator("#think svg").nth(0), page.locator("#think svg").nth(2)
    x, y = middle(belief)
    page.locator("#think svg").nth(0).click(position={"x": 200, "y": 60}) if press is click else page.touchscreen.tap(
        x, y - 40
    )
    eventually(lambda: len(tried(page)), 6)
    eventually(lambda: "deep" in lit(page)[1])
    x, y = middle(belief.locator(".device-dot").last)
    for left, word in ((6, "Click it again to remove it."), (5, "removed")):  # one stray click removes nothing
        page.mouse.click(x + 6, y + 8) if press is click else page.touchscreen.tap(x + 6, y + 8)
        eventually(lambda: lit(page)[1], browsing.like(f"…{word}…"))
        assert len(tried(page)) == left
    x, y = middle(evidence.locator(".device-grip"))
    drag((x, y), (x + 10, y + 5), (x + 40, y + 5))
    eventually(lambda: state_of(page, "think").get("learn"), "0")
    browsing.settle(page)
    moved = state_of(page, "think")
    drag((x - 60, y), (x - 80, y), (x - 90, y))  # far from the handle
    browsing.settle(page)
    assert state_of(page, "think") == moved
    more(page)
    menu(page, "show").select_option("Gaussian process and TPE")
    eventually(lambda: "TPE picks" in lit(page)[1])
    menu(page, "next trial chosen by").select_option("TPE")
    page.get_by_label("let the worst trial fail").check()
    page.get_by_label("show the truth").check()
    parts = (0, ".device-best"), (3, ".device-best-line"), (3, ".device-others"), (4, ".device-curve"), (4, ".device-gain-line")  # fmt: skip
    shown = lambda: [page.locator("#think svg").nth(number).locator(kind).count() for number, kind in parts]  # noqa: E731
    for counts in ([2, 3, 4, 24, 1], [2, 2, 4, 0, 0], [2, 3, 5, 0, 0], [2, 3, 5, 24, 0], [2, 3, 5, 24, 1]):
        button("Step")
        eventually(shown, counts)
    says(page.locator("#think .device-lines"), "…l, g = …")
    eventually(page.locator("#think svg").nth(0).get_by_text("240 m").count, 1)
    eventually(page.locator("#think svg").nth(0).locator(".device-truth").count, 1)


def menu(page, name):
    return page.get_by_role("combobox", name=name, exact=True)


def click(locator):
    locator.click()


def tap(locator):
    locator.tap()


def by_keys(page, press, drag):
    belief, evidence = (page.locator("#think svg").nth(i) for i in (0, 2))
    belief.press("ArrowRight")
    eventually(lambda: lit(page)[1], "km 5.05")
    belief.press("Shift+ArrowDown")
    belief.press("Enter")
    eventually(lambda: tried(page)[-1], "91")
    belief.press(" ")
    belief.press("ArrowLeft")
    belief.press("Enter")  # a trial of the beginning
    belief.press("Shift+ArrowRight")
    eventually(lambda: tried(page), ["198", "111"])
    more(page)
    menu(page, "show").select_option("belief and evidence")
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        evidence.press(key)
    eventually(lambda: float(state_of(page, "think").get("lengthscale", 0)), pytest.approx(2, abs=1))
    eventually(page.get_by_role("button", name="Step").is_hidden)
    belief.press("Enter")
    menu(page, "show").select_option("belief and acquisition")
    menu(page, "acquisition").select_option("LCB")
    page.get_by_role("slider", name="κ").press("ArrowRight")
    for _ in range(23):
        page.get_by_role("button", name="Next choice").press("Enter")
    eventually(lambda: len(tried(page)), 25)
    eventually(lambda: "25 trials are enough" in lit(page)[1])
    page.get_by_role("slider", name="noise").press("ArrowRight")


@pytest.mark.parametrize(
    ("play", "press", "drag", "options"),
    [
        (by_hand, click, pointer, {"width": 1280}),
        (by_hand, tap, finger, {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        (by_keys, None, pointer, {"width": 360, "reduced_motion": "reduce"}),
    ],
    ids=["mouse", "touch", "keyboard"],
)
def test_it_is_watched_thinking_forward_and_back(opened, root, play, press, drag, options):
    page = opened("loop.html", **options)
    say = page.locator("#think .device-say")
    drawn(page)
    says(say, "3 trials. What…")
    play(page, press, drag(page))
    browsing.settle(page)
    said = say.inner_text()
    browsing.fits(page)
    assert not browsing.barriers(page, options.get("scheme", "light"))
    page.reload()
    page.wait_for_function("text => document.querySelector('#think .device-say')?.textContent === text", arg=said)
    known = tried(page)
    page.get_by_role("button", name="Start again").click()
    eventually(lambda: {"tried", "line"}.isdisjoint(state_of(page, "think")))  # as the lesson has them
    page.get_by_role("button", name="Undo").click()
    eventually(lambda: tried(page), known)
    assert not page.complaints


def test_the_loop_plays_and_stops(opened):
    page = opened("loop.html", reduced_motion="no-preference")
    drawn(page)
    browsing.stop_clock(page)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(6100)  # ten lines
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Play").wait_for()
    assert (lit(page)[0], len(tried(page))) == (5, 5)
    page.clock.run_for(3000)
    assert (lit(page)[0], len(tried(page))) == (5, 5)
    page = opened("loop.html")
    drawn(page)
    page.get_by_role("button", name="Play").click()  # without motion, to the end at once
    eventually(lambda: (lit(page)[0], len(tried(page))), (4, 25))
    assert not page.complaints


def test_a_thought_that_nobody_can_have_is_left_out(opened):
    page = opened(
        "think.html#think:view=no&kernel=toString&lengthscale=1e9&gamma=-1&line=99&tried=7-7-x-999&noise=0&who=9"
    )
    say = page.locator("#think .device-say")
    drawn(page)
    says(say, "…Best of 5 trials: 19.8 m.")  # one trial is no history
    eventually(page.get_by_role("slider", name="lengthscale").input_value, "10")
    page.get_by_role("button", name="Start again").click()
    browsing.follow(page, "think:tried=40-80&line=5")  # before the fifth line there were fewer than two
    says(page.locator("#think .device-lines li[aria-current]"), "x =…")
    says(say, "…Best of 5 trials: 19.8 m.")
    browsing.follow(page, "think:tried=40-80&view=ei")
    says(say, "…of 2 trials…")
    page.locator("#think svg").first.press("Enter")
    for i in ("40", "80"):
        browsing.follow(page, f"think:tried={i}-100&view=ei")
        says(say, "…of 2 trials…")
        page.locator("#think svg").first.press("Enter")
        says(say, "…Keep at least two trials…")


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
        ("mouse", {"width": 1280, "reduced_motion": "no-preference"}),
        (
            "touch",
            {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True, "reduced_motion": "no-preference"},
        ),
        ("keyboard", {"width": 360}),
    ],
)
def test_halving_is_played_to_its_end_by_one_worker_and_by_eight(opened, play, options):
    page = opened("halving.html#halving:workers=8", **options)
    browsing.stop_clock(page)
    say, bars = page.locator(".device-say"), page.locator("rect")
    drawn(page)

    def press(name):
        button = page.get_by_role("button", name=name, exact=True)
        {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()

    says(say, "Hour 10. Spent: 54 epochs; training all 27 to the end costs 729.…")
    eventually(bars.count, 27 + 9 + 3)  # there is something to see from the start
    press("Rewind")
    says(say, "Hour 0. Spent: 0 epochs; training all 27 to the end costs 729. Idle: 0%…")
    eventually(bars.count, 8)
    press("Step")
    says(say, "Hour 1. Spent: 8 epochs…")
    eventually(bars.count, 16)
    press("Back")
    press("Back")
    says(say, "Hour 0.…")
    press("Play")
    if play != "keyboard":  # who wants no movement, sees the end at once
        says(page.get_by_role("button", name="Stop"), "Stop")
        page.clock.run_for(800)
        press("Stop")
        addressed(page, "#halving:workers=8&hour=3")
        stopped = says(say, "Hour 3.…")
        page.clock.run_for(2000)
        assert say.inner_text() == stopped
        press("Play")
        says(page.get_by_role("button", name="Stop"), "Stop")
        page.clock.run_for(10_000)
    ended = says(
        say, "Hour 46. Spent: 108 epochs; training all 27 to the end costs 729. Idle: 71% of the workers' time.…"
    )
    eventually(bars.count, 40)
    rows = page.evaluate(
        "import('/_static/rungs.js').then(({ drawn }) => drawn('epochs', 1).slice(0, 27).map(row => row[3]))"
    )
    in_hand = float(ended.split("Current best model: ")[1].split("%")[0])
    assert ended.endswith(
        f"Had all 27 been trained to the end, this model would rank number {1 + sum(row < in_hand for row in rows)}."
    )
    page.get_by_role("combobox", name="Workers").select_option("one")
    says(say, "Hour 46.…")  # one worker, at the same hour
    press("Play")
    if play != "keyboard":
        says(page.get_by_role("button", name="Stop"), "Stop")
    page.clock.run_for(20_000)
    eventually(lambda: [row[1:4] for row in seen(page)[1:]], [["46", "108", "71%"], ["108", "108", "0%"]])
    page.get_by_role("combobox", name="Method").select_option("ASHA")
    says(say, "Hour 108.…")
    page.get_by_role("combobox", name="Workers").select_option("eight")
    _, epochs, _ = eventually(lambda: seen(page)[-1][1:4], lambda last: last[::2] == ["46", "0%"])
    assert int(epochs) > 250
    more(page)
    page.get_by_label("show how stopped runs would have continued").check()
    lines = lambda: int(page.locator("svg").first.get_attribute("aria-label").split()[1])  # noqa: E731
    eventually(lambda: page.locator(".device-rest").count() == lines() > 0)
    page.clock.resume()
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    last = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=last)
    before = len(seen(page))
    press("New draw")
    press("New draw")
    eventually(
        lambda: len(seen(page)), before + (2 if before else 4)
    )  # what was seen before the reload is gone, and no more
    says(say, "Hour 46.…")
    assert not page.complaints


def test_halving_takes_no_state_that_is_none(opened):
    page = opened("halving.html#halving:table=constructor&way=x&workers=3&hour=-7&draw=-2.5")
    drawn(page)
    says(page.locator(".device-say"), "Hour 0. Spent: 0 epochs…")
    eventually(page.get_by_role("combobox", name="Workers").input_value, "1")
    browsing.follow(page, "halving:hour=1e9&table=trees")
    says(page.locator(".device-say"), "Hour 108. Spent: 324 trees; training all 27 to the end costs 2187.…")
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
    drawn(page)

    def press(name):
        button = page.get_by_role("button", name=name)
        {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()

    def number():
        return int(page.get_by_label("candidates n").get_attribute("aria-valuetext"))

    says(say, "One draw: the best of 10 promises…")
    press("Draw again")
    says(say, "Draw 2: the best of 10 promises…")
    for _ in range(11):
        press("20 more draws")
    says(say, "200 draws are enough. Start again to get new ones.")
    frame = browsing.frame_of(curve)
    right, middle = frame["x"] + frame["width"] - 13, frame["y"] + frame["height"] / 2
    if play == "keyboard":
        curve.press("Shift+ArrowRight")
        curve.press("ArrowRight")
        eventually(number, 120)
        curve.press("Shift+ArrowRight")
    elif play == "touch":
        page.touchscreen.tap(right, middle)
    else:
        page.mouse.move(frame["x"] + 60, middle)
        page.mouse.down()
        eventually(number, 1)
        page.mouse.move(right, middle)
        page.mouse.up()
    eventually(number, 1000)
    says(say, "…Mean of 200 draws: promise 10.8…gap 9.2 points. Of the promised lead of 9.2 points over the average candidate, 0% is real.")  # fmt: skip
    page.get_by_label("validation rows").press("End")
    says(say, "…gap 1.6 points…")
    page.get_by_label("spread of the true errors").press("End")
    says(say, "…gap 0.4 points…")
    says(say, "…94% is real.")
    page.get_by_label("show the long-run means").check()
    eventually(curve.locator(".device-truth").count, 2)
    addressed(page, "#curse:n=1000&rows=6400&spread=2&draws=200&limit=1")
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent.replaceAll('\\u00a0', ' ') === text.replaceAll('\\u00a0', ' ')", arg=told)  # fmt: skip
    address = page.evaluate("location.hash")
    press("Start again")
    says(say, "One draw: the best of 1000 promises…")
    addressed(page, "…seed=…")
    press("Undo")  # two hundred draws are not lost by one click
    plain = lambda text: text.replace("\xa0", " ")  # noqa: E731
    eventually(lambda: (page.evaluate("location.hash"), plain(say.inner_text())), (address, plain(told)))
    press("Start again")
    page.get_by_label("candidates n").press("ArrowLeft")
    eventually(page.get_by_role("button", name="Start again").count, 1)
    assert not page.complaints


def test_the_curse_takes_what_is_nearest_to_a_state_that_is_none(opened):
    page = opened("curse.html#curse:n=-3&rows=1e9&spread=0.6&draws=-4&seed=1.5")
    drawn(page)
    says(page.locator(".device-say"), "One draw: the only candidate promises…")
    shown = [page.get_by_label(name).get_attribute("aria-valuetext") for name in ("candidates n", "validation rows", "spread of")]  # fmt: skip
    assert shown == ["1", "6400 (noise 0.5)", "0.5 points"]
    browsing.follow(page, "curse:spread=0.9")
    says(page.locator(".device-value").nth(2), "1 point")
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
    drawn(page)
    says(say, "5 values for each of 6 hyperparameters: 15,625 training runs, 109 days on 1 machine, $2,604.")
    browsing.frame_of(picture)
    ticks = [tick.bounding_box() for tick in picture.locator(".device-tick").all()]
    ring = picture.locator(".device-ring")
    height = lambda: float(ring.get_attribute("cy"))  # noqa: E731
    before = height()
    if play == "keyboard":
        picture.press("ArrowUp")
        picture.press("ArrowDown")
        picture.press("ArrowRight")
    else:
        top, next_one = (
            picture.bounding_box()["y"],
            float(picture.locator(".device-grid-dot").nth(6).get_attribute("cy")),
        )
        old, new = (ticks[d - 1]["x"] + ticks[d - 1]["width"] / 2 for d in (6, 7))
        if play == "touch":
            page.touchscreen.tap(new, top + next_one + 8)
        else:
            page.mouse.move(old, top + before)
            page.mouse.down()
            page.mouse.move(new, top + next_one + 8)
            page.mouse.up()
    says(say, "5 values for each of 7 hyperparameters: 78,125 training runs, 1.5 years on 1 machine, $13,021.")
    eventually(lambda: height() < before)
    eventually(picture.locator(".device-one-machine").count, 0)
    page.get_by_label("machines").press("End")
    says(say, "…13 hours on 1,000 machines, $13,021.")
    eventually(picture.locator(".device-one-machine").count, 1)
    for _ in range(4):
        page.get_by_label("hyperparameters d").press("ArrowRight")
    says(
        say,
        "5 values for each of 11 hyperparameters: 49 million training runs, 339 days on 1,000 machines, $8.1 million.",
    )
    rows = seen(page)
    assert [row[0] for row in rows[1:]] == ["now", "one more value", "one more hyperparameter", "10 times the machines", "runs 10 times as fast"]  # fmt: skip
    assert [row[1] for row in rows[1:]] == ["49 million", "363 million", "244 million", "49 million", "49 million"]
    assert [row[2] for row in rows[1:]] == ["339 days", "6.9 years", "4.6 years", "34 days", "34 days"]
    assert [row[3] for row in rows[1:]] == ["$8.1 million", "$60 million", "$41 million", "$8.1 million", "$813,802"]
    more(page)
    page.get_by_label("one run takes").press("Home")
    page.get_by_label("one hour costs").press("End")
    addressed(page, "#explosion:d=11&minutes=0.5&price=50&machines=1000")
    eventually(picture.locator(".device-landmark-line").count, 1)  # a year
    page.get_by_label("hyperparameters d").press("End")
    page.get_by_label("machines").press("Home")
    eventually(picture.get_by_text("↑ 232 years").count, 1)  # it has left the frame
    eventually(height, 24)
    page.get_by_label("log scale").check()
    eventually(picture.locator(".device-landmark-line").count, 5)
    eventually(lambda: height() > 24)
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=told)
    assert not page.complaints


def test_the_explosion_takes_what_is_nearest_to_a_state_that_is_none(opened):
    page = opened("explosion.html#explosion:k=99&d=-1&minutes=1e9&price=-1&machines=3.2")
    drawn(page)
    says(page.locator(".device-say"), "10 values for 1 hyperparameter: 10 training runs, 25 hours on 2 machines, $5.")
    assert not page.complaints


# ---- Make any method win

LESSON_OF_TABLES = "chapters/06_your_turn/03_read_a_table_with_suspicion"
CHOICES = ("five", "trials", "old", "problems", "seed", "seen")
STORED = json.loads(
    (devices.STATIC / "scores.js")
    .read_text(encoding="utf-8")
    .removeprefix("export const SCORES = ")
    .removesuffix(";\n")
)
RIVAL = {"TPE": "Climb", "Climb": "TPE"}


def printed(own, on):
    """The table of an author: the lead, the lucky seed, the rows, and both columns in the order of the rows."""
    ours = np.array(STORED[own][("seen" if "seen" in on else "true") + ("40" if "trials" in on else "30")]) / 10
    theirs = np.array(STORED[RIVAL[own]]["old30" if "old" in on else "true30"]) / 10
    if "five" in on:
        ours = ours.reshape(7, 4, 5).max(axis=2).repeat(5, axis=1)
    tables = []
    for seeds in [[s] for s in range(20)] if "seed" in on else [list(range(20))]:
        a, b = ours[:, seeds].mean(axis=1), theirs[:, seeds].mean(axis=1)
        rows = np.sort(np.argsort((b - a).round(6), kind="stable")[: 3 if "problems" in on else 7])
        tables.append(((a - b)[rows].mean(), seeds[0] if "seed" in on else -1, rows.tolist(), a[rows], b[rows]))
    return max(tables, key=lambda table: round(table[0], 6))


ALL_TABLES = [(own, on) for own in RIVAL for n in range(7) for on in combinations(CHOICES, n)]


def test_what_a_table_of_six_choices_is_made_of_is_what_the_lesson_prints(root):
    cells = json.loads((root / f"{LESSON_OF_TABLES}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "".join("".join(output.get("text", ())) for cell in cells for output in cell.get("outputs", ()))
    for name in RIVAL:
        mean, *rows = map(float, re.search(rf"^{name} +(\S+) +by problem: +(.*)$", text, re.M).expand(r"\1 \2").split())
        true = np.array(STORED[name]["true30"]) / 10
        assert [true.mean(), *true.mean(axis=1)] == pytest.approx([mean, *rows], abs=0.11)
    words = "best of five", "more trials", "an old rival", "the right problems", "a lucky seed", "seen, not true"
    for choice, word in zip(CHOICES, words, strict=True):
        up, down = map(float, re.search(rf"^{word} +(\S+) +(\S+)", text, re.M).groups())
        assert [printed("TPE", [choice])[0], -printed("Climb", [choice])[0]] == pytest.approx([up, down], abs=0.11)


def test_the_tables_in_the_browser_are_those_of_python(opened):
    states = [{"own": own, **{choice: choice in on for choice in CHOICES}} for own, on in ALL_TABLES]
    found = opened("anywin.html").evaluate(
        """async states => {
        const { honest, printed } = await import("/_static/devices/anywin.js");
        return { tables: states.map(printed), honest: honest() };
    }""",
        states,
    )
    for (own, on), js in zip(ALL_TABLES, found["tables"], strict=True):
        lead, seed, rows, ours, theirs = printed(own, on)
        assert (js["lead"], js["seed"]) == (pytest.approx(lead), seed)
        assert [i for i, score in enumerate(js["columns"][own]) if score is not None] == rows
        assert [js["columns"][own][i] for i in rows] == pytest.approx(ours.tolist())
        assert [js["columns"][RIVAL[own]][i] for i in rows] == pytest.approx(theirs.tolist())
        assert js["means"][own] - js["means"][RIVAL[own]] == pytest.approx(lead)
    gaps = (np.array(STORED["TPE"]["true30"]) - STORED["Climb"]["true30"]).mean(axis=0) / 10
    assert found["honest"] == pytest.approx([gaps.mean(), 2 * gaps.std(ddof=1) / np.sqrt(20)])


def test_the_answer_about_the_six_choices_is_right():
    leads = {table: printed(*table)[0] for table in ALL_TABLES}
    assert round(leads["Climb", ()], 1) == 2.7
    assert {table for table, lead in leads.items() if lead <= 0} == {("TPE", ())}
    alone = {choice: round(leads["TPE", (choice,)], 1) for choice in CHOICES}
    assert (min(alone.values()), alone["old"], max(alone.values()), alone["seen"]) == (1.8, 1.8, 88.6, 88.6)
    for own in RIVAL:
        swept = [choice for choice in CHOICES if np.greater(*printed(own, [choice])[3:]).all()]
        assert swept == ["five", "problems"]
    assert [choice for choice in CHOICES if leads["Climb", (choice,)] < leads["Climb", ()]] == ["old"]
    assert round(leads["Climb", ("old",)], 1) == 0.4
    assert [round(leads[own, CHOICES]) for own in RIVAL] == [682, 662]
    assert max(np.max(STORED[own][kind]) for own in RIVAL for kind in ("true30", "true40", "old30")) <= 1000
    assert all(np.max(STORED[own]["seen30"]) > 1000 for own in RIVAL)


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280}),
        ("touch", {"width": 390, "scheme": "dark", "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360, "reduced_motion": "reduce"}),
    ],
)
def test_any_method_is_made_the_winner(opened, play, options):
    page = opened("anywin.html", **options)
    say, dot = page.locator(".device-say"), page.locator("svg circle")
    drawn(page)
    bold = lambda: page.locator(".device-table b").all_inner_texts()  # noqa: E731

    def tick(name):
        box = page.get_by_role("group", name="The author's choices").get_by_label(name)
        box.press("Space") if play == "keyboard" else box.tap() if play == "touch" else box.click()

    says(say, "None of the 6 choices is on: Climb wins, by 2.7 points.")
    eventually(bold, ["66", "53", "0", "2", "-19", "49", "57", "25.4"])
    start = float(dot.get_attribute("cx"))
    tick("an old rival")
    says(say, "1 of the 6 choices is on: TPE wins, by 1.8 points.")
    eventually(lambda: float(dot.get_attribute("cx")) > start)
    tick("an old rival")
    tick("best of five")
    says(say, "1 of the 6 choices is on: TPE wins, by 55.7 points.")
    ours = printed("TPE", ["five"])[3]
    eventually(bold, [*(str(int(np.floor(score + 0.5))) for score in ours), f"{ours.mean():.1f}"])
    for name in ("more trials", "the right problems", "a lucky seed", "seen, not true"):
        tick(name)
    says(say, "5 of the 6 choices are on: TPE wins, by 677.8 points.…")
    rows = seen(page)
    assert rows[0] == ["problem", "Climb", "TPE (ours)"]
    assert [row[1] for row in rows].count("–") == 4
    assert rows[-4][1].startswith("seed ")
    assert [row[1:] for row in rows[-3:]] == [["30", "40"], ["today's", "today's"], ["true", "as the search saw it"]]
    page.get_by_label("the table is by").select_option("Climb")
    says(say, "5 of the 6 choices are on: Climb wins, by 745.1 points.…")
    addressed(page, "#anywin:own=Climb&five=1&trials=1&problems=1&seed=1&seen=1")
    eventually(lambda: "-745.1" in page.locator("svg").get_attribute("aria-label"))
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=told)
    assert not page.complaints


def test_a_table_of_an_author_who_is_none_is_that_of_tpe(opened):
    page = opened("anywin.html#anywin:own=problems&five=2&seed=1")
    drawn(page)
    says(page.locator(".device-say"), "1 of the 6 choices is on: TPE wins, by 59.9 points.")
    says(page.locator(".device-table th").nth(2), "TPE (ours)")
    assert not page.complaints


# ---- The lead

LEAD = """async () => {
    const { growing } = await import("/_static/devices/leads.js"), few = (...of) => growing(...of).map(({ lead }) => lead.flat());
    return { all: few("all", false), single: few("all", true), last: few("stop27", false), network: few("network2", false),
        runs: growing("all", false).map(({ runs }) => runs), lastRuns: growing("stop27", true).at(-1).runs };
}"""
LESSON = "chapters/03_the_solution/03_does_learning_pay"


@pytest.fixture(scope="module")
def winners():
    """What the lesson's searches report for their winners, and what the re-test says: by strategy, a row for each seed."""
    with np.load(problems.trainings.DATA / "leads.npz") as stored:
        return {name: stored[name] / stored["unit"] for name in ("random", "bayesian")}


def test_the_winners_are_those_of_the_searches_of_the_lesson(root, winners, tmp_path, monkeypatch):
    maker = scripts.load("make_leads")
    monkeypatch.setattr(maker, "STORE", tmp_path / "leads.npz")
    monkeypatch.setattr(maker, "SEEDS", 2)
    maker.main()
    with np.load(tmp_path / "leads.npz") as made, np.load(problems.trainings.DATA / "leads.npz") as stored:
        assert set(made) == set(stored)
        for name in made:
            assert np.array_equal(made[name], stored[name][:2] if name in winners else stored[name])
    cells = json.loads((root / f"{LESSON}.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    printed = "\n".join("".join(o.get("text", o.get("data", {}).get("text/markdown", ""))) for o in outputs)
    means = {name: rows.mean(axis=0) for name, rows in winners.items()}
    for name, (reported, _) in means.items():
        assert f"{name:8} reports an error of {reported:.4f}" in printed
    lead = winners["random"] - winners["bayesian"]
    by_run = lead.reshape(-1, 30, 2).mean(axis=0)
    mean, error = by_run.mean(axis=0), by_run.std(axis=0, ddof=1) / np.sqrt(30)
    assert f"bayesian leads by {mean[0]:.4f} ± {error[0]:.4f}" in printed
    assert f"only **{mean[1] / mean[0]:.0%}** is left: **{mean[1]:.4f} ± {error[1]:.4f}**" in printed
    last = np.arange(120) % 30 >= 27
    for column, name in enumerate(("reported", "retest")):
        random, bayesian = (winners[of][last, column].mean() for of in ("random", "bayesian"))
        assert f"{name:8} random {random:.4f} bayesian {bayesian:.4f}" in printed
    three = [lead[network + 27 :: 30, 1].mean() for network in range(3)]
    assert "lead of bayesian in the re-test: " + " ".join(f"{one:+.4f}" for one in three) in printed


def test_the_lead_is_that_of_the_lesson_and_the_answer_is_what_playing_shows(opened, winners, root):
    found = opened("leads.html").evaluate(LEAD)
    lead = winners["random"] - winners["bayesian"]
    for n in (2, 17, 45, 120):
        for key, run in (("all", np.arange(n) % 30), ("single", np.arange(n))):
            means = np.array([lead[:n][run == one].mean(axis=0) for one in np.unique(run)])
            half = 2 * means.std(axis=0, ddof=1) / np.sqrt(len(means))
            np.testing.assert_allclose(np.reshape(found[key][n - 1], (2, 2)).T, [means.mean(axis=0), half], atol=1e-12)
    assert found["runs"] == [min(n, 30) for n in range(1, 121)]
    assert (len(found["last"]), found["lastRuns"], len(found["network"])) == (12, 3, 40)
    reported, retest = (
        {key: np.array(found[key], dtype=float)[:, at : at + 2] for key in ("all", "single", "last")} for at in (0, 2)
    )
    above = {
        (name, key): (np.flatnonzero(rows[:, 0] > rows[:, 1]) + 1).tolist()
        for name, by in (("reported", reported), ("retest", retest))
        for key, rows in by.items()
    }
    answer = re.sub(r"\s+", " ", (root / f"{LESSON}.md").read_text(encoding="utf-8"))
    assert above["reported", "all"] == list(range(5, 121))
    assert "above zero from the fifth seed on" in answer
    assert (np.flatnonzero(retest["all"][:, 0] < 0) + 1).tolist() == list(range(10, 17))
    assert "the lead is below zero after 10 to 16 seeds" in answer
    assert above["retest", "all"] == [68, 69, 85]
    assert "lies above zero only after seeds 68, 69, and 85." in answer
    some = above["retest", "single"]
    assert (len(some), some[0], some[-1]) == (31, 65, 119)
    assert "after 31 of the seeds from the 65th to the 119th" in answer
    mean, left = reported["all"][-1, 0], retest["all"][-1, 0]
    assert f"around a lead of {mean:.4f}." in answer
    assert f"After all 120, {left / mean:.0%} of the reported lead is left, with zero inside the band" in answer
    assert above["reported", "last"] == list(range(2, 13))
    assert (
        f"After 27 epochs, {reported['last'][-1, 0]:.4f} is reported, with a band above zero from the second seed on"
        in answer
    )
    middle, half = retest["last"][-1]
    assert f"the lead ends at {middle:.4f}: the order is reversed" in answer
    assert f"the band, from {middle - half:.4f} to {middle + half:.4f}, cannot" in answer


@pytest.mark.parametrize(
    ("play", "options"),
    [
        ("mouse", {"width": 1280, "scheme": "dark", "reduced_motion": "no-preference"}),
        ("touch", {"width": 390, "has_touch": True, "is_mobile": True}),
        ("keyboard", {"width": 360}),
    ],
)
def test_the_lead_forms_and_vanishes(opened, play, options):
    page = opened("leads.html", **options)
    say, picture, menu = page.locator(".device-say"), page.locator("svg"), page.get_by_label("Training runs seen:")
    drawn(page)

    def press(name):
        button = page.get_by_role("button", name=name)
        {"mouse": button.click, "touch": button.tap, "keyboard": lambda: button.press("Enter")}[play]()

    says(say, "Seed 12 of 120: its searches saw network 3 after 21 epochs.…")
    press("One more seed")
    says(say, "Seed 13 of 120: its searches saw network 1 after 22 epochs. Training runs seen so far: 13.…")  # fmt: skip
    if play == "keyboard":
        picture.press("ArrowLeft")
        says(say, "Seed 12 of 120…")
        picture.press("Shift+ArrowRight")
        says(say, "Seed 22 of 120…")
    else:
        frame = browsing.frame_of(picture)
        right, middle = frame["x"] + frame["width"] - 13, frame["y"] + frame["height"] / 2
        (page.mouse.click if play == "mouse" else page.touchscreen.tap)(right, middle)
        says(say, "Seed 15 of 120…")  # the frame has room for these, and grows with their number
        (page.mouse.click if play == "mouse" else page.touchscreen.tap)(frame["x"] + 45, middle)
        says(say, "…One seed has no band.")
    menu.select_option("stopped after 27 epochs")
    press("Play")
    says(say, "Seed 12 of 12:…")
    page.get_by_role("button", name="Play").wait_for()
    says(
        say,
        "…Training runs seen so far: 3. Lead as reported: 0.0051, band from 0.0047 to 0.0055, above zero. In the re-test: "
        "−0.0038, band from −0.0141 to 0.0064, with zero inside. Judged by other runs, random search is ahead on average.",
    )
    press("One more seed")
    says(say, "These are all 12 seeds. Choose other training runs.")
    menu.select_option("all thirty")
    picture.press("Shift+ArrowRight")
    says(say, "Seed 22 of 120…")
    for _ in range(10):
        picture.press("Shift+ArrowRight")
    says(
        say,
        "…Lead as reported: 0.0052, band from 0.0044 to 0.0061, above zero. In the re-test: 0.0022, band from −0.0010 to "
        "0.0054, with zero inside. Of the reported lead, 42% is left.",
    )
    page.get_by_label("count each search as an experiment").check()
    says(say, "…band from 0.0045 to 0.0060…")
    addressed(page, "#leads:n=120&single=1")
    browsing.fits(page)
    assert play == "keyboard" or not browsing.barriers(page, options.get("scheme", "light"))
    told = say.inner_text()
    page.reload()
    page.wait_for_function("text => document.querySelector('.device-say')?.textContent === text", arg=told)
    assert not page.complaints


MOVES = """async ([button, dot, line]) => {
    const where = kind => document.querySelector(kind), seen = kind => getComputedStyle(where(kind));
    const state = () => [seen(dot).cx, seen(line).d, where(dot).getAttribute("cx")], before = state(), kept = where(line);
    [...document.querySelectorAll("button")].find(one => one.textContent === button).click();
    const soon = state();
    while (document.getAnimations().length) await new Promise(requestAnimationFrame);
    return { moved: soon[0] !== before[0] || soon[1] !== before[1], told: soon[2] !== before[2], arrived: Math.abs(parseFloat(state()[0]) - state()[2]) < 0.01, ended: state()[1] !== before[1], kept: kept === where(line) };
}"""


@pytest.mark.parametrize(
    ("address", "button", "dot", "line"),
    [
        ("leads.html#leads:runs=stop18&n=3", "One more seed", ".device-promise", ".device-worth-line"),
        ("curse.html#curse:spread=1", "Draw again", ".device-promise", ".device-line"),
        ("think.html", "Next choice", "#think svg:nth-of-type(2) .device-next", ".device-acquisition"),
    ],
)
def test_what_moves_eases_and_stands_still_where_motion_is_reduced_and_the_state_is_there_at_once(
    opened, address, button, dot, line
):
    for motion in ("no-preference", "reduce"):
        page = opened(address, reduced_motion=motion)
        drawn(page)
        moves = page.evaluate(MOVES, [button, dot, line])
        assert moves == {"moved": motion == "reduce", "told": True, "arrived": True, "ended": True, "kept": True}
        addressed(page, "#…:…")


def test_the_lead_takes_what_is_nearest_to_a_state_that_is_none(opened):
    page = opened("leads.html#leads:n=1e9&runs=stop17&single=7")
    drawn(page)
    says(page.locator(".device-say"), "Seed 120 of 120…")
    browsing.follow(page, "leads:n=-4.5&runs=constructor")
    says(page.locator(".device-say"), "Seed 1 of 120…")
    assert not page.complaints


@pytest.mark.parametrize("name", ["breakit", "curse", "goodbad", "population", "tree", "valley"])
def test_two_plots_stand_side_by_side_where_the_width_is_no_whole_number(opened, name):
    page = opened("all.html")
    page.add_style_tag(content=".device-stage { width: 647.6px }")
    page.locator(f"#{name}").scroll_into_view_if_needed()
    page.wait_for_function("name => document.querySelector(`#${name} .device-say:not(:empty)`)", arg=name)
    beside = "([one, other]) => Math.abs(one.y - other.y) <= 1 && other.x > one.x + 300"
    corners = f"plots => ({beside})(plots.map(plot => plot.getBoundingClientRect()))"
    eventually(lambda: page.locator(f"#{name} svg").evaluate_all(corners))
