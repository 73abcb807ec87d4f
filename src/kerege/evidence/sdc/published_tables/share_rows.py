"""Shares of a number that a table does not state, as rows of whole numbers over two of its cells.

A percentage p with d digits of an unknown number N gives n >= (p - h) N / 100 and n <= (p + h) N / 100, where h is half
of the last digit. Both ends are fractions, so that the rows have whole coefficients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.linear.linear_system import Ints, Rules
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.reading.shares import Ratio

MOST_DENOMINATOR = 2_000_000  # percentages of up to four decimals; larger coefficients are beyond the solver's accuracy


def is_exact(ratio: Ratio) -> bool:
    """Return whether both ends of a share are fractions with coefficients that the solver handles exactly."""
    return all(abs(float(_fraction(end)) - end) < 1e-12 for end in (ratio.low, ratio.high))


def keeps_shares(sheet: Table, counts: Ints) -> bool:
    """Return whether the counts of a table, in flat order, have the shares that it publishes."""
    ratios = sheet.ratios if isinstance(sheet, Sheet) else ()
    return all(
        _signed(counts, ratio, ratio.low) >= 0 >= _signed(counts, ratio, ratio.high)
        for ratio in ratios
        if is_exact(ratio)
    )


def with_shares(rules: Rules, tables: Sequence[Table], starts: Sequence[int], sums: sp.csr_matrix) -> Rules:
    """Return rules with two further rows for every share.

    `sums` has a row for each cell of all tables.
    """
    rows = [row for table, start in zip(tables, starts, strict=False) for row in _rows(table, int(start), sums)]
    if not rows:
        return rules
    matrix = sp.vstack([rules.matrix, *rows]).tocsr()
    matrix.eliminate_zeros()
    low, high = np.tile([0.0, -np.inf], len(rows) // 2), np.tile([np.inf, 0.0], len(rows) // 2)
    return Rules(matrix, np.concatenate([rules.low, low]), np.concatenate([rules.high, high]))


def _rows(table: Table, start: int, sums: sp.csr_matrix) -> Iterator[sp.csr_matrix]:
    """Yield the row of the lower and of the upper end of every share of a table."""
    for ratio in table.ratios if isinstance(table, Sheet) else ():
        if is_exact(ratio):
            for end in (_fraction(ratio.low), _fraction(ratio.high)):
                part, whole = sums[start + ratio.numerator], sums[start + ratio.denominator]
                yield end.denominator * part - end.numerator * whole


def _fraction(end: float) -> Fraction:
    return Fraction(end).limit_denominator(MOST_DENOMINATOR)


def _signed(counts: Ints, ratio: Ratio, end: float) -> int:
    """Return a whole number with the sign of the numerator minus `end` times the denominator."""
    fraction = _fraction(end)
    return fraction.denominator * int(counts[ratio.numerator]) - fraction.numerator * int(counts[ratio.denominator])
