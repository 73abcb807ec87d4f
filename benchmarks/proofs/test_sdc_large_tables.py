"""An independent solver finds no disclosure: test_large_tables.py (suppression) on larger tables."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ctdc_like import frame
from kerege.evidence.data.snapshot import read
from tests.evidence.sdc.suppression.test_large_tables import check_three_way, check_two_way


def test_linear_programs_disclose_no_cell_of_a_large_two_way_table(tmp_path: Path) -> None:
    frame(20_000).write_csv(tmp_path / "records.csv")
    check_two_way(read(tmp_path / "records.csv"), 12)


def test_integer_programs_disclose_no_cell_of_a_large_three_way_table() -> None:
    check_three_way(6, (11, 8, 8))
