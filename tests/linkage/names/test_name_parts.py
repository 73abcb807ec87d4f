"""Name parts: separated where endings and positions allow it, and only there."""

from __future__ import annotations

import pytest

from kerege.linkage.names import Parts, diminutives, fold, parts, rule_tables

KNOWN = [
    ("Ахметова Айгүл Жұмабекқызы", "aigul", "ahmet", "zhumabek"),
    ("Айгүл Жұмабекқызы Ахметова", "aigul", "ahmet", "zhumabek"),
    ("Akhmetova Aigul Zhumabekkyzy", "aigul", "ahmet", "zhumabek"),
    ("Ахметова Айгуль Жумабековна", "aigul", "ahmet", "zhumabek"),
    ("Aigul Akhmetova", "aigul", "ahmet", ""),
    ("AKHMETOVA AIGUL", "aigul", "ahmet", ""),
    ("Айгүл Жұмабекқызы", "aigul", "", "zhumabek"),
    ("Нұрлан Әліұлы", "nurlan", "", "ali"),
    ("Нұрлан Әлі ұлы", "nurlan", "", "ali"),
    ("Каримов Собир Алишер ўғли", "sobir", "karim", "alisher"),
    ("Karimov Sobir Alisher o'g'li", "sobir", "karim", "alisher"),
    ("Каримова Нодира Алишер қизи", "nodira", "karim", "alisher"),
    ("Асан уулу Бакыт", "bakit", "", "asan"),
    ("Asan kyzy Aizada", "aizada", "", "asan"),
    ("Ким Сергей Иванович", "sergei", "kim", "ivan"),
    ("Сергей Иванович Ким", "sergei", "kim", "ivan"),
    ("Толстая Анна Ильинична", "ana", "tolst", "ilia"),
    ("Раҳмонзода Фарҳод", "farhod", "rahmon", ""),
    ("Раҳмонзода Фарҳод Каримзода", "farhod", "rahmon", "karim"),
    ("Нұрсұлу Омарова", "nursulu", "omar", ""),
    ("Мырадов Аман Ораз оглы", "aman", "mirad", "oraz"),
    ("Алиева Сауле Алиевна", "saule", "alev", "ali"),
    ("Аманов Гурбангулы", "gurbanguli", "aman", ""),
    ("Серикова Актоты Хайруллавна", "aktoti", "serik", "hairula"),
    ("Петров Олег Ярославич", "oleg", "petr", "iaroslav"),
    ("Лола", "lola", "", ""),
    # the family name cannot be determined
    ("Нұрлан Серік", "", "", ""),
    ("Ким Марина", "", "", ""),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("name", "given", "family", "father"), KNOWN)
def test_a_full_name_is_separated(name: str, given: str, family: str, father: str) -> None:
    name_parts = parts(name)
    assert (name_parts.given, name_parts.family, name_parts.patronymic) == (given, family, father)


@pytest.mark.parametrize(
    ("fields", "father"),
    [
        (("Айгүл", "Жұмабекқызы", "Ахметова"), "zhumabek"),
        (("Айгүл Жұмабекқызы", "", "Ахметова"), "zhumabek"),
        (("Айгүл", "", "Ахметова Жұмабекқызы"), "zhumabek"),
        (("Айгүл", "Жұмабек қызы", "Ахметова"), "zhumabek"),
        (("Айгүл", "Zhumabekovna", "Akhmetova"), "zhumabek"),
        (("Айгүл", "Жұмабек", "Ахметова"), "zhumabek"),
        (("Айгүл", "", "Ахметова"), ""),
    ],
)
def test_fields_are_kept_except_for_the_patronymic(fields: tuple[str, str, str], father: str) -> None:
    assert parts(*fields) == Parts("aigul", "ahmet", father, ("ahmet", "aigul"))


def test_a_family_name_derived_from_the_father_stays() -> None:
    assert parts("Нұрлан", "", "Серікұлы") == Parts("nurlan", "serik", "", ("nurlan", "serik"))


def test_swapped_fields_agree_in_unordered() -> None:
    name_parts, swapped = parts("Айгүл", "", "Ахметова"), parts("Akhmetova", "", "Aigul")
    assert name_parts.given != swapped.given
    assert name_parts.unordered == swapped.unordered == parts("Aigul Akhmetova").unordered


def test_a_short_name_can_have_several_full_names() -> None:
    assert diminutives(fold("Саша")) == {fold("Александр"), fold("Александра")}
    assert {fold("Гүлнар"), fold("Айгүл"), fold("Гулнора")} <= diminutives(fold("Gulya"))
    assert {fold("Нұрлан"), fold("Нұрсұлтан")} <= diminutives(fold("Nurik"))
    assert diminutives(fold("Айгуля")) == {fold("Айгүл")}
    assert diminutives("") == diminutives("zzz") == frozenset()


def test_the_table_of_short_names_is_reviewed() -> None:
    rows = rule_tables.rows("diminutives.csv")
    # a row goes only on purpose: then change the number
    assert len(rows) == 333
    assert {row["language"] for row in rows} == {"kk", "ru", "uz", "ky", "tg"}
    assert len({(row["diminutive"], row["full"]) for row in rows}) == len(rows)
    for row in rows:
        assert fold(row["full"]) in diminutives(fold(row["diminutive"])), row
