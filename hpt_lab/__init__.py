"""hpt_lab: every search strategy of *Hyperparameter Tuning from Scratch*, in code small enough to read.

A search takes a space, a strategy, and the outer loop:

>>> import hpt_lab as hpt
>>> space = hpt.Space(x=hpt.Float(-5, 5), y=hpt.Float(1e-3, 1e3, log=True))
>>> study = hpt.tune(lambda p: p["x"] ** 2 + p["y"], space, hpt.RandomSearch(), 30, seed=0, progress=False)
>>> len(study.trials), study.best_value < 1
(30, True)
"""

import sys

from hpt_lab.values.faces import face
from hpt_lab.values.moved import Moved

__getattr__, __dir__, __all__ = face(__name__)
__version__ = "0.1.0"

sys.meta_path.insert(
    0, Moved()
)  # before the finder that would load a second copy of what is in a folder that has moved
