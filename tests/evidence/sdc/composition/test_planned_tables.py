"""Tables before they are counted, as specifications and manifests name them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kerege.evidence.sdc.composition.planned_tables import PlannedTable, exact_tables

UNIT = "victims"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"name": "a"}, PlannedTable("a", ())),
        ({"name": "a", "by": ["sex", "year"]}, PlannedTable("a", ("sex", "year"))),
        ({"name": "a", "by": ["sex"], "where": {}}, PlannedTable("a", ("sex",))),
        ({"name": "a", "where": {"sex": ["male", "female"]}}, PlannedTable("a", (), {"sex": ("male", "female")})),
        ({"name": "a", "where": {"sex": "male"}}, PlannedTable("a", (), {"sex": ("male",)})),  # not m, a, l, e
        ({"name": "a", "by": None, "where": None}, PlannedTable("a", ())),
        ({"name": 7, "by": ("sex",)}, PlannedTable("7", ("sex",))),
    ],
)
def test_an_entry_is_read_with_its_columns_and_its_filter(entry: Mapping[str, object], expected: PlannedTable) -> None:
    assert PlannedTable.of_entry(entry) == expected


def test_an_entry_of_a_manifest_keeps_its_release() -> None:
    assert PlannedTable.of_entry({"name": "a"}).release == ""
    assert PlannedTable.of_entry({"name": "a"}, "Release of May").release == "Release of May"


def test_filters_are_equal_whatever_the_order_of_their_columns_and_codes() -> None:
    first = PlannedTable("a", (), {"sex": ("male", "female"), "year": ("2024",)})
    second = PlannedTable("b", ("origin",), {"year": ("2024",), "sex": ("female", "male")})
    assert first.filter == second.filter
    assert hash(first.filter) == hash(second.filter)
    assert first.filter != PlannedTable("c", (), {"sex": ("male",), "year": ("2024",)}).filter
    assert PlannedTable("d", ("sex",)).filter == frozenset()


@pytest.mark.parametrize(
    ("method", "is_exact"),
    [("suppress", True), ("none", True), (None, True), ("round", False), ("cellkey", False), ("dp", False)],
)
def test_only_methods_that_publish_true_counts_make_exact_tables(method: str | None, is_exact: bool) -> None:
    entry = {"name": "a", "of": UNIT, "by": ["sex"]} | ({} if method is None else {"method": method})
    assert bool(exact_tables(UNIT, [entry])) is is_exact


def test_tables_of_another_unit_are_left_out() -> None:
    entries = [{"name": "a", "of": "crimes"}, {"name": "b", "of": UNIT}, {"name": "c"}]
    assert [table.name for table in exact_tables(UNIT, entries)] == ["b"]


def test_tables_beside_the_entries_come_last_and_are_kept() -> None:
    beside = PlannedTable("old", ("sex",), release="Release of May")
    assert exact_tables(UNIT, [{"name": "new", "of": UNIT}], beside=[beside]) == [PlannedTable("new", ()), beside]
    assert exact_tables(UNIT, [], beside=[beside]) == [beside]


def test_units_that_are_no_people_have_no_tables() -> None:
    """Campaigns are not people: nobody is found in a table of them."""
    beside = PlannedTable("old", ("sex",))
    assert exact_tables("campaigns", [{"name": "a", "of": "campaigns"}], beside=[beside]) == []
