"""Warnings before anything is counted: groups that planned and earlier tables reveal together.

They read the specification and the manifests of signed releases, and no figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kerege.evidence.data.publication_threshold import VERSIONS
from kerege.evidence.sdc.composition.derivable_groups import find_derivable_groups
from kerege.evidence.sdc.composition.planned_tables import DerivableGroup, PlannedTable, TableRing, exact_tables
from kerege.evidence.sdc.composition.table_rings import find_rings
from kerege.publishing.composer.table_form import MOST_BY
from kerege.publishing.gate.composition_messages import (
    HERE,
    CompositionRemedy,
    CompositionWarning,
    Key,
    group_warning,
    remedy_text,
    ring_warning,
)
from kerege.publishing.releases import queries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services.compose import Spec
from kerege.publishing.storage import source_snapshots
from kerege.vocabulary.languages import text_or
from kerege.web.templatetags.kerege import language

ALL_VALUES, DROP_FILTER, DROP_TABLE = "all-values", "drop-filter", "drop-table"


VERSION_ACTIONS = {f"version-{version}": version for version in VERSIONS}


@dataclass(frozen=True)
class PlannedUnit:
    """The planned tables of one unit: those of a release, and those of earlier releases of the same date."""

    unit: str
    threshold: int
    tables: tuple[PlannedTable, ...]
    entries: Mapping[Key, Spec] = field(repr=False)
    is_form: bool = False

    def warnings(self, of: PlannedTable | None = None) -> list[CompositionWarning]:
        """Return the warnings that concern table `of`, or any table of the release."""
        groups = find_derivable_groups(self.unit, self.tables, of)
        rings = find_rings(self.unit, self.tables, of)
        return [self._group_warning(group) for group in groups] + [self._ring_warning(ring) for ring in rings]

    def _group_warning(self, group: DerivableGroup) -> CompositionWarning:
        remedies = self._remedies(group.tables, [condition.column for condition in group.conditions])
        return group_warning(self.unit, group, self.entries, self.threshold, remedies)

    def _ring_warning(self, ring: TableRing) -> CompositionWarning:
        return ring_warning(self.unit, ring, self.entries, self._remedies(ring.tables, []))

    def _remedies(self, tables: Sequence[PlannedTable], columns: Sequence[str]) -> list[CompositionRemedy]:
        """Return the changes of tables of the release in hand after which these tables reveal nothing."""
        remedies = []
        for table in tables:
            if table.release or (self.is_form and table.name != HERE):
                continue
            for column in [column for column in table.where if column in columns]:
                for action in (ALL_VALUES, DROP_FILTER):
                    changed = changed_table(self.entries[table.release, table.name], action, column)
                    if changed is not None and self._is_harmless(tables, table, changed):
                        remedies.append(self._remedy(action, table, column))
            remedies.append(self._remedy(DROP_TABLE, table, ""))
        return remedies

    def _is_harmless(self, tables: Sequence[PlannedTable], table: PlannedTable, changed: Spec) -> bool:
        others = [other for other in tables if other is not table]
        return not find_derivable_groups(self.unit, [*others, PlannedTable.of_entry(changed)])

    def _remedy(self, action: str, table: PlannedTable, column: str) -> CompositionRemedy:
        entry = self.entries[table.release, table.name]
        words = remedy_text(action, self.unit, entry, column)
        return CompositionRemedy(action, table.name, column, words)


def changed_table(entry: Spec, action: str, column: str) -> Spec | None:
    """Return a table without its filter on a column, or with the column as a dimension instead.

    Return None if that is not a change or not possible. `action` is ALL_VALUES or DROP_FILTER.
    """
    by = list(entry.get("by", []))
    if action not in (ALL_VALUES, DROP_FILTER) or column not in entry.get("where", {}):
        return None
    if action == DROP_FILTER and column in by:
        return None  # without the filter the table shows all values
    if action == ALL_VALUES and column not in by:
        by = [*by, column]
    where = {name: values for name, values in entry["where"].items() if name != column}
    rest = {name: value for name, value in entry.items() if name not in ("where", "by")}
    return None if len(by) > MOST_BY else rest | {"by": by} | ({"where": where} if where else {})


def with_version(entry: Spec, version: str) -> Spec:
    """Return a table that is protected by suppression in the chosen version."""
    kept = {name: value for name, value in entry.get("params", {}).items() if name in ("threshold", "sensitive")}
    return entry | {"method": "suppress", "params": kept | {"version": version}}


def release_warnings(row: Release) -> list[CompositionWarning]:
    """Return the warnings on the tables of a release, unit after unit."""
    entries = row.spec.get("table", [])
    units = dict.fromkeys(str(entry["of"]) for entry in entries)
    return [warning for unit in units for warning in _planned(row, unit, entries).warnings()]


def table_warnings(row: Release, entry: Spec, replaced: str = "") -> list[CompositionWarning]:
    """Return the warnings on the table of a form; `replaced` names the table that it replaces."""
    others = [other for other in row.spec.get("table", []) if other["name"] != replaced]
    here = entry | {"name": HERE}
    planned = _planned(row, str(entry["of"]), [*others, here], is_form=True)
    of = next((table for table in planned.tables if table.name == HERE), None)
    return planned.warnings(of) if of is not None else []


def _planned(row: Release, unit: str, entries: Sequence[Spec], *, is_form: bool = False) -> PlannedUnit:
    by_key: dict[Key, Spec] = {("", str(entry["name"])): entry for entry in entries}
    earlier: list[PlannedTable] = []
    for folder, published in _earlier_tables(row, unit):
        by_key |= {(folder, str(entry["name"])): entry for entry in published}
        earlier += exact_tables(unit, published, folder)
    tables = tuple(exact_tables(unit, entries, beside=earlier))
    return PlannedUnit(unit, int(row.spec.get("threshold", 10)), tables, by_key, is_form)


def _earlier_tables(row: Release, unit: str) -> list[tuple[str, list[Spec]]]:
    """Return the folder and the tables of each signed release that counts the same unit at the same date."""
    days = {item.as_of.isoformat() for item in source_snapshots.find_snapshots(row.snapshots) if item.unit == unit}
    result = []
    for files in queries.signed_files():
        if any(item.unit == unit and item.as_of[:10] in days for item in files.manifest.snapshots):
            title = text_or(files.title, language(), files.path.name)
            entries = [entry.tree | {"release_title": title} for entry in files.manifest.tables]
            result.append((files.path.name, entries))
    return result
