"""Keep the notebooks of the book: pair, execute, and hand out.

    python book/press/notebooks/notebooks.py run [FILE.md ...]   execute what changed, write each .ipynb beside its .md
    python book/press/notebooks/notebooks.py course              write course/student and course/solution
    python book/press/notebooks/notebooks.py launch FOLDER       write what Colab, Binder and a JupyterHub open

With FILE.md given, those are executed in any case. The work is done in six modules:

    pairing          the .md and the .ipynb that stands for it
    running          which notebooks to execute, how, and what to keep of their outputs
    exercises        solutions, stubs and checks; the student's version and the teacher's
    plain_markdown   MyST as Markdown that Colab and the like render
    anywhere         a first cell that finds or installs the lab, and the wheel
    launch           the branch of notebooks that the pages' buttons open
"""

import sys
from pathlib import Path

from book.press.notebooks import launch
from book.press.notebooks.exercises import (
    course,
    is_check,
    is_solution,
    solution_lines,
    solution_version,
    stub,
    student_version,
)
from book.press.notebooks.pairing import (
    KEPT_CELL_METADATA,
    KERNELSPEC,
    LANGUAGE_INFO,
    ROOT,
    is_notebook,
    normalise,
    pair,
    read_markdown,
    sources,
    write_markdown,
    write_notebook,
)
from book.press.notebooks.plain_markdown import plain_markdown
from book.press.notebooks.running import execute, run

__all__ = [
    "KEPT_CELL_METADATA",
    "KERNELSPEC",
    "LANGUAGE_INFO",
    "ROOT",
    "course",
    "execute",
    "is_check",
    "is_notebook",
    "is_solution",
    "normalise",
    "pair",
    "plain_markdown",
    "read_markdown",
    "run",
    "solution_lines",
    "solution_version",
    "sources",
    "stub",
    "student_version",
    "write_markdown",
    "write_notebook",
]


def main(arguments):
    if arguments[:1] == ["run"]:
        return run(arguments[1:])
    if arguments == ["course"]:
        return course()
    if arguments[:1] == ["launch"] and len(arguments) == 2:
        return launch.write(Path(arguments[1]))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
