"""The race of chapter 6: write a strategy, and see two minutes later, with errors, where it stands.

race        the race itself                       entry        who takes part: an object, or a stranger's file
searches    the problems, and one search on one   process      a strategy in its own process, from here; child, from there
evaluation  all searches of one entry             fairness     whether it is a strategy at all
board       the result                            score        scores, errors, and which can be told apart
comparison  the same without a race: any strategies on one problem
"""

from hpt_lab.race.board import Result
from hpt_lab.race.comparison import compare, summary, win_rate
from hpt_lab.race.race import check, race
from hpt_lab.race.searches import LAB, suite

__all__ = ["LAB", "Result", "check", "compare", "race", "suite", "summary", "win_rate"]
