"""Nested tables disclose nobody.

The check is that of tests/evidence/release/test_build_tables_nested.py on more registers.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.release.test_build_tables_nested import check_register_and_specification


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_register_and_specification_disclose_a_person(data: st.DataObject) -> None:
    check_register_and_specification(data)
