"""Rules between the cells of two tied units, with published figures inserted.

A rule has cells of both units. The unknowns of a cell that is published exactly are not needed: its value is enough. So
the units are connected only by cells that are not published, and the system falls into many independent blocks. Where
nobody has a value, it has no rows: rows <= limit x people. The limit of each cell is the least published figure that
includes it, which makes the linear programs precise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kerege.evidence.sdc.linear.linear_system import Bools, Floats, Rules, row_key, stacked

BATCH = 500  # cells whose limits are looked up at once


@dataclass(frozen=True)
class TieRules:
    """Pairs of a sum of cells of rows and a sum of cells of people (pairs, cells of both units).

    There are at least as many rows as people, and as many where `is_equal`. With a `limit`, 0 people have 0 rows, and a
    person has at most `limit` rows.
    """

    rows: sp.csr_matrix
    people: sp.csr_matrix
    is_equal: Bools
    limit: float | None

    @property
    def count(self) -> int:
        """Return the number of rules."""
        size = int(self.rows.shape[0])
        return size if self.limit is None else size + int((~self.is_equal).sum())

    def over(self, sums: sp.csr_matrix) -> Rules:
        """Return the rules between unknowns; `sums` are the cells as sums of unknowns."""
        size = self.rows.shape[0]
        limits = np.full(size, 0.0 if self.limit is None else self.limit)
        return self._rules(self.rows @ sums, self.people @ sums, np.zeros(size), np.zeros(size), limits)

    def with_values(self, sums: sp.csr_matrix, lower: Floats, upper: Floats) -> Rules:
        """Return the same rules with the values of cells whose bounds are equal."""
        cells = np.flatnonzero(lower == upper).tolist()
        value = {row_key(sums, cell): lower[cell] for cell in cells}
        used = np.unique(np.concatenate([self.rows.indices, self.people.indices]))
        exact = np.full(len(lower), np.nan)
        exact[used] = [value.get(row_key(sums, cell), np.nan) for cell in used.tolist()]
        is_open = np.isnan(exact)
        open_sums = sp.diags(is_open.astype(float)) @ sums
        known = np.where(is_open, 0.0, exact)
        rows, people = self.rows @ open_sums, self.people @ open_sums
        return self._rules(rows, people, self.rows @ known, self.people @ known, self._limits(sums, upper))

    def _limits(self, sums: sp.csr_matrix, upper: Floats) -> Floats:
        """Return the most rows of each pair: the least figure that counts all of them."""
        if self.limit is None:
            return np.zeros(self.rows.shape[0])
        stated = np.flatnonzero(np.isfinite(upper))
        of_stated = sums[stated].T.tocsc()
        cells = (self.rows @ sums).tocsr()
        size = np.diff(cells.indptr)
        limits = np.full(cells.shape[0], self.limit)
        for start in range(0, cells.shape[0], BATCH):
            common = (cells[start : start + BATCH] @ of_stated).tocoo()
            is_within = common.data >= size[start + common.row]
            np.minimum.at(limits, start + common.row[is_within], upper[stated[common.col[is_within]]])
        return np.maximum(limits, 1.0)

    def _rules(
        self, rows: sp.csr_matrix, people: sp.csr_matrix, rows_known: Floats, people_known: Floats, limits: Floats
    ) -> Rules:
        low = people_known - rows_known
        least = Rules((rows - people).tocsr(), low, np.where(self.is_equal, low, np.inf))
        if self.limit is None:
            return _without_zeros(least)
        chosen = np.flatnonzero(~self.is_equal)
        matrix = (rows - sp.diags(limits) @ people).tocsr()[chosen]
        most = Rules(matrix, np.full(len(chosen), -np.inf), (limits * people_known - rows_known)[chosen])
        return _without_zeros(stacked([least, most]))


def joined(parts: Sequence[TieRules]) -> TieRules:
    """Return the rules of several pairs of tables of one tie."""
    return TieRules(
        sp.vstack([part.rows for part in parts]).tocsr(),
        sp.vstack([part.people for part in parts]).tocsr(),
        np.concatenate([part.is_equal for part in parts]),
        parts[0].limit,
    )


def _without_zeros(rules: Rules) -> Rules:
    rules.matrix.eliminate_zeros()
    return rules
