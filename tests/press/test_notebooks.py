"""Each notebook is the image of its Markdown, executed, and holds nothing of the machine that executed it."""

import json
import re

import nbformat
import pytest

from book.press.notebooks import pairing

SOURCES = pairing.sources()
NAMES = [path.relative_to(pairing.ROOT / "chapters").as_posix() for path in SOURCES]
every_notebook = pytest.mark.parametrize("source", SOURCES, ids=NAMES)

NOT_REPEATABLE = {
    "a memory address": r"0x[0-9a-fA-F]{6,}",
    "a duration": r"CPU times|Wall time|it/s\b|\bs/it\b|[mµn]s ± ",
    "a path": r"site-packages|ipykernel_\d|/(?:home|root|tmp|usr|Users|work)/|[A-Z]:\\",
    "an unrounded number": r"\d\.\d{9,}",
}


def read(source):
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def code_cells(source):
    return [cell for cell in read(source).cells if cell.cell_type == "code"]


def text_of(output):
    return "\n".join([output.get("text", ""), *(v for k, v in output.get("data", {}).items() if k.startswith("text/"))])


def test_every_notebook_has_its_markdown():
    orphans = [path.name for path in pairing.ROOT.glob("chapters/*/*.ipynb") if not path.with_suffix(".md").exists()]
    assert orphans == []


@every_notebook
def test_markdown_and_notebook_are_one_anothers_image(source):
    assert source.with_suffix(".ipynb").exists(), "run `make notebooks`"
    notebook = read(source)
    assert pairing.write_markdown(notebook) == source.read_text(encoding="utf-8"), "run `make notebooks`"
    assert pairing.write_notebook(pairing.pair(source)) == source.with_suffix(".ipynb").read_text(encoding="utf-8")


@every_notebook
def test_every_cell_was_executed_once_in_order(source):
    cells = [cell for cell in code_cells(source) if cell.source.strip()]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@every_notebook
def test_no_output_is_an_error_or_a_warning_or_depends_on_the_machine(source):
    for cell in code_cells(source):
        tags = cell.metadata.get("tags", [])
        for output in cell.outputs:
            assert output.output_type != "error" or "raises-exception" in tags, cell.source
            assert output.get("name") != "stderr", f"{cell.source}\n\n{output.get('text')}"
            for what, pattern in NOT_REPEATABLE.items() if "nbval-ignore-output" not in tags else ():
                found = re.search(pattern, text_of(output))
                assert not found, f"{what} ({found[0]}) in the output of\n{cell.source}"


@every_notebook
def test_every_figure_is_one_png_with_alt_text(source):
    for cell in code_cells(source):
        images = [k for output in cell.outputs for k in output.get("data", {}) if k.startswith("image/")]
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if images:
            assert images == ["image/png"], f"one PNG a cell, not {images}:\n{cell.source}"
            assert len(alt.split()) >= 6, f"alt text that says what the figure shows, not {alt!r}:\n{cell.source}"
        else:
            assert not alt, f"alt text without a figure:\n{cell.source}"


@every_notebook
def test_no_cell_hides_from_the_comparison(source):
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert not re.search(r"nbval-skip|nbval-check-output|NBVAL_", text)


@every_notebook
def test_metadata_are_the_same_on_every_machine(source):
    stored = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert stored["metadata"]["kernelspec"] == pairing.KERNELSPEC
    assert stored["metadata"]["language_info"] == pairing.LANGUAGE_INFO
    for cell in stored["cells"]:
        assert set(cell["metadata"]) <= pairing.KEPT_CELL_METADATA
    ids = [cell["id"] for cell in stored["cells"]]
    assert len(set(ids)) == len(ids)
