"""A register has one k-anonymous file: a repeated request returns it, any other request is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.k_anonymity import single_use
from kerege.evidence.synthesis.k_anonymity.assemble import WARNING


def snapshot(unit: str, sha256: str = "a") -> Snapshot:
    rows = {"sex": ["female", "male"] * 40, "programme": ["iom"] * 60 + ["state"] * 20}
    return Snapshot(pl.DataFrame(rows), unit, "2025-01-01", True, sha256, frozenset(), "")


def made(
    unit: str,
    folder: Path,
    sha256: str = "a",
    k: int = 10,
    columns: tuple[str, ...] = ("sex", "programme"),
    name: str = "",
) -> dict:
    ledger, out = Ledger(folder / "ledger"), folder / "out"
    return single_use.produce(snapshot(unit, sha256), columns, k, 2, 0, ledger, out, name=name)


def test_the_same_request_is_the_same_file(tmp_path: Path) -> None:
    first = made("victims", tmp_path)
    content = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert made("victims", tmp_path) == first
    assert content == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert json.loads(content["records.certificate.json"])["guarantee"]["warning"] == WARNING
    assert len(Ledger(tmp_path / "ledger").entries()) == 1


@pytest.mark.parametrize("change", [{"sha256": "b"}, {"k": 11}, {"columns": ("sex",)}])
def test_a_register_has_no_second_file(tmp_path: Path, change: dict) -> None:
    made("victims", tmp_path)
    with pytest.raises(Refused, match="was made before"):
        made("victims", tmp_path, **change)
    assert len(Ledger(tmp_path / "ledger").entries()) == 1


def test_each_unit_and_each_named_group_has_one_file(tmp_path: Path) -> None:
    for unit, sha256, name in (
        ("victims", "a", ""),
        ("suspects", "b", ""),
        ("records", "c", ""),
        ("records", "c", "house"),
        ("records", "d", "other house"),
    ):
        made(unit, tmp_path, sha256, name=name)
        with pytest.raises(Refused, match="was made before"):
            made(unit, tmp_path, sha256, k=11, name=name)
    assert [entry.rho for entry in Ledger(tmp_path / "ledger").entries()] == [0] * 5


def test_an_external_file_with_a_row_less_counts_as_the_same_people(tmp_path: Path) -> None:
    whole = snapshot("records").frame
    ledger, out = Ledger(tmp_path / "ledger"), tmp_path / "out"

    def asked(frame: pl.DataFrame, sha256: str, name: str = "") -> bytes:
        given = Snapshot(frame, "records", "", False, sha256, frozenset(), "")
        single_use.produce(given, (), 10, 2, 0, ledger, out, name=name)
        return (out / "records.csv").read_bytes()

    first = asked(whole, "a")
    assert asked(whole.reverse().select("programme", "sex"), "b") == first  # the same rows
    with pytest.raises(Refused, match=r"of a file whose people have no name was made before.*with --series"):
        asked(whole[1:], "c")
    asked(whole[1:], "c", "another house")
    with pytest.raises(Refused, match="of the people called another house was made before"):
        asked(whole[2:], "d", "another house")
    with pytest.raises(BadInput, match="a series name is for external files only"):
        made("victims", tmp_path, name="house")


def test_the_ledger_is_free_while_the_file_is_made_and_only_one_of_two_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = single_use.k_anonymous

    def slow(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(single_use, "k_anonymous", real)
        made("victims", tmp_path, k=11)  # while the first is made
        return real(*args, **more)

    monkeypatch.setattr(single_use, "k_anonymous", slow)
    with pytest.raises(Refused, match="was made before"):
        made("victims", tmp_path)
    assert [entry.params["k"] for entry in Ledger(tmp_path / "ledger").entries()] == [11]


def test_an_invalid_request_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        made("victims", tmp_path, k=1)
    assert not (tmp_path / "out").exists()
    assert Ledger(tmp_path / "ledger").entries() == []
