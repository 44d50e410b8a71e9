"""A notebook and its Markdown: two files, one text.

The .md is the source; the .ipynb beside it is made from it, and holds nothing that depends on the machine, the day or the
Python. So a second run changes nothing, and whatever a diff shows has changed.
"""

import copy
import functools
import hashlib
import json

import nbformat

from book.press.address import ROOT

FORMAT = "md:myst"

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
KEPT_CELL_METADATA = {"tags", "mystnb", "nbgrader"}


def sources():
    """Return the .md of every notebook in chapters/, in the order of the book (an index.md is a page, not a notebook)."""
    return [path for path in sorted(ROOT.glob("chapters/*/*.md")) if is_notebook(path)]


def is_notebook(path):
    """Return True if this .md has a jupytext header."""
    return path.read_text(encoding="utf-8").startswith("---\njupytext:")


@functools.cache
def _config():
    from jupytext.config import load_jupytext_configuration_file

    return load_jupytext_configuration_file(str(ROOT / "jupytext.toml"))


def read_markdown(path):
    """Return the notebook that stands in a .md: cells without outputs, and with new ids at every call."""
    import jupytext

    return jupytext.reads(path.read_text(encoding="utf-8"), fmt=FORMAT, config=_config())


def write_markdown(notebook):
    """Return the .md that stands for this notebook: metadata in alphabetical order, as Jupyter saves it."""
    import jupytext

    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(json.loads(json.dumps(cell.metadata, sort_keys=True)))
    return jupytext.writes(notebook, fmt=FORMAT, config=_config())


def write_notebook(notebook):
    """Return the text of its .ipynb."""
    return nbformat.writes(notebook) + "\n"


def normalise(notebook):
    """Take away what depends on the machine, the day or the Python."""
    notebook.metadata = nbformat.from_dict(
        {"jupytext": {"default_lexer": "ipython3"}, "kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA})
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    return notebook


def pair(markdown_path):
    """Return the notebook that a .md stands for, with the cell ids and outputs of the .ipynb beside it where cells match."""
    from jupytext.combine import combine_inputs_with_outputs

    notebook = read_markdown(markdown_path)
    old_path = markdown_path.with_suffix(".ipynb")
    known = set()
    if old_path.exists():
        old = nbformat.read(old_path, as_version=4)
        notebook = combine_inputs_with_outputs(notebook, old, fmt={"extension": ".md", "format_name": "myst"})
        known = {cell.id for cell in old.cells}
    taken = set()
    for cell in notebook.cells:
        if cell.get("id") not in known or cell.id in taken:
            cell.id = _new_id(cell, taken | known)
        taken.add(cell.id)
    return normalise(notebook)


def _new_id(cell, used):
    """Return an id that follows from what the cell holds, so that it is the same everywhere; equal cells count up."""
    n = 0
    while (new := hashlib.sha256(f"{n}\n{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]) in used:
        n += 1
    return new


def save(path, text):
    """Write the text unless the file holds it already; return True if it was written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True
