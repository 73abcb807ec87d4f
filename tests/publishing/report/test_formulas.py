"""A table of a release is shown with its values as they were counted, not as a spreadsheet has to have them."""

from __future__ import annotations

from kerege.publishing.storage.published_tables import PublishedTable


def test_values_that_a_spreadsheet_would_run_are_shown_as_they_are() -> None:
    content = b"'=a,count,status\n_T,12,ok\n'=1+1,12,ok\n-99,0,ok\n"
    table = PublishedTable("t", ("=a",), {}, content)
    assert [row.keys for row in table.rows] == [("_T",), ("=1+1",), ("-99",)]
