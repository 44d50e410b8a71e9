"""The scripts of `browser/`, each as one file with what it takes from npm."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from book.press import npm
from book.press.address import ROOT
from book.press.translation import javascript

BROWSER = Path(__file__).with_name("browser")
CHARTS = ROOT / "hpt_lab" / "tools" / "serve" / "charts.js"  # the figures of the live page
OF_PAGES = {
    "page.js": ("--format=iife", "--loader:.html=text"),
    "editor.js": ("--format=esm",),
    "outputs.js": ("--format=esm",),
    "table.js": ("--format=esm",),
}
# A worker in a frame without origin is a classic one, in Chromium; Pyodide takes one that imports no scripts for a module, and its
# branches for node are never entered.
CLASSIC = (
    "--format=iife",
    "--banner:js=self.importScripts = undefined;",
    "--define:import.meta.url='https://files.invalid/'",
)
WORKER = {"worker.js": (*CLASSIC, "--external:node:*", "--external:ws")}


def bundle(names: dict[str, tuple[str, ...]], to: Path, gettext: Callable[[str], str] = str) -> None:
    """Write these scripts in a language to a folder; the options of each are esbuild's."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(BROWSER / "frame.html", folder)
        for source in (*BROWSER.glob("*.js"), CHARTS):
            text = javascript.translate(source.read_text(encoding="utf-8"), gettext)
            (Path(folder) / source.name).write_text(text, encoding="utf-8")
        for name, options in names.items():
            command = [str(Path(folder) / name), "--bundle", "--minify", "--charset=utf8", *options]
            command += ["--log-level=warning", "--legal-comments=linked", f"--outfile={to / name}"]
            npm.node(npm.modules() / "esbuild" / "bin" / "esbuild", *command)
