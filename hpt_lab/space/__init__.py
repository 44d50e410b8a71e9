"""The search space: its hyperparameters, the values each may take, and their coordinates in the unit cube."""

from hpt_lab.space.bins import Dimension
from hpt_lab.space.choices import Categorical
from hpt_lab.space.grid import Grid
from hpt_lab.space.numeric import Float, Int
from hpt_lab.space.space import Params, Space

__all__ = ["Categorical", "Dimension", "Float", "Grid", "Int", "Params", "Space"]
