"""The Korean edition's messages: one catalog a page, beside it what must be equal on both sides.

    python book/translations.py update         take the English out of the pages anew (`make translations`)
    python book/translations.py check [PAGE]   what is missing, and what a translation does not share with its English

A message is a paragraph, a heading, a cell of a table, as Sphinx's gettext builder hands it over, Markdown that a cell
computed among them. To these we add what it does not see: the alternative texts of figures, and the sentences that the
checks of exercises print. `site` holds the words of the pages' own machinery, from `_("...")` in Python and JavaScript.

When only numbers of a message changed, its translation is carried over with the new ones. When more changed, the old
translation stays as a proposal, marked fuzzy, and the page shows English until somebody has read it.
"""

import ast
import csv
import difflib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import normalize, read_po
from markdown_it import MarkdownIt

BOOK = Path(__file__).resolve().parent
LANGUAGES = {"en": "English", "ko": "한국어"}
SITE = "site"  # the catalog of the words that no page's source holds
HEADER = 'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LITERAL = re.compile(r"""([a-zA-Z]*)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""", re.S)


def catalogs(language: str) -> Path:
    return BOOK / "locale" / language / "LC_MESSAGES"


@cache
def catalog(page: str, language: str) -> dict[str, str]:
    """The page's translations that stand: neither missing nor fuzzy. For English, and for a page without a catalog, none."""
    path = catalogs(language) / f"{page}.po"
    if not path.exists():
        return {}
    return {m.id: m.string for m in read(path) if m.id and m.string and not m.fuzzy}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


# What is to be translated


def alternative_texts(notebook) -> Iterator[str]:
    """The texts in the cells' metadata that a reader sees or hears: alternative texts and captions."""
    for cell in notebook.cells:
        for kind, key in (("image", "alt"), ("figure", "caption")):
            text = cell.metadata.get("mystnb", {}).get(kind, {}).get(key)
            if text:
                yield " ".join(text.split())


def sentences(source: str) -> list[tuple[int, int, str, bool]]:
    """Start, end, text and whether it is an f-string, of each string in a program that has three words or more.

    The text is as it stands in the source, escapes and placeholders included; literals that follow each other are one.
    """
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    encoded, found = source.encode(), []
    inside: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):
        if node in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside.update(ast.walk(node))
        elif not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        literals = LITERAL.findall(encoded[start:end].decode())
        formatted = any("f" in prefix.lower() for prefix, *_ in literals)
        text = "".join(
            a or b if "f" in prefix.lower() or not formatted else (a or b).replace("{", "{{").replace("}", "}}")
            for prefix, a, b in literals
        )
        if text.count(" ") >= 2 and "\\n" not in text:
            found.append((start, end, text, formatted))
    return sorted(found)


def said_by_checks(notebook) -> Iterator[str]:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            yield from (text for _, _, text, _ in sentences(cell.source))


def messages(root: Path) -> dict[str, list[str]]:
    """Page by page, the English messages in their order."""
    target = BOOK / "_build" / "gettext"
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "gettext", "-c", str(BOOK), "-d", str(target / "doctrees")]
    subprocess.run([*command, str(root), str(target / "pot")], check=True)
    found = {}
    for path in sorted((target / "pot").rglob("*.pot")):
        page = path.relative_to(target / "pot").with_suffix("").as_posix()
        texts = [message.id for message in read(path) if message.id]
        if (notebook := root / f"{page}.ipynb").exists():
            cells = nbformat.read(notebook, as_version=4)
            texts += [*alternative_texts(cells), *said_by_checks(cells)]
        found[page] = list(dict.fromkeys(texts))
    ways = [("**.py", "python"), ("_static/**.js", "javascript")]
    words = extract_from_dir(str(BOOK), method_map=ways, keywords={"_": None}, directory_filter=lambda path: "_build" not in path)
    found[SITE] = sorted({text for _, _, text, *_ in words if isinstance(text, str)})
    return found


# How a translation follows its English


def carried(old: str, new: str, translation: str) -> str | None:
    """The translation of `old` with the numbers of `new`, or None where more than numbers differ or it is not clear which is which."""
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        return None
    before, after, there = NUMBER.findall(old), NUMBER.findall(new), NUMBER.findall(translation)
    if there == before:
        numbers = iter(after)
        return NUMBER.sub(lambda _: next(numbers), translation)
    became: dict[str, str] = {}
    for a, b in zip(before, after, strict=True):
        if became.setdefault(a, b) != b:
            return None
    return NUMBER.sub(lambda m: became.get(m[0], m[0]), translation)


def update(old: Catalog, texts: list[str]) -> list[tuple[str, str, bool]]:
    """Each English text with its translation, and whether somebody has to look at it."""
    known = {message.id: message for message in old if message.id and message.string}
    by_shape: dict[str, list] = {}
    for message in known.values():
        by_shape.setdefault(NUMBER.sub("#", message.id), []).append(message)
    gone = [text for text in known if text not in set(texts)]
    kept = []
    for text in texts:
        if text in known:
            kept.append((text, known[text].string, known[text].fuzzy))
            continue
        same = ((carried(m.id, text, m.string), m.fuzzy) for m in by_shape.get(NUMBER.sub("#", text), []))
        translation, fuzzy = next(((string, fuzzy) for string, fuzzy in same if string), ("", False))
        if not translation and not re.search(r"[A-Za-z]{2}", prose(text)):
            translation = text  # numbers, code and formulae are their own translation
        if not translation and (near := difflib.get_close_matches(text, gone, n=1, cutoff=0.7)):
            translation, fuzzy = known[near[0]].string, True
        kept.append((text, translation, fuzzy))
    return kept


def written(entries: list[tuple[str, str, bool]], language: str) -> str:
    parts = [HEADER.format(language)]
    for text, translation, fuzzy in entries:
        mark = "#, fuzzy\n" if fuzzy else ""
        parts.append(f"\n{mark}msgid {normalize(text, width=0)}\nmsgstr {normalize(translation, width=0)}\n")
    return "".join(parts)


def update_all(root: Path, language: str) -> None:
    folder, found = catalogs(language), messages(root)
    for path in folder.rglob("*.po"):
        if path.relative_to(folder).with_suffix("").as_posix() not in found:
            path.unlink()
    for page, texts in found.items():
        path = folder / f"{page}.po"
        entries = update(read(path) if path.exists() else Catalog(), texts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(entries, language), encoding="utf-8", newline="\n")
    catalog.cache_clear()


# What both sides share

ROLE = re.compile(r"\{([\w:-]+)\}`([^`]*)`")
CODE = re.compile(r"(?<![`}])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FORMULA = re.compile(r"(?<!\\)\$([^$]+)\$")
LINK = re.compile(r"\]\(([^)\s]*)\)")
PLACEHOLDER = re.compile(r"\{[^{}`]*\}")
COMMENT = re.compile(r"<!--.*?-->")
TAG = re.compile(r"</?\w[^>]*>")
MARKDOWN, EMPHASES = MarkdownIt("commonmark"), ("em_open", "strong_open", "link_open")
SPELLED = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|halves|half|third|thirds|quarters?|"
    "first|second|fourth|fifth|sixth|seventh|eighth|ninth|tenth|tenths?|hundredths?|twice|double|once|both|dozen|pair|single|nineties"
)
NOT_KOREAN = [
    (r"(?:습니다|ㅂ니다|세요|해요|예요|이에요|[가-힣]네요)(?=[.?!\s)]|$)", "한다체가 아니다"),
    (r"에 의해|에 의하여", "번역투: ~에 의해"),
    (r"되어지|되어진|되어졌|지게 된다", "번역투: ~되어지다"),
    (r"[을를이가은는와과]\([을를이가은는와과]\)|\([을를이가은는와과]\)", "조사를 고르지 않았다"),
    (r"그것(?:은|을|이|의|들)", "번역투: 그것"),
    (r"가지고 있다\.", "번역투: 가지고 있다"),
    (r"(?<![A-Za-z])(?:the|and|of|is|are|with|that|this|which|from|not)(?![A-Za-z])", "영어가 남았다"),
]  # fmt: skip


def prose(text: str) -> str:
    """The text without code, formulae, targets and comments: what there is to translate."""
    text = ROLE.sub(lambda m: "" if m[1].startswith("cite") else re.sub(r"<[^<>]*>$", "", m[2]), text)
    for pattern, shown in ((CODE, " "), (FORMULA, " "), (COMMENT, " "), (LINK, "]"), (TAG, " ")):
        text = pattern.sub(shown, text)
    return text


def target(role: str, content: str) -> tuple[str, str]:
    named = re.search(r"<([^<>]*)>$", content)
    return role, " ".join((named[1] if named else content).lower().split())


def shared(text: str) -> dict[str, Counter]:
    """What a translation must hold exactly as often as its English."""
    without_roles = ROLE.sub(" ", text)
    without_code = CODE.sub(" ", without_roles)
    plain = FORMULA.sub(" ", without_code)
    return {
        "roles": Counter(target(*found) for found in ROLE.findall(text)),
        "code": Counter(found[1] for found in CODE.findall(without_roles)),
        "formulae": Counter(FORMULA.findall(without_code)),
        "links": Counter(LINK.findall(text)),
        "comments": Counter(COMMENT.findall(text)),
        "tags": Counter(TAG.findall(without_code)),
        "placeholders": Counter(PLACEHOLDER.findall(plain)),
        "emphases": Counter(token.type for token in MARKDOWN.parseInline(text)[0].children if token.type in EMPHASES),
        "stars": Counter(re.findall(r"\*+", plain)),
    }


@cache
def terms(language: str) -> list[tuple[re.Pattern[str], list[str], list[str], bool]]:
    """Of each term: how to find it in English, what it is in the language, what it must not be, and whether both always go together."""
    with (BOOK / "locale" / language / "terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            re.compile(rf"(?<![\w-])(?:{row['english']})(?:e?s)?(?![\w-])", re.I),
            row["korean"].split("|"),
            [word for word in row["avoid"].split("|") if word],
            row["everywhere"] == "yes",
        )
        for row in rows
    ]


def problems(text: str, translation: str, language: str = "ko") -> list[str]:
    """What is wrong with one translation, a sentence each."""
    if not translation:
        return ["not translated"]
    found = []
    ours, theirs = shared(translation), shared(text)
    for kind, expected in theirs.items():
        if ours[kind] != expected:
            lost, new = expected - ours[kind], ours[kind] - expected
            found.append(f"{kind} differ: missing {sorted(lost.elements())}, too many {sorted(new.elements())}")
    numbers, plain = Counter(NUMBER.findall(prose(text))), prose(translation)
    there = Counter(NUMBER.findall(plain))
    spelled = len(re.findall(rf"(?<![\w-])(?:{SPELLED})(?![\w])", text, re.I)) + len(re.findall(rf"(?:{SPELLED})-|-(?:{SPELLED})", text, re.I))  # fmt: skip
    if numbers - there:
        found.append(f"numbers are missing: {sorted((numbers - there).elements())}")
    if (there - numbers).total() > spelled:
        found.append(f"numbers that the English has not: {sorted((there - numbers).elements())}")
    if translation != text:
        english = prose(text)
        for pattern, wanted, avoided, everywhere in terms(language):
            if everywhere and pattern.search(english) and not any(word in translation for word in wanted):
                found.append(f"{pattern.search(english)[0]!r} is {' or '.join(wanted)}")
            found += [f"write {wanted[0]}, not {word}" for word in avoided if word in plain]
        bare = re.sub(r"\([^()]*\)|\"[^\"]*\"", " ", plain)
        found += [why for pattern, why in NOT_KOREAN if re.search(pattern, bare)]
    elif re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", prose(text)):
        found.append("not translated: it is the English")
    return found


def check(pages: list[str], language: str = "ko") -> int:
    """Print what is wrong with the catalogs, of all pages or of those given; how many messages that are."""
    wrong = 0
    for path in sorted(catalogs(language).rglob("*.po")):
        page = path.relative_to(catalogs(language)).with_suffix("").as_posix()
        if pages and page not in pages:
            continue
        for number, message in enumerate((message for message in read(path) if message.id), 1):
            said = ["fuzzy: read it again"] if message.fuzzy else problems(message.id, message.string, language)
            if said:
                wrong += 1
                print(f"{page} {number}: {message.id}\n    {message.string}\n    - " + "\n    - ".join(said))
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update_all(BOOK.parent, "ko")
    elif sys.argv[1:2] == ["check"]:
        sys.exit(f"{wrong} messages are wrong" if (wrong := check(sys.argv[2:])) else 0)
    else:
        sys.exit(__doc__)
