"""The form of Kerege's own tables. A table whose manifest states a unit need not have it."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.base.csv_cells import plain
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import COUNTS, concept
from kerege.evidence.sdc.reading.figures import STATUS, integer, stated_bounds
from kerege.evidence.sdc.reading.long_table import DIMENSION, LongRecords
from kerege.evidence.sdc.reading.nested_codes import are_disjoint
from kerege.evidence.sdc.reading.set_codes import SEPARATOR
from kerege.evidence.sdc.reading.shares import is_measure, parse_number
from kerege.evidence.sdc.reading.total_labels import is_total_label


def has_own_form(table: LongRecords) -> bool:
    """Return whether records have the columns, the codes and the figures of a table of Kerege.

    A table of any other form is read like that of any publisher. Read in this form, its total would be one more
    category, a mean a dimension and a dash a suppressed figure, and nothing would be disclosed.
    """
    lowered = [name.lower() for name in table.header]
    count = next((lowered.index(name) for name in COUNTS if name in lowered), None)
    if count is None or any(len(record) != len(table.header) for record in table.records):
        return False
    status = lowered.index("status") if "status" in lowered else None
    dimensions = [place for place in range(len(table.header)) if place not in (count, status)]
    return (
        all(map(_is_own_figure, table.column(count)))
        and (status is None or {*table.column(status)} <= {*STATUS, ""})
        and all(_is_own_dimension(table.header[d], [plain(text) for text in table.column(d)]) for d in dimensions)
    )


def _is_own_figure(text: str) -> bool:
    """Return whether a text is a count, nothing, or a bound such as `<10`."""
    return not text or integer(text) is not None or stated_bounds(text) != stated_bounds("")


def _is_own_dimension(name: str, codes: Sequence[str]) -> bool:
    """Return whether a column has codes of Kerege.

    Where its total is `_T`, any other code is a value. Without a total it can be that of another publisher. Codes that
    overlap, as 2025 and 2025-H1, are cut into pieces like those of another publisher.
    """
    if any(SEPARATOR in code for code in codes) or not are_disjoint(list(dict.fromkeys(codes))):
        return False
    if TOTAL in codes:
        return True
    numbers = [number for number in map(parse_number, filter(None, codes)) if number]
    is_named = bool(DIMENSION.search(name) or concept(name))
    is_number = 2 * len(numbers) >= len(codes) and (is_measure(name) or any(digits for _, digits in numbers))
    is_unnamed = len(numbers) == len(codes) and len(set(codes)) > 1 and not is_named
    return not (is_number or is_unnamed or any(is_total_label(code, name) for code in codes))
