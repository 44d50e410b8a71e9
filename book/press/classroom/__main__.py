"""Set up a course folder for a class, and grade what the class hands in.

    python -m book.press.classroom FOLDER              set up, from course/solution/ (in Korean: BOOK_LANGUAGE=ko)
    python -m book.press.classroom FOLDER HANDED_IN    and grade the submissions in HANDED_IN, in one of two layouts:
                                                       HANDED_IN/STUDENT/NN_name.ipynb
                                                       HANDED_IN/STUDENT/NN_name/NN_name.ipynb

You can run both again at any time.
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
    chapters = course_folder.set_up(options.folder, ROOT / "course" / catalogs.place(language) / "solution")
    print(f"{options.folder}: {len(chapters)} chapters to grade")
    if options.handed_in:
        course_folder.grade(options.folder, course_folder.handed_in(options.handed_in, chapters))
        print(course_folder.write_marks(options.folder))


if __name__ == "__main__":
    main()
