from hpt_lab.space.bins import Dimension as Dimension
from hpt_lab.space.choices import Categorical as Categorical
from hpt_lab.space.grid import Grid as Grid
from hpt_lab.space.numeric import Float as Float, Int as Int
from hpt_lab.space.space import Params as Params, Space as Space
