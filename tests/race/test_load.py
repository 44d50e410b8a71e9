"""A stranger's file: which strategy it holds, or one sentence on what is wrong with it."""

import os
import sys

import pytest

from hpt_lab import RandomSearch
from hpt_lab.tools.race import entry
from hpt_lab.tools.race.entry import Refused, blame

GOOD = "from hpt_lab import Suggestion\n"
CLASS = "class {}:\n    def suggest(self, history):\n        return '{}'\n"
FUNCTION = "def suggest(history):\n    return 'function'\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", {**sys.modules})

    def load(text, name=None, stem="mine"):
        path = tmp_path / f"{stem}.py"
        path.write_text(text, encoding="utf-8")
        return entry.load(str(path), name)

    return load


A, B = CLASS.format("A", "A"), CLASS.format("B", "B")
FOUND = {
    "a class": (A, None, "A"),
    "a function": (FUNCTION, None, "function"),
    "one of two": (A + B, "B", "B"),
    "the function beside a class": (A + FUNCTION, "suggest", "function"),
    "an object instead of its class": (A.replace("return 'A'", "return self.x") + "a = A()\na.x = 7\n", None, 7),
    "a private class does not count": (CLASS.format("_Base", "?") + "class A(_Base):\n    def suggest(self, history):\n        return 'A'\n", None, "A"),
    "what is imported does not count": ("from hpt_lab import TPE, RandomSearch\n" + A, None, "A"),
    "a dataclass": ("from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    n: int = 3\n    def suggest(self, history):\n        return self.n\n", None, 3),
}  # fmt: skip


@pytest.mark.parametrize(("text", "name", "says"), FOUND.values(), ids=FOUND)
def test_a_file_has_one_strategy_or_that_of_a_name(load, text, name, says):
    assert load(text, name).suggest(None) == says


def test_an_imported_strategy_may_be_named(load):
    assert isinstance(load("from hpt_lab import RandomSearch\n", "RandomSearch"), RandomSearch)


def test_a_file_of_any_name_finds_its_neighbours_and_hides_nothing(load, tmp_path):
    (tmp_path / "neighbour_of_mine.py").write_text("x = 'neighbour'\n", encoding="utf-8")
    text = "import random, neighbour_of_mine\nrandom.Random(1)\n" + A.replace("'A'", "neighbour_of_mine.x")
    assert load(text, stem="random").suggest(None) == "neighbour"
    assert sys.path.index(str(tmp_path)) == len(sys.path) - 1  # where it hides no module of Python


WRONG = {
    "nothing": ("x = 1\n", None, "mine.py must define a strategy: a class with suggest(self, history), or a function suggest(history)"),
    "no suggest": ("class A: pass\n", None, "mine.py must define a strategy: "),
    "suggest is no function": ("suggest = 3\n", None, "mine.py must define a strategy: "),
    "several": (A + B + FUNCTION, None, "mine.py holds 3 strategies, A, B, suggest: name one, as in mine.py:A"),
    "no such name": (A, "C", "mine.py has nothing named 'C'; it holds A"),
    "no such name, nothing": ("", "C", "mine.py has nothing named 'C'; it holds no strategy"),
    "named, but none": ("C = 3\n", "C", "C of mine.py must be a class with suggest(self, history), or"),
    "arguments": ("class A:\n    def __init__(self, n): pass\n    def suggest(self, history): pass\n", None, "A() cannot be made without arguments: TypeError: "),
    "syntax": ("\ndef suggest(history) return 3\n", None, "mine.py cannot be imported: SyntaxError: expected ':' (line 2)"),
    "import": ("import os\nimport no_such_module_here\n", None, "mine.py cannot be imported: ModuleNotFoundError: No module named 'no_such_module_here' (line 2)"),
    "deeper": ("def fails():\n    return 1 / 0\nfails()\n", None, "mine.py cannot be imported: ZeroDivisionError: division by zero (line 2)"),
    "exits": ("import sys\nsys.exit(1)\n", None, "mine.py cannot be imported: SystemExit: 1 (line 2)"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "name", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_race_is_one_sentence(load, text, name, message):
    with pytest.raises(Refused) as refused:
        load(text, name)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_none_is_said(tmp_path):
    with pytest.raises(Refused, match=r"^nothing\.py is not a file$"):
        entry.load(str(tmp_path / "nothing.py"))
    name = tmp_path.name
    with pytest.raises(Refused, match=rf"^{name} is a folder: name the files in it, as in {name}/\*\.py$"):
        entry.load(str(tmp_path))
    (tmp_path / "notes.txt").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"^notes\.txt must be a Python file, with a name that ends in \.py$"):
        entry.load(str(tmp_path / "notes.txt"))


def test_an_error_is_told_on_one_line_even_if_it_cannot_be_read():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    assert blame(Silent()) == "Silent (its text cannot be read)"
    assert blame(ValueError("two\n  lines")) == "ValueError: two lines"
    assert len(blame(ValueError("x" * 999))) == 200


def test_a_file_that_was_changed_within_a_second_is_read_as_it_is(load, tmp_path, monkeypatch):
    """Python's cache would take it for the file before: it has the same size, and the same second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for told in ("one", "two"):
        strategy = load(FUNCTION.replace("function", told))
        os.utime(tmp_path / "mine.py", (1e9, 1e9))
        assert strategy.suggest(None) == told
    assert not (tmp_path / "__pycache__").exists()
