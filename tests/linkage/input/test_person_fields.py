"""Comparison columns of a name field."""

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
def test_each_of_several_family_names_is_a_form(text: str, forms: list[str] | None) -> None:
    assert family_columns(text)["family_forms"] == forms


@pytest.mark.parametrize(
    ("text", "father"),
    [("Серікқызы", "serik"), ("Асан уулу", "asan"), ("Серікова", None), ("Ким Серікқызы", None)],
)
def test_a_patronymic_as_family_name_is_marked(text: str, father: str | None) -> None:
    assert family_columns(text)["family_father"] == father


@pytest.mark.parametrize("text", ["AKHMETOVA<<AIGUL<SERIKKYZY", "P<KAZAKHMETOVA<<AIGUL<SERIKKYZY<<<<<<<<<<<<"])
def test_a_machine_readable_zone_separates_family_and_given_name(text: str) -> None:
    row = full_columns(text)
    assert [row[name] for name in ("family", "given", "patronymic")] == ["ahmet", "aigul", "serik"]


@pytest.mark.parametrize("husan", ["Ҳусан", "HUSN", "Chussan", "Құсайын", "حسين"])
@pytest.mark.parametrize("hasan", ["Ҳасан", "Қасен", "HASN", "حسن"])
def test_the_keys_of_hasan_and_husan_differ(husan: str, hasan: str) -> None:
    assert given_columns(husan)["given_key"] == given_columns("Хусан")["given_key"]
    assert given_columns(hasan)["given_key"] == given_columns("Хасан")["given_key"]
    assert given_columns(husan)["given_key"] != given_columns(hasan)["given_key"]
