"""Differences between a corrected release and its correction: old number, new number, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerege.publishing.gate import messages
from kerege.publishing.presenters.tables import present_figure
from kerege.publishing.storage.published_tables import PublishedCell, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of

MOST = 30  # changed values that the page lists; the files have all


@dataclass(frozen=True)
class ChangedValue:
    """A value that a correction changed, in words."""

    table: str
    cell: str
    before: str
    after: str


@dataclass(frozen=True)
class CorrectionChanges:
    """Changes of a correction; `more` is the number of those that are not listed."""

    values: tuple[ChangedValue, ...]
    more: int
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether no published number changed."""
        return not (self.values or self.added or self.removed)


def compare_releases(old: ReleaseFiles, new: ReleaseFiles) -> CorrectionChanges:
    """Return what a correction changed, in the active language.

    Where the correction withholds a number or no longer has it, the old number is not repeated.
    """
    with labels_of([new, old]):
        return _compare(old, new)


def _compare(old: ReleaseFiles, new: ReleaseFiles) -> CorrectionChanges:
    both = [name for name in old.tables if name in new.tables]
    changed = [value for name in both for value in _changed(old.tables[name], new.tables[name])]
    return CorrectionChanges(
        tuple(changed[:MOST]),
        max(0, len(changed) - MOST),
        tuple(_title(new.tables[name]) for name in new.tables if name not in old.tables),
        tuple(_title(old.tables[name]) for name in old.tables if name not in new.tables),
    )


def _title(table: PublishedTable) -> str:
    return str(messages.table_title(table.entry.tree))


def _changed(old: PublishedTable, new: PublishedTable) -> Iterator[ChangedValue]:
    if old.by != new.by:
        return
    before = {row.keys: row.cell for row in old.rows}
    for row in new.rows:
        earlier = before.get(row.keys)
        if earlier != row.cell:
            codes = dict(zip(new.by, row.keys, strict=True))
            words = messages.cell_text(new.entry.tree, codes)
            yield ChangedValue(_title(new), words, _before(earlier, row.cell), present_figure(row.cell).words)


def _before(earlier: PublishedCell | None, later: PublishedCell) -> str:
    """Return the old number in words; "–" where there was none, or where it must not be repeated."""
    if earlier is None or (later.count is None and earlier.count is not None):
        return "–"
    return present_figure(earlier).words
