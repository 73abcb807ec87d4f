"""Spellings of one given name in six languages agree; different names that sound alike do not."""

from __future__ import annotations

import pytest

from kerege.linkage.input.person_fields import Row, _find_canonical, given_columns, known_given
from kerege.linkage.names import diminutives, fold
from kerege.linkage.names.rule_tables import rows
from kerege.linkage.register_matching import PersonAttributes, match_person


def may_be_one(one: str, two: str) -> bool:
    """Return whether two given names do not contradict each other."""
    left, right = given_columns(one), given_columns(two)
    return left["given_known"] == right["given_known"] or bool(forms(left) & forms(right))


def forms(row: Row) -> set[str]:
    given_forms = row["given_forms"]
    assert isinstance(given_forms, list)
    return set(given_forms)


ONE = """
Гулнора/Гульнара Темур/Тимур Темір/Темур Мурод/Мурат Мурод/Мырат Ислом/Ислам Зухра/Зухро Зөһре/Зухро Камила/Комила
Мария/Мариям Юсуф/Юсуп Жүсіп/Юсуп Рустам/Рустем Ибрагим/Иброҳим Юлдуз/Жылдыз Хадича/Хадиджа Хадиша/Хадича Георгий/Егор
Фотима/Фатма Патима/Фотима Айшат/Ойша Омар/Умар Усмон/Оспан Хасан/Асан Фарҳод/Парқат Бахтиёр/Бақтияр Алия/Олия
Жамиля/Жамила Мұхаммедали/Мухаммадали Рабиға/Робия Нурдин/Нуриддин Рақым/Рахим Керим/Карим
Исломбек/Ислом Мадинабону/Мадина Шолпан/Чолпон Елена/Алёна Зейнеп/Зайнаб Давлат/Дәулет Қуаныш/Кубаныч
Лина/Ангелина Ҳусан/Chussan"""
TWO = """
Дильназ/Дильнур Тоғжан/Тоғжара Бегайым/Бегимай Мээрим/Мээримай Гульзат/Гульзар Перизат/Фаризат Ясмина/Ясина
Хасан/Хусан Елена/Элина Алина/Алёна Анель/Адель Жанель/Жанерке Раяна/Даяна Дамир/Данир Алихан/Алижан
Нұрасыл/Нұрали Нурислам/Нурсултан Толқын/Толғанай Аружан/Арайлым Мария/Марина Алия/Галия Егор/Игорь
Инга/Инна Юлия/Ульяна Лина/Полина Лина/Алина Алия/Альбина Хасан/Chusan Ҳусан/Chassan"""


@pytest.mark.parametrize("pair", ONE.split())
def test_spellings_in_several_languages_are_one_name(pair: str) -> None:
    assert may_be_one(*pair.split("/"))


@pytest.mark.parametrize("pair", TWO.split())
def test_similar_names_are_two(pair: str) -> None:
    assert not may_be_one(*pair.split("/"))


@pytest.mark.parametrize("pair", ONE.split())
def test_the_spelling_of_a_name_does_not_outweigh_a_passport(pair: str) -> None:
    one, two = (
        PersonAttributes(((given, "", "Каримова"),), "1991-06-17", "f", ("N1234567",)) for given in pair.split("/")
    )
    assert match_person(one, [two], 20_000)[0].probability > 0.99


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Айгүл", "А.", True),
        ("Айгүл", "Б.", False),
        ("А. С.", "Ә.", True),
        ("Джамал", "Ж.", True),
        ("Довлет", "Д.", True),
        ("Шухрат", "S.", True),
        ("Владимир", "Д.", False),
        ("Хасан", "Ғ.", True),
    ],
)
def test_an_initial_contradicts_a_name_with_another_initial(one: str, other: str, agree: bool) -> None:
    left, right = given_columns(one), given_columns(other)
    assert right["given"] is None
    assert (left["given_initial"] == right["given_initial"]) is agree


@pytest.mark.parametrize("name", ["Саша", "Асан", "б/о", "неизвестно", ""])
def test_no_initial_without_a_name(name: str) -> None:
    assert given_columns(name)["given_initial"] is None


@pytest.mark.parametrize("row", rows("variants.csv"), ids=lambda row: row["variant"])
def test_each_variant_is_needed(row: dict[str, str]) -> None:
    variant, name = fold(row["variant"]), fold(row["name"])
    assert name in diminutives(variant)
    assert known_given(variant) != known_given(name)


@pytest.mark.parametrize("row", rows("two_names.csv"), ids=lambda row: row["name"])
def test_each_row_of_two_names_is_needed(row: dict[str, str]) -> None:
    name, other = fold(row["name"]), fold(row["other"])
    assert _find_canonical(name) == known_given(other)
    assert known_given(name) not in (None, known_given(other))


def test_further_given_names_are_in_no_other_table() -> None:
    names = [fold(row["name"]) for row in rows("given.csv")]
    others = {fold(row["name"]) for row in rows("common.csv") if row["kind"] == "given"}
    others |= {fold(row["diminutive"]) for row in rows("diminutives.csv")}
    others |= {fold(name) for row in rows("variants.csv") for name in row.values()}
    assert len(set(names)) == len(names)
    assert not others & set(names)
