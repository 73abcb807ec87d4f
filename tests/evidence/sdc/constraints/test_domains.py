"""Families of tied columns: the atoms are the combinations of values that a person can have."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.domains import REST, Family, families, time_family
from kerege.evidence.sdc.published_tables.time_line import TimeLine

FORMS = {"exploitation_form": "exploitation_form", "exploitation": "exploitation"}
NO_ROWS = np.zeros(0, dtype=np.int64)


def atoms_of(family: Family) -> set[tuple[str, ...]]:
    """Return the atoms of a family with its columns in alphabetical order."""
    order = sorted(range(len(family.columns)), key=lambda place: family.columns[place])
    return {tuple(atom[place] for place in order) for atom in family.atoms}


def test_columns_that_no_list_ties_are_families_of_their_own() -> None:
    named = {"a": {"1", "2"}, "b": {"x"}}
    first, second = families(None, named, {"a": "", "b": ""})
    assert (first.columns, atoms_of(first)) == (("a",), {("1",), ("2",), (REST,)})
    assert (second.columns, atoms_of(second)) == (("b",), {("x",), (REST,)})


def test_a_code_has_its_parent_alone_and_an_unnamed_code_any() -> None:
    """Columns in alphabetical order: exploitation, exploitation_form."""
    named = {"exploitation_form": {"forced_labour", "_U"}, "exploitation": {"labour", "sexual"}}
    (family,) = families(None, named, FORMS)
    above = {"labour", "sexual", REST}
    assert atoms_of(family) == {
        ("labour", "forced_labour"),
        *((code, REST) for code in above),
        *((code, "_U") for code in above),
    }


def test_a_code_whose_parent_no_table_names_has_the_other_value() -> None:
    named = {"exploitation_form": {"forced_labour"}, "exploitation": {"sexual"}}
    (family,) = families(None, named, FORMS)
    assert (REST, "forced_labour") in atoms_of(family)
    assert ("sexual", "forced_labour") not in atoms_of(family)


def test_quarters_halves_and_years_are_one_family() -> None:
    named = {"quarter": {"2024-Q1"}, "year": {"2024", "2025"}, "half": {"2024-H1"}}
    (family,) = families(None, named, {name: name for name in named})
    assert atoms_of(family) & {(half, "2024-Q1", year) for half in ("2024-H1", REST) for year in ("2024", "2025")} == {
        ("2024-H1", "2024-Q1", "2024")
    }


ROWS = st.lists(
    st.tuples(st.sampled_from(["forced_labour", "begging", None]), st.sampled_from(["labour", "other", None])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_every_row_has_its_own_atom(rows: list[tuple[str | None, str | None]]) -> None:
    """Also rows that break a tie: the tie then counts for the other codes alone."""
    frame = pl.DataFrame({"exploitation_form": [a for a, _ in rows], "exploitation": [b for _, b in rows]})
    frame = frame.cast(pl.String)
    named = {"exploitation_form": {"forced_labour"}, "exploitation": {"labour"}}
    (family,) = families(frame, named, FORMS)
    kept = {"exploitation_form": ["forced_labour"], "exploitation": ["labour"]}
    for (form, kind), place in zip(rows, family.rows.tolist(), strict=True):
        values = dict(zip(family.columns, family.atoms[place], strict=True))
        for column, value in (("exploitation_form", form), ("exploitation", kind)):
            shown = "_U" if value is None else value
            assert values[column] == (shown if shown in kept[column] else REST)
    is_kept = all(kind == "labour" for form, kind in rows if form == "forced_labour")
    allowed = {above for above, form in atoms_of(family) if form == "forced_labour"}
    assert (allowed == {"labour"}) == is_kept


def test_values_that_no_table_names_are_one_value_of_the_rows() -> None:
    frame = pl.DataFrame({"a": ["1", "2", "3", None]})
    (family,) = families(frame, {"a": {"1"}}, {"a": ""})
    assert [family.atoms[place] for place in family.rows] == [("1",), (REST,), (REST,), (REST,)]


def test_bands_of_two_columns_are_cut_into_common_pieces() -> None:
    named = {"age": {"0-17", "18+"}, "age group": {"0-9", "10-24"}}
    (family,) = families(None, named, {"age": "", "age group": ""})
    assert set(family.atoms) == {
        *(("0-17", "0-9"), ("0-17", "10-24"), ("18+", "10-24"), ("18+", REST), (REST, REST)),
    }


def test_the_atoms_with_a_value_are_selected_by_column() -> None:
    family = Family(("a", "b"), (("1", "x"), ("1", "y"), ("2", "x")), NO_ROWS)
    assert family.having("a", ["1"]).tolist() == [True, True, False]
    assert family.having("b", ["x", "z"]).tolist() == [True, False, True]
    assert family.value("b") == ["x", "y", "x"]


def test_a_set_of_values_has_each_of_its_values_and_the_empty_set_reports_nothing() -> None:
    sets = (frozenset(), frozenset("a"), frozenset("ab"), frozenset("c"))
    family = Family(("m",), tuple(("".join(sorted(values)),) for values in sets), NO_ROWS, sets)
    assert family.having("m", ["a"]).tolist() == [False, True, True, False]
    assert family.having("m", ["b", "c"]).tolist() == [False, False, True, True]
    assert family.having("m", ["_U"]).tolist() == [True, False, False, False]
    assert family.having("m", ["_U", "c"]).tolist() == [True, False, False, True]


def test_time_is_a_family_with_an_atom_for_each_piece() -> None:
    line = TimeLine(("..", "2024-01-01"), ("2023-12-31", "2024-12-31"))
    family = time_family(line)
    assert (family.columns, family.atoms, family.line) == (
        ("entered",),
        (("../2023-12-31",), ("2024-01-01/2024-12-31",)),
        line,
    )


@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from("123"), min_size=1), st.sets(st.sampled_from("xy"), min_size=1))
def test_the_families_of_independent_columns_together_hold_every_combination(first: set[str], second: set[str]) -> None:
    parts = families(None, {"a": first, "b": second}, {"a": "", "b": ""})
    combined = {a + b for a, b in product(*(family.atoms for family in parts))}
    assert combined == set(product([*first, REST], [*second, REST]))
