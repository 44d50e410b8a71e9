"""A study as one page, for readers who did not run it: the result, how it was found, and how certain it is.

    facts      a copy of the study, and what mattered, gathered once, here and for the live page
    sentences  what the search showed, what to check, and where to widen the space, with the rate of false alarms
    tables     the space, the trials and each of them in detail, the budgets, the errors
    figures    the figures, each with its alternative text, as SVG or PNG
    sections   all of it in order
    languages  the sentences in Korean
    writing    the report as text, or in a file: HTML or Markdown
    worth      was tuning worth it? the verdict of a test set

Chapter 5.
"""

from hpt_lab.tools.report.worth import Verdict, verdict
from hpt_lab.tools.report.writing import report, write
from hpt_lab.values.files import write_whole

__all__ = ["Verdict", "report", "verdict", "write", "write_whole"]
