"""Columns that mix sexes and ages, as `Total, Men, Women, Under 18, 18+`: a table for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kerege.evidence.sdc.reading.bands import is_band
from kerege.evidence.sdc.reading.column_names import SEXES, sex_code
from kerege.evidence.sdc.reading.published_rows import PublishedRows, rows_at
from kerege.evidence.sdc.reading.total_labels import is_total_label

KINDS = ("sex", "age", "")


def split_mixed_columns(rows: PublishedRows) -> Iterator[PublishedRows]:
    """Yield the table, or one by sex, one by age and one by the other values of a mixed column."""
    for d, column in enumerate(rows.by):
        kinds = {value: _kind(value, column) for value in dict.fromkeys(rows.codes[d])}
        by_kind = {kind: {value for value, other in kinds.items() if other == kind} for kind in KINDS}
        if len(by_kind["sex"]) > 1 and len(by_kind["age"]) > 1:
            totals = {value for value, kind in kinds.items() if kind == "total"}
            shared = totals | (by_kind.pop("") if not totals and len(by_kind[""]) == 1 else set())
            for kind, values in by_kind.items():
                if values:
                    yield from split_mixed_columns(_part(rows, d, values | shared, kind))
            return
    yield rows


def _kind(value: str, column: str) -> str:
    """Return whether a value is a total, a sex or a band of ages, '' for any other."""
    if is_total_label(value, column):
        return "total"
    if sex_code(value) in SEXES:
        return "sex"
    return "age" if is_band(value) else ""


def _part(rows: PublishedRows, d: int, values: set[str], kind: str) -> PublishedRows:
    """Return the rows with some values of a column, which gets the name of their kind."""
    kept = [place for place, code in enumerate(rows.codes[d]) if code in values]
    name = kind if kind and kind not in rows.by else rows.by[d]
    part = rows_at(rows, kept)
    return replace(part, by=(*rows.by[:d], name, *rows.by[d + 1 :]))
