"""Repeated groups of a form, which an export writes on sheets of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kerege.casework.exchange.formats.headers import SheetHeader
from kerege.casework.exchange.formats.headings import COLUMN
from kerege.casework.exchange.formats.sheets import FileSheet
from kerege.casework.exchange.formats.tables import form_id_place, place_of
from kerege.casework.exchange.htcds.read_file import FileTable

# columns by which a row of a repeated group names its submission, the best first
# -> column of the submission that holds the same value
OWNED = {"_submission__uuid": "_uuid", "parent_key": "key", "_parent_index": "_index"}
OWNERS = tuple(OWNED)

SheetPair = tuple[FileSheet, SheetHeader]


def is_repeat(header: SheetHeader) -> bool:
    """Return whether a sheet holds the rows of a repeated group."""
    return place_of(header.headings, OWNERS) is not None


def with_case_ids(table: FileTable, repeat: SheetPair, parent: SheetPair, id_place: int | None) -> SheetPair | None:
    """Return a repeated group with the id of the case in place of its owner; None if it names no case.

    `id_place` is the position of the column of the parent that is read as `cas_Id`.
    """
    sheet, header = repeat
    owner = place_of(header.headings, OWNERS)
    owned = None if owner is None else place_of(parent[1].headings, [OWNED[header.headings[owner].title.lower()]])
    if owner is None or owned is None or id_place is None:
        table.faults.add(f"the sheet {sheet.name} names no submission of the first sheet", "export the whole form")
        return None
    ids = dict(_pairs(parent, owned, id_place))
    records = [(number, _renamed(cells, owner, ids)) for number, cells in sheet.records if number > header.rows[-1]]
    for number, cells in records:
        if owner < len(cells) and not cells[owner]:
            what = f"the sheet {sheet.name} names a submission that the first sheet lacks"
            table.faults.add(what, "export the whole form", number)
    headings = list(header.headings)
    headings[owner] = replace(headings[owner], role=COLUMN, column="cas_Id")
    return FileSheet(sheet.name, records, formulas=sheet.formulas), replace(header, headings=headings, rows=[0])


def _pairs(parent: SheetPair, owned: int, id_place: int) -> Iterator[tuple[str, str]]:
    sheet, header = parent
    form_id = form_id_place(header)
    for number, cells in sheet.records:
        if number > header.rows[-1] and owned < len(cells):
            ids = [cells[place].strip() for place in (id_place, form_id) if place is not None and place < len(cells)]
            yield cells[owned].strip(), next(filter(None, ids), "")


def _renamed(cells: list[str], owner: int, ids: dict[str, str]) -> list[str]:
    """Return a row with the id of its case in place of its owner; '' for an unknown one."""
    if owner >= len(cells):
        return cells
    return [*cells[:owner], ids.get(cells[owner].strip(), ""), *cells[owner + 1 :]]
