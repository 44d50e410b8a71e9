"""Break the project in each way of `table.py`, in a copy, and run the tests that must notice: `make mutants`.

    python -m tests.mutants.kill [--layer quick|test|nightly] [part of a name ...]

A mutant is killed if a test of its layer fails. One that survives, or whose tests are not in its layer, is a failure of the whole.
Those that break a built page are tried where the book is built, in both editions.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutants.table import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
PASSED, FAILED = 0, 1  # as pytest ends


def copy(target):
    """Copy the files of the project, and what is built of the book, by links where the disk has them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for folder in ("book/_build", "course"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, target / folder, copy_function=os.link, dirs_exist_ok=True)


def broken(mutant, text):
    """Return the text of the file with the mutant in it."""
    times = text.count(mutant.old)
    if not times or (times > 1 and not mutant.built):
        raise SystemExit(f"mutants: {mutant.name}: {mutant.file} has the text {times} times: {mutant.old!r}")
    return text.replace(mutant.old, mutant.new, 1)


def command(mutant):
    """Return the command that must fail."""
    if mutant.tests.startswith(("{python}", ".ci/")):
        return shlex.split(mutant.tests.format(python=sys.executable))
    pytest = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    if mutant.tests.endswith(".ipynb"):
        compared = ["--nbval", "--nbval-sanitize-with", "book/press/notebooks/nbval-sanitize.cfg"]
        return [*pytest, "-o", "addopts=", *compared, mutant.tests]
    return [*pytest, "--layer", mutant.layer, *shlex.split(mutant.tests)]


def write(file, text, second):
    """Write a version of a file with a time of its own, by which Python knows that what it compiled of another one is old."""
    file.unlink()  # it may be a link to the project's own
    file.write_text(text, encoding="utf-8")
    os.utime(file, (second, second))


def ending(mutant, folder, number):
    """Return how the tests end on the mutant: killed, SURVIVED, or what else went wrong."""
    file = folder / mutant.file
    whole = file.read_text(encoding="utf-8")
    write(file, broken(mutant, whole), 2 * number + 1)
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(
        command(mutant), cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace"
    )
    write(file, whole, 2 * number + 2)
    if done.returncode == FAILED:
        return "killed"
    return (
        "SURVIVED"
        if done.returncode == PASSED
        else f"NOT TRIED: pytest ended with {done.returncode}\n{done.stdout[-2000:]}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layer", choices=("quick", "test", "nightly"), help="only the mutants of this layer")
    parser.add_argument("names", nargs="*", help="parts of the names of the mutants to try; by default, all")
    asked = parser.parse_args()
    chosen = [
        one
        for one in MUTANTS
        if asked.layer in (None, one.layer) and any(part in one.name for part in asked.names or [""])
    ]
    endings = []
    with tempfile.TemporaryDirectory() as folder:
        copy(Path(folder))
        for number, mutant in enumerate(chosen):
            if mutant.built and not (ROOT / mutant.file).exists():
                print(
                    f"*** {mutant.name}: not tried, since {mutant.file} is not there; `make editions` builds the pages"
                )
                continue
            endings.append(ending(mutant, Path(folder), number))
            print(f"{mutant.layer:<8} {mutant.name}: {endings[-1]}", flush=True)
    print(f"{endings.count('killed')} of {len(endings)} mutants killed")
    sys.exit(endings.count("killed") != len(endings))


if __name__ == "__main__":
    main()
