"""The outer loop around the training loop."""

from hpt_lab.loop.outer_loop import run, tune

__all__ = ["run", "tune"]
