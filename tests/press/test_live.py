"""Cells that run in the page, as far as no browser is needed: the kernel, the cells, and the files that are served."""

import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from types import SimpleNamespace

import nbformat
import node
import pytest
from bs4 import BeautifulSoup

from book.press import npm
from book.press.address import ROOT
from book.press.live import assets, cells, extension
from book.press.live.browser import kernel as live, names, your_table
from book.press.pages import licenses
from tools import measure_cells


@pytest.fixture
def ran():
    """Run cells in a kernel, and return all that they have shown."""
    names_of_its_own = ("IPython", "IPython.display")
    real, stdin = {name: sys.modules.get(name) for name in names_of_its_own}, sys.stdin
    shown = []
    own = live.Kernel(shown.append)

    def run(*sources, number=0):
        shown.clear()
        faults = [own.run(number + i, source) for i, source in enumerate(sources)]
        return faults, list(shown)

    run.kernel = own
    yield run
    sys.stdin = stdin
    for name, module in real.items():
        sys.modules.pop(name, None)
        if module is not None:
            sys.modules[name] = module


def texts(shown):
    return [message.get("text") or message["data"]["text/plain"] for message in shown]


def test_the_last_expression_is_shown_and_a_semicolon_hides_it(ran):
    assert texts(ran("a = 3\na + 1")[1]) == ["4"]
    assert ran("a + 1;")[1] == []
    assert ran("None")[1] == []
    assert texts(ran("print('one'); print('two', end='')\n'three'")[1]) == ["one\n", "two", "'three'"]
    assert ran("_")[1][0]["data"]["text/plain"] == "'three'"


def test_what_ipython_displays_is_displayed(ran):
    code = "from IPython.display import HTML, Markdown, display\ndisplay(Markdown('*a*'))\n"
    code += "handle = display(HTML('b'), display_id=True)\nhandle.update(HTML('c'))"
    _, shown = ran(code)
    told = [(m["data"].get("text/markdown"), m["data"].get("text/html")) for m in shown]
    assert told == [("*a*", None), (None, "b"), (None, "c")]
    assert shown[1]["id"] == shown[2]["id"] is not None
    assert shown[2]["update"]


def test_a_table_is_html_and_a_figure_is_svg_the_same_every_time(ran):
    pytest.importorskip("pandas")
    _, shown = ran("import pandas as pd\npd.DataFrame({'a': [1]})")
    assert "<table" in shown[0]["data"]["text/html"]
    draw = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"
    first, second = (ran(draw)[1][0]["data"]["image/svg+xml"] for _ in range(2))
    assert first == second
    assert first.startswith("<svg")


def test_an_error_names_the_cell_its_line_and_a_missing_package(ran):
    faults, shown = ran("x = 1\nx / 0")
    assert faults == ["error"]
    assert shown[0]["text"] == "cell 1, line 2\n    x / 0\nZeroDivisionError: division by zero\n"
    assert "SyntaxError" in ran("x = = 1")[1][0]["text"]
    assert ran("import no_such_package")[0] == ["no_such_package"]
    code = "try:\n    import no_such_package.part\nexcept ImportError as error:\n    raise ImportError('install it') from error"
    assert ran(code)[0] == ["no_such_package"]
    assert ran("print('before')\nraise SystemExit")[0] == ["error"]


@pytest.mark.parametrize("line", ["print(i)", "print(i, flush=True)"])
def test_twenty_lines_come_at_once_and_the_others_of_a_moment_together(ran, monkeypatch, line):
    monkeypatch.setattr(live, "time", SimpleNamespace(perf_counter=lambda: 1.0))  # seconds
    _, shown = ran(f"for i in range(20_001): {line}")
    assert [message["text"] for message in shown[:20]] == [f"{i}\n" for i in range(20)]
    assert len(shown) == 21
    assert "".join(message["text"] for message in shown) == "".join(f"{i}\n" for i in range(20_001))


@pytest.mark.parametrize(
    "code", ["x = input('name? ')", "import sys\nx = sys.stdin.read()", "import sys\nnext(sys.stdin)"]
)
def test_a_cell_that_asks_is_told_that_there_is_no_input(ran, code):
    faults, shown = ran(code)
    assert faults == ["error"]
    *_, at, line, said = shown[-1]["text"].splitlines()
    assert (line.strip(), said) == (code.splitlines()[-1], "EOFError: a page has no input")
    assert at.startswith("cell 1, line")


CELLS = {
    0: "import numpy as np\nfrom hpt_lab import plots\nplots.use_style()",
    **{1: "a = np.arange(3)", 2: "b = 7", 3: "def f(x):\n    total = b\n    return total + x", 5: "a[0] = 5"},
    **{6: "for a_row in a:\n    print(a_row)", 7: "log = []\nlog.append(f(1))", 9: "print(log, np.pi)"},
    10: "values = [1]\nfor value in values:\n    print(value)",
}


@pytest.mark.parametrize(
    ("number", "needed"), [(1, [0]), (5, [0, 1]), (6, [0, 1, 5]), (7, [0, 2, 3]), (9, [0, 2, 3, 7]), (10, [0])]
)
def test_a_cell_needs_those_that_bind_or_change_what_it_uses(number, needed):
    assert names.needs(CELLS, number) == needed


def test_what_has_run_runs_again_when_it_or_what_it_is_built_on_is_changed(ran):
    own = ran.kernel
    sources = {0: "a = 1", 1: "b = a + 1", 2: "print(b)"}
    assert own.order(sources, 2) == [0, 1, 2]
    for number in (0, 1):
        own.run(number, sources[number])
    assert own.order(sources, 2) == [2]
    assert own.order(sources | {1: "b = a + 2"}, 2) == [1, 2]
    own.run(1, "b = a / 0")
    assert own.order(sources, 2) == [1, 2]
    own.run(1, sources[1])
    own.run(0, "a = 5")
    assert own.order(sources | {0: "a = 5"}, 2) == [1, 2]


# ---- The cells of a page.


def words(text):
    return text


def test_the_cells_of_an_exercise_are_told_apart():
    notebook = nbformat.read(ROOT / "chapters/02_grid_search/exercises.ipynb", as_version=4)
    from book.press.pages.extension import exercise_page

    with_solutions = cells.of(exercise_page(notebook, "02_grid_search"), words)
    kinds = [cell["kind"] for cell in with_solutions]
    assert kinds.count("stub") == kinds.count("solution") == kinds.count("check") == 6
    stub, solution, check = with_solutions[1:4]
    assert stub["name"] == solution["name"] == check["name"] == "combination"
    assert "raise NotImplementedError" in stub["source"]
    assert "NotImplementedError" not in solution["source"]
    alone = cells.of(exercise_page(notebook, "02_grid_search", solutions=False), words)
    assert [cell["kind"] for cell in alone].count("stub") == 6
    assert not [cell for cell in alone if cell["kind"] == "solution"]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import skopt.space", "scikit-optimize"),
        ("from distributed import Client", "Dask"),
        ("import os, subprocess", "processes"),
        ("hpt.tune(f, space, s, 30, n_workers=4)", "processes"),
        ("hpt.simulate(f, study, n_workers=4)", ""),
        ("hpt.tune(f, space, s, 30)", ""),
        ("board = hpt.race({'ours': ours}, n_jobs=1)", "processes"),
        ("from hpt_lab.tools.race import check", "processes"),
        ("from hpt_lab.tools.race import compare", ""),
        ("page = study.report(folder / 'search.html')", ""),
    ],
)
def test_what_a_browser_does_not_have_is_named(source, what):
    said = cells.cannot(source, words)
    assert what in said
    assert bool(said) == bool(what)


def test_a_cell_says_that_one_above_cannot_run_if_it_needs_a_name_or_a_file_of_it_but_not_for_an_import():
    made = nbformat.v4.new_code_cell
    sources = {
        "import skopt\nimport hpt_lab as hpt\nboard = skopt.gp_minimize(f)": "scikit-optimize",
        "table = board.x": "above",
        "print(table)": "above",
        "skopt.space": "above",
        "hpt.Int(1, 2)": "",
        "import subprocess\nsubprocess.run(['search.py', 'runs.db'])": "processes",
        "hpt.studies('runs.db')": "above",
        "table = 1": "",
        "table + 1": "",
    }
    found = cells.of(nbformat.v4.new_notebook(cells=[made(source) for source in sources]), words)
    for cell, what in zip(found, sources.values(), strict=True):
        assert what in cell["cannot"]
        assert bool(cell["cannot"]) == bool(what)
    assert [cell["source"] for cell in found[:2]] == ["import hpt_lab as hpt", ""]  # what runs of them


# ---- Your own table.


@pytest.mark.parametrize(("name", "columns"), [("wine", 13), ("breast_cancer", 10), ("diabetes", 10)])
def test_an_example_table_is_that_of_scikit_learn(name, columns):
    pd, datasets = pytest.importorskip("pandas"), pytest.importorskip("sklearn.datasets")
    table = pd.read_csv(cells.TABLES / f"{name}.csv")
    theirs = getattr(datasets, f"load_{name}")(as_frame=True, **({"scaled": False} if name == "diabetes" else {}))
    assert table.shape[1] == columns + 1
    assert table.iloc[:, :-1].to_numpy() == pytest.approx(theirs.data.iloc[:, :columns].to_numpy())
    names = [str(one).replace("class_", "") for one in getattr(theirs, "target_names", [])]
    target = (
        [f"class {int(names[i]) + 1}" if name == "wine" else names[i] for i in theirs.target]
        if names
        else theirs.target
    )
    assert list(table.iloc[:, -1]) == list(target)


@pytest.mark.parametrize(("language", "comment"), [("en", "# Rows without"), ("ko", "# 목표가 없는 행은")])
def test_a_copy_without_cells_has_the_program_of_a_table_for_ones_own_machine(language, comment, monkeypatch):
    monkeypatch.setattr(your_table, "WORDS", {})
    app = SimpleNamespace(config=SimpleNamespace(live=False, language=language), builder=SimpleNamespace(name="html"))
    app.env = SimpleNamespace(note_dependency=lambda path: None)
    page = [(ROOT / "book/your_table.md").read_text(encoding="utf-8")]
    extension.on_source_read(app, "book/your_table", page)
    code = re.search(r"```\{code-block\} python\n:name: your-program\n(.*?)\n```", page[0], re.S)[1]
    compile(code, "your_table.py", "exec")
    assert 'pd.read_csv("wine.csv", low_memory=False)' in code
    assert comment in code
    assert "python your_table.py" in page[0]
    assert "Everything runs in this page" not in page[0]


# ---- The files.


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of what is fetched, and no source but those that a test gives."""
    monkeypatch.delenv("LIVE_FROM", raising=False)
    monkeypatch.setattr(assets, "KEPT", tmp_path / "kept")
    return tmp_path / "kept/packages"


def a_lock(monkeypatch, **files):
    entries = {
        name: {"name": name, "file_name": f"{name}.whl", "sha256": sha, "depends": []} for name, sha in files.items()
    }
    monkeypatch.setattr(assets, "lock", lambda: {"info": {}, "packages": entries})
    monkeypatch.setattr(assets, "WANTED", tuple(files))
    monkeypatch.setattr(assets, "PURE", {})


def test_a_file_with_another_hash_ends_it_and_nothing_is_kept(kept, tmp_path, monkeypatch):
    release = tmp_path / "release"
    release.mkdir()
    (release / "numpy.whl").write_bytes(b"good")
    (release / "scipy.whl").write_bytes(b"bad")
    a_lock(monkeypatch, numpy=hashlib.sha256(b"good").hexdigest(), scipy=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(assets.Refused, match=r"scipy.whl from .*release has the sha256"):
        assets.fetch(str(release), print)
    assert [path.name for path in kept.iterdir()] == ["numpy.whl"]


def test_what_is_there_is_not_fetched_again(kept, tmp_path, monkeypatch):
    (tmp_path / "numpy.whl").write_bytes(b"good")
    a_lock(monkeypatch, numpy=hashlib.sha256(b"good").hexdigest())
    said = []
    assets.fetch(str(tmp_path), said.append)
    assert said[0].startswith("1 files of Pyodide")
    (tmp_path / "numpy.whl").unlink()
    assets.fetch(str(tmp_path), said.append)
    assert len(said) == 1
    (kept / "numpy.whl").write_bytes(b"changed")
    with pytest.raises(assets.Refused, match="cannot be had"):
        assets.fetch(str(tmp_path), said.append)


def test_a_wheel_is_served_without_its_binary(tmp_path):
    wheel = tmp_path / "markupsafe-3.0.4-cp312-cp312-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (
            "markupsafe/__init__.py",
            "markupsafe/_native.py",
            "markupsafe/_speedups.c",
            "markupsafe/_speedups.so",
        ):
            archive.writestr(name, name)
    (tmp_path / "to").mkdir()
    copy = assets.without_binary(wheel, tmp_path / "to")
    assert copy.name == "markupsafe-3.0.4-py3-none-any.whl"
    assert zipfile.ZipFile(copy).namelist() == ["markupsafe/__init__.py", "markupsafe/_native.py"]
    assert zipfile.ZipFile(copy).read("markupsafe/_native.py") == b"markupsafe/_native.py"
    before = copy.read_bytes()
    assert (
        assets.without_binary(wheel, tmp_path / "to").read_bytes() == before
    )  # the folder is named after what it holds


def test_the_sources_are_tried_in_their_order(kept, monkeypatch):
    a_lock(monkeypatch, numpy=hashlib.sha256(b"good").hexdigest())
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("it/frontend/pyodide/numpy.whl", b"good")

    def downloaded(name, version, place):
        (place / "carrier.whl").write_bytes(wheel.getvalue())
        return place / "carrier.whl"

    def no_network(name):
        raise OSError("no network")

    monkeypatch.setattr(assets, "_downloaded", downloaded)
    monkeypatch.setattr(assets, "address", lambda url: no_network)
    monkeypatch.setattr(assets, "CARRIER", ("it", "1", "0" * 64))
    with pytest.raises(assets.Refused, match="sha256"):
        assets.fetch(None, print)
    monkeypatch.setattr(assets, "CARRIER", ("it", "1", hashlib.sha256(wheel.getvalue()).hexdigest()))
    said = []
    assets.fetch(None, said.append)
    assert "from it 1" in said[0]


def test_the_lock_of_pyodide_has_every_package_that_cells_import():
    lock = json.loads((npm.modules() / "pyodide/pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    found = assets.closure(lock, assets.WANTED)
    assert {"numpy", "scipy", "scikit-learn", "matplotlib", "pandas", "joblib", "pillow"} <= set(found)
    assert len(found) == 17


def test_what_is_served_is_listed_with_its_license(tmp_path):
    with zipfile.ZipFile(tmp_path / "ours-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("ours-1.0.dist-info/METADATA", "Name: ours\nVersion: 1.0\nLicense-Expression: MIT\n\n")
    table = licenses.table([*tmp_path.glob("*.whl")], {"license": "라이선스"}.get)
    tree = BeautifulSoup(table, "html.parser")
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in tree.select("tbody tr")]
    assert "<th>라이선스</th>" in table
    assert ["ours", "1.0", "MIT"] in rows
    (formulas,) = [row for row in rows if row[0] == "katex"]
    assert re.fullmatch(r"[\d.]+", formulas[1])
    assert formulas[2] == "MIT"
    assert "pyodide" in [row[0] for row in rows]
    assert "esbuild" not in table
    assert "codemirror" not in licenses.table([], str)
    assert all(len(row) == 3 and all(row) for row in rows)


@pytest.mark.parametrize(
    ("language", "editions", "serves"),
    [("en", ["en"], "."), ("en", ["en", "ko"], "."), ("ko", ["ko"], "ko"), ("ko", ["en", "ko"], ".")],
)
def test_editions_built_together_serve_python_once(tmp_path, monkeypatch, language, editions, serves):
    outdir, scripts = tmp_path / ("ko" if language == "ko" else ""), []

    def serve(site):
        (site / "_static/python-new").mkdir(parents=True)
        return site / "_static/python-new"

    monkeypatch.setattr(assets, "fetch", lambda: None)
    monkeypatch.setattr(assets, "serve", serve)
    config, builder = SimpleNamespace(live=True, language=language, editions=editions), SimpleNamespace(name="html")
    app = SimpleNamespace(config=config, builder=builder, outdir=outdir, doctreedir=tmp_path / "doctrees")
    app.add_js_file = lambda name, **attributes: scripts.append(attributes)
    app.add_css_file = lambda *_, **__: None
    (outdir / "_static/python-old").mkdir(parents=True)
    (tmp_path / "doctrees/cells/chapters/one").mkdir(parents=True)
    (tmp_path / "doctrees/cells/chapters/one/lesson.json").write_text("[]", encoding="utf-8")
    extension.on_builder_inited(app)
    extension.on_page_context(app, "chapters/one/lesson", "page.html", {"body": ""}, object())
    python = (outdir / "chapters/one" / scripts[0]["data-python"]).resolve()
    assert python == (tmp_path / serves / "_static/python-new").resolve()
    assert [path.resolve() for path in tmp_path.rglob("python-*")] == [python]


def test_every_page_is_written_anew_when_python_has_another_folder():
    app = SimpleNamespace(config=SimpleNamespace(live=True), builder=SimpleNamespace(name="html"))
    app.live_python = assets.Path("_static/python-1")
    env = SimpleNamespace(found_docs={"book/index"})
    assert extension.on_env_updated(app, env) == ["book/index"]
    assert extension.on_env_updated(app, env) == []
    app.live_python = assets.Path("_static/python-2")
    assert extension.on_env_updated(app, env) == ["book/index"]
    app.config.live = False
    assert extension.on_env_updated(app, env) == []


@pytest.mark.parametrize(
    ("builder", "live", "stays"),
    [("html", True, "With."), ("html", False, "Without."), ("gettext", False, "With.\n\nWithout.")],
)
def test_a_page_says_one_of_two_paragraphs_and_both_are_translated(builder, live, stays):
    app = SimpleNamespace(config=SimpleNamespace(live=live), builder=SimpleNamespace(name=builder))
    page = ["<!-- with cells -->\nWith.\n<!-- end -->\n<!-- without cells -->\nWithout.\n<!-- end -->\n"]
    extension.on_source_read(app, "book/served", page)
    assert page[0].strip() == stays


def test_a_cell_that_took_long_says_how_long_until_it_is_changed(tmp_path, monkeypatch):
    stored = tmp_path / "seconds.json"
    stored.write_text(json.dumps({cells.key("slow()"): 23.6, cells.key("quick()"): 9.0}), encoding="utf-8")
    monkeypatch.setattr(cells, "SECONDS", stored)
    assert [cells.seconds_of(source) for source in ("slow()", "quick()", "slow(2)")] == [24, None, None]


def test_an_output_that_never_repeats_is_marked_so_that_no_page_compares_it():
    made = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook(cells=[made("1", metadata={"tags": ["nbval-ignore-output"]}), made("2")])
    assert [cell["varies"] for cell in cells.of(notebook, words)] == [True, False]


def test_what_a_cell_shows_is_compared_as_text():
    notebook = [{"output_type": "stream", "text": "a\n"}, {"data": {"image/png": "x", "text/plain": "<Figure>"}}]
    page = [{"kind": "text", "text": "a\n"}, {"kind": "display", "data": {"image/svg+xml": "<svg>", "text/plain": "f"}}]
    assert measure_cells.shown(notebook) == measure_cells.shown(page) == "a [figure]"
    assert measure_cells.shown([{"data": {"text/html": "<style>b</style><i>c</i>"}}]) == "<i>c</i>"


FLOODS = """async rates => {
    const { flood } = await import(PLACE);
    return rates.map(rate => {
        const flooded = flood();
        for (let n = 0; n < 600 * rate; n++) if (flooded(1000 * n / rate)) return n / rate;
        return null;
    });
}"""


def test_messages_without_end_are_a_flood_on_a_page_that_hears_few_of_them_too():
    """The seconds after which so many messages a second are one, within ten minutes."""
    place = (ROOT / "book/press/live/browser/flood.js").as_uri()
    times = node.run(FLOODS.replace("PLACE", json.dumps(place)), [400, 1_000, 5_000, 100_000])
    assert times[0] is None  # as many as a cell prints
    assert times[1:] == pytest.approx([10, 1.11, 0.05], rel=0.05)


def test_the_name_of_the_folder_vouches_for_every_file(kept, tmp_path, monkeypatch):
    kept.mkdir(parents=True)
    a_lock(monkeypatch)
    folder = assets.serve(tmp_path)
    sums = (folder / "sums.json").read_bytes()
    assert folder.name == f"python-{hashlib.sha256(sums).hexdigest()}"
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "sums.json"}
    assert json.loads(sums) == {n: [len(text), hashlib.sha256(text).hexdigest()] for n, text in files.items()}
    assert {"worker.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json", "kernel.py"} < set(files)


def test_a_page_with_cells_runs_the_scripts_of_its_text_and_no_others(tmp_path):
    page, other = tmp_path / "cells.html", tmp_path / "other.html"
    head, data = '<head>\n<meta charset="utf-8" />', '<script type="application/json">{}</script>'
    page.write_text(f"{head}{data}<script>let a = 1;</script><script src='live/page.js'></script>", encoding="utf-8")
    other.write_text(f"{head}<script>let a = 1;</script>", encoding="utf-8")
    before = other.read_text(encoding="utf-8")
    for _ in range(2):
        for file in (page, other):
            extension.protect(file)
        (policy,) = re.findall(
            r'<meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="([^"]*)" />',
            page.read_text("utf-8"),
        )
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        hashes = re.findall(r"'sha256-([^']+)'", rules["script-src"])
        assert base64.b64encode(hashlib.sha256(b"let a = 1;").digest()).decode() in hashes
        assert len(hashes) == 2  # with the frame's
        assert "unsafe-inline" not in rules["script-src"]
        assert rules["default-src"] == "'self'"
        assert other.read_text(encoding="utf-8") == before


def test_no_template_has_a_handler_in_its_text():
    templates = [*(ROOT / "book/press/pages/templates").glob("*.html")]
    assert templates
    assert not [path.name for path in templates if re.search(r"<[^>]*\son\w+=", path.read_text("utf-8"))]


def test_the_folder_that_a_browser_keeps_has_another_name_when_our_own_files_change(kept, tmp_path, monkeypatch):
    browser = assets.Path(assets.__file__).parent / "browser"
    kept.mkdir(parents=True)
    a_lock(monkeypatch)
    first = assets.serve(tmp_path / "one")
    assert all((first / name).read_bytes() == (browser / name).read_bytes() for name in ("kernel.py", "names.py"))
    read = assets.Path.read_bytes
    monkeypatch.setattr(assets.Path, "read_bytes", lambda path: read(path) + b"#" * (path.name == "names.py"))
    assert assets.serve(tmp_path / "two").name != first.name
