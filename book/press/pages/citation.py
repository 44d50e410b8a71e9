"""Facts about the project for the front page: how to cite it, where to report an error, and what is new.

All of it is written elsewhere: in CITATION.cff, in the forms for issues, in CHANGELOG.md, and the address in pyproject.toml.
"""

import re
from pathlib import Path
from urllib.parse import urlencode

import yaml

from book.press import address

CITE, REPORT, NEW = "<!-- cite -->", "<!-- report -->", "<!-- new -->"
NO_ADDRESS = "Tell the person who gave you these pages which page and which sentence it is on, and what would be right."
FOR_TEACHERS = re.compile(r"^- \*\*For a class:\*\*.*\n(?:  .*\n)*", re.M)  # an entry of the changelog
FORM = "text.yml"  # in .github/ISSUE_TEMPLATE; its field `page` is filled in


def filled(text: str, root: Path, solutions: bool = True) -> str:
    """Return the front page with the reference, the way to report, and the newest part of the changelog, for students without the teacher's."""
    text = text.replace(CITE, reference((root / "CITATION.cff").read_text(encoding="utf-8")))
    text = text.replace(REPORT, way_to_report(address.known("repository", root)))
    return text.replace(NEW, newest((root / "CHANGELOG.md").read_text(encoding="utf-8"), solutions))


def reference(citation: str) -> str:
    """Return the entry for BibTeX that says what CITATION.cff says. Braces keep each author's name as it is."""
    said = yaml.safe_load(citation)
    fields = {
        "author": " and ".join(f"{{{author['name']}}}" for author in said["authors"]),
        "title": said["title"],
        "version": str(said["version"]),
        "year": str(said.get("date-released", ""))[:4],
        "url": said.get("url") or said.get("repository-code", ""),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"```bibtex\n@software{{hpt_lab,\n{lines}}}\n```"


def way_to_report(repository: str) -> str:
    """Return the sentence on how to report an error."""
    if not repository:
        return NO_ADDRESS
    forms = f"{repository}/issues/new/choose"
    return f'Every page ends with a link, "Report an error on this page". For errors in `hpt_lab`, and for ideas, use [these forms]({forms}).'


def newest(changelog: str, solutions: bool = True) -> str:
    """Return the newest version of the changelog, with its list closed behind its name; a site without solutions has nothing for teachers."""
    head, body = re.search(r"^## (.*?)\n(.*?)(?=^## |\Z)", changelog, re.M | re.S).groups()
    if not solutions:
        body = FOR_TEACHERS.sub("", body)
    body = re.sub(r"^### (.*)$", r"**\1**", body, flags=re.M).strip()
    return f":::{{dropdown}} {head}\n{body}\n:::"


def error_form(page: str, repository: str) -> str:
    """Return the address of the form for errors, with the page filled in; empty as long as there is no repository."""
    asked = urlencode({"template": FORM, "title": f"{page}: ", "page": page})
    return f"{repository}/issues/new?{asked}" if repository else ""
