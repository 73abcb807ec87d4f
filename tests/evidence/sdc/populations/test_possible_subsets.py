"""Tables that can count a part of the people of another table, although nothing says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import ReadingOptions

TITLES = [
    ("Victims identified in 2022-2023", "Victims identified in 2022"),
    ("All victims", "Victims with a residence permit"),
    ("Число потерпевших за 2024 год", "Число потерпевших за 9 месяцев 2024 года"),
]


@pytest.mark.parametrize(("first", "second"), TITLES)
@pytest.mark.parametrize(
    ("north", "south", "is_safe"), [(56, 40, False), (50, 60, True), (56, 99, True), (60, 40, True)]
)
def test_a_table_that_can_be_a_part_with_few_people_less_is_undecided(
    tmp_path: Path, first: str, second: str, north: int, south: int, is_safe: bool
) -> None:
    """North 60 and 56: 4 people are left if the second table counts a part of the first."""
    for name, title, figures in (("a", first, (60, 80)), ("b", second, (north, south))):
        text = f"{title},\nRegion,Number\nNorth,{figures[0]}\nSouth,{figures[1]}\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    report = assess_files(tmp_path, [], 10, ReadingOptions())
    assert report.safe is is_safe
    assert any("it can count a part of the same people" in note for note in report.notes) is not is_safe
