"""Suppression with the least loss: the checks of test_exact.py (suppression) on more tables."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence import made
from tests.evidence.sdc.suppression import test_exact as fast

MANY = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@MANY
@given(fast.SMALL, st.sampled_from([5, 10]))
def test_no_safe_choice_loses_less(counts: list[object], threshold: int) -> None:
    fast.check_least(made.table(counts), threshold)


@settings(MANY, max_examples=5)
@given(fast.inner(2, 2, 2))
def test_no_safe_choice_loses_less_in_three_dimensions(counts: list[object]) -> None:
    fast.check_least(made.table(counts), 10, most=150)


@settings(MANY, max_examples=15)
@given(fast.GROUPS, st.sampled_from([5, 10]), st.integers(0, 1))
def test_no_choice_that_protects_groups_loses_less(counts: list[object], threshold: int, column: int) -> None:
    fast.check_groups(counts, threshold, column)


def test_no_cut_excludes_a_safe_choice() -> None:
    fast.check_cuts(6)


def test_rounding_protects_homogeneous_groups() -> None:
    fast.check_rounded_groups(12)
