"""Values that can be parts of the values beside them, although neither labels nor figures prove it.

Steps of one course, as `Detected` and `Assisted`, can count the same people twice: a step is then a part of the one
that it never exceeds. Rows such as North 100, Groningen 91, Friesland c can be a subtotal and its parts. Each
reading is examined beside the usual one, in which all values are groups without common people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import NOT_STATED, are_numbered_alike, folded, known_values, translation
from kerege.evidence.sdc.reading.hierarchies import STEP, with_path
from kerege.evidence.sdc.reading.named_parts import named_parts
from kerege.evidence.sdc.reading.nested_codes import are_disjoint, band_of
from kerege.evidence.sdc.reading.options import PossibleParts, PossibleReading, PossibleTotal
from kerege.evidence.sdc.reading.published_rows import PublishedRows, rows_with_codes
from kerege.evidence.sdc.reading.stages import kinds_of_stage
from kerege.evidence.sdc.reading.subtotals import (
    MOST_CODES,
    FigureColumn,
    Parents,
    figure_column,
    mirrored,
    parents_by_code,
    with_checked_paths,
)

MOST_READINGS = 3  # readings that one column can have
MOST_FIGURES = 50_000  # figures that a table whose labels name no parts can have
MOST_TRIED = 50  # hierarchies of one column
MOST_LEFT = 20  # people that each suppressed part of a subtotal can have
Place = int


def read_possible_parts(
    rows: PublishedRows, several: frozenset[str], assumed: frozenset[PossibleReading]
) -> PublishedRows:
    """Return the rows with the names of their possible readings, and with those in `assumed` carried out.

    `several` are the columns in which one person can have several values.
    """
    for d, name in enumerate(rows.by):
        codes = [code for code in dict.fromkeys(rows.codes[d]) if code != TOTAL]
        if name in several or len(codes) > MOST_CODES or not _are_groups(codes):
            continue
        possible = list(_possible_parts(rows, d)) if _is_worth_a_search(rows, codes) else []
        rows = replace(rows, possible=(*rows.possible, *possible))
        for reading in (reading for reading in possible if reading in assumed):
            rows = _carried_out(rows, d, reading)
            break
    return rows


def _is_worth_a_search(rows: PublishedRows, codes: list[str]) -> bool:
    """Return whether labels name parts, or a table that is not too large can have subtotals."""
    return len(rows.counts) <= MOST_FIGURES or any(map(kinds_of_stage, codes)) or bool(named_parts(codes))


def _are_groups(codes: list[str]) -> bool:
    """Return whether codes have no path and are no bands that overlap."""
    return len(codes) > 1 and are_disjoint(codes) and not any(STEP in code for code in codes)


def _possible_parts(rows: PublishedRows, d: int) -> Iterator[PossibleParts]:
    column = figure_column(rows, d)
    if parts := {**named_parts(column.codes), **_steps(column)}:
        place = {code: number for number, code in enumerate(column.codes)}
        fitting = {part: whole for part, whole in parts.items() if _is_within(column, place[part], place[whole])}
        if fitting:
            yield PossibleParts(rows.by[d], tuple(fitting.items()), is_open=True)
            return
    if by_code := parents_by_code(rows, column):
        yield PossibleParts(rows.by[d], tuple(by_code.items()))
    has_bands = any(map(band_of, column.codes))
    if not column.has_total and not has_bands and translation(rows.by[d]) not in ("sex", "year"):
        size = len(column.codes)
        partitions = [*_partitions(column), *(mirrored(parents, size) for parents in _partitions(column.reversed()))]
        named = [
            {column.codes[part]: column.codes[whole] for part, whole in sorted(parents.items())}
            for parents in partitions
        ]
        for parents in islice((parents for parents in named if _can_be_parts(rows, d, parents)), MOST_READINGS):
            yield PossibleParts(rows.by[d], tuple(parents.items()))


def _can_be_parts(rows: PublishedRows, d: int, parents: dict[str, str]) -> bool:
    """Return whether no value and its part are of one kind, as two countries, and no total says the same."""
    known = known_values(rows.by[d])
    is_known = {code: folded(code) in known for code in {*parents, *parents.values()}}
    are_alike = any(
        (is_known[part] and is_known[whole]) or are_numbered_alike(part, whole) for part, whole in parents.items()
    )
    totals = {PossibleTotal(rows.by[d], whole) for whole in parents.values()}
    is_total = len(totals) == 1 and len(parents) + 1 == len({*rows.codes[d]})
    return not are_alike and not (is_total and totals & {*rows.possible})


def _carried_out(rows: PublishedRows, d: int, reading: PossibleParts) -> PublishedRows:
    """Return the rows with the path of each part before its code."""
    above = dict(reading.parents)
    paths = {code: with_path(code, above) for code in {*rows.codes[d]}}
    nested = rows_with_codes(rows, d, paths)
    if reading.is_open:
        parts = {(rows.by[d], paths[code]) for code in above}
        nested = replace(nested, single_parts=nested.single_parts | parts)
    return with_checked_paths(nested, d)


def _steps(column: FigureColumn) -> dict[str, str]:
    """Return the steps of one course that can be parts, with their wholes.

    The whole is the smallest other step that a step never exceeds.
    """
    kinds = {code: kinds_of_stage(code) for code in column.codes}
    steps = [place for place, code in enumerate(column.codes) if kinds[code]]
    size = {place: (-column.lower[place].sum(), place) for place in steps}
    parents: dict[str, str] = {}
    for part in sorted(steps, key=lambda place: size[place]):
        code = column.codes[part]
        wholes = [
            whole
            for whole in steps
            if size[whole] < size[part] and kinds[code] & kinds[column.codes[whole]] and _is_within(column, part, whole)
        ]
        if wholes:
            parents[code] = column.codes[max(wholes, key=lambda place: size[place])]
    return parents


def _is_within(column: FigureColumn, part: Place, whole: Place) -> bool:
    """Return whether no line has certainly more people in a part than in its whole."""
    return bool((column.lower[part] <= column.upper[whole]).all())


def _partitions(column: FigureColumn) -> Iterator[Parents]:
    """Yield the hierarchies of two levels in which each subtotal is before its parts.

    Either every value belongs to a subtotal, or the figures of some subtotal are an exact sum.
    """
    blocks = {place: list(_blocks(column, place)) for place in range(len(column.codes))}
    for parents, shown, left in islice(_divided(column, blocks, 0), MOST_TRIED):
        if shown and (not left or True in shown):
            yield parents


def _divided(
    column: FigureColumn, blocks: dict[Place, list[tuple[Place, set[bool]]]], start: Place
) -> Iterator[tuple[Parents, set[bool], int]]:
    """Yield subtotals with their parts from `start` on, what shows them, and the number of other values."""
    if start == len(column.codes):
        yield {}, set(), 0
        return
    for stop, of_block in blocks[start]:
        for parents, shown, left in _divided(column, blocks, stop):
            yield {**dict.fromkeys(range(start + 1, stop), start), **parents}, shown | of_block, left
    is_left = NOT_STATED.fullmatch(column.codes[start].strip()) is None
    for parents, shown, left in _divided(column, blocks, start + 1):
        yield parents, shown, left + is_left


def _blocks(column: FigureColumn, whole: Place) -> Iterator[tuple[Place, set[bool]]]:
    """Yield where the parts of a value can end, and what shows it.

    True is a line in which the parts are known and sum to the value, False one that leaves little for suppressed parts.
    In every line the parts can sum to the value.
    """
    low, high = column.lower[whole], column.upper[whole]
    for stop in range(whole + 3, len(column.codes) + 1):
        inside = slice(whole + 1, stop)
        least, most = column.lower[inside].sum(axis=0), column.upper[inside].sum(axis=0)
        if (least > high).any():
            return
        if (most < low).any():
            continue
        is_known = (low == high) & (low > 0) & ((column.lower[inside] > 0).sum(axis=0) > 1)
        is_exact = is_known & (least == most)
        open_parts = np.isinf(column.upper[inside]).sum(axis=0)
        is_near = is_known & (open_parts > 0) & (low - least <= MOST_LEFT * open_parts)
        if is_known.any():
            yield stop, {kind for kind, lines in ((True, is_exact), (False, is_near)) if lines.any()}
