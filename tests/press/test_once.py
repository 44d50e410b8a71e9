"""What Sphinx does once in place of many times: a small book in Korean is built both ways, to the same pages."""

import io
from collections import Counter

import pytest
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment.adapters import toctree

from book.press.pages import once

CONF = """
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinxcontrib.bibtex"]
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = ["books.bib"]
locale_dirs, gettext_compact, language = ["locale"], False, "ko"
html_theme, templates_path, html_sidebars = "basic", ["."], {"**": ["pages.html"]}
html_last_updated_fmt, numpydoc_show_class_members = "", False
"""
PAGES = """{{ toctree(titles_only=True, maxdepth=4, collapse=False, includehidden=True) }}<hr>{{ toctree(maxdepth=4, collapse=False) }}"""
INDEX = """# A title

The same words. The same words.

The same words.

- The same words.
- See {cite}`one`, {cite}`two` and $x^2$.

```{toctree}
second
```

## A heading

```{toctree}
third
```
"""
SECOND = "# The same words.\n\nThe same words.\n\n## The same words.\n\n### More *words*\n\nMore *words*\n"
THIRD = """# Third

```{eval-rst}
.. autoclass:: collections.OrderedDict
   :members: move_to_end, popitem
```

```{bibliography}
```
"""
BIB = "@book{one, author={A. One}, title={One}, year=2001, publisher={P}}\n@book{two, author={B. Two}, title={Two}, year=2002, publisher={P}}\n"
SAID = {
    "A title": "제목",
    "The same words. The same words.": "같은 말. 같은 말.",
    "The same words.": "같은 말.",
    "More *words*": "*말* 더",
}
SAID |= {"See {cite}`one`, {cite}`two` and $x^2$.": "{cite}`one`, {cite}`two`, $x^2$를 본다."}
CATALOG = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n' + "".join(f'\nmsgid "{english}"\nmsgstr "{korean}"\n' for english, korean in SAID.items())  # fmt: skip


@pytest.fixture
def book(tmp_path):
    """A function that builds a small book into a folder, and returns its pages."""
    files = {"conf.py": CONF, "pages.html": PAGES, "index.md": INDEX, "second.md": SECOND, "third.md": THIRD}  # fmt: skip
    files |= {"books.bib": BIB, **{f"locale/ko/LC_MESSAGES/{page}.po": CATALOG for page in ("index", "second")}}
    for name, text in files.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(folder):
        source = str(tmp_path / "source")
        trees, warning = str(tmp_path / folder / "trees"), io.StringIO()
        Sphinx(source, source, str(tmp_path / folder), trees, "html", status=None, warning=warning).build()
        pages = (tmp_path / folder).glob("*.html")
        return {path.name: path.read_text(encoding="utf-8") for path in pages}

    return build


def test_the_pages_are_the_same_and_less_is_done_for_them(book, monkeypatch):
    calls = Counter()

    def counted(owner, name):
        own = getattr(owner, name)

        def called(*arguments, **options):
            calls[name] += 1
            return own(*arguments, **options)

        monkeypatch.setattr(owner, name, called)

    for owner, name, *_ in (*once.REPLACED, (toctree, "_toctree_copy_seq")):
        counted(owner, name)
    plain, often = book("plain"), calls.copy()
    calls.clear()
    for owner, name, replace in once.REPLACED:
        monkeypatch.setattr(owner, name, replace(getattr(owner, name)))
    assert book("once") == plain
    assert not [name for name in often if calls[name] >= often[name] and name != "global_toctree_for_doc"]
    assert plain["second.html"].count("같은 말") > 3


def test_a_message_is_parsed_the_first_of_two_times_and_no_tree_is_given_twice():
    parsed = []

    def publish(text, page, line):
        parsed.append((text, page, line))
        return nodes.paragraph("", text)

    once_of_two = once.published(publish)
    asked = [("a", "page", 1), ("b", "page", 1), *3 * [("a", "page", 1)], ("a", "page", 2), ("a", "other", 1)]
    found = [once_of_two(*one) for one in asked]
    assert [tree.astext() for tree in found] == [text for text, *_ in asked]
    assert len(set(map(id, found))) == len(asked)
    assert parsed == [one for number, one in enumerate(asked) if number not in (2, 4)]
