"""Runs the cells of a page as IPython would, in the browser's Python.

`Kernel.run` executes a cell and sends what it shows through a function: {"kind": "text" | "error", "text": ...} or
{"kind": "display", "data": {type: content}, "id": ..., "update": ...}. `Kernel.order` says which cells run first (by their
names: names.py). Both modules need nothing beside Python's library, and run in any Python: the tests run them in theirs.
"""

import ast
import base64
import builtins
import io
import linecache
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pprint import PrettyPrinter

from .names import needs

# The richest form first, as the book shows it.
FORMS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "text/latex": "_repr_latex_",
}
WIDTH = 79  # columns of a value, as in IPython
MOMENT = 0.05  # seconds


class _Shown:
    """A content of one type, as the names in IPython.display make it."""

    form = "text/plain"

    def __init__(self, data=None, url=None, filename=None, **ignored):
        if filename is not None:
            with open(filename, "rb") as file:
                data = file.read()
        self.data = data

    def bundle(self):
        data = self.data
        if isinstance(data, bytes):
            data = data.decode() if self.form == "image/svg+xml" else base64.b64encode(data).decode()
        return {self.form: str(data), "text/plain": repr(self)}

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class HTML(_Shown):
    form = "text/html"


class Markdown(_Shown):
    form = "text/markdown"


class SVG(_Shown):
    form = "image/svg+xml"


class Image(_Shown):
    form = "image/png"


class Latex(_Shown):
    form = "text/latex"


class Math(Latex):
    def bundle(self):
        return {self.form: f"$\\displaystyle {self.data}$", "text/plain": repr(self)}


def plain(value):
    """Return the text of a value, wrapped as IPython does."""
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        return PrettyPrinter(width=WIDTH, sort_dicts=False).pformat(value)
    return repr(value)


def bundle(value):
    """Return all forms of a value, by MIME type."""
    if isinstance(value, _Shown):
        return value.bundle()
    data = {}
    if not isinstance(value, type):
        for form, method in FORMS.items():
            made = getattr(value, method, None)
            content = made() if callable(made) else None
            content = content[0] if isinstance(content, tuple) else content
            if content is not None:
                data[form] = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    return data | {"text/plain": plain(value)}


class _Stream(io.TextIOBase):
    """Passes on what is printed: each line at once, and after twenty within MOMENT those that follow together.

    So a page that is sent a million lines still answers.
    """

    def __init__(self, send):
        self._send, self._parts, self._since, self._times = send, [], 0.0, 0

    def writable(self):
        return True

    def write(self, text):
        self._parts.append(text)
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self):
        if not self._parts:
            return
        if (now := time.perf_counter()) - self._since > MOMENT:
            self._since, self._times = now, 0
        self._times += 1
        if self._times <= 20:
            self.empty()

    def empty(self):
        if text := "".join(self._parts):
            self._parts.clear()
            self._send({"kind": "text", "text": text})


class _Nobody(io.TextIOBase):
    """The standard input of a page: there is nobody to ask."""

    def readline(self, size=-1):
        raise EOFError("a page has no input")

    read = readline


class Kernel:
    """The interpreter of a page: one namespace, in which its cells run.

    `send` takes what a cell shows.
    """

    def __init__(self, send: Callable[[dict], None]) -> None:
        self.send, self.stream = send, _Stream(send)
        self.names: dict = {"__name__": "__main__", "__builtins__": builtins}
        self.done: dict[int, tuple[int, str]] = {}  # when each cell has run to its end, and its source then
        self._clock = 0
        self._displays = 0
        self._install()
        warnings.filterwarnings("ignore", module="threadpoolctl")  # of what a browser's Python has no threads for

    # ---- What cells import from IPython.

    def _install(self):
        display = types.ModuleType("IPython.display")
        for made in (HTML, Markdown, SVG, Image, Latex, Math):
            setattr(display, made.__name__, made)
        display.display, display.clear_output = self.display, self._clear
        package = types.ModuleType("IPython")
        nothing = types.SimpleNamespace(register=lambda *_: None, unregister=lambda *_: None)
        shell = types.SimpleNamespace(kernel=self, events=nothing)  # with a kernel: a notebook
        package.display, package.get_ipython, package.version_info = display, lambda: shell, (9, 0, 0)
        sys.modules["IPython"], sys.modules["IPython.display"] = package, display
        self.names["display"], self.names["get_ipython"] = self.display, package.get_ipython
        sys.stdin = _Nobody()

    def _clear(self, wait=False):
        self.stream.empty()
        self.send({"kind": "clear"})

    def display(self, *values, display_id=None, **ignored):
        """Show values; with `display_id`, return a handle whose `update` shows another value in their place."""
        self._displays += 1
        name = f"display-{self._displays}" if display_id is True else display_id
        for value in values:
            self.stream.empty()
            self.send({"kind": "display", "data": bundle(value), "id": name})
        if display_id is None:
            return None
        handle = types.SimpleNamespace(display_id=name)
        handle.update = lambda value: self.send({"kind": "display", "data": bundle(value), "id": name, "update": True})
        return handle

    # ---- Running a cell.

    def run(self, number: int, source: str) -> str:
        """Run a cell in the namespace; return "" at its end, after an error its package that is missing, or "error"."""
        name = f"<cell {number + 1}>"
        linecache.cache[name] = (len(source), None, [f"{line}\n" for line in source.split("\n")], name)
        self.done.pop(number, None)
        with redirect_stdout(self.stream), redirect_stderr(self.stream):
            try:
                tree = ast.parse(source, name)
                last = tree.body.pop() if tree.body and _is_shown(tree.body[-1], source) else None
                exec(compile(tree, name, "exec"), self.names)
                if last is not None:
                    value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)
                    if value is not None:
                        self.names["_"] = value
                        self.display(value)
                self._figures()
            except BaseException as error:
                self._figures()
                self.stream.empty()
                self.send({"kind": "error", "text": explained(error, name)})
                return missing(error) or "error"
            self.stream.empty()
        self._clock += 1
        self.done[number] = self._clock, source
        return ""

    def _figures(self):
        """Show the open figures, and close them: those that a cell has drawn."""
        if "matplotlib.pyplot" not in sys.modules:
            return
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            figure = plt.figure(number)
            if figure.axes or figure.texts or figure.lines:
                self.stream.empty()
                self.send({"kind": "display", "data": {"image/svg+xml": svg(figure)}, "id": None})
        plt.close("all")

    # ---- What runs first.

    def order(self, sources: dict[int, str], number: int, all_above: bool = False) -> list[int]:
        """Return the cells that run for this one, which is the last of them: those above that it needs, or all, but for those
        that have run as they are now, after all that they need.
        """
        again: list[int] = []
        for i in sorted(i for i in sources if i < number) if all_above else needs(sources, number):
            when, source = self.done.get(i, (0, None))
            built_on = needs(sources, i)
            late = any(j in again or self.done.get(j, (0, ""))[0] > when for j in built_on)
            if source != sources[i] or late:
                again.append(i)
        return [*again, number]


def _is_shown(node, source):
    return isinstance(node, ast.Expr) and not source.rstrip().endswith(";")


def svg(figure) -> str:
    """Return a figure as SVG, the same text every time."""
    import matplotlib as mpl

    file = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "hpt", "svg.fonttype": "path"}):
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def explained(error: BaseException, name: str) -> str:
    """Return the traceback of a cell's error: its own lines, and the innermost one of a library."""
    if isinstance(error, SyntaxError) and error.filename == name:
        return "".join(traceback.format_exception_only(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<cell ")]
    if frames and own and frames[-1] is not own[-1] and frames[-1].filename != __file__:
        own.append(frames[-1])
    lines = [f"{frame.filename.strip('<>')}, line {frame.lineno}\n    {frame.line}\n" for frame in own]
    return "".join(lines) + "".join(traceback.format_exception_only(error))


def missing(error: BaseException | None) -> str | None:
    """Return the package that was not found, if that is why the error came up."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ModuleNotFoundError) and error.name:
            return error.name.partition(".")[0]
        error = error.__cause__ or error.__context__
    return None
