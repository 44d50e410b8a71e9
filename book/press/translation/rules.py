"""Rules for translations: what they share with their message, and what they must not say. Each fault is a sentence."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

LOCALE = Path(__file__).parents[2] / "locale"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]*)`")
CODE = re.compile(r"(?<![`}])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FORMULA = re.compile(r"(?<!\\)\$([^$]+)\$")
LINK = re.compile(r"\]\(([^)\s]*)\)")
PLACEHOLDER = re.compile(r"(?<!\\text)(?<!\w)\{[^{}`]*\}")
COMMENT = re.compile(r"<!--.*?-->")
TAG = re.compile(r"</?\w[^>]*>")
MARKDOWN, EMPHASES = MarkdownIt("commonmark"), ("em_open", "strong_open", "link_open")
SPELLED = (
    "zeros?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|halves|half|third|thirds|quarters?|"
    "first|second|fourth|fifth|sixth|seventh|eighth|ninth|tenth|tenths?|twentieths?|hundredths?|thousandths?|twice|double|once|both|dozen|pair|single|nineties"
)
POLITE = "".join(chr(0xAC00 + 28 * i + 17) for i in range(399))  # the syllables that end in ㅂ
NOT_KOREAN = [
    (rf"(?:[{POLITE}]니[다까]|세요|[해하되어아워봐가]요|예요|이에요|네요|지요|죠)(?=[.?!\s)]|$)", "한다체가 아니다"),
    (r"에 의해|에 의하여", "번역투: ~에 의해"),
    (r"되어지|되어진|되어졌|[^값]지게 된다", "번역투: ~되어지다"),
    (r"그것(?:은|을|이|의|들)", "번역투: 그것"),
    (r"가지고 있다\.", "번역투: 가지고 있다"),
    (r"시드에 걸[친쳐]|표준 오차 \d+개|최고의 기댓값|(?:셀|그림|표)[은이] [^.?!]{0,60}려고 ", "번역투"),
    (r"(?<![A-Za-z])(?:the|and|of|is|are|with|that|this|which|from|not)(?![A-Za-z])", "영어가 남았다"),
]  # fmt: skip


COUNTED = re.compile(r"시행 (?:약 )?\**(?:\{[^{}]*\}|[\d,]+)\**번(?!째)")
NUMBERED = re.compile(r"[Tt]rials? (?:number )?\**(?:\d|\{)")
IN_A_FORMULA = re.compile(
    r"\\text\{(?=[^{}]*\b(?:all|and|but|for|if|mean of|miss|otherwise|over|where|with)\b)([^{}]*)\}"
)
PYTHONS = re.compile(
    r"\breturns? (?:a|the|your) list\b|\b(?:dictionary|dict) of lists\b|\blists? of (?:the )?(?:arrays|choices|dict\w*|errors|ind\w+|"
    r"layers|lists|losses|numbers|parameters|pairs|scores|seeds|strings|trials|tuples|values|widths)\b",
    re.I,
)  # no list of another kind
POINTS = re.compile(
    r"(?:%|퍼센트)(?:만큼|쯤|가량|의)* ?(?:차이|격차)|%(?:p|포인트| ?점)(?![가-힣])|(?:후회|(?<!표준 )오차|정확도)(?:[^.?!]|\.(?=\d)){0,40}(?:\d|\})점(?![에은을과들이)])"
)
SPACED = re.compile(r"[가-힣] \((?![^()]*,[^()]*\))")  # a tuple stands for itself
COMPUTED = re.compile(r"(?<!%)\}\**(?:을|를|은|는|이|가|과|와|으로|로)(?=[\s.,:;)]|$)")


def prose(text: str) -> str:
    """Return the text without code, formulae, targets and comments: what there is to translate."""
    text = ROLE.sub(lambda m: "" if m[1].startswith("cite") else re.sub(r"<[^<>]*>$", "", m[2]), text)
    for pattern, shown in ((CODE, " "), (FORMULA, " "), (COMMENT, " "), (LINK, "]"), (TAG, " ")):
        text = pattern.sub(shown, text)
    return text


def target(role: str, content: str) -> tuple[str, str]:
    named = re.search(r"<([^<>]*)>$", content)
    return role, " ".join((named[1] if named else content).split())


def shared(text: str) -> dict[str, Counter]:
    """Return what a translation must hold exactly as often as its English."""
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
def rows(language: str) -> list[dict[str, str]]:
    """Return the rows of the glossary's table, terms.csv."""
    with (LOCALE / language / "terms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def contexts(language: str) -> dict[str, set[str]]:
    """Return what a message may be in its several places, from contexts.csv."""
    with (LOCALE / language / "contexts.csv").open(encoding="utf-8", newline="") as file:
        return {row["english"]: set(row["korean"].split("|")) for row in csv.DictReader(file)}


@cache
def terms(language: str) -> list[tuple[re.Pattern[str], list[str], list[str], str]]:
    """Return of each term how to find it in English, what it is in the language, what it must not be, and how they go together: "yes" if that is always so, "only" if
    the word stands for nothing else."""
    return [
        (
            re.compile(rf"(?<![\w-])(?:{row['english']})(?:e?s)?(?![\w-])", re.I),
            row["korean"].split("|"),
            [word for word in row["avoid"].split("|") if word],
            row["everywhere"],
        )
        for row in rows(language)
    ]


def problems(text: str, translation: str, language: str = "ko") -> list[str]:
    """Return what is wrong with one translation, a sentence each."""
    if not translation:
        return ["not translated"]
    found = []
    if (
        re.fullmatch(r"[^가-힣]*\\[a-z]+.*", text) and "$" not in text and "`" not in text
    ):  # a formula on a line of its own
        bare = [re.sub(r"\\text\{[^{}]*\}|\\quad|[.,\s]", "", side) for side in (text, translation)]
        english = IN_A_FORMULA.findall(translation)
        return ["the formulae differ"] * (bare[0] != bare[1]) + [f"식에 영어가 남았다: {word}" for word in english]
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
    if (there - numbers).total() > 2 * spelled:
        found.append(f"numbers that the English has not: {sorted((there - numbers).elements())}")
    if translation != text:
        english = PLACEHOLDER.sub(" ", prose(text))
        for pattern, wanted, avoided, everywhere in terms(language):
            if everywhere == "yes" and pattern.search(english) and not any(word in translation for word in wanted):
                found.append(f"{pattern.search(english)[0]!r} is {' or '.join(wanted)}")
            if everywhere == "only" and not pattern.search(english):
                found += [f"{word} is another thing" for word in wanted if word in plain]
            found += [f"write {wanted[0]}, not {word}" for word in avoided if word in plain]
        if re.search(r"\((?:을|를|이|가|은|는|와|과|으)\)", plain):
            found.append("조사를 고르지 않았다")
        if COUNTED.search(plain) and not NUMBERED.search(prose(text)):
            found.append("시행의 수는 회로 센다: 시행 5번은 다섯째 시행이다")
        if POINTS.search(plain.replace("*", "")):
            found.append("차이는 퍼센트포인트다: 퍼센트는 수준이나 비율이고 점은 경주의 점수다")
        if "목록" in plain and PYTHONS.search(english):
            found.append("파이썬의 list는 리스트다")
        if SPACED.search(translation.replace("*", "")):
            found.append("한글 뒤의 괄호는 붙여 쓴다")
        if COMPUTED.search(plain):
            found.append("계산한 값 바로 뒤의 조사는 읽는 소리를 모른다: 말을 바꾼다")
        bare = re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^][]*\]|\"[^\"]*\"", " ", plain)
        found += [why for pattern, why in NOT_KOREAN if re.search(pattern, bare)]
    elif re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", prose(text)):
        found.append("not translated: it is the English")
    return found
