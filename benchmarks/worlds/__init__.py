"""Simulated worlds of overlapping lists, in which the true number of people is known."""

from __future__ import annotations

from benchmarks.worlds.documented import DOCUMENTED, DocumentedWorld
from benchmarks.worlds.population import Group, LinkageErrors, World
from benchmarks.worlds.random_worlds import draw_random_world

__all__ = ["DOCUMENTED", "DocumentedWorld", "Group", "LinkageErrors", "World", "draw_random_world"]
