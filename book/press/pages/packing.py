"""Write numbers as short text, for the data of the devices; static/packed.js reads them.

A number becomes a whole one (times `per`, or its square root times `per`), less the smallest, in digits of base 92: the printable letters
of ASCII but the quotation mark, the backslash, and the backtick. Two digits tell 8464 numbers apart.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

LETTERS = "".join(chr(code) for code in range(32, 127) if chr(code) not in '"\\`')


@dataclass(frozen=True)
class Packed:
    """An array that `literal` writes as a call of `unpack`, in units of one over `per`, or with its square root in them."""

    values: Any
    per: int = 1
    root: bool = False

    def __str__(self) -> str:
        values = np.asarray(self.values, dtype=float)
        whole = np.rint((np.sqrt(values) if self.root else values) * self.per).astype(int)
        low, digits, text = int(whole.min()), 1, ""
        while whole.max() - low >= len(LETTERS) ** digits:
            digits += 1
        for number in (whole - low).ravel().tolist():
            text += "".join(LETTERS[number // len(LETTERS) ** k % len(LETTERS)] for k in reversed(range(digits)))
        call = [
            "unpack(" + json.dumps(text),
            self.per,
            low,
            digits,
            json.dumps(list(values.shape), separators=(",", ":")),
        ]
        return ",".join(map(str, call + ["true"] * self.root)) + ")"


def literal(value: Any) -> str:
    """Return a value as JavaScript: JSON, with a call of `unpack` for each Packed in its dicts and lists."""
    if isinstance(value, Packed):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list) and any(isinstance(one, (dict, Packed)) for one in value):
        return "[" + ",".join(map(literal, value)) + "]"
    return json.dumps(value, separators=(",", ":"))


def module(**constants: Any) -> str:
    """Return the text of a module that exports these constants."""
    lines = [f"export const {name} = {literal(value)};\n" for name, value in constants.items()]
    return "".join(
        ['import { unpack } from "./packed.js";\n', *lines] if any("unpack(" in line for line in lines) else lines
    )
