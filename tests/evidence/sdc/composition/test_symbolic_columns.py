"""Symbols in place of codes: two for all codes that the filters treat alike, and what a table shows."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kerege.evidence.sdc.composition import symbolic_columns as module
from kerege.evidence.sdc.composition.planned_tables import GroupCondition, PlannedTable
from kerege.evidence.sdc.composition.symbolic_columns import (
    OTHER,
    Mask,
    SymbolicColumns,
    examinable,
    is_multi,
    symbolic_columns,
)

UNIT = "victims"
Kinds = set[tuple[tuple[str, str, tuple[str, ...]], ...]]


def table(*by: str, **where: tuple[str, ...]) -> PlannedTable:
    """Return a planned table."""
    return PlannedTable("t", by, where)


def single(*tables: PlannedTable) -> SymbolicColumns:
    """Return the only columns of some tables."""
    (columns,) = symbolic_columns(UNIT, tables)
    return columns


def names(columns: SymbolicColumns, mask: Mask) -> list[str]:
    """Return the atoms that a mask selects, their symbols joined; `*` for codes that no filter names."""
    return [
        "/".join("*" if name.startswith(OTHER) else name for name in atom)
        for atom, chosen in zip(columns.atoms, mask, strict=True)
        if chosen
    ]


def described(columns: SymbolicColumns, *tables: PlannedTable) -> Kinds:
    """Return the conditions on some columns, each as its column, its kind and its codes."""
    return {
        tuple((c.column, c.kind, () if c.is_other else c.codes) for c in conditions)
        for conditions, _ in columns.conditions(tables)
    }


def test_a_column_without_a_filter_has_two_codes_that_no_filter_names() -> None:
    """Two are enough for "all but one": with one symbol, everybody but it would be nobody."""
    columns = single(table("origin"))
    assert columns.columns == ("origin",)
    assert [symbol.codes for symbol in columns.symbols["origin"]] == [(), ()]
    assert len(columns.atoms) == 2


@pytest.mark.parametrize(("size", "symbols"), [(1, 1), (2, 2), (3, 2), (9, 2)])
def test_codes_of_the_same_filters_get_at_most_two_symbols(size: int, symbols: int) -> None:
    codes = tuple("ABCDEFGHI"[:size])
    columns = single(table(origin=codes))
    own = [symbol for symbol in columns.symbols["origin"] if symbol.codes]
    assert len(own) == symbols
    assert all(symbol.codes == codes for symbol in own)
    assert len(columns.atoms) == symbols + 2


def test_codes_of_different_filters_get_symbols_of_their_own() -> None:
    """A is in both filters, B in the first, C and D in the second."""
    columns = single(table(origin=("A", "B")), table(origin=("A", "C", "D")))
    codes = [symbol.codes for symbol in columns.symbols["origin"] if symbol.codes]
    assert sorted(codes) == [("A",), ("B",), ("C", "D"), ("C", "D")]


def test_a_filter_selects_the_symbols_of_its_codes() -> None:
    planned = table(origin=("A", "B"))
    columns = single(planned, table(origin=("A",)))
    assert names(columns, columns.selected(planned)) == ["A", "B"]
    assert names(columns, columns.selected(table(origin=("A",)))) == ["A"]
    assert names(columns, columns.selected(table("sex"))) == ["A", "B", "*", "*"]


def test_a_table_shows_everybody_and_each_code_that_its_filter_leaves() -> None:
    first, second = table("origin"), table("origin", origin=("A", "B"))
    columns = single(first, second, table(origin=("A",)))
    assert [names(columns, mask) for mask in columns.shown(first)] == [["A", "B", "*", "*"], ["A"], ["B"], ["*"], ["*"]]
    assert [names(columns, mask) for mask in columns.shown(second)] == [["A", "B"], ["A"], ["B"]]
    assert [names(columns, mask) for mask in columns.shown(table("sex"))] == [["A", "B", "*", "*"]]


def test_conditions_are_codes_filters_and_their_complements() -> None:
    tables = table(origin=("A", "B")), table(origin=("B", "C"))
    expected = {
        *[(("origin", kind, (code,)),) for kind in ("value", "none of") for code in "ABC"],
        (("origin", "each", ()),),
        (("origin", "none but each", ()),),
        *[(("origin", kind, codes),) for kind in ("values", "none of") for codes in (("A", "B"), ("B", "C"))],
        *[(("origin", kind, ("A", "B", "C")),) for kind in ("values", "none of")],
    }
    assert described(single(*tables), *tables) == expected


def test_any_one_of_several_exchangeable_codes_is_a_condition() -> None:
    columns = single(table(origin=("A", "B", "C")))
    kinds = described(columns)
    assert (("origin", "each", ("A", "B", "C")),) in kinds
    assert (("origin", "none but each", ("A", "B", "C")),) in kinds
    assert not any(conditions[0][1] == "value" for conditions in kinds)


def test_each_set_of_symbols_has_one_condition_the_simplest() -> None:
    """A filter of one code selects the people of the code: "value" names them, not "values"."""
    planned = table(origin=("A",))
    columns = single(planned)
    masks = [mask.tobytes() for _, mask in columns.conditions([planned])]
    assert len(masks) == len(set(masks))
    assert (("origin", "value", ("A",)),) in described(columns, planned)
    assert (("origin", "values", ("A",)),) not in described(columns, planned)
    assert all(mask.any() and not mask.all() for _, mask in columns.conditions([planned]))


def test_a_form_of_exploitation_has_the_code_above_it() -> None:
    """Begging is "other" exploitation: no atom has it below labour."""
    columns = single(table("exploitation"), table(exploitation_form=("begging",)))
    assert columns.columns == ("exploitation", "exploitation_form")
    begging = columns.having("exploitation_form", {"begging"})
    assert names(columns, begging) == ["other/begging"]
    assert names(columns, columns.having("exploitation", {"other"})) == ["other/begging", "other/*", "other/*"]
    assert len(columns.atoms) == 3 + 2 * 2  # below each of two unnamed codes are two unnamed forms


def test_the_other_forms_of_a_code_are_a_condition_on_both_columns() -> None:
    tables = table("exploitation", exploitation=("other",)), table(exploitation_form=("begging",))
    columns = single(*tables)
    both = (("exploitation", "value", ("other",)), ("exploitation_form", "none of", ("begging",)))
    assert both in described(columns, *tables)
    mask = next(
        mask
        for conditions, mask in columns.conditions(tables)
        if [c.kind for c in conditions] == ["value", "none of"] and len(conditions) == 2
    )
    assert names(columns, mask) == ["other/*", "other/*"]


def test_ages_are_tied_and_sex_is_a_column_of_its_own() -> None:
    columns = symbolic_columns(UNIT, [table("age_band", "sex"), table("age_group")])
    assert [family.columns for family in columns] == [("sex",), ("age_group", "age_band")]


def test_quarters_hang_below_their_year() -> None:
    columns = single(table("year"), table(quarter=("2024-Q1", "2024-Q2", "2025-Q1")))
    assert columns.columns == ("year", "quarter")
    years = [symbol.name for symbol in columns.symbols["year"] if symbol.codes]
    assert years == ["2024", "2025"]
    quarter = columns.having("quarter", {"2025-Q1"})
    assert names(columns, quarter) == ["2025/2025-Q1"]


def test_a_multi_valued_column_has_every_set_of_its_values() -> None:
    columns = single(table("means"), table(means=("force", "fraud")))
    assert columns.is_multi
    symbols = [symbol.name for symbol in columns.symbols["means"]]
    assert len(symbols) == 2 + 2
    assert set(columns.atoms) == {chosen for size in range(5) for chosen in combinations(symbols, size)}
    force = columns.having("means", {"force"})
    assert [("force" in atom) for atom in columns.atoms] == force.tolist()
    assert force.sum() == 8


@pytest.mark.parametrize(("named", "others", "is_examined"), [(3, 2, True), (4, 1, True), (5, None, False)])
def test_few_values_of_a_multi_valued_column_are_examined(named: int, others: int | None, is_examined: bool) -> None:
    values = ("force", "fraud", "coercion", "abduction", "deception")[:named]
    tables = [table("means", means=values), table("sex")]
    kept = examinable(UNIT, tables)
    assert kept == (tables if is_examined else tables[1:])
    if others is not None:
        columns = single(tables[0])
        assert sum(not symbol.codes for symbol in columns.symbols["means"]) == others
        assert len(columns.atoms) == 2 ** (named + others)


def test_the_values_of_all_filters_count_towards_the_limit() -> None:
    tables = [table(means=("force", "fraud", "coercion")), table(means=("abduction", "deception"))]
    assert examinable(UNIT, tables) == []
    assert examinable(UNIT, tables[:1]) == tables[:1]


def test_columns_that_the_standard_lacks_are_single_valued_and_tied_to_none() -> None:
    assert is_multi(UNIT, "means")
    assert not is_multi(UNIT, "origin")
    assert not is_multi(UNIT, "a_column_of_an_annex")
    columns = symbolic_columns(UNIT, [table("a_column_of_an_annex", "sex")])
    assert [family.columns for family in columns] == [("a_column_of_an_annex",), ("sex",)]


def test_no_tables_have_no_columns() -> None:
    assert symbolic_columns(UNIT, []) == []
    assert symbolic_columns(UNIT, [table()]) == []
    assert examinable(UNIT, []) == []


def test_more_symbols_for_exchangeable_codes_select_the_same_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of symbols is a choice: with three, the conditions are those of two."""
    tables = table("origin"), table(origin=("A", "B", "C", "D"))
    few = described(single(*tables), *tables)
    monkeypatch.setattr(module, "EXCHANGEABLE", 3)
    columns = single(*tables)
    assert len(columns.atoms) == 6
    assert described(columns, *tables) == few


def test_a_condition_selects_what_its_codes_say() -> None:
    """Each condition against the codes of the symbols, one atom after another."""
    tables = table(origin=("A", "B")), table(origin=("B", "C"))
    columns = single(*tables)
    for conditions, mask in columns.conditions(tables):
        (condition,) = conditions
        if condition.is_other:
            assert mask.sum() in (1, len(columns.atoms) - 1)
            continue
        inside = np.array([atom[0] in condition.codes for atom in columns.atoms])
        expected = ~inside if condition.kind == "none of" else inside
        assert mask.tolist() == expected.tolist(), condition
    assert GroupCondition("origin", "value", ("A",)) in [c for chosen, _ in columns.conditions(tables) for c in chosen]
