"""Cut the book's typefaces to the letters that it uses: Source Serif 4, Bricolage Grotesque, JetBrains Mono, and Pretendard for Korean.

    python -m tools.fonts        cut them again (`make fonts`), which a letter needs that the book has not had

The packages come from npm (`book.press.npm`), each under the SIL Open Font License, which lies beside what is made of it.

    parts       what each file holds
    write       the files, their licenses, and fonts.css
"""

import dataclasses
import functools
import io
import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from book.press import npm
from book.press.pages.fonts import LATIN, NAMES, STATIC, letters

HANGUL = {chr(code) for code in [*range(0xAC00, 0xD7A4), *range(0x3131, 0x318F)]}
FEATURES = ["ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "pnum", "tnum"]  # no calt: != stays two signs
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


if __name__ == "__main__":
    write()
