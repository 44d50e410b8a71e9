"""A notebook made from its Markdown keeps what stayed, and is the same everywhere."""

import os

import nbformat

from book.press.notebooks import pairing


def test_pairing_keeps_the_ids_and_outputs_of_cells_that_stayed(draft):
    path = draft("a = 1", "print(a)")
    first = pairing.pair(path)
    first.cells[1].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    path.with_suffix(".ipynb").write_text(pairing.write_notebook(first), encoding="utf-8")
    second = pairing.pair(draft("import math", "a = 1", "print(a)"))
    assert [cell.id for cell in second.cells[1:]] == [cell.id for cell in first.cells]
    assert second.cells[2].outputs == first.cells[1].outputs
    assert len({cell.id for cell in second.cells}) == 3


def test_pairing_gives_the_same_ids_everywhere_even_to_equal_cells(draft):
    path = draft("a = 1", "a = 1")
    ids = [[cell.id for cell in pairing.pair(path).cells] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_what_depends_on_the_machine_is_taken_away():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["hide-input"], "collapsed": True})
    output = nbformat.v4.new_output("display_data", data={"text/plain": "1"})
    own = {"kernelspec": {"name": "my-own", "display_name": "Mine"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=own)
    cell.outputs = [nbformat.from_dict({**output, "transient": {"display_id": "7"}})]  # which no notebook may have
    notebook = pairing.normalise(notebook)
    assert notebook.metadata.kernelspec == pairing.KERNELSPEC
    assert notebook.cells[0].metadata == {"tags": ["hide-input"]}
    assert "transient" not in notebook.cells[0].outputs[0]


def test_metadata_are_saved_in_alphabetical_order():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["a"], "mystnb": {"image": {"width": 1, "alt": "x"}}})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": pairing.KERNELSPEC})
    text = pairing.write_markdown(notebook)
    assert text.index("mystnb:") < text.index("alt:") < text.index("width:") < text.index("tags:")


def test_a_file_is_written_where_it_changes(tmp_path):
    path = tmp_path / "folder" / "file.md"
    assert pairing.save(path, "a\n")
    os.utime(path, (0, 0))
    assert not pairing.save(path, "a\n")
    assert path.stat().st_mtime == 0
    assert pairing.save(path, "b\n")
    assert path.read_bytes() == b"b\n"
