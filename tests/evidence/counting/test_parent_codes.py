"""Codes of other lists follow from a code: the year of a quarter, the group of a form."""

from __future__ import annotations

import pytest

from kerege.evidence.counting.parent_codes import parent


@pytest.mark.parametrize(
    ("child", "code", "above", "expected"),
    [
        ("quarter", "2024-Q3", "year", "2024"),
        ("half", "2024-H2", "year", "2024"),
        ("quarter", "2024-Q1", "half", "2024-H1"),
        ("quarter", "2024-Q2", "half", "2024-H1"),
        ("quarter", "2024-Q3", "half", "2024-H2"),
        ("quarter", "2024-Q4", "half", "2024-H2"),
        ("exploitation_form", "forced_labour", "exploitation", "labour"),
        ("exploitation_form", "no_such_form", "exploitation", "no_such_form"),
        ("no_such_list", "x", "y", "x"),
    ],
)
def test_the_parent_of_a_code_is_that_of_its_list(child: str, code: str, above: str, expected: str) -> None:
    assert parent(child, code, above) == expected
