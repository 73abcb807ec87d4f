"""Layouts of other publishers: a planted disclosure is not safe, its twin by one person is.

All figures are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import ReadingOptions

SAFE, DISCLOSED, UNDECIDED = "safe", "disclosed", "undecided"


def assess(folder: Path, files: Mapping[str, str], **options: Any) -> AttackReport:
    """Return the report on some CSV files."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return assess_files(folder, [], 10, ReadingOptions(**options))


def outcome(report: AttackReport) -> str:
    """Return whether a report is safe, names a disclosure, or leaves figures undecided."""
    return SAFE if report.safe else DISCLOSED if report.disclosures else UNDECIDED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("nine", UNDECIDED), ("IX", UNDECIDED), ("4 0", UNDECIDED), ("1'009", SAFE), ("1\u202f009", SAFE)),
        *(("90", SAFE), ("9", DISCLOSED), ("c", SAFE)),
    ],
)
def test_words_and_spaced_digits_are_undecided_and_named(tmp_path: Path, text: str, expected: str) -> None:
    crosstab = assess(tmp_path, {"t.csv": f"region,Men,Women\nA,40,20\nB,50,60\nC,{text},30\n"})
    assert outcome(crosstab) == expected
    long = assess(tmp_path, {"t.csv": f"region,count\nA,40\nB,50\nC,{text}\n"})
    assert outcome(long) == expected
    if expected == UNDECIDED:
        assert f"undecided: column Men, row 4 ({text}) of table t" in crosstab.notes
        assert f"undecided: column count, row 4 ({text}) of table t" in long.notes
