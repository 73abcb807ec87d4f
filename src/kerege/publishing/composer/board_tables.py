"""Tables that a board proposes for a release: declared once, in a new draft or in an open one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization import Actor
from kerege.publishing.composer import prepared_tables
from kerege.publishing.releases import queries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import compose
from kerege.publishing.releases.services.compose import Spec
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import language

GONE = (Release.State.WITHDRAWN, Release.State.CORRECTED)
TITLES = {"kk": "%s жылғы шығарылым", "ru": "Выпуск за %s год", "en": "Release for %s"}
TableKey = tuple[str, tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]


@dataclass(frozen=True)
class TableHolder:
    """Release in force or in work that holds tables. `row` is None if the operator put its folder there."""

    title: str
    period: str
    tables: frozenset[TableKey]
    row: Release | None

    @property
    def is_draft(self) -> bool:
        """Return whether a table can be added: the release is in work and corrects no other."""
        return self.row is not None and self.row.is_open and self.row.revises_id is None


def table_key(entry: Spec) -> TableKey:
    """Return what a table counts, whatever it is called: unit, columns in any order, filter."""
    where = entry.get("where", {})
    conditions = (
        (name, (values,) if isinstance(values, str) else tuple(sorted(values))) for name, values in where.items()
    )
    return str(entry["of"]), tuple(sorted(entry.get("by", []))), tuple(sorted(conditions))


def find_tables(names: Sequence[str]) -> list[Spec]:
    """Return the prepared tables of these names, each once; empty if one of them is unknown."""
    by_name = {table["name"]: table for table in prepared_tables.list_prepared()}
    if not all(name in by_name for name in names):
        return []
    return [by_name[name] for name in dict.fromkeys(names)]


def list_holders() -> list[TableHolder]:
    """Return every release in force or in work, composed here or put there by the operator."""
    rows = {row.directory: row for row in Release.objects.all()}
    composed = {name: row for name, row in rows.items() if row.spec.get("table")}
    holders = [
        TableHolder(row.name, row.period, _keys(row.spec["table"]), row)
        for row in composed.values()
        if row.state not in GONE
    ]
    for files in queries.signed_files():
        name, row = files.path.name, rows.get(files.path.name)
        if name not in composed and (row is None or row.state not in GONE):
            keys = _keys(entry.tree for entry in files.manifest.tables)
            holders.append(TableHolder(files.title.get(language(), name), files.manifest.period, keys, row))
    return holders


def _keys(tables: Iterable[Spec]) -> frozenset[TableKey]:
    return frozenset(table_key(entry) for entry in tables)


def start_draft(actor: Actor, tables: Sequence[Spec], period: str) -> Release:
    """Create a draft that declares the tables which no release of the period holds. Raises BadInput."""
    missing = _missing(tables, period, list_holders())
    title = {lang: text % period for lang, text in TITLES.items()}
    spec = {"title": title, "period": period, "threshold": active().threshold, "table": missing}
    return compose.create(actor, spec, action=compose.PROPOSE)


def add_to_draft(actor: Actor, row: Release, tables: Sequence[Spec]) -> None:
    """Declare the tables in a draft, except those that a release of its period holds. Raises BadInput."""
    missing = _missing(tables, row.period, list_holders())
    used = {entry["name"] for entry in row.spec.get("table", [])}
    if used & {entry["name"] for entry in missing}:
        what = gettext_noop("another table of this release has this short name")
        raise BadInput(Fault(what, gettext_noop("rename that one first")))
    compose.set_tables(actor, row, [*row.spec.get("table", []), *missing])


def _missing(tables: Sequence[Spec], period: str, holders: Iterable[TableHolder]) -> list[Spec]:
    held = frozenset[TableKey]().union(*(holder.tables for holder in holders if holder.period == period))
    missing = [entry for entry in tables if table_key(entry) not in held]
    if not missing:
        what = gettext_noop("a release of this period has these tables already")
        raise BadInput(Fault(what, gettext_noop("open that one, or publish a correction")))
    return missing
