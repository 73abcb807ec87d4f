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


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("aged under 18", "aged 18 and over"), ("aged under 20", "aged 20 and over")),
        (("Children", "Adults"), ("less than 20 years", "over 19")),
        (("18 жасқа дейін", "18 жас және одан жоғары"), ("до 20 лет", "20 лет и старше")),
    ],
)
def test_bands_in_any_words_are_cut_into_common_pieces(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str]
) -> None:
    for young, expected in ((109, DISCLOSED), (110, SAFE)):
        one = f"age,count\n{first[0]},100\n{first[1]},200\n"
        other = f"age,count\n{second[0]},{young}\n{second[1]},{300 - young}\n"
        assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other})) == expected


def test_a_label_of_ages_that_is_no_band_is_undecided_beside_other_labels(tmp_path: Path) -> None:
    one, other = "age,count\nlevel 1,100\nlevel 2,200\n", "age,count\n0-17,110\n18+,190\n"
    assert outcome(assess(tmp_path, {"a.csv": one})) == SAFE
    report = assess(tmp_path, {"a.csv": one, "b.csv": other})
    assert "undecided: column age (level 1) of table a" in report.notes
