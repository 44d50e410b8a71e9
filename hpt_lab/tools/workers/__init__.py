"""Trials trained in other processes, or on a cluster: workers, the pools that hold them, and what travels there. Chapter 5."""
