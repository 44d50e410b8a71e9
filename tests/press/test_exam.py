"""The exam bank: its answers are right, and Moodle gets what is in it."""

import html
import re

import pytest
import reading_exams
from sphinx.util.matching import Matcher

from book.press.address import ROOT
from book.press.course import Option
from book.press.exam import formats, questions as exam
from book.press.exam.__main__ import export, main
from book.press.slides import markup

BANK, QUIZZES = exam.bank(), exam.quizzes()
each = pytest.mark.parametrize("question", BANK, ids=lambda q: q.name)


def test_the_bank_is_large_and_has_every_kind_in_every_chapter():
    assert len(BANK) >= 40
    for chapter in "1234567":
        kinds = {question.kind for question in BANK if question.lesson[0] == chapter}
        assert kinds == set(exam.KINDS), chapter
        assert all(q.category.startswith(f"Exam/{chapter} ") for q in BANK if q.lesson[0] == chapter)


def test_names_are_unique():
    names = [question.name for question in BANK + QUIZZES]
    assert len(set(names)) == len(names)


def test_every_lesson_is_asked_about():
    assert {question.lesson for question in QUIZZES} == {question.lesson for question in BANK}


@each
def test_the_answer_is_what_its_code_computes(question):
    names = dict(exam.picture(question)[1]) if question.draw else {}
    assert question.check or question.kind == "multiple choice"
    if not question.check:
        return
    exec(question.check, names)
    if question.options:
        assert names["answer"] == next(option.letter for option in question.options if option.right)
    else:
        decimals = len(question.number.partition(".")[2])
        assert round(float(names["answer"]), decimals) == float(question.number)
        assert abs(names["answer"] - float(question.number)) <= float(question.tolerance)


@each
def test_a_question_can_be_read_and_is_explained(question):
    assert question.text
    assert bool(question.draw) == bool(question.alt) == (question.kind == "reading a figure")
    assert bool(question.solution) == bool(question.number)
    if question.number:
        assert float(question.tolerance) >= 0
    else:
        assert len(question.options) == 4
        assert all(option.why.endswith((".", "!", "`")) for option in question.options)
    if question.kind == "debugging":
        assert "```python\n" in question.text
    for text in (question.text, question.solution, *(option.text + option.why for option in question.options)):
        assert "{" not in re.sub(r"`+[^`]*`+|\$[^$]*\$", "", text), "no roles, no directives"
        assert ":::" not in text
        assert "**Answer" not in text
        assert not re.search(r"\b(simply|just|easily|obviously)\b", text)


def visible(text):
    """What a reader sees of an option: no marks of Markdown, and a formula without braces, a letter for each command."""
    plain = html.unescape(re.sub("<[^>]+>", "", markup.line(text)))
    return re.sub(r"\\[()]|[{}^_]", "", re.sub(r"\\[a-zA-Z]+", "x", plain))


@pytest.mark.parametrize("questions", [BANK, QUIZZES], ids=["bank", "lessons"])
def test_the_right_option_does_not_show_by_its_length(questions):
    longest, too_long, choices = [], [], [question for question in questions if question.options]
    for question in choices:
        lengths = [(option.right, len(visible(option.text))) for option in question.options]
        right, wrong = (max(length for is_right, length in lengths if is_right is which) for which in (True, False))
        said = f"{question.name}: {right} characters, the longest wrong option {wrong}"
        longest += [said] * (right > wrong)
        too_long += [said] * (right > 1.6 * wrong)
    assert not too_long, "\n".join(["the right option is much longer:", *too_long])
    share = len(longest) / len(choices)
    assert share <= 0.4, "\n".join([f"the right option is the longest in {share:.0%}:", *longest])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exam")
    written = export(folder)
    assert written == {"exam.xml": len(BANK), "quizzes.xml": len(QUIZZES)}
    return folder


def as_read(question):
    """What a reader of the format is to find."""
    html = formats.as_html
    answers = [
        (100 if o.right else 0, html(o.text), None, html(f"**{'Right' if o.right else 'No'}.** {o.why}"))
        for o in question.options
    ]
    if question.number:
        answers = [(100, question.number, question.tolerance, "")]
    text = html(question.text) + (f"\n[{question.alt}]" if question.draw else "")
    top, title = question.category.split("/", 1)
    category = f"$course$/top/{formats.COURSE}/{top}/" + title.replace("/", "//")
    return category, question.name, text, answers, html(question.solution)


@pytest.mark.parametrize(("name", "questions"), [("exam", BANK), ("quizzes", QUIZZES)])
def test_what_is_exported_is_read_as_it_was(exported, name, questions):
    wanted = [as_read(question) for question in questions]
    assert reading_exams.read_moodle((exported / f"{name}.xml").read_text(encoding="utf-8")) == wanted


def test_awkward_texts_survive():
    options = (
        Option("A", "`{a: 1}` ~ ]]> & <b>", True, "x = #1 \\\\ :: //"),
        Option("B", "$\\frac{a}{b} < 1$", False, "é."),
    )
    texts = ("Exam/1 a/b", "a :: {b} # ~ = \\ ]]>", "one\n\ntwo `]]>` {", "1.1")
    awkward = exam.Question(*texts, options=options, solution="s }{")
    assert reading_exams.read_moodle(formats.moodle([awkward], {})) == [as_read(awkward)]


def test_formulas_stay_formulas():
    assert formats.as_html("so $a_1 < b_2$ and *c*") == "so \\(a_1 &lt; b_2\\) and <em>c</em>"
    assert formats.as_html("a\n\n$$x^2$$").endswith("\\[x^2\\]</p>")


def test_the_quizzes_are_those_of_the_lessons():
    pages = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("chapters/*/[0-9]*.md"))]
    texts = [page.partition("\n## Quiz\n")[2].partition("\n## ")[0] for page in pages]
    assert len(QUIZZES) == sum(len(re.findall(r"^\*\*\d+\. ", text, re.M)) for text in texts)
    assert sum(len(q.options) for q in QUIZZES) == len(re.findall(r"\{dropdown\} [A-Z]\. ", "".join(texts)))
    assert not [q.name for q in QUIZZES if "**" in q.text or not q.text]


def test_a_bank_with_a_mistake_is_refused(tmp_path):
    option = ":::{dropdown} A. yes\n**Right.** So it is.\n:::\n"
    for body, said in (
        ("*Lesson 1.1, multiple choice*\n\nHow?\n", "it needs options, or a line"),
        ("*Lesson 1.1, multiple choice*\n\nHow?\n\n" + option + option, "one option is right, not 2"),
        ("*Lesson 1.1, multiple choice*\n\nHow?\n\n" + option.replace("Right", "Yes"), "an option begins with"),
        ("How?\n\n" + option, "after each title comes"),
        ("*Lesson 1.1, multiple choice*\n\nHow?\n\n" + option + "\n**Answer:** 1 ± 0\n", "it needs options, or a line"),
        ("*Lesson 1.1, debugging*\n\nHow?\n\n**Answer:** one ± 0\n", "it needs options, or a line"),
        ("*Lesson 1.1, debugging*\n\nHow?\n\n" + option + "```python chek\nanswer = 1\n```\n", "a block is ```python"),
        ("*Lesson 1.1, debugging*\n\nHow?\n\n" + option + 2 * "```python check\na = 1\n```\n", "a block is ```python"),
    ):
        (tmp_path / "01.md").write_text("# 1 A\n\n## B\n" + body, encoding="utf-8")
        with pytest.raises(ValueError, match=re.escape(said)):
            exam.bank(tmp_path)


def test_the_bank_stands_on_no_page_of_the_book():
    conf = (ROOT / "book" / "press" / "conf.py").read_text(encoding="utf-8")
    pages = Matcher(re.findall(r'"([^"]+)"', re.search(r"^include_patterns = .+", conf, re.M)[0]))
    assert pages("book/teacher.md")
    assert not [path for path in exam.BANK.iterdir() if pages(path.relative_to(ROOT).as_posix())]


@pytest.mark.parametrize("arguments", [[], ["export"], ["import", "x"]])
def test_the_command_says_how_it_is_used(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert capsys.readouterr().err.startswith("usage: python -m book.press.exam [-h] {export} FOLDER\n")


def test_a_bank_is_read_to_its_last_line(tmp_path):
    text = "# 1 A\n\n## B\n*Lesson 1.1, debugging*\n\nHow?\n\n**Answer:** -1.5 ± 0.1\n\n**Solution.** So."
    (tmp_path / "01.md").write_text(text, encoding="utf-8")
    (question,) = exam.bank(tmp_path)
    assert (question.number, question.tolerance, question.solution) == ("-1.5", "0.1", "So.")


def test_the_banks_in_korean_ask_the_same_and_leave_no_english_sentence():
    for english, korean in ((BANK, exam.bank(language="ko")), (QUIZZES, exam.quizzes("ko"))):
        assert len(korean) == len(english)
        for there, here in zip(english, korean, strict=True):
            for same in ("number", "tolerance", "check", "draw"):
                assert getattr(here, same) == getattr(there, same)
            assert [option.right for option in here.options] == [option.right for option in there.options]
            said = [here.name, here.category, here.text, here.solution, here.alt, *(o.why for o in here.options)]
            for text in said:
                plain = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$|\([^()]*\)|\{[^}]*\}", " ", text, flags=re.S)
                assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", plain), text
        written = formats.moodle(korean, {})
        assert not re.search(r"(Right|No)\.</strong>|top/Hyperparameter", written)
