"""Chinese names in Russian spelling agree with their pinyin; no other name is taken for one."""

from __future__ import annotations

import pytest

from kerege.linkage.names import fold
from kerege.linkage.names.palladius import write_pinyin
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
