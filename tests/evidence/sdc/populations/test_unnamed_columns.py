"""Unnamed headings of several tables that are different variables."""

from __future__ import annotations

from pathlib import Path

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import PLAIN

FORMS = "Persons by region and form\nRegion,Labour,Sexual\nNorth,60,40\nSouth,50,30\n"


def notes(folder: Path, other: str) -> tuple[bool, str]:
    """Return whether two crosstabs are safe, and the notes."""
    (folder / "forms.csv").write_text(FORMS)
    (folder / "other.csv").write_text(other)
    report = assess_files(folder, [], 10, PLAIN)
    return report.safe, " ".join(report.notes)


def test_headings_without_common_labels_are_two_variables_if_one_variable_contradicts(tmp_path: Path) -> None:
    is_safe, text = notes(tmp_path, "Persons by region and helper\nRegion,Police,Doctors\nNorth,30,70\nSouth,60,20\n")
    assert is_safe
    assert "It is read as several" in text


def test_a_leak_between_separate_unnamed_headings_is_found(tmp_path: Path) -> None:
    """North has 100 people by form and 95 by helper: five have no helper, or one of the tables is wrong."""
    is_safe, _ = notes(tmp_path, "Persons by region and helper\nRegion,Police,Doctors\nNorth,30,65\nSouth,60,20\n")
    assert not is_safe


def test_headings_with_a_common_label_stay_one_variable(tmp_path: Path) -> None:
    is_safe, text = notes(tmp_path, "Persons by region and form\nRegion,Labour,Begging\nNorth,60,70\nSouth,50,20\n")
    assert "It is read as several" not in text
    assert not is_safe
