"""What is executed, and what of the outputs is stored."""

import base64
import io
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import pytest

from book.press.notebooks import execution, pairing
from book.press.notebooks.figures import store


def png(picture):
    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, picture, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture(scope="module")
def once(tmp_path_factory, notebook_of):
    """The files of a notebook after one execution, by their paths: .md, .ipynb, and the figure as SVG in two widths."""
    path = tmp_path_factory.mktemp("once") / "draft.md"
    plot = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3])"
    path.write_text(notebook_of("a = 2", "print(a)", "a", plot), encoding="utf-8")
    assert execution.execute(path)
    return files(path.parent)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


@pytest.fixture
def pair(once, tmp_path):
    """The .md and the .ipynb, with the drawings beside them."""
    for path, content in once.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path / "draft.md", tmp_path / "draft.ipynb"


def test_executing_twice_changes_nothing(once, pair):
    assert not execution.execute(pair[0])
    assert files(pair[0].parent) == once
    notebook = nbformat.read(pair[1], as_version=4)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4]
    assert notebook.cells[1].outputs[0].text == "2\n"
    (shown,) = notebook.cells[3].outputs
    assert set(shown.data) == {"image/png", "text/plain"}  # no trace of the drawings
    key = store.key(base64.b64decode(shown.data["image/png"]))
    drawn = {Path(f"figures/draft/{key}{end}.svg") for end in ("", "-narrow")}
    assert set(once) == {Path("draft.md"), Path("draft.ipynb")} | drawn
    assert all(b"Bricolage" in once[path] for path in drawn)


def test_executing_mends_the_markdown_and_keeps_a_figure_that_looks_the_same(once, pair):
    notebook = nbformat.read(pair[1], as_version=4)
    data = notebook.cells[3].outputs[0].data
    drawn = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])), format="png")
    data["image/png"] = stored = png(np.clip(drawn - 0.01, 0, 1))  # as another processor may draw it
    pair[1].write_text(pairing.write_notebook(notebook), encoding="utf-8")
    folder = pair[0].parent / "figures" / "draft"
    for old in folder.iterdir():
        old.unlink()
    drawing = folder / f"{store.key(base64.b64decode(stored))}.svg"
    drawing.write_text("<svg/>", encoding="utf-8")
    pair[0].write_bytes(once[Path("draft.md")] + b"\n\n")
    assert execution.execute(pair[0])
    assert pair[0].read_bytes() == once[Path("draft.md")]
    again = nbformat.read(pair[1], as_version=4)
    assert again.cells[3].outputs[0].data["image/png"] == stored
    assert drawing.read_text(encoding="utf-8") == "<svg/>"
    assert set(folder.iterdir()) == {drawing, drawing.with_stem(f"{drawing.stem}-narrow")}  # which it had not had


@pytest.fixture
def executed(draft, monkeypatch):
    """A book of one notebook, whose executions are only listed; where it says `bad`, they fail."""
    path = draft("a = 1")
    done = []

    def execute(path):
        done.append(path.name)
        if "bad" in path.read_text(encoding="utf-8"):
            raise RuntimeError("the cell fails")
        return True

    monkeypatch.setattr(execution, "ROOT", path.parent)
    monkeypatch.setattr(execution, "STAMPS", path.parent / "stamps")
    monkeypatch.setattr(execution, "sources", lambda: [path])
    monkeypatch.setattr(execution, "_lab_digest", lambda: "the lab")
    monkeypatch.setattr(execution, "execute", execute)
    return done


def test_a_notebook_is_executed_until_it_is_up_to_date(executed, draft, monkeypatch, capsys):
    assert (execution.run(), executed) == (0, ["draft.md"])
    assert capsys.readouterr().out.splitlines() == [
        "draft.md: new outputs",
        "1 notebooks executed, 0 failed, 0 were up to date",
    ]
    assert (execution.run(), executed) == (0, ["draft.md"])
    assert capsys.readouterr().out == "0 notebooks executed, 0 failed, 1 were up to date\n"
    draft("a = 2")
    assert (execution.run(), executed) == (0, ["draft.md"] * 2)
    monkeypatch.setattr(execution, "_lab_digest", lambda: "another lab")
    assert (execution.run(), executed) == (0, ["draft.md"] * 3)
    draft("a = 2").with_suffix(".ipynb").write_text("changed by hand", encoding="utf-8")
    assert (execution.run(), executed) == (0, ["draft.md"] * 4)


def test_a_notebook_that_is_named_is_executed_in_any_case(executed, draft, capsys):
    path = draft("a = 1")
    assert execution.run([str(path)]) == execution.run([str(path.with_suffix(".ipynb"))]) == 0
    assert executed == ["draft.md"] * 2
    assert capsys.readouterr().out.endswith("1 notebooks executed, 0 failed\n")


def test_a_notebook_that_fails_is_reported_and_stays_stale(executed, draft, capsys):
    draft("bad")
    assert execution.run() == execution.run() == 1
    assert executed == ["draft.md"] * 2
    said = capsys.readouterr()
    assert "draft.md: the cell fails" in said.err
    assert "0 notebooks executed, 1 failed" in said.out


def test_what_is_no_notebook_of_the_book_is_refused(executed, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page", encoding="utf-8")
    for wrong, why in ((page, "is a page"), (tmp_path / "none.md", "must be"), (tmp_path.parent / "x.md", "must be")):
        with pytest.raises(SystemExit, match=why):
            execution.run([str(wrong)])
    assert executed == []


def test_the_stored_figure_stays_where_the_new_one_looks_the_same():
    picture = np.full((200, 200, 3), 0.5)
    by_a_hair, other = picture + 0.01, picture.copy()
    other[:10, :10] = 1.0
    for drawn, stays in ((by_a_hair, True), (other, False), (picture[:100], False)):
        new, old = ([nbformat.from_dict({"data": {"image/png": png(p)}})] for p in (drawn, picture))
        assert execution._keep_unchanged_figures(new, old) == ({png(picture)} if stays else set())
        assert (new[0]["data"]["image/png"] == png(picture)) is stays
