"""Overlapping codes: disjoint sets and common pieces, compared with single ages and paths."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import are_disjoint, common_atoms, disjoint_layers, overlap

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


@given(CODES)
def test_codes_are_disjoint_if_no_two_overlap(codes: list[str]) -> None:
    assert are_disjoint(codes) == (not any(overlap(a, b) for a, b in combinations(codes, 2)))


@given(st.sampled_from(sorted(BANDS)), st.sampled_from(sorted(BANDS)))
def test_bands_overlap_if_they_share_an_age(first: str, second: str) -> None:
    (low, high), (low_2, high_2) = BANDS[first], BANDS[second]
    shared = any(low <= age <= high and low_2 <= age <= high_2 for age in AGES)
    assert overlap(first, second) == (shared and first != second)


@given(CODES)
def test_layers_hold_all_codes_and_are_as_large_as_possible(codes: list[str]) -> None:
    layers = disjoint_layers(codes)
    assert set().union(*layers) == set(codes)
    for layer in layers:
        assert are_disjoint(layer)
        assert all(any(overlap(code, other) for other in layer) for code in codes if code not in layer)


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
