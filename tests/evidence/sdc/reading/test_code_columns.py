"""Columns of codes beside the column of their labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import ReadingOptions


@pytest.mark.parametrize(("whole", "is_safe"), [(164, False), (170, True)])
def test_a_total_beside_its_code_is_a_total(tmp_path: Path, whole: int, is_safe: bool) -> None:
    """The code of the country has no word for a total; its label has."""
    rows = f"710000000,Astana,70\n750000000,Almaty,90\n790000000,Shymkent,x\n000000000,Republic of Kazakhstan,{whole}\n"
    (tmp_path / "t.csv").write_text("KATO,Region,Victims\n" + rows)
    assert assess_files(tmp_path, [], 10, ReadingOptions()).safe is is_safe


def test_codes_that_tell_more_than_the_labels_are_kept(tmp_path: Path) -> None:
    """Two codes of one label are two groups."""
    (tmp_path / "t.csv").write_text("geo,Region,Victims\nn1,North,70\nn2,North,6\ns1,South,90\n")
    cells = [finding.cell for finding in assess_files(tmp_path, [], 10, ReadingOptions()).disclosures]
    assert {"geo": "n2", "Region": "North"} in cells
