"""Additivity restored: perturbed figures changed as little as can be so that every margin is the sum of its values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.constraints.projection import whole


def made_additive(table: Table, smallest: int) -> Table:
    """The perturbed table with figures that add up, all levels counting alike.

    Inner cells stay 0 where they are shown as 0 and otherwise at least `smallest`, so no count from 1 to smallest - 1
    appears; margins follow. Only the perturbed figures are used, not the truth. `half_width` grows by the largest
    change that was made. The same people can then have another noise in another table.
    """
    inner = np.zeros(table.counts.shape, dtype=bool)
    inner[tuple(slice(1, None) for _ in range(table.counts.ndim))] = True
    fixed = inner & (table.counts == 0)
    lower = np.where(inner & ~fixed, np.minimum(smallest, table.counts), 0)
    counts = whole(table, table.counts.astype(float), np.ones(table.counts.shape), lower, fixed)
    more = int(np.abs(counts - table.counts).max(initial=0))
    half = int(table.params["half_width"]) + more
    return replace(table, counts=counts, params=table.params | {"half_width": half})
