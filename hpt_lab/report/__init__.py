"""A study as one page, to be read by people who did not run it: what came out, how, and how sure that is.

    facts      what the study holds and shows, gathered once
    advice     where to widen the space, and whether to go on: with how often that is a false alarm
    sentences  what the search showed, and what to look at
    tables     the space, the trials, the budgets, the errors
    figures    what is drawn, each with its alternative text
    drawing    a figure as SVG inside a page, or as PNG
    sections   all of it in its order
    pages      HTML that needs no other file and no other host, or Markdown
    languages  the words in Korean
    writing    the report as text, or in a file

Chapter 5.
"""

from hpt_lab.report.writing import report, write
from hpt_lab.study import Study
from hpt_lab.values.files import write_whole

__all__ = ["report", "write", "write_whole"]

Study.report = write  # type: ignore[method-assign]  # a method declared on a lower floor
