"""Modules that have moved: the old path imports the new module, or says where it is.

`hpt_lab.tuner`, `hpt_lab.search_cv`, `hpt_lab.report` and `hpt_lab.serve` are short names for good; the others are for
programs and pickles that were written before version 0.2.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED = {
    "hpt_lab.report": "hpt_lab.tools.report",
    "hpt_lab.search_cv": "hpt_lab.tools.search_cv",
    "hpt_lab.serve": "hpt_lab.tools.serve",
    "hpt_lab.tuner": "hpt_lab.tools.tuner",
    "hpt_lab.study.storage": "hpt_lab.tools.storage",
    "hpt_lab.loop.workers": "hpt_lab.tools.workers.workers",
    "hpt_lab.loop.pools": "hpt_lab.tools.workers.pools",
    "hpt_lab.loop.packing": "hpt_lab.tools.workers.packing",
    "hpt_lab.loop.define_by_run": "hpt_lab.hyperparameters.define_by_run",
    "hpt_lab.strategies.random": "hpt_lab.strategies.random_search",
    "hpt_lab.space.numbers": "hpt_lab.space.numeric",
}
RACE = "hpt_lab.race is the function; its module is hpt_lab.tools.race, and compare, summary and win_rate are in hpt_lab.loop"


class Moved:
    """Finds a module that has moved, by its old path."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.startswith("hpt_lab.race"):
            raise ModuleNotFoundError(RACE, name=name)
        return None if self._new(name) is None else ModuleSpec(name, self)  # type: ignore[arg-type]  # no load_module

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the module at its new path in place of this one."""
        name = module.__name__
        sys.modules[name] = import_module(str(self._new(name)))

    def _new(self, name: str) -> str | None:
        for old, new in MOVED.items():
            if name == old or name.startswith(f"{old}."):
                return new + name.removeprefix(old)
        return None
