"""Rows that fit given tables: they give every figure of every table again."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import SUPPRESSED, Table
from kerege.evidence.sdc.several_tables.counted_rows import fill_suppressed, make_rows
from tests.evidence import made

THRESHOLD = 3
PEOPLE = st.lists(
    st.tuples(st.sampled_from("fm"), st.sampled_from("pq"), st.sampled_from("xy")), min_size=1, max_size=9
)


def table_of(people: list[tuple[str, str, str]], *by: str) -> Table:
    """Return a table of some people by some columns."""
    frame = pl.DataFrame(people, schema=dict.fromkeys(("sex", "form", "area"), pl.String), orient="row")
    return Table.from_frame(frame, by, name="_".join(by))


@settings(max_examples=8, deadline=None)
@given(PEOPLE)
def test_the_rows_give_the_figures_of_all_tables_again(people: list[tuple[str, str, str]]) -> None:
    tables = [table_of(people, "sex", "form"), table_of(people, "form", "area")]
    rows = make_rows(tables, THRESHOLD)
    assert rows.frame.height == len(people)
    for table in tables:
        again = Table.from_frame(rows.frame, table.by)
        assert {key: cell.count for key, cell in again.cells.items()} == {
            key: cell.count for key, cell in table.cells.items()
        }


def test_people_who_report_nothing_have_no_value() -> None:
    table = made.table([3, 2], unreported=True)
    rows = make_rows([table], THRESHOLD)
    assert sorted(rows.frame["dim0"].to_list(), key=str) == [None, None, "a0", "a0", "a0"]


def test_values_of_a_multi_valued_column_become_lists() -> None:
    frame = pl.DataFrame({"means": [["debt"], ["debt", "fraud"], []]}, schema={"means": pl.List(pl.String)})
    table = Table.from_frame(frame, ["means"])
    table.multi = frozenset({"means"})
    rows = make_rows([table], THRESHOLD)
    assert rows.multi == {"means"}
    values = rows.frame["means"].to_list()
    assert sum("debt" in (own or []) for own in values) == 2
    assert sum("fraud" in (own or []) for own in values) == 1
    assert sum(not own for own in values) == 1


def test_tables_of_different_people_are_refused_with_their_names() -> None:
    first, second = table_of([("f", "p", "x")] * 3, "sex"), table_of([("f", "p", "x")] * 4, "sex", "form")
    with pytest.raises(BadInput) as caught:
        make_rows([first, second], THRESHOLD)
    assert str(caught.value) == (
        "no people fit the figures of the tables sex, sex_form, give tables of the same people"
    )


def test_a_suppressed_cell_gets_the_count_of_the_rows() -> None:
    table = made.table([4, 7, 9])
    table.status[1] = SUPPRESSED
    table.counts[1] = 0
    rows = make_rows([table], THRESHOLD)
    (filled,) = fill_suppressed([table], rows)
    assert filled.counts.tolist() == [20, 4, 7, 9]
    assert filled.status[1] == SUPPRESSED
    assert table.counts.tolist() == [20, 0, 7, 9]


def test_tables_without_suppressed_cells_stay_as_they_are() -> None:
    table = made.table([4, 7])
    rows = make_rows([table], THRESHOLD)
    (same,) = fill_suppressed([table], rows)
    assert same is table
    assert (np.asarray(same.counts) == [11, 4, 7]).all()
