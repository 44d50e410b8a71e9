"""Runs the checks of a notebook, in a process that no answer has been in: what a check calls of an answer is at the end of a line.

It reads requests from standard input, and answers on standard output, one in each line, as JSON. `Judge` is its other side.
"""

import contextlib
import io
import json
import linecache
import os
import sys
import time
import traceback
from multiprocessing.connection import Listener
from unittest.mock import MagicMock

from line import Late, Line

TRUSTED = {"get_ipython": MagicMock(), "display": print}


def main(answers):
    said = json.loads(sys.stdin.readline())
    names = {"__name__": "__main__", **TRUSTED}
    with Listener(said["address"], authkey=bytes.fromhex(said["key"])) as listener:
        answer(answers, address=listener.address)
        for text in sys.stdin:
            request = json.loads(text)
            error = next(filter(None, (run(source, names) for source in request["given"])), None)
            if error:
                answer(answers, fault=f"{error[0]}: {error[1]}")
            else:
                answer(answers, **check(listener, names, **request))


def answer(file, **said):
    file.write(json.dumps(said) + "\n")
    file.flush()


def check(listener, names, check, wanted, lent, seconds, **_):
    """Return what a check prints, and the error that it ends with."""
    end = time.monotonic() + seconds
    with listener.accept() as connection, contextlib.redirect_stdout(io.StringIO()) as printed:
        line = Line(connection, careful=True, shared=None, until=end)
        error = outcome(exchange, line, names, wanted, lent) or run(check, names)
    return {"printed": printed.getvalue(), "error": error}


def exchange(line, names, wanted, lent):
    """Take over the names that the answers give, and lend them the functions that the check replaces, whatever these are then."""
    for name in wanted:
        names.pop(name, None)
        with contextlib.suppress(KeyError):
            names[name] = line.ask(0, "__getitem__", name)
    for name in lent:
        line.ask(0, "__setitem__", name, lambda *args, name=name, **kwargs: names[name](*args, **kwargs))


def run(source, names):
    """Run a cell, whose lines a traceback shows."""
    place = f"<cell {len(linecache.cache)}>"
    linecache.cache[place] = len(source), None, source.splitlines(keepends=True), place
    return outcome(lambda: exec(compile(source, place, "exec"), names))


def outcome(action, *args):
    """Do something; return its error as a name, a message and a traceback, or None."""
    try:
        action(*args)
    except Late:
        return "CellTimeoutError", "", ["CellTimeoutError: the answer takes too long"]
    except (EOFError, BrokenPipeError, ConnectionError) as error:
        said = str(error) or "the answer's process hung up on the check"
        return "Tampering", said, [f"Tampering: {said}"]
    except BaseException as error:
        here = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<cell")]
        lines = [*traceback.format_list(here), *traceback.format_exception_only(error)]
        return type(error).__name__, str(error), "".join(lines).splitlines()
    return None


if __name__ == "__main__":
    with open(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        main(answers)
