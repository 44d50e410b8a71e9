"""The claims of the book as dots, one a claim: filled if it holds, a cross if it fell, empty if it has not been run.

They come from the page that `make replicate` writes (book/replication.md), so that the page and the dots count the same.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from book.press.translation import catalogs

PAGE, FELL = "replication", "\n## What fell\n"
ROW = re.compile(r'^\| (?P<message><a id="(?P<id>[\w-]+)"></a>\[(?P<number>[\w.]+)\]\(\.\./chapters/(?P<lesson>[\w/]+)\.ipynb\) .*?) \| (?P<rest>.*)$', re.M)  # fmt: skip
BEFORE = re.compile(r"^<a id=[^>]*></a>\[[^\]]*\]\([^)]*\)\s*")


@dataclass(frozen=True)
class Claim:
    """A row of the page: its id there, the lesson's path below chapters/ and its number, and the row's first cell."""

    id: str
    lesson: str
    number: str
    message: str
    holds: bool
    waits: bool = False  # it has not been run

    def sentence(self, language: str) -> str:
        """Return what is claimed, without marks of Markdown."""
        text = catalogs.catalog(f"book/{PAGE}", language).get(self.message, self.message)
        return re.sub(r"[*`]", "", BEFORE.sub("", text))


def read(root: Path) -> list[Claim]:
    """Return the claims that the page lists, in the order of the lessons."""
    text = (root / "book" / f"{PAGE}.md").read_text(encoding="utf-8")
    end = text.index(FELL)
    found = [
        Claim(
            *(row[part] for part in ("id", "lesson", "number", "message")),
            row.start() < end and "| yes |" in row["rest"],
            row["rest"].startswith("not run yet |"),
        )
        for row in ROW.finditer(text)
    ]
    return sorted(found, key=lambda claim: claim.lesson)


def dots(claims: list[Claim], language: str = "en") -> str:
    """Return the HTML of the dots: links, of which the keyboard stops at the first (front.js lets arrow keys go on from there)."""
    _ = catalogs.gettext(language)
    label, links = _("The claims of this book, one a dot"), list[str]()
    for claim in claims:
        verdict = _("It holds.") if claim.holds else _("It has not been run yet.") if claim.waits else _("It fell.")
        title = html.escape(f"{claim.number}: {claim.sentence(language).rstrip(' .')}. {verdict}")
        kind = "holds" if claim.holds else "waits" if claim.waits else "fell"
        stop = "" if not links else ' tabindex="-1"'
        links.append(f'<a class="claim {kind}" href="{PAGE}.html#{claim.id}" title="{title}"{stop}></a>')
    return f'<nav class="claims" aria-label="{label}">{"".join(links)}</nav>'
