"""A table of the reader's own: what it holds, what looks wrong with it, and the program that tunes a model on it.

The page "Your own table" calls these functions in its own Python; they return what JSON can hold. There is no second engine:
`program` writes an ordinary program of scikit-learn and the lab, which the page's kernel runs as any Python does. A header, a
value or a name of a file is text here and in the program (by `repr`), never code. pandas and scikit-learn are imported inside
the functions, since a page loads them when they are asked for.
"""

import ast
import csv
import io
import json
import math
import re
import time

LIMIT = 20_000_000  # bytes of a file
LEAST_ROWS, CLEAR_ROWS = 40, 334  # rows without which there is no verdict; with which 100 of them are put aside
LEAST_OF_CLASS = 10  # rows of a class, of which a fold needs one
MOST_VALUES = 50  # of a category that is proposed
MOST_CLASSES = 50
SLOW_ROWS = 20_000  # more would keep a support vector machine busy for an hour
TEST = 0.3
SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
DATE = r"\s*(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})\b"
COMMA = r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*"  # a number with a decimal comma
TARGETS = ("target", "class", "label", "y", "outcome", "species", "price", "medv", "quality")
FOREIGN = {
    b"PK\x03\x04": "The file is a workbook or an archive, not text: save its sheet as CSV, and choose that.",
    b"%PDF": "The file is a PDF, not a table: save the table as CSV, and choose that.",
    b"\x1f\x8b": "The file is compressed: unpack it, and choose the CSV file inside.",
}


class Refused(Exception):
    """The file cannot be read as a table; the sentence says why."""


def _say(message, **values):
    return message.format(**values)


# ---- Reading.


def _decoded(content):
    """Return the text, and its encoding by the name that pandas takes."""
    if len(content) > LIMIT:
        size, most = math.ceil(len(content) / 1e6), LIMIT // 1_000_000
        raise Refused(
            _say("The file has {size} MB, and the limit is {most} MB: take a sample of its rows.", size=size, most=most)
        )
    for mark, sentence in FOREIGN.items():
        if content.startswith(mark):
            raise Refused(_say(sentence))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "euc_kr", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, {"euc_kr": "cp949"}.get(encoding, encoding)
    raise Refused(_say("The file is not text: save the table as CSV, and choose that."))


def _lines(text, separator):
    """Return the number of the line on which each record begins, and its values."""
    reader, began, records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1, []
    try:
        for values in reader:
            if values:
                records.append((began, values))
            began = reader.line_num + 1
    except csv.Error as error:
        open_end = "unexpected end" in str(error) or "field larger" in str(error)
        what = (
            "A quote that opens in line {line} does not close."
            if open_end
            else "In line {line} a quote stands inside a value."
        )
        raise Refused(_say(what + " Close it, or double it if it belongs to the text.", line=began)) from None
    return records


def _separator(text):
    """Return the separator that cuts most of the first lines into as many values as the first one."""
    first = [line for line in text[:100_000].splitlines()[:100] if line.strip()]
    scores = {}
    for separator in SEPARATORS:
        try:
            lengths = [len(values) for values in csv.reader(first, delimiter=separator)]
        except csv.Error:
            continue
        if lengths and lengths[0] > 1:
            scores[separator] = sum(length == lengths[0] for length in lengths) / len(lengths), lengths[0]
    return max(scores, key=scores.get, default="")


def _opened(content):
    """Return the records, and how pandas reads them."""
    text, encoding = _decoded(content)
    if not text.strip():
        raise Refused(_say("The file is empty."))
    start = text.lstrip("\ufeff \r\n\t")[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise Refused(_say("The file is a web page, not a table: save the table as CSV, and choose that."))
    if start.startswith(("{", "[{")):
        raise Refused(_say("The file is JSON, not a table: save the table as CSV, and choose that."))
    separator = _separator(text)
    if not separator:
        _lines(text, ",")
        raise Refused(_say("The file has one column. A table needs two: a target, and a column that may predict it."))
    records = _lines(text, separator)
    n = len(records[0][1])
    for line, values in records:
        if len(values) > n:
            raise Refused(
                _say(
                    "Line {line} has {found} values, and the first line names {n} columns.",
                    line=line,
                    found=len(values),
                    n=n,
                )
            )
    if len(records) < 2:
        raise Refused(_say("The file has the names of the columns, and no rows."))
    return records, {"separator": separator, "decimal": ".", "encoding": encoding, "missing": []}


def _numeric(values, decimal="."):
    """Return how many of the values are numbers."""
    found = 0
    for value in values:
        try:
            float(value.replace(decimal, ".") if decimal != "." else value)
            found += "_" not in value
        except ValueError:
            pass
    return found


def _habits(records, read):
    """Add to `read` a decimal comma, and signs for what is missing, where nine in ten of a column's values are numbers with it."""
    columns = [[values[i].strip() for _, values in records[1:] if i < len(values)] for i in range(len(records[0][1]))]
    columns = [[value for value in column if value] for column in columns]
    if read["separator"] != ",":
        matched = [column for column in columns if any(re.fullmatch(COMMA, value) for value in column[:1000])]
        if any(_numeric(column, ",") >= 0.9 * len(column) for column in matched):
            read["decimal"] = ","
    for column in columns:
        rest = {value for value in column if not _numeric([value], read["decimal"])}
        read["missing"] += [sign for sign in ("?", "-", ".", "*") if rest and sign in rest and len(rest) <= 2]
    read["missing"] = sorted(set(read["missing"]))
    return read


def _frame(content, read):
    """Return the table as the program reads it."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content), **_arguments(read))
    return table.replace([np.inf, -np.inf], np.nan)


def _arguments(read):
    arguments = {"sep": read["separator"], "decimal": read["decimal"], "encoding": read["encoding"]}
    defaults = {"sep": ",", "decimal": ".", "encoding": "utf-8"}
    arguments = {name: value for name, value in arguments.items() if value != defaults[name]}
    return arguments | ({"na_values": read["missing"]} if read.get("missing") else {})


# ---- What a column is.


def _kind(column):
    """Return "number", "category", "date", "text" or "index"."""
    import pandas as pd

    known = column.dropna()
    n, distinct = len(known), known.nunique()
    if pd.api.types.is_bool_dtype(column) or not n:
        return "category"
    if pd.api.types.is_numeric_dtype(column):
        steps = known.diff().dropna()
        return (
            "index"
            if n == len(column) > 2 and (known % 1 == 0).all() and known.iloc[0] in (0, 1) and (steps == 1).all()
            else "number"
        )
    texts = known.astype(str)
    if texts.str.match(DATE).mean() > 0.9:
        return "date"
    return "text" if distinct > MOST_VALUES and distinct > 0.5 * n else "category"


def _task(column):
    import pandas as pd

    known = column.dropna()
    whole = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return "regression" if whole and ((known % 1 != 0).any() or known.nunique() > 10) else "classification"


def _guessed(table, kinds):
    """Return the column that looks like a target: by its name, or else the last that is a number or a category."""
    able = [name for name in table.columns if kinds[name] in ("number", "category") and table[name].nunique() > 1]
    able = (
        [name for name in able if kinds[name] == "number" or table[name].nunique() <= MOST_CLASSES]
        or able
        or list(table.columns)
    )
    named = [name for name in able if name.strip().lower() in TARGETS]
    return named[-1] if named else able[-1]


def look(content, name):
    """Return what the file holds: its columns, first rows, a guess at the target; or {"refused": a sentence}."""
    try:
        content = bytes(content)
        records, read = _opened(content)
        read = _habits(records, read)
        table = _frame(content, read)
    except Refused as refused:
        return {"refused": str(refused)}
    except Exception as error:  # what pandas says of a file that csv has read
        return {
            "refused": _say("The file cannot be read as a table: {error}.", error=" ".join(str(error).split())[:200])
        }
    header, notes = [one.strip() for one in records[0][1]], []
    table.columns = [str(one) for one in table.columns]
    if read["encoding"] in ("cp949", "cp1252", "latin-1"):
        notes.append(
            _say("The file is not UTF-8; it was read as {encoding}. Check the letters.", encoding=read["encoding"])
        )
    twice = sorted({one for one in header if one and header.count(one) > 1})
    if twice:
        notes.append(_say("Columns of the same name got numbers: {names}.", names=", ".join(twice)))
    if _numeric(header) > len(header) / 2:
        notes.append(
            _say("The first line is taken for the names of the columns, but it holds numbers: add a line with names.")
        )
    if short := sum(len(values) < len(header) for _, values in records):
        notes.append(_say("Lines with fewer values than columns: {n}. What they lack is missing.", n=short))
    kinds = {one: _kind(table[one]) for one in table.columns}
    target = _guessed(table, kinds)
    columns = [
        {
            "name": one,
            "kind": kinds[one],
            "missing": int(table[one].isna().sum()),
            "values": int(table[one].nunique()),
            "shown": _shown(table[one]),
        }
        for one in table.columns
    ]
    head = [[values[i] if i < len(values) else "" for i in range(len(header))] for _, values in records[1:6]]
    found = {
        "rows": len(table),
        "columns": columns,
        "head": head,
        "target": target,
        "task": _task(table[target]),
        "read": read,
    }
    return {**found, "notes": notes}


def _shown(column):
    first = [str(value) for value in column.dropna().unique()[:4]]
    text = ", ".join(one if len(one) <= 20 else one[:19] + "…" for one in first)
    return text + (", …" if column.nunique() > len(first) else "")


# ---- What looks wrong.


def advise(content, choices):
    """Return the task, the columns to use, warnings (those that `stop` must be answered first), and the space of the model."""
    content = bytes(content)
    table = _frame(content, choices["read"])
    table.columns = [str(one) for one in table.columns]
    target, warnings = choices["target"], []

    def warn(sentence, column=None, stops=False, **values):
        warnings.append({"column": column, "sentence": _say(sentence, **values), "stops": stops})

    if target not in table.columns:
        warn("The file has no column of the name of the target: choose one.", stops=True)
        return {"task": "classification", "columns": [], "warnings": warnings, "space": [], "default": {}}
    guess = _task(table[target])
    task = choices.get("task") or guess
    answer = {"task": guess, "columns": _proposed(table, target, task, warn), "warnings": warnings}
    answer |= {"space": space_of(task, choices.get("model") or "linear"), "default": {}}
    _about_target(table, target, task, choices.get("model"), warn)
    chosen = choices.get("columns")
    if chosen is not None:
        gone = [one for one in chosen if one not in table.columns]
        if gone:
            warn("The file has no column {name!r}.", stops=True, name=gone[0])
        if target in chosen:
            warn("The target is among the columns that predict it: take it out.", target, stops=True)
    if not (answer["columns"] if chosen is None else chosen):
        warn("There is no column left to predict the target from: choose one.", stops=True)
    for sentence in wrong_space(choices.get("space") or []):
        warn(sentence, stops=True)
    return answer


def _proposed(table, target, task, warn):
    """Return the columns to predict from; warn of those that are left out, and of what is missing."""
    kept, gaps = [], {}
    for name in table.columns:
        column = table[name]
        if name == target:
            continue
        kind, values = _kind(column), column.nunique()
        if values <= 1:
            warn("The column is left out: it has the same value in every row.", name)
        elif kind == "index":
            warn("The column is left out: it numbers the rows.", name)
        elif kind == "date":
            warn(
                "The column is left out: it holds dates. Rows in the order of time need a test set of the latest ones.",
                name,
            )
        elif kind == "text" or (kind == "category" and values > MOST_VALUES):
            warn("The column is left out: it has {n} different texts, too many for a category.", name, n=values)
        elif predicts_alone(column, table[target], task):
            warn(
                "The column is left out: alone, it predicts the target almost without error. Is it known before the target is?",
                name,
            )
        else:
            kept.append(name)
            if missing := int(column.isna().sum()):
                gaps[name] = missing / len(table)
    for name, share in gaps.items():
        warn("Missing: {share:.0%} of the values. They are filled inside the pipeline.", name, share=max(share, 0.01))
    return kept


def predicts_alone(column, target, task):
    """Return True if a column alone gives the target: its order, or a small tree on it, in 99 of 100 rows that the tree has not seen."""
    import pandas as pd

    known = pd.DataFrame({"x": column, "y": target}).dropna()[:2000]
    if len(known) < LEAST_ROWS or known["y"].nunique() < 2:
        return False
    x = (
        known["x"]
        if pd.api.types.is_numeric_dtype(known["x"])
        else pd.Series(pd.factorize(known["x"])[0], index=known.index)
    )
    if task == "regression":
        if not pd.api.types.is_numeric_dtype(known["y"]):
            return False
        return bool(abs(x.astype(float).rank().corr(known["y"].astype(float).rank())) > 0.99)
    from sklearn.tree import DecisionTreeClassifier

    y = pd.Series(pd.factorize(known["y"])[0], index=known.index)
    even = [i % 2 == 0 for i in range(len(known))]
    odd = [not one for one in even]
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * min(y.nunique(), MOST_CLASSES), random_state=0)
    right = tree.fit(x[even].to_frame(), y[even]).score(x[odd].to_frame(), y[odd])
    return bool(right >= 0.99 and y[odd].value_counts(normalize=True).max() < 0.95)


def _about_target(table, target, task, model, warn):
    import pandas as pd

    column = table[target]
    known = column.dropna()
    if gone := len(column) - len(known):
        warn("Rows whose target is missing or infinite: {n}. They are left out.", target, n=gone)
    if task == "regression" and (not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        warn("The target is not a number: choose classification, or another target.", target, stops=True)
        return
    n = len(known)
    if known.nunique() < 2:
        warn("The target has one value only: there is nothing to predict.", target, stops=True)
        return
    if task == "classification":
        counts = known.value_counts()
        rare = counts[counts < LEAST_OF_CLASS]
        n -= int(rare.sum())
        if len(counts) - len(rare) < 2 and len(known) >= LEAST_ROWS:
            warn(
                "Fewer than two classes have {least} rows: choose another target, or regression.",
                target,
                stops=True,
                least=LEAST_OF_CLASS,
            )
            return
        if len(counts) - len(rare) > MOST_CLASSES:
            warn("The target has {n} classes: choose regression, or another target.", target, stops=True, n=len(counts))
            return
        if len(rare):
            warn(
                "Classes with fewer than {least} rows: {n}. Their rows are left out.",
                target,
                least=LEAST_OF_CLASS,
                n=len(rare),
            )
        elif counts.iloc[0] >= 0.9 * n:
            warn(
                "One class has {share:.0%} of the rows: a model that always says it is right as often.",
                target,
                share=counts.iloc[0] / n,
            )
    if n < LEAST_ROWS:
        warn(
            "The table has {n} rows that can be used, and a verdict needs at least {least}.",
            stops=True,
            n=n,
            least=LEAST_ROWS,
        )
    elif n < CLEAR_ROWS:
        tested = math.ceil(TEST * n)
        unseen = (
            _say("a gain below {share:.0%} cannot be told from luck", share=6 / tested)
            if task == "classification"
            else _say("only a large gain can be told from luck")
        )
        warn("Few rows for a verdict: with {n} test rows {unseen}.", n=tested, unseen=unseen)
    if twins := int(table.duplicated().sum()):
        warn(
            "Rows that are exact copies of earlier ones: {n}. A copy may be on both sides of the split: remove them first.",
            n=twins,
        )
    if model == "svm" and n > SLOW_ROWS:
        warn(
            "A support vector machine takes hours with {n} rows: choose another model, or a sample of the rows.",
            stops=True,
            n=n,
        )


# ---- The models and their spaces.


def _float(name, low, high):
    return {"name": name, "kind": "float", "low": low, "high": high, "log": True, "choices": None}


def _int(name, low, high, log=True):
    return {"name": name, "kind": "int", "low": low, "high": high, "log": log, "choices": None}


BOOSTING = [
    _float("learning_rate", 0.01, 0.5),
    _int("max_iter", 20, 150),
    _int("max_leaf_nodes", 3, 24),
    _int("min_samples_leaf", 3, 60),
    _float("l2_regularization", 0.001, 100.0),
]
SPACES = {
    ("classification", "linear"): [_float("C", 0.0001, 1000.0)],
    ("regression", "linear"): [_float("alpha", 0.0001, 10000.0)],
    ("classification", "svm"): [_float("C", 0.01, 1000.0), _float("gamma", 0.0001, 10.0)],
    ("regression", "svm"): [_float("C", 0.01, 1000.0), _float("gamma", 0.0001, 10.0), _float("epsilon", 0.001, 1.0)],
    ("classification", "boosting"): BOOSTING,
    ("regression", "boosting"): BOOSTING,
}
MODELS = {  # what is imported, and what is made
    ("classification", "linear"): ("sklearn.linear_model", "LogisticRegression", "LogisticRegression(max_iter=2000)"),
    ("regression", "linear"): ("sklearn.linear_model", "Ridge", "Ridge()"),
    ("classification", "svm"): ("sklearn.svm", "SVC", "SVC()"),
    ("regression", "svm"): ("sklearn.svm", "SVR", "TransformedTargetRegressor(SVR(), transformer=StandardScaler())"),
    ("classification", "boosting"): (
        "sklearn.ensemble",
        "HistGradientBoostingClassifier",
        "HistGradientBoostingClassifier(random_state=SEED)",
    ),
    ("regression", "boosting"): (
        "sklearn.ensemble",
        "HistGradientBoostingRegressor",
        "HistGradientBoostingRegressor(random_state=SEED)",
    ),
}


def space_of(task, model):
    """Return the space of a model, as the page shows it."""
    return [dict(one) for one in SPACES[task, model]]


def wrong_space(space):
    """Return a sentence for each range that makes no sense."""
    return [
        _say("The range of {name} must be two numbers above 0, the lower one first.", name=one["name"])
        for one in space
        if one["kind"] != "categorical" and not _is_range(one)
    ]


def _is_range(one):
    try:
        low, high = float(one["low"]), float(one["high"])
    except (TypeError, ValueError):
        return False
    whole = one["kind"] != "int" or (
        low % 1 == 0 and high % 1 == 0 and low >= (2 if one["name"] == "max_leaf_nodes" else 1)
    )
    return 0 < low < high < math.inf and whole


def _code(value):
    """Return a value as Python code, its texts in double quotes where they hold nothing special."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_code, value))}]"
    plain = isinstance(value, str) and value.isprintable() and not set(value) & set('"\\')
    return f'"{value}"' if plain else repr(value)


def _dimension(one):
    if one["kind"] == "categorical":
        return f"hpt.Categorical({_code(one['choices'])})"
    kind, number = ("Int", int) if one["kind"] == "int" else ("Float", float)
    return f"hpt.{kind}({number(one['low'])!r}, {number(one['high'])!r}{', log=True' if one.get('log') else ''})"


# ---- The program.

PROGRAM = '''\
"""Is tuning worth it for this table? A program of the lab, scikit-learn and pandas, by the page "Your own table"."""

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
{columns}

# Rows without a target are left out{and_classes}.
table = pd.read_csv({file})
table = table.replace([np.inf, -np.inf], np.nan).dropna(subset=[TARGET])
{rare}
# The test set is put aside before anyone has seen a number, and opened once, at the end.
X, X_test, y, y_test = train_test_split(table[COLUMNS], table[TARGET], test_size={test}, random_state=SEED{stratify})

# What fills, scales and encodes is learned from the training rows of each fold alone: it stands inside the pipeline.
numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
categories = OneHotEncoder(max_categories=20, handle_unknown="infrequent_if_exist", sparse_output=False)
columns = make_column_transformer((numbers, selector(dtype_include="number")), (categories, selector(dtype_exclude="number")))
model = Pipeline([("columns", columns), ("model", {model})])
space = {{
{space}
}}
folds, scoring = {Folds}(FOLDS, shuffle=True, random_state=SEED), {scoring}


def watch(study, trial):
    print(f"{{study.name}}, trial {{trial.number + 1}} of {{TRIALS}}:", trial.error or f"{{trial.value:.4g}}")


# Two strategies, the same folds, the same number of trials. A search that was stopped goes on from its file.
searches = []
for name, strategy in {{"random": hpt.RandomSearch(), "Bayesian": hpt.BayesianOptimization()}}.items():
    kept = {{"storage": "your_table.db", "name": name, "callbacks": [watch], "random_state": SEED}}
    search = hpt.SearchCV(model, space, strategy=strategy, n_trials=TRIALS, cv=folds, scoring=scoring, **kept)
    searches.append(search.fit(X, y))
tuned = max(searches, key=lambda search: search.best_score_)
promised = tuned.best_score_ - cross_val_score(model, X, y, cv=folds, scoring=scoring).mean()

# The floor, the defaults and the tuned model were fixed beforehand: now their losses on each row of the test set.
models = {{"floor": {floor}.fit(X, y), "default": model.fit(X, y), "tuned": tuned.best_estimator_}}
losses = {{name: {loss} for name, one in models.items()}}
answer = verdict(losses, len(y), promised, [search.study_ for search in searches]{percent})
print(answer, tuned.best_params_, sep="\\n")
'''


def program(choices):
    """Return the program of these choices, which runs the same in the page and on any machine."""
    task, kind = choices["task"], choices["model"]
    package, name, made = MODELS[task, kind]
    classes = task == "classification"
    prefix = "model__regressor__" if made.startswith("Transformed") else "model__"
    arguments = "".join(f", {key}={_code(value)}" for key, value in _arguments(choices["read"]).items())
    parts = {
        "compose": "TransformedTargetRegressor, " if prefix != "model__" else "",
        "Dummy": "DummyClassifier" if classes else "DummyRegressor",
        "Folds": "StratifiedKFold" if classes else "KFold",
        "target": _code(choices["target"]),
        "trials": int(choices["trials"]),
        "folds": int(choices["folds"]),
        "seed": int(choices["seed"]),
        "columns": f"COLUMNS = {_code(choices['columns'])}",
        "file": _code(choices["file"]) + arguments,
        "and_classes": f", and so are classes with fewer than {LEAST_OF_CLASS} rows" if classes else "",
        "rare": f'table = table[table.groupby(TARGET)[TARGET].transform("size") >= {LEAST_OF_CLASS}]\n'
        if classes
        else "",
        "test": TEST,
        "stratify": ", stratify=table[TARGET]" if classes else "",
        "model": made,
        "space": "\n".join(f'    "{prefix}{one["name"]}": {_dimension(one)},' for one in choices["space"]),
        "scoring": '"accuracy"' if classes else '"neg_mean_absolute_error"',
        "floor": "DummyClassifier()" if classes else 'DummyRegressor(strategy="median")',
        "loss": "(one.predict(X_test) != y_test).to_numpy(float)"
        if classes
        else "np.abs(one.predict(X_test) - y_test).to_numpy()",
        "percent": ", percent=True" if classes else "",
    }
    needed = f"from {package} import {name}\n"
    parts |= {one: needed if package == f"sklearn.{one}" else "" for one in ("ensemble", "linear_model", "svm")}
    return PROGRAM.format(**parts)


# ---- While it runs in the page, and after.


def time_fits(choices):
    """Return the seconds of a fit, the mean of two, and of the whole program, which fits its models so often."""
    names = {"__name__": "timed"}
    exec(program(choices).partition("\n\ndef watch")[0], names)
    middle = {name: one.decode(0.5) for name, one in names["space"].items()}
    began = time.perf_counter()
    for params in ({}, middle):
        names["model"].set_params(**params).fit(names["X"], names["y"])
    seconds = (time.perf_counter() - began) / 2
    n_fits = (2 * names["TRIALS"] + 1) * names["FOLDS"] + 4
    return {"seconds": seconds, "whole": seconds * n_fits}


def attach(send):
    """Send each trial of a search when it ends, and the file of the searches, from which a stopped program goes on.

    `send` takes {"study", "number", "state", "value", "params", "seconds", "file" (base64)}.
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

    fit = getattr(SearchCV.fit, "of_the_lab", SearchCV.fit)

    def fit_and_tell(self, X, y=None, **params):
        self.callbacks = [*(self.callbacks or ()), told]
        return fit(self, X, y, **params)

    fit_and_tell.of_the_lab = fit
    SearchCV.fit = fit_and_tell


def results(names):
    """Return the verdict that a program has left in its namespace."""
    answer, tuned = names["answer"], names["tuned"]
    told = [
        {"sentence": message.format(**values), "message": message, "values": dict(values), "lesson": lesson}
        for message, values, lesson in answer.told
    ]
    found = {"answer": answer.answer, "gain": answer.gain, "error": answer.error, "promised": float(names["promised"])}
    return {**found, "sentences": told, "strategy": tuned.study_.name, "params": dict(tuned.study_.best_params)}


def report(names, title, language="en"):
    """Return the report of the better search as the text of one HTML file, the verdict before its own sentences."""
    from dataclasses import replace

    from hpt_lab.tools.report.facts import gather
    from hpt_lab.tools.report.languages import say
    from hpt_lab.tools.report.sections import compose
    from hpt_lab.tools.report.writing import html

    page = compose(gather(names["tuned"].study_), title, say(language))
    return html(replace(page, sentences=[*str(names["answer"]).split("\n"), *page.sentences]), language)


def notebook(choices):
    """Return the program as a notebook, in JSON: a cell for each of its paragraphs that opens with a comment."""
    parts = re.split(r"\n\n+(?=# )", program(choices).rstrip())
    title, _, first = parts[0].partition("\n\n")
    cells = [{"cell_type": "markdown", "source": ast.literal_eval(title)}]
    cells += [
        {"cell_type": "code", "source": part, "outputs": [], "execution_count": None} for part in (first, *parts[1:])
    ]
    for number, cell in enumerate(cells):
        cell |= {"id": f"cell-{number}", "metadata": {}}
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps(
        {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
    )
