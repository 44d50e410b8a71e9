"""The search space: its hyperparameters, the values each may take, and their coordinates in the unit cube."""

from typing import TYPE_CHECKING

from hpt_lab.values.faces import face

if TYPE_CHECKING:
    from hpt_lab.space.bins import Dimension as Dimension
    from hpt_lab.space.choices import Categorical as Categorical
    from hpt_lab.space.grid import Grid as Grid
    from hpt_lab.space.numeric import Float as Float, Int as Int
    from hpt_lab.space.space import Params as Params, Space as Space

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "bins": "Dimension",
        "choices": "Categorical",
        "grid": "Grid",
        "numeric": "Float Int",
        "space": "Params Space",
    },
)
