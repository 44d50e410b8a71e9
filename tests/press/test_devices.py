"""The devices: how the build makes them of boxes, and what they share: addresses, plots, words, and how soon they can be used."""

import re
import shutil

import browsing
import node
import playing
import pytest
import speed
from browsing import addressed, eventually, says, tells
from docutils import nodes
from playing import FIGURE, NAMES, PAGE, box, marked, page_of

from book.press.pages import devices
from book.press.translation import catalogs


def each_device(names):
    """Return devices as parameters: the first two in `make test`, all at night or after a change of the scripts."""
    return [pytest.param(n, marks=pytest.mark.sweep("book/press/static/", sample=n in names[:2])) for n in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site with all its devices, as it is served: bundled and minified."""
    folder = tmp_path_factory.mktemp("devices")
    node.write_scripts(folder / "_static")
    devices.bundle(folder / "_static")
    playing.write_pages(folder)
    return folder


@pytest.fixture(scope="module")
def site(folder):
    with browsing.served(folder) as address:
        yield address


@pytest.fixture
def opened(browser, site):
    """Opens a page of the site, where nothing moves; closed at the end of the test."""
    with browsing.opening(browser, site) as opened:
        yield lambda path, **options: opened(path, **{"reduced_motion": "reduce", **options})


def near(page, name):
    """Scroll to a device, and wait until it has spoken."""
    page.locator(f"#{name}").scroll_into_view_if_needed()
    eventually(page.locator(f"#{name} .device-say").inner_text)


# ---- The build


def test_a_box_becomes_a_device_with_its_settings_and_an_id_of_its_own():
    soup = marked(2 * box("choose", "d=2&round=3"), "chapters/one/two")
    first, second = soup.select("[data-device=choose]")
    assert (first["id"], second["id"]) == ("choose", "choose-2")
    assert first["class"] == ["admonition", "device", "choose"]
    assert first.select_one("p.admonition-title").get_text() == "A device"
    assert first.find("p", string="What one does.").find_next_sibling()["class"] == ["device-stage"]
    (script,) = soup.select("script[async]")
    assert script["src"] == "../../_static/start.js"
    assert script.find_previous_sibling() == second


@pytest.mark.parametrize("figure", ['<img src="a.png">', "<picture></picture>"], ids=["an image", "a drawing"])
def test_a_device_takes_its_settings_from_the_comment_and_the_place_of_the_figure_above(figure):
    soup = marked(f'<div class="cell">{figure}</div>' + box("choose replaces", "d=2&round=3"))
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
    soup = marked(box("choose").replace("What one does.", told))
    (title, *texts) = [p.get_text() for p in soup.select_one(".device-stage").find_previous_siblings("p")][::-1]
    assert title == "A device"
    assert texts == ([left] if left else [])


def test_what_is_left_out_ends_at_a_formula_too():
    told = "On the book's page you can play with this figure: "
    paragraph = nodes.paragraph("", "", nodes.Text(told), nodes.math("", "x"), nodes.Text(" moves."))
    assert devices._is_for_pages(paragraph, ("On the book's page",))
    assert paragraph.astext() == "x moves."


def test_a_box_of_another_language_asks_and_excuses_itself_in_it(monkeypatch):
    asks, excuse, begins = "질문.", "자바스크립트가 필요하다.", "책의 웹페이지에서는"
    korean = {"Question.": asks, "This interactive figure needs JavaScript.": excuse, "On the book's page": begins}
    monkeypatch.setattr(catalogs, "gettext", lambda language: lambda text: korean[text] if language == "ko" else text)
    told = box("choose").replace("What one does.", f"{begins} 이 상자를 가지고 놀 수 있다. 클릭한다.")
    assert marked(told, language="ko").find("p", string="클릭한다.")
    for language, question in (("ko", asks), ("ko", "Question."), ("en", "Question.")):
        stage = marked(box("choose").replace("Question.", question), language=language).select_one(".device-stage")
        assert stage.get_text().strip() == (excuse if language == "ko" else "This interactive figure needs JavaScript.")
        assert stage.find_next_sibling("p").get_text().startswith(question)
    with pytest.raises(ValueError, match="must ask a question"):
        marked(box("choose").replace("Question.", asks))


def test_a_page_without_a_device_loads_nothing_for_one():
    assert not marked('<div class="admonition note"><p>A note.</p></div>').select("script, link")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (box("chose"), r"page: .* 'device chose' must name one of \['anywin'"),
        (box("choose").replace("Question.", "Well."), "the device choose must ask a question"),
        (box("choose replaces"), "choose replaces the figure above it, and there is none"),
    ],
)
def test_a_box_that_is_no_device_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        marked(content)


def test_all_devices_with_their_data_and_their_style_weigh_less_than_165_kB(folder):
    size = lambda path: path.stat().st_size  # noqa: E731
    for path in (devices.STATIC / "devices").glob("*.js"):
        assert size(folder / "_static/devices" / path.name) < 0.8 * size(path)
    assert sum(size(folder / "_static" / name) for name in ("devices-from-disk.js", "device.css")) < 165_000


def test_the_bundle_holds_every_device_whatever_the_form_of_its_exports(tmp_path):
    static = tmp_path / "_static"
    shutil.copytree(devices.STATIC, static)
    (static / "tables.js").write_text("export const ONE = 1;\n", encoding="utf-8")
    for name in NAMES:
        (static / f"devices/{name}.js").write_text("export const start = {};\n", encoding="utf-8")
    written = {
        "lab.js": "export const A = 3, B = [1, 2], later = x => x * 2;\nexport * from './rungs.js';\n",
        "rungs.js": "export default class {}\nexport { A as C } from './lab.js';\n",
        "devices/choose.js": 'import { A, B, later, C } from "../lab.js";\nexport const start = { name: "choose", A, b: B[1], C, d: later(4) };\n',
        "device.js": "export function mountAll(load) { globalThis.loaded = load; }\n",
    }
    for name, text in written.items():
        (static / name).write_text(text, encoding="utf-8")
    devices.bundle(static)
    bundle = (static / "devices-from-disk.js").read_text(encoding="utf-8")
    found = node.run("script => { (0, eval)(script); return loaded('choose').start; }", bundle)
    assert found == {"name": "choose", "A": 3, "b": 2, "C": 3, "d": 8}
    (static / "lab.js").write_text("export const B = 1;\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r'No matching export in "lab\.js" for import "A"'):
        devices.bundle(static)


# ---- What devices share


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
    eventually(lambda: page.evaluate("seen.length"), lambda number: number > 1)
    browsing.settle(page)
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
    belief, improvement = (second.get_by_label(f"show {one}") for one in ("the model's belief", "expected improvement"))
    improvement.check()
    first.locator("svg").press("Enter")
    eventually(lambda: page.evaluate("location.hash"), re.compile(r"#choose-2:ei=1;choose:tried=\d+").fullmatch)
    belief.uncheck()
    addressed(page, "#choose-2:belief=0&ei=1;…")
    page.reload()
    tells(first.locator(".device-say"), 2)
    eventually(lambda: (belief.is_checked(), improvement.is_checked()), (False, True))
    browsing.follow(page, "choose-2:d=2&tried=1-2")
    tells(second.locator(".device-say"), 3, 10)
    eventually(belief.is_checked)  # what the link does not say is the lesson's
    assert not page.complaints


def test_a_browser_that_takes_few_addresses_gets_the_last_one(opened):
    page = opened("explosion.html")
    near(page, "explosion")
    page.clock.install()
    page.evaluate("""() => {
        const replace = history.replaceState.bind(history);
        let n = 0;
        history.replaceState = (...more) => { if (n++ > 99) throw new DOMException("too often", "SecurityError"); replace(...more); };
        const bar = document.querySelector("input[type=range]");
        for (let i = 0; i < 120; i++) { bar.value = i < 119 ? 2 + i % 5 : 9; bar.dispatchEvent(new Event("input")); }
    }""")
    browsing.becomes(page, "location.hash === '#explosion:k=9'")
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
    tells(page.locator("#choose .device-say"), 2, 10)
    for name in NAMES:
        near(page, name)
        page.locator(f"#{name} .device-plot :is(path, circle, rect)").first.wait_for(state="attached")
        assert not re.search("NaN|undefined|Infinity", page.locator(f"#{name} .device-stage").inner_html()), name
    for name in ("halving", "think"):
        stage = page.locator(f"#{name} .device-stage")
        before = stage.locator(".device-say").inner_text()
        stage.get_by_role("button", name="Step").click()
        eventually(stage.locator(".device-say").inner_text, lambda text, before=before: text != before)
    assert not errors
    context.close()


@pytest.mark.parametrize("name", each_device(sorted({*NAMES} - {"choose"})))
def test_a_device_is_a_labelled_group_with_one_voice_and_its_plots_say_what_they_show(opened, name):
    page = opened("all.html")
    near(page, name)
    group = page.locator(f"#{name}").get_by_role("group", name="A device")
    assert group.locator("[aria-live], [role=status], [role=alert], [role=log], output").count() == 1
    names = group.locator("svg").evaluate_all(
        "plots => plots.filter(plot => plot.getClientRects().length).map(plot => plot.getAttribute('aria-label'))"
    )
    assert names
    assert all(re.search(r"\d", said) for said in names)  # a name that has no number tells nothing of now
    assert not re.search("NaN|undefined", " ".join(names))


@pytest.mark.parametrize("name", each_device(NAMES))
def test_on_a_phone_the_plot_and_what_drives_it_are_on_one_screen(opened, name):
    page = opened("all.html", width=390)
    near(page, name)
    ends = page.locator(f"#{name}").evaluate("""box => ["svg", ".device-main, input, select"].map(kind => box.querySelector(kind))
        .map(part => part.getBoundingClientRect()).flatMap(({ top, bottom }) => [top, bottom])""")
    assert max(ends) - min(ends) < 700, ends


@pytest.mark.parametrize("name", each_device(NAMES))
def test_at_a_desk_the_stage_and_a_question_are_on_one_screen(opened, name):
    page = opened("all.html")
    page.add_style_tag(content="main { max-width: 688px }")  # as wide as a lesson's column
    near(page, name)
    tall = page.locator(f"#{name}").evaluate("""box => [...box.querySelectorAll("p")].find(p => p.textContent.startsWith("Question"))
        .getBoundingClientRect().bottom - box.querySelector(".device-stage").getBoundingClientRect().top""")
    assert tall < 740, tall  # and a question may have two more lines


# Of each plot: how many dots and corners of lines lie on an edge of its frame, where a value that was cut off would be; dots beyond it; arrowheads.
EDGES = """box => [...box.querySelectorAll("svg.device-plot")].map(plot => {
    const number = (node, name) => Number(node.getAttribute(name)), [top, , bottom] = plot.querySelector("clipPath polygon").getAttribute("points").split(" ").map(point => Number(point.split(",")[1]));
    const on = y => Math.abs(y - top) < 0.06 || Math.abs(y - bottom) < 0.06, all = kind => [...plot.querySelectorAll(kind)];
    const dots = all("circle:not(.device-grip)").map(node => number(node, "cy")), lines = all("path:not(.device-band, .device-acquisition, .device-leaves)").filter(node => !/h12Z$/.test(node.getAttribute("d")));
    const corners = lines.flatMap(node => node.getAttribute("d").slice(1).split("L").map(point => Number(point.split(",")[1])));
    return { cut: dots.filter(on).length + corners.filter(on).length, beyond: dots.filter(y => y < top - 1 || y > bottom + 1).length, arrows: all("path").length - lines.length - all(".device-band, .device-acquisition").length };
})"""


@pytest.mark.parametrize(
    ("name", "state", "arrows"),
    [
        ("valley", "rate=1.2&steepness=8&steps=40&at=40", [1, 3, 2]),
        ("valley", "rate=0.5&at=10", [0, 3, 2]),
        ("breakit", "lengthscale=0", [0, 25, 0]),
        ("breakit", "lengthscale=0.005&noise=60&trials=25", [2, 0, 0]),
        ("population", "size=5&n=200&seed=3", [0, 0, 0]),
        ("loops", "rate=1&tried=0.03-1&at=20", [0, 2]),
        ("cancel", "rho=1&worse=2", [0, 0]),
        ("cancel", "rho=-0.5&worse=1", [0, 0]),
        ("maps", "study=other&n=9", [0, 0]),
        ("copies", "at=27", [0, 0]),
        ("pays", "run=60&needs=20", [0, 0]),
        ("pays", "run=1&needs=36", [0, 0]),
        ("edge", "end=9", [0, 0]),
    ],
)
def test_at_its_extremes_a_plot_cuts_nothing_off_without_an_arrowhead(opened, name, state, arrows):
    page = opened(f"{name}.html#{name}:{state}")
    near(page, name)
    found = page.locator(f"#{name}").evaluate(EDGES)
    assert [plot["cut"] + plot["beyond"] for plot in found] == [0] * len(found), found
    for plot, least in zip(found, arrows, strict=True):
        assert plot["arrows"] >= least, found


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
        tells(page.locator(".device-say"), 1)
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
cancel:rho=0.5|copies:every=3&at=5|cut:keep=1&at=5|goals:tried=53|goals:tried=53-0|island:limit=32|lift:by=2|loops:tried=0.003|loops:tried=0.003-0.01|maps:study=other|pays:run=30|pays:run=60|edge:end=7.5|edge:end=9|tilt:a=0&b=0|wells:dug=0
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
    node.write_scripts(tmp_path / "_static", "ko")
    boxes = "".join(map(box, NAMES)).replace("Question.", masked("Question."))
    options = "".join(OPTION.replace("VERDICT", masked(verdict)) for verdict in ("No. -", "Right. -"))
    text = marked(FIGURE + boxes, language="ko").decode_contents() + QUIZ.replace("OPTIONS", options)
    (tmp_path / "page.html").write_text(PAGE.replace('lang="en"', 'lang="ko"').replace("BOXES", text), encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("page.html", reduced_motion="reduce")
        for name in NAMES:
            near(page, name)
        said = page.evaluate(READ, STATES.strip("|").split("|"))
        eventually(page.locator(".quiz-verdict").all_inner_texts, [masked("✗ not this one"), masked("✓ right")])
        assert not page.complaints
    words = re.findall("[A-Za-z]{2,}", re.sub(r"http\S+", "", "\n".join(said)))  # an address is copied
    known = {"km", "rbf", "Mat", "rn", "TPE", "EI", "PI", "LCB", "Climb", "ASHA", "Sobol", "gamma", "max", "depth", "estimators"}  # fmt: skip
    assert set(words) <= known
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
    styles = ("palette.css", "type.css", "frame.css", "book.css", "device.css")
    files = ("device.js", "lab.js", "devices/projections.js", "mount.js", "start.js", "book.js", *styles)
    fetched = [folder / "busy.html", *(folder / "_static" / file for file in files)]
    assert 1000 * weight == sum(file.stat().st_size for file in fetched)
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


@pytest.mark.parametrize("name", each_device(["breakit", "curse", "goodbad", "population", "tree", "valley"]))
def test_two_plots_stand_side_by_side_where_the_width_is_no_whole_number(opened, name):
    page = opened("all.html")
    page.add_style_tag(content=".device-stage { width: 647.6px }")
    near(page, name)
    beside = "([one, other]) => Math.abs(one.y - other.y) <= 1 && other.x > one.x + 300"
    corners = f"plots => ({beside})(plots.map(plot => plot.getBoundingClientRect()))"
    eventually(lambda: page.locator(f"#{name} svg").evaluate_all(corners))
