"""Cells that run in the built pages, in a real browser: `make live-test`, which builds the pages so. Not part of `make test`.

`make live-core` runs the tests marked `core`, on a site of the pages that these need.

Every exercise is solved with its solution and answered wrongly, and five lessons run from the first cell to the last, with the
outputs that are stored. The browser may ask nobody but the book's own server.
"""

import collections
import contextlib
import json
import os
import re
from pathlib import Path

import browsing
import pytest
from browsing import eventually, says
from playwright.sync_api import Error as PlaywrightError
from wrong_answers import table

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / os.environ.get("LIVE_SITE", "book/_build/html")
CELLS = SITE / "_static" / "live" / "cells"
CHAPTERS = sorted(path.parent.name for path in ROOT.glob("chapters/*/exercises.md"))
core = pytest.mark.core
FIRST = "01_the_problem/02_manual_tuning"
LESSONS = (
    pytest.param(FIRST, marks=core, id=FIRST),
    "02_grid_search/03_the_explosion",
    "03_the_solution/01_define_by_run",
)
LESSONS += ("04_how_it_works/03_acquisition", "05_trade_offs/03_evolution")
PATIENCE = 900_000  # milliseconds for a run on a very busy machine
OVER = "([bar, runs]) => Number(bar.dataset.runs ?? 0) > runs"
BARS = "() => [...document.querySelectorAll('.live-bar')].map(bar => `${bar.dataset.runs ?? 0} runs: ${bar.innerText}`)"

pytestmark = pytest.mark.timeout(1800)


def serving():
    """Serve the pages, if cells run in them, and give their address."""
    if not CELLS.exists() or not list((SITE / "_static").glob("python-*")):
        pytest.fail("the pages are built without cells that run: make live")
    with browsing.served(SITE) as address:
        yield address


address = pytest.fixture(serving, scope="module", name="address")


@contextlib.contextmanager
def visiting(browser):
    """Give a visitor, whose browser keeps what it has loaded, and of whom `state` can tell."""
    context = browsing.new_context(browser, viewport={"width": 1280, "height": 900})
    context.said, context.asked = [], collections.Counter()
    context.on("console", lambda said: context.said.append(said.text))
    context.on("weberror", lambda error: context.said.append(str(error.error)))
    context.on("request", lambda asked: context.asked.update([asked.url]))
    for end in ("requestfinished", "requestfailed"):
        context.on(end, lambda asked: context.asked.subtract([asked.url]))
    yield context
    context.close()


def state(page):
    """Return what can be seen of a page, also of one that hangs: its bars, its frames and workers, what it said, and what it waits for."""
    try:
        bars = page.wait_for_function(BARS, polling=100, timeout=10_000).json_value()
    except PlaywrightError:
        bars = "the page does not answer"
    said, asked = (getattr(page.context, name, ()) for name in ("said", "asked"))
    there = [*(frame.url for frame in page.frames), *(f"worker {worker.url}" for worker in page.workers)]
    return f"{page.url}\n  bars: {bars}\n  there: {there}\n  unanswered: {[*+collections.Counter(asked)]}\n  said: {said[-20:]}"


@pytest.fixture(scope="module")
def visitor(browser):
    with visiting(browser) as context:
        yield context


@pytest.fixture
def opened(visitor, address):
    pages = []

    def open_page(path, agreed=True, written=()):
        page = visitor.new_page()
        pages.append(page)
        browsing.watch(page, address)
        page.goto(f"{address}404.html")
        page.evaluate("localStorage.clear()")
        if agreed:
            page.evaluate("localStorage.setItem('hpt-live', 'yes')")
        for name, code in dict(written).items():
            page.evaluate("([key, code]) => localStorage.setItem(key, code)", [f"hpt-code:{path}:{name}", code])
        page.complaints.clear()
        page.goto(f"{address}{path}.html")
        page.wait_for_selector(".live-bar", state="attached")
        return page

    yield open_page
    for page in pages:
        print(state(page))  # which pytest shows of a test that failed
        page.close()


def cells_of(path):
    return json.loads((CELLS / f"{path}.json").read_text(encoding="utf-8"))


def box(page, cell):
    return page.locator(f"#cell-{cell['index']}")


def run(page, cell, name="Run"):
    bar = box(page, cell).locator(".live-bar")
    with ended(page, bar):
        bar.get_by_role("button", name=name, exact=True).click()
    return bar.locator(".live-state").inner_text()


@contextlib.contextmanager
def ended(page, bar):
    """Wait for the end of the run that is started inside."""
    before = int(bar.get_attribute("data-runs") or 0)
    yield
    try:
        page.wait_for_function(OVER, arg=[bar.element_handle(), before], polling=100, timeout=PATIENCE)
    except PlaywrightError as error:
        raise AssertionError(f"the run has not ended:\n{state(page)}") from error


@pytest.mark.parametrize(
    "chapter", [pytest.param(name, marks=[core] * (name[:2] == "02"), id=name) for name in CHAPTERS]
)
def test_every_exercise_passes_with_its_solution(opened, chapter):
    path = f"chapters/{chapter}/exercises"
    found = cells_of(path)
    solutions = {cell["name"]: cell["source"] for cell in found if cell["kind"] == "solution"}
    page = opened(path, written=solutions)
    stubs = [cell for cell in found if cell["kind"] == "stub"]
    assert {cell["name"] for cell in stubs} == set(solutions)
    for cell in stubs:
        assert not cell["cannot"]
        run(page, cell, "Check")
        shown = box(page, cell).locator(".live-output").inner_text()
        assert "Check passed" in shown, f"{cell['name']}: {shown}"
    says(page.locator(".live-foot"), f"{len(stubs)} of {len(stubs)} passed.…")
    page.goto(page.url.replace("exercises", "index"))
    page.wait_for_selector(".live-passed:has-text('passed')")
    says(page.locator(".live-passed"), f"…{len(stubs)} of {len(stubs)} passed…")
    assert not page.complaints


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_wrong_answer_of_a_student_gets_its_hint(opened, chapter):
    """For each exercise one of the wrong answers in tests/press/wrong_answers, and then the solution again."""
    path = f"chapters/{chapter}/exercises"
    found = cells_of(path)
    solutions = {cell["name"]: cell["source"] for cell in found if cell["kind"] == "solution"}
    page = opened(path, written=solutions)
    wrong, met = wrong_answers_of(chapter, found), set()
    assert set(wrong) == set(solutions)
    for cell in (cell for cell in found if cell["kind"] == "stub"):
        answer, fragment = wrong[cell["name"]]
        write(page, cell, answer)
        assert "error" in run(page, cell, "Check")
        hint = box(page, cell).locator(".live-hint").inner_text()
        assert bare(fragment) in bare(hint)
        assert "Traceback" not in hint
        met.add(hint)
        write(page, cell, solutions[cell["name"]])  # a later exercise may need it
    assert len(met) >= 5
    says(page.locator(".live-foot"), "0 of…")
    assert not page.complaints


def wrong_answers_of(chapter, found):
    """Return a wrong answer for each exercise, and a part of its hint: one to which a check objects that a reader sees."""
    checks = {cell["name"]: cell["source"] for cell in found if cell["kind"] == "check"}
    seen = {
        name: [
            pair for pair in table(chapter)[f"check-{name}"]["wrong"].values() if pair[1] in source.replace('"\n', "")
        ]
        for name, source in checks.items()
    }
    return {name: pairs[i % len(pairs)] for i, (name, pairs) in enumerate(seen.items())}


def bare(text):  # the page draws the marks of Markdown, and curls quotation marks
    return re.sub(r"[`*\s'\"‘’“”]+", " ", text)


def editor(page, cell):
    """Return the editor of an exercise: it is there as soon as it is near the window."""
    box(page, cell).scroll_into_view_if_needed()
    typed = box(page, cell).locator(".cm-content")
    typed.wait_for()
    return typed


def write(page, cell, code):
    editor(page, cell).focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_from_its_first_cell_to_its_last_with_the_stored_outputs(opened, lesson):
    path = f"chapters/{lesson}"
    found = cells_of(path)
    page = opened(path)
    stored = {cell["index"]: output(page, cell, ".cell_output:not(.live-output)") for cell in found}
    first = next(cell for cell in found if box(page, cell).get_by_role("button", name="Run all").count())
    assert run(page, first, "Run all") == "All cells of the page have run, with the book's output."
    differ = {
        cell["index"]: (stored[cell["index"]], now)
        for cell in found
        if box(page, cell).locator(".live-bar").count()
        and (now := output(page, cell, ".live-output")) != stored[cell["index"]]
    }
    assert not differ
    assert not page.complaints


def output(page, cell, selector):
    """Return the words that a cell shows, and how many figures."""
    place = box(page, cell).locator(selector)
    if not place.count():
        return "", 0
    words = place.first.evaluate(
        """place => { const copy = place.cloneNode(true);
        for (const one of copy.querySelectorAll('svg, style, .katex, mjx-container, .copybtn')) one.remove();
        return copy.textContent; }"""
    )
    figures = place.first.evaluate(
        "place => place.querySelectorAll('.live-figure, a.full-size:not(.only-dark), figure.figure').length"
    )
    return re.sub(r"\s+", " ", words).strip(), figures


@core
def test_stop_edit_and_reset(opened):
    path = "chapters/02_grid_search/01_grid_search"
    found = cells_of(path)
    page = opened(path)
    cell = next(cell for cell in found if box(page, cell).locator(".live-bar").count())
    bar = box(page, cell).locator(".live-bar")
    bar.get_by_role("button", name="Edit").click()
    typed = box(page, cell).locator(".cm-content")
    typed.wait_for()
    typed.press("Control+a")
    page.keyboard.type("print('on and on', flush=True)\nwhile True: pass")
    typed.press("Shift+Enter")
    box(page, cell).locator(".live-output", has_text="on and on").wait_for(timeout=PATIENCE)
    bar.get_by_role("button", name="Stop").click()
    says(bar.locator(".live-state"), "…Stopped.…")
    eventually(lambda: (len(page.frames), len(page.workers)), (1, 0))
    bar.get_by_role("button", name="Reset").click()
    eventually(box(page, cell).locator(".live-output").count, 0)
    eventually(lambda: box(page, cell).locator("pre").first.text_content().strip(), cell["source"].strip())
    assert "error" not in run(page, cell)
    assert not page.complaints


def test_a_cell_says_whether_it_shows_what_the_book_shows(opened):
    page = opened(f"chapters/{FIRST}")
    cell = next(cell for cell in cells_of(f"chapters/{FIRST}") if output(page, cell, ".cell_output")[0])
    assert run(page, cell).endswith("Same as in the book.")
    stored = box(page, cell).locator(".cell_output:not(.live-output) pre").first
    stored.evaluate("place => { place.textContent = place.textContent.replace(/[0-9]/, '×'); }")
    said = run(page, cell)
    assert "Not quite the book's output: here Python has 32-bit integers" in said
    bar = box(page, cell).locator(".live-bar")
    bar.get_by_role("button", name="Edit").click()
    box(page, cell).locator(".cm-content").press("Control+End")
    page.keyboard.type("\nprint(1)")
    assert "book" not in run(page, cell)  # an edited cell is not compared
    assert not page.complaints


def test_what_a_reader_has_written_outlives_a_reload_until_it_is_forgotten(opened):
    path = "chapters/02_grid_search/exercises"
    cell = next(cell for cell in cells_of(path) if cell["kind"] == "stub")
    page = opened(path)
    write(page, cell, "# mine")
    eventually(lambda: page.evaluate("key => localStorage.getItem(key)", f"hpt-code:{path}:{cell['name']}"), "# mine")
    page.reload()
    page.wait_for_selector(".live-bar", state="attached")
    eventually(lambda: editor(page, cell).inner_text().strip(), "# mine")
    page.get_by_role("button", name="Forget my code").click()
    page.reload()
    page.wait_for_selector(".live-bar", state="attached")
    says(editor(page, cell), "…YOUR CODE HERE…")


def test_an_error_names_its_line(opened):
    path = "chapters/02_grid_search/01_grid_search"
    cell = next(cell for cell in cells_of(path) if not cell["cannot"])
    page = opened(path)
    bar = box(page, cell).locator(".live-bar")
    bar.get_by_role("button", name="Edit").click()
    typed = box(page, cell).locator(".cm-content")
    typed.press("Control+a")
    page.keyboard.type("a = 1\nb = a / 0")
    assert run(page, cell) == "It ended with an error."
    says(box(page, cell).locator(".live-error"), "…line 2…")


def test_the_first_click_says_what_it_loads_and_asks(opened):
    path = "chapters/02_grid_search/exercises"
    cell = next(cell for cell in cells_of(path) if cell["kind"] == "code")
    page = opened(path, agreed=False)
    bar = box(page, cell).locator(".live-bar")
    bar.get_by_role("button", name="Run", exact=True).click()
    bar.get_by_role("button", name="Load and run").wait_for()
    eventually(bar.locator(".live-state").inner_text, re.compile(r".*\d+ MB now, and up to \d+ MB", re.S).match)
    bar.get_by_role("button", name="Not now").click()
    browsing.settle(page)
    assert page.evaluate("localStorage.getItem('hpt-live')") is None
    bar.get_by_role("button", name="Run", exact=True).click()
    with ended(page, bar):
        bar.get_by_role("button", name="Load and run").click()
    eventually(lambda: page.evaluate("localStorage.getItem('hpt-live')"), "yes")


@core
def test_after_a_first_visit_it_works_without_a_network(opened, visitor):
    path = "chapters/02_grid_search/exercises"
    cell = next(cell for cell in cells_of(path) if cell["kind"] == "code")
    page = opened(path)
    browsing.becomes(page, "navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # the first page came before its keeper
    page.wait_for_selector(".live-bar", state="attached")
    run(page, cell)
    visitor.set_offline(True)
    try:
        page.reload()
        page.wait_for_selector(".live-bar", state="attached")
        assert "error" not in run(page, cell)
    finally:
        visitor.set_offline(False)


def test_two_tabs_have_an_interpreter_each(opened):
    path = "chapters/02_grid_search/exercises"
    cell = next(cell for cell in cells_of(path) if cell["kind"] == "code")
    for page in (opened(path), opened(path)):
        assert "error" not in run(page, cell)


def test_the_playground_races_a_strategy_and_its_address_carries_the_code(opened):
    page = opened("book/playground")
    bar = page.locator("#playground .live-bar")
    with ended(page, bar):
        bar.get_by_role("button", name="Run", exact=True).click()
    board = page.locator(".live-output")
    says(board, "…yours…")
    says(board, "…RandomSearch…")
    bar.get_by_role("button", name="Copy link").click()
    browsing.becomes(page, "location.hash.startsWith('#code=')")
    link = page.url
    page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.goto(re.sub("#code=.*", "#code=AAAA", link))
    page.locator("#playground .live-state", has_text="damaged").wait_for()
    page.goto("about:blank")
    page.goto(link)
    page.locator("#playground .live-state", has_text="Read it before you run it").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_bars_editors_and_outputs_are_no_barrier_and_fit(browser, address, width, scheme):
    with browsing.opening(browser, address) as opened:
        path = "chapters/02_grid_search/exercises"
        page = opened(f"{path}.html", width=width, scheme=scheme)
        page.evaluate("localStorage.setItem('hpt-live', 'yes')")
        page.get_by_role("group", name="Your code").first.scroll_into_view_if_needed()
        page.wait_for_selector(".live-editor .cm-content")
        for kind, name in (("code", "Run"), ("stub", "Check")):  # an output, and a hint
            run(page, next(cell for cell in cells_of(path) if cell["kind"] == kind), name)
        fits(page, scheme)
        page.goto(f"{address}book/playground.html")
        page.wait_for_selector(".live-editor .cm-content")
        fits(page, scheme)
        page.goto(f"{address}chapters/02_grid_search/03_the_explosion.html")
        page.get_by_role("button", name="Compute these numbers in code").click()
        bar = page.locator("#cell-explosion .live-bar")
        page.locator("#cell-explosion .cm-content").wait_for()
        with ended(page, bar):
            bar.get_by_role("button", name="Run", exact=True).click()
        fits(page, scheme)
        assert not page.complaints


def fits(page, scheme):
    browsing.fits(page)
    assert not browsing.barriers(page, scheme)


def test_all_of_an_exercise_by_keyboard(opened):
    path = "chapters/02_grid_search/exercises"
    cell = next(cell for cell in cells_of(path) if cell["kind"] == "stub")
    page = opened(path)
    typed = box(page, cell).locator(".cm-content")
    typed.wait_for()
    typed.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("def combination(grid, i):\nreturn None")  # the editor indents
    page.keyboard.press("Tab")  # out of it
    eventually(lambda: page.evaluate("document.activeElement.textContent"), "Check")
    with ended(page, box(page, cell).locator(".live-bar")):
        page.keyboard.press("Enter")
    says(box(page, cell).locator(".live-hint"), "…a dictionary from names to values…")


def test_a_cell_of_a_lesson_is_run_edited_and_reset_by_keyboard(opened):
    page = opened(f"chapters/{FIRST}")
    cell = next(cell for cell in cells_of(f"chapters/{FIRST}") if output(page, cell, ".cell_output")[0])
    bar, focused = box(page, cell).locator(".live-bar"), "document.activeElement.textContent"
    bar.get_by_role("button", name="Run", exact=True).focus()
    page.keyboard.press("Tab")
    eventually(lambda: page.evaluate(focused), "Edit")
    page.keyboard.press("Enter")
    box(page, cell).locator(".cm-content:focus").wait_for()
    eventually(lambda: box(page, cell).get_by_role("textbox").get_attribute("aria-label"), browsing.like("Cell …"))
    page.keyboard.press("Control+a")
    page.keyboard.type("print('by hand')")
    with ended(page, bar):
        page.keyboard.press("Shift+Enter")
    says(box(page, cell).locator(".live-output"), "…by hand…")
    while page.evaluate(focused) != "Reset":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    eventually(lambda: page.evaluate(focused), "Run")
    eventually(box(page, cell).locator(".live-editor").count, 0)
    assert not page.complaints


def test_from_a_folder_the_page_says_how_to_serve_it(browser):
    with browsing.opening(browser, "file://") as opened:
        page = opened((SITE / "chapters/02_grid_search/01_grid_search.html").as_uri().removeprefix("file://"))
        bar = page.locator(".live-bar").first
        bar.get_by_role("button", name="Run", exact=True).click()
        says(bar, "…make serve…")


def test_a_korean_page_runs_its_cells_with_the_python_of_the_english_one(opened):
    korean, path = SITE / "ko", "chapters/02_grid_search/exercises"
    if not korean.exists():
        pytest.skip("the pages are built in English alone: make editions LIVE=1")
    assert len(list(SITE.rglob("_static/python-*"))) == 1
    found = json.loads((korean / f"_static/live/cells/{path}.json").read_text(encoding="utf-8"))
    stub = next(cell for cell in found if cell["kind"] == "stub")
    solution = next(cell for cell in found if (cell["kind"], cell["name"]) == ("solution", stub["name"]))
    page = opened(f"ko/{path}")
    page.evaluate(
        "([key, code]) => localStorage.setItem(key, code)", [f"hpt-code:{path}:{stub['name']}", solution["source"]]
    )
    page.reload()
    page.wait_for_selector(".live-bar", state="attached")
    run(page, stub, "검사")
    says(box(page, stub).locator(".live-output"), "…검사 통과…")
    says(page.locator(".live-foot"), "…1개 통과…")
    assert not page.complaints


def test_the_program_of_a_figure_opens_beside_it_with_its_settings_and_runs(opened):
    page = opened("chapters/04_how_it_works/05_tpe")
    for label, program, said in (
        ("Compute these numbers in code", "goodbad", "l / g is largest at x = -0.98, where it is 7.00"),
        ("Open the code of TPE in an editor", "think_tpe", "step 8: km"),
    ):
        page.get_by_role("button", name=label).first.click()
        bar = page.locator(f"#cell-{program} .live-bar")
        with ended(page, bar):
            bar.get_by_role("button", name="Run", exact=True).click()
        says(page.locator(f"#cell-{program} + .live-output"), f"…{said}…")
    eventually(page.locator("#cell-think_tpe + .live-output .live-figure img").count, 1)
    page.goto(
        page.url.split("#")[0].replace("04_how_it_works/05_tpe", "02_grid_search/03_the_explosion")
        + "#explosion:k=4&d=__import__"
    )
    page.get_by_role("button", name="Compute these numbers in code").click()
    code = page.locator("#cell-explosion .cm-content")
    code.wait_for()
    lines = eventually(lambda: code.inner_text().splitlines(), lambda lines: "k = 4" in lines)
    assert 'd = "__import__"' in lines  # words of an address are never code
    assert not page.complaints
