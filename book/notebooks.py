"""Keep the notebooks of the book: pair, execute, and hand out.

    python book/notebooks.py run [FILE.md ...]   execute what changed, write each .ipynb beside its .md
    python book/notebooks.py course              write course/student and course/solution

The .md is the source; the .ipynb is made from it, and holds nothing that depends on the machine, the day or the
Python. So a second run changes nothing, and whatever a diff shows has changed.

A notebook is executed anew when its .md, its .ipynb, the lab or constraints.txt differ from what they were after its
last execution here (the digests lie in book/_build/executed). With FILE.md given, those are executed in any case.
"""

import base64
import concurrent.futures
import copy
import functools
import hashlib
import html
import io
import os
import re
import sys
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "book" / "_build" / "executed"
FORMAT = "md:myst"
CONFIG = jupytext.config.load_jupytext_configuration_file(str(ROOT / "jupytext.toml"))

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
KEPT_CELL_METADATA = {"tags", "mystnb", "nbgrader"}

# Outputs do not depend on these. One thread, since two notebooks run side by side; no progress bars in a page.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "PYTHONHASHSEED": "0"}


# ---------------------------------------------------------------- the pair


def sources():
    """The .md of every notebook in chapters/, in the order of the book (an index.md is a page, not a notebook)."""
    return [path for path in sorted(ROOT.glob("chapters/*/*.md")) if is_notebook(path)]


def is_notebook(path):
    return path.read_text(encoding="utf-8").startswith("---\njupytext:")


def read_markdown(path):
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt=FORMAT, config=CONFIG)


def write_markdown(notebook):
    """The .md that stands for this notebook: metadata in alphabetical order, as Jupyter saves it."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(_sorted(cell.metadata))
    return jupytext.writes(notebook, fmt=FORMAT, config=CONFIG)


def _sorted(value):
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return value


def write_notebook(notebook):
    return nbformat.writes(notebook) + "\n"


def normalise(notebook):
    """Take away what depends on the machine, the day or the Python; give each new cell a lasting id."""
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
    """The notebook that a .md stands for, with the cell ids and outputs of the .ipynb beside it where cells match."""
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
            seed, n = f"{cell.cell_type}\n{cell.source}", 0
            while (new := hashlib.sha256(f"{n}\n{seed}".encode()).hexdigest()[:8]) in taken | known:
                n += 1
            cell.id = new
        taken.add(cell.id)
    return normalise(notebook)


# ---------------------------------------------------------------- execution


def run(paths=()):
    """Execute the notebooks whose sources changed (or those of `paths`), two at a time."""
    asked = [Path(path).resolve().with_suffix(".md") for path in paths]
    for path in asked:
        if not is_notebook(path):
            raise SystemExit(f"{path.name} is a page, not a notebook: it has no jupytext header")
    stale = asked or [path for path in sources() if not _is_fresh(path)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        errors = [error for error in pool.map(_execute_or_say, stale) if error]
    for error in errors:
        print(error, file=sys.stderr)
    print(f"{len(stale)} notebooks executed, {len(sources()) - len(stale)} were up to date")
    return 1 if errors else 0


def _execute_or_say(path):
    try:
        execute(path)
    except Exception as error:  # a failing cell: go on with the other notebooks, report at the end
        return f"\n{path.relative_to(ROOT)}: {error}"
    return None


def execute(markdown_path):
    """Execute one notebook from the top in a fresh kernel; write the pair where it changed."""
    import nbclient

    notebook = pair(markdown_path)
    before = [copy.deepcopy(cell.get("outputs", [])) for cell in notebook.cells]
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=1200,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(markdown_path.parent)}},
    )
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    client.execute(env={**environment, **ENVIRONMENT})
    normalise(notebook)
    for cell, old in zip(notebook.cells, before, strict=True):
        _keep_unchanged_figures(cell.get("outputs", []), old)
    changed = _write(markdown_path, write_markdown(notebook))
    changed |= _write(markdown_path.with_suffix(".ipynb"), write_notebook(notebook))
    stamp = _stamp(markdown_path)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(markdown_path))
    print(f"{markdown_path.relative_to(ROOT)}: {'new outputs' if changed else 'unchanged'}", flush=True)


def _keep_unchanged_figures(new, old):
    """Keep the stored PNG where the new one looks the same: another processor moves a line by a hair."""
    if len(new) != len(old):
        return
    for a, b in zip(new, old, strict=True):
        png, stored = (output.get("data", {}).get("image/png") for output in (a, b))
        if png and stored and png != stored and _look_alike(png, stored):
            a["data"]["image/png"] = stored


def _look_alike(png, other):
    import matplotlib.image

    x, y = (matplotlib.image.imread(io.BytesIO(base64.b64decode(p)), format="png") for p in (png, other))
    return x.shape == y.shape and bool((abs(x - y) > 0.1).mean() < 1e-4)


def _write(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def _stamp(path):
    return STAMPS / path.relative_to(ROOT).with_suffix(".sha256")


def _is_fresh(path):
    stamp = _stamp(path)
    return stamp.exists() and stamp.read_text() == _digest(path)


def _digest(path):
    digest = hashlib.sha256(_lab().encode())
    for part in (path, path.with_suffix(".ipynb")):
        digest.update(part.read_bytes() if part.exists() else b"none")
    return digest.hexdigest()


@functools.cache
def _lab():
    digest = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for part in sorted((ROOT / "hpt_lab").rglob("*")):
        if part.is_file() and "__pycache__" not in part.parts:
            digest.update(part.relative_to(ROOT).as_posix().encode() + b"\n" + part.read_bytes())
    return digest.hexdigest()


# ---------------------------------------------------------------- exercises

REGION = re.compile(r"^([ \t]*)### BEGIN SOLUTION[^\n]*\n.*?^[ \t]*### END SOLUTION[^\n]*(?:\n|\Z)", re.M | re.S)


def is_solution(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_check(cell):
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def stub(source):
    """A solution cell's source as the student gets it (the same stub that nbgrader writes)."""
    return REGION.sub(lambda m: f"{m[1]}# YOUR CODE HERE\n{m[1]}raise NotImplementedError\n", source).rstrip("\n")


def solution_lines(source):
    """What stands between the marks: the lines that a student's notebook must not hold."""
    inside = "\n".join(m[0] for m in REGION.finditer(source))
    return [line.strip() for line in inside.splitlines() if line.strip() and "### " not in line]


def cleared(notebook):
    """A copy without outputs and execution counts."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def solution_version(notebook):
    """The notebook without outputs, in Markdown that any program renders: what nbgrader takes as the instructor's."""
    notebook = cleared(notebook)
    del notebook.metadata["jupytext"]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain_markdown(cell.source)
    return notebook


def student_version(notebook):
    """The solution version with stubs for solutions: nothing of them is left."""
    notebook = solution_version(notebook)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = stub(cell.source)
    return notebook


def course():
    """Write course/student/NN_name.ipynb and course/solution/NN_name.ipynb for each chapter."""
    for path in sorted(ROOT.glob("chapters/*/exercises.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for folder, version in (("student", student_version), ("solution", solution_version)):
            target = ROOT / "course" / folder / f"{path.parent.name}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, write_notebook(version(notebook)))
            print(target.relative_to(ROOT))
    return 0


# ---------------------------------------------------------------- plain Markdown

FENCE = re.compile(r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>[^\n]*)$")
OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)$")
ROLE = re.compile(r"\{(?P<role>[\w:+-]+)\}`(?P<text>[^`]+)`")


def plain_markdown(text):
    """MyST as plain Markdown: directives as <details> or quotations, roles as their text."""
    lines, out = text.split("\n"), []
    while lines:
        line = lines.pop(0)
        opening = FENCE.match(line)
        if not opening:
            out.append(line)
            continue
        body = []
        while lines and lines[0].rstrip() != opening["fence"]:
            body.append(lines.pop(0))
        if not lines:
            raise ValueError(f"directive without an end: {line}")
        lines.pop(0)
        while body and (OPTION.match(body[0]) or not body[0].strip()):
            body.pop(0)
        out.append(_plain_directive(opening["name"], opening["title"].strip(), "\n".join(body).strip()))
    return ROLE.sub(_plain_role, "\n".join(out))


def _plain_directive(name, title, body):
    if name == "math":
        return f"$$\n{body}\n$$"
    body = plain_markdown(body)
    if name == "dropdown":
        return f"<details>\n<summary>{html.escape(title, quote=False)}</summary>\n\n{body}\n\n</details>"
    if name in ("admonition", "note", "tip", "hint", "important", "warning", "caution"):
        heading = title or name.capitalize()
        return "\n".join(f"> {line}".rstrip() for line in f"**{heading}**\n\n{body}".split("\n"))
    raise ValueError(f"no plain Markdown for the directive {{{name}}}: write it without, or teach book/notebooks.py")


def _plain_role(match):
    role, text = match["role"], match["text"]
    if role == "math":
        return f"${text}$"
    if role.startswith("cite"):
        cited = " and ".join(_citation(key.strip()) for key in text.split(","))
        return cited if role.endswith(":t") else f"({cited})"
    if role in ("term", "doc", "ref", "download"):
        return re.sub(r"\s*<[^>]*>$", "", text).removeprefix("~")
    raise ValueError(f"no plain Markdown for the role {{{role}}}: write it without, or teach book/notebooks.py")


@functools.cache
def _bibliography():
    from pybtex.database import parse_file

    return parse_file(str(ROOT / "book" / "references.bib")).entries


def _citation(key):
    entry = _bibliography()[key]
    names = [" ".join(person.prelast_names + person.last_names) for person in entry.persons["author"]]
    names = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{names}, {entry.fields['year']}".replace("{", "").replace("}", "")


def main(arguments):
    if arguments[:1] == ["run"]:
        return run(arguments[1:])
    if arguments == ["course"]:
        return course()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
