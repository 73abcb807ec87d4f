"""Rings of planned tables: no figures give their combinations exactly, but small counts can.

Tables without a ring form a junction tree. The bounds of their combinations are then those of neighbouring tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from kerege.evidence.sdc.composition.planned_tables import PlannedTable, TableRing
from kerege.evidence.sdc.composition.symbolic_columns import symbolic_columns

MOST_RING = 4  # tables of a ring that is looked for by itself
Scope = frozenset[str]


def find_rings(unit: str, tables: Sequence[PlannedTable], of: PlannedTable | None = None) -> list[TableRing]:
    """Find the smallest rings that tables form.

    Parameters
    ----------
    unit : str
        Unit that the tables count; the standard ties its columns.
    tables : sequence of PlannedTable
        Tables with exact counts of the same people.
    of : PlannedTable, optional
        Only rings with this table. Without it, only rings with a table of the release in hand.

    Returns
    -------
    list of TableRing
        Rings of three tables, if there are none then of four, else all tables that remain.

    Notes
    -----
    Graham reduction: Beeri, Fagin, Maier and Yannakakis 1983, Journal of the ACM 30, 479-513.

    Examples
    --------
    >>> pairs = [("sex", "age_band"), ("sex", "year"), ("age_band", "year")]
    >>> (ring,) = find_rings("victims", [PlannedTable("_".join(by), by) for by in pairs])
    >>> ring.columns
    ('sex', 'age_band', 'year')
    >>> find_rings("victims", [PlannedTable("_".join(by), by) for by in pairs[:2]])
    []
    """
    by_scope: dict[Scope, PlannedTable] = {}
    for table, scope in zip(tables, _scopes(unit, tables), strict=True):
        kept = by_scope.setdefault(scope, table)
        if table is of or (kept.release and not table.release):
            by_scope[scope] = table
    remaining = {scope: table for scope, table in by_scope.items() if scope in cyclic_part(list(by_scope))}
    rings = [ring for ring in _smallest_rings(remaining) if _concerns(ring, of)]
    return sorted(rings, key=lambda ring: len(ring.columns))


def _scopes(unit: str, tables: Sequence[PlannedTable]) -> list[Scope]:
    """Return the columns of each table, by the first of their family; without those that all filter alike."""
    first = {column: family.columns[0] for family in symbolic_columns(unit, tables) for column in family.columns}
    alike = {
        column
        for column in first
        if len({table.where.get(column) for table in tables}) == 1 and not any(column in t.by for t in tables)
    }
    return [frozenset(first[column] for column in (*table.by, *table.where) if column not in alike) for table in tables]


def cyclic_part(scopes: Sequence[Scope]) -> dict[Scope, Scope]:
    """Return the scopes that the Graham reduction leaves, with their remaining columns; {} for a tree."""
    left = {scope: scope for scope in scopes}
    while True:
        counts = [column for scope in left.values() for column in scope]
        reduced = {name: frozenset(c for c in scope if counts.count(c) > 1) for name, scope in left.items()}
        kept = {name: scope for name, scope in reduced.items() if scope and not _is_covered(name, reduced)}
        if kept == left:
            return left
        left = kept


def _is_covered(name: Scope, scopes: dict[Scope, Scope]) -> bool:
    """Return whether another scope holds this one; of equal ones the first holds the others."""
    order = list(scopes)
    return any(
        scopes[name] < scopes[other] or (scopes[name] == scopes[other] and order.index(other) < order.index(name))
        for other in order
        if other != name
    )


def _smallest_rings(tables: dict[Scope, PlannedTable]) -> Iterator[TableRing]:
    for size in range(3, MOST_RING + 1):
        rings = [ring for chosen in combinations(tables, size) if (ring := _ring_of(chosen, tables))]
        if rings:
            yield from rings
            return
    if tables and (ring := _ring_of(tuple(tables), tables)):
        yield ring


def _ring_of(scopes: Sequence[Scope], tables: dict[Scope, PlannedTable]) -> TableRing | None:
    """Return the ring of some tables if all of them are part of it."""
    left = cyclic_part(scopes)
    if len(left) < len(scopes):
        return None
    columns = set().union(*left.values())
    chosen = [tables[scope] for scope in scopes]
    named = dict.fromkeys(column for table in chosen for column in (*table.by, *table.where) if column in columns)
    return TableRing(tuple(named), tuple(chosen))


def _concerns(ring: TableRing, of: PlannedTable | None) -> bool:
    return any(table is of if of is not None else not table.release for table in ring.tables)
