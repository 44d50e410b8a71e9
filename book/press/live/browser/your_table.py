"""A table of the reader's own: what it holds, what looks wrong with it, and the program that tunes a model on it.

The page "Your own table" calls these functions in its own Python; they take and return what JSON can hold. There is no second
engine: `program` writes an ordinary program of scikit-learn and the lab, which the page's kernel runs as any Python does. A
header, a value or a name of a file is text here and in the program (by `repr`), never code. pandas and scikit-learn are
imported inside the functions, since a page loads them when they are asked for.
"""

import ast
import csv
import io
import json
import math
import re
import time

LIMIT = 20_000_000  # bytes of a file
LEAST_ROWS, CLEAR_ROWS = 40, 334  # without which there is no verdict; with which 100 are put aside
LEAST_OF_CLASS, MOST_VALUES = 10, 50  # rows of a class, of which a fold needs one; values of a category, or classes
SLOW_ROWS = 20_000  # more keep a support vector machine busy for hours
TEST = 0.3  # the share of the rows that is put aside
FOREIGN = re.compile(rb"PK\x03\x04|%PDF|\x1f\x8b|\s*(\xef\xbb\xbf)?\s*(<!doctype|<html|<\?xml|\{|\[\s*\{)", re.I)
DATE = r"\s*(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})\b"
COMMA = re.compile(r"[-+]?\d+,\d+(e[-+]?\d+)?", re.I)  # a number with a decimal comma
USUAL = {"separator": ",", "decimal": ".", "encoding": "utf-8", "missing": []}  # what pandas takes a file for
MISSING = ("?", "-", ".", "*")  # signs for a missing value, among numbers
TARGETS = ("target", "class", "label", "y", "outcome", "species", "price", "medv", "quality")

_ = str  # a mark: the catalogs have these messages
SAYS = {
    "large": _("The file has {size} MB, and the limit is {most} MB: take a sample of its rows."),
    "foreign": _("The file is no table in plain text: save its sheet as CSV, and choose that."),
    "empty": _("The file is empty."),
    "longer": _("Line {line} has {found} values, and the first line names {n} columns."),
    "inside": _("In line {line} a quote stands inside a value: double it."),
    "open": _("A quote that opens in line {line} does not close."),
    "narrow": _("The file has one column. A table needs two: a target, and what may predict it."),
    "bare": _("The file has the names of its columns, and no rows."),
    "unread": _("The file cannot be read as a table: {error}."),
    "letters": _("The file is not UTF-8; it was read as {encoding}. Check the letters."),
    "twice": _("Columns of the same name got numbers: {names}."),
    "nameless": _("The first line is taken for the names of the columns, but it holds numbers: add a line of names."),
    "shorter": _("Lines with fewer values than columns: {n}. What they lack is missing."),
    "no target": _("The file has no column with the name of the target: choose one."),
    "no predictor": _("This column cannot predict the target: take it out."),
    "no columns": _("No column is left to predict the target from: choose one."),
    "range": _("The range of {name} must be two numbers above 0, the lower one first."),
    "constant": _("Left out: every row has the same value."),
    "index": _("Left out: it numbers the rows."),
    "date": _(
        "Left out: it holds dates. If the rows are in the order of time, the latest ones should be the test set."
    ),
    "text": _("Left out: its {n} different texts are too many for a category."),
    "leak": _("Left out: alone, it predicts the target almost without error. Is it known before the target is?"),
    "gaps": _("Missing: {share:.1%} of the values. They are filled inside the pipeline."),
    "targetless": _("Rows without a finite target: {n}. They are left out."),
    "one class": _("The target has the same value in every row: there is nothing to predict."),
    "no number": _("The target is not a number: choose classification, or another target."),
    "classes": _("Of {n} classes, {large} have at least {least} rows: choose another target, or regression."),
    "rare": _("Classes with fewer than {least} rows: {n}. They are left out."),
    "uneven": _("One class has {share:.0%} of the rows: who always says it is right as often."),
    "few": _("Rows that can be used: {n}. A verdict needs at least {least}."),
    "unclear": _("Few rows for a verdict: with {n} test rows, only a large gain stands out from luck."),
    "copies": _("Copies of earlier rows: {n}. A copy may be on both sides of the split: remove them first."),
    "slow": _("A support vector machine takes hours on {n} rows: choose another model, or a sample."),
}
WORDS: dict[str, str] = {}  # messages in the language of the page


class Refused(Exception):
    """The file cannot be read as a table; the sentence says why."""


def speak(words):
    """Say what follows in another language: the messages, and those of the lab, with their translations."""
    WORDS.update(words)


def _say(message, **values):
    message = SAYS.get(message, message)
    return WORDS.get(message, message).format(**values)


# ---- Reading.


def _decoded(content):
    """Return the text, and its encoding by the name that pandas takes."""
    if len(content) > LIMIT:
        raise Refused(_say("large", size=math.ceil(len(content) / 1e6), most=LIMIT // 1_000_000))
    encodings = ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "euc_kr", "cp1252", "latin-1")
    for encoding in ("utf-16", "latin-1") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "euc_kr" and not re.fullmatch(
            r"[\0-\x7f가-힣]*", text
        ):  # two accents may be a Chinese letter there
            continue
        if "\0" in text or FOREIGN.match(content):
            raise Refused(_say("foreign"))
        if not text.strip("\ufeff \t\r\n"):
            raise Refused(_say("empty"))
        return text, "cp949" if encoding == "euc_kr" else encoding
    raise AssertionError("any bytes are Latin-1")


def _separator(text):
    """Return the separator that cuts most of the first lines into as many values as the first one, or nothing."""
    first, scores = [line for line in text[:100_000].splitlines()[:100] if line.strip()], {}
    for separator in ",;\t|":
        n, *lengths = (len(values) for values in csv.reader(first, delimiter=separator))
        if n > 1 and 2 * (equal := sum(length == n for length in lengths)) >= len(lengths):
            scores[separator] = equal, n
    return max(scores, key=scores.get, default="")


def _records(text, separator):
    """Return the values of each record, the header first, every one as text."""
    reader, began, records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1, []
    try:
        for values in reader:
            if values and records and len(values) > len(records[0]):
                raise Refused(_say("longer", line=began, found=len(values), n=len(records[0])))
            records += [values] if values else []
            began = reader.line_num + 1
    except csv.Error as error:
        raise Refused(_say("inside" if "expected after" in str(error) else "open", line=began)) from None
    return records


def _is_number(text, decimal="."):
    try:
        return math.isfinite(float(text.replace(decimal, "."))) and "_" not in text
    except ValueError:
        return False


def _opened(content):
    """Return the records, and how pandas reads them."""
    text, encoding = _decoded(content)
    separator = _separator(text)
    records = _records(text, separator or ",")
    if not separator or len(records) < 2:
        raise Refused(_say("bare" if separator else "narrow"))
    places = range(len(records[0]))
    columns = [[one for values in records[1:] if (one := "".join(values[i : i + 1]).strip())] for i in places]
    commas = [column for column in columns if any(map(COMMA.fullmatch, column))]
    commas = [column for column in commas if sum(_is_number(one, ",") for one in column) >= 0.9 * len(column)]
    decimal = "," if commas and separator != "," else "."
    texts = [({one for one in column if not _is_number(one, decimal)}, {*column}) for column in columns]
    signs = {sign for some, all_ in texts for sign in MISSING if some == {sign} < all_}
    read = {"separator": separator, "decimal": decimal, "encoding": encoding, "missing": sorted(signs)}
    return records, read | ({"low_memory": False} if len(content) > 100_000 else {})  # in parts, a column has two types


def _arguments(read):
    """Return what pandas has to be told."""
    names = {"separator": "sep", "missing": "na_values"}
    return {names.get(key, key): value for key, value in read.items() if value != USUAL.get(key)}


def _frame(content, read):
    """Return the table as the program reads it."""
    import numpy as np
    import pandas as pd

    return pd.read_csv(io.BytesIO(content), **_arguments(read)).replace([np.inf, -np.inf], np.nan)


# ---- What a column is.


def _is_numeric(column):
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _kind(column):
    """Return "number", "category", "date", "text" or "index"."""
    known, distinct = column.dropna(), column.nunique()
    if _is_numeric(column):
        counts = len(known) == len(column) > 2 and known.iloc[0] in (0, 1) and (known.diff()[1:] == 1).all()
        return "index" if counts else "number"
    if len(known) and known.astype(str).str.match(DATE).mean() > 0.9:
        return "date"
    return "text" if distinct > MOST_VALUES and distinct > len(known) / 2 else "category"


def _task(column):
    many = _is_numeric(column) and (column.nunique() > 10 or (column.dropna() % 1 != 0).any())
    return "regression" if many else "classification"


def _guessed(table):
    """Return the column that looks like a target: by its name, or else the last that is a number or a small category."""
    several = [name for name in table.columns if table[name].nunique() > 1] or list(table.columns)
    able = [name for name in several if _task(table[name]) == "regression" or table[name].nunique() <= MOST_VALUES]
    able = [name for name in able if _kind(table[name]) in ("number", "category")]
    named = [name for name in able if name.strip().lower() in TARGETS]
    return (named or able or several)[-1]


def look(content, name):
    """Return what the file holds: its columns, first rows, a guess at the target; or {"refused": a sentence}."""
    try:
        records, read = _opened(content := bytes(content))
        table = _frame(content, read)
    except Refused as refused:
        return {"refused": str(refused)}
    except Exception as error:  # what pandas says of a file that csv has read
        return {"refused": _say("unread", error=" ".join(str(error).split())[:200])}
    header, notes, columns = [one.strip() for one in records[0]], [], []
    if not read["encoding"].startswith("utf"):
        notes.append(_say("letters", encoding=read["encoding"]))
    if twice := sorted({one for one in header if one and header.count(one) > 1}):
        notes.append(_say("twice", names=", ".join(twice)))
    if sum(map(_is_number, header)) > len(header) / 2:
        notes.append(_say("nameless"))
    if short := sum(len(values) < len(header) for values in records):
        notes.append(_say("shorter", n=short))
    for one in table.columns:
        counted = {"missing": int(table[one].isna().sum()), "values": int(table[one].nunique())}
        columns.append({"name": one, "kind": _kind(table[one]), **counted, "shown": _shown(table[one])})
    head = [[*values, *[""] * (len(header) - len(values))] for values in records[1:6]]
    found = {"rows": len(table), "columns": columns, "head": head, "read": read, "notes": notes}
    return {**found, "target": (target := _guessed(table)), "task": _task(table[target])}


def _shown(column):
    first = [str(value) for value in column.dropna().unique()[:5]]
    return ", ".join([one if len(one) <= 20 else f"{one[:19]}…" for one in first[:4]] + ["…"] * (len(first) > 4))


# ---- What looks wrong.


def advise(content, choices):
    """Return the task, the columns to use, warnings (those that `stop` must be answered first), and the space of the model."""
    table, target, model = _frame(bytes(content), choices["read"]), choices["target"], choices.get("model") or "linear"
    warnings = []

    def warn(message, column=None, stops=False, **values):
        warnings.append({"column": column, "sentence": _say(message, **values), "stops": stops})

    if target not in table.columns:
        warn("no target", stops=True)
        return {"task": "classification", "columns": [], "warnings": warnings, "space": [], "default": {}}
    task = choices.get("task") or _task(table[target])
    proposed = _proposed(table, target, task, warn)
    chosen = proposed if choices.get("columns") is None else choices["columns"]
    _judge(table, target, task, model, warn)
    for name in [name for name in chosen if name not in table.columns or name == target]:
        warn("no predictor", name, stops=True)
    if not chosen:
        warn("no columns", stops=True)
    for one in choices.get("space") or ():
        if not _is_range(one):
            warn("range", stops=True, name=one["name"])
    answer = {"task": _task(table[target]), "columns": proposed, "warnings": warnings}
    return {**answer, "space": [_range(*one) for one in SPACES[task, model]], "default": DEFAULTS[model]}


def _proposed(table, target, task, warn):
    """Return the columns to predict from; warn of those that are left out, and of what is missing."""
    kept = []
    for name in table.columns.drop(target):
        column, kind, values = table[name], _kind(table[name]), table[name].nunique()
        if values < 2:
            warn("constant", name)
        elif kind in ("index", "date"):
            warn(kind, name)
        elif kind == "text" or (kind == "category" and values > MOST_VALUES):
            warn("text", name, n=values)
        elif _predicts_alone(column, table[target], task):
            warn("leak", name)
        else:
            kept.append(name)
            if column.hasnans:
                warn("gaps", name, share=column.isna().mean())
    return kept


def _predicts_alone(column, target, task):
    """Return True if the order of a column is the target's, or a small tree on it is right in 99 of 100 rows it has not seen."""
    import pandas as pd
    from sklearn.tree import DecisionTreeClassifier

    known = pd.DataFrame({"x": column, "y": target}).dropna()[:2000]
    x = known["x"] if _is_numeric(known["x"]) else pd.Series(pd.factorize(known["x"])[0], known.index)
    if len(known) < LEAST_ROWS or not 2 <= known["y"].nunique() <= (
        MOST_VALUES if task == "classification" else math.inf
    ):
        return False
    if task == "regression":
        return _is_numeric(known["y"]) and bool(abs(x.rank().corr(known["y"].rank())) > 0.99)
    x, y = x.to_numpy(float)[:, None], pd.factorize(known["y"])[0]
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * MOST_VALUES, min_samples_leaf=2, random_state=0)
    right = tree.fit(x[::2], y[::2]).score(x[1::2], y[1::2])
    return bool(right >= 0.99 and known["y"].value_counts(normalize=True).iloc[0] < 0.95)


def _judge(table, target, task, model, warn):
    """Warn of a target that cannot be predicted, of rows that go, and of too few or too many that stay."""
    known = table[target].dropna()
    counts, n = known.value_counts(), len(known)
    if n < len(table):
        warn("targetless", target, n=len(table) - n)
    if len(counts) < 2:
        return warn("one class", target, stops=True)
    if task == "regression" and not _is_numeric(known):
        return warn("no number", target, stops=True)
    if task == "classification" and n >= LEAST_ROWS:
        large = counts[counts >= LEAST_OF_CLASS]
        n = int(large.sum())
        if not 2 <= len(large) <= MOST_VALUES:
            return warn("classes", target, stops=True, n=len(counts), large=len(large), least=LEAST_OF_CLASS)
        if len(large) < len(counts):
            warn("rare", target, least=LEAST_OF_CLASS, n=len(counts) - len(large))
        if (share := large.iloc[0] / n) >= 0.9:
            warn("uneven", target, share=share)
    if n < LEAST_ROWS:
        warn("few", stops=True, n=n, least=LEAST_ROWS)
    elif n < CLEAR_ROWS:
        warn("unclear", n=math.ceil(TEST * n))
    if twins := int(table.duplicated().sum()):
        warn("copies", n=twins)
    if model == "svm" and n > SLOW_ROWS:
        warn("slow", stops=True, n=n)


# ---- The models and their spaces.

KERNEL = [("C", 0.01, 1000.0), ("gamma", 0.0001, 10.0)]
TREES = [("learning_rate", 0.01, 0.5), ("max_iter", 20, 150), ("max_leaf_nodes", 3, 24), ("min_samples_leaf", 3, 60)]
TREES += [("l2_regularization", 0.001, 100.0)]
SPACES = {
    ("classification", "linear"): [("C", 0.0001, 1000.0)],
    ("regression", "linear"): [("alpha", 0.0001, 10000.0)],
    ("classification", "svm"): KERNEL,
    ("regression", "svm"): [*KERNEL, ("epsilon", 0.001, 1.0)],
    ("classification", "boosting"): TREES,
    ("regression", "boosting"): TREES,
}
DEFAULTS = {
    "linear": {"C": 1.0, "alpha": 1.0},
    "svm": {"C": 1.0, "gamma": "scale", "epsilon": 0.1},
    "boosting": {
        "learning_rate": 0.1,
        "max_iter": 100,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "l2_regularization": 0.0,
    },
}
MODELS = {  # where it is imported from, and how it is made
    ("classification", "linear"): ("linear_model", "LogisticRegression(max_iter=2000)"),
    ("regression", "linear"): ("linear_model", "Ridge()"),
    ("classification", "svm"): ("svm", "SVC()"),
    ("regression", "svm"): ("svm", "TransformedTargetRegressor(SVR(), transformer=StandardScaler())"),
    ("classification", "boosting"): ("ensemble", "HistGradientBoostingClassifier(random_state=SEED)"),
    ("regression", "boosting"): ("ensemble", "HistGradientBoostingRegressor(random_state=SEED)"),
}


def _range(name, low, high):
    return {"name": name, "kind": type(low).__name__, "low": low, "high": high, "log": True, "choices": None}


def _is_range(one):
    try:
        low, high = float(one["low"]), float(one["high"])
    except (TypeError, ValueError):
        return False
    return 0 < low < high < math.inf and (one["kind"] != "int" or low % 1 == high % 1 == 0)


def _dimension(one):
    kind, number = ("Int", int) if one["kind"] == "int" else ("Float", float)
    return f"hpt.{kind}({number(float(one['low']))!r}, {number(float(one['high']))!r}{', log=True' if one.get('log') else ''})"


def _code(value):
    """Return a value as Python code, its texts in double quotes where they hold nothing special."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_code, value))}]"
    plain = isinstance(value, str) and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else repr(value)


# ---- The program.

PROGRAM = '''\
"""Is tuning worth it for this table? Written by the page "Your own table", for scikit-learn {version}."""

import numpy as np
import pandas as pd
from sklearn.compose import {compose}make_column_selector as selector, make_column_transformer
from sklearn.dummy import {Dummy}
{ensemble}from sklearn.impute import SimpleImputer
{linear_model}from sklearn.model_selection import {Folds}, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
{svm}
import hpt_lab as hpt
from hpt_lab.report import verdict

TARGET, TRIALS, FOLDS, SEED = {target}, {trials}, {folds}, {seed}
COLUMNS = {columns}

# Rows without a target are left out{classes}.
table = pd.read_csv({read})
table = table.replace([np.inf, -np.inf], np.nan).dropna(subset=[TARGET])
{rare}
# The test set is put aside before anyone has seen a number, and opened once, at the end.
y = table[TARGET]
X, X_test, y, y_test = train_test_split(table[COLUMNS], y, test_size={test}, random_state=SEED{stratify})

# What fills, scales and encodes is learned from the training rows of each fold alone: it stands inside the pipeline.
numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
categories = OneHotEncoder(max_categories=20, handle_unknown="infrequent_if_exist", sparse_output=False)
columns = make_column_transformer((numbers, selector(dtype_include="number")), remainder=categories)
model = Pipeline([("columns", columns), ("model", {model})])
space = {{
{space}
}}
folds, scoring = {Folds}(FOLDS, shuffle=True, random_state=SEED), {scoring}


def watch(study, trial):
    print(f"{{study.name}}, trial {{trial.number + 1}} of {{TRIALS}}:", trial.error or f"{{trial.value:.4g}}")


# Two strategies, the same folds, the same number of trials. A search that was stopped continues from its file.
searches = []
for name, strategy in {{"random": hpt.RandomSearch(), "Bayesian": hpt.BayesianOptimization()}}.items():
    kept = {{"n_trials": TRIALS, "random_state": SEED, "storage": "your_table.db", "name": name, "callbacks": [watch]}}
    searches.append(hpt.SearchCV(model, space, strategy=strategy, cv=folds, scoring=scoring, **kept).fit(X, y))
tuned = max(searches, key=lambda search: search.best_score_)
promised = tuned.best_score_ - cross_val_score(model, X, y, cv=folds, scoring=scoring).mean()

# The floor, the defaults and the tuned model were fixed beforehand: now their losses on each row of the test set.
floor, default = {floor}.fit(X, y), model.fit(X, y)
models = {{"floor": floor, "default": default, "tuned": tuned.best_estimator_}}
losses = {{name: {loss} for name, one in models.items()}}
answer = verdict(losses, len(y), promised, [search.study_ for search in searches]{percent})
print(answer, tuned.best_params_, sep="\\n")
'''


OF_TASK = {  # of classification, of regression
    "Dummy": ("DummyClassifier", "DummyRegressor"),
    "floor": ("DummyClassifier()", 'DummyRegressor(strategy="median")'),
    "Folds": ("StratifiedKFold", "KFold"),
    "stratify": (", stratify=y", ""),
    "classes": (f", and so are classes with fewer than {LEAST_OF_CLASS} rows", ""),
    "rare": (
        f'table = table[table.groupby(TARGET)[TARGET].transform("size") >= {LEAST_OF_CLASS}].astype({{TARGET: str}})\n',
        "",
    ),
    "scoring": ('"accuracy"', '"neg_mean_absolute_error"'),
    "loss": ("(one.predict(X_test) != y_test).to_numpy(float)", "np.abs(one.predict(X_test) - y_test).to_numpy()"),
    "percent": (", percent=True", ""),
}


def program(choices):
    """Return the program of these choices, which runs the same in the page and on any machine, if scikit-learn is the same."""
    from sklearn import __version__

    package, made = MODELS[choices["task"], choices["model"]]
    scaled = made.startswith("Transformed")
    step, name = ("model__regressor__", "SVR") if scaled else ("model__", made.partition("(")[0])
    imports = {"ensemble": "", "linear_model": "", "svm": "", package: f"from sklearn.{package} import {name}\n"}
    read = [_code(choices["file"]), *(f"{key}={_code(value)}" for key, value in _arguments(choices["read"]).items())]
    return PROGRAM.format(
        **{name: both[choices["task"] == "regression"] for name, both in OF_TASK.items()},
        **imports,
        **{name: int(choices[name]) for name in ("trials", "folds", "seed")},
        compose="TransformedTargetRegressor, " if scaled else "",
        target=_code(choices["target"]),
        columns=_code(choices["columns"]),
        read=", ".join(read),
        test=TEST,
        version=__version__,
        model=made,
        space="\n".join(f'    "{step}{one["name"]}": {_dimension(one)},' for one in choices["space"]),
    )


def notebook(choices):
    """Return the program as a notebook, in JSON: a cell for each paragraph that opens with a comment."""
    title, first, *parts = re.split(r"\n\n+(?=# |import numpy)", program(choices).rstrip())
    cells = [{"cell_type": "markdown", "source": ast.literal_eval(title)}]
    cells += [{"cell_type": "code", "source": part, "outputs": [], "execution_count": None} for part in (first, *parts)]
    cells = [{"id": f"cell-{number}", "metadata": {}, **cell} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1)


# ---- While it runs in the page, and after.


def time_fits(choices):
    """Return the mean seconds of two fits, of the defaults and of the middle of the space, and of all fits of the program."""
    names = {"__name__": "timed"}
    exec(program(choices).partition("\n\ndef watch")[0], names)
    middle = {name: one.decode(0.5) for name, one in names["space"].items()}
    names["model"].fit(names["X"], names["y"])  # the first fit imports, too
    began = time.perf_counter()
    for params in ({}, middle):
        names["model"].set_params(**params).fit(names["X"], names["y"])
    seconds = (time.perf_counter() - began) / 2
    return {"seconds": seconds, "whole": seconds * ((2 * names["TRIALS"] + 1) * names["FOLDS"] + 4)}


def attach(send):
    """Send each trial of a search when it ends, and the file of the searches, with which a stopped program continues.

    `send` takes {"study", "number", "state", "value", "seconds", "params", "file" (the bytes in base64)}.
    """
    import base64
    import sqlite3
    from contextlib import closing

    from hpt_lab.tools.search_cv import SearchCV

    def told(study, trial):
        with closing(sqlite3.connect("your_table.db")) as file:
            kept = base64.b64encode(file.serialize()).decode()
        fields = {name: getattr(trial, name) for name in ("number", "state", "value", "seconds")}
        send({"study": study.name, **fields, "params": dict(trial.params), "file": kept})

    of_the_lab = getattr(SearchCV.fit, "of_the_lab", SearchCV.fit)

    def fit(self, X, y=None, **params):
        self.callbacks = [*(self.callbacks or ()), told]
        return of_the_lab(self, X, y, **params)

    fit.of_the_lab = of_the_lab
    SearchCV.fit = fit


def results(names):
    """Return the verdict that the program has left in its namespace."""
    answer, tuned = names["answer"], names["tuned"].study_
    told = [
        {"sentence": _say(message, **values), "message": message, "values": dict(values), "lesson": lesson}
        for message, values, lesson in answer.told
    ]
    found = {"answer": answer.answer, "gain": answer.gain, "error": answer.error, "promised": float(names["promised"])}
    found["losses"] = {name: float(losses.mean()) for name, losses in names["losses"].items()}
    return {**found, "sentences": told, "strategy": tuned.name, "params": dict(tuned.best_params)}


def report(names, title, language="en"):
    """Return the report of the better search as the text of one HTML file: the verdict, then what the report says."""
    from dataclasses import replace

    from hpt_lab.tools.report import facts, sections, writing

    page = sections.compose(facts.gather(names["tuned"].study_), title, _say)
    said = [one["sentence"] for one in results(names)["sentences"]]
    return writing.html(replace(page, sentences=[*said, *page.sentences]), language)
