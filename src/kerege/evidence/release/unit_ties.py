"""Ties between the units of a release: their people are the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.spec import ReleaseSpec, units
from kerege.evidence.sdc.populations.observed_tie import observed_ties
from kerege.vocabulary import snapshot_columns as standard

if TYPE_CHECKING:
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
    from kerege.evidence.sdc.published_tables.publication import Publication


def check_tied_units(earlier: Iterable[Publication], spec: ReleaseSpec, snapshots: Sequence[Snapshot]) -> None:
    """Raise BadInput if public tables are tied to a unit of the release, and their snapshot is missing."""
    public_units = {(sheet.of, sheet.as_of) for item in earlier for sheet in item.sheets}
    by_unit = units(snapshots)
    for unit, other in _tied_units():
        is_counted = unit in by_unit and any(table_spec.of == unit for table_spec in spec.tables)
        if is_counted and other not in by_unit and (other, by_unit[unit].as_of) in public_units:
            what = f"tables of {other} of the same date are public, and {unit} concern the same people"
            raise BadInput(Fault(what, f"give the snapshot of {other} too", by_unit[unit].path))


def _tied_units() -> Iterator[tuple[str, str]]:
    """Yield each unit that the standard ties to another one, with that one."""
    for unit in standard.units():
        people = standard.people_of(unit)
        if people is not None and people.values:
            yield from ((unit, people.of), (people.of, unit))


def stated_ties(
    earlier: Iterable[Publication], tables: Sequence[Table], snapshots: Sequence[Snapshot]
) -> list[PeopleTie]:
    """Return the ties between units of one date of which this release or an earlier one has tables."""
    days = {snapshot.unit: snapshot.as_of for snapshot in snapshots}
    shown = {(sheet.of, sheet.as_of) for item in earlier for sheet in item.sheets}
    shown |= {(table.of, days[table.of]) for table in tables}
    return [
        tie
        for tie in observed_ties(snapshots)
        if {tie.rows, tie.people} & {table.of for table in tables}
        and {(tie.rows, days[tie.rows]), (tie.people, days[tie.people])} <= shown
    ]
