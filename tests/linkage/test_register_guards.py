"""Conflict flags of a pair and the prior of a register, compared with a table of every combination."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from kerege.linkage import register_matching
from kerege.linkage.register_guards import find_conflict_flags
from kerege.linkage.register_matching import (
    Match,
    PersonAttributes,
    explain_parts,
    match_person,
    names_to_count,
    prior,
    score_pair,
    share,
)

# part of a person -> value on the other side -> flag that it raises, in the order of the flags
SEXES = {"female": "", "male": "sex", "": "", "unknown": ""}
YEARS = {"1990-05-12": "", "1980": "", "2000-01-01": "", "1979": "birth_year", "2001-03-04": "birth_year", "": ""}
DOCUMENTS: dict[tuple[str, ...], str] = {
    ("N1234567",): "",
    ("n 123-4567", "X7654321"): "",
    ("X7654321",): "documents",
    (): "",
    ("lost",): "",
}
ONE = PersonAttributes((("Айгуль", "Сериковна", "Ахметова"),), "1990-05-12", "female", ("N1234567",))


def changed(person: PersonAttributes, **parts: Any) -> PersonAttributes:
    return PersonAttributes(**{**vars(person), **parts})


@pytest.mark.parametrize(("sex", "day", "documents"), list(product(SEXES, YEARS, DOCUMENTS)))
def test_sex_years_and_documents_raise_their_flags_alone(sex: str, day: str, documents: tuple[str, ...]) -> None:
    other = changed(ONE, sex=sex, birth_date=day, documents=documents)
    expected = [flag for flag in (SEXES[sex], YEARS[day], DOCUMENTS[documents]) if flag]
    assert find_conflict_flags(ONE, other) == find_conflict_flags(other, ONE) == expected


# given, patronymic and family name of the other person -> a sibling of Айгуль Сериковна Ахметова?
NAMES = {
    ("Айнур", "Сериковна", "Ахметова"): True,
    ("Айнур", "", "Ахметова"): True,
    ("Ainur", "Serikkyzy", "Akhmetova"): True,
    ("Айнур", "Сериковна", "Ким-Ахметова"): True,
    ("Ерлан", "Серикович", "Ахметов"): True,
    ("Айнур", "Болатовна", "Ахметова"): False,
    ("Айнур", "Сериковна", "Оспанова"): False,
    ("Айнур", "Сериковна", ""): False,
    ("Айгуль", "Сериковна", "Ахметова"): False,
    ("Айгүл", "Серікқызы", "Ахметова"): False,
    ("А.", "Сериковна", "Ахметова"): False,
    ("Б.", "Сериковна", "Ахметова"): True,
    ("", "Сериковна", "Ахметова"): False,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("day", "flag"), [("1990-05-12", "twin"), ("1992-03-01", "sibling"), ("", "sibling"), ("1990", "sibling")]
)
def test_a_sibling_has_the_family_and_the_father_and_another_given_name(
    name: tuple[str, str, str], day: str, flag: str
) -> None:
    other = changed(ONE, names=(name,), birth_date=day)
    expected = {flag} if NAMES[name] else set()
    assert {"twin", "sibling"} & set(find_conflict_flags(ONE, other)) == expected
    assert {"twin", "sibling"} & set(find_conflict_flags(other, ONE)) == expected


def test_an_alias_with_the_same_given_name_is_no_sibling() -> None:
    sister = ("Айнур", "Сериковна", "Ахметова")
    assert find_conflict_flags(ONE, changed(ONE, names=(sister,))) == ["twin"]
    assert find_conflict_flags(ONE, changed(ONE, names=(sister, ONE.names[0]))) == []
    assert find_conflict_flags(changed(ONE, names=(ONE.names[0], sister)), changed(ONE, names=(sister,))) == []


def test_twins_without_any_date_are_siblings() -> None:
    undated = changed(ONE, birth_date="")
    assert find_conflict_flags(undated, changed(undated, names=(("Айнур", "Сериковна", "Ахметова"),))) == ["sibling"]


# -- prior and frequencies ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("records", "expected"), [(0, 0.3), (1, 0.3), (2, 0.15), (1_000, 0.0003), (10**6, 3e-7)])
def test_three_records_in_ten_have_a_second_record(records: int, expected: float) -> None:
    assert prior(records) == pytest.approx(expected)


@pytest.mark.parametrize(("name", "common"), [("given", 0.01), ("family", 0.006), ("patronymic", 0.01)])
@pytest.mark.parametrize(("borne", "records"), [(0, 1_000), (1, 1_000), (2, 1_000), (3, 1_000), (9, 10), (3, 10**6)])
def test_a_frequency_is_smoothed_with_a_hundred_records_and_at_most_that_of_a_common_name(
    name: str, common: float, borne: int, records: int
) -> None:
    bearers = 2 if borne < 2 else borne
    assert share(name, borne, records) == pytest.approx(min(common, (bearers + 100 * common) / (records + 100)))


def test_the_names_that_are_counted_are_those_of_every_name_of_a_person() -> None:
    person = PersonAttributes((("Айгуль", "Сериковна", "Ахметова"), ("Dana", "", "Kim")))
    counted = names_to_count(person)
    assert {kind for kind, _value in counted} == {"given", "family", "patronymic"}
    assert len(counted) == 5
    assert names_to_count(PersonAttributes()) == set()


# -- the best pair of names --------------------------------------------------------------------------------------------
def test_the_best_pair_of_names_counts_on_both_sides() -> None:
    alias = ("Dana", "", "Kim")
    two = changed(ONE, names=(alias, ONE.names[0]))
    best, other = score_pair(ONE, ONE, 500), score_pair(changed(ONE, names=(alias,)), ONE, 500)
    assert best.weight > other.weight
    assert score_pair(ONE, two, 500).weight == score_pair(two, ONE, 500).weight == best.weight
    assert match_person(ONE, [], 500) == []
    matches = match_person(ONE, [changed(ONE, names=(alias,)), ONE], 500)
    assert [match.weight for match in matches] == [other.weight, best.weight]


def test_a_weight_is_the_sum_of_its_parts_and_the_prior_odds() -> None:
    match = score_pair(ONE, changed(ONE, sex="male"), 500)
    odds = prior(500) / (1 - prior(500))
    assert 2**match.weight == pytest.approx(odds * 2 ** sum(match.parts.values()))
    assert match.probability == pytest.approx(2**match.weight / (1 + 2**match.weight))


def test_a_rarer_name_weighs_more_and_the_frequency_belongs_to_its_column() -> None:
    def rare(column: str, _value: str) -> float | None:
        return 0.0001 if column == "family" else None

    plain, weighed = match_person(ONE, [ONE], 500)[0], match_person(ONE, [ONE], 500, rare)[0]
    changes = {name: weighed.parts[name] - plain.parts[name] for name in plain.parts}
    gained = {name for name, bits in changes.items() if bits > 1e-9}
    assert gained
    assert all("family" in name or "name" in name for name in gained)
    assert all(bits >= -1e-9 for bits in changes.values())


def test_an_old_match_is_explained_by_its_comparisons_with_evidence() -> None:
    levels = {"sex": 1, "family": -1, "given": 0, "postcode": 2}
    match = Match(1.0, 0.6, levels, {"sex": 0.9, "family": 0.0, "given": -3.5, "postcode": 0.0})
    explained = explain_parts(match, "en")
    assert [(level, bits) for _name, level, bits in explained] == [("", 0.9), ("", -3.5)]
    assert explained[0][0] == register_matching.translate_label("sex", "en")
