"""The page "Your own table" in a browser: from a table to a verdict, whatever the table holds, and nothing is lost or sent.

Part of `make live-test`, and of `make live-core` where marked so.
"""

import io
import json
import re
import subprocess
import sys

import browsing
import pytest
from browsing import eventually, says
from live_pages import SITE, core, serving, state, visiting

pytestmark = pytest.mark.timeout(1800)
address = pytest.fixture(serving, scope="module", name="address")
PATIENCE = 600_000  # milliseconds until Python has started, or a search has ended, on a very busy machine
PAGE = "book/your_table.html"


@pytest.fixture
def visitor(browser):
    with visiting(browser) as context:
        yield context
        print(*map(state, context.pages), sep="\n")  # which pytest shows of a test that failed


@pytest.fixture
def page(visitor, address):
    page = visitor.new_page()
    browsing.watch(page, address)
    page.goto(f"{address}404.html")
    page.evaluate("localStorage.setItem('hpt-live', 'yes')")
    page.complaints.clear()
    page.goto(address + PAGE)
    page.locator(".table-drop").wait_for()
    return page


def step(page, name):
    return page.locator(f"section#table-{name}")


GIVE = """([name, text]) => {
    const given = new DataTransfer(), input = document.querySelector("input[type=file]");
    const bytes = Uint8Array.from(text.replace(/\\|(.*)\\|/s, (_, row) => row.repeat(21e6 / row.length)), sign => sign.charCodeAt(0));
    given.items.add(new File([bytes], name));
    input.files = given.files;
    input.dispatchEvent(new Event("change"));
}"""


def give(page, name, content):
    """Give the page a file, long ones as the repetition of what is between two bars."""
    page.evaluate(GIVE, [name, content.decode("latin-1")])


def choose(page, name="Wine"):
    page.get_by_role("button", name=name, exact=True).click()
    start(page).wait_for(timeout=PATIENCE)


def start(page):
    return page.get_by_role("button", name="Start", exact=True)


def plan(page, trials=5, model="linear"):
    """Make the search short."""
    label = page.get_by_label
    label("Model").select_option(model)
    for name, value in (("Trials of each search", trials), ("Folds", 2)):
        label(name).fill(str(value))
        label(name).press("Tab")
    eventually(program(page), lambda text: f", {trials}, 2, 0\n" in text and ("Logistic" in text or model != "linear"))


def program(page):
    return lambda: page.locator("#your-program pre").text_content()


def answer(page):
    page.locator(".table-answer").wait_for(timeout=PATIENCE)
    return page.locator(".table-answer").inner_text()


def downloaded(page, name):
    with page.expect_download() as download:
        page.get_by_role("button", name=name).last.click()
    assert download.value.url.startswith("blob:")
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


def table(rows=60, names=("a", "b", "y")):
    """A table of two numbers, and a class that the first of them tells."""
    import csv

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows(
        [i * 37 % rows, i * 11 % rows, "no" if (i * 37 % rows + i % 7) * 2 < rows else "yes"] for i in range(rows)
    )
    return file.getvalue().encode()


@core
def test_a_table_gets_a_verdict_and_the_program_gives_the_same_numbers_outside(page, tmp_path):
    choose(page)
    plan(page)
    start(page).click()
    assert answer(page).startswith(("Yes", "No", "It cannot be told"))
    eventually(page.locator(".table-figure circle, .table-out").count, 10)
    verdict = step(page, "verdict")
    assert re.search(r"\d% ± \d", verdict.inner_text())
    lessons = verdict.locator("li a")
    assert lessons.count() >= 1
    assert all(
        (SITE / href.partition("#")[0]).exists()
        for href in lessons.evaluate_all(
            "(links, root) => links.map(link => link.href.replace(root, ''))", page.url.removesuffix(PAGE)
        )
    )
    name, text = downloaded(page, "Program (.py)")
    assert (name, text.strip()) == ("your_table.py", program(page)().strip())
    _, notebook = downloaded(page, "Notebook (.ipynb)")
    cells = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
    assert all(cell in text for cell in cells)
    _, report = downloaded(page, "Report (.html)")
    assert "<title>wine.csv" in report
    _, params = downloaded(page, "Hyperparameters (.json)")
    assert json.loads(params)["params"]
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "wine.csv").write_bytes((SITE.parents[2] / "book/tables/wine.csv").read_bytes())
    outside = subprocess.run(
        [sys.executable, "-W", "ignore", name], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert outside.returncode == 0, outside.stderr
    page.get_by_text("What the program prints").click()
    printed = step(page, "watch").locator("details pre").text_content()
    assert printed.split("\n") == outside.stdout.split("\n")
    assert not page.complaints


HOSTILE = (
    "<img src=x onerror=\"document.title='HARMED'\">",
    '=HYPERLINK("http://localhost:1/x")',
    '"""; import os #{y!r}',
)


def test_words_of_a_table_are_shown_and_never_run(page):
    title = page.title()
    give(page, "<b onclick=alert(1)>.csv", table(names=HOSTILE))
    start(page).wait_for(timeout=PATIENCE)
    assert page.locator(".table-head th").all_inner_texts() == list(HOSTILE)
    assert not page.locator(".table-head :is(img, b)").count()
    assert (
        step(page, "choose")
        .locator("caption")
        .inner_text()
        .startswith("The first rows of <b onclick=alert(1)>.csv: 60 rows")
    )
    assert 'pd.read_csv("table.csv")' in program(page)()
    plan(page)
    start(page).click()
    answer(page)
    assert page.title() == title
    assert not page.complaints


BAD = {
    "empty.csv": (b"", "empty"),
    "one_column.csv": (b"a\n1\n2\n", "one column"),
    "quote.csv": (b'a,b\n"1,2\n3,4\n', "does not close"),
    "sheet.csv": (b"PK\x03\x04....", "no table in plain text"),
    "long.csv": (b"a,b\n|1,2\n|", "20 MB"),
    "three.csv": (b"a,y\n1,0\n2,1\n3,0\n", "can be used: 3"),
    "one_class.csv": (b"a,b,y\n" + b"".join(b"%d,%d,1\n" % (i, i * i) for i in range(60)), "No column is left"),
}


def test_a_bad_file_gets_a_sentence_and_the_next_one_is_read(page):
    for name, (content, sentence) in BAD.items():
        give(page, name, content)
        step(page, "choose").locator(".live-hint, .table-stops", has_text=sentence).wait_for(timeout=PATIENCE)
    give(page, "good.csv", table())
    start(page).wait_for(timeout=PATIENCE)
    assert not page.complaints


def test_stop_and_a_closed_tab_lose_no_trial(page, visitor):
    choose(page)
    plan(page, 8)
    start(page).click()
    found = step(page, "watch").locator(".table-says")
    eventually(found.inner_text, re.compile(r"Trial ([3-9]|1\d) of 16.*", re.S).match)
    page.get_by_role("button", name="Stop").click()
    says(found, "Stopped. The trials that have finished are kept…")
    marks = page.locator(".table-figure circle, .table-out")
    before, text = marks.count(), program(page)()
    assert before >= 3
    address = page.url
    page.close()
    page = visitor.new_page()
    page.goto(address)
    says(step(page, "choose").locator(".table-says"), "Your table is still here…wine.csv…")
    eventually(marks_of(page), before)
    assert program(page)() == text
    assert page.get_by_label("Trials of each search").input_value() == "8"
    assert not page.workers  # nothing has been started
    page.get_by_role("button", name="Continue").click()
    eventually(found_of(page), lambda words: f"Trial {before + 1} of 16" in words or "best" in words)
    answer(page)
    assert marks_of(page)() == 16
    page.get_by_role("button", name="Forget this table").click()
    says(step(page, "choose").locator(".table-says"), "Your table is forgotten:…")
    page.reload()
    page.locator(".table-drop").wait_for()
    browsing.settle(page)
    assert not page.locator(".table-head").count()


def marks_of(page):
    return page.locator(".table-figure circle, .table-out").count


def found_of(page):
    return step(page, "watch").locator(".table-says").inner_text


WORDS = "() => (document.activeElement.labels?.[0] ?? document.activeElement).innerText"  # of what has the focus


def tab(page, words):
    """Press Tab until what is named so has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(WORDS).startswith(words):
            return
    raise AssertionError(f"no Tab leads to {words!r}")


def test_all_of_it_by_keyboard(page):
    page.locator("input[type=file]").focus()
    tab(page, "Wine")
    page.keyboard.press("Enter")
    start(page).wait_for(timeout=PATIENCE)
    tab(page, "Model")
    page.keyboard.press("l")
    eventually(program(page), lambda text: "Logistic" in text)
    eventually(lambda: page.evaluate(WORDS), browsing.like("Model…"))
    tab(page, "Trials of each search")
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    tab(page, "Start")
    eventually(program(page), lambda text: '"cultivar", 5, 5, 0\n' in text)
    page.keyboard.press("Enter")
    eventually(lambda: page.evaluate(WORDS), browsing.like("Stop…"))
    answer(page)
    eventually(lambda: page.evaluate(WORDS), browsing.like("4 Verdict…"))
    tab(page, "lesson 2.2")
    tab(page, "Program (.py)")
    with page.expect_download():
        page.keyboard.press("Enter")
    assert not page.complaints


def test_a_choice_changes_the_program_and_the_lines_that_it_changed_are_marked(page):
    choose(page, "Diabetes")
    assert page.get_by_label("It is").input_value() == "regression"
    page.get_by_label("What to predict").select_option("sex")
    eventually(lambda: page.get_by_label("It is").input_value(), "classification")
    eventually(program(page), lambda text: 'TARGET, TRIALS, FOLDS, SEED = "sex"' in text)
    eventually(page.locator(".table-new").all_inner_texts, lambda lines: any('"sex"' in line for line in lines))
    page.get_by_text("Columns to predict from").click()
    page.locator(".table-columns").get_by_label("bmi").uncheck()
    eventually(program(page), lambda text: '"bmi"' not in text)
    page.get_by_text("The search space").click()
    page.get_by_label("learning_rate, from").fill("0.9")
    page.get_by_label("learning_rate, from").press("Tab")
    says(step(page, "plan").locator(".table-says"), "The range of learning_rate must be two numbers above 0…")
    assert not page.complaints


def test_nothing_of_a_table_is_sent_and_a_second_search_needs_no_network(page, visitor, address):
    asked = []
    visitor.on("request", lambda request: asked.append((request.method, request.url, request.post_data)))
    choose(page)
    plan(page)
    start(page).click()
    answer(page)
    page.get_by_role("button", name="Report (.html)").wait_for(timeout=PATIENCE)
    own = re.compile(rf"{address}(_downloads|_static)/[\w/.-]+|blob:.*")
    assert [one for one in asked if one[0] != "GET" or one[2] or not own.fullmatch(one[1])] == []
    asked.clear()
    visitor.set_offline(True)
    plan(page, 6)
    start(page).click()
    eventually(page.locator(".table-figure circle, .table-out").count, 12)
    page.get_by_role("button", name="Report (.html)").wait_for(timeout=PATIENCE)
    assert [url for _, url, _ in asked if not url.startswith("blob:")] == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_fits_and_is_no_barrier(browser, address, width, scheme):
    with browsing.opening(browser, address) as opened:
        page = opened(PAGE, width=width, scheme=scheme)
        page.locator(".table-drop").wait_for()
        page.evaluate("localStorage.setItem('hpt-live', 'yes')")
        browsing.fits(page)
        give(page, "wide.csv", table(names=("a" * 80, "b", "y")))
        start(page).wait_for(timeout=PATIENCE)
        plan(page)
        start(page).click()
        answer(page)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        browsing.fits(page)
        assert not browsing.barriers(page, scheme)


def test_from_a_folder_the_page_says_how_to_serve_it(browser):
    with browsing.opening(browser, "file://") as opened:
        page = opened((SITE / PAGE).as_uri().removeprefix("file://"))
        says(page.locator(".live-hint"), "…make serve…")


def test_a_korean_page_says_all_of_it_in_korean(page):
    if not (SITE / "ko").exists():
        pytest.skip("the pages are built in English alone: make editions LIVE=1")
    page.goto(page.url.replace(PAGE, f"ko/{PAGE}"))
    page.get_by_role("button", name="와인", exact=True).click()
    page.get_by_role("button", name="시작", exact=True).click(timeout=PATIENCE)
    answer(page)
    said = step(page, "verdict").locator(".table-form").inner_text()
    assert not re.findall(r"\b[a-z]+ [a-z]+ [a-z]+\b", said)
