"""Generated populations of Central Asia with the records that agencies have of them.

The truth of who is who is known.
"""

from __future__ import annotations

from benchmarks.people.population import Population, Rates, population

__all__ = ["Population", "Rates", "population"]
