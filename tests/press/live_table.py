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


GIVE = """([name, text, megabytes]) => {
    const given = new DataTransfer(), input = document.querySelector("input[type=file]"), [first, row = ""] = text.split("|");
    const [head, rows] = [first, row.repeat(row && 1e6 / row.length)].map(part => Uint8Array.from(part, sign => sign.charCodeAt(0)));
    given.items.add(new File([head, ...Array(megabytes).fill(rows)], name));
    input.files = given.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def give(page, name, content, megabytes=0):
    """Give the page a file: after a bar stands a row, with as many megabytes of it."""
    page.evaluate(GIVE, [name, content.decode("latin-1"), megabytes])


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
    eventually(trials_of(page), 10)
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


def test_a_newcomer_gets_from_the_front_page_to_a_verdict_in_four_clicks(visitor, address):
    """The teacher's guide tells these steps: a browser that has never run Python, and a table of one's own."""
    page = visitor.new_page()
    browsing.watch(page, address)
    page.goto(f"{address}book/index.html")
    page.get_by_role("link", name="This page", exact=True).click()  # 1
    page.locator(".table-drop").wait_for()
    with page.expect_file_chooser() as chooser:
        page.get_by_label("A file with a table (CSV)").click()  # 2
    chooser.value.set_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": table(300)})
    page.get_by_role("button", name="Load and run").click()  # 3
    start(page).click(timeout=PATIENCE)  # 4
    assert answer(page).startswith(("Yes", "No", "It cannot be told"))
    assert "25 of 25" in page.locator(".table-figure canvas").get_attribute("aria-label")
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
    assert 'pd.read_csv("table.csv", low_memory=False)' in program(page)()
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
    "long.csv": (b"a,b\n|1,2\n", "The file has 102 MB, and the limit is 100 MB", 101),
    "three.csv": (b"a,y\n1,0\n2,1\n3,0\n", "can be used: 3"),
    "one_class.csv": (b"a,b,y\n" + b"".join(b"%d,%d,1\n" % (i, i * i) for i in range(60)), "No column is left"),
}


def test_a_bad_file_gets_a_sentence_and_the_next_one_is_read(page):
    for name, (content, sentence, *megabytes) in BAD.items():
        give(page, name, content, *megabytes)
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
    before, text = trials_of(page)(), program(page)()
    assert before >= 3
    address = page.url
    page.close()
    page = visitor.new_page()
    page.goto(address)
    says(step(page, "choose").locator(".table-says"), "Your table is still here…wine.csv…")
    eventually(trials_of(page), before)
    assert program(page)() == text
    assert page.get_by_label("Trials of each search").input_value() == "8"
    assert not page.workers  # nothing has been started
    page.get_by_role("button", name="Continue").click()
    answer(page)
    eventually(trials_of(page), 16)
    assert len(re.findall(", trial ", step(page, "watch").locator("details pre").text_content())) == 16 - before
    page.get_by_role("button", name="Forget this table").click()
    says(step(page, "choose").locator(".table-says"), "Your table is forgotten:…")
    page.reload()
    page.locator(".table-drop").wait_for()
    browsing.settle(page)
    assert not page.locator(".table-seen").is_visible()


def trials_of(page):
    """Return what counts the trials that the figure shows, by what it says to those who do not see it."""
    figure = page.locator(".table-figure canvas")
    return lambda: sum(map(int, re.findall(r": (\d+) of", figure.get_attribute("aria-label") or "")))


@pytest.mark.parametrize("stopped_in", ["random search", "Bayesian optimization"])
def test_after_a_stop_there_is_a_verdict_of_fewer_trials_as_many_of_both(page, stopped_in):
    choose(page)
    plan(page, 30 if stopped_in == "random search" else 12)
    start(page).click()
    found = step(page, "watch").locator(".table-says")
    begun = r"Trial ([6-9]|1\d) of 60.*" if stopped_in == "random search" else r"Trial 1[789] of 24.*"
    eventually(found.inner_text, re.compile(begun, re.S).match)
    page.get_by_role("button", name="Stop").click()
    fewer = page.get_by_role("button", name=re.compile(r"Verdict with \d+ trials each"))
    n = int(re.search(r"\d+", fewer.inner_text())[0])
    before = trials_of(page)()
    assert n == (before if stopped_in == "random search" else before - 12)
    fewer.click()
    answer(page)
    assert f", {n}, 2, 0\n" in program(page)()
    eventually(trials_of(page), 2 * n)
    printed = step(page, "watch").locator("details pre").text_content()
    fitted = n if stopped_in == "random search" else 2 * n  # a search that has more begins again
    assert len(re.findall(", trial ", printed)) == fitted
    assert not page.complaints


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
    for name, value, said in (
        ("learning_rate, from", "0.9", "A number from 1e-9 to 0.5 belongs here."),
        ("max_iter, to", "99.5", "A whole number from 20 to 10000 belongs here."),
        ("Trials of each search", "", "A whole number from 5 to 200 belongs here."),
    ):
        field = page.get_by_label(name)
        before = field.input_value()
        field.fill(value)
        field.press("Tab")
        says(step(page, "plan").locator(".table-says"), said)
        assert field.input_value() == before
    page.get_by_label("learning_rate, from").fill("0.2")
    page.get_by_label("learning_rate, from").press("Tab")
    eventually(program(page), lambda text: "hpt.Float(0.2, 0.5, log=True)" in text)
    page.get_by_label("Model").select_option("svm")
    eventually(program(page), lambda text: '"model__gamma"' in text)
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
    eventually(trials_of(page), 12)
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


ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")  # two plain words, as no name and no code has them


def test_a_korean_page_says_all_of_it_in_korean(page):
    """Its controls, what is wrong with a table, the program's comments and what it prints, the verdict, and what one leaves with."""
    if not (SITE / "ko").exists():
        pytest.skip("the pages are built in English alone: make editions LIVE=1")
    page.goto(page.url.replace(PAGE, f"ko/{PAGE}"))
    page.locator(".table-drop").wait_for()

    def english(part):
        return ENGLISH.findall(re.sub(r"#.*", lambda found: f"\n{found[0]}\n", page.locator(part).text_content()))

    for name, (content, _, *megabytes) in BAD.items():
        give(page, name, content, *megabytes)
        said = step(page, "choose").locator(".live-hint, .table-stops").first
        said.wait_for(timeout=PATIENCE)
        assert not english("#table-choose .table-form, section#table-choose .table-says >> nth=0"), name
        page.locator(".live-hint").evaluate_all("hints => hints.forEach(hint => hint.remove())")
        page.locator(".table-seen").evaluate("seen => { seen.hidden = true; }")
    page.get_by_role("button", name="와인", exact=True).click()
    begin = page.get_by_role("button", name="시작", exact=True)
    begin.wait_for(timeout=PATIENCE)
    page.get_by_label("모델").select_option("linear")
    page.get_by_label("폴드").fill("2")
    page.get_by_label("폴드").press("Tab")
    eventually(program(page), lambda text: "Logistic" in text and ", 25, 2, 0\n" in text)
    comments = re.findall(r"^# (.*)", program(page)(), re.M)
    assert len(comments) == 5
    assert all(re.search("[가-힣]", comment) and not ENGLISH.search(comment) for comment in comments)
    begin.click()
    answer(page)
    _, report = downloaded(page, "보고서(.html)")
    assert '<html lang="ko">' in report
    for part in ("choose", "plan", "watch", "verdict", "leave"):
        assert not english(f"section#table-{part}"), part
    printed = step(page, "watch").locator("details pre").text_content()
    assert re.findall(r"시행 (\d+)/25: ", printed) == [f"{i}" for i in (*range(1, 26), *range(1, 26))]
    name, text = downloaded(page, "프로그램(.py)")
    assert (name, text.strip()) == ("your_table.py", program(page)().strip())
    assert not page.complaints
