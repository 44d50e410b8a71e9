"""A library is imported once, when its first name is asked for."""

import pytest

from hpt_lab.values import checks as lazy
from hpt_lab.values.checks import LazyModule


def test_a_name_is_imported_when_it_is_first_used_and_kept(monkeypatch):
    imported = []

    def import_module(name):
        imported.append(name)
        return math

    import math

    monkeypatch.setattr(lazy, "import_module", import_module)
    module = LazyModule("somewhere.math")
    assert imported == []
    assert [module.sqrt(4.0), module.sqrt(9.0), module.floor(2.5)] == [2.0, 3.0, 2]
    assert imported == ["somewhere.math"] * 2  # once for each name
    assert module.sqrt is math.sqrt


def test_what_is_missing_is_said_as_python_says_it():
    with pytest.raises(AttributeError, match="module 'math' has no attribute 'squirt'"):
        LazyModule("math").squirt  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_library'"):
        LazyModule("no_such_library").anything  # noqa: B018
