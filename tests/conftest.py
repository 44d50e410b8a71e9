"""What all tests share: the layers that they belong to, Ctrl-C, figures that close, and examples that are the same in each run."""

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

pytest_plugins = ["tests.layers"]

if sys.__stdin__ is None:  # the caller closed it, but IPython asks what pytest shows instead for its encoding
    sys.__stdin__ = open(os.devnull, encoding="utf-8")  # noqa: SIM115

# No test depends on time, nor on examples that one run in thirty draws: `make nightly` draws others.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("fresh", deadline=None, print_blob=True, database=None)
settings.load_profile(os.environ.get("EXAMPLES", "same"))


def pytest_collection_finish():
    """Let the garbage collector not look again at thousands of tests and modules that stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def ctrl_c():
    """Let Ctrl-C raise KeyboardInterrupt, here and in processes that tests start: a shell has its background processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    """Close what a test has drawn: a kernel of the pages, in a later test, would show it."""
    yield
    if plt := sys.modules.get("matplotlib.pyplot"):
        plt.close("all")


@pytest.fixture(autouse=True)
def no_ctrl_c_is_lost():
    """Let the garbage collector call nothing of Hypothesis, which times it: Python drops an interrupt that comes there."""
    gc.callbacks[:] = [call for call in gc.callbacks if not call.__module__.startswith("hypothesis")]
