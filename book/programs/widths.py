# The width slides: where is the lowest loss, and what does the rate cost that is best for 32 units?
from pathlib import Path

import numpy as np

import hpt_lab as hpt

width = 32  # 16, 32, 64, 128, 256 or 512 units
mup = 0  # 1: maximal updates

with np.load(Path(hpt.__file__).parent / "data" / "widths.npz") as stored:
    widths, rates = stored["widths"].tolist(), 10 ** stored["rates"]
    mean = stored["scaled" if mup else "standard"].mean(axis=2).round(3)
losses, kept = mean[widths.index(width)], mean[widths.index(32)].argmin()
print(f"best rate {rates[losses.argmin()]:.4f}: loss {losses.min():.3f}; at {rates[kept]:.4f}: {losses[kept]:.3f}")
