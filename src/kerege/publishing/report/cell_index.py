"""Index of the cells of published tables by address, with the bounds of their true numbers."""

from __future__ import annotations

from collections.abc import Mapping

from kerege.publishing.report.bounds import UNKNOWN, Bounds, bounds_of_table
from kerege.publishing.report.facts import address
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, PublishedTable

ANY = "*"  # any code but the total and the one for people of whom nothing is known
LEFT_OUT = "-"  # a scope leaves out the address behind this sign


class CellIndex:
    """Cells by address (`table/key`); a table is read when a claim first asks for it."""

    def __init__(self, tables: Mapping[str, PublishedTable]) -> None:
        self.tables = tables
        self._bounds: dict[str, Bounds] = {}
        self._withheld: set[str] = set()
        self._read: set[str] = set()

    def span(self, at: str) -> Bounds:
        """Return the bounds of a cell; of one that no table lists, any number."""
        self._load(at)
        return self._bounds.get(at, UNKNOWN)

    def is_shown(self, at: str) -> bool:
        """Return whether a number is published for a cell."""
        self._load(at)
        return at in self._bounds and at not in self._withheld

    def match(self, scope: str) -> dict[str, Bounds]:
        """Return the cells of a scope: `*` is any code, and a minus leaves out an address."""
        parts = scope.split()
        without = {part[1:] for part in parts if part.startswith(LEFT_OUT)}
        matched: dict[str, Bounds] = {}
        for pattern in (part for part in parts if not part.startswith(LEFT_OUT)):
            self._load(pattern)
            matched |= {at: span for at, span in self._bounds.items() if _fits(at, pattern) and at not in without}
        return matched

    def whole_of(self, at: str) -> str:
        """Return the address of the total along the last dimension."""
        return f"{at.rpartition('/')[0]}/{TOTAL}"

    def _load(self, at: str) -> None:
        name = at.partition("/")[0]
        table = self.tables.get(name)
        if name in self._read or table is None:
            return
        self._read.add(name)
        self._bounds |= {address(name, *keys): span for keys, span in bounds_of_table(table).items()}
        self._withheld |= {address(name, *row.keys) for row in table.rows if row.cell.count is None}


def _fits(at: str, pattern: str) -> bool:
    codes, pattern_code = at.split("/"), pattern.split("/")
    return len(codes) == len(pattern_code) and all(map(_is_code, codes, pattern_code))


def _is_code(code: str, pattern_code: str) -> bool:
    return code not in {TOTAL, NOT_REPORTED} if pattern_code == ANY else code == pattern_code
