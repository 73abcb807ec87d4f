"""Conditions follow SQL: the check of tests/linkage/matching/test_comparison_sql.py on more records."""

from __future__ import annotations

from hypothesis import given, settings

from tests.linkage.matching.test_comparison_sql import RECORDS, check_conditions


@settings(max_examples=60)
@given(rows=RECORDS)
def test_a_condition_is_true_where_it_is_in_duckdb(rows: list[dict[str, object]]) -> None:
    check_conditions(rows)
