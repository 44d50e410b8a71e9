from hpt_lab.plots.plots import *  # noqa
from hpt_lab.plots.plots import BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE, GREY  # noqa
