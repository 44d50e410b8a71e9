"""Test all that can be tested, one part after the other, to the end: python .ci/nightly.py [PART ...]

A part that fails keeps none of the others from running. At the end stands what passed, failed, and could not be tried, with the
minutes on the clock and of the processors, and every remark (`***`) of a part. A failure is one of the whole.
"""

import resource
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
HERE = "{}.{}".format(*sys.version_info)
# A part, and the commands that it runs. `pages` looks at what `book` has built.
PARTS = {
    "check": ["make check"],
    "unit": ["make unit LAYER=nightly"],
    "notebooks": ["make notebooks-test"],
    "book": ["make editions"],
    "pages": ["make pages-test LAYER=nightly"],
    "student": ["make editions SOLUTIONS=0"],
    "stress": ["make stress LAYER=test"],
    "classroom": [".ci/classroom"],
    "package": [".ci/package"],
    **{f"python-{version}": [f"make unit notebooks-test LAYER=nightly PYTHON=python{version} VENV=.venv-{version}"] for version in PYTHONS if version != HERE},
    "mutants": ["make mutants"],
    "boosting": ["make boosting"],
    "portability": ["make portability"],
    "live-core": ["make live-core"],
    "live": ["make live-test"],
}  # fmt: skip


def missing(part):
    """Return what a part needs and cannot have here, in one sentence; an empty text if it can run."""
    if part.startswith("python-"):
        command = part.replace("-", "")
        found = shutil.which(command)
        if not found or subprocess.run([found, "-c", "import venv, ensurepip"], capture_output=True).returncode:
            return f"there is no {command} here"
    if part in ("live-core", "live"):
        asked = subprocess.run([sys.executable, "-m", "book.press.live"], cwd=ROOT, capture_output=True)
        if asked.returncode:
            return "Pyodide's packages cannot be had here"
    return ""


def run(command, remarks):
    """Run a command, show what it says, and keep its remarks; return True if it succeeds."""
    print(f"$ {command}", flush=True)
    with subprocess.Popen(
        shlex.split(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    ) as process:  # fmt: skip
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.startswith("*** ") or line.startswith("SKIPPED"):
                remarks.append(line.strip())
    return process.returncode == 0


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), used.ru_utime + used.ru_stime


def nightly(names):
    """Run the parts; return a row for each: its name, how it ended, both minutes, and its remarks."""
    rows = []
    for name in names:
        print(f"\n=== {name}", flush=True)
        reason, remarks, before = missing(name), [], spent()
        passed = not reason and all([run(command, remarks) for command in PARTS[name]])
        ended = f"not tried: {reason}" if reason else "passed" if passed else "FAILED"
        rows.append((name, ended, *(after - start for start, after in zip(before, spent(), strict=True)), remarks))
    return rows


def report(rows):
    """Return the table of the parts, and below it their remarks."""
    lines = [f"{'part':<14}{'minutes':>9}{'of processors':>15}  how it ended"]
    lines += [f"{name:<14}{clock / 60:>9.1f}{work / 60:>15.1f}  {ended}" for name, ended, clock, work, _ in rows]
    lines += [f"{name}: {remark}" for name, *_, remarks in rows for remark in dict.fromkeys(remarks)]
    return "\n".join(lines)


if __name__ == "__main__":
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"nightly: there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    done = nightly(asked)
    print(f"\n{report(done)}")
    sys.exit(any(ended == "FAILED" for _, ended, *_ in done))
