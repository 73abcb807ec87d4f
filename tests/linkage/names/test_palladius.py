"""Chinese names in Russian spelling agree with their pinyin; no other name is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.linkage.names import fold
from kerege.linkage.names.palladius import _divide, _syllables, write_pinyin
from kerege.linkage.names.rule_tables import rows

PAIRS = {
    "Чжан": "Zhang",
    "Сюй": "Xu",
    "Цзян": "Jiang",
    "Сяомин": "Xiaoming",
    "Цюй": "Qu",
    "Жуйсюэ": "Ruixue",
    "Чжэньюй": "Zhenyu",
    "Хуэйминь": "Huimin",
    "Цзыхань": "Zihan",
    "Вэйго": "Weiguo",
}


@pytest.mark.parametrize(("russian", "pinyin"), PAIRS.items())
def test_both_spellings_have_one_fold(russian: str, pinyin: str) -> None:
    assert fold(russian) == fold(pinyin)
    assert write_pinyin(russian.lower()) == pinyin.lower()


def test_no_name_of_the_tables_is_taken_for_a_chinese_one() -> None:
    names = {row["name"] for row in rows("common.csv")} | {row["name"] for row in rows("given.csv")}
    names |= {name for row in rows("diminutives.csv") for name in (row["diminutive"], row["full"])}
    names |= {name for row in rows("variants.csv") for name in row.values()}
    assert [name for name in names for word in name.lower().split() if write_pinyin(word) != word] == []


@pytest.mark.parametrize("word", ["", "люся", "цой", "чж", "чжанов", "юйй", "zhang", "сяоминьq" * 100])
def test_another_word_stays(word: str) -> None:
    assert write_pinyin(word) == word


def test_a_long_word_with_two_divisions_of_each_part_is_divided_at_once() -> None:
    # сяо is also ся-о: 2^100 divisions in all
    assert write_pinyin("сяо" * 100 + "q") == "сяо" * 100 + "q"
    assert write_pinyin("сяо" * 100) == "xiao" * 100


@given(st.lists(st.sampled_from(sorted(_syllables())), min_size=1, max_size=4).map("".join))
def test_the_first_syllable_is_the_longest_possible_one(word: str) -> None:
    syllables = _syllables()

    def divisions(rest: str) -> list[list[str]]:
        if not rest:
            return [[]]
        starts = [rest[:length] for length in range(1, len(rest) + 1) if rest[:length] in syllables]
        return [[start, *others] for start in starts for others in divisions(rest[len(start) :])]

    longest = max(divisions(word), key=lambda parts: [len(part) for part in parts])
    assert _divide(word, syllables) == "".join(syllables[part] for part in longest)
