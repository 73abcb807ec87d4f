"""Numbers in words are found in three languages, whatever signs hide them; other words are not."""

from __future__ import annotations

import pytest

from kerege.evidence.release.number_words import find_number_word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Twelve women", "twelve"),
        ("some hundreds", "hundreds"),
        ("it doubled", "doubled"),
        ("thrice", "thrice"),
        ("every third person", "every third"),
        ("half of the victims", "half"),
        ("one-third of them", "one-third"),
        ("a quarter of the people", "quarter"),
        ("двенадцать", "двенадцать"),
        ("пятьюстами", ""),
        ("трёх женщин", "трёх"),
        ("трех женщин", "трех"),
        ("вдвое", "вдвое"),
        ("каждая третья", "каждая третья"),
        ("треть жертв", "треть"),
        ("удвоилось", "удвоилось"),
        ("он екі", "екі"),
        ("екеуі", "екеуі"),
        ("жүздеген адам", "жүздеген"),
        ("әр екінші", "әр екінші"),
        ("жартысы", "жартысы"),
    ],
)
def test_a_number_in_words_is_found(text: str, word: str) -> None:
    assert find_number_word(text) == word


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the second report",
        "in the third quarter of 2024",
        "a quarter of the year",
        "the tent of tense attention",
        "often",
        "stone",
        "the first half",
        "второй отчёт",
        "стать",
        "сторона",
        "первая половинчатость"[:6],
        "екі жыныс",
        "оның",
    ],
)
def test_ordinals_and_other_words_are_no_numbers(text: str) -> None:
    assert find_number_word(text) == ""


@pytest.mark.parametrize(
    ("before_people", "alone"),
    [
        ("one woman", "one of the tables"),
        ("both victims", "both tables"),
        ("a single case", "a single table"),
        ("a pair of girls", "a pair of shoes"),
        ("одна жертва", "одна таблица"),
        ("обе женщины", "обе таблицы"),
        ("бір адам", "бір кесте"),
        ("on the он адам", "он келді"),
        ("one young woman", "one young table"),  # one word may stand between
    ],
)
def test_a_word_that_also_means_something_else_counts_before_people(before_people: str, alone: str) -> None:
    assert find_number_word(before_people)
    assert find_number_word(alone) == ""


@pytest.mark.parametrize(
    "text",
    [
        "t w e l v e",
        "t.w.e.l.v.e",
        "t*w*e*l*v*e women",
        "t-w-e-l-v-e",
        "T W E L V E",
        "twe\u200blve",  # a space without width
        "twe\u00adlve",  # a soft hyphen
        "t\u0301welve",  # an accent
        "ｔｗｅｌｖｅ",  # letters of full width
        "тwеlvе",  # Cyrillic letters that look like Latin ones
        "двa женщины",  # a Latin a
        "TWELVE",
        "twelve\u200bwomen",
    ],
)
def test_hidden_number_words_are_found(text: str) -> None:
    assert find_number_word(text)


def test_the_first_number_is_returned() -> None:
    assert find_number_word("we saw seven, then nine") == "seven"
