"""The values of a table do not depend on the rows, and clipping bounds what one row adds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from kerege.base.errors import BadInput
from kerege.evidence.counting.crosstab import marginals
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.column_domains import TableAxis, clip_rows, public_axes, public_domains
from kerege.evidence.dp.tables import measurement_plan
from kerege.vocabulary import codes
from tests.evidence.dp.made import ROW, Row, dp_spec, drawn_table, empty, frame, victims


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, min_size=4, max_size=12), ROW, st.integers(1, 4), st.permutations("abmn"), st.integers(0, 4))
def test_one_row_changes_no_margin_by_more_than_its_sensitivity(
    rows: list[Row], row: Row, max_values: int, order: list[str], size: int
) -> None:
    """Compare the margins with and without one row, with the same samples for the other rows."""
    by = order[:size]
    values = frame([*rows, row, ("x", "p", ["u", "v", "w", "s"], ["k", "l", "n"])])
    axes = public_axes(values, by, {})
    table = empty(tuple(len(axis.values) for axis in axes))
    table = replace(table, by=tuple(by), multi=frozenset(set(by) & set("mn")))
    without_row = clip_rows(frame(rows).frame, axes, max_values, np.random.default_rng(1))
    with_row = pl.concat([without_row, clip_rows(frame([row]).frame, axes, max_values, np.random.default_rng(2))])
    domains = {axis.name: axis.values for axis in axes}
    counts = [marginals(rows_counted, domains, frozenset("mn")) for rows_counted in (without_row, with_row)]
    change = (counts[1] - counts[0]).astype(float)
    for group in measurement_plan(table, 0.1, max_values):
        opened = [slice(1, None) if d in group.opened else slice(0, 1) for d in range(len(by))]
        singles = [d for d in range(len(by)) if by[d] not in "mn"]
        for level in consistency.list_levels(len(singles)):
            cells = tuple(
                (slice(1, None) if singles.index(d) in level else slice(0, 1)) if d in singles else opened[d]
                for d in range(len(by))
            )
            assert np.linalg.norm(change[cells]) <= group.sensitivity + 1e-9


def test_clipping_keeps_at_most_max_values_and_only_values_on_the_axis() -> None:
    rows: list[Row] = [("x", "p", ["u", "v", "w"], [])] * 300
    axes = public_axes(frame(rows), ["m", "a"], {})
    axes = [replace(axes[0], values=["u", "v", "_U"]), replace(axes[1], values=["y", "_U"])]
    clipped = clip_rows(frame(rows).frame, axes, 1, np.random.default_rng(1))
    assert clipped["m"].list.len().to_list() == [1] * 300
    assert 100 < clipped["m"].list.contains("u").sum() < 200  # each of the two values is sampled with equal probability
    assert "w" not in clipped["m"].explode().to_list()
    assert clipped["a"].null_count() == 300  # a value off the axis counts as not reported


def test_the_axes_do_not_depend_on_the_rows(tmp_path: Path) -> None:
    first = victims(tmp_path, [{"record_id": "1", "sex": "female", "citizenship": "KAZ", "means": ["force"]}])
    second = victims(tmp_path, [{"record_id": "2", "sex": "male"}])
    for by in (["sex"], ["citizenship"], ["means", "sex"]):
        assert drawn_table(first, dp_spec(by, of="victims")).axes == drawn_table(second, dp_spec(by, of="victims")).axes
    table = drawn_table(first, dp_spec(["sex"], of="victims"))
    assert table.axes[0] == ("_T", *codes.code_list("sex").codes, "_U")
    assert table.params["values"] == {"sex": "code list"}
    filtered = drawn_table(first, dp_spec(["sex"], {"sex": ["male", "female"]}, of="victims"))
    assert set(filtered.axes[0]) == {"_T", "male", "female"}


def test_an_empty_filter_is_accepted_unless_its_value_is_outside_the_domain(tmp_path: Path) -> None:
    snapshot = victims(tmp_path, [{"record_id": "1", "sex": "female"}])
    table = drawn_table(snapshot, dp_spec(["citizenship"], {"sex": ["male"]}, of="victims"))
    assert table.counts.shape == (len(codes.code_list("country").codes) + 2,)
    with pytest.raises(BadInput, match="selects nobody"):
        drawn_table(snapshot, dp_spec(["citizenship"], {"sex": ["mlae"]}, of="victims"))


def test_public_domains_are_the_code_lists_in_their_order() -> None:
    domains = public_domains(["age_group", "sex"])
    assert list(domains) == ["age_group", "sex"]
    assert domains["sex"] == list(codes.code_list("sex").codes)
    assert not {"_T", "_U"} & {value for values in domains.values() for value in values}
    assert public_domains(["service"], "services")["service"] == list(codes.code_list("service").codes)


@pytest.mark.parametrize(("column", "unit"), [("shoe_size", "victims"), ("sex", "ships"), ("offence", "victims")])
def test_a_column_without_a_code_list_has_no_public_domain(column: str, unit: str) -> None:
    with pytest.raises(BadInput, match=f"column {column}: this column has no public code list, list its values"):
        public_domains([column], unit)


def small_snapshot(unit: str = "victims") -> Snapshot:
    columns = {"sex": ["male", None], "means": [["debt", "force"], ["force"]], "ward": ["b", "a"]}
    return Snapshot(pl.DataFrame(columns), unit, "", True, "0" * 64, frozenset(["means"]), "people.parquet")


def test_values_come_from_the_caller_then_from_the_code_list_then_from_the_rows() -> None:
    by = ["sex", "means", "ward"]
    axes = {axis.name: axis for axis in public_axes(small_snapshot(), by, {}, {"sex": ["male", "female"]})}
    assert axes["sex"] == TableAxis("sex", ["male", "female", "_U"], "caller")
    assert axes["means"] == TableAxis("means", [*codes.code_list("means").codes, "_U"], "code list")
    assert axes["ward"] == TableAxis("ward", ["a", "b", "_U"], "data")
    assert [axis.name for axis in public_axes(small_snapshot(), by[::-1], {})] == by[::-1]


@pytest.mark.parametrize(
    ("allowed", "values"),
    [
        (["female", "male"], ["female", "male"]),
        (["male", "female"], ["female", "male"]),  # in the order of the code list
        (["_U", "male"], ["male", "_U"]),
        (["_U"], ["_U"]),
    ],
)
def test_a_filter_on_a_single_valued_column_leaves_only_its_values(allowed: list[str], values: list[str]) -> None:
    assert public_axes(small_snapshot(), ["sex"], {"sex": allowed}) == [TableAxis("sex", values, "filter")]


def test_a_filter_on_a_multi_valued_column_leaves_all_values() -> None:
    """A person under force may be under other means too, and the table counts them."""
    filtered, unfiltered = (public_axes(small_snapshot(), ["means"], where) for where in ({"means": ["force"]}, {}))
    assert filtered == unfiltered


def test_a_filter_by_an_unknown_value_is_refused_by_column_and_file() -> None:
    with pytest.raises(BadInput) as caught:
        public_axes(small_snapshot(), ["means"], {"sex": ["male", "mael", "fmale"]})
    assert str(caught.value) == (
        "people.parquet: column sex: the filter selects nobody by mael, check column and value of the filter"
    )
    public_axes(small_snapshot(), ["means"], {"sex": ["_U"], "ward": ["a"]})
    with pytest.raises(BadInput, match="the filter selects nobody by c"):
        public_axes(small_snapshot(), ["means"], {"ward": ["c"]})
    public_axes(small_snapshot(), ["means"], {"ward": ["c"]}, {"ward": ["c"]})  # the caller lists it


def clipped_means(cells: list[list[str] | None], most: int, seed: int = 1) -> list[list[str] | None]:
    axis = TableAxis("means", ["debt", "force", "fraud", "threats", "_U"], "caller")
    rows = pl.DataFrame({"means": cells, "sex": ["male"] * len(cells)}, schema_overrides={"means": pl.List(pl.String)})
    clipped = clip_rows(rows, [axis], most, np.random.default_rng(seed))
    assert clipped["sex"].to_list() == ["male"] * len(cells)  # a column that is no axis stays
    return clipped["means"].to_list()


def test_a_cell_keeps_its_known_values_once_and_is_not_reported_without_any() -> None:
    cells = [["force", "debt", "force"], ["other"], [], None, ["_U", "debt"], ["fraud"]]
    assert clipped_means(cells, 3) == [["force", "debt"], None, None, None, ["debt"], ["fraud"]]


def test_every_choice_of_the_kept_values_is_equally_likely() -> None:
    """Two of four values: six choices, tested with 3,000 rows."""
    kept = clipped_means([["debt", "force", "fraud", "threats"]] * 3000, 2)
    chosen = Counter(frozenset(values or ()) for values in kept)
    assert set(chosen) == {frozenset(pair) for pair in combinations(["debt", "force", "fraud", "threats"], 2)}
    assert chisquare(list(chosen.values())).pvalue > 1e-6


def test_a_cell_of_max_values_is_not_sampled() -> None:
    cells: list[list[str] | None] = [["debt", "force", "fraud"]] * 20
    assert clipped_means(cells, 3) == cells
    assert clipped_means(cells, 4) == cells


def test_rows_stay_without_any_column() -> None:
    rows = pl.DataFrame({"sex": ["male", "female"]})
    assert clip_rows(rows, [], 3, np.random.default_rng(1)).equals(rows)
