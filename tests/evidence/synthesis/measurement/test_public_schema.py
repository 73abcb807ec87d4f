"""Public values come from code lists or a schema file; answers outside them are left out and reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import (
    CODE_LIST,
    CTDC,
    DISCOVERED,
    FILE,
    MEASURED,
    REMEDY,
    Column,
    as_dict,
    check,
    count_unlisted,
    keep_listed_values,
    parse_schema,
    read,
    read_known_columns,
    width,
)
from kerege.vocabulary import codes

MULTI = Column("m", ("u", "v", "w"), True)


def snapshot(unit: str, frame: pl.DataFrame, multi: frozenset[str] = frozenset()) -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, "", multi, "rows.csv")


def sentence_of(refused: pytest.ExceptionInfo[BadInput]) -> str:
    (fault,) = refused.value.faults
    return f"{fault.column}: {fault.what}, {fault.todo}"


# -- a schema ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "most"),
    [((), 0), ((Column("a", ("x", "y")),), 1), ((MULTI,), 3), ((MULTI, Column("a", ()), Column("b", ("x",))), 5)],
)
def test_a_record_has_one_value_a_column_or_all_of_a_multi_valued_one(schema: tuple[Column, ...], most: int) -> None:
    assert width(schema) == most


def test_only_discovered_values_make_a_column_open() -> None:
    assert [Column("a", (), source=source).open for source in (CODE_LIST, FILE, CTDC, DISCOVERED)] == [
        False,
        False,
        False,
        True,
    ]


def test_a_schema_is_the_same_after_its_tree() -> None:
    schema = (MULTI, Column("a", ("x",), False, CODE_LIST), Column("o", (), False, DISCOVERED))
    assert parse_schema(as_dict(schema)) == schema


def test_the_order_of_values_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text('[columns.b]\nvalues = ["z", "a"]\n[columns.a]\nvalues = ["q"]\nmulti = true\n')
    assert read(path) == (Column("b", ("z", "a")), Column("a", ("q",), True))


def test_a_code_list_gives_its_codes(tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text('[columns.gender]\nlist = "sex"\n')
    assert read(path) == (Column("gender", codes.values("sex"), False, CODE_LIST, "sex"),)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (["x"], f"a: is not described, {REMEDY}"),
        ({"values": ["x"], "other": 1}, f"a: is not described, {REMEDY}"),
        ({}, f"a: needs one of values, list, open, bins or date, {REMEDY}"),
        ({"values": ["x"], "list": "sex"}, f"a: needs one of values, list, open, bins or date, {REMEDY}"),
        ({"values": ["x"], "open": True}, f"a: needs one of values, list, open, bins or date, {REMEDY}"),
        ({"values": ["x"], "multi": "yes"}, f"a: needs one of values, list, open, bins or date, {REMEDY}"),
        ({"values": "x"}, f"a: has no list of texts as its values, {REMEDY}"),
        ({"values": ["x", ""]}, f"a: has no list of texts as its values, {REMEDY}"),
        ({"values": ["x", 1]}, f"a: has no list of texts as its values, {REMEDY}"),
        ({"values": ["x"], "source": "hearsay"}, f"a: has values without a known source, {REMEDY}"),
        ({"values": []}, f"a: names no values, {REMEDY}"),
        ({"values": ["x", "y", "x"]}, "a: names a value twice, name each value once"),
        ({"values": ["_U"]}, "a: _T, _U and _O are reserved for totals, not reported and small groups, name others"),
        ({"values": ["x;y"], "multi": True}, "a: has a value with ;, which separates values, recode it"),
        ({"values": ["x"], "leave_out": True}, f"a: needs one of values, list, open, bins or date, {REMEDY}"),
        ({"values": ["x"], "range": [0, 9]}, "a: has `range`, which applies to date and private_bins only, leave it"),
        ({"bins": [0, 9], "step": 3}, "a: has `step`, which applies to private_bins only, leave it out"),
        ({"date": "year", "range": ["2020", "2021"], "step": 3}, "a: has `step`, which applies to private_bins only"),
        ({"list": "no such list at all"}, "a: names a code list that does not exist: no such list at all, see the"),
    ],
)
def test_a_column_that_is_not_valid_is_one_sentence(entry: Any, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_schema({"columns": {"a": entry}})
    assert sentence_of(refused).startswith(sentence)


def test_a_misspelt_code_list_has_the_nearest_names() -> None:
    with pytest.raises(BadInput, match=r"take .*sex"):
        parse_schema({"columns": {"a": {"list": "sexe"}}})


def test_a_semicolon_separates_only_several_values() -> None:
    assert parse_schema({"columns": {"a": {"values": ["x;y"]}}}) == (Column("a", ("x;y",)),)


def test_an_open_column_has_no_values_yet() -> None:
    assert parse_schema({"columns": {"a": {"values": [], "source": DISCOVERED}}}) == (
        Column("a", (), False, DISCOVERED),
    )


@pytest.mark.parametrize("tree", [{}, {"columns": {}}, {"columns": ["a"]}, {"columns": {"a": {}}, "rows": 1}])
def test_a_tree_without_columns_or_with_more_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"names no columns, write \[columns.NAME\] with values = \[...\]"):
        parse_schema(tree)


# -- the columns of a snapshot -----------------------------------------------------------------------------------------

PEOPLE = pl.DataFrame({"sex": ["female"], "nationality_of_mine": ["KZ"]})


def test_the_standard_names_the_values_of_a_register_and_nobody_those_of_other_columns() -> None:
    schema = read_known_columns(snapshot("victims", PEOPLE))
    assert schema == (
        Column("sex", codes.values("sex"), False, CODE_LIST, "sex"),
        Column("nationality_of_mine", (), False, DISCOVERED),
    )


def test_a_schema_file_has_priority_over_the_standard() -> None:
    schema = read_known_columns(snapshot("victims", PEOPLE), (Column("sex", ("f", "m"), False, FILE),), ("sex",))
    assert schema == (Column("sex", ("f", "m"), False, FILE),)


def test_chosen_columns_keep_the_given_order() -> None:
    chosen = read_known_columns(snapshot("victims", PEOPLE), (), ("nationality_of_mine", "sex"))
    assert [column.name for column in chosen] == ["nationality_of_mine", "sex"]


def test_the_frame_decides_whether_a_column_has_several_values() -> None:
    """A schema file may leave `multi` out for a column of lists."""
    lists = pl.DataFrame({"m": [["u"]]})
    (column,) = read_known_columns(snapshot("records", lists, frozenset("m")), (Column("m", ("u", "v")),))
    assert column == Column("m", ("u", "v"), True, FILE)


@pytest.mark.parametrize(
    ("listed", "columns", "sentence"),
    [
        ((), ("age",), "age: there is no such column, choose among: sex, nationality_of_mine"),
        ((Column("age", ("1",)),), (), "age: there is no such column, choose among: sex, nationality_of_mine"),
        ((), ("sex", "sex"), "sex: is named twice, name each column once"),
        (
            (Column("sex", ("f",), True),),
            (),
            "sex: has one value per record, several in the schema file, write lists in Parquet, or leave multi out",
        ),
    ],
)
def test_columns_that_do_not_fit_the_snapshot_are_one_sentence(
    listed: tuple[Column, ...], columns: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read_known_columns(snapshot("victims", PEOPLE), listed, columns)
    assert sentence_of(refused) == sentence
    assert refused.value.faults[0].file == "rows.csv"


def test_several_values_that_nobody_listed_are_open() -> None:
    schema = read_known_columns(snapshot("records", pl.DataFrame({"m": [["u"]]}), frozenset("m")))
    assert schema == (Column("m", (), True, DISCOVERED),)
    assert (width(schema), count_unlisted(schema)) == (10, 10)


def test_a_record_keeps_few_values_that_nobody_listed() -> None:
    many = pl.DataFrame({"m": [[str(number) for number in range(30)], ["7"]]})
    clean, lost = keep_listed_values(many, (Column("m", (), True, DISCOVERED),))
    assert (clean["m"].list.len().to_list(), lost) == ([10, 1], {"m": 20})


def test_all_faults_of_a_schema_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        parse_schema(
            {"columns": {"a": {}, "b": {"list": "sexe"}, "c": {"values": ["x", "x", "_U"]}, "d": {"open": True}}}
        )
    assert [fault.column for fault in refused.value.faults] == ["a", "b", "c", "c"]


def test_all_columns_that_do_not_fit_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        read_known_columns(snapshot("victims", PEOPLE), (Column("age", ("1",)), Column("form", ("a",))), ("sex", "sex"))
    assert [fault.column for fault in refused.value.faults] == ["age", "form", "sex"]


def test_all_lists_that_fit_no_answer_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        check(ANSWERS, (Column("a", ("else",)), Column("m", ("else",), True)))
    assert [fault.column for fault in refused.value.faults] == ["a", "m"]


# -- answers outside the lists -----------------------------------------------------------------------------------------

SCHEMA = (Column("a", ("x", "y")), MULTI, Column("o", (), False, DISCOVERED))
ANSWERS = pl.DataFrame(
    {
        "a": ["x", "z", None, "y", "q"],
        "m": [["u", "v"], ["u", "r", "r"], ["r"], None, []],
        "o": ["any", None, "thing", "at", "all"],
    },
    schema={"a": pl.String, "m": pl.List(pl.String), "o": pl.String},
)


def test_unlisted_answers_become_not_reported_and_are_counted() -> None:
    clean, lost = keep_listed_values(ANSWERS, SCHEMA)
    assert clean["a"].to_list() == ["x", None, None, "y", None]
    assert [cell and sorted(cell) for cell in clean["m"].to_list()] == [["u", "v"], ["u"], None, None, None]
    assert clean["o"].equals(ANSWERS["o"])
    assert lost == {"a": 2, "m": 2}  # a repeated answer is one answer


def test_columns_outside_the_schema_are_dropped() -> None:
    clean, lost = keep_listed_values(ANSWERS, SCHEMA[:1])
    assert (clean.columns, lost) == (["a"], {"a": 2})


def test_the_holder_of_the_records_is_warned_with_the_numbers() -> None:
    assert check(ANSWERS, SCHEMA) == [
        "a: 2 answers are not in its list of values and are left out",
        "m: 2 answers are not in its list of values and are left out",
    ]
    assert check(ANSWERS.head(1), SCHEMA) == []


@pytest.mark.parametrize("column", [Column("a", ("else",)), Column("m", ("else",), True)])
def test_a_list_that_fits_no_answer_is_refused(column: Column) -> None:
    with pytest.raises(BadInput) as refused:
        check(ANSWERS, (column,))
    assert sentence_of(refused) == (
        f"{column.name}: holds none of the values of its list, "
        "give the list that belongs to it, or open = true, in a schema file"
    )


def test_a_column_that_is_left_out_is_taken_only_if_it_is_described() -> None:
    rows = snapshot("records", pl.DataFrame({"a": ["x"], "b": ["y"]}))
    described = parse_schema({"columns": {"a": {"leave_out": True}, "b": {"open": True}}})
    assert [column.name for column in read_known_columns(rows, described)] == ["b"]
    with pytest.raises(BadInput, match="column a: is left out by the schema file"):
        read_known_columns(rows, described, ("a", "b"))
    with pytest.raises(BadInput, match="leaves out every column"):
        read_known_columns(snapshot("records", pl.DataFrame({"a": ["x"]})), described[:1])


def test_an_open_column_in_which_no_answer_repeats_another_is_refused_as_an_identifier() -> None:
    numbers = pl.DataFrame({"o": [f"KZ-{number}" for number in range(20)]})
    with pytest.raises(BadInput, match="another value in each record, as an identifier has"):
        check(numbers, SCHEMA[2:])
    assert check(numbers[:19], SCHEMA[2:]) == []
    assert check(pl.concat([numbers, numbers[:1]]), SCHEMA[2:]) == []


def test_private_bins_are_refused_where_a_record_has_several_values() -> None:
    described = parse_schema({"columns": {"m": {"private_bins": 3, "range": [0, 9]}}})
    rows = snapshot("records", pl.DataFrame({"m": [["1"]]}), multi=frozenset({"m"}))
    with pytest.raises(BadInput, match="private bins for several values per record"):
        read_known_columns(rows, described)


def test_a_column_without_answers_fits_every_list() -> None:
    silent = pl.DataFrame({"a": [None, None]}, schema={"a": pl.String})
    assert check(silent, SCHEMA[:1]) == []


def test_the_sources_are_those_that_a_certificate_may_name() -> None:
    assert public_schema.SOURCES == (CODE_LIST, FILE, CTDC, DISCOVERED, MEASURED)
    assert len(set(public_schema.SOURCES)) == 5
