"""A benchmark writes its rows into the table of a page; rows that were not measured again stay."""

from __future__ import annotations

import pytest

from benchmarks.page_table import merge_rows

HEADINGS = ("table", "tool", "error")
PAGE = """Text.

| table | tool | error |
|---|---|---|
| a | ours | 1 |
| a | other | 2 |
| b | ours | 3 |

- More | text."""


def test_a_row_measured_again_replaces_its_older_one() -> None:
    assert merge_rows(PAGE, HEADINGS, [("a", "other", "9")], 2) == PAGE.replace(
        "| a | other | 2 |", "| a | other | 9 |"
    )


def test_a_new_row_comes_last_of_its_table_and_the_text_around_stays() -> None:
    page = merge_rows(PAGE, HEADINGS, [("a", "new", "5"), ("c", "ours", "6")], 2)
    assert page.splitlines()[4:9] == [
        "| a | ours | 1 |",
        "| a | other | 2 |",
        "| a | new | 5 |",
        "| b | ours | 3 |",
        "| c | ours | 6 |",
    ]
    assert page.startswith("Text.\n")
    assert page.endswith("\n\n- More | text.")


def test_a_page_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="is not in list"):
        merge_rows("Text.", HEADINGS, [], 2)
