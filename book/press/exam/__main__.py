"""Write the exam bank and the lessons' quizzes for Moodle and other systems that read its XML.

python -m book.press.exam export FOLDER     exam.xml and quizzes.xml; and the same in FOLDER/ko
"""

import argparse
from pathlib import Path

from book.press.exam import formats
from book.press.exam.questions import bank, picture, quizzes
from book.press.translation import catalogs


def export(folder: Path, language: str = "en") -> dict[str, int]:
    """Write the bank and the quizzes as Moodle XML; return the number of questions in each file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, questions in (("exam", bank(language=language)), ("quizzes", quizzes(language))):
        pictures = {question.name: picture(question)[0] for question in questions if question.draw}
        path = folder / f"{name}.xml"
        path.write_text(formats.moodle(questions, pictures), encoding="utf-8", newline="\n")
        written[path.name] = len(questions)
    return written


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m book.press.exam", description=__doc__.partition("\n")[0])
    parser.add_argument("command", choices=["export"])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args(arguments).folder
    for language in catalogs.LANGUAGES:
        for name, n in export(folder / catalogs.place(language), language).items():
            print(f"{catalogs.place(language)}{name}: {n} questions")


if __name__ == "__main__":
    main()
