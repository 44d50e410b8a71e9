"""The files that a built page is about: where one of them has changed, `make test` opens the page in a browser."""

import re

import pytest
from built import HTML

CATALOGS, DEVICES = "book/locale/ko/LC_MESSAGES", "book/press/static/devices"


def of(path):
    """Return the sources of a built page of either edition: files, and folders with a slash."""
    parts = path.relative_to(HTML).with_suffix("").parts
    devices = re.findall(r'data-device="([\w-]+)"', path.read_text(encoding="utf-8"))
    return of_page("/".join(parts[1:]), devices, korean=True) if parts[0] == "ko" else of_page("/".join(parts), devices)


def swept(path, id, samples):
    """Return a built page as the parameter of a sweep; it is a sample where its id is."""
    return pytest.param(path, id=id, marks=pytest.mark.sweep(*of(path), sample=id in samples))


def samples(*values, about):
    """Return the parameters of a test: the first is the sample, the others are tried where a file that they are about has changed."""
    return [pytest.param(*value, marks=pytest.mark.sweep(*about, sample=not i)) for i, value in enumerate(values)]


def of_deck(lesson, korean=False):
    """Return the sources of the slides of a lesson: those of its page, and its plan for teachers."""
    devices = [device.name for device in lesson.devices]
    plans = f"book/lesson_plans_{lesson.number.split('.')[0]}"
    return [*of_page(lesson.page, devices, korean), *of_page(plans, korean=korean)]


def of_page(page, devices=(), korean=False):
    """Return the sources of a page by its name, as `chapters/02_grid_search/01_grid_search`."""
    found = [f"{page}.md", f"{page}.ipynb", *(f"{DEVICES}/{name}.js" for name in sorted(set(devices)))]
    folder, _, stem = page.rpartition("/")
    if folder.startswith("chapters/"):
        found.append(f"{folder}/figures/{stem}/")
    if folder == "book/reference":
        found.append(f"hpt_lab/{stem}/")
    return [*found, f"{CATALOGS}/{page}.po"] if korean else found
