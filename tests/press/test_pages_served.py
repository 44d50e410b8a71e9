"""The live page of a study in a browser: it follows a search that is killed and resumed, and shows any number of trials, and any name."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys

import browsing
import pytest
import sources
from browsing import eventually

import hpt_lab as hpt
from hpt_lab import Float, Int, RandomSearch, Space, Study
from hpt_lab.study.log import Log
from hpt_lab.study.trial import replace_unchecked
from hpt_lab.tools.serve import serve
from hpt_lab.tools.serve.feed import Feed

# What `make test` looks at once, it looks at twice where these have changed.
ABOUT = ("hpt_lab/tools/serve/", "hpt_lab/tools/report/", "tests/press/test_pages_served.py")
EVIL = "<img src=x onerror='window.harmed=1'>"
SPACE = Space(x=Float(1e-3, 1e3, log=True), n=Int(1, 9).when(kind="a"), kind=["a", "b"])
SEARCH = """
import sys, time
from pathlib import Path
import hpt_lab as hpt
folder, most = Path(sys.argv[1]), int(sys.argv[2])

def loss(params):  # trains until it may end
    number = len(study.trials) - 1
    while not (folder / f"end {number}").exists():
        time.sleep(0.01)
    if number == 1:
        raise MemoryError("out of memory")
    return 10 - number

study = hpt.Study(hpt.Space(x=hpt.Float(0, 1), n=hpt.Int(1, 9)), hpt.RandomSearch(), storage=folder / "runs.db", name="net")
hpt.run(study, loss, most, progress=False)
"""


@pytest.fixture
def opened(browser):
    """Gives a function that opens the page of a server, watched for errors and requests to elsewhere."""
    with contextlib.ExitStack() as stack:

        def opened(server, *more):
            address = f"http://127.0.0.1:{server.server_port}/"
            return stack.enter_context(browsing.opening(browser, address))(server.url.removeprefix(address), *more)

        yield opened


def shows(page, place, text):
    """Wait until the element shows the text."""
    page.locator(place).filter(has_text=text).first.wait_for()


def study_of(n):
    """A study of n trials, made without a search: one in 97 failed."""
    study = Study(SPACE, RandomSearch())
    blank, trials = study.ask(), []
    points = [SPACE.decode([(i * k % n + 0.5) / n for k in (1, 7, 13)]) for i in range(n)]
    for i, params in enumerate(points):
        outcome = {"state": "complete", "value": params["x"] + i % 7}
        if i % 97 == 96:
            outcome = {"state": "failed", "error": "ValueError: diverged"}
        trials.append(replace_unchecked(blank, number=i, params=params, started=1.7e9 + i, seconds=0.5, **outcome))
    study._backend.log = Log(enumerate(trials))
    return study


def test_it_follows_a_search_that_is_killed_and_resumed(opened, tmp_path):
    def search():
        return subprocess.Popen([sys.executable, "-c", SEARCH, str(tmp_path), "5"])

    def end(*numbers):
        for number in numbers:
            (tmp_path / f"end {number}").touch()

    searching = search()
    try:
        eventually(lambda: (tmp_path / "runs.db").exists() and len(hpt.studies(tmp_path / "runs.db")))
        with serve(tmp_path / "runs.db") as server:
            page = opened(server)
            shows(page, "#state", "1 running")
            shows(page, "#running td", f"process {searching.pid} on ")
            end(0, 1, 2)
            shows(page, "#incumbent", "The best value is 8 (trial 2).")
            shows(page, "#failed td", "MemoryError: out of memory")
            shows(page, "#running td", "3")
            searching.kill()
            searching.wait()
            shows(page, "#running td", "it has ended, and the next one to ask gets this trial")
            shows(page, "#state", "Nothing is running.")
            searching = search()
            shows(page, "#running td", f"process {searching.pid} on ")
            end(3, 4)
            shows(page, "#incumbent", "The best value is 6 (trial 4).")
            shows(page, "#running p", "Nothing is running.")
            assert searching.wait() == 0
            eventually(page.title, "6 · net")
            eventually(page.get_by_label("The value of each of 5 trials, and the best so far: 6").is_visible)
            shows(page, "#importance h2", "Which hyperparameters matter")
            assert not page.complaints
    finally:
        searching.kill()


def test_ten_thousand_trials_are_sent_once_and_chosen_by_keyboard(opened):
    study = study_of(10_000)
    mark, change = (feed := Feed(study)).changes("", {})
    assert len(json.dumps(change)) < 600_000
    with study.serve() as server:
        page = opened(server)
        shows(page, "#searched", "10000 trials")
        shows(page, "#chosen", "9897 of 9897 trials, of which 1494 are drawn")
        slider = page.get_by_role("slider", name="x, from")
        slider.focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        above = [t for t in study.history.finished if round(1e4 * SPACE["x"].encode(t.params["x"])) >= 4999]
        shows(page, "#chosen", f"{len(above)} of 9897 trials")
        eventually(lambda: slider.get_attribute("aria-valuetext"), "1")
        rows = page.locator("#lines tbody tr")
        best = min(above, key=lambda trial: (trial.value, trial.number))
        shows(page, "#lines tbody tr:first-child td:first-child", str(best.number))
        eventually(rows.count, 20)
        page.get_by_role("button", name="Show all trials").press("Enter")
        shows(page, "#chosen", "9897 of 9897 trials")
        study.add({"x": 1e-3, "kind": "b"}, -1.0)
        assert len(json.dumps(feed.changes(mark, {})[1])) < 300
        shows(page, "#incumbent", "The best value is −1 (trial 10000).")
        assert not page.complaints


def test_a_pointer_chooses_along_an_axis_and_a_click_frees_it(opened):
    with study_of(50).serve() as server:
        page = opened(server)
        shows(page, "#chosen", "50 of 50 trials")
        canvas = page.locator("#parallel")
        box = browsing.frame_of(canvas)
        x, middle, bottom = box["x"] + 24, box["y"] + 34 + (box["height"] - 48) / 2, box["y"] + box["height"] - 10
        page.mouse.move(x, middle)
        page.mouse.down()
        page.mouse.move(x, bottom, steps=3)
        page.mouse.up()
        shows(page, "#chosen", "25 of 50 trials")
        eventually(lambda: page.get_by_role("slider", name="x, to").get_attribute("aria-valuetext"), "1")
        page.mouse.click(x, middle)
        shows(page, "#chosen", "50 of 50 trials")


def test_two_tabs_and_two_studies_side_by_side(opened, tmp_path):
    first, second = (Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name=name) for name in "ab")
    for study, value in ((first, 2.0), (second, 1.0)):
        study.add({"x": 1.0, "kind": "b"}, value)
    with first.serve() as server:
        pages = [opened(server), opened(server)]
        for page in pages:
            shows(page, "#incumbent", "The best value is 2 ")
        pages[1].get_by_label("compare with").select_option("b")
        shows(pages[1], "#comparison", "best value")
        eventually(pages[1].locator("#comparison tr").nth(1).inner_text, "best value\t2\t1")
        first.add({"x": 2.0, "kind": "b"}, 0.5)
        second.add({"x": 2.0, "kind": "b"}, 0.25)
        for page in pages:
            shows(page, "#incumbent", "The best value is 0.5 ")
        shows(pages[1], "#comparison td", "0.25")
        pages[1].close()
        first.add({"x": 2.0, "kind": "b"}, 0.125)
        shows(pages[0], "#incumbent", "The best value is 0.125 ")
        pages[0].locator("#choose").select_option("b")
        shows(pages[0], "h1", "b")
        assert not pages[0].complaints


COUNT = """({id, shade}) => {
    const canvas = document.getElementById(id), {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const wanted = getComputedStyle(document.documentElement).getPropertyValue("--" + shade).trim().match(/\\w\\w/g).map(x => parseInt(x, 16));
    let n = 0;
    for (let i = 4 * 22 * canvas.width; i < data.length; i += 4) n += data[i + 3] > 40 && wanted.every((value, k) => Math.abs(data[i + k] - value) < 9);
    return n;
}"""


def pixels(page, canvas, shade):
    """Return a function that counts a canvas's pixels in a color of the page, below its labels."""
    return lambda: page.evaluate(COUNT, {"id": canvas, "shade": shade})


def test_the_fronts_of_two_studies_are_compared_by_their_hypervolume(opened, tmp_path):
    directions = {"size": "minimize", "accuracy": "maximize"}
    pairs = {"a": [(3, 5), (1, 2), (2, 1), (4, 0)], "b": [(2, 4), (0.5, 0.5)]}
    for name, points in {**pairs, "one": [1.0]}.items():
        how = {"directions": directions} if name in pairs else {}
        study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name=name, **how)
        for value in points:
            study.tell(study.ask(), value, constraints={"memory": 0})
        study.tell(study.ask(), (0.1, 4.5) if how else 0.5, constraints={"memory": 1})
    with hpt.Study.open(tmp_path / "runs.db", "a").serve() as server:
        page = opened(server)
        shows(page, "#incumbent", "2 trials are on the front: ")
        shows(page, "#searched", "lowest size, highest accuracy")
        shows(page, "#front h2", "The front")
        shows(page, "#front p", "hollow if it is not feasible")
        eventually(page.get_by_label("size and accuracy of 5 trials, of which 2 are on the front.").is_visible)
        shows(page, "#chosen", "5 of 5 trials")
        eventually(lambda: page.get_by_role("slider", name="accuracy, to").get_attribute("aria-valuetext"), "5")
        eventually(page.locator("#paths").is_hidden)
        eventually(page.locator("#importance").is_hidden)
        eventually(pixels(page, "parallel", "gold"), lambda n: n > 100)
        page.get_by_label("compare with").select_option("b")
        volumes = [hpt.hypervolume(points, (4, 0), directions) for points in pairs.values()]
        shows(page, "#comparison p", "measured from (4, 0), the worst value of each objective")
        shows(page, "#comparison td", "hypervolume")
        row = "\t".join(["hypervolume", *(f"{volume:g}" for volume in volumes)])
        eventually(page.locator("#comparison tr").nth(1).inner_text, row)
        page.get_by_label("compare with").select_option("one")
        shows(page, "#comparison p", "The two studies differ in what they minimize or maximize")
        assert not page.complaints


def test_what_is_not_feasible_is_never_the_best_and_runs_that_were_given_up_are_purple(opened):
    study = Study(SPACE, RandomSearch())
    with study.serve() as server:
        page = opened(server)
        shows(page, "#incumbent", "No trial is complete yet.")
        study.tell(study.ask(), 0.5, constraints={"memory": 1})
        shows(page, "#paths h2", "No trial is feasible yet")
        shows(page, "#incumbent", "1 of 1 complete trials are not feasible")
        eventually(pixels(page, "by-trial", "gold"), 0)
        for value in (2.0, 3.0):
            study.tell(study.ask(), value)
        shows(page, "#incumbent", "The best value is 2 (trial 1).")
        shows(page, "#lines tbody tr:first-child td:first-child", "1")
        shows(page, "#lines tbody tr:last-child td:first-child", "0")
        eventually(pixels(page, "by-trial", "gold"), lambda n: n > 50)
        eventually(pixels(page, "by-trial", "purple"), 0)

        def train(params):
            yield from (len(study.trials) + 1 / units for units in range(1, 10))

        hpt.run(study, train, 7, stopping=hpt.MedianStopping(3, 2), progress=False)
        assert study.trials[6].expected is not None
        shows(page, "#curves p", "Purple runs were given up.")
        for name in ("by-trial", "in-time", "learning"):
            eventually(pixels(page, name, "purple"), lambda n: n > 5)
        assert not page.complaints


def test_no_name_and_no_error_does_any_harm(opened, tmp_path):
    names = [EVIL, "\u202eright to left", "a" * 10_000, "new\nline", "</script><script>window.harmed=1</script>"]
    space = Space({name: Float(0, 1) for name in names[:-1]}, kind=[names[-1], "b"])
    for name in (EVIL, "b" * 10_000):
        study = Study(space, RandomSearch(), storage=tmp_path / "runs.db", name=name)
        for i in range(8):
            study.tell(study.ask(), i) if i % 4 else study.tell(study.ask(), error=f"{EVIL}\n{'x' * 10_000}")
        study.ask()
    with serve(tmp_path / "runs.db") as server:
        page = opened(server, 390)
        shows(page, "#studies td", EVIL)
        page.get_by_role("link", name=EVIL).click()
        shows(page, "#failed td", EVIL)
        shows(page, "#running td", f"{EVIL} = ")
        shows(page, "#lines tbody td", "8")
        page.get_by_label("compare with").select_option(index=1)
        shows(page, "#comparison th", "bbb")
        assert page.evaluate("() => window.harmed") is None
        assert page.locator("main img, main script, iframe").count() == 0
        browsing.fits(page, 0)
        assert not page.complaints


@pytest.mark.parametrize(("width", "scheme"), sources.samples((1280, "dark"), (390, "light"), about=ABOUT))
def test_in_korean_and_without_barriers(opened, width, scheme):
    study = study_of(30)
    trial = study.ask()
    with study.serve(language="ko") as server:
        page = opened(server, width, scheme)
        shows(page, "#running td", "이 프로세스")
        page.locator("#trials td button").first.click()
        shows(page, "#trial h2", "번 시행")
        shows(page, "#map h2", "하이퍼파라미터 둘을 함께 본 값")
        shows(page, "#incumbent", "가장 좋은 값은")
        shows(page, "#bars li", "함께")
        study.tell(trial, 1e-4)
        shows(page, "#state", "진행 중인 시행이 없다.")
        shows(page, "#incumbent", "30번 시행이다.")
        words = page.evaluate("() => document.querySelector('main').innerText.match(/[A-Za-z]{3,}/g)")
        assert set(words) <= {"RandomSearch", "UTC", "Float", "Int", "Categorical", "kind", "log", "CSV"}
        browsing.fits(page, 0)
        assert not browsing.barriers(page, scheme)
        assert not page.complaints


def test_all_trials_are_sorted_searched_and_looked_at_by_keyboard(opened):
    study = study_of(98)
    with study.serve() as server:
        page = opened(server)
        first, found = page.locator("#trials tbody tr:first-child td:first-child"), page.locator("#found")
        eventually(found.inner_text, "1 to 25 of 98")
        eventually(first.inner_text, str(study.best.number))
        page.locator("#trials th button").first.press("Enter")
        page.locator("#trials th[aria-sort=ascending]").wait_for()
        eventually(first.inner_text, "0")
        eventually(lambda: page.evaluate("() => document.activeElement.textContent"), "trial")  # it keeps the keyboard
        page.keyboard.press("Enter")
        eventually(first.inner_text, "97")
        eventually(page.locator("#trials th[aria-sort=descending]").inner_text, like_head("trial"))
        page.get_by_role("button", name="Rows after").press("Enter")
        eventually(found.inner_text, "26 to 50 of 98")
        page.get_by_role("searchbox", name="Search").fill("diverged")
        eventually(found.inner_text, "1 to 1 of 1")
        eventually(first.inner_text, "96")
        page.get_by_role("button", name="96").press("Enter")
        shows(page, "#trial h2", "Trial 96")
        shows(page, "#trial .error", "ValueError: diverged")
        eventually(lambda: page.evaluate("() => document.activeElement.id"), "trial")
        page.get_by_role("button", name="Close").press("Enter")
        eventually(page.locator("#trial").is_hidden)
        page.get_by_role("searchbox", name="Search").fill("")
        page.locator("#trials th button").first.press("Enter")  # the best first again
        eventually(first.inner_text, str(study.best.number))
        first.get_by_role("button").press("Enter")
        shows(page, "#trial p", "Rank 1 of 97.")
        study.add({"x": 1e-3, "kind": "b"}, -1.0)
        shows(page, "#trial p", "Rank 2 of 98.")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as CSV").press("Enter")
        assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 1 + 99
        assert download.value.suggested_filename == "study.csv"
        assert page.locator("form").count() == 0
        assert not page.complaints


def like_head(text):
    return lambda seen: seen.startswith(text)


@pytest.mark.parametrize(("width", "scheme"), sources.samples((1280, "light"), (390, "dark"), about=ABOUT))
def test_a_report_has_each_trial_in_detail_below_its_row(browser, tmp_path, width, scheme):
    def loss(params, trial):
        if trial.number == 3:
            raise ValueError(f"diverged {EVIL}")
        for spent in range(1, 5):
            trial.report(trial.number + 1 / spent, note=f"n{trial.number}")

    study = hpt.tune(loss, SPACE, RandomSearch(), 12, seed=1, progress=False)
    study.report(tmp_path / "report.html", title="net")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("report.html", width, scheme)
        table, fold = page.locator("table.sortable"), page.locator("table.sortable .fold")
        numbers = lambda: table.locator("tbody tr:not(.fold):visible > :first-child").all_inner_texts()  # noqa: E731
        eventually(numbers, ["0", "1", "2", *map(str, range(4, 12)), "3"])
        opener = table.get_by_role("button", name="5", exact=True)
        assert opener.get_attribute("aria-expanded") == "false"
        opener.press("Enter")
        shows(page, ".fold p", "Rank 5 of 11. Started ")
        shows(page, ".fold dd", "n5")
        assert repr(study.trials[5].params["x"]) in fold.locator("pre").inner_text()
        assert opener.get_attribute("aria-expanded") == "true"
        lines = fold.locator("path:not(.grid)").evaluate_all(
            "all => all.map(one => [one.className.baseVal, one.getTotalLength() > 100])"
        )
        assert lines == [["best", True], ["own", True]]
        shows(page, ".fold text", "6")  # from 6 of its own to 0.25 of the best one
        shows(page, ".fold text", "0.25")
        inside = fold.locator(".detail").bounding_box()
        assert 0 <= inside["x"] < inside["x"] + inside["width"] <= width  # though the table is wider
        for _ in range(2):
            table.locator("th button").first.click()
        eventually(numbers, [str(i) for i in range(11, -1, -1)])
        below = "all => all[0].previousElementSibling.cells[0].textContent"
        assert fold.evaluate_all(below) == "5"  # it moves with its row, and is hidden with it
        page.get_by_role("searchbox", name="Search").fill("diverged")
        eventually(numbers, ["3"])
        eventually(fold.first.is_hidden)
        page.get_by_role("searchbox", name="Search").fill("n5")
        eventually(numbers, ["5"])
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as CSV").click()
        head, only = download.value.path().read_text(encoding="utf-8").splitlines()
        assert (head.split(",")[0], only.split(",")[0]) == ('"trial"', '"5"')
        page.get_by_role("searchbox", name="Search").fill("")
        table.get_by_role("button", name="0", exact=True).click()
        page.get_by_role("button", name="3", exact=True).click()
        shows(page, ".fold .error", f"ValueError: diverged {EVIL}")
        shows(page, ".fold figcaption", "The value after each unit of budget.")
        eventually(page.locator("tr.fold path.best").count, 1)  # beside 5: the best one has no other beside it
        browsing.fits(page, 0)
        page.evaluate(
            "scheme => { document.documentElement.dataset.theme = scheme; }", scheme
        )  # it follows the system alone
        assert not browsing.barriers(page, scheme)
        opener.press("Enter")
        eventually(fold.count, 2)  # those of 0 and 3
        assert page.evaluate("() => window.harmed") is None
        assert not page.complaints


def test_slices_and_the_map_of_a_study_lead_to_its_trials(opened):
    study = study_of(60)
    with study.serve() as server:
        page = opened(server)
        shows(page, "#map h2", "Two hyperparameters together")
        eventually(page.locator("#slices canvas").count, 3)
        eventually(page.get_by_label("Values of 60 trials against x. The best trial has ").is_visible)
        eventually(page.get_by_label("horizontal axis").locator("option").all_inner_texts, ["x", "kind"])
        named = page.get_by_label("The expected value over x and kind.")
        page.get_by_label("horizontal axis").select_option("x")
        page.get_by_label("vertical axis").select_option("kind")
        eventually(named.is_visible)
        dot = (
            "() => document.querySelector('#slices canvas').dots.find(([, , trial]) => trial.number === 7).slice(0, 2)"
        )
        x, y = page.evaluate(dot)
        page.locator("#slices canvas").first.click(position={"x": x, "y": y})
        shows(page, "#trial h2", "Trial 7")
        colors = "() => new Set(Array.from(document.getElementById('plane').getContext('2d').getImageData(80, 40, 300, 200).data)).size"
        eventually(lambda: page.evaluate(colors), lambda n: n > 12)  # bands
        assert not page.complaints


@pytest.mark.parametrize(("width", "scheme"), sources.samples((390, "dark"), (1280, "light"), about=ABOUT))
def test_with_edit_a_page_keeps_notes_renames_and_deletes(opened, browser, tmp_path, width, scheme):
    for name in ("net", "other"):
        study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name=name)
        study.add({"x": 1.0, "kind": "b"}, 2.0)
    running = study.ask()
    with serve(tmp_path / "runs.db", edit=True) as server:
        page = opened(server, width, scheme)
        page.get_by_role("link", name="net").click()  # the token goes along, and is in no address
        page.get_by_label("Note on this study").fill(f"{EVIL} first")
        page.locator("#edit").get_by_role("button", name="Save").press("Enter")
        shows(page, "#edited", "Saved.")
        shows(page, "#remarks td", f"{EVIL} first")
        assert server.token not in page.url
        page.get_by_role("button", name="0", exact=True).click()
        page.get_by_label("Note on this trial").fill("look again")
        page.locator("#trial").get_by_role("button", name="Save").click()
        shows(page, "#trial p", "Note: look again")
        browsing.fits(page, 0)
        assert not browsing.barriers(page, scheme)
        stranger = browser.new_page()  # who has the address, but not the token
        stranger.goto(f"http://127.0.0.1:{server.server_port}/?study=1")
        shows(stranger, "#remarks td", "look again")
        assert stranger.get_by_label("Note on this study").is_hidden()
        stranger.close()
        page.get_by_label("Name").fill("tree")
        page.get_by_role("button", name="Rename").click()
        shows(page, "h1", "tree")
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Delete this study").click()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Delete this study").click()
        shows(page, "h1", "other")  # the only one that is left
        assert [study.name for study in hpt.studies(tmp_path / "runs.db")] == ["other"]
        assert page.evaluate("() => window.harmed") is None
        assert not page.complaints
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Delete this study").click()
        shows(page, "#edited", "study 'other' has 1 running trial, asked for by process")
        study.tell(running, 1.0)
        assert [study.n_trials for study in hpt.studies(tmp_path / "runs.db")] == [2]


@pytest.mark.parametrize("worst", sources.samples((1.7e308,), (1e300,), (5e-324,), about=ABOUT))
def test_no_number_empties_a_page(opened, worst):
    study = Study(SPACE, RandomSearch())
    with study.serve() as server:
        page = opened(server)
        shows(page, "#incumbent", "No trial is complete yet.")
        for value in (worst, 1.0, 0.0):
            study.tell(study.ask(), value, constraints={"a": -1.0})
        study.tell(study.ask(), -1.0, constraints={"a": worst, "b": worst})
        shows(page, "#incumbent", "The best value is 0 (trial 2).")
        shows(page, "#searched", "4 trials")
        trial = study.ask()
        shows(page, "#state", "1 running")
        study.tell(trial, -1.0)
        shows(page, "#incumbent", "The best value is −1 (trial 4).")
        page.locator("#map").wait_for()  # it comes after the importance, and has the largest numbers to add
        eventually(page.locator("#unread").inner_text, "")
        assert not page.complaints


def test_a_page_says_what_it_cannot_read_until_it_can(opened, monkeypatch):
    study = study_of(20)

    def wrong(self, *arguments):
        raise OSError(24, "Too many open files")

    with study.serve() as server, monkeypatch.context() as patch:
        page = opened(server)
        shows(page, "#chosen", "20 of 20 trials")
        eventually(page.locator("#unread").inner_text, "")
        patch.setattr(Feed, "words", wrong)
        study.ask()
        text = "A part of this page cannot be read: This cannot be told now: OSError: [Errno 24] Too many open files."
        eventually(page.locator("#unread").inner_text, text)
        assert not browsing.barriers(page, "light")
        shows(page, "#state", "1 running")  # the rest goes on
        patch.setattr(Feed, "words", WORDS)
        patch.setattr(Feed, "changes", lambda *_: (_ for _ in ()).throw(ZeroDivisionError("no")))
        shows(page, "#state", "This cannot be told now: ZeroDivisionError: no.")
        patch.setattr(Feed, "changes", lambda feed, *_: ("1", {"trials": {"number": [0]}}))  # not what a page can take
        shows(page, "#unread", "A part of this page cannot be read: ")
        patch.undo()
        study.ask()
        shows(page, "#state", "2 running")
        eventually(page.locator("#unread").inner_text, "")
        bars = Feed.importance

        def unknown(feed, say):
            return {**bars(feed, say), "bars": [("x", float("nan"), float("inf"))]}

        patch.setattr(Feed, "importance", unknown)
        study.add({"x": 1.0, "kind": "b"}, 0.5)
        page.reload()
        shows(page, "#bars li", "NaN")
        shows(page, "#state", "2 running")
        eventually(page.locator("#unread").inner_text, "")


WORDS = Feed.words


def test_a_report_is_made_for_its_page_alone_and_not_for_that_of_another_port(opened, browser, tmp_path):
    study = Study(SPACE, RandomSearch(), storage=tmp_path / "runs.db", name="net")
    study.add({"x": 1.0, "kind": "b"}, 2.0)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index.html").write_text("<h1>elsewhere</h1>", encoding="utf-8")
    with serve(tmp_path / "runs.db") as server, browsing.served(tmp_path / "elsewhere") as elsewhere:
        made, make = [], server.reports.make
        server.reports.make = lambda *options: made.append(options) or make(*options)
        page = opened(server)
        shows(page, "#incumbent", "The best value is 2 ")
        stranger = browser.new_page()
        stranger.goto(elsewhere)
        report = f"http://127.0.0.1:{server.server_port}/report?study=1"
        load = """address => new Promise(done => { const image = new Image(); image.onload = image.onerror = done; image.src = address; })"""
        stranger.evaluate(load, report)
        stranger.evaluate("address => fetch(address, { mode: 'no-cors' }).catch(() => null).then(() => null)", report)
        stranger.close()
        assert made == []
        with page.expect_popup() as popup:
            page.get_by_role("link", name="the report as it is now").click()
        shows(popup.value, "h1", "net")
        assert len(made) == 1
        popup.value.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no file in use")
def test_an_overview_finds_its_server_again_and_says_what_cannot_be_read(opened, tmp_path):
    path, port = tmp_path / "runs.db", port_to_keep()
    for name in "ab":
        study = Study(SPACE, RandomSearch(), storage=path, name=name)
        study.add({"x": 1.0, "kind": "b"}, 2.0)
    with serve(path, port=port) as server:
        page = opened(server)
        shows(page, "#studies td", "b")
    shows(page, "#state", "No connection to the server: trying again.")
    study.add({"x": 1.0, "kind": "b"}, 0.125)
    with serve(path, port=port):
        shows(page, "#studies td", "0.125")
        eventually(page.locator("#state").inner_text, "")
        study.close()
        os.replace(path, tmp_path / "away.db")
        shows(page, "#unread", "does not exist; give the path of a file that holds a study")
        os.replace(tmp_path / "away.db", path)
        eventually(page.locator("#unread").inner_text, "")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE entries SET crc = 0 WHERE study = 1 AND number = 0")
            connection.commit()
        page.reload()
        shows(page, "#studies td", "0.125")


def port_to_keep():
    """Return a free port that no connection of another process gets meanwhile: one below those that the system gives to them."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def test_a_page_says_that_its_server_is_gone_and_finds_it_again(opened):
    study = study_of(5)
    with study.serve(port=port_to_keep()) as server:
        page = opened(server)
        shows(page, "#state", "Nothing is running.")
    shows(page, "#state", "No connection to the server: trying again.")
    study.ask()
    with study.serve(port=server.server_port):
        shows(page, "#state", "1 running")
