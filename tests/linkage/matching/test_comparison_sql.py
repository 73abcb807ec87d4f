"""Conditions follow SQL: the same results as DuckDB, with missing values."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.linkage.matching.column_store import of_frame
from kerege.linkage.matching.comparison_sql import RecordPairs, evaluate_condition
from kerege.linkage.matching.pair_scorer import compile_condition

CONDITIONS = [
    "a_l = a_r",
    "a_l = b_r AND b_l = a_r AND a_l <> b_l",
    "a_l IS NULL OR a_r IS NULL",
    "NOT (a_l = a_r) AND b_l IS NOT NULL",
    "NOT (a_l = a_r AND b_l = b_r)",
    "jaro_winkler_similarity(a_l, a_r) >= 0.92 OR n_l = n_r",
    "jaro_similarity(a_l, b_r) > 0.6",
    "levenshtein(a_l, a_r) <= 1",
    "damerau_levenshtein(a_l, a_r) <= 1",
    "abs(n_l - n_r) <= 2",
    "n_l >= n_r",
    "array_length(list_intersect(c_l, c_r)) >= 1",
    "array_length(list_intersect(c_l, c_r)) >= 2",
    "substr(a_l, 1, 2) = substr(a_r, 1, 2)",
    "a_l = 'anna'",
    "NOT (n_l < n_r) AND NOT (n_l <> 1955)",
    "NOT (abs(n_l - n_r) > 1 OR jaro_winkler_similarity(a_l, a_r) < 0.9)",
    # the intersection of a list and NULL is NULL or empty in DuckDB, by the order; here and in Spark always NULL
    "c_l IS NOT NULL AND c_r IS NOT NULL AND NOT (array_length(list_intersect(c_l, c_r)) >= 1 OR a_l IS NOT NULL)",
    "TRUE",
]
WORDS = st.sampled_from(["anna", "ana", "nana", "aigul", "aigulia", "bolat", "b", None])
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "a": WORDS,
            "b": WORDS,
            "n": st.one_of(st.none(), st.integers(1950, 1960)),
            "c": st.one_of(st.none(), st.lists(st.sampled_from(["x1", "x2", "x3"]), min_size=1, max_size=4)),
        }
    ),
    min_size=2,
    max_size=7,
)
TYPES = {"a": pl.String, "b": pl.String, "n": pl.Int64, "c": pl.List(pl.String)}


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@settings(max_examples=12, deadline=None)
@given(rows=RECORDS)
def test_a_condition_is_true_where_it_is_in_duckdb(rows: list[dict[str, object]]) -> None:
    check_conditions(rows)


def check_conditions(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, schema=TYPES).with_row_index("i")
    left, right = (side.ravel() for side in np.meshgrid(np.arange(len(rows)), np.arange(len(rows)), indexing="ij"))
    database = duckdb.connect()
    database.register("t", frame.to_arrow())
    names = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in TYPES)
    select = ", ".join(f"coalesce({condition}, false)" for condition in CONDITIONS)
    expected_ = database.sql(
        f"SELECT {select} FROM (SELECT l.i AS i, r.i AS j, {names} FROM t l, t r) ORDER BY i, j"
    ).fetchall()
    for condition, expected in zip(CONDITIONS, map(list, zip(*expected_, strict=True)), strict=True):
        assert (
            evaluate_condition(condition, RecordPairs(of_frame(frame.drop("i")), left, right)).tolist() == expected
        ), condition
        assert [compile_condition(condition)(_pair(one, two)) for one in rows for two in rows] == expected, condition


def _pair(left: dict[str, object], right: dict[str, object]) -> dict[str, object]:
    return {f"{name}{ending}": row[name] for row, ending in ((left, "_l"), (right, "_r")) for name in TYPES}


@pytest.mark.parametrize("condition", ["regexp_matches(a_l, 'x')", "a_l IN ('x')", "SELECT 1", "))", "z_l = z_r"])
def test_unsupported_sql_is_refused_in_one_sentence(condition: str) -> None:
    table = of_frame(pl.DataFrame({"a": ["x", "y"]}))
    with pytest.raises(BadInput, match="a condition of the model needs"):
        evaluate_condition(condition, RecordPairs(table, np.array([0]), np.array([1])))


@pytest.mark.parametrize("condition", ["regexp_matches(a_l, 'x')", "a_l IN ('x')", "SELECT 1", "))"])
def test_unsupported_sql_is_refused_for_a_single_pair(condition: str) -> None:
    with pytest.raises(BadInput, match="a condition of the model needs"):
        compile_condition(condition)
