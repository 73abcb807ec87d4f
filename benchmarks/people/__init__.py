"""Invented populations of Central Asia with the records that agencies have of them, and the truth of who is who."""

from __future__ import annotations

from benchmarks.people.population import Population, Rates, population

__all__ = ["Population", "Rates", "population"]
