"""Collection of unknowns and of the equations between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.linear.linear_system import Floats, Ints, RuleRows, Rules, stack


class EquationSystem:
    """Numbered unknowns with their true values, and the equations between them."""

    def __init__(self) -> None:
        self.size = 0
        self._truth: list[Ints] = []
        self._parts: list[RuleRows] = []

    def add_unknowns(self, truth: Ints) -> int:
        """Number further unknowns; return the first number."""
        start = self.size
        self.size += len(truth)
        self._truth.append(truth.astype(np.int64))
        return start

    def add_rows(self, cells: Ints, values: Sequence[float], low: float, high: float) -> None:
        """Add one equation for each line of cells, with the same coefficients and bounds."""
        count, width = cells.shape
        row = np.repeat(np.arange(count), width)
        self._parts.append(
            (
                row,
                cells.ravel(),
                np.tile(np.asarray(values, dtype=float), count),
                np.full(count, low),
                np.full(count, high),
            )
        )

    def add_sums(self, row: Ints, cells: Ints, signs: Floats, low: Floats, high: Floats) -> None:
        """Add one equation for each row number: the signed sum of its cells lies within its bounds."""
        self._parts.append((row, cells, signs, low, high))

    def add_rules(self, rules: Rules, place: Ints) -> None:
        """Add the equations of one table; `place` maps its cells to unknowns."""
        entries = rules.matrix.tocoo()
        self._parts.append((entries.row, place[entries.col], entries.data, rules.low, rules.high))

    def rules(self) -> Rules:
        """Return all equations."""
        return stack(self._parts, self.size)

    def truth(self) -> Ints:
        """Return the true value of every unknown."""
        return np.concatenate(self._truth)
