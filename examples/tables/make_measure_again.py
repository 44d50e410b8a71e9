"""Make hpt_lab/data/measure_again.npz: what the searches of "Measure again, or move on?" deliver, over a hundred seeds.

    python examples/tables/make_measure_again.py          ten minutes of one core

The script runs the lesson's own cells, up to the function that searches. Run it after a change of that cell, of a
problem, or of what one of the strategies decides: the lesson compares one search with what is stored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "chapters/07_past_the_textbook/01_measure_again.ipynb"
STORE = ROOT / "hpt_lab/data/measure_again.npz"
N_SEEDS = 100


def names_of(until: str = "def searched") -> dict[str, Any]:
    """Run the lesson's cells up to the one that defines the search, of this one its definitions alone."""
    names: dict[str, Any] = {}
    for cell in json.loads(LESSON.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            exec(source.partition("with np.load(")[0], names)
            if until in source:
                break
    return names


def main() -> None:
    names = names_of()
    shape = len(names["SETTINGS"]), len(names["ARMS"]), N_SEEDS
    regret, repeats = np.zeros((*shape, 2), np.int32), np.zeros(shape, np.int8)  # thousandths; a number of trials
    for i, setting in enumerate(names["SETTINGS"]):
        for j, arm in enumerate(names["ARMS"]):
            for seed in range(N_SEEDS):
                lowest, posterior, repeats[i, j, seed] = names["searched"](setting, arm, seed)
                regret[i, j, seed] = np.round([1000 * lowest, 1000 * posterior])
    np.savez_compressed(STORE, regret=regret, repeats=repeats)


if __name__ == "__main__":
    main()
