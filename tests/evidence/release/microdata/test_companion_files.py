"""Values that a spreadsheet would run are escaped in every file of a release and read unchanged."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kerege.evidence.counting.frequency_table import cells_from_csv, tabulate, to_csv
from kerege.evidence.data import snapshot as snapshots
from kerege.evidence.release.microdata import companion_files
from kerege.evidence.sdc.published_tables import published_csv
from kerege.evidence.synthesis.record_files import write_frame

HOSTILE = ["=cmd|' /C calc'!A0", "@SUM(1)", "-1+2", "+x", "'=1"]
FRAME = pl.DataFrame({"=a": HOSTILE * 3, "b": ["p", "q", "=r"] * 5})


@pytest.fixture
def source(tmp_path: Path) -> snapshots.Snapshot:
    """Return a snapshot of an external file with unescaped values."""
    FRAME.write_csv(tmp_path / "people.csv")
    return snapshots.read(tmp_path / "people.csv")


def unescaped(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in {"=", "@", "+", "-"}]


def test_a_table_is_read_as_counted_by_us_and_by_the_intruder(source: snapshots.Snapshot) -> None:
    table = tabulate(source, ["=a", "b"], {})
    text = to_csv(table)
    assert not unescaped(text)
    # reading unescapes a value of an external file that begins with an apostrophe
    values = {*(value for value in HOSTILE if value != "'=1"), "=1"}
    assert {key[0] for key in cells_from_csv(text)} == values | {"_T"}
    for ours in (True, False):
        read_table = published_csv.read(text, "t.csv", 0, ours=ours)
        assert read_table.by[0] == "=a"
        assert set(read_table.codes[0]) == values | {"_T"}


def test_the_dictionary_and_the_example_fit_the_records(tmp_path: Path) -> None:
    write_frame(FRAME, tmp_path / "people.csv")
    companion_files.write_companions(tmp_path, "people", "records", {"en": "People"})
    dictionary = (tmp_path / "people.dictionary.csv").read_text()
    assert not unescaped(dictionary)
    assert not unescaped((tmp_path / "people.csv").read_text())
    (tmp_path / "people.certificate.json").write_text(
        '{"guarantee": {"epsilon": 1, "delta": 1e-9}, "expected": [], "worth": true}'
    )
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "people.example.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "null" not in done.stdout  # every value of the records has its words
