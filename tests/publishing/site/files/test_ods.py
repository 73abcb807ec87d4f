"""Spreadsheet by the rules of the UK Analysis Function."""

from __future__ import annotations

from xml.etree import ElementTree

from kerege.publishing.site.files import ods
from tests.publishing.site.files.hand_made import COUNTED
from tests.publishing.site.files.readers import read_ods, read_sheets


def test_the_spreadsheet_has_cover_notes_and_one_table_with_its_title_in_a1_and_no_empty_cell() -> None:
    tables = list(read_sheets(ods.write(COUNTED)).iter("{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table"))
    names = [table.get("{urn:oasis:names:tc:opendocument:xmlns:table:1.0}name") for table in tables]
    assert names == ["Cover", "Notes", "Table_1"]
    rows = read_ods(ods.write(COUNTED))
    assert rows[0] == [COUNTED.title]
    assert all(cell != "" for row in rows for cell in row)
    text = ElementTree.tostring(read_sheets(ods.write(COUNTED)), encoding="unicode")
    assert "spanned" not in text
