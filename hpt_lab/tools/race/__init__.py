"""The race of chapter 6: write a strategy, and two minutes later see its rank, with errors."""

from hpt_lab.loop.comparison import compare, summary, win_rate
from hpt_lab.tools.race.board import Result
from hpt_lab.tools.race.race import check, race
from hpt_lab.tools.race.searches import LAB, suite

__all__ = ["LAB", "Result", "check", "compare", "race", "suite", "summary", "win_rate"]
