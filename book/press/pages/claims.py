"""The claims of the book as pictures: on the front page as dots, on the page about them with their intervals, chapter by chapter.

They come from the page that `make replicate` writes (book/replication.md), so that the page and the pictures count the same.
A claim is filled if it holds, a cross if it fell, empty if it has not been run.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from book.press.pages.intervals import interval
from book.press.translation import catalogs

PAGE, FELL, MARK = "replication", "\n## What fell\n", re.compile(r"^<!-- claims (\d|fell) -->$", re.M)
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
    effects: tuple[tuple[float, ...], ...] = ()  # of three blocks, and of all: a mean and both ends of two errors
    least: float = 0.0  # above which the last of them must be
    within: bool = False  # instead, it must be this near to zero

    @property
    def drawn(self) -> list[tuple[float, ...]]:
        """Return the effects from where the claim would fall, in units of the last one or of two of its errors, whichever is longer."""
        turned = []
        for mean, _, high in self.effects:
            room, two = self.least - abs(mean) if self.within else mean - self.least, high - mean
            turned.append((room, room - two, room + two))
        unit = max(abs(turned[-1][0]), turned[-1][2] - turned[-1][0]) if turned else 0
        return [tuple(value / (unit or 1) for value in one) for one in turned]

    def sentence(self, language: str) -> str:
        """Return what is claimed, without marks of Markdown."""
        text = catalogs.catalog(f"book/{PAGE}", language).get(self.message, self.message)
        return re.sub(r"[*`]", "", BEFORE.sub("", text))


def read(root: Path) -> list[Claim]:
    """Return the claims that the page lists, in the order of the lessons."""
    text = (root / "book" / f"{PAGE}.md").read_text(encoding="utf-8")
    end = text.index(FELL)
    found = []
    for row in ROW.finditer(text):
        effects = tuple(one for cell in row["rest"].split(" | ")[:4] if (one := interval(cell)))
        said = re.search(r" \| (above|within) (\S+) \|", row["rest"])
        least = (float(said[2]), said[1] == "within") if said else (0.0, False)
        holds, waits = row.start() < end and "| yes |" in row["rest"], row["rest"].startswith("not run yet |")
        named = (row[part] for part in ("id", "lesson", "number", "message"))
        found.append(Claim(*named, holds, waits, effects, *least))
    return sorted(found, key=lambda claim: claim.lesson)


def links(claims: list[Claim], language: str, page: str = "", inside=lambda claim: "") -> list[str]:
    """Return a link for each claim to its row, with its sentence; the keyboard stops at the first (claims.js lets arrow keys go on)."""
    _, made = catalogs.gettext(language), list[str]()
    for claim in claims:
        verdict = _("It holds.") if claim.holds else _("It has not been run yet.") if claim.waits else _("It fell.")
        title = html.escape(f"{claim.number}: {claim.sentence(language).rstrip(' .')}. {verdict}")
        kind = "holds" if claim.holds else "waits" if claim.waits else "fell"
        stop = "" if not made else ' tabindex="-1"'
        made.append(f'<a class="claim {kind}" href="{page}#{claim.id}" title="{title}"{stop}>{inside(claim)}</a>')
    return made


def dots(claims: list[Claim], language: str = "en") -> str:
    """Return the HTML of the claims as dots."""
    _ = catalogs.gettext(language)
    label = _("The claims of this book, one a dot")
    return f'<nav class="claims" aria-label="{label}">{"".join(links(claims, language, f"{PAGE}.html"))}</nav>'


def bars(claims: list[Claim], language: str = "en", low: float = -0.5, high: float = 2.2) -> str:
    """Return the HTML of the claims as dots with their intervals, each a column, in a group for each lesson.

    The frame goes from `low` to `high`, in a claim's own unit; a block beyond it is an arrowhead on the edge.
    """
    at = lambda value: f"{100 * (value - low) / (high - low):.0f}%"  # noqa: E731

    def inside(claim: Claim) -> str:
        *blocks, whole = claim.drawn or [None]
        if whole is None:
            return ""
        small = "".join(f'<b style="--mean:{at(mean)}"></b>' for mean, *_ in blocks if low < mean < high)
        gone = "".join(
            f'<b class="{"up" if mean > 0 else "down"}"></b>' for mean, *_ in blocks if not low < mean < high
        )
        style = "".join(f"--{name}:{at(value)};" for name, value in zip(("mean", "low", "high"), whole, strict=True))
        return f'<i style="{style}"></i>{small}{gone}'

    made, of_lesson = links(claims, language, inside=inside), dict[str, list[str]]()
    for claim, link in zip(claims, made, strict=True):
        of_lesson.setdefault(claim.number, []).append(link)
    groups = "".join(
        f"<div><div>{''.join(own)}</div><span>{number.replace('exercises', 'ex.')}</span></div>"
        for number, own in of_lesson.items()
    )
    _ = catalogs.gettext(language)
    label = _("The claims, each a column: its effect, with its interval")
    return f'<nav class="claims with-intervals" style="--zero:{at(0)}" aria-label="{label}">{groups}</nav>'


def filled(text: str, root: Path, language: str = "en") -> str:
    """Return the page about the claims with a picture of those of each chapter, and of those that fell."""
    listed, end = read(root), text.index(FELL)
    after = set(re.findall(r'<a id="([\w-]+)">', text[end:]))
    of_chapter: dict[str, list[Claim]] = {}
    for claim in listed:
        of_chapter.setdefault("fell" if claim.id in after else claim.lesson[1], []).append(claim)
    return MARK.sub(lambda match: bars(of_chapter[match[1]], language, *(-1.5, 2.5) * (match[1] == "fell")), text)
