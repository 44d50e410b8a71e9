"""Pages from templates: escaped, whole, and unable to load anything."""

import re

import jinja2
import pytest

from hpt_lab.values import display

CHILD = '{% extends "values/templates/page.html" %}\n{% block body %}\n<p>{{ text | shown }}</p>\n{% endblock %}\n'


@pytest.fixture
def child(monkeypatch):
    """The base page with a body of its own."""
    environment = display._environment().overlay(
        loader=jinja2.ChoiceLoader([jinja2.DictLoader({"child.html": CHILD}), display._environment().loader])
    )
    monkeypatch.setattr(display, "_environment", lambda: environment)

    def render(**values):
        return display.render("child.html", **values)

    return render


def test_a_page_is_whole_and_can_load_nothing(child):
    page = child(title="A title", text="a text")
    assert page.startswith('<!doctype html>\n<html lang="en">\n')
    assert page.endswith("</html>\n")
    assert "<title>A title</title>" in page
    assert "<h1>A title</h1>\n<p>a text</p>\n</main>" in page
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" in page
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert child(title="", text="", language="ko").startswith('<!doctype html>\n<html lang="ko">\n')


def test_every_value_is_escaped_and_put_on_one_line(child):
    page = child(title="<b>", text="<i>\x1b" + "x" * 100)
    assert page.count("&lt;b&gt;") == 2
    assert "<b>" not in page
    assert "<i>" not in page
    assert "\x1b" not in page
    assert "xxx..." in page


def test_a_forgotten_value_is_an_error(child):
    with pytest.raises(jinja2.UndefinedError, match="'title' is undefined"):
        child(text="a text")
