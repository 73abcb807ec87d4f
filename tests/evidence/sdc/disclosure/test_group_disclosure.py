"""Lines of a published table in which all people share a value."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.constraints.table_views import DerivedGroup
from kerege.evidence.sdc.disclosure.group_disclosure import derived_group, shared_value_groups
from kerege.evidence.sdc.groups.shared_values import SharedValueGroup
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure

BASE: dict[tuple[str, ...], Figure] = {
    ("_T", "_T"): 50,
    ("_T", "x"): 40,
    ("_T", "y"): 10,
    ("f", "_T"): 20,
    ("m", "_T"): 30,
    ("f", "x"): 20,
    ("f", "y"): 0,
    ("m", "x"): 20,
    ("m", "y"): 10,
}


def shared(changed: dict[tuple[str, ...], Figure] | None = None, **stated: Any) -> set[tuple[str, str, str, int]]:
    """Return cell, column, shared code and people of each group."""
    sheet = made_sheets.sheet(("sex", "form"), BASE | (changed or {}), **stated)
    return {
        (",".join(group.cell.values()), column, code, group.lower) for group, column, code in shared_value_groups(sheet)
    }


def test_a_line_with_one_possible_code_is_a_group_in_either_column() -> None:
    """All women have form x, and all people of form y are men."""
    assert shared() == {("f", "form", "x", 20), ("y", "sex", "m", 10)}


def test_a_line_with_two_possible_codes_is_none() -> None:
    assert shared({("f", "y"): (0, 3), ("f", "x"): (17, 20)}) == set()


def test_a_line_without_people_is_none() -> None:
    assert all(cell != "f" for cell, *_ in shared({("f", "_T"): 0, ("f", "x"): 0}))


def test_the_people_are_at_least_the_largest_lower_bound_of_the_line() -> None:
    assert shared({("f", "_T"): (12, 30), ("f", "x"): (15, 20)}) >= {("f", "form", "x", 15)}


@pytest.mark.parametrize("stated", [{"multi": frozenset({"form"})}, {"incomplete": frozenset({"form"})}])
def test_a_column_of_several_values_or_without_all_values_shows_no_group(stated: dict[str, Any]) -> None:
    assert {column for _, column, _, _ in shared(**stated)} == {"sex"}


@pytest.mark.parametrize("code", ["_U", "_O"])
def test_not_reported_and_other_are_no_shared_value(code: str) -> None:
    renamed = {tuple(code if part == "x" else part for part in key): figure for key, figure in BASE.items()}
    groups = shared_value_groups(made_sheets.sheet(("sex", "form"), renamed))
    assert [(column, value) for _, column, value in groups] == [("sex", "m")]


def test_a_column_with_one_code_alone_says_nothing() -> None:
    figures = {("_T", "_T"): 50, ("f", "_T"): 20, ("m", "_T"): 30, ("f", "x"): 20, ("m", "x"): 30, ("_T", "x"): 50}
    assert list(shared_value_groups(made_sheets.sheet(("sex", "form"), figures))) == []


def test_a_group_of_several_tables_names_one_that_can_still_be_changed() -> None:
    old, new = (made_sheets.sheet(("sex", "form"), BASE, name=name, release=name) for name in ("old", "new"))
    other = made_sheets.sheet(("sex",), {("_T",): 5}, name="other", release="new")
    group = SharedValueGroup(DerivedGroup({}, labels={"sex": "f"}), "form", "x", 7)
    listed, disclosure = derived_group(group, [old, new, other], {"new"})
    assert (listed.table, listed.cell, listed.shares, listed.people) == ("new", {"sex": "f"}, {"form": "x"}, 7)
    assert (disclosure.cell, disclosure.lower, disclosure.drop) == ({"sex": "f", "form": "x"}, 7, "new")
    assert derived_group(group, [old, other], {"new"})[0].table == "old"
