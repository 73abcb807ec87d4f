"""Counted columns follow the order of the columns; each separate value is a column of its own."""

from __future__ import annotations

import pytest

from kerege.evidence.counting.selection import Columns, part

COLUMNS = Columns(["b", "m", "a"], frozenset("m"), {"m": ["v", "u"]})


def test_separate_values_stand_in_the_place_of_their_column() -> None:
    assert COLUMNS.counted == ["b", part("m", "v"), part("m", "u"), "a"]


def test_only_separate_values_have_a_value() -> None:
    assert COLUMNS.values == {part("m", "v"): "v", part("m", "u"): "u"}


def test_separate_values_of_a_column_that_is_not_counted_are_left_out() -> None:
    columns = Columns(["a"], apart={"m": ["v"]})
    assert columns.counted == ["a"]
    assert columns.values == {}


def test_a_column_without_values_apart_leaves_no_column() -> None:
    assert Columns(["m"], apart={"m": []}).counted == []


@pytest.mark.parametrize(("name", "parts"), [("m", [part("m", "v"), part("m", "u")]), ("a", ["a"]), ("b", ["b"])])
def test_the_parts_of_a_column_are_its_counted_columns(name: str, parts: list[str]) -> None:
    assert COLUMNS.parts(name) == parts


def test_each_pair_of_column_and_value_has_a_name_of_its_own() -> None:
    names = {part(column, value) for column in ("a", "ab", "b") for value in ("c", "bc", "b")}
    assert len(names) == 9
