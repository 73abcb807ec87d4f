"""Overlapping codes get a column for each set; usual columns get one name in all languages."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.published_tables.overlapping_codes import same_names, separate_codes
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets


def by(columns: dict[str, tuple[str, ...]], **stated: object) -> Sheet:
    """Return an unstated table with these columns and codes."""
    names = list(columns)
    size = max(map(len, columns.values()))
    keys = {tuple(columns[name][i] if i < len(columns[name]) else "_T" for name in names): 3 for i in range(size)}
    return made_sheets.sheet(names, {("_T",) * len(names): 9} | keys, **({"stated": False} | stated))


def names_of(sheets: list[Sheet]) -> list[tuple[str, ...]]:
    """Return the columns of each table."""
    return [sheet.by for sheet in sheets]


def test_bands_that_overlap_those_of_an_earlier_table_are_another_column() -> None:
    first, second, third = (by({"age": bands}) for bands in (("0-17", "18+"), ("0-9", "10-24"), ("0-17",)))
    assert names_of(separate_codes([first, second, third])) == [("age",), ("age [bands 2]",), ("age",)]


def test_disjoint_codes_of_two_tables_are_one_column() -> None:
    sheets = [by({"age": ("0-17",)}), by({"age": ("18-24",)}), by({"age": ("10-20",)})]
    assert names_of(separate_codes(sheets)) == [("age",), ("age",), ("age [bands 2]",)]


def test_levels_of_a_hierarchy_are_columns_of_their_own() -> None:
    sheets = [by({"area": ("North", "South")}), by({"area": ("North › Town",)})]
    assert names_of(separate_codes(sheets)) == [("area",), ("area [level 2]",)]


def test_a_stated_table_keeps_its_columns_and_its_codes_come_first() -> None:
    foreign, stated = by({"age": ("0-9", "10-24")}), by({"age": ("0-17", "18+")}, stated=True)
    assert names_of(separate_codes([foreign, stated])) == [("age [bands 2]",), ("age",)]
    assert separate_codes([stated])[0] is stated


def test_two_columns_do_not_get_one_name() -> None:
    sheet = by({"age": ("0-17",), "age [bands 2]": ("0-17",)})
    assert separate_codes([sheet])[0] is sheet


def test_renamed_columns_keep_what_is_known_of_them() -> None:
    first = by({"age": ("0-17", "18+")})
    second = by({"age": ("0-9", "10-24")}, sensitive=frozenset({"age"}))
    assert separate_codes([first, second])[1].sensitive == {"age [bands 2]"}


def test_the_first_table_gives_the_name_and_the_labels_of_a_usual_column() -> None:
    russian = by({"Пол": ("Женский", "Мужской")})
    kazakh = by({"Жынысы": ("Әйелдер", "Ерлер")})
    english = by({"form": ("a",), "Sex": ("Men", "Women")})
    first, second, third = same_names([russian, kazakh, english])
    assert [sheet.by for sheet in (first, second, third)] == [("Пол",), ("Пол",), ("form", "Пол")]
    assert second.axes[0] == ("_T", "Женский", "Мужской")
    assert third.axes[1] == ("_T", "Мужской", "Женский")


def test_a_stated_table_keeps_its_names_and_gives_none() -> None:
    stated, foreign = by({"sex": ("female",)}, stated=True), by({"Пол": ("Женский",)})
    first, second = same_names([stated, foreign])
    assert first is stated
    assert second is foreign


def test_columns_that_are_in_one_table_together_keep_their_names() -> None:
    sheets = [by({"Пол": ("Женский",), "Sex": ("Women",)}), by({"Жынысы": ("Әйел",)})]
    assert names_of(same_names(sheets)) == [("Пол", "Sex"), ("Жынысы",)]


@pytest.mark.parametrize("codes", [("Men", "Boys"), ("Women", "Females")])
def test_two_labels_of_one_sex_in_a_table_stay_apart(codes: tuple[str, str]) -> None:
    first, second = same_names([by({"sex": ("Women", "Men")}), by({"Пол": codes})])
    assert second.axes[0] == ("_T", *codes)
    assert second.by == first.by


def test_other_labels_of_a_column_of_sexes_stay() -> None:
    _, second = same_names([by({"sex": ("Women", "Men")}), by({"Пол": ("Женщины", "Не указан")})])
    assert second.axes[0] == ("_T", "Women", "Не указан")
