"""The race of chapter 6: write a strategy, and two minutes later see its rank, with errors."""

from hpt_lab.race.board import Result
from hpt_lab.race.comparison import compare, summary, win_rate
from hpt_lab.race.race import check, race
from hpt_lab.race.searches import LAB, suite

__all__ = ["LAB", "Result", "check", "compare", "race", "suite", "summary", "win_rate"]
