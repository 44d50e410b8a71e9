"""A study as one page, to be read by people who did not run it: what was found, how, and how sure that is.

    languages the same in Korean
    words     the sentences: what the search found, and what to look at
    tables    the space, the trials, the budgets, the errors
    figures   what is drawn, each with its alternative text
    svg       a figure as SVG inside a page, or as PNG
    page      HTML that needs no other file and no other host, or Markdown
    written   the sections in their order

Chapter 5.
"""

from hpt_lab.report.written import report, write, write_whole
from hpt_lab.study import Study
from hpt_lab.values.display import shown

__all__ = ["report", "shown", "write", "write_whole"]

Study.report = write  # type: ignore[method-assign]  # a method declared on a lower floor
