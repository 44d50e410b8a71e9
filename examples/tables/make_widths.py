"""Make hpt_lab/data/widths.npz: the validation losses of the networks in the lesson *Too big to tune*, from 16 to 512 units.

    python examples/tables/make_widths.py        ten minutes of one core

The script runs the lesson's own cells that define the networks and their training. Run it after a change of these cells. The
lesson trains some of the networks again and compares. Losses are stored to four decimals.

    standard, scaled   (width, rate, seed) for both parametrizations, at the widths and log10 of rates in `widths` and `rates`
    bases              (base, rate, seed) at 512 units, with 16 and 64 as the base of the maximal-update parametrization
    longer_32          (rate, seed) after 240 steps instead of 60, at 32 units;  longer_512: (parametrization, rate, seed)
    trend, kept        (width, seed) at the widths in `between`, with the rates of `trend_rate`, or all with the best rate of 32 units
    trend_512          (seed,) at 512 units, with the rate of `trend_rate`
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LESSON = ROOT / "chapters/07_past_the_textbook/04_too_big_to_tune.ipynb"
CELLS = ("import numpy as np", *(f"def {name}(" for name in ("forward", "standard", "moved", "maximal_update")))
STORE = ROOT / "hpt_lab" / "data" / "widths.npz"
WIDTHS, RATES, BETWEEN = [16, 32, 64, 128, 256, 512], np.linspace(-3, -1, 9), [32, 45, 64, 91, 128]
BASES, BASE_RATES = [16, 64], np.linspace(-2.25, -1, 6)
LONGER_32, LONGER_512 = np.linspace(-2.25, -1.25, 5), np.array([[-3.25, -3.0, -2.75], [-2.0, -1.75, -1.5]])


def lesson() -> dict[str, Any]:
    """Run the lesson's cells that define its networks and their training, and return all names."""
    names: dict[str, Any] = {}
    for cell in json.loads(LESSON.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and any(line in source for line in CELLS):
            exec(source, names)
    return names


def trend_rate(width: int) -> float:
    """Return log10 of the rate on the line through the best rates of 16 to 128 units."""
    return round(-1.6875 - 0.175 * (np.log2(width) - 5.5), 3)


def main() -> None:
    names = lesson()
    standard, scaled = names["standard"], names["maximal_update"]

    def losses(width: int, rate: float, n_seeds: int, start: Any = standard, **options: Any) -> list[float]:
        return [names["loss"](width, 10**rate, seed, start, **options) for seed in range(n_seeds)]

    def based(base: int) -> Any:
        return lambda width, rng: scaled(width, rng, base)

    pair = (standard, scaled)
    stored = {
        "widths": WIDTHS,
        "rates": RATES,
        "between": BETWEEN,
        "standard": [[losses(width, rate, 8) for rate in RATES] for width in WIDTHS],
        "scaled": [[losses(width, rate, 8, scaled) for rate in RATES] for width in WIDTHS],
        "bases": [[losses(512, rate, 4, based(base)) for rate in BASE_RATES] for base in BASES],
        "longer_32": [losses(32, rate, 4, steps=240) for rate in LONGER_32],
        "longer_512": [
            [losses(512, r, 4, start, steps=240) for r in row] for start, row in zip(pair, LONGER_512, strict=True)
        ],
        "trend": [losses(width, trend_rate(width), 24) for width in BETWEEN],
        "kept": [losses(width, -1.5, 24) for width in BETWEEN],
        "trend_512": losses(512, trend_rate(512), 8),
    }
    np.savez_compressed(STORE, **{name: np.round(values, 4) for name, values in stored.items()})


if __name__ == "__main__":
    main()
