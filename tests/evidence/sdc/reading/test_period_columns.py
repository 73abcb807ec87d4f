"""Periods in one column of one file: a planted leak, and a twin that is safe by one person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions

# files with `{}` in place of a figure: the figure that leaks, and the next one that does not
LAYOUTS = {
    "year and half": ("period,sex,count\n2025,M,80\n2025,F,{}\n2025-H1,M,40\n2025-H1,F,46\n", 55, 56),
    "quarters and half": ("period,count\n2025-Q1,30\n2025-Q2,c\n2025-H1,{}\n2025-H2,50\n2025,c\n", 39, 40),
    "months and quarter": ("month,count\nJanuary,30\nFebruary,c\nMarch,40\nQ1,{}\n", 79, 80),
    "quarters and year": ("quarter,count\nQ1,30\nQ2,c\nQ3,40\nQ4,40\nyear,{}\n", 119, 120),
    "dates of a register": ("sex,As of 31.12.2024,As of 31.12.2025\nMen,100,{}\nWomen,200,260\n", 109, 110),
    "column of dates": ("as of,male,female\n2024-12-31,100,200\n2025-12-31,{},260\n", 109, 110),
    "a register that people leave": ("sex,As of 31.12.2024,As of 31.12.2025\nMen,100,{}\nWomen,200,160\n", 91, 90),
    "months so far": ("sex,9 months 2025,12 months 2025\nMen,100,{}\nWomen,200,260\n", 109, 110),
    "half below its year": ("sex,2025,H1\nMen,{},91\nWomen,200,100\n", 100, 101),
    "after equal words": ("region,Total to 2024,Total to 2025\nA,100,{}\nB,100,150\n", 109, 110),
    "Russian": ("регион,за 9 месяцев 2025 г.,за 2025 год\nА,91,{}\nБ,20,40\n", 100, 101),
    "Kazakh": ("өңір,2025 жылғы 1 жартыжылдық,2025 жыл\nА,91,{}\nБ,20,40\n", 100, 101),
}


def is_safe(folder: Path, text: str, options: ReadingOptions = PLAIN, manifest: object = None) -> bool:
    """Return whether the command calls a file safe; everything in it was decided."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    if manifest is not None:
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    report = assess_files(folder, [], 10, options)
    assert not report.undecided
    return report.safe


@pytest.mark.parametrize("layout", LAYOUTS)
def test_periods_that_overlap_are_cut_into_common_pieces(tmp_path: Path, layout: str) -> None:
    text, leak, twin = LAYOUTS[layout]
    assert [is_safe(tmp_path, text.format(figure)) for figure in (leak, twin)] == [False, True]


def test_the_own_form_of_kerege(tmp_path: Path) -> None:
    manifest = {"tables": [{"name": "t", "file": "t.csv", "of": "victims", "by": ["period", "sex"]}]}
    text = "period,sex,count,status\n2025,male,80,ok\n2025,female,{},ok\n2025-H1,male,40,ok\n2025-H1,female,46,ok\n"
    assert [is_safe(tmp_path, text.format(figure), manifest=manifest) for figure in (55, 56)] == [False, True]


def test_years_are_a_register_if_the_user_says_so(tmp_path: Path) -> None:
    text = "year,sex,count\n2024,M,100\n2024,F,200\n2025,M,{}\n2025,F,260\n"
    one, cumulative = (ReadingOptions(is_cumulative=answer) for answer in (False, True))
    assert is_safe(tmp_path, text.format(109), one)
    assert assess_files(tmp_path, [], 10, PLAIN).undecided
    assert [is_safe(tmp_path, text.format(figure), cumulative) for figure in (109, 110)] == [False, True]


def test_periods_that_overlap_count_everybody_up_to_their_end_if_so(tmp_path: Path) -> None:
    for figure, is_safe_with_it in ((109, False), (110, True)):
        text = f"period,M,F\n2024,100,200\n2025-H1,{figure},260\n2025,160,300\n"
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        assert assess_files(tmp_path, [], 10, PLAIN).safe is is_safe_with_it


def test_periods_of_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("year,sex,count\n2025,M,100\n2025,F,200\n", encoding="utf-8")
    text = "sex,2025-H1,2025-H2\nM,{},c\nF,100,100\n"
    assert [is_safe(tmp_path, text.format(figure)) for figure in (91, 90)] == [False, True]


@pytest.mark.parametrize("label", ["2023/24", "H1", "Winter 2025"])
def test_a_period_that_is_not_understood_is_undecided(tmp_path: Path, label: str) -> None:
    (tmp_path / "t.csv").write_text(f"period,M,F\n2024,50,60\n2025,50,60\n{label},41,40\n", encoding="utf-8")
    report = assess_files(tmp_path, [], 10, PLAIN)
    assert report.undecided
    assert "undecided: column period of table t" in report.notes


def test_a_label_with_the_year_of_a_period_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("region,FY2024,FY2025,2025\nA,50,60,51\nB,60,70,80\n", encoding="utf-8")
    assert assess_files(tmp_path, [], 10, PLAIN).undecided


def test_years_after_equal_words_are_groups(tmp_path: Path) -> None:
    text = "region,Victims 2024,Victims 2025\nA,100,103\nB,100,150\n"
    assert is_safe(tmp_path, text, ReadingOptions(is_cumulative=False))
    assert assess_files(tmp_path, [], 10, PLAIN).undecided


def test_quarters_beside_years_are_those_of_any_year(tmp_path: Path) -> None:
    text = "year,quarter,count\n2024,Q1,40\n2024,Q2,50\n2024,H1,90\n2025,Q1,40\n2025,Q2,c\n2025,H1,{}\n"
    assert [is_safe(tmp_path, text.format(figure)) for figure in (49, 50)] == [False, True]


@pytest.mark.parametrize("heading", ["Cumulative count", "Выявлено нарастающим итогом"])
def test_months_of_a_cumulative_figure_are_a_register_without_a_year(tmp_path: Path, heading: str) -> None:
    text = "Month,{}\nJanuary,100\nFebruary,{}\nMarch,150\n"
    assert [is_safe(tmp_path, text.format(heading, count)) for count in (109, 110)] == [False, True]
