"""A table of the reader's own: what is said of hostile files and of public ones, and the program that the page writes."""

import ast
import contextlib
import io
import json
import re
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from benchmarks import bench_your_table as bench
from book.press.address import ROOT
from book.press.live.browser import kernel, your_table

ROWS = "\n".join(f"{i % 7},{i * 3 % 11},{'yes' if i % 3 else 'no'}" for i in range(60))
TABLE = f"a,b,target\n{ROWS}\n"


def number(i):
    return f"{i % 7},{i % 5}"


def rows(line, n=60):
    return "\n".join(line(i) for i in range(n)) + "\n"


# ---- Hostile files: each is read, or refused in one sentence.

REFUSED = {
    "empty": (b"", "The file is empty."),
    "only white space": (b"\xef\xbb\xbf \r\n\t\n", "The file is empty."),
    "one column": (b"a\n1\n2\n", "The file has one column."),
    "only text": (b"Dear reader,\n\nthis is a letter.\nIt has no table.\n", "The file has one column."),
    "no rows": (b"a,b\n", "and no rows"),
    "a quote that does not close": (b'a,b\n1,"2\n3,4\n', "A quote that opens in line 2 does not close."),
    "a quote that does not close, and much after it": (
        b'a,b\n1,"2\n' + b"3,4\n" * 50_000,
        "A quote that opens in line 2",
    ),
    "a quote inside a value": (b'a,b\n1,2\n"x"y,4\n', "In line 3 a quote stands inside a value"),
    "too many values": (b"a,b\n1,2\n1,2,3\n", "Line 3 has 3 values, and the first line names 2 columns."),
    "100 MB": (b"a,b\n" + b"1,2\n" * 25_000_000, "The file has 101 MB, and the limit is 20 MB"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00", "save its sheet as CSV"),
    "bytes": (bytes(range(256)) * 10, "save its sheet as CSV"),
    "a page": (b"<!DOCTYPE html><html><body>a,b</body></html>", "save its sheet as CSV"),
    "JSON": (b'[{"a": 1, "b": 2}]', "save its sheet as CSV"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_gets_one_sentence(name):
    content, said = REFUSED[name]
    seen = your_table.look(content, "table.csv")
    assert list(seen) == ["refused"]
    assert said in seen["refused"]
    assert len(seen["refused"]) < 160
    assert "\n" not in seen["refused"]


def advised(content, **choices):
    """Return what is seen in a table, and the sentences of the advice on it by column, those that stop apart."""
    content = content.encode() if isinstance(content, str) else content
    seen = your_table.look(content, "table.csv")
    assert "refused" not in seen, seen
    choices = {"read": seen["read"], "target": seen["target"], "task": seen["task"], **choices}
    advice = your_table.advise(content, choices)
    json.dumps([seen, advice], allow_nan=False)
    warned, stopped = (
        {(one["column"], one["sentence"]) for one in advice["warnings"] if one["stops"] == stops}
        for stops in (False, True)
    )
    return seen, advice, warned, stopped


def has(said, words, column=None):
    return any(words in sentence and (column is None or one == column) for one, sentence in said)


STOPPED = {
    "one class": ("a,b,target\n" + rows(lambda i: f"{i % 7},{i % 5},x"), {"target": "target"}, "same value in every row"),
    "three rows": ("a,b,target\n1,2,x\n3,4,y\n5,6,x\n", {}, "Rows that can be used: 3"),
    "3,000 classes": ("a,target\n" + rows(lambda i: f"{i % 7},class {i % 3000}", 9000), {"target": "target"}, "Of 3000 classes, 0 have"),
    "a class for a number": (TABLE, {"task": "regression"}, "The target is not a number"),
    "no target": (TABLE, {"target": "gone"}, "no column with the name of the target"),
    "the target among the columns": (TABLE, {"columns": ["a", "target"]}, "cannot predict the target"),
    "a column that is gone": (TABLE, {"columns": ["a", "gone"]}, "cannot predict the target"),
    "no columns": (TABLE, {"columns": []}, "No column is left"),
    "a range upside down": (TABLE, {"space": [{"name": "C", "kind": "float", "low": 10, "high": 1}]}, "The range of C"),
    "a range from zero": (TABLE, {"space": [{"name": "C", "kind": "float", "low": 0, "high": 1}]}, "The range of C"),
    "half a leaf": (TABLE, {"space": [{"name": "max_iter", "kind": "int", "low": 1.5, "high": 9}]}, "The range of max_iter"),
    "a word for a number": (TABLE, {"space": [{"name": "C", "kind": "float", "low": "x", "high": None}]}, "The range of C"),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPPED)
def test_what_cannot_be_tuned_stops_with_a_sentence(name):
    content, choices, said = STOPPED[name]
    *_, stopped = advised(content, **choices)
    assert has(stopped, said), stopped


def test_an_ordinary_table_stops_nothing():
    seen, advice, _, stopped = advised(TABLE)
    assert not stopped
    assert (seen["target"], seen["task"], seen["rows"], advice["columns"]) == (
        "target",
        "classification",
        60,
        ["a", "b"],
    )
    assert seen["head"][0] == ["0", "0", "no"]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_and_decimal_commas_are_read(separator):
    lines = ["a,b,target".replace(",", separator), *(f"{i / 8}{separator}{i % 5}{separator}{i / 4}" for i in range(60))]
    content = "\n".join(lines).replace(".", ",").encode()
    seen = your_table.look(content, "table.csv")
    assert (seen["read"]["separator"], seen["read"]["decimal"]) == (separator, ",")
    assert [one["kind"] for one in seen["columns"]] == ["number", "number", "number"]
    assert seen["task"] == "regression"
    assert your_table._frame(content, seen["read"])["a"].iloc[-1] == 59 / 8


def test_a_comma_in_a_text_is_no_decimal_comma_and_in_quotes_no_separator():
    seen = your_table.look(("a,b,target\n" + rows(lambda i: f'"Paris, {i % 3}",{i % 4}.5,{i % 2}')).encode(), "t.csv")
    assert seen["read"] == {"separator": ",", "decimal": ".", "encoding": "utf-8", "missing": []}
    assert [one["kind"] for one in seen["columns"]] == ["category", "number", "number"]


@pytest.mark.parametrize(
    ("encoding", "word", "as_"),
    [("utf-8", "größe", "utf-8"), ("utf-8-sig", "größe", "utf-8-sig"), ("utf-16", "größe", "utf-16"), ("cp1252", "größe", "cp1252"), ("cp949", "나이", "cp949")],
)  # fmt: skip
def test_letters_of_other_encodings_are_read(encoding, word, as_):
    seen = your_table.look(TABLE.replace("a,", f"{word},", 1).encode(encoding), "table.csv")
    assert seen["columns"][0]["name"] == word
    assert seen["read"]["encoding"] == as_
    assert bool(seen["notes"]) == (not as_.startswith("utf"))


def test_names_that_come_twice_or_are_code_are_names():
    names = [
        '=HYPERLINK("http://x")',
        "<img src=x onerror=alert(1)>",
        'a"b',
        "a'b\\",
        "{0}",
        "$x_{",
        "",
        "twice",
        "twice",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    line = ",".join(["{}"] * len(names))
    content = f"{header},target\n" + rows(lambda i: line.format(*(i * k % 13 for k in range(2, 11))) + f",{i % 2}")
    seen, advice, *_ = advised(content)
    read = [one["name"] for one in seen["columns"]]
    assert read[:6] == names[:6]
    assert read[7:9] == ["twice", "twice.1"]
    assert "Columns of the same name got numbers: twice." in seen["notes"]
    tree = ast.parse(written(seen, advice, model="linear"))
    [columns] = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COLUMNS"
    ]
    assert ast.literal_eval(columns) == advice["columns"]
    assert {'=HYPERLINK("http://x")', "<img src=x onerror=alert(1)>"} <= set(advice["columns"])


def test_a_first_line_of_numbers_and_short_lines_are_noted():
    assert "add a line of names" in str(
        your_table.look(rows(lambda i: f"{i % 7},{i % 5},1.5").encode(), "t.csv")["notes"]
    )
    assert "Lines with fewer values than columns: 1." in str(
        your_table.look((TABLE + "1\n").encode(), "t.csv")["notes"]
    )


def test_columns_that_cannot_help_are_left_out_and_said():
    def line(i):
        day = f"2024-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}"
        return f"{i},7,{day},note {i},city {i % 60},{i % 7},{1.5 * i if i % 9 else ''},{(i * 7) % 10 + 0.5 * (i % 3)}"

    seen, advice, warned, stopped = advised("row,same,day,note,city,small,gaps,target\n" + rows(line, 600))
    assert [one["kind"] for one in seen["columns"]] == [
        "index",
        "number",
        "date",
        "text",
        "category",
        "number",
        "number",
        "number",
    ]
    assert (seen["target"], seen["task"], advice["columns"], stopped) == (
        "target",
        "regression",
        ["small", "gaps"],
        set(),
    )
    for column, words in {"row": "numbers the rows", "same": "same value", "day": "dates", "note": "600 different texts", "city": "60 different texts", "gaps": "11.2%"}.items():  # fmt: skip
        assert has(warned, words, column), column


@pytest.mark.parametrize(
    ("leak", "target"), [("{0}", "{0}.5"), ("{1}", "{1}"), ("code {1}", "{1}"), ("-{0}.25", "{0}.5")]
)
def test_a_column_that_alone_predicts_the_target_is_left_out(leak, target):
    order = np.random.default_rng(0).permutation(200)

    def line(i):
        values = order[i], ("red", "green", "blue")[order[i] % 3]
        return f"{leak.format(*values)},{i * 7 % 31},{target.format(*values)}"

    _, advice, warned, stopped = advised("leak,other,target\n" + rows(line, 200))
    assert has(warned, "alone, it predicts the target", "leak")
    assert (advice["columns"], stopped) == (["other"], set())


def test_targets_without_a_value_rare_classes_copies_and_few_rows_are_said():
    content = "a,target\n" + rows(
        lambda i: f"{i % 50},{'rare' if i < 3 else 'inf' if i < 5 else '' if i < 9 else ('x', 'y')[i % 2]}", 200
    )
    _, _, warned, stopped = advised(content.replace("inf", ""), target="target")
    assert has(warned, "Rows without a finite target: 6.", "target")
    assert has(warned, "Classes with fewer than 10 rows: 1.", "target")
    assert has(warned, "Copies of earlier rows: ")
    assert has(warned, "with 58 test rows")
    assert not stopped
    numbers = "a,target\n" + rows(lambda i: f"{i * 3 % 17},{('inf', 'nan', '-inf')[i] if i < 3 else i / 7}", 400)
    _, _, warned, stopped = advised(numbers)
    assert has(warned, "Rows without a finite target: 3.", "target")
    assert not stopped
    uneven = "a,target\n" + rows(lambda i: f"{i * 3 % 17},{int(i % 20 == 0)}", 400)
    assert has(advised(uneven)[2], "One class has 95% of the rows", "target")


def test_a_column_of_a_large_file_has_one_type():
    content = "a,b,target\n" + rows(lambda i: f"{i % 5 if i < 180_000 else 'x'},{i},{i % 7 / 2}", 200_000)
    seen = your_table.look(content.encode(), "table.csv")
    assert seen["columns"][0]["values"] == 6
    assert "low_memory=False" in your_table.program(chosen(seen, {"columns": ["a"]}))


def test_signs_for_a_missing_value_among_numbers_are_missing():
    seen, *_ = advised("a,b,target\n" + rows(lambda i: f"{'?' if i % 9 == 0 else i % 5},{('?', 'x')[i % 2]},{i / 7}"))
    assert seen["read"]["missing"] == ["?"]
    assert (seen["columns"][0]["kind"], seen["columns"][0]["missing"]) == ("number", 7)


def test_a_support_vector_machine_does_not_begin_with_what_takes_hours():
    content = "a,b,target\n" + rows(lambda i: f"{i * 7 % 1009},{i * 3 % 1013},{i % 2}", 20_400)
    assert has(advised(content, model="svm")[3], "hours")
    assert not advised(content, model="boosting")[3]


# ---- Public tables.


def public(name):
    from mlxtend import data
    from sklearn import datasets

    if name in ("iris", "wine", "breast_cancer", "diabetes"):
        return getattr(datasets, f"load_{name}")(as_frame=True).frame
    x, y = getattr(data, f"{name}_data")()
    return pd.DataFrame(x).rename(columns=str).assign(target=y)


@pytest.mark.parametrize(
    ("name", "task", "n_rows", "n_columns", "words"),
    [
        ("iris", "classification", 150, 4, "with 45 test rows"),
        ("wine", "classification", 178, 13, "with 54 test rows"),
        ("breast_cancer", "classification", 569, 30, None),
        ("diabetes", "regression", 442, 10, None),
        ("boston_housing", "regression", 506, 13, None),
        ("autompg", "regression", 392, 7, None),
    ],
)
def test_a_public_table_is_read_and_its_program_written(name, task, n_rows, n_columns, words):
    seen, advice, warned, stopped = advised(public(name).to_csv(index=False))
    assert (seen["target"], seen["task"], seen["rows"]) == ("target", task, n_rows)
    assert len(advice["columns"]) == n_columns
    assert not stopped
    assert not has(warned, "alone")
    assert words is None or has(warned, words)
    for model in ("linear", "svm", "boosting"):
        ast.parse(written(seen, advice, model=model))


# ---- The program.


def chosen(seen, advice, model="linear", **more):
    task = more.pop("task", seen["task"])
    space = [your_table._range(*one) for one in your_table.SPACES[task, model]]
    plan = {"file": "table.csv", "trials": 3, "folds": 3, "seed": 0, "model": model, "task": task, "space": space}
    return {**plan, "read": seen["read"], "target": seen["target"], "columns": advice["columns"], **more}


def written(seen, advice, **choices):
    return your_table.program(chosen(seen, advice, **choices))


@pytest.mark.parametrize("model", ["linear", "svm", "boosting"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_program_has_40_to_60_lines_of_120_signs_and_is_formatted(task, model, tmp_path):
    seen, advice, *_ = advised(TABLE.replace("yes", "1").replace("no", "2"))
    program = written(seen, advice, model=model, task=task)
    assert 40 <= program.count("\n") <= 60
    assert max(map(len, program.splitlines())) <= 120
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,W,B,UP,SIM",
        "--line-length",
        "120",
    ]
    assert not subprocess.run(
        [*command, str(tmp_path / "program.py")], capture_output=True, encoding="utf-8"
    ).stdout.count("-->")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--diff"]
    assert not subprocess.run([*command, str(tmp_path / "program.py")], capture_output=True, encoding="utf-8").stdout


def test_the_choices_stand_in_the_program():
    seen, advice, *_ = advised(TABLE.replace(",", ";"))
    space = [{"name": "C", "kind": "float", "low": "0.5", "high": 8, "log": False}]
    program = written(seen, advice, space=space, trials=7, folds=4, seed=9)
    assert 'TARGET, TRIALS, FOLDS, SEED = "target", 7, 4, 9' in program
    assert '"model__C": hpt.Float(0.5, 8.0),' in program
    assert 'pd.read_csv("table.csv", sep=";")' in program
    assert "model__regressor__epsilon" in written(seen, advice, model="svm", task="regression")


def test_the_notebook_holds_the_program_and_no_more():
    seen, advice, *_ = advised(TABLE)
    notebook = nbformat.reads(your_table.notebook(chosen(seen, advice)), as_version=4)
    nbformat.validate(notebook)
    program = written(seen, advice)
    assert notebook.cells[0].source == ast.get_docstring(ast.parse(program))
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(sources) >= 5
    assert ast.dump(ast.parse("\n".join(sources))) == ast.dump(ast.Module(ast.parse(program).body[1:], []))


MIXED = "a,b,c,flag,target\n" + rows(lambda i: f"{i % 7 if i % 11 else ''},{('x', 'y', '')[i % 3]},{i / 3},{(True, False, '')[i % 3 % 2 + (i == 5)]},{(0.5, 1.5)[i % 7 > 3]}", 80)  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(MIXED, encoding="utf-8")
    return tmp_path


def test_a_page_runs_it_hears_each_trial_and_goes_on_from_what_it_heard(place):
    """With gaps in numbers, words and truth values, and classes that are numbers with a point."""
    from hpt_lab.tools.search_cv import SearchCV

    seen, advice, *_ = advised(MIXED)
    choices = chosen(seen, advice, task="classification")
    assert advice["columns"] == ["a", "b", "c", "flag"]
    fit, heard, shown = SearchCV.fit, [], []
    assert your_table.time_fits(choices)["whole"] > 0
    try:
        your_table.attach(heard.append)
        your_table.attach(heard.append)  # a page that runs it again still hears each trial once
        page = kernel.Kernel(shown.append)
        assert page.run(0, your_table.program(choices)) == ""
        assert [(one["study"], one["number"], one["state"]) for one in heard] == [(name, i, "complete") for name in ("random", "Bayesian") for i in range(3)]  # fmt: skip
        found = your_table.results(page.names)
        json.dumps([heard, found], allow_nan=False)
        assert found["answer"] in ("yes", "no", "cannot be told")
        assert found["losses"].keys() == {"floor", "default", "tuned"}
        assert found["gain"] == pytest.approx(found["losses"]["default"] - found["losses"]["tuned"])
        assert {one["lesson"] for one in found["sentences"]} <= {"6.2", "2.2", "5.10", "5.7", "2.4"}
        assert found["params"].keys() == {"model__C"}
        printed = "".join(one["text"] for one in shown)
        assert printed.count(", trial ") == 6
        assert str(page.names["answer"]) in printed
        report = your_table.report(page.names, "<b>mine</b>")
        assert "&lt;b&gt;mine&lt;/b&gt;" in report
        assert found["sentences"][0]["sentence"].split("±")[0] in report
        # The tab was closed after the fourth trial: what it heard is the file that the program goes on with.
        import base64

        for search in page.names["searches"]:
            search.study_.close()
        for file in place.glob("your_table.db*"):
            file.unlink()
        (place / "your_table.db").write_bytes(base64.b64decode(heard[3]["file"]))
        heard.clear()
        again = kernel.Kernel(shown.append)
        assert again.run(0, your_table.program(choices)) == ""
        assert [(one["study"], one["number"]) for one in heard] == [("Bayesian", 1), ("Bayesian", 2)]
        assert your_table.results(again.names) == found
    finally:
        SearchCV.fit = fit


def test_a_program_gives_the_same_numbers_twice(place):
    """As an ordinary program, in a process that knows nothing of the press."""
    seen, advice, *_ = advised(MIXED)
    (place / "program.py").write_text(written(seen, advice, model="svm", task="classification"), encoding="utf-8")
    said = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "program.py"], capture_output=True, encoding="utf-8", cwd=place)
        assert not done.returncode, done.stderr
        said.append(done.stdout)
        for file in place.glob("your_table.db*"):
            file.unlink()
    assert said[0] == said[1]
    assert "Was tuning worth it? " in said[0]
    assert re.search(r"Bayesian, trial 3 of 3: 0\.\d+\n", said[0])


def test_what_is_said_can_be_said_in_another_language(monkeypatch):
    monkeypatch.setattr(your_table, "WORDS", {})
    your_table.speak(
        {"The file is empty.": "파일이 비어 있다.", your_table.SAYS["large"]: "{most} MB까지다: {size} MB."}
    )
    assert your_table.look(b"", "a")["refused"] == "파일이 비어 있다."
    assert your_table._say("large", size=21, most=20) == "20 MB까지다: 21 MB."


def test_it_is_imported_without_pandas_and_scikit_learn():
    program = "import sys; import book.press.live.browser.your_table; print([one for one in ('pandas', 'sklearn', 'numpy') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout.strip() == "[]"


# ---- The benchmark, at a small size: `python benchmarks/bench_your_table.py` has the figures of a hundred tables each.


def test_noise_is_never_worth_it_and_a_chessboard_is():
    with contextlib.redirect_stderr(io.StringIO()):
        false, _ = bench.measure(bench.noise, bench.NOISE, 12, 3)
        right, _ = bench.measure(bench.pays, bench.PAYS, 6, 4)
    assert sum(n for (_, answer), n in false.items() if answer == "yes") <= 1
    assert sum(n for (_, answer), n in right.items() if answer == "yes") >= 5
