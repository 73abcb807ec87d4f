"""No cell of a protected table is disclosed.

The checks are those of tests/evidence/sdc/suppression/test_protection.py on more tables.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.sdc.suppression import test_protection as fast

MANY = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@MANY
@given(fast.SMALL, st.sampled_from([5, 10]))
def test_no_cell_of_a_protected_table_is_disclosed(inner: list[object], threshold: int) -> None:
    fast.check_no_cell_is_disclosed(inner, threshold)


@settings(MANY, max_examples=8)
@given(fast.grids(2, 3, 2))
def test_three_dimensions_with_all_margins_are_safe(inner: list[object]) -> None:
    fast.check_three_dimensions(inner)


@settings(MANY, max_examples=30)
@given(fast.TINY, st.data())
def test_the_audit_agrees_with_enumeration(inner: list[list[int]], data: st.DataObject) -> None:
    fast.check_audit_agrees(inner, data)


@settings(MANY, max_examples=15)
@given(fast.SEVERAL, st.data())
def test_multi_valued_tables_are_safe(values: list[str], data: st.DataObject) -> None:
    fast.check_multi_valued(values, data)


def test_another_solver_finds_a_large_sparse_table_safe() -> None:
    fast.check_large_sparse_table(25)
