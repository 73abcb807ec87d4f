"""Columns in three languages are one column, and columns that only resemble each other are not."""

from __future__ import annotations

from pathlib import Path

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence.sdc.reading.typed_tables import read_sheets


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_one_column_in_three_languages(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a="Пол,Количество\nВсего,100\nЖенский,60\nМужской,40\n",
        b="Жынысы,саны\nБарлығы,100\nӘйелдер,60\nЕрлер,40\n",
        c="Sex,Count\nTotal,100\nFemale,60\nMale,40\n",
    )
    assert {(sheet.by, sheet.axes) for sheet in read_sheets(folder)} == {(("Пол",), (("_T", "Женский", "Мужской"),))}


def test_a_figure_in_one_language_discloses_a_figure_in_another(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a="Пол,Количество\nВсего,100\nЖенский,x\nМужской,x\n",
        b="Sex,Count\nTotal,100\nWomen,93\n",
    )
    assert {(finding.lower, finding.upper) for finding in examine(folder).disclosures} == {(7, 7)}


def test_columns_of_one_table_keep_their_names(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a="sex,gender,count\nfemale,female,60\nmale,male,40\nmale,female,20\n",
        b="gender,count\nfemale,80\nmale,40\n",
    )
    assert [sheet.by for sheet in read_sheets(folder)] == [("sex", "gender"), ("gender",)]


def test_bands_and_groups_of_ages_keep_their_names(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a="age_band,count\n0_8,60\n9_17,40\n",
        b="age_group,count\nchild,100\nadult,40\n",
        c="age,count\n0-17,100\n",
    )
    assert [sheet.by for sheet in read_sheets(folder)] == [("age_band",), ("age_group",), ("age",)]
