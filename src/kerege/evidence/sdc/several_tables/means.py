"""Means of protection for several tables together, each with its information loss.

The loss of every means is counted in people: those in suppressed cells, in the cells of a table that is left out, half
of those whose category is merged with others, and the half width of each rounded cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kerege.evidence.counting.frequency_table import OK, Table
from kerege.evidence.sdc.suppression import recoding
from kerege.evidence.sdc.suppression.rounding import loss_of

SUPPRESS, LEAVE_OUT, MERGE, ROUND = MEANS = ("suppress", "leave_out", "merge", "round")
MERGED = 0.5  # loss of each person whose category is merged with others
HIDDEN = 0.5  # a version that hides this share of all figures is compared with merging and rounding
BASES = (5, 10, 20, 50, 100)


@dataclass(frozen=True)
class TableVersions:
    """Tables before suppression, what was done to them, and their information loss.

    `base` is the base to which their figures are to be rounded, 0 for none.
    """

    tables: tuple[Table, ...]
    steps: tuple[str, ...] = ()
    loss: float = 0.0
    base: int = 0


def figures(tables: Sequence[Table]) -> float:
    """Return the loss of leaving out all of some tables."""
    return float(sum(table.counts.sum() for table in tables))


def left_out(tables: Sequence[Table]) -> Iterator[TableVersions]:
    """Yield the tables without one of them, the cheapest first."""
    for table in sorted(tables, key=lambda candidate: figures([candidate])) if len(tables) > 1 else ():
        rest = tuple(other for other in tables if other is not table)
        yield TableVersions(rest, (f"Table {table.name} is left out.",), figures([table]))


def merged(tables: Sequence[Table], threshold: int) -> Iterator[TableVersions]:
    """Yield the tables with merged codes of one column: small categories together, or their parents.

    All tables of a column get the same codes: otherwise their difference would show the merged ones.
    """
    for name in dict.fromkeys(name for table in tables for name in table.by):
        largest = max((table for table in tables if name in table.by), key=lambda table: table.total)
        if name in largest.multi or any(name in table.where for table in tables):
            continue
        for mapping in recoding.mappings(largest, largest.by.index(name), threshold):
            versions = tuple(_recoded(table, name, mapping) for table in tables)
            people = sum(
                recoding.people_recoded(table, table.by.index(name), mapping) for table in tables if name in table.by
            )
            yield TableVersions(versions, (f"Codes of {name} are merged.",), MERGED * people)


def _recoded(table: Table, name: str, mapping: recoding.CodeMapping) -> Table:
    """Return a table with the codes of one of its columns replaced."""
    if name not in table.by:
        return table
    d = table.by.index(name)
    known = {code: after for code, after in mapping.items() if code in table.axes[d]}
    return recoding.merge(table, d, known) if known else table


def rounded(tables: Sequence[Table]) -> Iterator[TableVersions]:
    """Yield the tables with a base to which all their figures are to be rounded, the smallest first."""
    for base in BASES:
        yield TableVersions(tuple(tables), (f"Figures are rounded to {base}.",), base=base)


def lost(before: Sequence[Table], after: Sequence[Table]) -> float:
    """Return the people in cells that were suppressed or rounded by a protection."""
    already = sum(loss_of(table) for table in before)
    return max(sum(loss_of(table) for table in after) - already, 0.0)


def hides_most(tables: Sequence[Table], loss: float) -> bool:
    """Return whether a loss is at least half of all published figures of some tables."""
    published = sum(float(table.counts[table.status == OK].sum()) for table in tables)
    return loss >= HIDDEN * published
