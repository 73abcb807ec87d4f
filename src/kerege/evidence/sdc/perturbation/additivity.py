"""Additivity of perturbed tables: small changes so that every margin is the sum of its values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.linear.projection import whole


def restore_additivity(table: Table, smallest: int) -> Table:
    """Return the perturbed table with additive figures; all cells have equal weight.

    An inner cell that shows 0 stays 0; any other shows at least `smallest`, so that no count from 1 to smallest - 1
    appears. Margins are sums. The method uses only the perturbed figures, not the truth. `half_width` grows by the
    largest change. The same people can then have different noise in another table.
    """
    inner = np.zeros(table.counts.shape, dtype=bool)
    inner[tuple(slice(1, None) for _ in range(table.counts.ndim))] = True
    fixed = inner & (table.counts == 0)
    lower = np.where(inner & ~fixed, np.minimum(smallest, table.counts), 0)
    counts = whole(table, table.counts.astype(float), np.ones(table.counts.shape), lower, fixed)
    more = int(np.abs(counts - table.counts).max(initial=0))
    half = int(table.params["half_width"]) + more
    return replace(table, counts=counts, params=table.params | {"half_width": half})
