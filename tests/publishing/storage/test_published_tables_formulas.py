"""Codes that a spreadsheet would run as formulas are read from a table as they were counted."""

from __future__ import annotations

from kerege.publishing.storage.published_tables import PublishedTable
from tests.publishing.made import table_entry


def test_codes_that_look_like_formulas_are_read_unchanged() -> None:
    content = b"'=a,count,status\n_T,12,ok\n'=1+1,12,ok\n-99,0,ok\n"
    table = PublishedTable("t", ("=a",), table_entry(), content)
    assert [row.keys for row in table.rows] == [("_T",), ("=1+1",), ("-99",)]
