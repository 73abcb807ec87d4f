"""Bounds of the true numbers of published cells, and comparisons that hold between all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kerege.publishing.storage.published_tables import NOT_REPORTED, OTHERS, PublishedCell, PublishedTable

NEAR = 0.1  # two parts of a whole are about equal if they differ by at most this share of it


@dataclass(frozen=True)
class Bounds:
    """Least and largest true number that a published cell allows."""

    lower: float
    upper: float


def bounds_of(table: PublishedTable, cell: PublishedCell | None) -> Bounds:
    """Return the bounds of one cell: an exact count, a rounded one with its half width, or any number."""
    if cell is None or cell.count is None:
        return Bounds(0, math.inf)
    if cell.exact:
        return Bounds(cell.count, cell.count)
    half = table.entry.params.get("half_width")
    return Bounds(0, math.inf) if half is None else Bounds(max(0, cell.count - int(half)), cell.count + int(half))


def bounds_along(
    table: PublishedTable, pairs: Iterable[tuple[str, PublishedCell]], *, is_partition: bool = True
) -> dict[str, Bounds]:
    """Return the bounds of each code along one dimension.

    A suppressed number is at most the total without the numbers that are published; of a column with several values for
    a person, at most the total.
    """
    cells = dict(pairs)
    bounds = {code: bounds_of(table, cell) for code, cell in cells.items()}
    known = sum(bounds[code].lower for code, cell in cells.items() if cell.count is not None) if is_partition else 0
    rest = max(0, bounds_of(table, table.total).upper - known)
    return {code: Bounds(0, rest) if cells[code].count is None else span for code, span in bounds.items()}


def rank(bounds: dict[str, Bounds]) -> list[str]:
    """Return the categories that are certainly first, second, ...: each exceeds all after it.

    `bounds` may hold the group of small categories: none of them is larger than the group. It ends where two categories
    can be equal.
    """
    rivals = {code: span for code, span in bounds.items() if NOT_REPORTED not in code.split(">")}
    candidates = sorted(rivals, key=lambda code: (-rivals[code].lower, code))
    ranked: list[str] = []
    for code in candidates:
        span = rivals.pop(code)
        if OTHERS in code.split(">") or any(span.lower <= other.upper for other in rivals.values()):
            break
        ranked.append(code)
    return ranked


def is_majority(part: Bounds, whole: Bounds) -> bool:
    """Return whether a part is certainly more than half of a whole."""
    return 2 * part.lower > whole.upper


def is_near(first: Bounds, second: Bounds, whole: Bounds) -> bool:
    """Return whether two parts of a whole certainly differ by at most a tenth of it."""
    return max(first.upper - second.lower, second.upper - first.lower) <= NEAR * whole.lower
