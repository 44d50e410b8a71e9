"""Compare every stored output under other arithmetic: `make portability`.

Each row executes all notebooks again, with nbval, in a process of its own: other numbers of BLAS threads, other
OpenBLAS kernels, NumPy without its AVX512 code, other Pythons (with the pinned versions, in .venv-3.11 and so on). A row
whose kernel this processor cannot run, or whose Python is not installed, says so.

    python -m tools.portability [PATH ...]       (PATH: notebooks or folders; none: chapters)
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from book.press.address import ROOT
from book.press.notebooks.execution import ENVIRONMENT

BASE = {name: value for name, value in ENVIRONMENT.items() if name != "PYTHONHASHSEED"}
NBVAL = [
    "-p",
    "no:cacheprovider",
    "-o",
    "addopts=",
    "-p",
    "book.press.notebooks.kernels",
    "-q",
    "-n",
    "2",
    "--dist",
    "loadscope",
]
SANITIZED = ["--nbval", "--nbval-sanitize-with", "book/press/notebooks/nbval-sanitize.cfg"]
KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")
PYTHONS = ("3.11", "3.12", "3.13")

# What this process has of them, as NumPy sees it; NumPy refuses names that it cannot switch off, so we ask it.
ASK_FEATURES = """
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
on = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
print(" ".join(name for name in on if name.startswith("AVX512") or name == "X86_V4"))
print(" ".join(name for name in on if name.startswith(("AVX", "FMA", "F16C", "X86_V"))))
"""
ASK_KERNEL = """
import numpy, threadpoolctl
print(next(p["architecture"] for p in threadpoolctl.threadpool_info() if p["internal_api"] == "openblas"))
"""


def run(command, environment):
    """Return the finished process of this command, in this environment without what a row sets, and with `environment`."""
    ours = {*BASE, "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES", "MPLBACKEND"}
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def output(python, code, **environment):
    """Return what `code` prints in a fresh interpreter, or None where it fails."""
    done = run([python, "-W", "error", "-c", code], environment)
    return done.stdout if done.returncode == 0 else None


def own_python(version):
    """Return the interpreter of .venv-VERSION, made with the pinned versions if that Python is installed, or why there is none."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" == version:
        return sys.executable, ""
    places = [Path(folder) for folder in os.get_exec_path()]
    places += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
    commands = [str(place / f"python{version}") for place in places if (place / f"python{version}").exists()]
    command = next((c for c in commands if output(c, "import ensurepip, venv") is not None), None)
    if command is None:
        return None, f"python{version} is not installed"
    make = ["make", "--silent", "setup", f"PYTHON={command}", f"VENV=.venv-{version}"]
    if subprocess.run(make, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
        return None, "the set-up failed"
    return str(ROOT / f".venv-{version}" / "bin" / "python"), ""


def configurations():
    """Yield (name, interpreter, environment, reason to skip) of each row."""
    here = sys.executable
    native = (output(here, ASK_KERNEL) or "").strip()
    yield "1 thread", here, {}, ""
    yield "2 threads", here, {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}, ""
    for kernel in KERNELS:
        got = (output(here, ASK_KERNEL, OPENBLAS_CORETYPE=kernel) or "").strip()
        got = got.replace("Katmai", "Prescott")  # OpenBLAS's name for the kernels of both
        reason = "" if got.lower() == kernel.lower() else f"OpenBLAS takes {got or 'nothing'} instead"
        name = f"OpenBLAS {kernel}{' (the native one)' if kernel == native else ''}"
        yield name, here, {"OPENBLAS_CORETYPE": kernel}, reason
    for name, features in zip(("AVX512", "AVX, FMA"), (output(here, ASK_FEATURES) or "\n").split("\n"), strict=False):
        usable = features and output(here, "import numpy", NPY_DISABLE_CPU_FEATURES=features) is not None
        reason = "" if usable else "NumPy has nothing of it to switch off here"
        yield f"NumPy without {name}", here, {"NPY_DISABLE_CPU_FEATURES": features}, reason
    for version in PYTHONS:
        python, reason = own_python(version)
        yield f"Python {version}", python, {}, reason


def compare(python, environment, paths):
    """Return (cells that agree, cells that differ, seconds, the runner's closing lines)."""
    started = time.perf_counter()
    done = run([python, "-m", "pytest", *NBVAL, *SANITIZED, *paths], BASE | environment)
    count = {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|error)", done.stdout[-500:])}
    bad = count.get("failed", 0) + count.get("error", 0)
    if done.returncode and not bad:
        bad = 1
    return count.get("passed", 0), bad, time.perf_counter() - started, done.stdout[-6000:] + done.stderr[-2000:]


def main(paths):
    rows, complaints = [], []
    print(f"{'configuration':<36} {'equal':>6} {'differ':>6} {'seconds':>8}", flush=True)
    for name, python, environment, reason in configurations():
        if reason:
            print(f"{name:<36} skipped: {reason}", flush=True)
            continue
        equal, differ, seconds, said = compare(python, environment, paths)
        rows.append(differ)
        if differ:
            complaints.append(f"\n==== {name}\n{said}")
        print(f"{name:<36} {equal:>6} {differ:>6} {seconds:>8.0f}", flush=True)
    print(*complaints, sep="\n")
    print(f"{len(rows)} configurations, {sum(map(bool, rows))} with differences")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["chapters"]))
