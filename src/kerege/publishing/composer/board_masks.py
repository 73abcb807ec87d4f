"""Mask of the boards: the suppression of the gate, and the codes that public releases withhold."""

from __future__ import annotations

from collections.abc import Iterable

from kerege.publishing.gate.mask_cells import suppress_parts
from kerege.publishing.releases import queries
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.web.cell_masks import Masked, Rows


def mask_board_parts(column: str, rows: Rows, threshold: int) -> Masked:
    """Return the number of rows of each part; None where a release suppresses it, or would."""
    return suppress_parts(rows, threshold, withheld_codes(column, queries.public_files()))


def withheld_codes(column: str, releases: Iterable[ReleaseFiles]) -> frozenset[str]:
    """Return the codes of a column whose total over the other columns a release withholds.

    The difference of two releases of all years and a year on a board could give such a number away.
    """
    tables = (table for release in releases for table in release.tables.values() if column in table.by)
    return frozenset(code for table in tables for code in _withheld_along(table, column))


def _withheld_along(table: PublishedTable, column: str) -> list[str]:
    return [code for code, cell in table.along(table.by.index(column)) if cell.count is None]
