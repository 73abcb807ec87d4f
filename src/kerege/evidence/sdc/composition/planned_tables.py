"""A table before it is counted: its columns and its filter, no figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kerege.vocabulary import snapshot_columns as standard

EXACT = ("suppress", "none")  # methods that publish true counts
ConditionKind = Literal["value", "each", "values", "none of", "none but each"]


@dataclass(frozen=True)
class PlannedTable:
    """Columns and filter of a table with exact counts; `release` is '' in the release in hand."""

    name: str
    by: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    release: str = ""

    @classmethod
    def of_entry(cls, entry: Mapping[str, object], release: str = "") -> PlannedTable:
        """Return the table of an entry of a specification or a manifest."""
        by, where = entry.get("by"), entry.get("where")
        filters = where if isinstance(where, Mapping) else {}
        kept = {column: (codes,) if isinstance(codes, str) else tuple(codes) for column, codes in filters.items()}
        return cls(str(entry["name"]), tuple(by) if isinstance(by, Sequence) else (), kept, release)

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return the filter in a hashable form."""
        return frozenset((column, tuple(sorted(values))) for column, values in self.where.items())


@dataclass(frozen=True)
class GroupCondition:
    """A condition on a column, in the codes that the tables name.

    `kind` is value (the code), each (any single one of `codes`; of all other codes when `is_other`), values (one of the
    codes), none of (none of the codes), or none but each (all values but a single one).
    """

    column: str
    kind: ConditionKind
    codes: tuple[str, ...] = ()
    is_other: bool = False


@dataclass(frozen=True)
class DerivableGroup:
    """A group whose exact count follows from several tables together, but not from one of them."""

    conditions: tuple[GroupCondition, ...]
    tables: tuple[PlannedTable, ...]


@dataclass(frozen=True)
class TableRing:
    """Tables that form a ring: together they can bound single combinations of `columns`."""

    columns: tuple[str, ...]
    tables: tuple[PlannedTable, ...]


def exact_tables(
    unit: str, entries: Sequence[Mapping[str, object]], release: str = "", beside: Sequence[PlannedTable] = ()
) -> list[PlannedTable]:
    """Return the tables of people of a unit with exact counts, and those `beside` them."""
    if not standard.personal(unit):
        return []
    own = [
        PlannedTable.of_entry(entry, release)
        for entry in entries
        if entry.get("of") == unit and entry.get("method", "suppress") in EXACT
    ]
    return [*own, *beside]
