"""A larger hash table holds the same counts, also where keys collide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting import kernels
from kerege.evidence.counting.counters import CodedRows, Counter, Layout


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(1, 2**63), max_size=40), st.integers(0, 3))
def test_moved_counts_keep_their_keys(keys: set[int], more: int) -> None:
    old = np.zeros(64, np.uint64)
    old[: len(keys)] = sorted(keys)
    counts = np.where(old > 0, np.arange(64) + 1, 0).astype(np.uint32)
    to_keys, to_counts = np.zeros(64 << more, np.uint64), np.zeros(64 << more, np.uint32)
    kernels.move(old, counts, to_keys, to_counts)
    stored = {int(key): int(count) for key, count in zip(to_keys, to_counts, strict=True) if key}
    assert stored == {int(key): int(count) for key, count in zip(old, counts, strict=True) if key}


@pytest.mark.parametrize("rows", [1, kernels.ROWS - 1, kernels.ROWS, kernels.ROWS + 1, 3 * kernels.ROWS])
def test_rows_beyond_a_transposed_block_are_counted_once(rows: int) -> None:
    counter = Counter(Layout([2, 1], 2, 1_000))
    codes = np.array([1 + np.arange(rows) % 2, np.ones(rows)], dtype=np.uint8)
    counter.add(CodedRows(codes, np.arange(2)))
    _, hits = counter.nonzero()
    odd = rows // 2
    assert sorted(hits.tolist()) == sorted(count for count in [rows - odd, odd, rows, rows - odd, odd] if count)
    assert counter.lengths[0].tolist() == [0, 0, rows]
