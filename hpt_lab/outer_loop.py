"""The outer loop under the name that the book gave it first: see `hpt_lab.loop`."""

from hpt_lab.loop import run, tune

__all__ = ["run", "tune"]
