"""A lesson's minutes are those that its words take, at one rate in all chapters."""

import pytest

from book.press.address import ROOT
from tools import minutes


@pytest.mark.parametrize("path", minutes.lessons(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_lesson_states_the_minutes_that_its_words_take(path):
    assert not minutes.off(path), (
        f"{minutes.stated(path)} minutes, but {minutes.exact(path):.1f}: python -m tools.minutes --write"
    )


def lesson(folder, words, stated):
    path = folder / "lesson.md"
    path.write_text(f"**Minutes:** {stated}\n\n{'word ' * words}\n\n```python\n{'x ' * 900}\n```\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("words", "stated", "off"), [(1200, 20, False), (1378, 20, False), (1600, 20, True), (5000, 76, False), (5000, 70, True)])  # fmt: skip
def test_a_tenth_and_the_rounding_are_allowed(tmp_path, words, stated, off):
    path = lesson(tmp_path, words, stated)
    assert minutes.exact(path) == pytest.approx(words / 60, abs=0.1)
    assert minutes.off(path) == off


def test_work_of_ones_own_is_of_lessons_that_exist():
    assert all((ROOT / "chapters" / f"{name}.md").exists() for name in minutes.OWN)
