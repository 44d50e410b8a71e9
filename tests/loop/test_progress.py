"""The live figure of a search: drawn in a notebook, at its end at the latest, and a bar where there is none."""

import sys
import types
from functools import partial

import pytest
import tqdm

import hpt_lab as hpt
from hpt_lab.plots import live

SPACE = {"x": hpt.Float(0, 1)}


class Notebook:
    """What a kernel would show: the pictures, in their order."""

    def __init__(self):
        self.shown = []

    def display(self, image, display_id):
        assert display_id
        self.shown.append(image)
        return types.SimpleNamespace(update=self.shown.append)


@pytest.fixture
def notebook(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    notebook = Notebook()
    shell = types.ModuleType("IPython")
    shell.version_info = (9, 0)  # which matplotlib looks at
    shell.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    shell.display = types.ModuleType("IPython.display")
    shell.display.display = notebook.display
    shell.display.Image = lambda data, format: (format, data)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", shell.display)
    return notebook


def search(n, objective=lambda p: p["x"], **more):
    return hpt.tune(objective, SPACE, hpt.RandomSearch(), n, progress="plot", **more)


def test_a_short_search_is_drawn_with_its_first_value_and_at_its_end(notebook):
    search(30)
    assert len(notebook.shown) == 2
    assert all(format == "png" and data.startswith(b"\x89PNG") for format, data in notebook.shown)
    assert notebook.shown[0] != notebook.shown[1]


def test_a_long_search_is_drawn_again_when_it_may_be(notebook, monkeypatch):
    monkeypatch.setattr(live, "SECONDS", 0.0)
    monkeypatch.setattr(live, "SHARE", 1e9)
    search(3)
    assert len(notebook.shown) == 3  # before the second trial, before the third, and at the end


def test_the_title_counts_and_says_the_best(notebook, monkeypatch):
    titles = []
    monkeypatch.setattr("matplotlib.axes.Axes.set_title", lambda ax, text: titles.append(text))
    study = search(5)
    assert titles[-1] == f"5 of 5 trials, best {study.best_value:.6g} (trial {study.best.number})"


def test_the_title_says_the_size_of_the_front_or_that_nothing_is_feasible(notebook, monkeypatch):
    titles = []
    monkeypatch.setattr("matplotlib.axes.Axes.set_title", lambda ax, text: titles.append(text))
    study = search(5, lambda p: (p["x"], 1 - p["x"] ** 2), directions=["minimize"] * 2)
    search(5, lambda p: {"value": p["x"], "constraints": {"limit": 1}})
    assert [titles[1], titles[-1]] == [f"5 of 5 trials, front of {len(study.front)}", "5 of 5 trials, none feasible"]


def test_the_bar_says_the_size_of_the_front(monkeypatch, capsys):
    monkeypatch.setattr("tqdm.tqdm", partial(tqdm.tqdm, disable=False))
    hpt.tune(lambda p: (p["x"], -p["x"]), SPACE, hpt.RandomSearch(), 4, directions=["minimize"] * 2)
    assert "front of 4" in capsys.readouterr().err


def test_nothing_is_drawn_of_a_search_without_a_value(notebook):
    with pytest.raises(ZeroDivisionError):
        search(3, lambda p: 1 / 0)
    assert notebook.shown == []


@pytest.mark.parametrize("where", ["a shell", "without IPython"])
def test_where_there_is_no_notebook_it_is_a_bar_and_says_so_once(where, monkeypatch, capsys):
    shell = types.ModuleType("IPython")
    shell.version_info = (9, 0)  # which matplotlib looks at
    shell.get_ipython = lambda: types.SimpleNamespace()  # of a terminal
    shell.display = types.SimpleNamespace(display=None, Image=None)
    monkeypatch.setitem(sys.modules, "IPython", shell if where == "a shell" else None)
    monkeypatch.setitem(sys.modules, "IPython.display", shell.display)
    monkeypatch.setattr("tqdm.tqdm", partial(tqdm.tqdm, disable=False))
    with pytest.warns(UserWarning, match="progress='plot' needs a notebook") as said:
        study = search(3)
    assert len(said) == 1
    assert len(study.trials) == 3
    assert "best" in capsys.readouterr().err
