"""Execute the notebooks: which of them, in what surroundings, and what of their outputs is stored.

The notebook keeps its figures as PNG. As SVG, for the pages, they are written beside it: see `figures`.

A notebook is executed again when its .md, its .ipynb, the lab or constraints.txt differ from what they were after its
last execution here (the digests lie in book/_build/executed). Those named in the call are executed in any case.
"""

import base64
import concurrent.futures
import copy
import functools
import io
import os
import sys
from pathlib import Path

from book.press.address import ROOT
from book.press.notebooks import freshness
from book.press.notebooks.figures import store
from book.press.notebooks.pairing import (
    is_notebook,
    normalise,
    pair,
    save,
    sources,
    write_markdown,
    write_notebook,
)

STAMPS = ROOT / "book" / "_build" / "executed"
# Outputs do not depend on these. One thread, since two notebooks run side by side; no progress bars in a page.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", "PYTHONHASHSEED": "0"}


def run(paths=()):
    """Execute the notebooks whose sources changed (or those of `paths`), two at a time; return 1 where one failed."""
    asked = [Path(path).resolve().with_suffix(".md") for path in paths]
    for path in asked:
        if not path.exists() or not path.is_relative_to(ROOT):
            raise SystemExit(f"{path}: must be the .md of a notebook in {ROOT}")
        if not is_notebook(path):
            raise SystemExit(f"{path.name} is a page, not a notebook: it has no jupytext header")
    stale = asked or [path for path in sources() if not _is_fresh(path)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(_execute_and_report, stale))
    counts = f"{sum(done)} notebooks executed, {len(done) - sum(done)} failed"
    print(counts if asked else f"{counts}, {len(sources()) - len(stale)} were up to date")
    return 0 if all(done) else 1


def _execute_and_report(path):
    """Return True if the notebook ran to its end; where it did not, print why."""
    name = path.relative_to(ROOT)
    try:
        changed = execute(path)
    except Exception as error:  # of a cell, as a text that shows the cell and its traceback
        print(f"\n{name}: {error}", file=sys.stderr, flush=True)
        return False
    save(_stamp(path), _digest(path))
    print(f"{name}: {'new outputs' if changed else 'unchanged'}", flush=True)
    return True


def execute(markdown_path):
    """Execute one notebook from the top in a fresh kernel, and write the pair; return True if a file has changed."""
    import nbclient

    from book.press.notebooks.kernels import AsyncKernel

    notebook = pair(markdown_path)
    before = [copy.deepcopy(cell.get("outputs", [])) for cell in notebook.cells]
    kernel = AsyncKernel(kernel_name="python3")
    client = nbclient.NotebookClient(
        notebook,
        kernel,
        extra_arguments=["--log-level=ERROR"],
        timeout=1200,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(markdown_path.parent)}},
        on_notebook_start=lambda notebook: _draw_as_svg(client),
    )
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    try:
        client.execute(cleanup_kc=True, env={**environment, **ENVIRONMENT})
    except nbclient.exceptions.DeadKernelError as error:
        raise RuntimeError(f"{error}: {kernel.last_words()}") from None
    drawn = [figure for cell in notebook.cells for figure in store.take(cell.get("outputs", []))]
    normalise(notebook)
    kept = set()
    for cell, old in zip(notebook.cells, before, strict=True):
        kept |= _keep_unchanged_figures(cell.get("outputs", []), old)
    changed = [
        save(markdown_path, write_markdown(notebook)),
        save(markdown_path.with_suffix(".ipynb"), write_notebook(notebook)),
        store.store(markdown_path, drawn, {store.key(base64.b64decode(png)) for png in kept}),
    ]
    return any(changed)


async def _draw_as_svg(client):
    """Let the kernel draw each figure as SVG too; the notebook has no trace of it."""
    code = f"""import sys
sys.path.insert(0, {str(ROOT)!r})
from book.press.notebooks.figures import kernel
sys.path.remove({str(ROOT)!r})
kernel.register({store.fonts()!r})"""
    alone = f"exec({code!r}, {{'__name__': 'figures'}})"  # its names are not the notebook's
    reply = await client.kc.execute(alone, silent=True, reply=True, timeout=60)
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"]["traceback"]))


def _keep_unchanged_figures(new, old):
    """Keep the stored PNG where the new one looks the same: another processor moves a line by a hair. Return those kept so."""
    kept = set()
    if len(new) != len(old):
        return kept
    for a, b in zip(new, old, strict=True):
        png, stored = (output.get("data", {}).get("image/png") for output in (a, b))
        if png and stored and png != stored and _look_alike(png, stored):
            a["data"]["image/png"] = stored
            kept.add(stored)
    return kept


def _look_alike(png, other):
    import matplotlib.image

    x, y = (matplotlib.image.imread(io.BytesIO(base64.b64decode(p)), format="png") for p in (png, other))
    return x.shape == y.shape and bool((abs(x - y) > 0.1).mean() < 1e-4)


def _stamp(path):
    return STAMPS / path.relative_to(ROOT).with_suffix(".sha256")


def _is_fresh(path):
    stamp = _stamp(path)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _digest(path)


def _digest(path):
    return _lab_digest() + freshness.digest(path.parent, [path, path.with_suffix(".ipynb")])


@functools.cache
def _lab_digest():
    return freshness.digest(ROOT, [ROOT / "constraints.txt", *(ROOT / "hpt_lab").rglob("*")])
