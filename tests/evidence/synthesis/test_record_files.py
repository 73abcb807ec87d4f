"""Files of synthetic records: decoded values, CSV, Parquet, and the certificate with their hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.synthesis import record_files
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column

OPEN = Column("o", (), False, DISCOVERED)
LISTED = Column("a", ("x", "y"))

# -- decoded records ---------------------------------------------------------------------------------------------------

PUBLIC = (Column("a", ("x", "y")), Column("m", ("u", "v", "w"), True), Column("b", ("p",)))
NAMES = [(column, value) for column in PUBLIC for value in column.values]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sets(st.integers(0, 2)), st.booleans(), st.randoms()), max_size=8))
def test_decoded_records_have_the_values_that_were_coded(records: list[tuple[int, set[int], bool, Any]]) -> None:
    coded: list[list[int]] = []
    for a, several, has_b, chance in records:
        values = ([a - 1] if a else []) + [2 + value for value in several] + ([5] if has_b else [])
        chance.shuffle(values)
        coded.append(values)
    start = np.cumsum([0, *map(len, coded)])
    flat = np.array([value for values in coded for value in values], dtype=np.int32)
    frame = decode_records(CodedRecords(flat, start), PUBLIC)
    assert frame.schema == {"a": pl.String, "m": pl.List(pl.String), "b": pl.String}
    assert frame.rows() == [
        (
            (None, "x", "y")[a],
            [PUBLIC[1].values[value] for value in sorted(several)] or None,  # in the public order
            "p" if has_b else None,
        )
        for a, several, has_b, _ in records
    ]


def test_a_column_without_values_is_not_reported() -> None:
    frame = decode_records(CodedRecords(np.array([0], np.int32), np.array([0, 1])), (OPEN, LISTED))
    assert frame.rows() == [(None, "x")]


# -- files -------------------------------------------------------------------------------------------------------------

FRAME = pl.DataFrame(
    {"a": ["x", None, "=1+1"], "m": [["u", "v"], None, ["w"]]}, schema={"a": pl.String, "m": pl.List(pl.String)}
)


def test_a_csv_joins_several_values_and_disarms_formulas(tmp_path: Path) -> None:
    record_files.write_frame(FRAME, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == "a,m\nx,u;v\n,\n'=1+1,w\n"


def test_parquet_keeps_lists_and_text_and_holds_no_statistics(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    record_files.write_frame(FRAME, tmp_path / "rows.parquet")
    assert pq.read_table(tmp_path / "rows.parquet").to_pylist() == FRAME.to_dicts()
    group = pq.read_metadata(tmp_path / "rows.parquet").row_group(0)
    assert all(group.column(number).statistics is None for number in range(group.num_columns))


def facts() -> dict[str, Any]:
    code = "a" * 64
    return {
        "format": "kerege-synthetic/1",
        "version": "1",
        "guarantee": {},
        "columns": [],
        "worth": True,
        "advice": "",
        "hashes": {"code": code},
        "request": {"order": 2},
        "seed": 1,
    }


def test_the_certificate_is_written_with_the_hashes_of_the_files(tmp_path: Path) -> None:
    written = record_files.write_records(FRAME, facts(), tmp_path / "out")
    stored = json.loads((tmp_path / "out" / record_files.CERTIFICATE).read_text(encoding="utf-8"))
    assert stored == written == record_files.read_certificate(tmp_path / "out")
    assert stored["rows"] == 3
    for kind in ("csv", "parquet"):
        content = (tmp_path / "out" / f"records.{kind}").read_bytes()
        assert stored["hashes"][kind] == hashlib.sha256(content).hexdigest()


def test_a_certificate_that_breaks_its_schema_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        record_files.write_records(FRAME, facts() | {"worth": "very"}, tmp_path)
    assert not (tmp_path / record_files.CERTIFICATE).exists()


def test_stored_records_are_copied_byte_by_byte_and_nothing_else(tmp_path: Path) -> None:
    record_files.write_records(FRAME, facts(), tmp_path / "stored")
    (tmp_path / "stored" / "noisy.npz").write_bytes(b"counts that stay in the ledger")
    record_files.copy_records(tmp_path / "stored", tmp_path / "a" / "new" / "folder")
    copied = {path.name: path.read_bytes() for path in (tmp_path / "a" / "new" / "folder").iterdir()}
    assert set(copied) == {"records.csv", "records.parquet", record_files.CERTIFICATE}
    assert all(content == (tmp_path / "stored" / name).read_bytes() for name, content in copied.items())
