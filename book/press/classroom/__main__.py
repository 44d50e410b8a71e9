"""Set up a course folder for a class, and grade what the class hands in.

    python -m book.press.classroom FOLDER              set up, from course/solution/ (in Korean: BOOK_LANGUAGE=ko)
    python -m book.press.classroom FOLDER HANDED_IN    and grade the submissions in HANDED_IN, in one of two layouts:
                                                       HANDED_IN/STUDENT/NN_name.ipynb
                                                       HANDED_IN/STUDENT/NN_name/NN_name.ipynb

A file that fits neither layout is named and left out; all others are graded. You can run both again at any time.
"""

import argparse
import os
from pathlib import Path

from book.press.address import ROOT
from book.press.classroom import course_folder
from book.press.translation import catalogs


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m book.press.classroom", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("handed_in", type=Path, nargs="?", metavar="HANDED_IN")
    options = parser.parse_args(arguments)
    language = os.environ.get("BOOK_LANGUAGE") or "en"
    solutions = ROOT / "course" / catalogs.place(language) / "solution"
    chapters = [path.stem for path in course_folder.exercises_in(solutions)]
    submissions, misfits = course_folder.handed_in(options.handed_in, chapters) if options.handed_in else ({}, [])
    left_out = "\n".join(["", "LEFT OUT, and not graded (rename or move them, and run this again):", *misfits, ""])
    if misfits:
        print(left_out, flush=True)  # before the minute that a new course folder takes
    course_folder.set_up(options.folder, solutions)
    print(f"{options.folder}: {len(chapters)} chapters to grade")
    if submissions:
        course_folder.grade(options.folder, submissions)
        print(course_folder.write_marks(options.folder))
    if misfits:
        print(left_out)  # and after the lines of a whole class


if __name__ == "__main__":
    main()
