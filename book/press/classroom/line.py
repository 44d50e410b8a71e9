"""A line between two processes: an answer runs in one, and the check that calls it in the other.

The check's end calls functions of the other end as if they were its own, and an answer may call what the check hands to it. Plain values
go over the line as they are; anything else stays where it is, and the other end gets a `Distant` in its place. Lists, arrays, dictionaries
and generators of random numbers that a function has changed are changed at the check's end too.

The answer's end trusts the check. The check's end trusts nobody: what arrives there is put together from values and classes on a list, so
it runs no code of the answer; and the answer can only call what was handed to it.
"""

import builtins
import io
import operator
import pickle
import time
import types

import numpy as np

VALUES = {type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range, slice, type(...)}
LONGEST = 2**26  # bytes of a message to the check
LAB = (
    "hpt_lab.space",
    "hpt_lab.study.trial",
    "hpt_lab.hyperparameters",
    "hpt_lab.models",
    "hpt_lab.values.frozen",
)  # whose objects arrive there
MADE = {  # what else arriving values are made of
    "builtins": {
        "complex",
        "set",
        "frozenset",
        "range",
        "slice",
        "bytearray",
        "int",
        "float",
        "str",
        "bytes",
        "list",
        "tuple",
        "dict",
    },
    "collections": {"OrderedDict", "Counter", "defaultdict", "deque"},
    "fractions": {"Fraction"},
    "types": {"SimpleNamespace"},
    "_codecs": {"encode"},
    "numpy": {"ndarray", "dtype"},
    "numpy.random._generator": {"Generator"},
    "numpy.random._pickle": {"__generator_ctor", "__bit_generator_ctor"},
    "numpy.random._pcg64": {"PCG64"},
    "numpy.random.bit_generator": {"SeedSequence", "__pyx_unpickle_SeedSequence"},
    **{f"numpy.{core}.multiarray": {"_reconstruct", "scalar"} for core in ("core", "_core")},
    **{f"numpy.{core}.numeric": {"_frombuffer"} for core in ("core", "_core")},
}
DO = {
    "__call__": lambda thing, *args, **kwargs: thing(*args, **kwargs),
    "__bool__": bool,
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__contains__": operator.contains,
    "__enter__": lambda thing: type(thing).__enter__(thing),
    "__exit__": lambda thing, *error: type(thing).__exit__(thing, None, None, None),
}


class Late(TimeoutError):
    """The answer takes too long."""


class Distant:
    """A thing of the other end: a function, a class, an object."""

    def __init__(self, line, key):
        vars(self).update(_line=line, _key=key)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self._line.ask(self._key, "getattr", name)


def _protocol(name):
    return lambda self, *args, **kwargs: self._line.ask(self._key, name, *args, **kwargs)


for _name in DO:
    setattr(Distant, _name, _protocol(_name))


class Line:
    """One end. `careful` is the check's; `until` is when it stops waiting."""

    def __init__(self, connection, careful, shared, until=float("inf")):
        self.connection, self.careful, self.until = connection, careful, until
        self.held, self.keys = [shared], {id(shared): 0}  # what the other end knows by its number
        self.live = False  # True once a study has been handed over
        self.errors = []  # of the functions that the other end has called here

    def ask(self, key, method, *args, **kwargs):
        """Return the answer of the other end, or raise what it raised; answer what it asks in between."""
        self.send("ask", key, method, args, kwargs)
        while True:
            kind, *said = self.receive()
            if kind == "ask":
                self.reply(*said)
            elif kind == "raised":
                raise self.error(*said)
            elif kind == "stop":
                raise StopIteration
            else:
                answer, *others = said
                pairs = {}
                if self.careful:
                    restored((args, kwargs), tuple(others), pairs)
                return pairs.get(id(answer), answer)

    def serve(self):
        """Answer the other end until it hangs up."""
        while True:
            try:
                _, *asked = self.receive()
                self.reply(*asked)
            except (EOFError, OSError):
                return

    def reply(self, key, method, args, kwargs):
        try:
            self.send("answer", self.do(self.held[key], method, args, kwargs), args, kwargs)
        except StopIteration:
            self.send("stop")
        except (EOFError, Late):
            raise
        except BaseException as error:  # whatever the answer raises, and an interrupt
            self.errors.append(error)
            kinds, number = (
                [kind for kind in type(error).__mro__ if kind.__module__ != "__main__"],
                len(self.errors) - 1,
            )
            names = kinds if self.careful else [kind.__name__ for kind in kinds]
            text = error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else str(error)
            self.send("raised", names, str(text), number, getattr(error, "number", None))

    def do(self, thing, method, args, kwargs):
        """Do to a thing of ours what the other end asks for."""
        if method == "getattr":
            (name,) = args
            own = not isinstance(
                thing, types.FunctionType | types.MethodType | types.BuiltinFunctionType | types.GeneratorType
            )
            if self.careful and (
                name.startswith("_") or not own
            ):  # a function has its module's names, and a generator its frame
                raise AttributeError(name)
            return getattr(thing, name)
        return DO[method](thing, *args, **kwargs)

    def error(self, names, text, number, origin):
        """Return the error that the other end has raised: the nearest of Python's own, or ours if it began at this end."""
        if self.careful and isinstance(origin, int) and 0 <= origin < len(self.errors):
            return self.errors[origin]
        kinds = (name if isinstance(name, type) else getattr(builtins, str(name), None) for name in names)
        kinds = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseException))
        kind = next((kind for kind in kinds if kind is not StopIteration), Exception)
        try:
            made = kind(text)
        except TypeError:  # of the kinds that take more than a text
            made = Exception(text)
        if not self.careful:
            made.number = number
        return made

    # ---- Messages

    def send(self, *message):
        file = io.BytesIO()
        Packer(self, file).dump(message)
        self.connection.send_bytes(file.getvalue())

    def receive(self):
        if self.careful:
            if not self.connection.poll(max(0, self.until - time.monotonic()) if self.until < float("inf") else None):
                raise Late
            message = Unpacker(self, io.BytesIO(self.connection.recv_bytes(LONGEST))).load()
            shapes = {"ask": 5, "answer": 4, "raised": 5, "stop": 1}
            if type(message) is not tuple or not message or shapes.get(message[0]) != len(message):
                raise EOFError("the answer's process says something that no answer says")
            return message
        return Unpacker(self, io.BytesIO(self.connection.recv_bytes())).load()

    def key_of(self, thing):
        if id(thing) not in self.keys:
            self.held.append(thing)
            self.keys[id(thing)] = len(self.held) - 1
        return self.keys[id(thing)]

    def stays(self, thing):
        """Return True if a thing does not go over the line."""
        kind = type(thing)
        if isinstance(thing, type) or (callable(thing) and isinstance(getattr(thing, "__qualname__", None), str)):
            module, name = getattr(thing, "__module__", None) or "builtins", thing.__qualname__
            free = self.careful and module != "__main__" and "<" not in name and not isinstance(thing, types.MethodType)
            return not (free or arrives(module, name))
        if isinstance(thing, np.generic | np.dtype | np.random.BitGenerator):
            return False
        if self.careful and kind.__module__.partition(".")[0] in ("hpt_lab", "pandas"):
            self.live = self.live or kind.__name__ == "Study"
            return self.live and kind.__name__ in (
                "Study",
                "Trials",
                "Trial",
            )  # a study, and what an answer may change in it
        simpler = isinstance(thing, SIMPLER) or kind.__module__.startswith("pandas.")
        return not (arrives(kind.__module__, kind.__name__) or (simpler and not self.careful))


NUMBERS = set(np.sctypeDict.values())  # NumPy's
SIMPLER = (
    int,
    float,
    str,
    bytes,
    list,
    tuple,
    dict,
    set,
    np.ndarray,
    np.dtype,
    np.random.BitGenerator,
)  # also what is made of them


def arrives(module, name):
    """Return True if the check's end takes things of this class."""
    if name in MADE.get(module, ()) or module.startswith(LAB):
        return True
    return module in ("builtins", "numpy") and any(name == kind.__name__ for kind in (*VALUES, *NUMBERS))


class Packer(pickle.Pickler):
    def __init__(self, line, file):
        super().__init__(file, protocol=4)
        self.line = line

    def persistent_id(self, thing):
        if type(thing) is Distant and thing._line is self.line:
            return "yours", thing._key
        return ("mine", self.line.key_of(thing)) if self.line.stays(thing) else None

    def reducer_override(self, thing):
        """Make a thing of a class that does not arrive, such as a named tuple, one of the class that it is made of."""
        kind = type(thing)
        if self.line.careful or isinstance(thing, type) or arrives(kind.__module__, kind.__name__):
            return NotImplemented
        if isinstance(thing, np.ndarray) or kind.__module__.startswith("pandas."):
            return np.array(thing).__reduce_ex__(4)
        base = next((base for base in kind.__mro__ if base in VALUES), None)
        return NotImplemented if base is None else (base, (list(dict.items(thing)) if base is dict else base(thing),))


class Unpacker(pickle.Unpickler):
    def __init__(self, line, file):
        super().__init__(file)
        self.line = line

    def persistent_load(self, name):
        whose, key = name
        return self.line.held[key] if whose == "yours" else Distant(self.line, key)

    def find_class(self, module, name):
        if not self.line.careful:
            return super().find_class(module, name)
        if "." not in name and arrives(module, name):
            found = super().find_class(module, name)
            if isinstance(found, type) or name in MADE.get(module, ()):
                return found
        raise EOFError(f"the answer's process sends {module}.{name}, which no answer is made of")


def restored(old, new, pairs):
    """Give a value of ours the contents that it has at the other end now, and return it; `pairs` then holds ours for each of theirs."""
    if old is new or type(old) is not type(new) or id(new) in pairs:
        return pairs.get(id(new), new)
    if isinstance(old, tuple):
        found = tuple(restored(mine, theirs, pairs) for mine, theirs in zip(old, new, strict=False))
        return old if len(old) == len(new) and all(map(operator.is_, found, old)) else found + new[len(old) :]
    if isinstance(old, np.ndarray) and (old.shape != new.shape or old.dtype != new.dtype):
        return new
    if not isinstance(old, list | dict | set | np.ndarray | np.random.Generator) and not of_lab(old):
        return new
    pairs[id(new)] = old
    if isinstance(old, list):
        old[:] = [restored(mine, theirs, pairs) for mine, theirs in zip(old, new, strict=False)] + new[len(old) :]
    elif isinstance(old, dict):
        values = {key: restored(old[key], value, pairs) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(values)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif isinstance(old, np.random.Generator):
        old.bit_generator.state = new.bit_generator.state
    elif isinstance(old, np.ndarray):
        if old.flags.writeable:
            old[...] = new
    elif (
        type(old).__name__ == "HyperParameters"
    ):  # which learns what it is asked for; the lab's other objects do not change
        restored(vars(old), vars(new), pairs)
    return old


def of_lab(thing):
    return type(thing).__module__.partition(".")[0] == "hpt_lab"
