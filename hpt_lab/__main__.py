"""Studies in files, from a shell: `python -m hpt_lab`, or `hpt-lab` where it is installed.

    hpt-lab list   runs.db                        which studies there are
    hpt-lab show   runs.db svm --best -n 10       the trials, newest first or best first
    hpt-lab best   runs.db svm                    the best params, as JSON
    hpt-lab export runs.db svm -o trials.csv      all trials, as CSV or JSON
    hpt-lab report runs.db svm -o svm.html        one page with figures, as HTML or Markdown
    hpt-lab race   my_strategy.py                 a strategy of yours against the lab's own; see `hpt_lab.race.command`

The name may be left out where the file holds one study. Nothing here changes a study, and several may look while others
work on it. What is wrong is one sentence on standard error: exit code 2 for a call that makes no sense, 1 for a file that
cannot be used. Chapter 5.
"""

from __future__ import annotations

import argparse
import csv
import errno
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hpt_lab.race import command as race
from hpt_lab.report import report, write_whole
from hpt_lab.report.languages import LANGUAGES
from hpt_lab.study import StorageError, Study, Trial, studies
from hpt_lab.study.history import at_budget
from hpt_lab.study.tables import table
from hpt_lab.values.checks import positive, short
from hpt_lab.values.display import shown
from hpt_lab.values.frozen import fresh

__all__ = ["main"]

FORMATS = {"export": ("csv", "json"), "report": ("html", "md")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments of a command line say, those of this process if None; the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # what a terminal of another language cannot write
        sys.stdout.reconfigure(errors="backslashreplace")
    given = _parser().parse_args(arguments)
    try:
        code: int | None = given.command(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except ImportError as error:
        return _failed(f"a report draws its figures with matplotlib, which is missing: {error}")
    except StorageError as error:
        return _failed(str(error))
    except OSError as error:
        if error.filename is None and error.errno in (errno.EPIPE, errno.EINVAL):  # who reads us has read enough, as
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `head` does: EINVAL on Windows
            return 141
        return _failed(f"{short(error.filename, 200)} cannot be written: {error.strerror}")
    except (ValueError, OverflowError) as error:
        return _failed(str(error))
    return code or 0


def _failed(sentence: str) -> int:
    print(f"hpt-lab: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


# The commands


def _list(given: argparse.Namespace) -> None:
    heads = ("name", "strategy", "direction", "trials", "complete", "failed", "running", "best value", "created")
    rows = []
    for study in studies(given.file):
        created = datetime.fromtimestamp(study.created).isoformat(" ", "minutes")
        counts = map(str, (study.n_trials, study.n_complete, study.n_failed, study.n_running))
        strategy = study.strategy.partition("(")[0]
        rows.append((shown(study.name), shown(strategy), study.direction, *counts, shown(study.best_value), created))
    _print_table(heads, rows)


def _show(given: argparse.Namespace) -> None:
    study = Study.open(given.file, given.name)
    history = study.history
    chosen: Sequence[Trial] = history.ranked if given.best else tuple(history.trials)[::-1]
    budgets = _has_budgets(study)
    heads = ("trial", "state", "value", *(("budget",) if budgets else ()), *study.space, "seconds", "error")
    rows = []
    for trial in chosen[: given.number]:
        budget = (shown(trial.budget),) if budgets else ()
        params = (shown(trial.params[name]) if name in trial.params else "" for name in study.space)
        seconds = "" if trial.seconds is None else f"{trial.seconds:.3g}"
        error = shown(" ".join((trial.error or "").split()))
        rows.append((str(trial.number), trial.state, shown(trial.value), *budget, *params, seconds, error))
    _print_table(heads, rows)
    if seen := at_budget(history):
        print(f"best value {shown(study.best_value)}{seen}")


def _best(given: argparse.Namespace) -> None:
    study = Study.open(given.file, given.name)
    print(json.dumps(study.best_params, indent=2, default=repr))
    if "(" in (seen := at_budget(study.history)):  # a lower budget shows better ones
        print(f"hpt-lab: best value {shown(study.best_value)}{seen}", file=sys.stderr)


def _export(given: argparse.Namespace) -> None:
    study = Study.open(given.file, given.name)
    after = ("budget", "value", "state", "error", "started", "seconds")
    if given.format == "json":
        trials = [
            {"number": trial.number, "params": fresh(trial.params)}
            | {name: getattr(trial, name) for name in after}
            | {"info": fresh(trial.info), "attributes": fresh(trial.attributes), "curve": list(trial.curve)}
            for trial in study.trials
        ]
        _write(given, json.dumps(trials, indent=1, default=repr) + "\n")
        return
    columns, rows = table(study.history, after)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    _write(given, text.getvalue())


def _report(given: argparse.Namespace) -> None:
    study = Study.open(given.file, given.name)
    title = given.name or studies(given.file)[0].name
    _write(given, report(study, title=title, format=given.format, language=given.language))


# What they have in common


def _has_budgets(study: Study) -> bool:
    return any(trial.budget is not None for trial in study.trials)


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their longest cell."""
    heads = [shown(head) for head in heads]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _write(given: argparse.Namespace, text: str) -> None:
    if given.output is None:
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():  # a pipe gets what a file would
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
        sys.stdout.write(text)
        return
    write_whole(Path(given.output), text)


def _format(parser: argparse.ArgumentParser, command: str, given: argparse.Namespace) -> None:
    """The format that was named, or that the suffix of the output tells, or the first."""
    formats = FORMATS[command]
    suffix = "" if given.output is None else Path(given.output).suffix.lower().lstrip(".")
    if given.format is None and suffix and suffix not in formats:
        parser.error(f"-o {given.output} must end in {' or '.join('.' + name for name in formats)}, or give --format")
    if given.format is None:
        given.format = suffix or formats[0]


def _number(text: str) -> int:
    try:
        return positive("-n", int(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} must be a whole number of at least 1") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hpt-lab",
        description="Look at studies that were kept in a file, Study(..., storage='runs.db'), or race a strategy.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, do: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        one.add_argument("file", metavar="FILE", help="the file, as runs.db")
        if do is not _list:
            one.add_argument("name", metavar="NAME", nargs="?", help="of the study; not needed where there is one")
        one.set_defaults(command=do)
        return one

    command("list", _list, "the studies of a file, one a line")
    show = command("show", _show, "the trials of a study, newest first")
    show.add_argument("-n", "--number", type=_number, default=20, help="how many (20)")
    show.add_argument("--best", action="store_true", help="the complete trials, best first")
    command("best", _best, "the params of the best trial, as JSON")
    for name, do, text in (
        ("export", _export, "all trials of a study, as CSV or JSON"),
        ("report", _report, "one page on a study, with its figures inside: HTML or Markdown"),
    ):
        one = command(name, do, text)
        formats = FORMATS[name]
        one.add_argument("-o", "--output", metavar="OUT", help="the file to write; standard output if not given")
        one.add_argument("--format", choices=formats, help=f"by default what OUT ends in, or {formats[0]}")
        if name == "report":
            one.add_argument("--language", choices=LANGUAGES, default="en", help="of the page's own words (en)")

        def checked(given: argparse.Namespace, one: Any = one, name: str = name, do: Any = do) -> None:
            _format(one, name, given)
            do(given)

        one.set_defaults(command=checked)
    race.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
