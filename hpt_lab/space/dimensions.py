"""The kinds of hyperparameters: `Float` and `Int`, which have an order, and `Categorical`, which has none."""

from hpt_lab.space.bins import Dimension
from hpt_lab.space.choices import Categorical
from hpt_lab.space.numbers import Float, Int

__all__ = ["Categorical", "Dimension", "Float", "Int"]
