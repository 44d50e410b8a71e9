"""Chapter 7: measuring again, earlier searches, curves read ahead, widths, and schedules that learn."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from claim import Effect, claim, effect, instead

import hpt_lab as hpt
from hpt_lab import problems

AGAIN = "07_past_the_textbook/01_measure_again"
EARLIER = "07_past_the_textbook/02_last_months_search"
CURVES = "07_past_the_textbook/03_will_this_curve_get_there"
WIDTHS = "07_past_the_textbook/04_too_big_to_tune"
SCHEDULES = "07_past_the_textbook/05_schedules_that_learn"


# 7.1



# 7.2



# 7.3



# 7.4



# 7.5

