"""Suppressed and rounded version of a table side by side, with their information losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kerege.publishing.gate import messages
from kerege.publishing.gate.messages import Entry
from kerege.publishing.presenters.tables import DisplayedFigure, present_figure
from kerege.publishing.releases.protection_versions import ComparedTable, TableVersion
from kerege.publishing.storage.published_tables import PublishedCell

MOST_ROWS = 12
TITLES = {"suppressed": lambda: _("Figures suppressed"), "rounded": lambda: _("Figures rounded")}


@dataclass(frozen=True)
class DisplayedVersion:
    """A version of a table; `rows` are labels and figures, `more` rows are not shown."""

    version: str
    title: str
    loss: int
    is_least: bool
    is_taken: bool
    rows: tuple[tuple[str, DisplayedFigure], ...]
    more: int


@dataclass(frozen=True)
class DisplayedComparison:
    """The versions of one table."""

    table: str
    title: str
    versions: tuple[DisplayedVersion, ...]


def present_versions(
    compared: Sequence[ComparedTable], entries: Sequence[Entry], taken: Mapping[str, str]
) -> list[DisplayedComparison]:
    """Return the comparisons of a page.

    `entries` are the tables of the specification, `taken` the versions in the draft.
    """
    by_name = {str(entry["name"]): entry for entry in entries}
    return [
        DisplayedComparison(
            item.table,
            messages.table_title(by_name[item.table]),
            tuple(_present(version, item, by_name[item.table], taken) for version in item.versions),
        )
        for item in compared
        if item.table in by_name
    ]


def _present(version: TableVersion, item: ComparedTable, entry: Entry, taken: Mapping[str, str]) -> DisplayedVersion:
    cells = sorted(version.cells, key=lambda cell: len(cell.cell) < len(entry.get("by", [])))
    rows = [
        (
            messages.cell_text(entry, cell.cell),
            present_figure(PublishedCell(cell.count, "perturbed" if cell.about else "ok")),
        )
        for cell in cells
    ]
    return DisplayedVersion(
        version=version.version,
        title=TITLES[version.version](),
        loss=round(version.loss),
        is_least=version.loss == min(other.loss for other in item.versions),
        is_taken=taken.get(item.table) == version.version,
        rows=tuple(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
    )
