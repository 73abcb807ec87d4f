"""A full name is divided by its endings or by the answer of a person, and never by a guess."""

from __future__ import annotations

import pytest

from kerege.linkage.names.full_name import FAMILY_FIRST, GIVEN_FIRST, divide


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Серікова Айгүл Маратқызы", ("Айгүл", "Маратқызы", "Серікова")),
        ("Айгүл Маратқызы Серікова", ("Айгүл", "Маратқызы", "Серікова")),
        ("Иванов  Иван Петрович", ("Иван", "Петрович", "Иванов")),
        ("Абрамович Роман Аркадьевич", ("Роман", "Аркадьевич", "Абрамович")),
        ("Юлдашев Ботир Алишер ўғли", ("Ботир", "Алишер ўғли", "Юлдашев")),
        ("Yuldasheva Dilnoza Alisher qizi", ("Dilnoza", "Alisher qizi", "Yuldasheva")),
        ("Иванова Анна", ("Анна", "", "Иванова")),
        ("Анна Иванова", ("Анна", "", "Иванова")),
    ],
)
def test_endings_divide_a_name(text: str, parts: tuple[str, str, str]) -> None:
    assert divide(text) == parts


@pytest.mark.parametrize(
    "text", ["Ким Ли", "Анна", "Иванов А.П.", "Ерлан Марат Серік", "А Б В Г", "", "Нұрлан Ахметұлы"]
)
def test_a_name_that_nothing_decides_stays_whole(text: str) -> None:
    assert divide(text) is None


def test_the_answer_of_a_person_decides_the_rest() -> None:
    assert divide("Ким Ли", FAMILY_FIRST) == ("Ли", "", "Ким")
    assert divide("Ким Ли", GIVEN_FIRST) == ("Ким", "", "Ли")
    assert divide("Цой Ким Ли", FAMILY_FIRST) == ("Ким", "Ли", "Цой")
    assert divide("Айгүл Маратқызы Серікова", FAMILY_FIRST) == ("Айгүл", "Маратқызы", "Серікова")
