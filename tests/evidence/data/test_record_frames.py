"""Records of other programs: whole floats, lists and dictionaries of Parquet, codes of CTDC."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.record_frames import convert_to_text, read_field_codes
from kerege.evidence.data.snapshot import Snapshot


def test_whole_numbers_that_a_program_wrote_as_floats_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pl.DataFrame({"year": [2005.0, None, float("nan"), 2016.0]}).write_parquet(path)
    assert Snapshot.read(path).frame["year"].to_list() == ["2005", None, None, "2016"]


@pytest.mark.parametrize("values", [[1.5, 2.0], [float("inf"), 1.0], [date(2025, 1, 2)]])
def test_other_numbers_and_dates_are_no_categories(values: list[object]) -> None:
    with pytest.raises(BadInput, match="into bands first"):
        convert_to_text("people.parquet", pl.DataFrame({"x": values}))


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["a", "b"]), pl.String])
def test_dictionaries_and_lists_of_them_are_text(tmp_path: Path, kind: pl.DataType) -> None:
    path = tmp_path / "people.parquet"
    frame = pl.DataFrame(
        {"one": ["a", None, "b"], "more": [["a", "b"], [], None]}, schema={"one": kind, "more": pl.List(kind)}
    )
    frame.write_parquet(path)
    read = Snapshot.read(path)
    assert read.frame["one"].to_list() == ["a", None, "b"]
    assert [cell and sorted(cell) for cell in read.frame["more"].to_list()] == [["a", "b"], None, None]
    assert read.multi == {"more"}


def test_numbers_and_dates_that_a_schema_divides_are_text() -> None:
    frame = pl.DataFrame(
        {
            "f": [1.5, float("nan"), None],
            "d": [date(2025, 1, 2), None, None],
            "t": [datetime(2025, 1, 2, 3), None, None],
            "m": [[1.5, 2.0], [], [float("nan")]],
            "c": [Decimal("2.50"), None, Decimal("3.00")],
        }
    )
    text = convert_to_text("", frame, coded=frame.columns)
    assert [cell and cell[:10] for cell in text.row(0)[:3]] == ["1.5", "2025-01-02", "2025-01-02"]
    assert sorted(text["m"].to_list()[0]) == ["1.5", "2.0"]
    assert [float(cell) for cell in text["c"].drop_nulls()] == [2.5, 3.0]
    assert text["t"].null_count() == text["d"].null_count() == 2


def test_all_columns_that_are_no_categories_are_reported_at_once() -> None:
    frame = pl.DataFrame({"a": [1.5], "b": ["x"], "c": [date(2025, 1, 2)], "m": [[1.5]]})
    with pytest.raises(BadInput) as refused:
        convert_to_text("people.parquet", frame, coded=["a"])
    assert [fault.column for fault in refused.value.faults] == ["c", "m"]


def test_decimals_and_lists_of_a_fixed_length_are_read_as_others() -> None:
    frame = pl.DataFrame(
        {"c": [Decimal("2.00"), None], "m": [["a", "b"], ["b", "b"]], "w": [[2.0, None], None]},
        schema_overrides={"m": pl.Array(pl.String, 2)},
    )
    text = convert_to_text("", frame)
    assert text["c"].to_list() == ["2", None]
    assert [sorted(cell) for cell in text["m"]] == [["a", "b"], ["b"]]
    assert text["w"].to_list() == [["2"], None]


def test_lists_of_whole_numbers_are_lists_of_text() -> None:
    text = convert_to_text("", pl.DataFrame({"m": [[2, 1, 2]]}))
    assert sorted(text["m"].to_list()[0]) == ["1", "2"]


CTDC = {"yearOfRegistration": "2016", "gender": "-99", "ageBroad": "9--17", "citizenship": "00", "isForcedLabour": "1"}


def test_codes_for_not_reported_are_read_by_the_column_names_alone() -> None:
    frame = pl.DataFrame([CTDC | {"RecruiterRelationship": "Family; Friend"}])
    (row,) = read_field_codes(frame).to_dicts()
    assert (row["gender"], row["citizenship"], row["isForcedLabour"]) == (None, None, "1")
    assert sorted(row["RecruiterRelationship"]) == ["Family", "Friend"]
    named = read_field_codes(frame.with_columns(RecruiterRelationship=pl.Series([["-99", "Family"]])))
    assert named["RecruiterRelationship"].to_list() == [["Family"]]
    none = read_field_codes(frame.with_columns(RecruiterRelationship=pl.Series([["-99"]])))
    assert none["RecruiterRelationship"].to_list() == [None]
    other = frame.rename({name: f"my_{name}" for name in frame.columns})
    assert read_field_codes(other).equals(other)
