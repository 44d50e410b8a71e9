"""Studies in files, from a shell: `python -m hpt_lab`, or `hpt-lab` if it is installed.

    hpt-lab list   runs.db                        the studies in the file
    hpt-lab show   runs.db svm --best -n 10       the trials, newest first or best first
    hpt-lab best   runs.db svm                    the best params, as JSON
    hpt-lab export runs.db svm -o trials.csv      all trials, as CSV or JSON
    hpt-lab report runs.db svm -o svm.html        a page with figures, as HTML or Markdown
    hpt-lab serve  runs.db                        a live page of all studies, on this machine
    hpt-lab copy   runs.db svm other.db new       a copy of a study
    hpt-lab rename runs.db svm svc                another name for a study
    hpt-lab delete runs.db svm                    asks first
    hpt-lab race   my_strategy.py                 your strategy against the lab's own; see `hpt_lab.tools.race.race`

The name may be left out if the file holds only one study, unless it is copied, renamed, or deleted. You can look at a study while
others work on it. Errors are one sentence on standard error, with exit code 2 for a call that makes no sense, and 1 for
a file that cannot be used. Chapter 5.
"""

import argparse
import errno
import io
import json
import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from hpt_lab.study import Study, Trial, studies
from hpt_lab.study.history import budget_note
from hpt_lab.study.tables import Reader, as_csv, columns
from hpt_lab.tools.race.race import add_command
from hpt_lab.tools.report import report
from hpt_lab.tools.report.languages import LANGUAGES
from hpt_lab.tools.serve import serve
from hpt_lab.tools.storage.records import copy_study, delete_study, rename_study
from hpt_lab.values.checks import positive, short
from hpt_lab.values.display import shown, shown_row
from hpt_lab.values.files import check_writable, write_whole
from hpt_lab.values.frozen import unfrozen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in these arguments (if None, those of this process), and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # for characters that the terminal's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        code: int | None = options.command(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except ImportError as error:
        return _failed(f"a page needs jinja2 and matplotlib, but one is missing: {error}")
    except (ValueError, OverflowError) as error:  # a StorageError is a ValueError
        return _failed(str(error))
    except OSError as error:
        if error.filename is None and error.errno in (errno.EPIPE, errno.EINVAL):  # the reader has read enough, as
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `head` does: EINVAL on Windows
            return 141
        return _failed(f"{short(error.filename, 200)} cannot be written: {error.strerror}")
    return code or 0


def _failed(sentence: str) -> int:
    print(f"hpt-lab: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


def _list(options: argparse.Namespace) -> None:
    heads = ("name", "strategy", "direction", "trials", "complete", "failed", "running", "best value", "created")
    rows = []
    for study in studies(options.file):
        created = datetime.fromtimestamp(study.created).isoformat(" ", "minutes")
        counts = study.n_trials, study.n_complete, study.n_failed, study.n_running
        strategy = study.strategy.partition("(")[0]
        rows.append((study.name, strategy, study.direction, *counts, study.best_value, created))
    _print_table(heads, rows)


def _show(options: argparse.Namespace) -> None:
    study = Study.open(options.file, options.name)
    history = study.history
    trials: Sequence[Trial] = history.ranked if options.best else tuple(history.trials)[::-1]
    reads: dict[str, Reader] = {"trial": attrgetter("number"), "state": attrgetter("state")}
    last: dict[str, Reader] = {"seconds": lambda trial: "" if trial.seconds is None else f"{trial.seconds:.3g}"}
    last["error"] = lambda trial: " ".join((trial.error or "").split())
    budget = {"budget": attrgetter("budget")} if any(trial.budget is not None for trial in history.trials) else {}
    values, params, _ = columns(history, {*reads, *budget, *last})
    reads |= values | budget | params | last
    _print_table([*reads], [[read(trial) for read in reads.values()] for trial in trials[: options.number]])
    if at := budget_note(history):
        print(f"best value {shown(study.best_value)}{at}")


def _best(options: argparse.Namespace) -> None:
    study = Study.open(options.file, options.name)
    print(json.dumps(study.best_params, indent=2, default=repr))
    if "(" in (at := budget_note(study.history)):  # there are better values at a lower budget
        print(f"hpt-lab: best value {shown(study.best_value)}{at}", file=sys.stderr)


def _export(options: argparse.Namespace) -> None:
    study = Study.open(options.file, options.name)
    after = ("budget", "value", "state", "error", "started", "seconds")
    if options.format == "json":
        more = ("spent", "stopped", "expected") if study.history.stopped else ()
        names = ("number", "params", *after, "info", "attributes", "curve", "values", "constraints", *more)
        trials = [{name: unfrozen(getattr(trial, name)) for name in names} for trial in study.trials]
        _write(options, json.dumps(trials, indent=1, default=repr) + "\n")
        return
    _write(options, as_csv(study.history, after))


def _report(options: argparse.Namespace) -> None:
    study = Study.open(options.file, options.name)
    _write(options, report(study, title=study.name, format=options.format, language=options.language))


def _serve(options: argparse.Namespace) -> None:
    with serve(options.file, port=options.port, language=options.language, edit=options.edit) as server:
        print(f"{server.url} shows the studies of {shown(options.file)}; Ctrl+C ends it", flush=True)
        if options.open:
            webbrowser.open(server.url)
        with suppress(KeyboardInterrupt):
            while not server.closing.wait(1.0):  # an interrupt ends it on Windows, too
                pass


def _delete(options: argparse.Namespace) -> None:
    what = f"study {short(options.name)} in {shown(options.file)}"
    if not options.yes:
        print(f"Delete {what}, with all its trials? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise ValueError("nothing was deleted; answer y, or give --yes")
    n = delete_study(options.file, options.name, options.force)
    print(f"deleted {what}, with {n} trial{'s' * (n != 1)}")


def _copy(options: argparse.Namespace) -> None:
    n = copy_study(options.file, options.name, options.to, options.new)
    to = f"study {short(options.name if options.new is None else options.new)} in {shown(options.to)}"
    print(f"copied study {short(options.name)}, with {n} trial{'s' * (n != 1)}, to {to}")


def _rename(options: argparse.Namespace) -> None:
    rename_study(options.file, options.name, options.new)
    print(f"renamed study {short(options.name)} in {shown(options.file)} to {short(options.new)}")


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table with columns as wide as their longest cell."""
    lines = [shown_row(row) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _write(options: argparse.Namespace, text: str) -> None:
    if options.output is not None:
        write_whole(Path(options.output), text)
        return
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():  # a pipe gets what a file would
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    sys.stdout.write(text)


def _number(text: str) -> int:
    try:
        return positive("-n", int(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} must be a whole number of at least 1") from None


def _parser() -> argparse.ArgumentParser:
    text = "Look at studies that are stored in a file, with Study(..., storage='runs.db'), copy, rename, or delete one, or race a strategy."
    parser = argparse.ArgumentParser(prog="hpt-lab", description=text)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, do: Callable[[argparse.Namespace], None], text: str, needs: bool | None = False) -> Any:
        """Add a command; `needs`: whether it needs the name of a study, or None if it takes none."""
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.add_argument("file", metavar="FILE", help="the file, such as runs.db")
        if needs is not None:
            more = "" if needs else "; not needed if there is one"
            command.add_argument("name", metavar="NAME", nargs=None if needs else "?", help=f"of the study{more}")
        command.set_defaults(command=do)
        return command

    def add_writing(name: str, do: Callable[[argparse.Namespace], None], text: str, *formats: str) -> Any:
        """Add a command that writes a file, in the format that is given, or that of its suffix, or the first one."""
        command = add(name, do, text)
        command.add_argument("-o", "--output", metavar="OUT", help="the file to write, by default standard output")
        command.add_argument("--format", choices=formats, help=f"by default that of OUT's suffix, or {formats[0]}")

        def run(options: argparse.Namespace) -> None:
            if options.format is None:
                options.format = Path(options.output or "").suffix.lower().lstrip(".") or formats[0]
            if options.format not in formats:
                right = " or ".join(f".{one}" for one in formats)
                command.error(f"-o {options.output} must end in {right}, or give --format")
            if options.output is not None:
                check_writable(Path(options.output))
            do(options)

        command.set_defaults(command=run)
        return command

    add("list", _list, "the studies in a file, one per line", needs=None)
    show = add("show", _show, "the trials of a study, newest first")
    show.add_argument("-n", "--number", type=_number, default=20, help="number of trials to show (20)")
    show.add_argument("--best", action="store_true", help="show the complete trials, best first")
    add("best", _best, "the params of the best trial, as JSON")
    add_writing("export", _export, "all trials of a study, as CSV or JSON", "csv", "json")
    text = "one page on a study, figures included, as HTML or Markdown"
    page = add_writing("report", _report, text, "html", "md")
    page.add_argument("--language", choices=LANGUAGES, default="en", help="language of the page's own words (en)")
    text = "a live page of the studies in a file, which follows their searches in a browser on this machine"
    live = add("serve", _serve, text, needs=None)
    live.add_argument("--port", type=int, default=0, help="of the page's address (any free one)")
    live.add_argument("--open", action="store_true", help="open the page in a browser")
    live.add_argument("--language", choices=LANGUAGES, default="en", help="language of the page's own words (en)")
    live.add_argument("--edit", action="store_true", help="let this page change notes, rename studies, and delete them")
    copy = add("copy", _copy, "copy a study, with all that is kept with it, to another file or name", needs=True)
    copy.add_argument("to", metavar="OTHER", help="the file that gets the copy, made if it does not exist")
    copy.add_argument("new", metavar="NEW", nargs="?", help="name of the copy, by default the same")
    rename = add("rename", _rename, "give a study another name, under which its search is resumed", needs=True)
    rename.add_argument("new", metavar="NEW", help="the other name")
    delete = add("delete", _delete, "delete a study and its trials, for good", needs=True)
    delete.add_argument("-y", "--yes", action="store_true", help="delete without asking")
    delete.add_argument("--force", action="store_true", help="even while a process trains one of its trials")
    add_command(commands)
    return parser
