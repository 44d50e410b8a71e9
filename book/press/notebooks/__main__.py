"""Keep the notebooks of the book: pair, execute, and hand out.

    python -m book.press.notebooks run [FILE.md ...]   execute what changed, write each .ipynb beside its .md
    python -m book.press.notebooks course              write course/student and course/solution
    python -m book.press.notebooks launch FOLDER       write what Colab, Binder and a JupyterHub open

With FILE.md given, those are executed in any case.
"""

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m book.press.notebooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | course | launch")
    commands.add_parser("run").add_argument("files", nargs="*", metavar="FILE.md")
    commands.add_parser("course")
    commands.add_parser("launch").add_argument("folder", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    if options.command == "run":
        from book.press.notebooks import execution

        return execution.run(options.files)
    if options.command == "course":
        from book.press.notebooks import handouts

        return handouts.update()
    from book.press.notebooks import launch

    return launch.write(options.folder)


if __name__ == "__main__":
    sys.exit(main())
