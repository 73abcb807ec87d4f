"""There are records of any table, and they hold what the request allows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data import snapshot as snapshots
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import Column
from tests.evidence.synthesis.invented_requests import AB, RECORDS, TABLE, made_of, rows, texts

pytestmark = pytest.mark.usefixtures("fit_in_this_process")

BIG = [f"v{number}" for number in range(5_000)]


TABLES = {
    "nobody": (pl.DataFrame(schema=texts("a", "b")), AB),
    "nobody and no list": (pl.DataFrame(schema=texts("a", "b")), ()),
    "one person": (pl.DataFrame({"a": ["x"], "b": ["p"]}), AB),
    "one person and no list": (pl.DataFrame({"a": ["x"], "b": ["p"]}), ()),
    "one column": (rows().select("a"), AB[:1]),
    "one column and no list": (rows().select("a"), ()),
    "nothing reported": (pl.DataFrame({"a": [None] * 300, "b": [None] * 300}, schema=texts("a", "b")), AB),
    "nothing reported and no list": (pl.DataFrame({"a": [None] * 300, "b": [None] * 300}, schema=texts("a", "b")), ()),
    "many values": (rows().with_columns(a=pl.Series(BIG[:600])), (Column("a", tuple(BIG)), AB[1])),
    "many values and no list": (rows().with_columns(a=pl.Series(BIG[:600])), ()),
    "one value": (pl.DataFrame({"a": ["x"] * 300, "b": ["p"] * 300}), (Column("a", ("x",)), Column("b", ("p",)))),
}


@pytest.mark.parametrize("name", TABLES)
def test_there_are_records_of_any_table(name: str, tmp_path: Path) -> None:
    frame, listed = TABLES[name]
    certificate = made_of(frame, tmp_path, listed)
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert synthetic.columns == frame.columns
    assert synthetic.height == certificate["rows"] == certificate["people"]
    assert set(synthetic.dtypes) == {pl.String}
    public = public_schema.parse_schema(certificate["schema"])
    for column in public:
        assert set(synthetic[column.name].drop_nulls()) <= set(column.values)
    assert certificate["guarantee"]["epsilon_of_rho"] <= 4.0
    assert snapshots.read(tmp_path / "out" / RECORDS).frame.equals(synthetic) or not synthetic.height


@pytest.mark.parametrize("name", ["nobody", "one person", "nothing reported", "many values"])
def test_records_that_are_mostly_noise_are_not_worth_publishing(name: str, tmp_path: Path) -> None:
    certificate = made_of(*TABLES[name][:1], tmp_path, TABLES[name][1])
    assert not certificate["worth"]
    assert "publish a few noised tables" in certificate["advice"]


def test_one_column_of_noise_is_not_worth_publishing(tmp_path: Path) -> None:
    certificate = made_of(pl.DataFrame({"a": ["x"] * 4}), tmp_path, AB[:1], epsilon=0.5)
    assert not certificate["worth"]


def test_two_hundred_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    wide = {f"c{n}": ["1" if is_reported else None for is_reported in rng.random(300) < 0.03] for n in range(200)}
    listed = tuple(Column(name, ("0", "1")) for name in wide)
    frame = pl.DataFrame(wide, schema=texts(*wide))
    certificate = made_of(frame, tmp_path, listed, order=2)
    assert len(certificate["columns"]) == 200
    assert certificate["guarantee"]["steps"][1]["clip"] < 20  # not drawn up by 190 lengths that nobody has
    with pytest.raises(BadInput, match="201 columns are more than 200"):
        made_of(frame.with_columns(more=pl.lit("1")), tmp_path, listed)


def test_values_that_nobody_listed_are_not_reported(tmp_path: Path) -> None:
    frame = pl.concat(
        [rows(), pl.DataFrame({"a": ["Aigerim"] * 50 + ["x"] * 50, "b": ["p"] * 50 + ["+77011234567"] * 50})]
    )
    made_of(frame, tmp_path, AB)
    whole = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Aigerim" not in whole
    assert b"+7701" not in whole
    kept, lost = public_schema.keep_listed_values(frame, AB)
    assert lost == {"a": 50, "b": 50}
    assert kept.height == frame.height


def test_multi_valued_columns_stay_lists(tmp_path: Path) -> None:
    frame = pl.DataFrame({"m": [["u", "w"], ["u"], None, ["v", "u", "other"]] * 200, "a": ["x", "y", "x", None] * 200})
    listed = (Column("m", ("u", "v", "w"), True), AB[0])
    certificate = made_of(frame, tmp_path, listed, multi=frozenset({"m"}))
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert synthetic.schema == {"m": pl.List(pl.String), "a": pl.String}
    again = snapshots.read(tmp_path / "out" / RECORDS, multi=["m"]).frame
    lists = pl.col("m").list.sort()
    assert again.with_columns(lists).equals(synthetic.with_columns(lists))
    assert abs(synthetic["m"].drop_nulls().explode().to_list().count("u") - 600) < 60
    assert certificate["guarantee"]["steps"][1]["cells"] == 6


def test_a_spreadsheet_runs_none_of_the_values_and_they_are_read_as_they_are(tmp_path: Path) -> None:
    hostile = ["=cmd|' /C calc'!A0", "@SUM(1)", "+x", "\tx", "'=1", "-99"]
    frame = pl.DataFrame({"=a": hostile * 100, "m": [["=u", "v"], ["-w"], None] * 200})
    listed = (Column("=a", tuple(hostile)), Column("m", ("=u", "-w", "v"), True))
    made_of(frame, tmp_path, listed, multi=frozenset({"m"}))
    text = (tmp_path / "out" / RECORDS).read_text()
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert {"'=a", "'@SUM(1)", "-99", "''=1"} <= cells
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "\t"}]
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert set(synthetic["=a"].drop_nulls()) == set(hostile)
    again = snapshots.read(tmp_path / "out" / RECORDS, multi=["m"]).frame
    lists = pl.col("m").list.sort()
    assert again.with_columns(lists).equals(synthetic.with_columns(lists))
