"""The number detected in an estimate is a figure about people like those of the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.published_tables.estimate_figures import StatedEstimate, notes_on_estimates
from tests.evidence.made_folders import table, write

SEX = [["sex", "count", "status"], ["_T", "", "suppressed"], ["female", "", "suppressed"], ["male", "40", "ok"]]


def released(
    folder: Path, count: int, status: str = "ok", rows: list[list[str]] = SEX, period: str = "2024"
) -> AttackReport:
    """Assess a release of people by sex in 2024 with an estimate that states the number detected."""
    estimate = {
        "name": "undetected",
        "of": "victims",
        "period": period,
        "where": {},
        "detected": {"table": "t", "count": count, "status": status},
        "lower": 100,
        "upper": 300,
    }
    return examine(write(folder, [table("t", rows, where={"year": ["2024"]})], estimates=[estimate]))


@pytest.mark.parametrize(("count", "is_safe"), [(43, False), (49, False), (50, True)])
def test_a_number_detected_that_the_table_suppresses_is_found(tmp_path: Path, count: int, is_safe: bool) -> None:
    """43 detected and 40 men leave 3 women; 50 leave 10."""
    report = released(tmp_path / "release", count)
    assert report.safe is is_safe
    if not is_safe:
        [women] = [finding for finding in report.disclosures if finding.cell == {"sex": "female"}]
        assert (women.lower, women.upper) == (count - 40, count - 40)
        assert any(source.table == "estimate undetected" for source in women.sources)


def test_a_number_detected_of_another_period_tells_nothing(tmp_path: Path) -> None:
    assert released(tmp_path / "release", 43, period="2023").safe


def test_a_perturbed_number_detected_is_that_of_its_table(tmp_path: Path) -> None:
    assert released(tmp_path / "release", 43, "perturbed").safe


def test_a_number_that_the_table_publishes_adds_no_table(tmp_path: Path) -> None:
    rows = [["sex", "count", "status"], ["_T", "90", "ok"], ["female", "50", "ok"], ["male", "40", "ok"]]
    assert released(tmp_path / "release", 90, rows=rows).examined.tables == 1


def test_the_report_says_that_nobody_knows_what_the_figures_reveal(tmp_path: Path) -> None:
    note = released(tmp_path / "release", 50).notes[-1]
    assert note.startswith("estimate undetected: its figures follow from the overlaps of lists")


def test_a_lower_figure_alone_follows_from_the_overlaps_too() -> None:
    lower_alone, none = StatedEstimate.model_validate({"name": "a", "lower": 700}), StatedEstimate()
    assert [note.split(":")[0] for note in notes_on_estimates([lower_alone, none])] == ["estimate a"]
