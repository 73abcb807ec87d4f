"""Rings of planned tables, and trees that are none."""

from __future__ import annotations

from kerege.evidence.sdc.composition.planned_tables import PlannedTable
from kerege.evidence.sdc.composition.table_rings import find_rings

PAIRS = [("sex", "age_band"), ("sex", "year"), ("age_band", "year")]


def tables(*scopes: tuple[str, ...], release: str = "") -> list[PlannedTable]:
    """Return a table for each set of columns."""
    return [PlannedTable("_".join(by), by, {}, release) for by in scopes]


def test_three_tables_of_two_columns_form_a_ring() -> None:
    (ring,) = find_rings("victims", tables(*PAIRS, ("region", "sex")))
    assert ring.columns == ("sex", "age_band", "year")
    assert [table.name for table in ring.tables] == ["sex_age_band", "sex_year", "age_band_year"]


def test_a_tree_and_a_table_of_all_columns_form_none() -> None:
    assert find_rings("victims", tables(*PAIRS[:2], ("region", "year"))) == []
    assert find_rings("victims", tables(*PAIRS, ("sex", "age_band", "year"))) == []


def test_four_tables_form_a_ring_only_together() -> None:
    scopes = ("sex", "year"), ("year", "region"), ("region", "origin"), ("origin", "sex")
    (ring,) = find_rings("victims", tables(*scopes))
    assert len(ring.tables) == 4
    assert find_rings("victims", tables(*scopes[:3])) == []


def test_tied_columns_are_one_column_of_a_ring() -> None:
    scopes = ("sex", "age_band"), ("sex", "year"), ("age_group", "year")
    assert len(find_rings("victims", tables(*scopes))) == 1


def test_a_filter_that_all_tables_have_links_none() -> None:
    filtered = [
        PlannedTable(t.name, t.by, {"programme": ("iom",)}) for t in tables(("sex", "year"), ("year", "origin"))
    ]
    assert find_rings("victims", [*filtered, PlannedTable("sex", ("sex",), {"programme": ("iom",)})]) == []


def test_a_ring_of_earlier_releases_alone_is_not_named() -> None:
    old = tables(*PAIRS, release="Release of May")
    new = tables(("region",))[0]
    assert find_rings("victims", [*old, new]) == []
    assert find_rings("victims", [*old[:2], *tables(PAIRS[2])], None) != []
    assert find_rings("victims", [*tables(*PAIRS), new], new) == []
