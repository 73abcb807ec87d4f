"""Columns in three languages are one column, and columns that only resemble each other are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.reading.column_names import (
    codes_of_column,
    concept,
    concept_of_values,
    folded,
    in_languages,
    names_a_count,
    sex_code,
    translation,
    without_notes,
    without_of_which,
)
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


@pytest.mark.parametrize(
    ("label", "rest"),
    [
        *(("of which: men", "men"), ("Of whom women", "women"), ("including children", "children")),
        *(("в том числе: мужчины", "мужчины"), ("из них женщины", "женщины"), ("в т.ч. дети", "дети")),
        *(("соның ішінде ерлер", "ерлер"), ("оның ішінде / в том числе", ""), ("of which", "")),
        *(("Men, of which boys", "Men, of which boys"), ("Includingly", "Includingly"), (" men ", " men ")),
    ],
)
def test_words_for_parts_are_dropped_at_the_beginning_alone(label: str, rest: str) -> None:
    assert without_of_which(label) == rest


@pytest.mark.parametrize(
    ("labels", "clean"),
    [
        (["North [note 1]", "South*", "East (2)"], ["North", "South", "East"]),
        (["North [notes 1, 2]", "South¹²"], ["North", "South"]),
        (["A (1)", "A (2)"], ["A (1)", "A (2)"]),  # two labels would become equal
        (["A [r]", "A [r]"], ["A", "A"]),  # one label, twice
        (["North (old)", "1*"], ["North (old)", "1"]),
        (["*"], ["*"]),
    ],
)
def test_marks_of_notes_are_dropped_unless_labels_become_equal(labels: list[str], clean: list[str]) -> None:
    assert without_notes(labels) == clean


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("  Age   Group ", "age group"), ("SEX:", "sex"), ("Count (1)", "count"), ("Count [note]", "count")),
        *(("Count**", "count"), ("Count (12)", "count (12)"), ("ВОЗРАСТ", "возраст"), ("ß", "ss")),
    ],
)
def test_names_are_compared_in_small_letters_without_a_mark_of_a_note(name: str, expected: str) -> None:
    assert folded(name) == expected


@pytest.mark.parametrize(
    "header", ["count", "Number of victims", "Количество, человек", "Persons", "Жәбірленушілер саны"]
)
def test_a_header_names_a_count(header: str) -> None:
    assert names_a_count(header)


@pytest.mark.parametrize("header", ["Discount", "Region", "Country", "Numbers", ""])
def test_another_header_names_no_count(header: str) -> None:
    assert not names_a_count(header)


def test_a_name_in_two_languages_has_both_parts() -> None:
    assert in_languages("Жынысы / Пол") == ["жынысы / пол", "жынысы", "пол"]
    assert in_languages("Sex|Gender") == ["sex|gender", "sex", "gender"]
    assert in_languages("Sex") == ["sex"]


@pytest.mark.parametrize(
    ("name", "usual", "english"),
    [
        *(("Gender", "sex", "sex"), ("Жынысы / Пол", "sex", "sex"), ("Возраст", "age", ""), ("TIME", "year", "year")),
        *(
            ("Жыл", "year", "year"),
            ("geo", "region", "region"),
            ("oblast", "region", "region"),
            ("Өңір", "region", "region"),
            ("Form", "", ""),
        ),
        *(("Азаматтығы", "citizenship", "citizenship"), ("Nationality", "citizenship", "citizenship")),
        *(("Тоқсан", "quarter", "quarter"), ("Месяц", "month", "month")),
    ],
)
def test_a_usual_column_is_known_in_three_languages(name: str, usual: str, english: str) -> None:
    assert (concept(name), translation(name)) == (usual, english)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        *((["Men", "Women"], "sex"), (["Мужчины", "Женщины", "Всего"], "sex"), (["Men"], "sex"), (["Men", "Boys"], "")),
        *((["0-17", "18+"], "age"), (["0-17", "x"], ""), (["0-17", "18+", "x"], "age"), (["1", "2"], "")),
        *((["2020-2024", "2025-2029"], "period"), (["129-131"], "age"), (["130-140"], "")),
        *((["2021", "2022"], "year"), (["2021", "x"], ""), (["1821"], ""), ([], "")),
    ],
)
def test_values_name_their_column(values: list[str], name: str) -> None:
    assert concept_of_values(values) == name


@pytest.mark.parametrize(
    ("label", "code"),
    [
        *(("Women", "female"), ("Ж", "female"), ("ерлер / мужчины", "male"), ("Ер адамдар", "male"), ("Boys", "male")),
        *(
            ("Men and women", "Men and women"),
            ("Men (boys)", "male"),
            ("Other", "Other"),
            ("Women, other", "Women, other"),
        ),
    ],
)
def test_a_label_of_one_sex_alone_is_its_code(label: str, code: str) -> None:
    assert sex_code(label) == code


def test_the_codes_of_a_column_are_those_of_its_list_in_all_languages() -> None:
    assert {"female", "әйел", "мужской"} <= codes_of_column("sex")
    assert codes_of_column("Пол") == codes_of_column("SEX ")
    assert codes_of_column("no such column") == frozenset()
