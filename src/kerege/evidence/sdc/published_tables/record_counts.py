"""Counts of published records, as figures about the cells of the tables of the same people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, WITHHELD
from kerege.evidence.sdc.linear.linear_system import Ints
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.record_files import RecordFile
from kerege.evidence.sdc.published_tables.sheet import CellEstimates, Sheet

SEPARATOR = ";"
Condition = tuple[str, tuple[str, ...]]  # a column and the codes of which a record has one


@dataclass(frozen=True)
class CellGroup:
    """The conditions of a cell: its codes and the filter of its table."""

    flat: int
    conditions: frozenset[Condition]


def with_record_counts(publications: Sequence[Publication]) -> tuple[list[Publication], list[str]]:
    """Return the publications with the counts of records beside their cells, and notes on the records.

    A group of people is counted once in a file of records, however many tables show it.
    """
    records = _distinct(file for publication in publications for file in publication.records)
    if not records:
        return list(publications), []
    sheets = {sheet: sheet for publication in publications for sheet in publication.sheets}
    notes = []
    for file in records:
        used = 0
        counted: set[frozenset[Condition]] = set()
        for original, sheet in sheets.items():
            if _counts_the_same_people(file, sheet) and {*sheet.by, *sheet.where} <= set(file.frame.columns):
                narrowed, number = _with_counts(sheet, file, counted)
                sheets[original] = narrowed
                used += number
        notes.append(_note(file, used))
    return [
        replace(publication, sheets=[sheets[sheet] for sheet in publication.sheets]) for publication in publications
    ], notes


def _distinct(records: Iterable[RecordFile]) -> list[RecordFile]:
    """Return the files without those that are published again."""
    distinct: list[RecordFile] = []
    for file in records:
        if not any(_is_same(file, earlier) for earlier in distinct):
            distinct.append(file)
    return distinct


def _is_same(file: RecordFile, earlier: RecordFile) -> bool:
    if file.of != earlier.of or not file.frame.equals(earlier.frame):
        return False
    return (file.has_records and earlier.has_records) or file.estimates == earlier.estimates


def _counts_the_same_people(file: RecordFile, sheet: Sheet) -> bool:
    if file.of != sheet.of:
        return False
    if file.origin and sheet.origin:
        return file.origin == sheet.origin
    if file.as_of and sheet.as_of:
        return file.as_of == sheet.as_of
    return file.release == sheet.release


def _with_counts(sheet: Sheet, file: RecordFile, counted: set[frozenset[Condition]]) -> tuple[Sheet, int]:
    """Return a table with the counts of a file of records for its open cells, and how many there are."""
    groups = [group for group in _open_groups(sheet) if group.conditions not in counted]
    counts = _count(file, groups)
    if file.is_anonymous:
        return _with_least_counts(sheet, file, groups, counts), len(groups)
    figures, deviations = np.zeros(sheet.counts.size), np.full(sheet.counts.size, np.inf)
    for group, count in zip(groups, counts.tolist(), strict=True):
        figures[group.flat] = file.estimates.get(_values(group), count)
        is_known = file.has_records or _values(group) in file.estimates
        deviations[group.flat] = _deviation(file, group) if is_known else math.inf
    known = [group for group in groups if math.isfinite(deviations[group.flat])]
    counted.update(group.conditions for group in known)
    estimates = CellEstimates(file.name, file.release, figures, deviations)
    return replace(sheet, estimates=(*sheet.estimates, estimates)) if known else sheet, len(known)


def _open_groups(sheet: Sheet) -> list[CellGroup]:
    """Return the cells that are not published exactly, but none of *not reported* and *other*."""
    chosen = [(name, tuple(sorted(codes))) for name, codes in sheet.where.items()]
    groups = []
    for flat in np.flatnonzero(((sheet.status != WITHHELD) & (sheet.lower < sheet.upper)).ravel()).tolist():
        codes = [(name, code) for name, code in zip(sheet.by, sheet.keys(flat), strict=True) if code != TOTAL]
        if not any(code in (NOT_REPORTED, OTHER) for _, code in codes):
            groups.append(CellGroup(flat, frozenset([*chosen, *((name, (code,)) for name, code in codes)])))
    return groups


def _values(group: CellGroup) -> frozenset[tuple[str, str]]:
    """Return the values that a group combines, with none for a condition of several codes."""
    if any(len(codes) != 1 for _, codes in group.conditions):
        return frozenset()
    return frozenset((name, codes[0]) for name, codes in group.conditions)


def _count(file: RecordFile, groups: Sequence[CellGroup]) -> Ints:
    """Return the number of records in each group."""
    if not groups:
        return np.zeros(0, dtype=np.int64)
    counts = file.frame.select(_selects(file, group).sum().alias(str(number)) for number, group in enumerate(groups))
    return np.array(counts.row(0), dtype=np.int64)


def _selects(file: RecordFile, group: CellGroup) -> pl.Expr:
    """Return the expression of the records that fulfil all conditions of a group."""
    conditions = [
        pl.any_horizontal(pl.col(name).str.split(SEPARATOR).list.contains(code) for code in codes)
        if name in file.multi
        else pl.col(name).is_in(list(codes))
        for name, codes in sorted(group.conditions)
    ]
    everybody = pl.repeat(value=True, n=pl.len(), dtype=pl.Boolean)
    return pl.all_horizontal(everybody, *conditions).fill_null(value=False)


def _deviation(file: RecordFile, group: CellGroup) -> float:
    """Return the standard deviation of a count of records, infinity where the certificate states none.

    A filter with several values is a sum of as many noisy counts.
    """
    deviation = file.deviations.get(len(group.conditions), math.inf)
    sums = math.prod(len(codes) for _, codes in group.conditions)
    has_overlap = any(len(codes) > 1 and name in file.multi for name, codes in group.conditions)
    return math.inf if has_overlap else deviation * math.sqrt(sums)


def _with_least_counts(sheet: Sheet, file: RecordFile, groups: Sequence[CellGroup], counts: Ints) -> Sheet:
    """Return a table with the bounds that k-anonymous records prove.

    No value occurs more often than in the register, the number of records is rounded down to a multiple of k, and at
    least k people share each combination.
    """
    lower, upper = (bounds.ravel().copy() for bounds in (sheet.lower, sheet.upper))
    for group, count in zip(groups, counts.tolist(), strict=True):
        length = len(group.conditions)
        least = _least_people(file, length, count, is_one_value=all(len(codes) == 1 for _, codes in group.conditions))
        lower[group.flat] = min(max(lower[group.flat], least), upper[group.flat])
        if length == 0:
            upper[group.flat] = max(min(upper[group.flat], count + file.k - 1), lower[group.flat])
    shape = sheet.counts.shape
    return replace(sheet, lower=lower.reshape(shape), upper=upper.reshape(shape))


def _least_people(file: RecordFile, length: int, count: int, *, is_one_value: bool) -> float:
    """Return the least number of people in a group of which a k-anonymous file has `count` records."""
    if not count or length > file.order:
        return 0
    return count if length == 0 or (length == 1 and is_one_value) else file.k


def _note(file: RecordFile, cells: int) -> str:
    """Return a sentence on the disclosure risk of the records beside the tables, and on its limits."""
    name = f"records {file.name} of {file.release}"
    if file.is_anonymous:
        return (
            f"{name}: {cells} unpublished figures were examined together with the people that the k-anonymous file"
            f" proves; of combinations of more than {file.order} values nothing is known"
        )
    if not file.deviations:
        return f"{name}: no certificate states their accuracy, so their disclosure risk beside the tables is not known"
    lengths = [length for length in sorted(file.deviations) if length]
    stated = ", ".join(f"{file.deviations[length]:.1f} people for combinations of {length}" for length in lengths)
    return (
        f"{name}: {cells} unpublished figures were examined together with the counts of the records, whose noise has"
        f" by the certificate a standard deviation of {stated}; for longer combinations no bound is known of what"
        " records and tables disclose together"
    )
