import contextlib
import io
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import sphinx
from babel.messages.catalog import Catalog
from docutils import nodes
from sphinx.application import Sphinx

from book.press import npm
from book.press.live import cells as live
from book.press.notebooks import exercises
from book.press.translation import catalogs, cells, extension, korean_search as korean, rules, translate
from tools import translations

WAITING = 0  # messages of which the Korean edition shows the English


def known(**translations):
    catalog = Catalog()
    for text, said in translations.items():
        catalog.add(text, said)
    return catalog


# The catalogs


@pytest.mark.parametrize("page", catalogs.pages("ko"))
def test_what_is_translated_shares_with_its_english_what_it_must(page):
    assert [*translations.faults(page, "ko")] == []


def test_one_english_message_has_one_translation_or_a_declared_context():
    everything = [*translations.all_of("ko")]
    assert {"report", "serve", "sphinx", "figures", "cells"} <= {place for place, *_ in everything}
    assert not [*translations.unlike(everything)]
    twice = [
        ("figures", "truth", "참값"),
        ("sphinx", "truth", "실제"),
        ("report", "to", "까지"),
        ("serve", "to", "최대"),
    ]
    assert [text for text, _ in translations.unlike(twice)] == ["truth"]
    known = {text for _, text, _ in everything}
    assert rules.contexts("ko").keys() <= known


@pytest.mark.parametrize("place", ["report", "serve"])
def test_the_words_of_the_tools_keep_the_rules_of_the_book(place):
    found = [(text, rules.problems(text, said)) for where, text, said in translations.all_of("ko") if where == place]
    assert len(found) > 40
    assert not [(text, said) for text, said in found if said]


def test_no_more_waits_for_its_translation_than_is_known():
    """A change of the English may leave its Korean behind; this number says how far."""
    assert sum(len(catalogs.waiting(page, "ko")) for page in catalogs.pages("ko")) <= WAITING


def test_the_glossary_of_terms_has_what_a_reader_of_the_field_needs():
    terms = rules.terms("ko")
    assert len(terms) >= 120
    glossary = {m.id: m.string for m in catalogs.read(catalogs.folder("ko") / "book/glossary.po") if m.id}
    for text, said in glossary.items():
        assert not re.fullmatch(r"\[.*[가-힣].*\]", said), f"{text} stands in brackets: write the English term there"
        for pattern, wanted, *_ in terms:
            if pattern.fullmatch(text):
                assert any(word in said for word in wanted), (text, said)


@pytest.mark.parametrize(
    ("text", "said", "why"),
    [
        ("Ask {term}`trial` 3.", "시행 3에게 묻는다.", "roles"),
        ("Use `ask` twice.", "`tell`을 두 번 쓴다.", "code"),
        ("It is $x^2$.", "$x^3$이다.", "formulae"),
        ("See [it](a.ipynb).", "[거기](b.ipynb)를 보라.", "links"),
        ("It costs **12**.", "**13**이 든다.", "numbers"),
        ("It is 5 in all.", "모두 5, 아니 6이다.", "numbers that the English has not"),
        ("It is *never* so.", "결코 그렇지 않다.", "emphases"),
        ("**`x`** is it.", "**`x`**가 답이다.", "emphases"),  # CommonMark reads no emphasis here
        ("{n} of {len(x)} passed.", "{n}개가 통과했다.", "placeholders"),
        ("Take grid search.", "격자 탐색을 쓴다.", "그리드 검색"),
        ("It works.", "잘 됩니다.", "한다체"),
        ("It is chosen.", "사람에 의해 골라진다.", "번역투"),
        ("Take `x`.", "`x`을(를) 쓴다.", "조사"),
        ("Each step multiplies w by {0}.", "스텝마다 w에 {0}을 곱한다.", "조사"),
        ("None of the last {n} trials was better.", "마지막 시행 {n}번은 더 낫지 않았다.", "회로 센다"),
        ("dashed: EI", "점선: EI", "파선"),
        ("The formula runs below.", "식의 점선은 아래에 있다.", "점선"),
        ("What does neither search do?", "두 탐색이 모두 하지 않는 일은 무엇인가?", "탐색"),
        ("The lease ends.", "임대가 끝난다.", "리스"),
        ("They differ by 0.3%.", "둘은 **0.3%** 차이가 난다.", "퍼센트포인트"),
        ("Its regret is 0.32 points lower.", "후회가 **0.32**점 낮다.", "퍼센트포인트"),
        ("It gains 2 percentage points.", "2퍼센트를 얻는다.", "퍼센트포인트"),
        ("It falls by 2%.", "2%p 떨어진다.", "퍼센트포인트"),
        ("error (%)", "오차 (%)", "괄호"),
        (r"P(\text{all } n \text{ miss}) = 0", r"P(\text{all } n \text{ miss}) = 0", "영어"),
        ("Return a list of trials.", "시행의 목록을 반환한다.", "리스트"),
        ("The mean over the seeds.", "시드에 걸친 평균.", "번역투"),
        ("It is two standard errors away.", "표준 오차 2개만큼 떨어져 있다.", "번역투"),
        ("The expected best is too low.", "최고의 기댓값이 너무 낮다.", "번역투"),
        ("The folded cell runs it to see more.", "접힌 셀은 더 보려고 이를 실행한다.", "번역투"),
        ("We take the best of them.", "the best of them을 쓴다.", "영어"),
        ("It was never translated at all.", "It was never translated at all.", "not translated"),
        ("Nothing.", "", "not translated"),
    ],
)
def test_a_translation_that_lost_something_is_named(text, said, why):
    assert why in " ".join(rules.problems(text, said))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The {term}`trials <trial>` cost **3** of 5.", "5번 가운데 **3번**이 든다: {term}`시행 <trial>`."),
        ("Thirty trials, each of `n` steps.", "`n`걸음짜리 시행 30회."),
        ("*{x}* is it", "답은 *{x}*"),
        ("From trial {0} on we explore.", "시행 {0}번부터 탐색한다."),
        ("{share:.0%} of the rows", "행의 {share:.0%}를"),
        ("They are within 1% of the best.", "가장 좋은 것과 1% 이내의 차이다."),
        ("Our strategy is ahead by 3 ± 2 points.", "우리 전략이 3 ± 2점 앞선다."),
        ("It falls from 14 to 3 percent.", "14퍼센트에서 3퍼센트로 내려간다."),
        ("Its shape is (n, d).", "모양은 (n, d)이다."),
        ("Do not trust a list of rules.", "목록에 적힌 규칙을 믿지 말자."),
        (r"\text{where } x = \text{mean}", r"\text{여기서 } x = \text{mean}"),
    ],
)
def test_a_translation_may_change_the_order(text, said):
    assert rules.problems(text, said) == []


# What becomes of a translation when its English changes


@pytest.mark.parametrize(
    ("english", "korean", "changed", "follows", "mark"),
    [
        ("After 12 trials: 0.5", "시행 12번 뒤: 0.5", "After 13 trials: 0.4", "시행 13번 뒤: 0.4", ""),
        ("7 of 36 ends", "끝 36곳 가운데 7곳", "9 of 40 ends", "끝 40곳 가운데 9곳", ""),  # by their value
        ("5 of 5", "다섯, 5와 5 가운데 5", "4 of 5", "다섯, 5와 5 가운데 5", "fuzzy"),  # a number that became two
        ("Old.", "옛.", "`x = 3`", "`x = 3`", ""),  # what has no words is its own translation
        ("Old.", "옛.", "12 / 7", "12 / 7", ""),
        ("Old.", "옛.", "$y$", "$y$", ""),
    ],
)
def test_where_only_numbers_changed_the_translation_follows_by_itself(english, korean, changed, follows, mark):
    assert translations.update(known(**{english: korean}), [changed]) == [(changed, follows, mark)]


def shown(entries, tmp_path, monkeypatch):
    """Return what a page shows of these entries of its catalog."""
    monkeypatch.setattr(catalogs, "folder", lambda language: tmp_path)
    (tmp_path / "page.po").write_text(translations.written(entries, "ko"), encoding="utf-8")
    catalogs.catalog.cache_clear()
    return catalogs.catalog("page", "ko")


@pytest.mark.parametrize(("text", "mark"), [("The top `trial` wins.", "stale"), ("The best `study` wins.", "fuzzy")])
def test_other_words_leave_the_translation_and_with_other_code_no_page_shows_it(tmp_path, monkeypatch, text, mark):
    said = "가장 좋은 `trial`이 이긴다."
    entries = translations.update(known(**{"The best `trial` wins.": said}), [text])
    assert entries == [(text, said, mark)]
    assert shown(entries, tmp_path, monkeypatch) == ({text: said} if mark == "stale" else {})


def test_a_right_answer_never_becomes_a_wrong_one():
    old = known(**{"**Right.** It is the noise.": "**맞다.** 잡음이다.", "A. The noise": "A. 잡음"})
    new = ["**No.** It is the noise.", "B. The noise"]
    assert translations.update(old, new) == [(text, "", "") for text in new]


def test_a_text_was_the_one_that_stood_in_its_place():
    old = ["First.", "We throw the dice once for each of the trials.", "Last.", "We throw the dice once, or twice."]
    new = ["First.", "We draw at random once for each trial.", "Last."]
    assert translations.neighbors(old, new) == {new[1]: old[1]}


def test_a_catalog_is_written_as_it_is_read(tmp_path):
    entries = [('Say "hi"\\now.', "'안녕'\\이라고 말하라.", ""), ("Two", "둘", "fuzzy"), ("Three", "셋", "stale")]
    path = tmp_path / "page.po"
    path.write_text(translations.written(entries, "ko"), encoding="utf-8")
    assert [(m.id, m.string, translations.mark(m)) for m in catalogs.read(path) if m.id] == entries


# Notebooks in Korean


def test_a_cell_is_translated_block_by_block_and_its_code_is_not():
    text = "# {0}\n\n{1}\n\n- {0}\n- other\n\n:::{{dropdown}} {2}\n:class: Hint\n{3}\n:::\n\n"
    text += "| {2} | 3 |\n|---|---|\n| {2} | {2} |\n\n```python\nHint\n```\n"
    english = ("Two loops", "A long line that\nis folded in two.", "Hint", "Take two.")
    korean = ("두 루프", "접힌 긴 줄.", "힌트", "둘을 쓴다.")
    said = {there.replace("\n", " "): here for there, here in zip(english, korean, strict=True)}
    assert translate.markdown(text.format(*english), said) == text.format(*korean)


def test_a_check_says_its_sentences_in_the_language_and_asks_the_same():
    source = 'assert x == 2, (\n    f"You have {x} of "\n    "them, {not} two."\n)\nprint("Check passed: it is so.")\n'
    said = {"You have {x} of them, {{not}} two.": '둘이 아니라 {x}개다 ("{{not}}").'}
    said["Check passed: it is so."] = "검사 통과: 그렇다."
    there = translate.program(source, said)
    with pytest.raises(AssertionError, match=re.escape('둘이 아니라 3개다 ("{not}").')):
        exec(there, {"x": 3})
    assert 'print("검사 통과: 그렇다.")' in there


@pytest.mark.parametrize(
    "path", sorted(catalogs.BOOK.parent.glob("chapters/*/exercises.ipynb")), ids=lambda path: path.parent.name
)
def test_an_exercise_notebook_has_the_same_cells_in_korean_and_no_english_sentence(path):
    english, page = nbformat.read(path, as_version=4), f"chapters/{path.parent.name}/exercises"
    there, waits = translate.notebook(english, page, "ko"), catalogs.waiting(page, "ko")
    assert [cell.metadata for cell in there.cells] == [cell.metadata for cell in english.cells]
    for mine, theirs in zip(there.cells, english.cells, strict=True):
        if mine.cell_type == "markdown":
            english_words = re.compile(r"(?!:|    )(?!.*[가-힣]).*[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")
            assert waits or not [*filter(english_words.match, rules.prose(mine.source).splitlines())]
        elif mine.metadata.get("nbgrader", {}).get("grade"):
            compile(mine.source, "check", "exec")
            assert waits or "검사 통과" in mine.source
            assert re.sub(r'f?"[^"\n]*"', '""', mine.source) != mine.source
        else:
            bare = [cells.program(cell.source, lambda words: "") for cell in (mine, theirs)]
            assert len({re.sub(r'(?:f?"[^"\n]*"\s*)+', '""', source) for source in bare}) == 1


PIP = "hpt_lab[chapters] @ {place}"


@pytest.mark.parametrize(
    "path", sorted(catalogs.BOOK.parent.glob("chapters/*/exercises.ipynb")), ids=lambda path: path.parent.name
)
def test_what_a_students_notebook_tells_is_korean(path):
    """What it prints, what its checks and its start object, its comments; and what the page shows as printed."""
    english, page = nbformat.read(path, as_version=4), f"chapters/{path.parent.name}/exercises"
    there = translate.notebook(english, page, "ko")
    told = [output.text for cell in there.cells for output in cell.get("outputs", []) if "text" in output]
    for cell in exercises.student_version(there, "ko").cells:
        if cell.cell_type == "code":
            told += [text for check in (True, False) for _, _, text, _ in translate.sentences(cell.source, check)]
            told += [words for *_, words in cells.notes(cell.source)]
    lines = [line for text in told for line in text.split("\n") if line not in (PIP, "YOUR CODE HERE")]
    assert len(lines) > 20
    assert any("찾는다" in line for line in lines)
    bare = [re.sub(r"^\w+ = ", "", translate.FIELD.sub("", line)) for line in lines]  # x = 1 is a name and its value
    assert not [line for line in bare if cells.WORD.search(line) and not re.search("[가-힣]", line)]


def test_what_a_program_has_printed_is_what_its_translation_prints():
    source = (
        'for x in (1, 12):\n    ok = "yes" if x > 9 else "no"\n    print(f"{ok:3}  is {x:2} big", x)\nprint("all:", 1)'
    )
    check = nbformat.v4.new_code_cell("assert True", metadata={"nbgrader": {"grade": True}})
    output = nbformat.v4.new_output("stream", text="no   is  1 big 1\nyes  is 12 big 12\nall: 1\n")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, outputs=[output]), check])
    said = {"yes": "예", "no": "아니요", "{ok:3}  is {x:2} big": "{x:2}: {ok:3}", "all:": "모두:"}
    translate.programs(book, said)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(book.cells[0].source, {})
    assert printed.getvalue() == output.text == " 1: 아니요 1\n12: 예   12\n모두: 1\n"
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('print("all:", 1)')])
    translate.programs(lesson, said)
    assert lesson.cells[0].source == 'print("all:", 1)'


def test_the_program_of_the_playground_is_told_in_korean():
    page = (catalogs.BOOK.parent / f"{live.PLAYGROUND}.md").read_text(encoding="utf-8")
    said = [re.search("[가-힣]", words) for words in live.words_of_playground(live.playground_in(page, "ko"))]
    assert said
    assert all(said)
    assert live.playground_in(page, "en") == page


# Search


WORDS = "함수 함수를 함수는 함수의 함수에서는 함수로, 시행 시행이 시행은 시행마다 시행까지, 결과 결과를 결과는 결과에서, 값 값을 값은"


@pytest.mark.parametrize("words", WORDS.split(", "))
def test_a_word_is_found_with_whatever_particle_follows_it(words):
    assert len({korean.stem(word) for word in words.split()}) == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("획득함수를", "획득 함수"),
        ("교차검증 조기종료", "교차 검증 조기 종료"),
        ("가우시안프로세스와 베이지안최적화", "가우시안 프로세스 베이지안 최적화"),
        ("에폭", "에포크"),
        ("임계값", "임곗값"),
        ("활성함수, 활성 함수", "활성화 함수 활성화 함수"),
        ("트라이얼 오버피팅", "시행 과적합"),
        ("초매개변수의", "하이퍼파라미터"),
        ("시드를 GridSearchCV", "시드 gridsearchcv"),
    ],
)
def test_a_query_may_call_a_term_by_another_name(asked, words, tmp_path):
    sphinx = "const Search = { _parseQuery: query => [query, splitQuery(query)] };"
    script = tmp_path / "search.js"
    code = [sphinx, korean.SearchKorean.js_stemmer_code, korean.SearchKorean.js_splitter_code]
    code.append(f"console.log(Search._parseQuery({json.dumps(asked)})[0]);")
    script.write_text("\n".join(code), encoding="utf-8")
    assert npm.node(script).strip() == words


def test_words_of_other_languages_keep_their_ends():
    assert korean.stem("scikit-learn") == "scikit-learn"


def test_a_formula_of_a_built_page_has_its_translated_words(tmp_path):
    page = "chapters/05_trade_offs/01_stop_early"
    formula = r"\text{rung } i: \quad \lfloor n / \eta^i \rfloor \text{ configurations at budget } r\,\eta^i ."
    (tmp_path / page).parent.mkdir(parents=True)
    (tmp_path / f"{page}.md").write_text(f"# A page\n\n$$\n{formula}\n$$\n", "utf-8")
    settings = {"extensions": ["myst_parser"], "myst_enable_extensions": ["dollarmath"], "root_doc": page}
    settings |= {"language": "ko", "locale_dirs": [str(catalogs.BOOK / "locale")], "gettext_compact": False}
    settings["source_suffix"] = {".md": "markdown"}  # another parser may have been here before
    app = Sphinx(tmp_path, None, tmp_path / "html", tmp_path / "trees", "html", confoverrides=settings, status=None)
    app.add_transform(extension.Formulae)
    app.build()
    (block,) = app.env.get_doctree(page).findall(nodes.math_block)
    assert block.astext() == catalogs.catalog(page, "ko")[formula]
    assert "렁" in block.astext()


COUNTED = """globalThis.document = { addEventListener() {}, readyState: "loading" };
globalThis.DOCUMENTATION_OPTIONS = {};
(0, eval)(SCRIPTS.replace("const Documentation", "globalThis.Documentation"));
globalThis.Function = () => { throw new Error("a page with a policy makes no code of text"); };
Documentation.addTranslations({ locale: "ko", messages: { one: ["몇", "many"] }, plural_expr: "0" });
console.log(JSON.stringify([Documentation.LOCALE, Documentation.ngettext("one", "many", 5)]));
"""


def test_no_script_of_sphinx_makes_code_of_the_rule_for_plurals(tmp_path):
    static, own = tmp_path / "_static", Path(sphinx.__file__).parent
    static.mkdir()
    shutil.copy(own / "themes" / "basic" / "static" / "doctools.js", static)
    shutil.copy(own / "locale" / "ko" / "LC_MESSAGES" / "sphinx.js", static / "translations.js")
    for _ in range(2):  # a second build finds what the first one wrote
        extension.write_plurals(SimpleNamespace(outdir=tmp_path), None)
    script = tmp_path / "counted.js"
    text = json.dumps((static / "doctools.js").read_text(encoding="utf-8"))
    script.write_text(COUNTED.replace("SCRIPTS", text, 1), encoding="utf-8")
    assert json.loads(npm.node(script)) == ["ko", "몇"]


def test_what_the_press_says_is_marked_where_it_is_said():
    unmarked = re.compile(r"gettext\([^)]*\)\(\s*[\"']")  # the extractor knows a message by _( alone
    found = [
        path.name
        for path in (catalogs.BOOK / "press").rglob("*.py")
        if unmarked.search(path.read_text(encoding="utf-8"))
    ]
    assert not found
