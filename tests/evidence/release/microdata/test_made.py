"""Records of the real engine, from the release command to the example program."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl

from kerege.evidence.data.snapshot import write
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger

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


def run(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KEREGE_HOME": str(home)}
    command = [sys.executable, "-c", "from kerege.cli import main; main()", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_release_with_records_is_made_verified_read_and_repeated_without_a_charge(tmp_path: Path) -> None:
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
    asked = ("release", str(tmp_path / "victims.parquet"), "--spec", str(tmp_path / "spec.toml"), "--out")
    made = run(tmp_path, *asked, str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr
    assert "1 table and 1 set of synthetic records" in made.stdout
    verified = run(tmp_path, "verify", str(tmp_path / "out"), "--json")
    assert json.loads(verified.stdout)["microdata"] == 1

    ledger = Ledger(tmp_path / "ledger")
    assert 0 < ledger.spent("2025") <= epsilon_to_rho(3.0)
    again = run(tmp_path, *asked, str(tmp_path / "again"))
    assert again.returncode == 0, again.stderr
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
