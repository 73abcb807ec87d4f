"""Published tables, read from the CSV files of a release and never from a snapshot or the register."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kerege.base import csv_cells
from kerege.evidence.release.manifest import TableEntry

TOTAL = "_T"
NOT_REPORTED = "_U"
OTHERS = "_O"  # small categories that a release shows only as a group
WITHHELD = "suppressed"


@dataclass(frozen=True)
class PublishedCell:
    """One published cell. `count` is None exactly when the cell is suppressed."""

    count: int | None
    status: str = "ok"

    @property
    def exact(self) -> bool:
        """Return whether the count is the true one."""
        return self.count is not None and self.status == "ok"

    @property
    def about(self) -> bool:
        """Return whether the count is published, but rounded or perturbed."""
        return self.count is not None and self.status != "ok"


@dataclass(frozen=True)
class PublishedRow:
    """The codes of one cell, one per dimension, and the cell."""

    keys: tuple[str, ...]
    cell: PublishedCell


@dataclass(frozen=True)
class PublishedTable:
    """Table of a release: its manifest entry, and its cells in file order."""

    name: str
    by: tuple[str, ...]
    entry: TableEntry
    content: bytes
    release_digest: str = ""

    @cached_property
    def rows(self) -> tuple[PublishedRow, ...]:
        """Return the cells, totals included."""
        return tuple(self._parse())

    def _parse(self) -> Iterator[PublishedRow]:
        records = csv.DictReader(io.StringIO(self.content.decode("utf-8-sig")))
        records.fieldnames = [csv_cells.plain(name) for name in records.fieldnames or ()]
        for record in records:
            text = record.get("count") or ""
            cell = PublishedCell(int(float(text)) if text else None, record.get("status") or "ok")
            yield PublishedRow(tuple(csv_cells.plain(record[column] or "") for column in self.by), cell)

    @cached_property
    def _index(self) -> dict[tuple[str, ...], PublishedCell]:
        return {row.keys: row.cell for row in self.rows}

    def cell(self, *keys: str) -> PublishedCell | None:
        """Return the cell of these codes, or None when the table has no such row."""
        return self._index.get(keys)

    @property
    def total(self) -> PublishedCell | None:
        """Return the cell with every dimension at its total."""
        return self.cell(*([TOTAL] * len(self.by)))

    def codes(self, dimension: int = 0) -> list[str]:
        """Return the codes of one dimension in file order, without the total."""
        seen = dict.fromkeys(row.keys[dimension] for row in self.rows if len(row.keys) > dimension)
        return [code for code in seen if code != TOTAL]

    def along(self, dimension: int = 0) -> list[tuple[str, PublishedCell]]:
        """Return (code, cell) along one dimension, with every other dimension at its total."""
        rest = [TOTAL] * len(self.by)
        cells = []
        for code in self.codes(dimension):
            cell = self.cell(*rest[:dimension], code, *rest[dimension + 1 :])
            if cell is not None:
                cells.append((code, cell))
        return cells
