"""Make book/press/static/scores.js: the scores of the two strategies of "Read a paper's table with suspicion".

    python examples/tables/make_six_choices.py          a minute of one core

The script runs the lesson's own cells, up to the scores. Run it after a change of these cells, of a problem, or of what TPE decides:
a test compares what the lesson prints with what is stored. Each array is (problem, seed), in tenths of a point.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from book.press.pages import packing  # noqa: E402
from book.press.pages.packing import Packed  # noqa: E402

LESSON = ROOT / "chapters/06_your_turn/03_read_a_table_with_suspicion.ipynb"
STORE = ROOT / "book/press/static/scores.js"


def scores(until: str = "older") -> dict[str, Any]:
    """Run the lesson's cells until one has made this name, and return all names."""
    names: dict[str, Any] = {}
    for cell in json.loads(LESSON.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and until not in names:
            exec("".join(cell["source"]), names)
    return names


def main() -> None:
    names = scores()
    stored: dict[str, Any] = {"problems": names["NAMES"]}
    for name, by_trial in names["results"].items():
        found = {f"{kind}{n}": by_trial[:, :, i, n - 1] for i, kind in enumerate(("seen", "true")) for n in (30, 40)}
        found["old30"] = names["older"][name][:, :, 1, 0]
        stored[name] = {key: Packed(10 * values) for key, values in found.items()}
    STORE.write_text(packing.module(SCORES=stored), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
