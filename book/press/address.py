"""The addresses of the project, as far as pyproject.toml ([tool.hpt]) has them: python -m book.press.address book"""

import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCALHOST = "http://localhost:8000/"  # where `make serve` shows the book


def known(name: str, root: Path = ROOT) -> str:
    """Return the address of the `repository`, the `book` or the `hub`, without a slash at its end; an empty text as long as there is none."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hpt"][name].rstrip("/")


def of_the_book() -> str:
    """Return where the book will stand: as BOOK_ADDRESS says, or pyproject.toml, or on this machine."""
    return (os.environ.get("BOOK_ADDRESS") or known("book") or LOCALHOST).rstrip("/") + "/"


if __name__ == "__main__":
    print(known(sys.argv[1]))
