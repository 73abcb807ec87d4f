"""Unknowns and the equations between them, as they are collected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.constraints.linear_system import Floats, Ints, Part, Rules, stack


class System:
    """Numbers unknowns, each with its true value, and collects equations."""

    def __init__(self) -> None:
        self.size = 0
        self._truth: list[Ints] = []
        self._parts: list[Part] = []

    def take(self, truth: Ints) -> int:
        """Number further unknowns; returns the first number."""
        start = self.size
        self.size += len(truth)
        self._truth.append(truth.astype(np.int64))
        return start

    def rows(self, cells: Ints, values: Sequence[float], low: float, high: float) -> None:
        """Equations of one shape: a line of cells each, with the same coefficients and bounds."""
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

    def tied(self, row: Ints, cells: Ints, signs: Floats, low: Floats, high: Floats) -> None:
        """Signed cells of each row add up to something between its bounds."""
        self._parts.append((row, cells, signs, low, high))

    def include(self, rules: Rules, place: Ints) -> None:
        """Equations over cells of one table."""
        entries = rules.matrix.tocoo()
        self._parts.append((entries.row, place[entries.col], entries.data, rules.low, rules.high))

    def rules(self) -> Rules:
        """All equations."""
        return stack(self._parts, self.size)

    def truth(self) -> Ints:
        """The true value of every unknown."""
        return np.concatenate(self._truth)
