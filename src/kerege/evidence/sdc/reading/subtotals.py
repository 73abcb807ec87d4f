"""Values that are subtotals of others: proved by the figures, or stated by the labels.

Rows such as North, Groningen, Friesland, South are a hierarchy if the figures allow no other reading. Where values sum
to more than their total and no single hierarchy explains it, nothing is known of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kerege.base.message_text import listed, shown
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.bands import is_band
from kerege.evidence.sdc.reading.hierarchies import STEP, with_path
from kerege.evidence.sdc.reading.nested_codes import are_disjoint
from kerege.evidence.sdc.reading.published_rows import PublishedRows, lines_along, rows_with_codes

MOST_CODES = 100  # most codes of a column whose row order is searched for a hierarchy
MOST_FIGURES = 2_000_000  # values by lines
MOST_STEPS = 20_000  # most steps of the search
Floats = NDArray[np.float64]
Parents = dict[int, int]  # place of a value -> place of its subtotal


@dataclass(frozen=True)
class FigureColumn:
    """The values of a column in the order of the file, with the bounds of their figures in each line."""

    codes: Sequence[str]
    lower: Floats  # by value and line
    upper: Floats
    total_lower: Floats  # by line, 0 and infinity where no total is published
    total_upper: Floats

    @property
    def has_total(self) -> bool:
        """Return whether some line publishes its total."""
        return bool(np.isfinite(self.total_upper).any())

    def exceeds_total(self) -> bool:
        """Return whether the values of a line certainly sum to more than its total."""
        certain = np.where(np.isfinite(self.upper), self.lower, 0.0)
        return bool((certain.sum(axis=0) > self.total_upper).any())

    def reversed(self) -> FigureColumn:
        """Return the values in the opposite order, in which subtotals come before their parts."""
        codes, lower, upper = self.codes[::-1], self.lower[::-1], self.upper[::-1]
        return FigureColumn(codes, lower, upper, self.total_lower, self.total_upper)


def read_subtotals(rows: PublishedRows, several: frozenset[str]) -> PublishedRows:
    """Return the rows with a path before each code that the figures prove to be part of a subtotal.

    `several` are the columns in which one person can have several values. A column whose labels state a hierarchy that
    the figures contradict is unread. Parts that certainly leave out others of their whole become `single_parts`.
    """
    for d, name in enumerate(rows.by):
        codes = len({*rows.codes[d]})
        if name in several or codes * len({*zip(*(rows.codes[:d] + rows.codes[d + 1 :]), strict=True)}) > MOST_FIGURES:
            continue
        if any(STEP in code for code in rows.codes[d]):
            rows = with_checked_paths(rows, d)
        elif are_disjoint(list(dict.fromkeys(rows.codes[d]))):
            rows = _with_subtotals(rows, d)
    return rows


def figure_column(rows: PublishedRows, d: int) -> FigureColumn:
    codes = [code for code in dict.fromkeys(rows.codes[d]) if code != TOTAL]
    lines = lines_along(rows, d)
    lower, upper = np.zeros((len(codes), len(lines))), np.full((len(codes), len(lines)), math.inf)
    total_lower, total_upper = np.zeros(len(lines)), np.full(len(lines), math.inf)
    place = {code: number for number, code in enumerate(codes)}
    for number, line in enumerate(lines):
        for code, figure in line.items():
            if code == TOTAL:
                total_lower[number], total_upper[number] = figure.lower, figure.upper
            else:
                least = max(figure.lower, 1) if figure.mark else figure.lower
                lower[place[code], number], upper[place[code], number] = min(least, figure.upper), figure.upper
    return FigureColumn(codes, lower, upper, total_lower, total_upper)


def with_checked_paths(rows: PublishedRows, d: int) -> PublishedRows:
    """Return the rows with the parts that leave out others, or as unread if parts exceed their whole."""
    column = figure_column(rows, d)
    place = {code: number for number, code in enumerate(column.codes)}
    parts = set(rows.single_parts)
    for whole, number in place.items():
        inside = [other for code, other in place.items() if code.rpartition(STEP)[0] == whole]
        if not inside:
            continue
        if (column.lower[inside].sum(axis=0) > column.upper[number]).any():
            return replace(rows, unread=tuple(dict.fromkeys((*rows.unread, shown(rows.by[d])))))
        if (column.upper[inside].sum(axis=0) < column.lower[number]).any():
            parts |= {(rows.by[d], column.codes[other]) for other in inside}
    return replace(rows, single_parts=frozenset(parts))


def _with_subtotals(rows: PublishedRows, d: int) -> PublishedRows:
    """Return the rows with the paths that the figures prove, the same rows if they prove none."""
    codes = {*rows.codes[d]} - {TOTAL}
    if not 2 < len(codes) <= MOST_CODES or any(map(is_band, codes)):
        return rows
    column = figure_column(rows, d)
    above = parents_by_code(rows, column)
    above = above if column.exceeds_total() or (not column.has_total and _is_shown_by_sum(column, above)) else {}
    if above:
        paths = {code: with_path(code, above) for code in column.codes}
        note = f"Column {shown(rows.by[d])}: read as parts of one another, as the codes beside the labels say."
        return with_checked_paths(replace(rows_with_codes(rows, d, paths), notes=(*rows.notes, note)), d)
    parents = _proved_by_total(column) if column.exceeds_total() else {}
    if not column.has_total:
        parents = _proved_by_sums(column) or mirrored(_proved_by_sums(column.reversed()), len(column.codes))
    if not parents:
        return rows
    above = {column.codes[place]: column.codes[parent] for place, parent in parents.items()}
    subtotals = listed([shown(code) for code in dict.fromkeys(above.values())])
    note = (
        f"Column {shown(rows.by[d])}: read as sums of the values beside them, because the figures add up: {subtotals}."
    )
    paths = {code: with_path(code, above) for code in column.codes}
    return replace(rows_with_codes(rows, d, paths), notes=(*rows.notes, note))


def parents_by_code(rows: PublishedRows, column: FigureColumn) -> dict[str, str]:
    """Return the parts with the wholes that codes state, {} where the figures contradict it."""
    place = {code: number for number, code in enumerate(column.codes)}
    parents = {part: whole for part, whole in rows.code_parents if part in place and whole in place}
    for whole in {*parents.values()}:
        inside = [place[part] for part, above in parents.items() if above == whole]
        if (column.lower[inside].sum(axis=0) > column.upper[place[whole]]).any():
            return {}
    return parents


def _is_shown_by_sum(column: FigureColumn, above: dict[str, str]) -> bool:
    """Return whether the parts of some value are known, and sum to it in a line."""
    place = {code: number for number, code in enumerate(column.codes)}
    for whole in {*above.values()}:
        inside = [place[part] for part, other in above.items() if other == whole]
        least, most = column.lower[inside].sum(axis=0), column.upper[inside].sum(axis=0)
        own = place[whole]
        is_exact = (least == most) & (column.lower[own] == column.upper[own]) & (least > 0)
        if (is_exact & (least == column.lower[own])).any():
            return True
    return False


def mirrored(parents: Parents, size: int) -> Parents:
    return {size - 1 - place: size - 1 - parent for place, parent in parents.items()}


def _proved_by_total(column: FigureColumn) -> Parents:
    """Return the only hierarchy whose highest values sum to the total, {} without one."""
    results = [_only(_Search(column)), mirrored(_only(_Search(column.reversed())), len(column.codes))]
    proved = [parents for parents in results if parents]
    return proved[0] if len(proved) == 1 else {}


def _only(search: _Search) -> Parents:
    """Return the only hierarchy of a search, {} if there are several or none, or the search is too long."""
    column = search.column
    result: list[Parents] = []
    try:
        for forest in search.forests(0, len(column.codes), column.total_lower, column.total_upper):
            result += [forest.parents]
            if len(result) > 1:
                return {}
    except TimeoutError:
        return {}
    return result[0] if result else {}


@dataclass(frozen=True)
class _Forest:
    """A hierarchy of some values, and the bounds of the sum of its highest values in each line."""

    parents: Parents
    least: Floats
    most: Floats


@dataclass
class _Search:
    """A search for the hierarchies that the figures of a column allow, each subtotal before its parts."""

    column: FigureColumn
    steps: int = field(default=0)

    def forests(self, start: int, end: int, low: Floats, high: Floats) -> Iterator[_Forest]:
        """Yield the hierarchies of the values from `start` to `end` whose highest values can have a sum."""
        zero = np.zeros_like(low)
        yield from self._forests(start, end, (low, high), _Forest({}, zero, zero))

    def _forests(self, start: int, end: int, bounds: tuple[Floats, Floats], before: _Forest) -> Iterator[_Forest]:
        """Yield the hierarchies that begin with one of the values before `start`."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TimeoutError
        if (before.least > bounds[1]).any():
            return
        if start == end:
            if (before.most >= bounds[0]).all():
                yield before
            return
        for stop in range(start + 1, end + 1):
            for node in self._nodes(start, stop):
                parents = {**before.parents, **node.parents}
                together = _Forest(parents, before.least + node.least, before.most + node.most)
                yield from self._forests(stop, end, bounds, together)

    def _nodes(self, start: int, stop: int) -> Iterator[_Forest]:
        """Yield the hierarchies of a value and its parts, which end at `stop`."""
        low, high = self.column.lower[start], self.column.upper[start]
        if stop == start + 1:
            yield _Forest({}, low, high)
            return
        for inner in self.forests(start + 1, stop, low, high):
            parents = {place: inner.parents.get(place, start) for place in range(start + 1, stop)}
            yield _Forest(parents, np.maximum(low, inner.least), np.minimum(high, inner.most))


def _proved_by_sums(column: FigureColumn) -> Parents:
    """Return the hierarchy in which each subtotal of a column without a total is a sum of values below.

    Two exact lines show it for one subtotal; one line does if all values are subtotals or their parts.
    """
    parents: Parents = {}
    evidence: list[int] = []
    place = 0
    while place < len(column.codes):
        stop, lines = _end_of_parts(column, place)
        parents |= dict.fromkeys(range(place + 1, stop), place)
        evidence += [lines] if stop > place + 1 else []
        place = stop
    covers_all = len(parents) + len(evidence) == len(column.codes)
    is_shown = max(evidence, default=0) > 1 or (covers_all and len(evidence) > 1)
    return parents if is_shown else {}


def _end_of_parts(column: FigureColumn, place: int) -> tuple[int, int]:
    """Return where the parts of a value end, and how many exact lines show it; 0 if it has no parts."""
    low, high = column.lower[place], column.upper[place]
    for stop in range(place + 3, len(column.codes) + 1):
        inside = slice(place + 1, stop)
        least, most = column.lower[inside].sum(axis=0), column.upper[inside].sum(axis=0)
        is_exact = (least == most) & (low == high) & ((column.lower[inside] > 0).sum(axis=0) > 1)
        if (least <= high).all() and (most >= low).all() and is_exact.any():
            return stop, int(is_exact.sum())
    return place + 1, 0
