"""Names of further languages: hits and confusions of pairs written before any rule."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest

from kerege.linkage.input.person_fields import family_columns, given_columns
from tests.linkage.name_agreement import SETS, agrees, read_pairs


@pytest.mark.parametrize(
    ("name", "language", "hits", "confusions"),
    [
        *[(SETS[0], *row) for row in (("fil", 23, 1), ("uk", 24, 1), ("mn", 12, 0), ("ar", 18, 2), ("zh", 14, 2))],
        *[(SETS[1], *row) for row in (("fil", 31, 4), ("uk", 41, 0), ("mn", 25, 0), ("ar", 32, 2), ("fa", 32, 1))],
        *[(SETS[1], *row) for row in (("zh", 29, 5), ("zh-kk", 16, 0))],
    ],
)
def test_pairs_held_back_are_found_and_different_names_are_not(
    name: str, language: str, hits: int, confusions: int
) -> None:
    pairs = [pair for pair in read_pairs(name) if pair["language"] == language]
    agreeing = Counter(pair["same"] for pair in pairs if agrees(pair["field"], pair["one"], pair["other"]))
    assert len(pairs) >= 15
    assert agreeing["1"] >= hits
    assert agreeing["0"] <= confusions


def test_a_name_in_two_words_is_the_name_in_one() -> None:
    for two, one in (("Ana Lyn", "Analyn"), ("Али Реза", "Alireza"), ("Abd al-Rahman", "Абдурахман")):
        assert given_columns(two)["given_key"] == given_columns(one)["given_key"]
    assert given_columns("Ana Lyn")["given_key"] != given_columns("Ana")["given_key"]
    long, short = (set(cast("list[str]", family_columns(name)["family_forms"])) for name in ("al-Khatib", "Elkhatib"))
    assert long >= short


def test_particles_of_a_family_name_do_not_divide_it() -> None:
    for name in ("De la Cruz", "Dela Cruz", "DE LA CRUZ", "Cruz", "дела Круз"):
        assert family_columns(name)["family"] == family_columns("Cruz")["family"]
    assert family_columns("Al")["family"] == "al"
