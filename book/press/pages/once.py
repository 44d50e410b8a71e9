"""A Sphinx extension: what Sphinx and other extensions do again for each page, message or name is done once. The pages stay the same.

What is replaced is no part of an interface: constraints.txt says in which versions it stands, and a test compares the pages. Together
it took four tenths of a build of both editions:

- a Markdown parser and docutils' settings were made for each message of the Korean catalogs;
- such a message was parsed twice, since Sphinx looks first whether it is a title or a term;
- all headings of the book were copied for the list of pages beside each page, which shows none of them;
- all installed packages were read for each citation, and a template compiled for each docstring;
- an English word was stemmed on each page that has it;
- garbage was looked for among millions of nodes, of which hardly any is garbage.
"""

import copy
import functools
import gc
from collections.abc import Callable
from pathlib import Path

import pybtex.plugin
import sphinx.builders.html
from docutils import nodes
from jinja2 import FileSystemLoader
from myst_parser.mdit_to_docutils import base as myst
from myst_parser.parsers import sphinx_ as myst_of_sphinx
from numpydoc import docscrape_sphinx as numpydoc
from sphinx import addnodes
from sphinx.search.en import SearchEnglish
from sphinx.transforms import i18n

NEW = 200_000, 20, 20  # when garbage is looked for, as in gc.set_threshold; Python's own first number is 700


def settings(default: Callable) -> Callable:
    """Return a function that gives default settings of docutils: a copy each time."""
    known = functools.cache(default)
    return lambda *components: copy.copy(known(*components))


def parser(make: Callable) -> Callable:
    """Return a function that gives the parser of a configuration. Anyone who parses a text gives it the document, and reads it whole."""
    kept: dict = {}

    def made(config, renderer):
        if config is not kept.get("config") or renderer is not kept["renderer"]:
            kept.update(config=config, renderer=renderer, parser=make(config, renderer))
        return kept["parser"]

    return made


def published(publish: Callable) -> Callable:
    """Return a function that parses a message of a page. Asked for the same one again, it gives the copy that it has kept, once."""
    kept: dict = {}

    def found(text, page, line, **others):
        if kept.get("page") != page:
            kept.clear()
            kept["page"] = page
        if (text, line) in kept:
            return kept.pop((text, line))
        tree = publish(text, page, line, **others)
        kept[text, line] = tree.deepcopy()
        return tree

    return found


def pages(toctree: Callable) -> Callable:
    """Return a function that gives the list of all pages, made from contents that are only titles where it shows only titles."""
    kept: dict = {}

    def listed(env, page, builder, **options):
        if not options.get("titles_only"):
            return toctree(env, page, builder, **options)
        if kept.get("tocs") is not env.tocs:
            kept.update(tocs=env.tocs, titles={name: titled(toc) for name, toc in env.tocs.items()})
        env.tocs = kept["titles"]
        try:
            return toctree(env, page, builder, **options)
        finally:
            env.tocs = kept["tocs"]

    return listed


def titled(toc: nodes.bullet_list) -> nodes.bullet_list:
    """Return a copy of the contents of a page: its title, and below it the lists of other pages, as Sphinx leaves them."""
    toc = toc.deepcopy()
    for title in (item for item in toc.children if len(item) > 1):
        lists = list(title.findall(addnodes.toctree))
        if lists:
            title[1][:] = lists
        else:
            title.pop(1)
    return toc


def templates(environment: Callable) -> Callable:
    """Return a function that gives numpydoc's templates."""
    made = environment(loader=FileSystemLoader(Path(numpydoc.__file__).parent / "templates"))
    return lambda loader: made


REPLACED: list[tuple[object, str, Callable]] = [
    (myst, "get_default_settings", settings),
    (myst_of_sphinx, "create_md_parser", parser),
    (i18n, "_publish_msgstr", published),
    (sphinx.builders.html, "global_toctree_for_doc", pages),
    (pybtex.plugin, "_load_entry_point", functools.cache),
    (numpydoc, "SandboxedEnvironment", templates),
    (SearchEnglish, "stem", functools.cache),
]


def setup(app):
    gc.set_threshold(*NEW)
    gc.freeze()
    for owner, name, once in REPLACED:
        setattr(owner, name, once(getattr(owner, name)))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
