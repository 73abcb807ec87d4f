"""Table of a release as its CSV states it, and the numbers that each of its cells allows."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

TOTAL, UNKNOWN = "_T", "_U"
Span = tuple[float, float]
ANY: Span = (0, math.inf)


@dataclass(frozen=True)
class SignedTable:
    """Cells of a table by their codes: count, or None where it is suppressed, and status.

    `half_width` is the largest distance of a rounded number from the true one, `several` the columns with several
    values for a person.
    """

    by: tuple[str, ...]
    cells: dict[tuple[str, ...], tuple[int | None, str]]
    half_width: int | None = None
    several: frozenset[str] = frozenset()

    def count(self, codes: tuple[str, ...]) -> int | None:
        """Return a count; None when it is suppressed or the table has no such row."""
        return self.cells.get(codes, (None, ""))[0]

    def is_exact(self, codes: tuple[str, ...]) -> bool:
        """Return whether the published count is the true one."""
        return self.count(codes) is not None and self.cells[codes][1] == "ok"

    def span(self, codes: tuple[str, ...]) -> Span:
        """Return the least and the largest true number that a cell allows."""
        count = self.count(codes)
        if codes not in self.cells:
            return ANY
        if count is None:
            return 0, self._most(codes)
        if self.is_exact(codes):
            return count, count
        return ANY if self.half_width is None else (max(0, count - self.half_width), count + self.half_width)

    def _most(self, codes: tuple[str, ...]) -> float:
        """Return the most that a suppressed cell can be."""
        inner = [key for key in self.cells if TOTAL not in key]
        if len(self.by) > 1 and TOTAL not in codes and self._is_contradicted:
            known = sum(self.span(key)[0] for key in inner if self.count(key) is not None)
            return max(0, self.span((TOTAL,) * len(self.by))[1] - known)
        return min((self._rest(codes, position) for position in range(len(self.by))), default=math.inf)

    @cached_property
    def _is_contradicted(self) -> bool:
        """Return whether published parts exceed their total somewhere."""
        places = [place for place, name in enumerate(self.by) if name not in self.several]
        return any(
            self._known(key, place) > self.span_of_total(key, place)[1] for key in self.cells for place in places
        )

    def _known(self, codes: tuple[str, ...], position: int) -> float:
        """Return the least sum of the published parts of a total."""
        return sum(self.span(key)[0] for key in self.line(codes, position) if self.count(key) is not None)

    def line(self, codes: tuple[str, ...], position: int) -> list[tuple[str, ...]]:
        """Return the cells that differ from `codes` in one position only, without the total."""
        kept = (*codes[:position], *codes[position + 1 :])
        return [key for key in self.cells if key[position] != TOTAL and (*key[:position], *key[position + 1 :]) == kept]

    def _rest(self, codes: tuple[str, ...], position: int) -> float:
        """Return what a total leaves for its suppressed parts."""
        if codes[position] == TOTAL:
            return math.inf
        total = self.span_of_total(codes, position)[1]
        if self.by[position] in self.several:
            return total
        return max(0, total - self._known(codes, position))

    def span_of_total(self, codes: tuple[str, ...], position: int) -> Span:
        """Return the bounds of the total along one position."""
        total = (*codes[:position], TOTAL, *codes[position + 1 :])
        return ANY if self.count(total) is None else self.span(total)

    def unlisted(self, codes: tuple[str, ...], position: int) -> float:
        """Return the most that a total counts and no row lists, zero when the rows can be all of it."""
        line = self.line(codes, position)
        if self.by[position] in self.several or any(self.count(key) is None for key in line):
            return 0
        low, high = self.span_of_total(codes, position)
        most = high - sum(self.span(key)[0] for key in line)
        is_certain = low > sum(self.span(key)[1] for key in line)
        return most if math.isfinite(most) and is_certain else 0


def read_table(content: bytes, half_width: int | None = None, several: Collection[str] = ()) -> SignedTable:
    """Return the table in the bytes of a signed CSV file.

    Examples
    --------
    >>> table = read_table(b"origin,count,status\\n_T,30,ok\\nUZ,20,ok\\nKZ,,suppressed\\n")
    >>> table.span(("UZ",)), table.span(("KZ",))
    ((20, 20), (0, 10))
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    heads = [head.lstrip("'") for head in rows[0]]
    by = tuple(head for head in heads if head not in {"count", "status"})
    cells = {}
    for row in rows[1:]:
        cell = dict(zip(heads, row, strict=True))
        count = int(float(cell["count"])) if cell["count"] else None
        cells[tuple(cell[name].lstrip("'") for name in by)] = (count, cell["status"])
    return SignedTable(by, cells, half_width, frozenset(several))
