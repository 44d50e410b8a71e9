"""A search space as rows of a table, for people to read."""

import json
from collections.abc import Callable
from typing import Any

from hpt_lab.values.display import html_table, shown

Space = Any  # `hpt_lab.space.Space`, which imports this file to show itself
HEADS = ("hyperparameter", "type", "values", "only where")
MOST = 50  # rows in a notebook


def rows(space: Space, say: Callable[..., str] = str.format) -> list[tuple[str, str, str, str]]:
    """Return the name, type, values and condition of each dimension. `say` may translate the words."""
    listed = []
    for name, one in space.describe().items():
        if one["type"] == "Categorical":
            values = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in one["choices"])
        else:
            step = "" if one["step"] is None else ", step {step}"
            message = f"{{low}} to {{high}}{', log' if one['log'] else ''}{step}"
            values = say(message, **{key: shown(one[key]) for key in ("low", "high", "step")})
        where = []
        for parent, keys in one["when"].items():
            wanted = keys if space[parent].is_continuous else [space[parent].at(key) for key in keys]
            where.append(say("{parent} is {values}", parent=parent, values=say(" or ").join(map(shown, wanted))))
        listed.append((name, one["type"], values, say(" and ").join(where)))
    return listed


def as_html(space: Space) -> str:
    """Return a table of the first 50 dimensions."""
    n = len(space)
    more = "" if n <= MOST else f", the first {MOST}"
    return html_table(f"Space of {n} hyperparameter{'s' if n > 1 else ''}{more}", HEADS, rows(space)[:MOST])
