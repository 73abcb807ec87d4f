"""Columns that can be one are examined as one, unless the sums of their values show that they are two.

All figures are invented.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.populations.readings import assumptions, read_under
from kerege.evidence.sdc.published_tables.publication import Publication

FIRST = "minor,sex,count\nyes,M,40\nyes,F,60\nno,M,120\nno,F,80\n"


@pytest.mark.parametrize(
    ("second", "number"),
    [
        ("child,region,count\nyes,A,30\nyes,B,70\nno,A,100\nno,B,100\n", 1),
        ("assisted,region,count\nyes,A,30\nyes,B,71\nno,A,100\nno,B,99\n", 0),
        ("child,region,count\nyes,A,30\nyes,B,c\nno,A,100\nno,B,100\n", 1),
        ("child,region,count\nyes,A,101\nyes,B,c\nno,A,100\nno,B,99\n", 0),
        ("child,region,count\nyes,A,30\nyes,B,71\nyes,Total,110\nno,A,100\nno,B,90\nno,Total,190\n", 1),  # others
    ],
)
def test_columns_with_other_sums_are_two_variables(tmp_path: Path, second: str, number: int) -> None:
    for name, text in (("a.csv", FIRST), ("b.csv", second)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    publications = [Publication.read(tmp_path)]
    assert len(assumptions(publications, read_under(publications))) == number
