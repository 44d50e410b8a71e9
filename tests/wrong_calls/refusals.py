"""Tables of wrong calls: for each kind of argument its wrong values, and the words that say what would be right.

A call is refused in one sentence, `who: argument=value must be what is right`, with a TypeError or a ValueError. A kind is a
list of (error, what is right, wrong values). A table pairs arguments with kinds; what is wrong in its own way is added to it
with its values, or as a single call with the parts that its message must hold.
"""

import functools
import math
import re
import sys
from decimal import Decimal

import numpy as np
import pytest

from hpt_lab import Float, RandomSearch


class Silent:
    """It cannot be shown."""

    def __repr__(self):
        raise RuntimeError("no text")


class Lines:
    """It is shown on several lines."""

    def __repr__(self):
        return "one\ntwo\n" + "three" * 100


class Says:
    """A strategy that always suggests the same."""

    def __init__(self, suggested):
        self.suggested = suggested

    def suggest(self, history):
        return self.suggested

    def __repr__(self):
        return f"Says({self.suggested})"


SILENT, LINES = Silent(), Lines()
NO_OBJECTS = [True, [1], {}, np.zeros(2), SILENT]
NO_NUMBERS = ["3", None, 1j, *NO_OBJECTS]
NOT_FINITE = [math.nan, math.inf, -math.inf, 10**400]
NO_INTEGERS = ["3", None, 1.5, np.float64(3), math.nan, math.inf, 1j, *NO_OBJECTS]
NO_FLAGS = ["yes", "True", None, 1, 0, 0.5, [], [True], np.array([True, False]), SILENT]
NO_TEXTS = [None, 3, b"abc", *NO_OBJECTS]
NO_ARRAYS = ["text", None, ["a"], [[1], [1, 2]], [None], np.full((2, 5), True), 1j, np.full((2, 5), 1j)]
NO_GENERATORS = [None, 0, "rng", np.random.RandomState(0), np.random.default_rng, np.random]
NO_STRATEGIES = [RandomSearch, "random", None, 3, len, {}, LINES, SILENT]
NO_DICTS = [None, 3, "x", [("x", 1)], ("x",), np.zeros(2), SILENT, LINES]
NO_SPACES = [None, 3, "x", {"x": [1]}, Float(0, 1), SILENT]
NO_FRAMES = [None, 3, [1, 2], {"a": [1]}, "frame", SILENT]
NO_FUNCTIONS = [3, None, "square", {}, np.zeros(2), SILENT, LINES]
NO_PATHS = [3, 1.5, b"runs.db", ["runs.db"], *NO_OBJECTS]
NO_TIMES = ["1", True, [1], np.zeros(2), 1j, SILENT, LINES, Decimal(1), 0, -1, math.nan, -math.inf, 10**400]


def kind(right, types, *values):
    """Return a kind: values of a wrong type, and values that are wrong, all to be answered with the same words."""
    return [(TypeError, right, types), (ValueError, right, values)]


def number(right, *values):
    return kind(right, NO_NUMBERS, *NOT_FINITE, *values)


def integer(right, *values):
    return kind(right, NO_INTEGERS, *values)


def one_of(*names):
    no_names = [None, 3, [names[0]], *NO_OBJECTS]
    return kind(f"must be one of {list(names)}", no_names, "", "no such", names[0].swapcase())


POSITIVE = [(TypeError, "must be an integer", NO_INTEGERS), (ValueError, "must be at least 1", [0, -1])]
FROM_0 = integer("must be an integer of at least 0", -1)
SEED = integer("must be an integer from 0 to 2^64 - 1", -1, 2**64)
SEED_32 = integer("must be an integer from 0 to 4294967295", -1, 2**32)
FINITE = number("must be a finite number")
ABOVE_0 = number("must be a finite number above 0", 0, -1, -1e-3)
NUMBER_FROM_0 = number("must be a finite number of at least 0", -1, -1e-9)
FLAG = kind("must be True or False", NO_FLAGS)
TEXT = kind("must be a string", NO_TEXTS)
ARRAY = kind("must be an array of numbers", NO_ARRAYS)
GENERATOR = kind("must be a generator, such as np.random.default_rng(0)", NO_GENERATORS)
STRATEGY = kind("must be an object with suggest(history), like RandomSearch()", NO_STRATEGIES)
SPACE = kind("must be a Space", NO_SPACES)
DICT = kind("must be a dict", NO_DICTS)
FRAME = kind("must be the DataFrame that compare returns", NO_FRAMES)
DIRECTION = kind("must be 'minimize' or 'maximize'", [], *NO_TEXTS, "min", "", "Maximize")
SECONDS = kind("must be a number of seconds above 0, or None", [], *NO_TIMES)
STUDY = kind("must be a Study", [None, 3, "study", [{"a": 1}], RandomSearch(), SILENT])


def without(kind, *left_out):
    """Return the kind without some of its values, which are right here."""
    same = {repr(value) for value in left_out}
    return [(error, right, [v for v in values if v is SILENT or repr(v) not in same]) for error, right, values in kind]


def shown(value):
    """Return how a message shows a value, at least its beginning; a number in one of two ways."""
    if value is SILENT:
        return "a value of type Silent"
    if getattr(value, "shape", ()) and not isinstance(value, type):
        return re.escape(f"an array of shape {value.shape}")
    if isinstance(value, np.ndarray | np.generic) and value is not np.ma.masked:
        value = value.item()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) > 1e300:
            return r"-?inf|-?1e\+?\d+|10{40}"
        return rf"({re.escape(repr(value))}|{re.escape(f'{value:g}')}|{re.escape(repr(float(value)))})(?![\w.])"
    text = " ".join(repr(value).split())
    return re.escape(text[:25]) + ".*" if len(text) > 60 else re.escape(text) + r"(?!\w)"


class Table(list):
    """Wrong calls: each entry is a name, an error, and calls that raise it, each with the patterns that its message matches."""

    def kind(self, call, name, *kinds):
        """`call(value)` is wrong for each value of the kinds: its message shows the name, the value, and what is right.

        The value stands behind "=", or in the place of {} in the name. It does not where `right` begins with a space.
        """
        before, _, after = name.partition("{}") if "{}" in name else (f"{name}=", "", "")
        for error, right, values in (row for kind in kinds for row in kind):
            calls = []
            for value in values:
                place = name + right if right.startswith(" ") else before
                shows = "" if right.startswith(" ") else f"({shown(value)}){re.escape(after)}"
                calls.append((functools.partial(call, value), [re.escape(place) + shows, re.escape(right)]))
            if calls:
                self.append((f"{name} {right}", error, calls))

    def arguments(self, make, /, given=None, who=None, **kinds):
        """Each argument of `make` is refused for the values of its kind, while all others are as `given`."""
        for name, kind in kinds.items():
            self.kind(lambda v, name=name: make(**(given or {}) | {name: v}), f"{who or make.__name__}: {name}", kind)

    def types(self, call, name, right, *values):
        self.kind(call, name, [(TypeError, right, values)])

    def values(self, call, name, right, *values):
        self.kind(call, name, [(ValueError, right, values)])

    def one(self, call, *parts, error=(TypeError, ValueError)):
        """This call is wrong, and its message holds these parts, none of them within a word."""
        words = [(r"(?<!\w)" if part[0].isalnum() else "") + re.escape(part) for part in parts]
        self.append((parts[0], error, [(call, words)]))

    def all(self, *rows, error=(TypeError, ValueError)):
        """Add calls, each with the parts that its message must hold, and with its error before them if it is another."""
        for call, *parts in rows:
            own = parts.pop(0) if isinstance(parts[0], type) else error
            self.one(call, *parts, error=own)

    def each(self):
        """Parametrize a test with the entries. Addresses in memory are no names: they differ from process to process."""
        names = [f"{number} {re.sub(' at 0x[0-9a-f]+', '', name)}" for number, (name, *_) in enumerate(self)]
        return pytest.mark.parametrize(("error", "calls"), [entry[1:] for entry in self], ids=names)


REMEDIES = re.compile(
    r"\b(must|needs?|takes|give|call fit|do not fit|tell each|is already|has already|has nothing left|none of|has no"
    r"|no number|looks like|name a parent|write Objective|use another|use one|drop or fill|run the search|begin a new"
    r"|leave that|draw it|see what|no trial has|did not see|does not say|predicts|but)\b"
)


def refuse(error, calls, longest=300, alone=False):
    """Assert that each call is refused with this error, in one sentence in which its patterns are found.

    The error is raised `alone` if it is not shown with another one that it was made of.
    """
    handled = sys.exc_info()[1]  # a tracer that raises inside a handler leaves one behind: see the tests of interrupts
    for call, parts in calls:
        with pytest.raises((TypeError, ValueError)) as caught:
            pytest.fail(f"not refused, but returned: {call()}, for {parts}")
        said = str(caught.value)
        assert isinstance(caught.value, error), repr(caught.value)
        for part in parts:
            assert re.search(part, said), f"{part} is not in: {said}"
        assert "\n" not in said
        assert 15 < len(said) <= longest, said
        assert not re.search(r"\. |[^.]\.$| $|Traceback|<lambda>", said.replace("...", "")), said
        assert REMEDIES.search(said), f"what would be right? {said}"
        assert not alone or caught.value.__suppress_context__ or caught.value.__context__ is handled, said
