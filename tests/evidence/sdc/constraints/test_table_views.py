"""Tables as sums over combinations: each cell counts the rows of a register that it selects."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OTHER, Table
from kerege.evidence.sdc.constraints.domains import REST, Family
from kerege.evidence.sdc.constraints.table_views import (
    AxisView,
    TableView,
    check_multi_valued,
    intersect,
    length,
    pair_refusal,
    read_views,
    selected,
)
from kerege.evidence.sdc.published_tables.time_line import TimeLine, TimeSpan
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Source

PEOPLE = st.lists(st.tuples(st.sampled_from("fmx"), st.sampled_from("ab")), min_size=1, max_size=12)
People = list[tuple[str, str]]


def frame_of(people: People) -> pl.DataFrame:
    """Return one row for each person."""
    return pl.DataFrame(people, schema={"sex": pl.String, "area": pl.String}, orient="row")


def coords_of_rows(all_families: list[Family]) -> dict[int, np.ndarray]:
    """Return the atoms of each row by family."""
    return {place: family.rows for place, family in enumerate(all_families)}


def counted(view: TableView, coords: dict[int, np.ndarray]) -> np.ndarray:
    """Return the cells of a view, one by one from the combinations that they count."""
    counts = np.zeros(view.table.counts.size, dtype=np.int64)
    for cells, people in view.counted(coords, {}):
        assert len(cells) == len(people)
        np.add.at(counts, cells, 1)
    return counts.reshape(view.table.counts.shape)


@settings(max_examples=10, deadline=None)
@given(PEOPLE, st.sets(st.sampled_from("ab"), min_size=1))
def test_the_cells_of_a_view_count_the_people_of_the_table(people: People, chosen: set[str]) -> None:
    where = {"area": sorted(chosen)}
    if not any(area in chosen for _, area in people):
        return
    frame = frame_of(people)
    tables = [Table.from_frame(frame, ["sex", "area"]), Table.from_frame(frame, ["sex"], where)]
    all_families, views = read_views(Source(frame), tables)
    for view, table in zip(views, tables, strict=True):
        assert counted(view, coords_of_rows(all_families)).tolist() == table.counts.tolist()


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_no_person_of_the_register_is_ruled_out(people: People) -> None:
    frame = frame_of(people)
    table = Table.from_frame(frame, ["sex", "area"])
    all_families, (view,) = read_views(Source(frame), [table])
    rows = coords_of_rows(all_families)
    assert not view.dead(rows, zeros=True).any()


def test_a_published_zero_and_a_code_on_no_axis_rule_out_their_combinations() -> None:
    figures = {("_T", "_T"): 9, ("f", "_T"): 5, ("m", "_T"): 4, ("f", "a"): 0, ("_T", "a"): 4, ("_T", "b"): 5}
    all_families, (view,) = read_views(Source(), [made_sheets.sheet(("sex", "area"), figures)])
    order = {column: place for place, family in enumerate(all_families) for column in family.columns}
    atoms = [all_families[order[name]].atoms for name in ("sex", "area")]
    pairs = list(product(range(len(atoms[0])), range(len(atoms[1]))))
    coords = {order[name]: np.array([pair[d] for pair in pairs]) for d, name in enumerate(("sex", "area"))}
    names = [(atoms[0][a][0], atoms[1][b][0]) for a, b in pairs]
    dead = {name for name, is_dead in zip(names, view.dead(coords, zeros=True), strict=True) if is_dead}
    assert dead == {name for name in names if REST in name} | {("f", "a")}
    without_zeros = {name for name, is_dead in zip(names, view.dead(coords, zeros=False), strict=True) if is_dead}
    assert without_zeros == {name for name in names if REST in name}


def test_a_zero_margin_rules_out_all_its_cells() -> None:
    figures = {("_T", "_T"): 9, ("f", "_T"): 0, ("m", "_T"): 9, ("f", "a"): None, ("m", "a"): None}
    _, (view,) = read_views(Source(), [made_sheets.sheet(("sex", "area"), figures)])
    (is_zero,) = view.zeros.values()
    assert is_zero.tolist() == [[False, False], [True, True], [False, False]]


def test_an_incomplete_column_rules_out_no_other_value() -> None:
    sheet = made_sheets.sheet(("sex",), {("_T",): 9, ("f",): 5}, incomplete=frozenset({"sex"}))
    all_families, (view,) = read_views(Source(), [sheet])
    coords = {0: np.arange(len(all_families[0].atoms))}
    assert not view.dead(coords, zeros=True).any()


def test_values_on_no_axis_are_counted_as_other() -> None:
    frame = frame_of([("f", "a"), ("m", "a"), ("x", "b")])
    table = made_sheets.sheet(("sex",), {("_T",): 3, ("f",): 1, (OTHER,): 2})
    named = made_sheets.sheet(("sex",), {("_T",): 3, ("m",): 1})
    all_families, views = read_views(Source(frame), [table, named])
    assert counted(views[0], coords_of_rows(all_families)).tolist() == [3, 1, 2]


def test_an_axis_selects_the_atoms_of_a_code_and_all_atoms_for_the_total() -> None:
    axis = AxisView(0, np.array([1, 2, 0, 1]))
    assert axis.mask(0).tolist() == [True] * 4
    assert axis.mask(1).tolist() == [True, False, False, True]
    assert axis.mask(2).tolist() == [False, True, False, False]


def test_masks_of_one_family_are_joined_and_of_several_applied_together() -> None:
    first, second = {0: np.array([True, True, False])}, {0: np.array([False, True, True]), 1: np.array([True, False])}
    both = intersect(first, second)
    assert both[0].tolist() == [False, True, False]
    assert both[1].tolist() == [True, False]
    coords = {0: np.array([0, 1, 1, 2]), 1: np.array([0, 0, 1, 0])}
    assert selected(both, coords).tolist() == [False, True, False, False]
    assert selected({}, coords).all()
    assert (length(coords), length({})) == (4, 1)


def test_a_filter_on_several_values_is_one_mask() -> None:
    sheet = made_sheets.sheet((), {(): 5}, where={"sex": ["f", "m"]})
    all_families, (view,) = read_views(Source(), [sheet])
    (mask,) = view.filter.values()
    chosen = {all_families[0].atoms[place][0] for place in np.flatnonzero(mask)}
    assert chosen == {"f", "m"}
    assert view.scope == {0}


def test_a_filter_on_a_column_of_several_values_picks_one_of_them() -> None:
    sheet = made_sheets.sheet((), {(): 5}, where={"means": ["a"]})
    _, (view,) = read_views(Source(multi=frozenset({"means"})), [sheet])
    assert (view.pick, view.scope, view.multi_columns) == (("means", "a"), frozenset(), {"means"})


def test_a_table_of_some_pieces_of_time_has_a_filter_on_time() -> None:
    line = TimeLine(("..", "a", "b"), ("a", "b", "c"))
    late, whole = (made_sheets.sheet((), {(): 5}, span=TimeSpan(line, first, 2)) for first in (1, 0))
    all_families, (first, second) = read_views(Source(), [late, whole])
    assert first.filter[len(all_families) - 1].tolist() == [False, True, True]
    assert second.filter == {}


@pytest.mark.parametrize("has_rows", [True, False])
def test_a_column_in_parent_codes_has_a_family_with_its_own_column(has_rows: bool) -> None:
    forms = ["forced_labour", "begging", "forced_labour"]
    frame = pl.DataFrame({"exploitation_form": forms}) if has_rows else None

    class Listed(Source):
        def list_of(self, column: str) -> str:
            return "exploitation_form" if column == "exploitation_form" else ""

    fine = made_sheets.sheet(("exploitation_form",), {("_T",): 3, ("forced_labour",): 2, ("begging",): 1})
    coarse = made_sheets.sheet(("exploitation_form",), {("_T",): 3, ("labour",): 2, ("other",): 1})
    coarse.params = {"coarsened:exploitation_form": "parent"}
    all_families, views = read_views(Listed(frame), [fine, coarse])
    assert [family.columns for family in all_families] == [("exploitation_form", "exploitation_form^")]
    if has_rows:
        assert counted(views[1], coords_of_rows(all_families)).tolist() == [3, 2, 1]


def test_two_tables_that_combine_several_values_are_refused_with_their_names() -> None:
    refusal = pair_refusal("a", "b", "they do not fit")
    assert isinstance(refusal, Refused)
    assert str(refusal) == (
        "tables a and b cannot be published together: they do not fit; leave one out or change its filter"
    )


def test_tables_of_related_columns_are_refused() -> None:
    """A column of services with their payers gives information on a column of payers."""

    class Listed(Source):
        def list_of(self, column: str) -> str:
            return {"services": "service:payer", "payers": "payer", "sex": "sex"}.get(column, "")

    source = Listed(multi=frozenset({"services", "payers"}))
    tables = [made_sheets.sheet((name,), {("_T",): 9, ("a",): 5}, name=name) for name in ("services", "payers", "sex")]
    with pytest.raises(Refused, match="tables services and payers cannot be published together"):
        check_multi_valued(source, tables[:2])
    check_multi_valued(source, tables[::2])
    check_multi_valued(source, tables[1:])
