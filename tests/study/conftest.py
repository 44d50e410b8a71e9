"""Files of studies in tests are not flushed to the disk: what is tested is that a process dies, not that power fails."""

import pytest

from hpt_lab.tools.storage import sqlite


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch):
    monkeypatch.setattr(sqlite, "FLUSHED", "OFF")
    monkeypatch.setattr(sqlite, "UNFLUSHED", "OFF")
