"""The cells of Korean pages: comments, docstrings, what hidden cells print, and the page inside an output."""

import ast
import re

import nbformat
import pytest

from book.press.live import cells as live
from book.press.translation import catalogs, cells

SAID = {"Return x.": "x를 반환한다.", "the best": "최선", "best of {0} runs: {1}": "{0}번 중 최고: {1}"}
SAID |= {"New road": "새 길", "km {x}": "{x} km"}


def say(text):
    return SAID.get(text, text)


def test_comments_and_docstrings_are_translated_and_the_program_is_the_same():
    source = 'def f(x):\n    """Return x."""\n    return x  # the best\n\n\ny = "# the best"  # 1.0\n# fmt: skip'
    there = cells.program(source, say)
    assert there == source.replace("Return x.", "x를 반환한다.").replace("return x  # the best", "return x  # 최선")
    assert ast.dump(ast.parse(there)).replace("x를 반환한다.", "Return x.") == ast.dump(ast.parse(source))
    long = 'def f(x):\n    """Return\n\n    x.\n    """\n    return x'
    assert cells.program(long, say) == 'def f(x):\n    """x를 반환한다.\n    """\n    return x'
    assert cells.program(long, lambda words: words) == long
    assert cells.program(cells.program(long, say), lambda words: "") == cells.program(long, lambda words: "")
    assert cells.program("%matplotlib inline\nx = (  # the best", say) == "%matplotlib inline\nx = (  # the best"


def test_a_cell_keeps_the_seconds_that_it_takes_in_a_browser():
    assert live.key("f(1)  # the best\ng()") == live.key("f(1)  # 최선\ng()") != live.key("f(2)  # the best\ng()")


def test_a_printed_line_is_translated_with_its_numbers_and_without_a_translation_it_stays():
    table = "\nbest  runs  20\n{'a': 1}"
    assert cells.printed(f"  best of 20 runs: 0.5{table}", say) == f"  20번 중 최고: 0.5{table}"


def test_a_padded_number_keeps_its_spaces_and_a_tab_is_a_column():
    known = {"noise {0}, x ({1})": "노이즈 {0}, x({1})", "own trained {0} ± {1}": "자기\t훈련\t{0} ± {1}"}
    lines = "noise  0, x ( 5)\nnoise 10, x (25)\nown   trained   7 ± 2"
    there = "노이즈  0, x( 5)\n노이즈 10, x(25)\n자기  훈련      7 ± 2"
    assert cells.printed(lines, lambda text: known.get(text, text)) == there


def test_a_tab_is_a_column_and_not_the_gap_of_a_padded_number_and_no_part_is_lost():
    known = {"warned {0} of {1} order {2}": "경고 {1}번 중 {0}번\t순서 {2}"}
    lines = "warned  3 of  9     order 2\nwarned 12 of 19     order 2\nwarned 12 of 19 order 2"
    there = "경고  9번 중  3번   순서 2\n경고 19번 중 12번   순서 2\n경고 19번 중 12번 순서 2"
    assert cells.printed(lines, lambda text: known.get(text, text)) == there
    known = {"TPE {0} workers, cost {1}": "TPE\t{0}대, 비용 {1}"}
    lines = "TPE     8 workers, cost      9\nTPE   512 workers, cost    120"
    there = "TPE     8대, 비용      9\nTPE   512대, 비용    120"
    assert cells.printed(lines, lambda text: known.get(text, text)) == there


def cell(source, *tags, **output):
    made = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    made.outputs = [nbformat.v4.new_output(**output)]
    return made


def test_only_what_no_visible_program_prints_is_translated():
    printed = {"output_type": "stream", "text": "best of 2 runs: 1"}
    book = nbformat.v4.new_notebook(cells=[cell("f()", **printed), cell("f()", "hide-input", **printed)])
    cells.translate(book, say)
    assert [c.outputs[0].text for c in book.cells] == ["best of 2 runs: 1", "2번 중 최고: 1"]


def test_the_game_in_an_output_speaks_the_language():
    page = '<p class="a">{0}</p><svg aria-label="{0}"></svg><script>if (a > 1 && b < 2) say(`{1}`)</script>'
    assert cells.page(page.format("New road", "km ${x}"), say) == page.format("새 길", "${x} km")


NAMES = {"km", "xi", "kappa", "noise", "kernel", "gamma", "epsilon"}  # a unit, and parameters as programs write them


def unseen_outputs(book):
    return ["\n".join(o.text for o in c.outputs if o.output_type == "stream") for c in book.cells if cells.unseen(c)]


@pytest.mark.parametrize("path", sorted(catalogs.BOOK.parent.glob("chapters/*/*.ipynb")), ids=lambda path: path.stem)
def test_every_cell_of_a_page_has_its_korean(path):
    book, page = nbformat.read(path, as_version=4), f"chapters/{path.parent.name}/{path.stem}"
    korean, missing = cells.gettext(page, "ko"), []
    cells.translate(book, lambda text: korean(text) if korean(text) != text else missing.append(text) or text)
    names = {"km, shape (5,)", "-z Phi / phi", "(6, 6, n_columns)", "True"}
    waits = [text for text in missing if text not in names and catalogs.catalog(cells.CATALOG, "ko").get(text) != text]
    assert not waits
    for text in unseen_outputs(book):
        english = [line for line in text.split("\n") if not re.search("[가-힣]", line)]
        assert not [line for line in english if set(cells.WORD.findall(line)) - NAMES]
