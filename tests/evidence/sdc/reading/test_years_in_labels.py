"""Labels that end with a year are a label and a year."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.options import ReadingOptions


@pytest.mark.parametrize("dated", ["{} 2023|{} 2024", "{}, 2023|{}, 2024", "{} (2023)|{} (2024)"])
@pytest.mark.parametrize(("total", "is_safe"), [(114, False), (120, True)])
def test_years_behind_labels_are_a_column(tmp_path: Path, dated: str, total: int, is_safe: bool) -> None:
    """Women of 2024 are suppressed: the total of 2024 less the men gives them."""
    before, after = dated.split("|")
    figures = {before: (100, 150, 250), after: (110, "x", total)}
    rows = [
        f'"{label.format(name)}",{count}'
        for label, counts in figures.items()
        for name, count in zip(("Men", "Women", "Total"), counts, strict=True)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["Indicator,Value", *rows]) + "\n")
    assert {name for sheet in Publication.read(tmp_path).sheets for name in sheet.by} == {"Indicator", "year"}
    assert assess_files(tmp_path, [], 10, ReadingOptions()).safe is is_safe
