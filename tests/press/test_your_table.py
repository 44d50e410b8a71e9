"""A table of the reader's own: what is said of hostile files and of public ones, and the program that the page writes."""

import ast
import base64
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
from book.press.live import cells
from book.press.live.browser import kernel, your_table
from book.press.translation import catalogs

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
    "a quote that does not close": (b'a,b\n1,"2\n3,4\n', "A quote does not close: it opens in the row after row 1."),
    "a quote that does not close in the first row": (b'a,b\n"1,2\n3,4\n', "it opens in the row after row 1."),
    "a quote that does not close, and much after it": (
        b'a,b\n1,"2\n' + b"3,4\n" * 50_000,
        "it opens in the row after row 1.",
    ),
    "too many values": (b"a,b\n1,2\n1,2,3\n", "Line 3 has 3 values, and the first line names 2 columns."),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00", "save its sheet as CSV"),
    "bytes": (bytes(range(256)) * 10, "save its sheet as CSV"),
    "a page": (b"<!DOCTYPE html><html><body>a,b</body></html>", "save its sheet as CSV"),
    "JSON": (b'[{"a": 1, "b": 2}]', "save its sheet as CSV"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_gets_one_sentence(name):
    content, said = REFUSED[name]
    seen = your_table.look(content)
    assert list(seen) == ["refused"]
    assert said in seen["refused"]
    assert len(seen["refused"]) < 160
    assert "\n" not in seen["refused"]


def advised(content, **choices):
    """Return what is seen in a table, and the sentences of the advice on it by column, those that stop apart."""
    content = content.encode() if isinstance(content, str) else content
    seen = your_table.look(content)
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
    "no columns": (TABLE, {"columns": []}, "No column is left"),
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
    seen = your_table.look(content)
    assert seen["read"] == {"sep": separator, "decimal": ","}
    assert [one["kind"] for one in seen["columns"]] == ["number", "number", "number"]
    assert seen["task"] == "regression"
    assert your_table._frame(content, seen["read"])["a"].iloc[-1] == 59 / 8


def test_a_comma_in_a_text_is_no_decimal_comma_and_in_quotes_no_separator():
    seen = your_table.look(("a,b,target\n" + rows(lambda i: f'"Paris, {i % 3}",{i % 4}.5,{i % 2}')).encode())
    assert seen["read"] == {}
    assert [one["kind"] for one in seen["columns"]] == ["category", "number", "number"]


@pytest.mark.parametrize(
    ("encoding", "word", "as_"),
    [("utf-8", "größe", "utf-8"), ("utf-8-sig", "größe", "utf-8-sig"), ("utf-16", "größe", "utf-16"), ("cp1252", "größe", "cp1252"), ("cp949", "나이", "euc_kr")],
)  # fmt: skip
def test_letters_of_other_encodings_are_read(encoding, word, as_):
    seen = your_table.look(TABLE.replace("a,", f"{word},", 1).encode(encoding))
    assert seen["columns"][0]["name"] == word
    assert seen["read"].get("encoding", "utf-8") == as_
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


def test_a_first_line_of_numbers_is_noted():
    assert "add a line of names" in str(your_table.look(rows(lambda i: f"{i % 7},{i % 5},1.5").encode())["notes"])


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
        "text",
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
    seen = your_table.look(content.encode())
    assert seen["columns"][0]["values"] == 6
    assert 'pd.read_csv("table.csv", low_memory=False)' in your_table.program(chosen(seen, {"columns": ["a"]}))


def test_signs_for_a_missing_value_among_numbers_are_missing():
    seen, *_ = advised("a,b,target\n" + rows(lambda i: f"{'?' if i % 9 == 0 else i % 5},{('?', 'x')[i % 2]},{i / 7}"))
    assert seen["read"]["na_values"] == ["?"]
    assert (seen["columns"][0]["kind"], seen["columns"][0]["missing"]) == ("number", 7)


def test_a_support_vector_machine_does_not_begin_with_what_takes_hours():
    content = "a,b,target\n" + rows(lambda i: f"{i * 7 % 1009},{i * 3 % 1013},{i % 2}", 20_400)
    assert has(advised(content, model="svm")[3], "hours")
    assert not advised(content, model="boosting")[3]


# ---- A file that is longer than what is read of it.


def test_of_a_long_file_the_first_rows_are_used_and_the_program_says_how_many(tmp_path, monkeypatch):
    line = '{},"a, {}\nb",{}'.format
    whole = ("a,b,target\n" + "".join(line(i, i % 3, i % 2) + "\n" for i in range(500))).encode()
    part = whole[: whole.rfind(b"\n", 0, 2000)]  # in the middle of a record: a value has two lines
    seen = your_table.look(part, 57_000_000)
    n = part.count(b"\n") // 2
    assert n - 2 <= seen["rows"] <= n
    assert seen["notes"] == [f"The file has 57 MB: its first {seen['rows']} rows are used, here and in the program."]
    program = your_table.program(chosen(seen, {"columns": ["a"]}))
    assert f'pd.read_csv("table.csv", nrows={seen["rows"]}, low_memory=False)' in program
    monkeypatch.chdir(tmp_path)
    names = []
    for content in (part, whole):  # in the page, and on a machine that has all of it
        (tmp_path / "table.csv").write_bytes(content)
        names.append({})
        exec(program.partition("\n\ndef watch")[0], names[-1])
    assert names[0]["table"].equals(names[1]["table"])


def test_a_file_beyond_the_limit_is_refused_with_its_size():
    assert your_table.look(b"a,b\n1,2\n1,2\n1,2", 100_000_000)["rows"] == 2  # the last one may be cut
    said = your_table.look(b"a,b\n1,2\n", 100_000_001)["refused"]
    assert said == "The file has 101 MB, and the limit is 100 MB: take a sample of its rows."


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
    space = [{"name": one, "low": low, "high": high, "whole": isinstance(low, int)} for one, low, high in your_table.MODELS[task, model][2]]  # fmt: skip
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
    space = [{"name": "C", "low": 0.5, "high": 8, "whole": False}]
    program = written(seen, advice, space=space, trials=7, folds=4, seed=9)
    assert 'TARGET, TRIALS, FOLDS, SEED = "target", 7, 4, 9' in program
    assert '"model__C": hpt.Float(0.5, 8.0, log=True),' in program
    assert 'pd.read_csv("table.csv", sep=";", low_memory=False)' in program
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


TRIAL = re.compile(r"(random|Bayesian)\D+(\d+)\D+\d+: (.*)\n")  # as the page reads it: TRIAL in table.js
MIXED = "a,b,c,flag,target\n" + rows(lambda i: f"{i % 7 if i % 11 else ''},{('x', 'y', '')[i % 3]},{i / 3},{(True, False, '')[i % 3 % 2 + (i == 5)]},{(0.5, 1.5)[(i % 7 > 3) ^ (i % 6 == 0)]}", 80)  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(MIXED, encoding="utf-8")
    return tmp_path


def test_a_page_runs_it_hears_each_trial_and_goes_on_from_what_it_heard(place):
    """With gaps in numbers, words and truth values, and classes that are numbers with a point."""
    seen, advice, *_ = advised(MIXED)
    choices = chosen(seen, advice, task="classification")
    assert advice["columns"] == ["a", "b", "c", "flag"]
    assert your_table.time_fits(choices) > 0
    shown, program = [], your_table.program(choices)
    page = kernel.Kernel(shown.append)
    found = your_table.run(program)
    heard = [one for one in shown if one["kind"] == "text" and TRIAL.match(one["text"])]
    assert [TRIAL.match(one["text"]).group(1, 2) for one in heard] == [(name, f"{i}") for name in ("random", "Bayesian") for i in (1, 2, 3)]  # fmt: skip
    json.dumps([heard, found], allow_nan=False)
    assert found["answer"] in ("yes", "no", "cannot be told")
    assert found["losses"].keys() == {"floor", "default", "tuned"}
    assert found["gain"] == pytest.approx(found["losses"]["default"] - found["losses"]["tuned"])
    assert {one["lesson"] for one in found["sentences"]} <= {"6.2", "2.2", "5.10", "5.7", "2.4"}
    assert found["params"].keys() == {"model__C"}
    assert str(page.names["answer"]) in "".join(one["text"] for one in shown)
    report = your_table.report("<b>mine</b>")
    assert "&lt;b&gt;mine&lt;/b&gt;" in report
    assert found["sentences"][0]["sentence"].split("±")[0] in report
    # The tab was closed after the fourth trial: what it heard is the file that the program goes on with.
    for search in page.names["searches"]:
        search.study_.close()
    for file in place.glob("your_table.db*"):
        file.unlink()
    (place / "your_table.db").write_bytes(base64.b64decode(heard[3]["file"]))
    shown.clear()
    kernel.Kernel(shown.append)
    assert your_table.run(program) == found
    again = [TRIAL.match(one["text"]) for one in shown if one["kind"] == "text"]
    assert [one.group(1, 2) for one in again if one] == [("Bayesian", "2"), ("Bayesian", "3")]
    # A program with an error has no verdict, and the page hears why.
    assert your_table.run("1 / 0") is None
    assert "ZeroDivisionError" in shown[-1]["text"]


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


@pytest.fixture
def korean(monkeypatch):
    monkeypatch.setattr(your_table, "WORDS", {})
    your_table.speak(cells.sentences("ko", catalogs.gettext("ko")))


@pytest.mark.usefixtures("korean")
def test_in_korean_all_that_is_said_is_korean(place):
    assert your_table.look(b"")["refused"] == "파일이 비어 있다."
    seen, advice, *_ = advised(MIXED)
    program = written(seen, advice, task="classification")
    comments = re.findall(r"^# (.*)|^\"\"\"(.*)\"\"\"", program, re.M)
    assert len(comments) == 6
    assert all(
        re.search("[가-힣]", "".join(one)) and not re.search(r"[a-z]{2,} [a-z]{2,}", "".join(one)) for one in comments
    )
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(program, names)
    lines = printed.getvalue().splitlines()
    assert [TRIAL.match(f"{line}\n").group(1, 2) for line in lines[:6]] == [(name, f"{i}") for name in ("random", "Bayesian") for i in (1, 2, 3)]  # fmt: skip
    assert all(re.search("[가-힣]", line) and not re.search(r"[a-z]{2,} [a-z]{2,}", line) for line in lines[:-1])
    assert not re.search(
        r"[a-z]{2,} [a-z]{2,}", str([one["sentence"] for one in your_table.results(names)["sentences"]])
    )
    assert '<html lang="ko">' in your_table.report("mine", names)


def test_it_is_imported_without_pandas_and_scikit_learn():
    program = "import sys; import book.press.live.browser.your_table; print([one for one in ('pandas', 'sklearn', 'numpy') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.stdout.strip() == "[]"


# ---- The benchmark, at a small size: `python benchmarks/bench_your_table.py` has the figures of a hundred tables each.


def test_noise_is_never_worth_it_and_a_chessboard_is():
    with contextlib.redirect_stderr(io.StringIO()):
        false, _ = bench.measure(bench.noise, bench.NOISE, 12, 3, None, 3)
        right, _ = bench.measure(bench.pays, bench.PAYS, 6, 4, None, 3)
    assert sum(n for (_, answer), n in false.items() if answer == "yes") <= 1
    assert sum(n for (_, answer), n in right.items() if answer == "yes") >= 5
