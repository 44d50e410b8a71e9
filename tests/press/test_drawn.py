"""Figures in Korean: the words of their SVG."""

import re
from xml.etree import ElementTree

import pytest

from book.press.pages import drawings
from book.press.translation import catalogs, drawn
from tools.translations import of_figure

# Names of code, of products, of people in the text, and letters that mean themselves.
LATIN = """
    ASHA Ann Ben BO BayesianOptimization Branin Cho Climb EI GP GeneticAlgorithm Hartmann KG sgd_cancer LCB MNIST
    Matérn PI QuasiRandomSearch RandomSearch SVM TPE blur epsilon first_hidden forest_boston gamma hartmann6 kappa
    kernel kB km learning_rate linear log10 max_depth ms n_components n_estimators nats optimize poly rbf relu s5
    scikit second_hidden step svm_digits svm_tree tanh units_1 units_2 w² x1 x2
"""


def figure(*texts):
    return f'<svg xmlns="{drawings.SVG}" width="10" height="20">{"".join(texts)}</svg>'


def line(words, x, y, turn="", style="font-size:10px"):
    return f'<text style="{style}" transform="translate({x} {y}){turn}">{words}</text>'


@pytest.fixture
def korean(monkeypatch):
    """Returns the texts of a figure in Korean: of each its place, its style, and its lines with their heights."""

    def translate(known, *texts):
        monkeypatch.setattr(catalogs, "catalog", lambda page, language: known)
        root = ElementTree.fromstring(figure(*texts))
        drawn.translate(root, "ko", len, len)
        shown = [text for text in root.iter(drawn.TEXT) if "".join(text.itertext())]
        lines = [[(part.get("y"), part.text) for part in text] or text.text for text in shown]
        return [(text.get("transform"), text.get("style"), own) for text, own in zip(shown, lines, strict=True)]

    return translate


def test_a_text_is_one_message_with_its_lines_joined_and_its_numbers_open():
    two = line("mean of 2,000 runs", 0, 10) + line("at x1 = 1e-4, −0.5", 4, 22)
    other = line("another", 0, 40) + '<text x="1" y="2" style="font-size:10px">12</text>'
    formula = '<text style="font-size:10px"><tspan>ab</tspan></text>'
    assert of_figure(figure(two, other, formula)) == ["mean of {0} runs at x1 = {1}, −{2}", "another"]


def test_numbers_come_where_the_translation_wants_them(korean):
    (only,) = korean({"{0} of {1}": "{1}개 중\n{0}개"}, '<text x="1" y="2" style="font-size:10px">3 of 40</text>')
    assert only[2] == "40개 중 3개"


def test_lines_stay_on_the_edge_that_those_of_the_english_share(korean):
    left = (line("ab cd", 5, 10), line("ef", 5, 22))
    middle = (line("ab cd", 0, 50), line("e", 20, 62))
    right = (line("ab cd", 0, 90), line("ef", 30, 102))
    known = {"ab cd ef": "가 나 다", "ab cd e": "라"}
    (a, b, c) = korean(known, *left, *middle, *right)
    assert a == ("translate(5.00 16.00)", "font-size:10px;text-anchor:start", [("0.00", "가 나 다")])
    assert b[:2] == ("translate(25.00 56.00)", "font-size:10px;text-anchor:middle")  # one line in the middle of two
    assert c[1].endswith("end")
    assert c[0].startswith("translate(50.00")


def test_a_text_that_stands_upright_is_broken_upright(korean):
    upright = (line("ab cd", 10, 80, " rotate(-90)"), line("ef", 22, 80, " rotate(-90)"))
    ((place, _, lines),) = korean({"ab cd ef": "가\n나"}, *upright)
    assert place == "translate(10.00 80.00) rotate(-90)"
    assert lines == [("0.00", "가"), ("12.00", "나")]


def test_a_text_gets_no_more_lines_than_it_had_unless_it_says_so():
    assert drawn.broken("가 나 다라", 3, len) == ["가 나", "다라"]
    assert drawn.broken("가 나\n다라", 9, len) == ["가 나", "다라"]


def test_a_formula_keeps_the_typeface_that_its_parts_were_placed_for():
    family = "font:10px &quot;Bricolage Grotesque&quot;"
    words = f'<text style="{family}" x="1" y="2">loss</text>'
    formula = f'<text style=""><tspan style="{family}">10</tspan></text>'
    page = drawings.for_page(figure(words, formula), "light", "ko")
    assert re.findall(r'@font-face{font-family:"([^"]+)"', page) == ["Bricolage Grotesque", "Pretendard"]
    assert page.count("&quot;Bricolage Grotesque&quot;") == page.count("&quot;Pretendard&quot;") == 1


CHAPTERS = sorted(catalogs.BOOK.parent.glob("chapters/*/figures"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.parent.name)
def test_every_figure_speaks_korean_and_no_text_leaves_it(chapter):
    measure = {language: drawings.measure(language) for language in ("en", "ko")}
    files = sorted(chapter.glob("*/*.svg"))
    assert files
    for file in files:
        root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
        width = float(root.get("viewBox").split()[2])
        drawn.translate(root, "ko", measure["en"], measure["ko"])
        for text in root.iter(drawn.TEXT):
            said = " ".join(text.itertext())
            left = {word for word in re.findall(r"[A-Za-zé_][\wé]+", said) if not re.search("[가-힣]", word)}
            assert left <= set(LATIN.split()), (file.name, said)
            anchor = re.search(r"text-anchor:(\w+)", text.get("style", ""))
            if text.get("x") and "rotate(-0" in text.get("transform", "") and re.search("[가-힣]", said):
                long, x = measure["ko"](said) * drawn.size(text), float(text.get("x"))
                start = x - long * {"start": 0, "middle": 0.5, "end": 1}[anchor[1] if anchor else "start"]
                assert start > -3, (file.name, said)
                assert start + long < width + 3, (file.name, said)
