"""The outer loop around the training loop, and the same in virtual time, on any number of workers."""

from hpt_lab.loop.define_by_run import ByRun
from hpt_lab.loop.outer_loop import run, tune
from hpt_lab.loop.simulation import Simulation, simulate

__all__ = ["ByRun", "Simulation", "run", "simulate", "tune"]
