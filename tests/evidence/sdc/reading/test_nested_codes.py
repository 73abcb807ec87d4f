"""Overlapping codes: disjoint sets and common pieces, compared with single ages and paths."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.reading.bands import NumberBand
from kerege.evidence.sdc.reading.hierarchies import STEP, is_within
from kerege.evidence.sdc.reading.nested_codes import (
    are_disjoint,
    band_of,
    base_name,
    common_atoms,
    disjoint_layers,
    numbered,
    overlap,
    same_variable,
)

REST = "\0"
AGES = range(100)
BANDS = {f"{low}-{high}": (low, high) for low in (0, 10, 15, 18, 25) for high in (14, 17, 18, 24, 64) if low < high}
BANDS |= {"65+": (65, 99), "18+": (18, 99), "child": (0, 17), "adult": (18, 99)}
PATHS = [STEP.join(steps) for steps in (["N"], ["N", "a"], ["N", "a", "1"], ["N", "b"], ["S"], ["S", "a"])]
CODES = st.lists(st.sampled_from([*BANDS, *PATHS, "not stated"]), unique=True, max_size=8)


def disjoint_bands(codes: list[str]) -> set[str]:
    """Return bands that share no age, the first ones first."""
    chosen: list[str] = []
    for code in codes:
        low, high = BANDS[code]
        if all(high < BANDS[other][0] or BANDS[other][1] < low for other in chosen):
            chosen.append(code)
    return set(chosen)


@settings(deadline=None)
@given(CODES)
def test_codes_are_disjoint_if_no_two_overlap(codes: list[str]) -> None:
    assert are_disjoint(codes) == (not any(overlap(a, b) for a, b in combinations(codes, 2)))


@settings(deadline=None)
@given(st.sampled_from(sorted(BANDS)), st.sampled_from(sorted(BANDS)))
def test_bands_overlap_if_they_share_an_age(first: str, second: str) -> None:
    (low, high), (low_2, high_2) = BANDS[first], BANDS[second]
    shared = any(low <= age <= high and low_2 <= age <= high_2 for age in AGES)
    assert overlap(first, second) == (shared and first != second)


@settings(deadline=None)
@given(CODES)
def test_layers_hold_all_codes_and_are_as_large_as_possible(codes: list[str]) -> None:
    layers = disjoint_layers(codes)
    assert set().union(*layers) == set(codes)
    for layer in layers:
        assert are_disjoint(layer)
        assert all(any(overlap(code, other) for other in layer) for code in codes if code not in layer)


@settings(deadline=None)
@given(*[st.lists(st.sampled_from(sorted(BANDS)), unique=True, min_size=1, max_size=6)] * 2)
def test_the_atoms_of_ages_are_those_of_single_ages(first: list[str], second: list[str]) -> None:
    """No age is left out, and no atom is invented: both change the bounds of a count."""
    named = {"age": disjoint_bands(first), "age 2": disjoint_bands(second)}
    atoms = common_atoms(list(named), named, REST)
    of_ages = {
        tuple(next((c for c in codes if BANDS[c][0] <= age <= BANDS[c][1]), REST) for codes in named.values())
        for age in AGES
    }
    assert set(atoms) == of_ages | {(REST, REST)}


@pytest.mark.parametrize(
    ("column", "number", "codes", "name"),
    [
        ("age", 1, ["0-17"], "age"),
        ("age", 2, ["0-17", "x"], "age [bands 2]"),
        ("region", 3, ["North", "South"], "region [level 3]"),
    ],
)
def test_the_second_set_of_codes_has_a_numbered_column(column: str, number: int, codes: list[str], name: str) -> None:
    assert numbered(column, number, codes) == name
    assert base_name(name) == column


@pytest.mark.parametrize("name", ["age [bands x]", "age [2]", "age bands 2", "age"])
def test_a_name_without_a_number_is_its_own_base(name: str) -> None:
    assert base_name(name) == name


@pytest.mark.parametrize(
    ("code", "band"), [("child", (0, 17)), ("adult", (18, float("inf"))), ("5-9", (5, 9)), ("North", None)]
)
def test_children_and_adults_are_bands_of_ages(code: str, band: tuple[float, float] | None) -> None:
    assert band_of(code) == (band and NumberBand(*band))


@pytest.mark.parametrize(
    ("columns", "groups"),
    [
        (["age", "age [bands 2]"], [["age", "age [bands 2]"]]),
        (["age", "Возрастная группа"], [["age", "Возрастная группа"]]),
        (["Age (years)", "age_5"], [["Age (years)", "age_5"]]),
        (["age", "dosage"], []),
        (["region", "region [level 2]"], [["region", "region [level 2]"]]),
        (["region", "area"], []),
    ],
)
def test_columns_of_one_variable_are_grouped_by_their_name(columns: list[str], groups: list[list[str]]) -> None:
    assert same_variable(columns, {column: {"0-17", "18+"} for column in columns}) == groups


def test_a_column_of_ages_without_bands_is_a_variable_of_its_own() -> None:
    assert same_variable(["age", "age group"], {"age": {"0-17"}, "age group": {"young", "old"}}) == []


@settings(max_examples=40, deadline=None)
@given(*[st.sets(st.sampled_from(PATHS), max_size=4)] * 2)
def test_the_atoms_of_regions_are_those_of_single_places(first: set[str], second: set[str]) -> None:
    """A person is in one place; a column names the code of the place or of a place above it."""
    named = {"area": {c for c in first if not any(is_within(o, c) for o in first - {c})}}
    named["area 2"] = {c for c in second if not any(is_within(o, c) for o in second - {c})}
    places = {*named["area"], *named["area 2"]}
    expected = {
        tuple(next((code for code in codes if is_within(place, code)), REST) for codes in named.values())
        for place in places
    }
    assert set(common_atoms(list(named), named, REST)) == expected | {(REST, REST)}


def test_people_without_a_stated_age_can_have_any_band_of_another_column() -> None:
    named = {"age": {"0-17", "not stated"}, "age 2": {"0-9", "10-17"}}
    atoms = set(common_atoms(list(named), named, REST))
    assert {("not stated", REST), ("not stated", "0-9"), ("not stated", "10-17")} <= atoms
    assert ("0-17", REST) not in atoms
