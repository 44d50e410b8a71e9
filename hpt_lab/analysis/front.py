"""The front of several objectives, as arithmetic: `hpt_lab.study.front`, where strategies and studies find it, too."""

from hpt_lab.study.front import crowding_distances, front_numbers, hypervolume, non_dominated

__all__ = ["crowding_distances", "front_numbers", "hypervolume", "non_dominated"]
