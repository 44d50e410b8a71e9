"""Who takes part, and under which name."""

import os
from pathlib import Path

import pytest

import hpt_lab as hpt
from hpt_lab.tools.race.entry import Refused, entries, load
from hpt_lab.tools.race.searches import LAB


def named(strategies, **more):
    return {entry.name: (entry.file, entry.inside) for entry in entries(strategies, **more)}


def test_a_file_is_named_after_itself_and_the_strategy_that_was_picked():
    assert named("my.py") == {"my": ("my.py", None)}
    assert named(Path("a") / "my.py") == {"my": (str(Path("a") / "my.py"), None)}
    found = named(["my.py:A", "my.py:B", "other.py"])
    assert found == {"my:A": ("my.py", "A"), "my:B": ("my.py", "B"), "other": ("other.py", None)}


def test_files_of_one_name_are_told_apart_by_as_many_folders_as_it_takes():
    found = named(["alice/my.py", "bob/my.py", "alice/other.py"])
    assert list(found) == ["alice/my", "bob/my", "other"]
    assert list(named(["x/1/my.py", "y/1/my.py", "y/2/my.py"])) == ["x/1/my", "y/1/my", "2/my"]


def test_a_path_without_a_name_is_named_whole_and_out_with_a_sentence(tmp_path):
    root = Path(tmp_path.anchor)
    assert named(root) == {str(root): (str(root), None)}
    with pytest.raises(Refused, match=r" is a folder: name the files in it, as in /\*\.py$") as refused:
        load(str(root))
    assert str(refused.value).startswith(str(root))
    assert list(named([root, tmp_path / "my.py"])) == [str(root), "my"]


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_to_itself_or_a_name_that_is_too_long_is_no_file(tmp_path):
    loop, long = tmp_path / "loop.py", tmp_path / f"{'x' * 999}.py"
    loop.symlink_to(loop)
    assert list(named([loop, long])) == ["loop", "x" * 999]
    for path in (loop, long):
        with pytest.raises(Refused, match=r"\.py is not a file$"):
            load(str(path))


class InBytes:
    def __fspath__(self):
        return b"a/my.py"


def test_a_path_may_be_of_bytes():
    assert named([InBytes()]) == {"my": ("a/my.py", None)}


def test_an_object_is_named_after_its_class_and_a_dict_gives_names():
    assert list(named([hpt.TPE(), hpt.GridSearch()])) == ["TPE", "GridSearch"]
    assert list(named(hpt.TPE())) == ["TPE"]
    assert named({"a": hpt.TPE(), "b": "my.py:B"}) == {"a": (None, None), "b": ("my.py", "B")}


WRONG = {
    "nothing": ([], ValueError, r"strategies=\[\] must hold at least one strategy"),
    "a class": (hpt.TPE, TypeError, "the strategy=<class .* must be an object with suggest"),
    "a number": (3, TypeError, "the strategy=3 must be an object with suggest.* or the path of a file"),
    "none in a list": (["a.py", None], TypeError, "the strategy=None must be"),
    "a name": ({3: "a.py"}, TypeError, "the name 3 must be a string"),
    "an empty name": ({"": "a.py"}, TypeError, "the name '' must be a string"),
    "twice": ([hpt.TPE(), hpt.TPE()], ValueError, "2 strategies are named TPE; give a dict"),
    "one file twice": (["a.py", "./a.py"], ValueError, "a is given 2 times; give each file once"),
    "a file like an object": (
        [hpt.RandomSearch(), "RandomSearch.py"],
        ValueError,
        "2 strategies are named RandomSearch; give a dict",
    ),
    "no path": ("", ValueError, "the path '' must be a valid path of a file"),
    "a sign of no path": ("a\0.py", ValueError, r"the path 'a\\x00\.py' must be a valid path of a file"),
    "no text": ({"a": "\ud800.py"}, ValueError, r"the path '\\ud800\.py' must be a valid path of a file"),
    "the lab's": (hpt.TPE(), ValueError, "the name TPE must be a different one: it is that of the lab's own strategy"),
    "the lab's, by its file": ("TPE.py", ValueError, "the name TPE must be a different one"),
}


@pytest.mark.parametrize(("strategies", "error", "message"), WRONG.values(), ids=WRONG)
def test_who_cannot_take_part_is_told_in_one_sentence(strategies, error, message):
    with pytest.raises(error, match=f"^race: {message}") as caught:
        entries(strategies, taken=LAB)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_sent_is_told():
    class Held:
        def __init__(self):
            self.lock = __import__("threading").Lock()

        def suggest(self, history): ...

    with pytest.raises(TypeError, match="must be one that can be sent to another process: "):
        entries(Held())
