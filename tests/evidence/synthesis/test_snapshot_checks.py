"""A snapshot that cannot be protected is refused before anything is measured."""

from __future__ import annotations

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.snapshot_checks import check_snapshot


def snapshot(unit: str) -> Snapshot:
    return Snapshot(pl.DataFrame({"a": ["x", "y"]}), unit, "2025-12-31", True, "f" * 64, path="rows.csv")


@pytest.mark.parametrize(
    ("unit", "columns", "sentence"),
    [
        ("services", 1, "rows.csv: a row of services is not a person: nobody would be protected, take a snapshot of"),
        ("records", 201, "rows.csv: 201 columns are more than 200, choose the columns that researchers need"),
    ],
)
def test_a_snapshot_that_cannot_be_protected_is_refused(unit: str, columns: int, sentence: str) -> None:
    public = tuple(Column(f"c{number}", ("x",)) for number in range(columns))
    with pytest.raises(BadInput) as refused:
        check_snapshot(snapshot(unit), public)
    assert str(refused.value).startswith(sentence)
    check_snapshot(snapshot("records"), public[:200])
