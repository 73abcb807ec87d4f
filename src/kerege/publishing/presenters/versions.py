"""Suppressed and rounded version of a table side by side, with their information losses."""

from __future__ import annotations

import math
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
    bound: str
    is_least: bool
    is_taken: bool
    rows: tuple[tuple[str, DisplayedFigure], ...]
    more: int


@dataclass(frozen=True)
class DisplayedComparison:
    """The versions of one table, and its information loss in the draft, None where it is not known."""

    table: str
    title: str
    versions: tuple[DisplayedVersion, ...]
    draft_loss: int | None

    @property
    def is_choice(self) -> bool:
        """Return whether there is more than one version."""
        return len(self.versions) > 1


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
            None if item.draft_loss is None else round(item.draft_loss),
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
        bound=bound_text(version),
        is_least=len(item.versions) > 1 and version.loss == min(other.loss for other in item.versions),
        is_taken=taken.get(item.table) == version.version,
        rows=tuple(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
    )


def bound_text(version: TableVersion) -> str:
    """Return a sentence on the lower bound of the information loss of other choices."""
    if version.weighted_loss is None or version.lower_bound is None:
        return _("For rounding, no lower bound of the loss is known.")
    if version.lower_bound >= version.weighted_loss:
        return _("No other choice of suppressed figures has a smaller loss (totals count twice).")
    percent = math.floor(100 * version.lower_bound / version.weighted_loss)
    words = _("Lower bound: every choice of suppressed figures loses at least %(n)s %% of this (totals count twice).")
    return words % {"n": percent}
