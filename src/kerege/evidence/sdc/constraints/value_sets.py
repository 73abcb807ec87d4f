"""Multi-valued columns as sets of values, for tables that combine several values of the same people.

A table by two multi-valued columns, or a filter with several values of one, counts people by the sets of values that
they have. The sets that can occur are few when few people have several values: a published axis bounds how many values
there are beyond one for each person.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, Table
from kerege.evidence.sdc.constraints.domains import REST, Family, TableSource
from kerege.evidence.sdc.published_tables.stated_bounds import bounds
from kerege.evidence.sdc.reading.set_codes import SEPARATOR, column_of_sets, column_of_values, values_of

MOST_SETS = 1_500


def crossing(table: Table, multi: Collection[str]) -> list[str]:
    """Return the multi-valued columns of which a table combines several values of the same people."""
    several = [name for name in dict.fromkeys((*table.by, *table.where)) if name in multi]
    if len(several) > 1:
        return several
    return [name for name in several if name in table.where and (name in table.by or len(table.where[name]) > 1)]


def set_families(source: TableSource, tables: Sequence[Table]) -> dict[str, Family]:
    """Return a family of value sets for every crossed column, unless too many sets are possible.

    Columns whose codes are sets of values have a family too, with the sets that occur.
    """
    crossed = [name for table in tables for name in crossing(table, source.multi)]
    listed = [column_of_values(name) for table in tables for name in table.by]
    names = dict.fromkeys([*crossed, *filter(None, listed)])
    by_name = {name: _family(source, tables, name) for name in names}
    return {name: family for name, family in by_name.items() if family is not None}


def paired_columns(source: TableSource, tables: Sequence[Table]) -> frozenset[str]:
    """Return the multi-valued columns of which groups have several values of one person.

    The values that a table lists together with its total bound the people with two of them. Values of another
    publisher that exceed their total can be rounded, so the column must be named as one with several values.
    """
    stated = {name for table in tables if getattr(table, "stated", True) for name in (*table.by, *table.where)}
    named = frozenset().union(*(getattr(table, "named_multi", ()) for table in tables))
    return source.multi & (stated | named)


def _family(source: TableSource, tables: Sequence[Table], name: str) -> Family | None:
    of_sets = column_of_sets(name)
    stated = {values_of(code): code for table in tables for code in _codes_of(table, of_sets)}
    values = sorted({*_named(tables, name), *frozenset().union(*stated)})
    if stated and any(_names_all(table, of_sets) for table in tables):
        return _as_family(name, stated, stated)
    open_ended = not any(_names_all(table, name) for table in tables)
    members = [*values, REST] if open_ended else values
    largest = min(len(members), _most_values(tables, name))
    if sum(math.comb(len(members), size) for size in range(largest + 1)) > MOST_SETS:
        return None
    sets = [frozenset(chosen) for size in range(largest + 1) for chosen in combinations(members, size)]
    rows = np.zeros(0, dtype=np.int64)
    if source.frame is not None:
        of_rows = _sets_of_rows(source.frame[name], values)
        sets += sorted(set(of_rows) - set(sets), key=sorted)
        place = {value_set: number for number, value_set in enumerate(sets)}
        rows = np.array([place[value_set] for value_set in of_rows], dtype=np.int64)
    if stated:
        return _as_family(name, dict.fromkeys([*stated, *sets]), stated)
    return Family((name,), tuple((SEPARATOR.join(sorted(value_set)),) for value_set in sets), rows, tuple(sets))


def _as_family(name: str, sets: Iterable[frozenset[str]], stated: Mapping[frozenset[str], str]) -> Family:
    """Return the family of a multi-valued column and of the column of its sets.

    `stated` has the code of each set that a table names.
    """
    in_order = tuple(sets)
    atoms = tuple((code := stated.get(value_set, REST), code) for value_set in in_order)
    return Family((column_of_sets(name), name), atoms, np.zeros(0, dtype=np.int64), in_order)


def _codes_of(table: Table, name: str) -> list[str]:
    """Return the codes of a column of a table, [] if it does not have it."""
    return list(table.axes[table.by.index(name)][1:]) if name in table.by else []


def _named(tables: Iterable[Table], name: str) -> list[str]:
    """Return the values of a column that some axis or filter names."""
    values = {value for table in tables for value in table.where.get(name, [])}
    for table in (table for table in tables if name in table.by):
        values.update(table.axes[table.by.index(name)])
    return sorted(values - {TOTAL, NOT_REPORTED, OTHER, REST})


def _names_all(table: Table, name: str) -> bool:
    """Return whether an axis names every value that occurs, among all people."""
    span = getattr(table, "span", None)
    is_of_all = not table.where and (span is None or span.is_everybody)
    return name in table.by and is_of_all and name not in getattr(table, "incomplete", ())


def _most_values(tables: Iterable[Table], name: str) -> int:
    """Return the most values of one person, by the surplus of the axes of tables without a filter."""
    least = math.inf
    for table in (table for table in tables if _names_all(table, name)):
        d = table.by.index(name)
        index = tuple(slice(None) if k == d else 0 for k in range(len(table.by)))
        lower, upper = (ends.reshape(table.counts.shape)[index] for ends in bounds(table))
        least = min(least, float(upper[1:].sum() - lower[0]))
    return 10**6 if math.isinf(least) else int(least) + 1


def _sets_of_rows(column: pl.Series, values: Collection[str]) -> list[frozenset[str]]:
    named = set(values)
    return [
        frozenset(value if value in named else REST for value in row or () if value is not None)
        for row in column.to_list()
    ]
