"""An address of a counter is decoded to the columns and codes that were counted there."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from kerege.evidence.counting.counters import CodedRows, Counter, Layout
from kerege.evidence.counting.marginal_counts import Numbering


@pytest.mark.parametrize("sizes", [[2, 3, 1], [1, 3, 2], [3, 3, 3], [1, 1, 1], [5, 1, 2]])
@pytest.mark.parametrize("dense", [0, 10_000])
def test_the_cell_of_each_address_is_that_of_the_counted_values(sizes: list[int], dense: int) -> None:
    """The columns of a layout are sorted by size, those of the cells by position."""
    layout, numbering = Layout(sizes, 3, dense), Numbering(sizes, 3)
    for row in product(*[range(size + 1) for size in sizes]):
        counter = Counter(layout)
        counter.add(CodedRows(np.array([row], dtype=np.uint8).T.copy(), np.arange(3)))
        addresses, _ = counter.nonzero()
        reported = [column for column in range(3) if row[column]]
        expected = [
            int(numbering.cells(np.array([chosen]), np.array([[row[column] - 1 for column in chosen]]))[0])
            for length in range(1, len(reported) + 1)
            for chosen in combinations(reported, length)
        ]
        cells = layout.cells(addresses, [np.arange(size) for size in sizes], numbering)
        assert sorted(cells.tolist()) == sorted(expected)


def test_final_codes_replace_those_of_the_counting() -> None:
    layout, numbering = Layout([3], 1, 10), Numbering([3], 1)
    addresses = np.arange(3)
    assert layout.cells(addresses, [np.array([2, 0, 1])], numbering).tolist() == [2, 0, 1]
