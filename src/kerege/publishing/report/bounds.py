"""Bounds of the true numbers of published cells, and comparisons that hold between all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kerege.publishing.storage.published_tables import (
    NOT_REPORTED,
    OTHERS,
    TOTAL,
    PublishedCell,
    PublishedRow,
    PublishedTable,
)

NEAR = 0.1  # two parts of a whole are about equal if they differ by at most this share of it
MISSING = "?"  # code of what a table does not list, although its total counts it
NAMELESS = frozenset({OTHERS, MISSING})  # groups whose parts have no name: they are rivals and never win
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """Least and largest true number that a published cell allows."""

    lower: float
    upper: float

    @property
    def is_one(self) -> bool:
        """Return whether only one number fits."""
        return self.lower == self.upper


UNKNOWN = Bounds(0, math.inf)


def bounds_of(table: PublishedTable, cell: PublishedCell | None) -> Bounds:
    """Return the bounds of one cell: an exact count, a rounded one with its half width, or any number."""
    if cell is None or cell.count is None:
        return UNKNOWN
    if cell.exact:
        return Bounds(cell.count, cell.count)
    half = table.entry.params.get("half_width")
    return UNKNOWN if half is None else Bounds(max(0, cell.count - int(half)), cell.count + int(half))


def bounds_of_table(table: PublishedTable) -> dict[Keys, Bounds]:
    """Return the bounds of each cell of a table by its codes.

    A suppressed number is at most each total that counts it, without the published numbers of that total. A column
    with several values for a person has no such rest. The code `?` is for what a total counts and no row lists.
    Where a total is below its parts, the table contradicts itself and only the total of the whole table bounds.
    """
    spans = {row.keys: bounds_of(table, row.cell) for row in table.rows}
    narrowed = dict(spans)
    for position, dimension in enumerate(table.by):
        lines = _lines(table, position)
        is_parted = dimension not in table.entry.multi
        if is_parted and len(table.by) > 1 and any(_is_contradicted(spans, *line) for line in lines.items()):
            return _bounds_of_whole(table, spans)
        for keys, rows in lines.items():
            narrowed |= _bounds_of_line(spans, narrowed, keys, rows, is_parted=is_parted)
            if is_parted and (rest := _missing(table, spans, keys, rows)):
                narrowed[*keys[:position], MISSING, *keys[position + 1 :]] = rest
    return narrowed


def _lines(table: PublishedTable, position: int) -> dict[Keys, list[PublishedRow]]:
    """Return the rows that a total adds up along one dimension, by the codes of this total."""
    lines: dict[Keys, list[PublishedRow]] = {}
    for row in table.rows:
        if row.keys[position] != TOTAL:
            lines.setdefault((*row.keys[:position], TOTAL, *row.keys[position + 1 :]), []).append(row)
    return lines


def _is_contradicted(spans: Mapping[Keys, Bounds], keys: Keys, rows: list[PublishedRow]) -> bool:
    """Return whether the published parts of a total exceed it."""
    return sum(spans[row.keys].lower for row in rows) > spans.get(keys, UNKNOWN).upper


def _bounds_of_whole(table: PublishedTable, spans: Mapping[Keys, Bounds]) -> dict[Keys, Bounds]:
    """Return the bounds that follow from the total of the whole table alone."""
    rows = [row for row in table.rows if TOTAL not in row.keys]
    return dict(spans) | _bounds_of_line(spans, spans, (TOTAL,) * len(table.by), rows, is_parted=True)


def _bounds_of_line(
    spans: Mapping[Keys, Bounds],
    narrowed: Mapping[Keys, Bounds],
    keys: Keys,
    rows: list[PublishedRow],
    *,
    is_parted: bool,
) -> dict[Keys, Bounds]:
    """Return the narrower bounds of the suppressed cells of one line."""
    known = sum(spans[row.keys].lower for row in rows if row.cell.count is not None) if is_parted else 0
    rest = max(0, spans.get(keys, UNKNOWN).upper - known)
    return {row.keys: Bounds(0, min(rest, narrowed[row.keys].upper)) for row in rows if row.cell.count is None}


def _missing(
    table: PublishedTable, spans: Mapping[Keys, Bounds], keys: Keys, rows: list[PublishedRow]
) -> Bounds | None:
    """Return the bounds of what a total counts and no row lists, None when the rows can be all."""
    total = spans.get(keys)
    if total is None or any(row.cell.count is None for row in rows):
        return None
    least = total.lower - sum(spans[row.keys].upper for row in rows)
    most = total.upper - sum(spans[row.keys].lower for row in rows)
    return Bounds(0, most) if least > 0 or (most > 0 and "small_categories" in table.entry.params) else None


def rank(bounds: Mapping[str, Bounds]) -> list[str]:
    """Return the categories that are certainly first, second, ...: each exceeds all after it.

    `bounds` may hold groups of small categories: none of them is larger than its group. The result ends where two
    categories can be equal.
    """
    rivals = {code: span for code, span in bounds.items() if NOT_REPORTED not in split(code)}
    ranked: list[str] = []
    for code in sorted(rivals, key=lambda code: (-rivals[code].lower, code)):
        span = rivals.pop(code)
        if NAMELESS & set(split(code)) or not exceeds(span, rivals.values()):
            break
        ranked.append(code)
    return ranked


def split(code: str) -> list[str]:
    """Return the single codes of an address."""
    return code.replace(">", "/").split("/")


def exceeds(span: Bounds, others: Iterable[Bounds]) -> bool:
    """Return whether a number is certainly larger than each of the others."""
    return all(span.lower > other.upper for other in others)


def is_majority(part: Bounds, whole: Bounds) -> bool:
    """Return whether a part is certainly more than half of a whole."""
    return 2 * part.lower > whole.upper


def is_near(first: Bounds, second: Bounds, whole: Bounds) -> bool:
    """Return whether two parts of a whole certainly differ by at most a tenth of it."""
    return max(first.upper - second.lower, second.upper - first.lower) <= NEAR * whole.lower
