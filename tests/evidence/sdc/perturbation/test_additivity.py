"""Perturbed tables that add up: figures change little, and small counts do not appear."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.perturbation.additivity import restore_additivity
from tests.evidence import made

SMALLEST, HALF = 3, 4


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from([0, 3, 4, 7, 12]), min_size=4, max_size=4),
    st.lists(st.integers(-3, 3), min_size=5, max_size=5),
)
def test_margins_become_sums_and_no_figure_is_a_small_count(inner: list[int], noise: list[int]) -> None:
    table = made.table([inner[:2], inner[2:]])
    table.counts[0, :] = np.maximum(table.counts[0, :] + noise[:3], 0)
    table.counts[1:, 0] = np.maximum(table.counts[1:, 0] + noise[3:], 0)
    table.params = {"half_width": HALF}
    before = table.counts.copy()
    additive = restore_additivity(table, SMALLEST)
    counts = additive.counts
    assert np.array_equal(counts[0], counts[1:].sum(axis=0))
    assert np.array_equal(counts[:, 0], counts[:, 1:].sum(axis=1))
    assert (counts[1:, 1:][before[1:, 1:] == 0] == 0).all()
    assert (counts[1:, 1:][before[1:, 1:] > 0] >= SMALLEST).all()
    assert additive.params["half_width"] == HALF + np.abs(counts - before).max()


def test_a_table_that_adds_up_stays_as_it_is() -> None:
    table = made.table([[5, 4], [0, 7]])
    table.params = {"half_width": HALF}
    additive = restore_additivity(table, SMALLEST)
    assert np.array_equal(additive.counts, table.counts)
    assert additive.params["half_width"] == HALF
