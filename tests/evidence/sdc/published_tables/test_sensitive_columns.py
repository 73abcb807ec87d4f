"""Columns of external files count as sensitive if they have few values."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.published_tables.sensitive_columns import (
    MOST_VALUES,
    assessed_columns,
    notes_on_columns,
    sensitive_columns,
)
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made, made_sheets


def with_values(column: str, number: int, **stated: Any) -> Sheet:
    """Return a table by one column with so many values, and with `_U` and `_O`."""
    codes = [("_T",), ("_U",), ("_O",), *((f"v{i}",) for i in range(number))]
    return made_sheets.sheet((column,), dict.fromkeys(codes, 3), **stated)


@pytest.mark.parametrize(("number", "is_sensitive"), [(1, True), (MOST_VALUES, True), (MOST_VALUES + 1, False)])
def test_a_column_is_sensitive_if_it_has_few_values(number: int, is_sensitive: bool) -> None:
    assert sensitive_columns(with_values("form", number), []) == ({"form"} if is_sensitive else set())


@pytest.mark.parametrize(
    ("column", "named"), [("form", "form"), ("form [level 2]", "form"), ("Жынысы", "sex"), ("sex", "Пол")]
)
def test_a_column_that_the_user_names_is_not_sensitive_in_any_language(column: str, named: str) -> None:
    assert sensitive_columns(with_values(column, 2), [named]) == set()
    assert sensitive_columns(with_values(column, 2), ["other"]) == {column}


def test_a_manifest_decides_about_the_columns_of_its_own_tables() -> None:
    stated = made_sheets.sheet(("form", "sex"), {("_T", "_T"): 3}, sensitive=frozenset({"form"}))
    foreign = with_values("sex", 2, stated=False, sensitive=frozenset({"sex"}))
    area = with_values("area", 2, stated=False, sensitive=frozenset({"area"}))
    assert assessed_columns([stated, foreign, area]) == {"form", "area"}
    assert assessed_columns([foreign]) == {"sex"}
    assert assessed_columns([made.table([1, 2])]) == set()


def test_the_note_says_why_a_column_is_left_out() -> None:
    large = with_values("area", 20, stated=False)
    named = with_values("form [level 2]", 2, stated=False)
    (note,) = notes_on_columns([large, named, with_values("year", 3), with_values("x", 99)])
    assert note == (
        "not treated as sensitive: area (20 values), form (as you stated), year (as its manifest states), x (99"
        " values); groups whose members all share a value of these columns are not reported"
    )
    assert notes_on_columns([with_values("form", 2, stated=False, sensitive=frozenset({"form"}))]) == []
