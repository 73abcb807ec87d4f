"""Readings of published files: an intruder uses any reading that fits the figures.

The usual reading takes columns of different names for different variables, and a value without the label of a total for
a group. Every other reading makes one assumption more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kerege.evidence.sdc.populations.populations import agree, assign_unstated
from kerege.evidence.sdc.populations.unnamed_columns import SeparateVariables
from kerege.evidence.sdc.published_tables.publication import Publication, together
from kerege.evidence.sdc.published_tables.shared_variables import SharedVariable, shared_variables
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.reading.nested_codes import base_name
from kerege.evidence.sdc.reading.options import PossibleParts, PossibleReading, PossibleTotal

Assumption = SharedVariable | SeparateVariables | PossibleReading
MOST = 8  # assumptions that are examined


def assumptions(publications: Sequence[Publication], usual: Sequence[Publication]) -> list[Assumption]:
    """Return the pairs of columns that can be one, and the values that can be totals."""
    own = dict.fromkeys(reading for publication in publications for reading in publication.possible_readings)
    sheets = [sheet for publication in usual for sheet in publication.sheets]
    return [*own, *(pair for pair in shared_variables(sheets) if not _differ(pair, sheets))]


def _differ(pair: SharedVariable, sheets: Sequence[Sheet]) -> bool:
    """Return whether figures of one publication show that two columns are different variables."""
    first = [sheet for sheet in sheets if pair.name in map(base_name, sheet.by)]
    second = [sheet for sheet in sheets if pair.other in map(base_name, sheet.by)]
    return any(
        agree(sheet, other) is not False
        and (agree(renamed, other) is False or _have_other_sums(renamed, other, pair.other))
        for sheet, renamed in zip(first, pair.joined(first), strict=True)
        for other in second
        if (sheet.release, sheet.of, sheet.filter) == (other.release, other.of, other.filter)
        and (sheet.as_of, sheet.period) == (other.as_of, other.period)
    )


def _have_other_sums(first: Sheet, second: Sheet, name: str) -> bool:
    """Return whether a value of a column has other people in two tables, by sums over other columns."""
    sums, others = _sums_by_value(first, name), _sums_by_value(second, name)
    return any(
        sums[code][0] > others[code][1] or others[code][0] > sums[code][1] for code in sums.keys() & others.keys()
    )


def _sums_by_value(sheet: Sheet, name: str) -> dict[str, tuple[float, float]]:
    """Return the bounds of the people with each value of a column, {} where the sums do not show them."""
    column = next((own for own in sheet.by if base_name(own) == name), "")
    if not column or (sheet.multi | sheet.incomplete) & {*sheet.by} - {column} or column in sheet.multi:
        return {}
    d = sheet.by.index(column)
    others = tuple(k for k in range(len(sheet.by)) if k != d)
    inside = tuple(slice(None) if k == d else slice(1, None) for k in range(len(sheet.by)))
    lower, upper = (bounds[inside].sum(axis=others) for bounds in (sheet.lower, sheet.upper))
    return {code: (float(lower[k]), float(upper[k])) for k, code in enumerate(sheet.axes[d]) if k}


def read_under(publications: Sequence[Publication], assumed: Sequence[Assumption] = ()) -> list[Publication]:
    """Return publications as they are read under some assumptions.

    Without one, this is the usual reading. The figures are copies: an assessment may change them.
    """
    own = [assumption for assumption in assumed if isinstance(assumption, PossibleTotal | PossibleParts)]
    read = _named_alike([_copied(publication.read_with(own)) for publication in publications])
    for assumption in assumed:
        if isinstance(assumption, SharedVariable):
            read = _named_alike([replace(item, sheets=assumption.joined(item.sheets)) for item in read])
        if isinstance(assumption, SeparateVariables):
            sheets = iter(assumption.parted([sheet for item in read for sheet in item.sheets]))
            read = _named_alike([replace(item, sheets=[next(sheets) for _ in item.sheets]) for item in read])
    return read


def _named_alike(publications: Sequence[Publication]) -> list[Publication]:
    return assign_unstated(together(publications))


def _copied(publication: Publication) -> Publication:
    sheets = [replace(sheet, lower=sheet.lower.copy(), upper=sheet.upper.copy()) for sheet in publication.sheets]
    return replace(publication, sheets=sheets)
