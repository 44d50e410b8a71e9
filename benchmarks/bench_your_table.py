"""How often the page "Your own table" says that tuning was worth it: on tables of noise, and where it pays by construction.

    python benchmarks/bench_your_table.py            100 tables of each kind, four minutes
    python benchmarks/bench_your_table.py 10         10 of each
    python benchmarks/bench_your_table.py 100 25 5   with 25 trials per search in five folds, as the page begins

Each table is written to a file, looked at, advised on, and tuned by the program that the page writes, run here line by line. A
table of *noise* has 240 rows and six columns that know nothing of the target: a number with heavy tails, or one of two classes,
six in ten. Where tuning *pays*, in 400 rows, a support vector machine meets a chessboard of 4 x 4 fields, or waves in two
directions (its default width blurs both), and a ridge regression 280 columns of which three matter (its default hardly shrinks).
A *yes* is a false alarm in the first kind, and right in the second. Beside it stand other rules on the same losses.
With the page's 25 trials in five folds, at four seconds a table, none of 100 tables of noise got a yes, and 36 of the first 37 that
pay; the other 63 have not been run.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from book.press.live.browser import your_table
from hpt_lab.tools.report.worth import corrected

NOISE = [(task, model) for model in ("svm", "linear", "boosting") for task in ("classification", "regression")]
PAYS = [("classification", "svm"), ("regression", "svm"), ("regression", "linear")]
TRIALS = {"linear": 8, "svm": 8, "boosting": 4}  # per search, in three folds: where no other plan is given


def noise(rng, task, model, n=240):
    """Return a table whose columns know nothing of its target."""
    table = pd.DataFrame(rng.normal(size=(n, 6)), columns=[f"x{i}" for i in range(6)])
    return table.assign(target=rng.random(n) < 0.6 if task == "classification" else rng.standard_t(3, size=n))


def pays(rng, task, model, n=400):
    """Return a table on which the defaults of a model lose much."""
    if model == "linear":
        x = rng.normal(size=(n, 280))
        y = x[:, :3].sum(axis=1) + rng.normal(size=n)
    elif task == "regression":
        x = rng.uniform(0, 4, size=(n, 2))
        y = np.sin(3 * x).prod(axis=1) + 0.2 * rng.normal(size=n)
    else:
        x = rng.uniform(0, 4, size=(n, 2))
        y = np.where((x.astype(int).sum(axis=1) % 2 == 1) ^ (rng.random(n) < 0.05), "black", "white")
    return pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])]).assign(target=y)


def run(table, task, model, trials, folds, seed):
    """Return the names that the program of a table leaves; it runs in a folder of its own."""
    content = table.to_csv(index=False).encode()
    seen = your_table.look(content)
    choices = {"file": "table.csv", "read": seen["read"], "target": "target", "task": task, "model": model}
    choices |= {"trials": trials, "folds": folds, "seed": seed}
    advice = your_table.advise(content, choices)
    assert not any(one["stops"] for one in advice["warnings"]), advice["warnings"]
    program, names, before = (
        your_table.program(choices | {key: advice[key] for key in ("columns", "space")}),
        {},
        Path.cwd(),
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        try:
            Path("table.csv").write_bytes(content)
            exec(compile(program, "your_table.py", "exec"), names)
        finally:
            os.chdir(before)
            for search in names.get("searches", ()):
                search.study_.close()
    return names


def others(names):
    """Return the answers of other rules: whether each says yes."""
    floor, default, tuned = (names["losses"][name] for name in ("floor", "default", "tuned"))
    gain, n = default - tuned, len(tuned)
    plain = gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(n)
    lead, error = corrected(floor, tuned, len(names["y"]))
    return {
        "promised": names["promised"] > 0,
        "plain error, no floor": plain,
        "plain error, floor": plain and lead > 2 * error,
    }


def measure(make, kinds, draws, first, trials, folds):
    """Return the answers of `draws` tables by model, and how often each other rule said yes."""
    answers, rules = Counter(), Counter()
    for draw in range(draws):
        task, model = kinds[draw % len(kinds)]
        table = make(np.random.default_rng([first, draw]), task, model)
        names = run(table, task, model, trials or TRIALS[model], folds, seed=draw)
        answers[model, names["answer"].answer] += 1
        rules.update({name: int(yes) for name, yes in others(names).items()})
        print(make.__name__, draw + 1, task, model, names["answer"].answer, file=sys.stderr)
    return answers, rules


def main(draws=100, trials=None, folds=3):
    began = time.process_time()
    for make, kinds, first in ((noise, NOISE, 1), (pays, PAYS, 2)):
        answers, rules = measure(make, kinds, draws, first, trials, folds)
        total = {
            answer: sum(n for (_, one), n in answers.items() if one == answer)
            for answer in ("yes", "no", "cannot be told")
        }
        print(f"{make.__name__}, {draws} tables: {total}")
        print("  by model: ", ", ".join(f"{model} {answer} {n}" for (model, answer), n in sorted(answers.items())))
        print("  yes by other rules: ", dict(rules))
    print(f"{(time.process_time() - began) / 60:.1f} minutes of one processor")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
