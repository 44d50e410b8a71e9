"""The scripts of the pages, run by node: what they compute needs no browser."""

import functools
import json
import shutil
import tempfile
from pathlib import Path

from book.press import npm
from book.press.pages import devices
from book.press.translation import javascript

ASKED = """import { readFileSync } from "node:fs";
globalThis.document = { documentElement: { lang: "en" } };
const asked = FUNCTION;
console.log(JSON.stringify(await asked(JSON.parse(readFileSync(0, "utf8")))));
"""
KEPT = []  # folders that are there until the process ends


def write_scripts(folder, language="en"):
    """Write what a site serves into a new folder: the scripts in a language, their style, and their data."""
    shutil.copytree(devices.STATIC, folder)
    javascript.write(folder, language)
    (folder / "tables.js").write_text(devices.tables(language), encoding="utf-8")


@functools.cache
def scripts():
    """Return the folder of the scripts in English, which all tests of this process read."""
    KEPT.append(tempfile.TemporaryDirectory())
    folder = Path(KEPT[-1].name) / "_static"
    write_scripts(folder)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return folder


def run(function, argument=None):
    """Return what a function in JavaScript makes of an argument; it imports scripts as a page does, from "/_static/"."""
    script = scripts() / "asked.js"
    script.write_text(ASKED.replace("FUNCTION", function.replace('"/_static/', '"./')), encoding="utf-8")
    return json.loads(npm.node(script, text=json.dumps(argument)))
