"""What the tests in a browser share: they wait for what they see, and draw the same numbers in each run."""

import threading
from collections import Counter

import browsing
import pytest

DRAWN = "() => [Math.random(), Math.random()]"


def test_what_comes_late_is_waited_for_and_what_never_comes_is_an_error(monkeypatch):
    counted = iter(range(10))
    assert browsing.eventually(lambda: next(counted), 3) == 3
    assert browsing.eventually(lambda: next(counted), lambda number: number > 5) == 6
    monkeypatch.setattr(browsing, "PATIENCE", 0)
    with pytest.raises(AssertionError, match="7 has not become 3"):
        browsing.eventually(lambda: next(counted), 3)
    with pytest.raises(AssertionError, match=r"'Night 2' has not become re\.compile\('Night\\\\ 1\.\*"):
        browsing.eventually(lambda: "Night 2", browsing.like("Night 1…"))


def test_dots_stand_for_any_words():
    for text in ("Night 1 of 7: a (b)\nc", "Night 1: a (b)\nc"):
        assert browsing.like("Night 1…: a (b)\n…")(text)
        assert not browsing.like("Night 1…: a (b)")(text)
        assert not browsing.like("ight 1…")(text)


def test_a_text_tells_numbers_and_words_in_their_order_whatever_stands_between_them():
    text = "Regret: 1.81, this model 0.010. Ahead by −1.80 ± 0.24 of 15,625 runs, 10,000 of them s. It wins."
    told = [(1.81, 0.01, "Ahead", -1.8, 0.24), (..., 15_625, 10_000, "wins"), ("by", ..., 0.24), (..., 0.01, -1.8)]
    for facts in told:
        assert browsing.telling(*facts)(text), facts
    untold = [(1.8,), (0.01,), (1.81, -1.8), (..., 1.8), (..., 5), (..., 15), (..., 10), ("wins", 1.81), ("model", 1)]
    for facts in untold:
        assert not browsing.telling(*facts)(text), facts


def test_a_long_page_is_seen_when_it_has_been_read_to_its_end(browser, tmp_path):
    """Its bytes are there, and the network is idle, long before."""
    questions = "<details><summary><b>Why?</b></summary></details>" * 15_000
    (tmp_path / "page.html").write_text(f"<title>Page</title>{questions}<p id=last>Last", encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.viewing(browser, address, str) as view:
        assert view("page.html", java_script_enabled=False).locator("#last").count() == 1


class Late(browsing.Quiet):
    """Answers what is late when it may."""

    may: threading.Event

    def do_GET(self):
        if "late" in self.path:
            self.may.wait()
        super().do_GET()


class Lost(Counter):
    """Counts nothing that it is told."""

    def update(self, told):
        pass


def test_a_page_is_at_rest_when_it_has_what_it_asked_for_though_nobody_tells_that_a_request_has_ended(
    browser, tmp_path, monkeypatch
):
    (tmp_path / "page.html").write_text(
        "<title>Page</title><script>fetch('late.txt').then(() => setTimeout(fetch, 200, 'last.txt'))</script>",
        encoding="utf-8",
    )
    for name in ("late.txt", "last.txt"):
        (tmp_path / name).write_bytes(b"here")
    monkeypatch.setattr(browsing, "Quiet", Late)
    monkeypatch.setattr(Late, "may", threading.Event(), raising=False)
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("page.html")
        with monkeypatch.context() as hurried:
            hurried.setattr(browsing, "PATIENCE", 1500)
            with pytest.raises(AssertionError, match=r"late\.txt"):
                browsing.at_rest(page)
        Late.may.set()
        page.ended = Lost()
        monkeypatch.setattr(browsing, "CALM", 2)
        browsing.at_rest(page)
        assert page.begun[f"{address}last.txt"] == 1


def test_a_page_draws_the_same_numbers_in_each_run_and_others_after_a_reload(browser, tmp_path):
    (tmp_path / "page.html").write_text("<title>Page</title>", encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("page.html")
        first = page.evaluate(DRAWN)
        page.reload()
        assert len({*first, *page.evaluate(DRAWN)}) == 4
        assert opened("page.html").evaluate(DRAWN) == first


def test_a_page_that_draws_no_more_is_told_from_one_that_is_slow(browser, tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text("<title>Page</title>", encoding="utf-8")
    with browsing.served(tmp_path) as address, browsing.opening(browser, address) as opened:
        page = opened("page.html")
        browsing.resize(page, 400)
        page.evaluate("requestAnimationFrame = () => 0")
        monkeypatch.setattr(browsing, "PATIENCE", 100)
        with pytest.raises(browsing.Stalled, match=r"page\.html"):
            browsing.settle(page)


BEGUN = []


def test_a_test_whose_page_draws_no_more_begins_anew():
    BEGUN.append("first")
    if BEGUN.count("first") == 1:
        raise browsing.Stalled("page.html")


@pytest.mark.xfail(raises=browsing.Stalled, strict=True)
def test_a_test_begins_anew_but_once():
    BEGUN.append("second")
    if BEGUN.count("second") < 3:
        raise browsing.Stalled("page.html")
