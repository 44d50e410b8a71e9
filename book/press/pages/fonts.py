"""The book's typefaces, cut to the letters that it uses: Source Serif 4, Bricolage Grotesque, JetBrains Mono, and Pretendard for Korean.

    python -m book.press.pages.fonts        cut them again (`make fonts`), which a letter needs that the book has not had

The packages come from npm (`book.press.npm`), each under the SIL Open Font License, which lies beside what is made of it. A file holds
one part of a face, and the pages say in fonts.css for which letters it is there: a page fetches the parts whose letters it shows, and
nothing from another host. The files are in book/press/static, so that a build cuts nothing; it says which letters they lack.

    letters     the letters that the book can show: those of its sources, of the catalogs, and of western Europe
    parts       what each file holds
    write       the files, their licenses, and fonts.css
    lacking     the letters for which nothing has been cut
"""

import dataclasses
import functools
import io
import re
import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from book.press import npm
from book.press.address import ROOT

STATIC = ROOT / "book" / "press" / "static"
LATIN = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2212, *range(0x2010, 0x2027)]}
NAMES = {chr(code) for code in range(0x100, 0x180)}  # č and ř: a bibliography writes them in TeX
OF_SPHINX = {"→"}  # in a signature
HANGUL = {chr(code) for code in [*range(0xAC00, 0xD7A4), *range(0x3131, 0x318F)]}
SOURCES = (
    "book/*.md",
    "book/*.bib",
    "book/reference/*.md",
    "chapters/**/*.md",
    "chapters/**/*.ipynb",
    "hpt_lab/**/*.py",
)
SOURCES += ("book/press/static/**/*", "book/press/pages/*", "book/press/pages/templates/*", "book/press/slides/*")
TEXTS = {".bib", ".css", ".html", ".ipynb", ".js", ".md", ".py"}
FEATURES = ["ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pnum", "tnum"]  # no calt: != stays two signs
RANGE = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")
FONTSOURCE = "@fontsource-variable/{0}/files/{0}-{{part}}-wght-{{style}}.woff2"


@dataclasses.dataclass(frozen=True)
class Face:
    """A face: the files of its package, `{part}` and `{style}` open, and the weights that the pages use."""

    family: str
    files: str
    weights: tuple[int, int]
    italic: bool = False
    of_fontsource: bool = True

    @property
    def stem(self) -> str:
        return self.family.lower().replace(" ", "-") + ("-italic" if self.italic else "")

    def file(self, part: str) -> Path:
        return npm.modules() / self.files.format(part=part, style="italic" if self.italic else "normal")

    @property
    def license(self) -> Path:
        package = self.file("latin").parents[1 if self.of_fontsource else 2]
        return next(path for name in ("LICENSE", "LICENSE.txt") if (path := package / name).exists())


FACES = (
    Face("Source Serif 4", FONTSOURCE.format("source-serif-4"), (400, 700)),
    Face("Source Serif 4", FONTSOURCE.format("source-serif-4"), (400, 400), italic=True),
    Face("Bricolage Grotesque", FONTSOURCE.format("bricolage-grotesque"), (400, 700)),
    Face("JetBrains Mono", FONTSOURCE.format("jetbrains-mono"), (400, 700)),
    Face("Pretendard", "pretendard/dist/public/variable/PretendardVariable.ttf", (400, 700), of_fontsource=False),
)
# The files that a page of each edition needs for its first words.
FIRST = {
    "en": ("source-serif-4-latin.woff2", "bricolage-grotesque-latin.woff2"),
    "ko": ("pretendard-latin.woff2", "pretendard-terms.woff2", "pretendard-hangul.woff2"),
}


@dataclasses.dataclass(frozen=True)
class Part:
    """The letters of a face that one file holds."""

    face: Face
    name: str
    source: Path
    letters: frozenset[str]

    @property
    def file(self) -> str:
        return f"{self.face.stem}-{self.name}.woff2"


def letters(root: Path = ROOT) -> tuple[set[str], set[str]]:
    """Return the letters of the English sources, with those of western Europe, and the letters of the Korean catalogs."""
    english = {letter for pattern in SOURCES for path in root.glob(pattern) if path.suffix in TEXTS for letter in path.read_text("utf-8")}  # fmt: skip
    korean = {
        letter
        for path in root.glob("book/locale/**/*")
        if path.suffix in {".csv", ".po"}
        for letter in path.read_text("utf-8")
    }
    english, korean = ({letter for letter in found if letter.isprintable()} for found in (english, korean))
    return LATIN | NAMES | OF_SPHINX | english, korean


def parts(english: set[str], korean: set[str]) -> list[Part]:
    """Return the parts that hold these letters. Pretendard's are for Korean, and for a sign that the other faces lack."""
    wanted, made = english | korean, []
    for face in FACES[:-1]:
        held: set[str] = set()
        for name in ("latin", "latin-ext", "greek"):
            more = wanted & has(face.file(name)) - held
            held |= more
            made.append(Part(face, name, face.file(name), frozenset(more)))
    face, terms = FACES[-1], english & HANGUL
    signs = wanted - LATIN - NAMES - HANGUL
    groups = {"latin": LATIN, "latin-ext": NAMES, "signs": signs, "terms": terms, "hangul": wanted & HANGUL - terms}
    made += [Part(face, name, face.file(""), frozenset(group & has(face.file("")))) for name, group in groups.items()]
    return [part for part in made if part.letters]


@functools.cache
def has(file: Path) -> set[str]:
    """Return the letters of a font; none, where a package has no such file."""
    if not file.exists():
        return set()
    with TTFont(file, lazy=True) as font:
        return {chr(code) for code in font.getBestCmap()}


def cut(part: Part) -> bytes:
    """Return the file of a part: its letters, in the weights that the pages use."""
    font = TTFont(part.source, recalcTimestamp=False)
    options = subset.Options(flavor="woff2", hinting=False, layout_features=FEATURES, notdef_outline=True)
    letters_only = subset.Subsetter(options)
    letters_only.populate(unicodes=map(ord, part.letters))
    letters_only.subset(font)
    low, high = part.face.weights
    font = instancer.instantiateVariableFont(font, {"wght": low if low == high else (low, high)}, optimize=True)
    font.flavor, file = "woff2", io.BytesIO()
    font.save(file)
    return file.getvalue()


def ranges(held: frozenset[str]) -> str:
    """Return letters as the value of `unicode-range`."""
    codes = sorted(map(ord, held))
    begins = [code for code in codes if code - 1 not in set(codes)]
    ends = [code for code in codes if code + 1 not in set(codes)]
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in zip(begins, ends, strict=True))


def rule(part: Part) -> str:
    """Return the rule of fonts.css for a part."""
    low, high = part.face.weights
    weight, style = (f"{low} {high}", "normal") if not part.face.italic else ("400 700", "italic")
    return (
        f'@font-face {{ font-family: "{part.face.family}"; font-style: {style}; font-weight: {weight}; font-display: swap; '
        f'src: url(fonts/{part.file}) format("woff2"); unicode-range: {ranges(part.letters)}; }}\n'
    )


def write(static: Path = STATIC) -> None:
    """Write the fonts of both editions, their licenses and fonts.css into a folder of static files."""
    folder, wanted = static / "fonts", letters()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = parts(*wanted)
    for part in made:
        (folder / part.file).write_bytes(cut(part))
    for face in FACES:
        shutil.copyfile(face.license, folder / f"{face.stem.removesuffix('-italic')}-OFL.txt")
    in_none = set.union(*wanted) - set().union(*(part.letters for part in made))
    rules = "".join(map(rule, made)) + f"/* In none of these faces: {ranges(frozenset(in_none))} */\n"
    (static / "fonts.css").write_text(rules, encoding="utf-8", newline="\n")


def lacking(css: str) -> set[str]:
    """Return the letters of the book that are not in fonts.css, whose text is `css`."""
    cut_for = {chr(code) for low, high in RANGE.findall(css) for code in range(int(low, 16), int(high or low, 16) + 1)}
    return set.union(*letters()) - cut_for


if __name__ == "__main__":
    write()
