"""A table of the reader's own: what it holds, what looks wrong with it, and the program that tunes a model on it.

The page "Your own table" calls these functions in its own Python; they take and return what JSON can hold. There is no second
engine: pandas reads the file, `program` writes an ordinary program of scikit-learn and the lab, and the page's kernel runs it as
any Python. A header, a value or a file's name is text here and in the program, never code. pandas and scikit-learn are imported
inside the functions, since a page loads them when they are asked for.
"""

import ast
import csv
import io
import json
import math
import re
import time

LIMIT = 100_000_000  # bytes of a file; of one that is longer than what comes of it, the first rows are used
LEAST_ROWS, CLEAR_ROWS = 40, 334  # without which there is no verdict; with which 100 are put aside
LEAST_OF_CLASS, MOST_VALUES = 10, 50  # rows of a class, of which a fold needs one; values of a category, or classes
SLOW_ROWS = 20_000  # more keep a support vector machine busy for hours
TEST = 0.3  # the share of the rows that is put aside
FOREIGN = re.compile(r"\s*(<[!?]|<html|[{[])|%PDF|[^\n]*[\0-\x08]", re.I)
FAULTS = {  # what pandas says of a file, and what we say
    "longer": r"Expected (?P<n>\d+) fields in line (?P<line>\d+), saw (?P<found>\d+)",
    "open": r"EOF inside string starting at row (?P<row>\d+)",
}
USUAL = {"sep": ",", "decimal": ".", "encoding": "utf-8", "na_values": [], "nrows": None}  # of pandas
DATE = r"\s*(\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4})\b"
MISSING = ("?", "-", ".", "*")  # signs for a missing value, among numbers
TARGETS = ("target", "class", "label", "y", "outcome", "species", "price", "medv", "quality")

_ = str  # a mark: the catalogs have these messages
SAYS = {
    "large": _("The file has {size} MB, and the limit is {most} MB: take a sample of its rows."),
    "foreign": _("The file is no table in plain text: save its sheet as CSV, and choose that."),
    "empty": _("The file is empty."),
    "longer": _("Line {line} has {found} values, and the first line names {n} columns."),
    "open": _("A quote does not close: it opens in the row after row {row}."),
    "narrow": _("The file has one column. A table needs two: a target, and what may predict it."),
    "bare": _("The file has the names of its columns, and no rows."),
    "unread": _("The file cannot be read as a table: {error}."),
    "part": _("The file has {size} MB: its first {n} rows are used, here and in the program."),
    "letters": _("The file is not UTF-8; it was read as {encoding}. Check the letters."),
    "twice": _("Columns of the same name got numbers: {names}."),
    "nameless": _("The first line is taken for the names of the columns, but it holds numbers: add a line of names."),
    "no columns": _("No column is left to predict the target from: choose one."),
    "constant": _("Left out: every row has the same value."),
    "index": _("Left out: it numbers the rows."),
    "date": _("Left out: it holds dates. If time orders the rows, the latest should be the test set."),
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
    # In the program.
    "title": _("Is tuning worth it for this table? Written by the page Your own table, for scikit-learn {version}."),
    "rows": _("Rows without a target are left out."),
    "rows and classes": _("Rows without a target are left out, and so are classes with fewer than {least} rows."),
    "aside": _("The test set is put aside before anyone has seen a number, and opened once, at the end."),
    "inside": _(
        "What fills, scales and encodes is learned from the training rows of each fold alone, in the pipeline."
    ),
    "searches": _("Two strategies, the same folds, as many trials. A search that was stopped continues from its file."),
    "judged": _("The floor, the defaults and the tuned model are fixed. Now their losses on each row of the test set:"),
    "trial": _("{name}, trial {number} of {all}:"),
}
OUT = {"constant", "index", "date", "text", "leak"}  # columns of which this is said are left out
STOPS = {"no columns", "one class", "no number", "classes", "few", "slow"}  # nothing runs before it is changed
WORDS: dict[str, str] = {}  # messages in the language of the page


def speak(words):
    """Say what follows in another language: "language" has its name, and each of our messages its translation."""
    WORDS.clear()
    WORDS.update(words)


def _say(message, **values):
    return WORDS.get(SAYS[message], SAYS[message]).format(**values)


def _language():
    return WORDS.get("language", "en")


# ---- Reading.


class Refused(Exception):
    """The file cannot be read as a table; the sentence says why."""


def _decoded(content):
    """Return the text, and its encoding: the first that fits."""
    first = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    for encoding in ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else first, "euc_kr", "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "euc_kr" or re.fullmatch(r"[\0-\x7f가-힣]*", text):  # two accents may be a Chinese letter there
            return text, encoding
    raise AssertionError("any bytes are Latin-1")


def _separator(text):
    """Return the separator that cuts most of the first lines into as many values as the first one, or nothing."""
    first, scores = [line for line in text[:100_000].splitlines()[:100] if line.strip()], {"": (0, 0)}
    for separator in ",;\t|":
        n, *others = (len(values) for values in csv.reader(first, delimiter=separator))
        if n > 1 and 2 * others.count(n) >= len(others):
            scores[separator] = 1 + others.count(n), n
    return max(scores, key=scores.get)


def _opened(content, size):
    """Return the words of a file, a row for each line, and how pandas reads it."""
    import pandas as pd

    if size > LIMIT:
        raise Refused(_say("large", size=math.ceil(size / 1e6), most=LIMIT // 1_000_000))
    text, encoding = _decoded(content)
    for reason, holds in (("empty", not text.strip()), ("foreign", FOREIGN.match(text))):
        if holds:
            raise Refused(_say(reason))
    separator = _separator(text)
    n = sum(map(bool, csv.reader(io.StringIO(text), delimiter=separator or ","))) - 2 if size > len(content) else None
    as_it_is = {"header": None, "dtype": str, "keep_default_na": False, "nrows": n and n + 1}
    words = pd.read_csv(io.StringIO(text), sep=separator or ",", **as_it_is)
    if not separator or len(words) < 2:
        raise Refused(_say("bare" if separator else "narrow"))
    columns = [pd.Series(words[i][1:].str.strip().unique()) for i in words]

    def no_numbers(values, point):
        numbers = pd.to_numeric(values.str.replace(point, "."), errors="coerce")
        return {*values[numbers.isna()]} - {""}

    commas = [one for one in columns if separator != "," and one.str.fullmatch(r"[-+]?\d+,\d+(e[-+]?\d+)?").any()]
    decimal = "," if any(len(no_numbers(one, ",")) <= 0.1 * len(one) for one in commas) else "."
    signs = [next(iter(odd)) for one in columns if len(odd := no_numbers(one, decimal)) == 1 and len(one) > 1]
    signs = sorted({*signs} & {*MISSING})
    read = {"sep": separator, "decimal": decimal, "encoding": encoding, "na_values": signs, "nrows": n}
    return words, {name: value for name, value in read.items() if value != USUAL[name]}


def _frame(content, read):
    """Return the table as the program reads it."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content), low_memory=False, **read)  # read in parts, a column may have two types
    return table.replace([np.inf, -np.inf], np.nan)


# ---- What a column is.


def _is_numeric(column):
    return column.dtype.kind in "iuf"


def _kind(column):
    """Return "number", "category", "date", "text" or "index"."""
    known = column.dropna()
    if _is_numeric(column):
        counts = len(known) == len(column) > 2 and known.iloc[0] in (0, 1) and (known.diff()[1:] == 1).all()
        return "index" if counts else "number"
    if len(known) and known.astype(str).str.match(DATE).mean() > 0.9:
        return "date"
    return "text" if column.nunique() > MOST_VALUES else "category"


def _task(column):
    many = _is_numeric(column) and (column.nunique() > 10 or (column.dropna() % 1 != 0).any())
    return "regression" if many else "classification"


def _guessed(table):
    """Return the column that looks like a target: by its name, or else the last that is a number or a category."""
    able = [one for one in table if table[one].nunique() > 1 and _kind(table[one]) in ("number", "category")]
    named = [one for one in able if one.strip().lower() in TARGETS]
    return (named or able or list(table))[-1]


def look(content, size=0):
    """Return what a file holds: its columns, first rows, a guess at the target; or {"refused": a sentence}.

    A file may have more bytes than its first ones, which are given: `size`.
    """
    content = bytes(content)
    try:
        words, read = _opened(content, size)
        table = _frame(content, read)
    except Refused as refused:
        return {"refused": str(refused)}
    except Exception as error:
        said = " ".join(str(error).split())
        faults = [
            (fault, found.groupdict()) for fault, pattern in FAULTS.items() if (found := re.search(pattern, said))
        ]
        fault, values = [*faults, ("unread", {"error": said[:200]})][0]
        return {"refused": _say(fault, **values)}
    header = [one.strip() for one in words.iloc[0]]
    twice = ", ".join(sorted({one for one in header if one and header.count(one) > 1}))
    nameless = 2 * sum(re.fullmatch(r"[-+.\d]+", one) is not None for one in header) > len(header)
    notes = [
        ("part", "nrows" in read, {"size": math.ceil(size / 1e6), "n": len(table)}),
        ("letters", not read.get("encoding", "utf").startswith("utf"), read),
        ("twice", twice, {"names": twice}),
        ("nameless", nameless, {}),
    ]
    columns = []
    for name, column in table.items():
        counted = {"missing": int(column.isna().sum()), "values": int(column.nunique())}
        columns.append({"name": name, "kind": _kind(column), **counted, "shown": _shown(column)})
    target = _guessed(table)
    found = {"rows": len(table), "columns": columns, "head": words[1:6].to_numpy().tolist(), "read": read}
    found["notes"] = [_say(message, **values) for message, holds, values in notes if holds]
    return {**found, "target": target, "task": _task(table[target])}


def _shown(column):
    first = [str(value) for value in column.dropna().unique()[:5]]
    return ", ".join([one if len(one) <= 20 else f"{one[:19]}…" for one in first[:4]] + ["…"] * (len(first) > 4))


# ---- What looks wrong.


def advise(content, choices):
    """Return the task, the columns to use, warnings (those that `stop` must be answered first), and the space of the model."""
    table, target, model = _frame(bytes(content), choices["read"]), choices["target"], choices.get("model") or "linear"
    task = choices.get("task") or _task(table[target])
    of_columns = list(_of_columns(table, target))
    out = {name for message, name, _ in of_columns if message in OUT}
    proposed = [name for name in table if name not in out and name != target]
    chosen = proposed if choices.get("columns") is None else choices["columns"]
    said = [*of_columns, *_of_target(table, target, task, model), *[("no columns", None, {})] * (not chosen)]
    fields, space = ("name", "low", "high"), MODELS[task, model][2]
    return {
        "task": task,
        "columns": proposed,
        "warnings": [
            {"column": one, "sentence": _say(key, **values), "stops": key in STOPS} for key, one, values in said
        ],
        "space": [dict(zip(fields, one, strict=True), whole=isinstance(one[1], int)) for one in space],
    }


def _of_columns(table, target):
    """Yield what is to say of the columns: the message, the name, and the values of each."""
    for name in table.columns.drop(target):
        column, kind, values = table[name], _kind(table[name]), table[name].nunique()
        if values < 2:
            yield "constant", name, {}
        elif kind in OUT:
            yield kind, name, {"n": values}
        elif _predicts_alone(column, table[target]):
            yield "leak", name, {}
        elif column.hasnans:
            yield "gaps", name, {"share": column.isna().mean()}


def _predicts_alone(column, target):
    """Return True if a tree on a column explains all but a fiftieth of the variance of the target, in rows it has not seen."""
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.tree import DecisionTreeRegressor

    known = pd.DataFrame({"x": column, "y": target}).dropna()
    known = known.sample(min(len(known), 2000), random_state=0)
    if len(known) < LEAST_ROWS or known["y"].nunique() < 2:
        return False
    x, y = (known[one] if _is_numeric(known[one]) else pd.factorize(known[one])[0] for one in known)
    tree, folds = DecisionTreeRegressor(min_samples_leaf=2, random_state=0), KFold(2, shuffle=True, random_state=0)
    return bool(cross_val_score(tree, np.c_[x], y, cv=folds).mean() > 0.98)


def _of_target(table, target, task, model):
    """Yield what is to say of a target that cannot be predicted, of rows that go, and of too few or too many that stay."""
    known = table[target].dropna()
    counts, n = known.value_counts(), len(known)
    if n < len(table):
        yield "targetless", target, {"n": len(table) - n}
    if len(counts) < 2:
        return (yield "one class", target, {})
    if task == "regression" and not _is_numeric(known):
        return (yield "no number", target, {})
    if task == "classification" and n >= LEAST_ROWS:
        large = counts[counts >= LEAST_OF_CLASS]
        n = int(large.sum())
        if not 2 <= len(large) <= MOST_VALUES:
            return (yield "classes", target, {"n": len(counts), "large": len(large), "least": LEAST_OF_CLASS})
        if len(large) < len(counts):
            yield "rare", target, {"least": LEAST_OF_CLASS, "n": len(counts) - len(large)}
        if (share := large.iloc[0] / n) >= 0.9:
            yield "uneven", target, {"share": share}
    if n < LEAST_ROWS:
        yield "few", None, {"n": n, "least": LEAST_ROWS}
    elif n < CLEAR_ROWS:
        yield "unclear", None, {"n": math.ceil(TEST * n)}
    if twins := int(table.duplicated().sum()):
        yield "copies", None, {"n": twins}
    if model == "svm" and n > SLOW_ROWS:
        yield "slow", None, {"n": n}


# ---- The models and their spaces.

KERNEL = [("C", 0.01, 1000.0), ("gamma", 0.0001, 10.0)]
TREES = [("learning_rate", 0.01, 0.5), ("max_iter", 20, 150), ("max_leaf_nodes", 3, 24), ("min_samples_leaf", 3, 60)]
TREES += [("l2_regularization", 0.001, 100.0)]
MODELS = {  # the module, how a model is made, and the range of each hyperparameter
    ("classification", "linear"): ("linear_model", "LogisticRegression(max_iter=2000)", [("C", 0.0001, 1000.0)]),
    ("regression", "linear"): ("linear_model", "Ridge()", [("alpha", 0.0001, 10000.0)]),
    ("classification", "svm"): ("svm", "SVC()", KERNEL),
    ("regression", "svm"): ("svm", "SVR()", [*KERNEL, ("epsilon", 0.001, 1.0)]),
    ("classification", "boosting"): ("ensemble", "HistGradientBoostingClassifier(random_state=SEED)", TREES),
    ("regression", "boosting"): ("ensemble", "HistGradientBoostingRegressor(random_state=SEED)", TREES),
}


# ---- The program.

PROGRAM = '''\
"""{title}"""

import numpy as np
import pandas as pd
from sklearn.compose import {compose}make_column_selector as selector, make_column_transformer
from sklearn.dummy import {Dummy}
from sklearn.impute import SimpleImputer
from sklearn.model_selection import {Folds}, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.{module} import {name}

import hpt_lab as hpt
from hpt_lab.report import verdict

TARGET, TRIALS, FOLDS, SEED = {target}, {trials}, {folds}, {seed}
COLUMNS = {columns}

# {rows}
table = pd.read_csv({file}{read}, low_memory=False)
table = table.replace([np.inf, -np.inf], np.nan).dropna(subset=[TARGET])
{rare}
# {aside}
y = table[TARGET]
X, X_test, y, y_test = train_test_split(table[COLUMNS], y, test_size={test}, random_state=SEED{stratify})

# {inside}
numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
categories = OneHotEncoder(max_categories=20, handle_unknown="infrequent_if_exist", sparse_output=False)
columns = make_column_transformer((numbers, selector(dtype_include="number")), remainder=categories)
model = Pipeline([("columns", columns), ("model", {model})])
space = {{
{space}}}
folds, scoring = {Folds}(FOLDS, shuffle=True, random_state=SEED), {scoring}


def watch(study, trial):
    print(f"{trial}", trial.error or f"{{trial.value:.4g}}")


# {searches}
searches = []
for name, strategy in {{"random": hpt.RandomSearch(), "Bayesian": hpt.BayesianOptimization()}}.items():
    kept = {{"n_trials": TRIALS, "random_state": SEED, "storage": "your_table.db", "name": name, "callbacks": [watch]}}
    searches.append(hpt.SearchCV(model, space, strategy=strategy, cv=folds, scoring=scoring, **kept).fit(X, y))
tuned = max(searches, key=lambda search: search.best_score_)
promised = tuned.best_score_ - cross_val_score(model, X, y, cv=folds, scoring=scoring).mean()

# {judged}
floor, default = {floor}.fit(X, y), model.fit(X, y)
models = {{"floor": floor, "default": default, "tuned": tuned.best_estimator_}}
losses = {{name: {loss} for name, one in models.items()}}
answer = verdict(losses, len(y), promised, [search.study_ for search in searches]{percent})
print(answer{said}, tuned.best_params_, sep="\\n")
'''
RARE = 'table = table[table.groupby(TARGET)[TARGET].transform("size") >= {least}].astype({{TARGET: str}})\n'
OF_TASK = {  # of classification, of regression
    "Dummy": ("DummyClassifier", "DummyRegressor"),
    "floor": ("DummyClassifier()", 'DummyRegressor(strategy="median")'),
    "Folds": ("StratifiedKFold", "KFold"),
    "stratify": (", stratify=y", ""),
    "rare": (RARE.format(least=LEAST_OF_CLASS), ""),
    "scoring": ('"accuracy"', '"neg_mean_absolute_error"'),
    "loss": ("(one.predict(X_test) != y_test).to_numpy(float)", "np.abs(one.predict(X_test) - y_test).to_numpy()"),
    "percent": (", percent=True", ""),
}


def _code(value):
    """Return a value as Python code."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, list)) else repr(value)


def program(choices):
    """Return the program of these choices, which runs the same in the page and on any machine, if scikit-learn is the same."""
    from sklearn import __version__

    (module, model, _), compose, step = MODELS[choices["task"], choices["model"]], "", "model__"
    name, regression = model.partition("(")[0], choices["task"] == "regression"
    if name == "SVR":  # the one that needs a target of the size of its epsilon
        model, step = f"TransformedTargetRegressor({model}, transformer=StandardScaler())", "model__regressor__"
        compose = "TransformedTargetRegressor, "
    space = ""
    for one in choices["space"]:
        kind, number = ("Int", int) if one["whole"] else ("Float", float)
        space += f'    "{step}{one["name"]}": hpt.{kind}({number(one["low"])!r}, {number(one["high"])!r}, log=True),\n'
    trial = {"name": "{study.name}", "number": "{trial.number + 1}", "all": "{TRIALS}"}
    return PROGRAM.format(
        **{part: _code(choices[part]) for part in ("target", "columns", "file", "trials", "folds", "seed")},
        **{part: _say(part) for part in ("aside", "inside", "searches", "judged")},
        **{part: both[regression] for part, both in OF_TASK.items()},
        **{"module": module, "model": model, "name": name, "compose": compose, "space": space, "test": TEST},
        read="".join(f", {key}={_code(value)}" for key, value in choices["read"].items()),
        title=_say("title", version=__version__),
        rows=_say(("rows and classes", "rows")[regression], least=LEAST_OF_CLASS),
        trial=_say("trial", **trial),
        said="" if _language() == "en" else f'.said("{_language()}")',
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
    """Return how many seconds the program takes, by two fits: of the defaults, and of the middle of the space."""
    names = {"__name__": "timed"}
    exec(program(choices).partition("\n\ndef watch")[0], names)
    model, rows, began = names["model"], (names["X"], names["y"]), math.inf
    for params in ({}, {}, {name: one.decode(0.5) for name, one in names["space"].items()}):
        model.set_params(**params).fit(*rows)
        began = min(began, time.perf_counter())  # the first fit imports, too
    return (time.perf_counter() - began) / 2 * ((2 * names["TRIALS"] + 1) * names["FOLDS"] + 4)


def _kernel():
    from IPython import get_ipython

    return get_ipython().kernel


def run(program):
    """Run a program in the page, which hears with each line of the file that a stopped one continues from; return `results`, or nothing."""
    import base64
    import sqlite3
    from contextlib import closing

    kernel = _kernel()

    def told(message):
        with closing(sqlite3.connect("your_table.db")) as file:
            kernel.send({**message, "file": base64.b64encode(file.serialize()).decode()})

    kernel.stream = type(kernel.stream)(told)
    return None if kernel.run(0, program) else results(kernel.names)


def results(names):
    """Return the verdict that a program has left in its namespace."""
    from hpt_lab.tools.report import languages

    answer, tuned, say = names["answer"], names["tuned"].study_, languages.say(_language())
    found = {"answer": answer.answer, "gain": answer.gain, "error": answer.error, "gained": answer.told[0][1]["gain"]}
    found["losses"] = {name: float(losses.mean()) for name, losses in names["losses"].items()}
    found["sentences"] = [{"sentence": say(one, **values), "lesson": lesson} for one, values, lesson in answer.told]
    return {**found, "strategy": tuned.name, "params": dict(tuned.best_params)}


def report(title, names=None):
    """Return the report of the better search as the text of one HTML file: the verdict, then what the report says."""
    from dataclasses import replace

    from hpt_lab.tools.report import facts, languages, sections, writing

    names = names or _kernel().names
    page = sections.compose(facts.Facts(names["tuned"].study_), title, languages.say(_language()))
    said = [one["sentence"] for one in results(names)["sentences"]]
    return writing.html(replace(page, sentences=[*said, *page.sentences]), _language())
