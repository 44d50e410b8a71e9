"""The race of chapter 6: write a strategy, and see two minutes later, with errors, where it stands.

score       what a score is, and which can be told apart        course      the problems, and what a search found
entry       who takes part                                      loading     a stranger's file
watch       a strategy in its own process, from here            rider       the same, from there
fair        whether it is a strategy at all                     ride        one entry on the whole course
lab         the lab's own, stored                               board, page what comes out
"""

from hpt_lab.race.board import Result
from hpt_lab.race.comparison import compare, summary, win_rate
from hpt_lab.race.course import suite
from hpt_lab.race.lab import LAB
from hpt_lab.race.racing import check, race

__all__ = ["LAB", "Result", "check", "compare", "race", "suite", "summary", "win_rate"]
