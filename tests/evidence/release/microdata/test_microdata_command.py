"""Records of the real engine, from the release command to the example program."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kerege.evidence.data.snapshot import write
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from tests.cli.test_table import run

SPEC = """
title = "Year"
period = "2025"

[[table]]
name = "sex"
of = "victims"
by = ["sex"]

[[microdata]]
name = "people"
of = "victims"
columns = ["year", "sex", "age_band", "means"]
epsilon = 3
preset = "careful"
"""


def test_a_release_with_records_is_made_verified_read_and_repeated_without_a_charge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    rows = [
        {
            "year": "2025",
            "sex": chance.choice(["female", "female", "male"]),
            "age_band": "18_25",
            "means": chance.choice([["threats"], ["threats", "debt_bondage"], None]),
        }
        for _ in range(1200)
    ]
    write(tmp_path / "victims.parquet", "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    (tmp_path / "spec.toml").write_text(SPEC)
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    asked = ("release", tmp_path / "victims.parquet", "--spec", tmp_path / "spec.toml", "--out")
    assert run(*asked, tmp_path / "out") == 0
    assert "1 table and 1 set of synthetic records" in capsys.readouterr().out
    assert run("verify", tmp_path / "out", "--json") == 0
    assert json.loads(capsys.readouterr().out)["microdata"] == 1

    ledger = Ledger(tmp_path / "ledger")
    assert 0 < ledger.spent("2025") <= epsilon_to_rho(3.0)
    assert run(*asked, tmp_path / "again") == 0
    assert [entry.kind for entry in ledger.entries()] == ["microdata", "records", "release"]

    folder = tmp_path / "out/microdata"
    records = pl.read_csv(folder / "people.csv", infer_schema=False)
    women = records.filter(pl.col("sex") == "female").height
    assert abs(women - sum(row["sex"] == "female" for row in rows)) < 150
    assert pl.read_parquet(folder / "people.parquet").height == records.height
    shown = subprocess.run(
        [sys.executable, "-I", str(folder / "people.example.py")], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert "epsilon 3 at delta 1e-09" in shown.stdout
