"""K-anonymous files: one of a register and no second, the same again for the same request."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kerege.evidence.ledger import Ledger
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.synthesis import once
from kerege.evidence.synthesis.anonymous import WARNING
from kerege.standard.faults import BadInput, Refused


def snapshot(unit: str, sha256: str = "a") -> Snapshot:
    rows = {"sex": ["female", "male"] * 40, "programme": ["iom"] * 60 + ["state"] * 20}
    return Snapshot(pl.DataFrame(rows), unit, "2025-01-01", True, sha256, frozenset(), "")


def made(
    unit: str, folder: Path, sha256: str = "a", k: int = 10, columns: tuple[str, ...] = ("sex", "programme")
) -> dict:
    return once.produce(snapshot(unit, sha256), columns, k, 2, 0, Ledger(folder / "ledger"), folder / "out")


def test_the_same_request_is_the_same_file(tmp_path: Path) -> None:
    first = made("victims", tmp_path)
    content = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert made("victims", tmp_path) == first
    assert content == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert json.loads(content["records.certificate.json"])["guarantee"]["warning"] == WARNING
    assert len(Ledger(tmp_path / "ledger").entries()) == 1


@pytest.mark.parametrize("change", [{"sha256": "b"}, {"k": 11}, {"columns": ("sex",)}])
def test_of_a_register_there_is_no_second_file(tmp_path: Path, change: dict) -> None:
    made("victims", tmp_path)
    with pytest.raises(Refused, match="was made before"):
        made("victims", tmp_path, **change)
    assert len(Ledger(tmp_path / "ledger").entries()) == 1


def test_other_units_and_files_from_outside_have_one_each(tmp_path: Path) -> None:
    for unit, sha256 in (("victims", "a"), ("suspects", "b"), ("records", "c"), ("records", "d")):
        made(unit, tmp_path, sha256)
        with pytest.raises(Refused, match="was made before"):
            made(unit, tmp_path, sha256, k=11)
    assert [entry["rho"] for entry in Ledger(tmp_path / "ledger").entries()] == [0, 0, 0, 0]


def test_what_cannot_be_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        made("victims", tmp_path, k=1)
    assert not (tmp_path / "out").exists()
    assert Ledger(tmp_path / "ledger").entries() == []
