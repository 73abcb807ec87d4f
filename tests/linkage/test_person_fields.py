"""What stands in a field for a name becomes the columns that are compared."""

from __future__ import annotations

import pytest

from kerege.linkage.input.person_fields import family_columns, full_columns, given_columns


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Оспанова-Ким", ["ospan", "kim"]),
        ("Ахметова (Иванова)", ["ahmet", "ivan"]),
        ("Ахметова(Иванова)", ["ahmet", "ivan"]),
        ("Ахметова, дев. Иванова", ["ahmet", "ivan"]),
        ("Akhmetova née Ivanova", ["ahmet", "ivan"]),
        ("Ахметова А.", ["ahmet"]),
        ("не установлено", None),
        ("Дев", ["dev"]),
    ],
)
def test_each_of_several_family_names_is_one(text: str, forms: list[str] | None) -> None:
    assert family_columns(text)["family_forms"] == forms


@pytest.mark.parametrize(
    ("text", "father"),
    [("Серікқызы", "serik"), ("Асан уулу", "asan"), ("Серікова", None), ("Ким Серікқызы", None)],
)
def test_a_father_in_the_place_of_the_family(text: str, father: str | None) -> None:
    assert family_columns(text)["family_father"] == father


@pytest.mark.parametrize("text", ["AKHMETOVA<<AIGUL<SERIKKYZY", "P<KAZAKHMETOVA<<AIGUL<SERIKKYZY<<<<<<<<<<<<"])
def test_a_machine_readable_zone_tells_family_and_given_name_apart(text: str) -> None:
    row = full_columns(text)
    assert [row[name] for name in ("family", "given", "patronymic")] == ["ahmet", "aigul", "serik"]


@pytest.mark.parametrize("husan", ["Ҳусан", "HUSN", "Chussan", "Құсайын", "حسين"])
@pytest.mark.parametrize("hasan", ["Ҳасан", "Қасен", "HASN", "حسن"])
def test_the_consonants_of_the_twins_hasan_and_husan_tell_them_apart(husan: str, hasan: str) -> None:
    assert given_columns(husan)["given_key"] == given_columns("Хусан")["given_key"]
    assert given_columns(hasan)["given_key"] == given_columns("Хасан")["given_key"]
    assert given_columns(husan)["given_key"] != given_columns(hasan)["given_key"]
