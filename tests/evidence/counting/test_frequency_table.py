"""Counts equal those of a plain loop over the rows; a person counts once in each of several values."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import (
    OK,
    WITHHELD,
    Table,
    TableCell,
    cells_from_csv,
    tabulate,
    to_csv,
)
from kerege.evidence.counting.people_counts import PeopleCounts
from kerege.evidence.data.snapshot import Snapshot
from kerege.vocabulary import codes
from tests.evidence import made

ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "y", ""]),
        "b": st.sampled_from(["p", "q", "r", ""]),
        "m": st.sampled_from(["", "u", "v", "u;v", "v;u;u", "w"]),
    }
)


def naive(rows: list[dict[str, str]], by: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        choices = [{"_T", *(set(row[name].split(";")) if row[name] else {"_U"})} for name in by]
        counts.update(product(*choices))
    return counts


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=40), st.permutations(["a", "b", "m"]), st.integers(0, 3))
def test_counts_are_those_of_a_plain_loop(rows: list[dict[str, str]], order: list[str], size: int) -> None:
    by = tuple(order[:size])
    with tempfile.TemporaryDirectory() as folder:
        table = tabulate(made.snapshot(Path(folder), rows, multi=["m"]), by)
    expected = naive(rows, by)
    assert {key: cell.count for key, cell in table.cells.items() if cell.count} == dict(expected)
    assert cells_from_csv(to_csv(table)) == table.cells


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from([("a", "x"), ("m", "u"), ("m", "_U"), ("b", "_U")]))
def test_a_filter_keeps_the_rows_with_the_value(rows: list[dict[str, str]], condition: tuple[str, str]) -> None:
    column, value = condition
    kept = [row for row in rows if value in (row[column].split(";") if row[column] else ["_U"])]
    rows.append({"a": "x", "b": "p", "m": "u"} | ({column: ""} if value == "_U" else {column: value}))
    kept.append(rows[-1])
    with tempfile.TemporaryDirectory() as folder:
        table = tabulate(made.snapshot(Path(folder), rows, multi=["m"]), ["a"], {column: [value]})
    assert {key: cell.count for key, cell in table.cells.items() if cell.count} == dict(naive(kept, ("a",)))


def test_multi_valued_counts_never_exceed_their_total(tmp_path: Path) -> None:
    rows = [{"m": value} for value in ("u;v", "u", "", "v;w;u")]
    cells = tabulate(made.snapshot(tmp_path, rows, multi=["m"]), ["m"]).cells
    assert {key[0]: cell.count for key, cell in cells.items()} == {"_T": 4, "u": 3, "v": 2, "w": 1, "_U": 1}


# -- the published file ------------------------------------------------------------------------------------------------

TEXT = "sex,form,count,status\n_T,_T,70,ok\nmale,_T,40,perturbed\nmale,labour,,suppressed\n_T,labour,30,noised\n"


def test_a_table_read_from_its_file_has_its_cells_and_withholds_all_others() -> None:
    table = Table.from_csv(TEXT, name="t", of="victims", multi=["form", "age"])
    assert (table.by, table.axes) == (("sex", "form"), (("_T", "male"), ("_T", "labour")))
    assert (table.name, table.of, table.multi, table.total) == ("t", "victims", frozenset({"form"}), 70)
    assert table.cells == cells_from_csv(TEXT)
    assert table.cells["male", "labour"] == TableCell(None, "suppressed")
    partial = Table.from_csv("sex,form,count,status\n_T,_T,70,ok\nmale,labour,5,ok\n")
    assert partial.status.tolist() == [[OK, WITHHELD], [WITHHELD, OK]]
    assert set(partial.cells) == {("_T", "_T"), ("male", "labour")}


def test_a_byte_order_mark_is_no_part_of_a_column() -> None:
    assert Table.from_csv("\ufeff" + TEXT).by == ("sex", "form")


def test_cells_are_counted_by_status_and_withheld_ones_are_in_no_number() -> None:
    table = Table.from_csv(TEXT)
    table.status[1, 1] = WITHHELD
    assert table.tally() == {"published": 1, "suppressed": 0, "perturbed": 1, "noised": 1}
    assert to_csv(table).count("\n") == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "row 1: the last two columns are not count and status"),
        ("sex,status,count\n", "row 1: the last two columns are not count and status"),
        ("sex,count,status\nmale,1\n", "row 2: has 2 cells, not 3"),
        ("sex,count,status\nmale,1,ok\nmale,1,ok,ok\n", "row 3: has 4 cells, not 3"),
        ("sex,count,status\nmale,1,ok\nmale,2,ok\n", "row 3: this cell occurs twice"),
        ("sex,count,status\nmale,1,withheld\n", "row 2: there is no status 'withheld'"),
        ("sex,count,status\nmale,1,sure\n", "row 2: there is no status 'sure'"),
        ("sex,count,status\nmale,1,suppressed\n", "row 2: a suppressed cell shows a count"),
        ("sex,count,status\nmale,,ok\n", "row 2: the count is not a whole number"),
        ("sex,count,status\nmale,-1,ok\n", "row 2: the count is not a whole number"),
        ("sex,count,status\nmale,1.0,ok\n", "row 2: the count is not a whole number"),
        ("sex,count,status\nmale,٣,ok\n", "row 2: the count is not a whole number"),
        (f"sex,count,status\nmale,{10**18},ok\n", "row 2: the count is not a whole number"),
        ('sex,count,status\n"male,1,ok\n', "is not a row of a CSV file"),
    ],
)
def test_a_file_of_another_format_is_refused_with_its_row(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        cells_from_csv(text)


def test_the_largest_count_of_a_file_is_read() -> None:
    assert cells_from_csv(f"count,status\n{10**18 - 1},ok\n")[()].count == 10**18 - 1


def test_codes_that_a_spreadsheet_would_run_are_marked_and_read_as_they_are() -> None:
    frame = pl.DataFrame({"=a": ["=1+1", "@x", "-3", "plain"]})
    table = Table.from_frame(frame, ["=a"])
    text = to_csv(table)
    assert text.startswith("'=a,count,status\n")
    assert "\n'=1+1,1,ok\n" in text
    assert "\n-3,1,ok\n" in text  # a number is not run
    assert Table.from_csv(text).cells == table.cells


def test_a_position_has_the_codes_of_its_cell() -> None:
    table = Table.from_csv(TEXT)
    assert [table.keys(flat) for flat in range(4)] == [
        ("_T", "_T"),
        ("_T", "labour"),
        ("male", "_T"),
        ("male", "labour"),
    ]
    with pytest.raises(ValueError, match="out of bounds"):
        table.keys(4)


# -- small cells -------------------------------------------------------------------------------------------------------


def test_a_count_below_the_threshold_is_small_and_a_zero_is_not() -> None:
    table = Table.from_csv("sex,count,status\n_T,30,ok\na,0,ok\nb,1,ok\nc,9,ok\nd,10,ok\n")
    assert table.small(10).tolist() == [False, False, True, True, False]


def test_the_true_counts_decide_and_not_the_published_ones() -> None:
    table = Table.from_csv("sex,count,status\n_T,30,ok\na,12,perturbed\nb,9,perturbed\n")
    table.truth = np.array([30, 8, 11])
    assert table.small(10).tolist() == [False, True, False]
    table.people = PeopleCounts(np.array([30, 8, 11]), np.array([1, 1, 6]))
    assert table.few(10).tolist() == [False, True, True]  # six of eleven rows are of one person


def test_cells_of_few_people_are_small_however_many_rows_they_have() -> None:
    table = Table.from_csv("service,count,status\n_T,60,ok\nfood,47,ok\nshelter,13,ok\n")
    table.people = PeopleCounts(np.array([20, 18, 2]), np.array([7, 6, 7]))
    assert table.few(10).tolist() == [False, False, True]
    assert table.small(10).tolist() == [False, False, True]
    assert not Table.from_csv("sex,count,status\n_T,3,ok\n").few(10).any()  # a row is a person


# -- the columns and the filter ----------------------------------------------------------------------------------------

PEOPLE = pl.DataFrame({"sex": ["male", "female", None, "transgender"], "year": ["2024", "2025", "2025", None]})


def people(frame: pl.DataFrame = PEOPLE, unit: str = "victims") -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, "", path="rows.csv")


def test_values_are_in_the_order_of_their_code_list_and_not_reported_last() -> None:
    (axis,) = tabulate(people(), ["sex"]).axes
    listed = [code for code in codes.values("sex") if code in axis]
    assert axis == ("_T", *listed, "_U")
    (by_text,) = tabulate(people(PEOPLE.rename({"sex": "word"})), ["word"]).axes
    assert by_text == ("_T", "female", "male", "transgender", "_U")


def test_a_table_of_services_knows_the_people_behind_its_cells() -> None:
    numbers = pl.Series("person_numbers", [[1], [1], [2]], dtype=pl.List(pl.UInt32))
    rows = pl.DataFrame([pl.Series("service", ["food", "food", "shelter"]), numbers])
    table = tabulate(people(rows, "services"), ["service"], {"service": ["food"]})
    assert table.people is not None
    assert (table.counts.tolist(), table.people.people.tolist()) == ([2, 2], [1, 1])
    assert tabulate(people(), ["sex"]).people is None
