import inspect
import os
import re
import tomllib
from pathlib import Path

import browsing
import built
import pytest

os.environ["MPLBACKEND"] = "Agg"
pytest.register_assert_rewrite("playing", "wrong_answers")  # they make tests

HEADER = "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n    format_version: 0.13\n"


@pytest.fixture(scope="session")
def root():
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def settings(root):
    """What pyproject.toml says."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def project(settings):
    return settings["project"]


@pytest.fixture(scope="session")
def extras(root):
    """The extras that `make` installs."""
    return re.search(r"^EXTRAS := (.+)$", (root / "Makefile").read_text(encoding="utf-8"), re.M)[1]


@pytest.fixture(scope="session")
def notebook_of():
    """Gives the Markdown of a notebook of these code cells."""
    return lambda *cells: HEADER + "---\n\n" + "\n".join(f"```{{code-cell}} ipython3\n{c}\n```\n" for c in cells)


@pytest.fixture
def draft(tmp_path, notebook_of):
    """Writes a notebook of the given code cells, outside the book."""
    path = tmp_path / "draft.md"

    def write(*cells):
        path.write_text(notebook_of(*cells), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def browser(request):
    """The browser of the tests: for cells that run in the pages, the one that readers have."""
    live = any(item.path.name.startswith("live_") for item in request.session.items)
    path = browsing.WINDOWED if live else browsing.CHROMIUM
    if path is None:
        missing = "no Chromium to look at the pages with: on Debian, apt install chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*browsing.LIGHT, "--no-sandbox"])
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Begin a test anew, once, whose page draws no more: that is the browser's fault, and the next page has a process of its own."""
    try:
        return (yield)
    except browsing.Stalled as page:
        print(f"Chromium draws {page} no more: the test begins anew")
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters})
        return True


@pytest.fixture(scope="session")
def address():
    """The address of the built pages."""
    with browsing.served(built.HTML) as address:
        yield address


@pytest.fixture
def view(browser, address):
    """Opens a built page and keeps what it said and fetched; closed at the end of the test."""
    with browsing.viewing(browser, address, built.name) as view:
        yield view


# What the tests of a file share, or of several, is made once: they run in one process.
TOGETHER = {
    "exercises": ["test_exercises.py", *(path.name for path in Path(__file__).parent.glob("test_wrong_answers*.py"))],
    **{name: [f"test_{name}.py"] for name in ("classroom", "exam", "execution", "launch", "recipes", "student_site")},
}


def pytest_collection_modifyitems(config, items):
    groups = {file: group for group, files in TOGETHER.items() for file in files}
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name in groups:
            put(item, groups[item.path.name], config)
        elif item.path.name.startswith("test_pages") and "browser" not in item.fixturenames:  # they read every page
            put(item, "test_pages", config)


def put(item, group, config):
    """Put a test into a group, for xdist, which writes it behind the test's name: in 3.8, where pytest 9.2 does not read it."""
    item.add_marker(pytest.mark.xdist_group(group))
    if config.getoption("loadgroup", False) and hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group}")
