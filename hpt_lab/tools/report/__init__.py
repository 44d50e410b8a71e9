"""A study as one page, for readers who did not run it: the result, how it was found, and how certain it is.

    facts      all that the study holds and shows, gathered once
    advice     where to widen the space, and whether to continue, with the rate of false alarms
    sentences  what the search showed, and what to check
    tables     the space, the trials, the budgets, the errors
    figures    the figures, each with its alternative text
    drawing    a figure as SVG inside a page, or as PNG
    sections   all of it in order
    pages      HTML that needs no other file and no other server, or Markdown
    languages  the sentences in Korean
    writing    the report as text, or in a file

Chapter 5.
"""

from hpt_lab.tools.report.writing import report, write
from hpt_lab.values.files import write_whole

__all__ = ["report", "write", "write_whole"]
