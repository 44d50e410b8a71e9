"""Sphinx configuration. The source is the repository's root: sphinx-build -c book/press . book/_build/html"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
BOOK = HERE.parent
sys.path.insert(0, str(BOOK.parent))
from book.press import address  # noqa: E402
from book.press.notebooks import launch  # noqa: E402
from book.press.pages import reference  # noqa: E402

project = "Hyperparameter Tuning from Scratch"
author = "the authors of Hyperparameter Tuning from Scratch"
project_copyright = f"2026, {author}. Text CC BY 4.0, code BSD-3-Clause"
language = "en"
locale_dirs = [str(BOOK / "locale")]
gettext_compact = False  # one catalog a page
translation_progress_classes = "untranslated"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "book.press.pages.extension",
    "book.press.pages.devices",
    "book.press.pages.figures",
    "book.press.pages.formulas",
    "book.press.pages.intervals",
    "book.press.pages.lean",
    "book.press.pages.once",
    "book.press.pages.openings",
    "book.press.pages.quizzes",
    "book.press.pages.reference",
    "book.press.live.extension",
    "book.press.translation.extension",
    "book.press.translation.korean_search",
]
root_doc = "book/index"
# One of each pair: the executed notebook is what the tests compare, so it is what the book shows.
include_patterns = ["book/*.md", "book/reference/*.md", "chapters/*/index.md", "chapters/*/*.ipynb"]
exclude_patterns = ["**/.ipynb_checkpoints"]
# Folders without pages, which Sphinx would walk through all the same, and twice.
exclude_patterns += [".git", ".venv*", "book/_build", "classroom", "course", "examples", "hpt_lab", "tests", "tools"]

nb_execution_mode = "off"
nb_render_markdown_format = "gfm"  # a table that a cell computes is a table
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
nb_merge_streams = True
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "smartquotes"]
myst_heading_anchors = 3

# The reference. Its links to other libraries need no network: see pages/elsewhere.py.
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_type_aliases = {"ArrayLike": "numpy.typing.ArrayLike"}
nitpick_ignore = [("py:class", "hpt_lab.space.bins.D"), ("py:class", "hpt_lab.study.log.I")]  # type variables
nitpick_ignore += [
    ("py:class", "hpt_lab.space.cube.Cube"),
    ("py:class", "hpt_lab.study.log.Log"),
    ("py:class", "hpt_lab.study.outcomes.Outcome"),
]  # what the lab is made of
default_role = "literal"  # in docstrings; the pages are Markdown
numpydoc_show_class_members = False
autosummary_generate = False  # numpydoc brings the extension along; no page asks for its stubs
numpydoc_xref_param_type = True
numpydoc_xref_aliases = reference.TYPES
numpydoc_xref_ignore = "all"
toc_object_entries_show_parents = "hide"

bibtex_bibfiles = [str(BOOK / "references.bib")]
bibtex_reference_style = "author_year"

copybutton_selector = ":not(.output) > div.highlight > pre"
copybutton_exclude = ".linenos, .gp, .go"

html_math_renderer = "katex"  # of book.press.pages.formulas
myst_update_mathjax = False

templates_path = ["pages/templates"]
html_theme = "sphinx_book_theme"
html_title = project
# Where the book will stand: canonical addresses, the sitemap and the picture of a sent link begin with it.
html_baseurl = address.of_the_book()
html_logo = html_favicon = "static/logo.svg"
html_static_path = ["../_build/static", "static"]
(BOOK / "_build/static").mkdir(parents=True, exist_ok=True)
html_css_files = ["fonts.css", "palette.css", "icons.css", "type.css", "frame.css", "book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_search_scorer = str(HERE / "pages/search.js")
html_show_sphinx = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": project, "alt_text": ""},
    "navbar_persistent": [],
    "primary_sidebar_end": [],
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_download_button": True,
    "use_fullscreen_button": False,
    "back_to_top_button": False,  # it would lie over the figures
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    **launch.buttons(address.known("repository"), address.known("hub")),
}
