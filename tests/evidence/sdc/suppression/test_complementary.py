"""Suppression of one table: the rule that every version must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.suppression.complementary import ProtectionRule, suppress, suppress_exact
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import unsafe_cells

THRESHOLD = 3
INNER = st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(lambda inner: 0 < sum(inner) <= 12)


@settings(max_examples=10, deadline=None)
@given(INNER)
def test_suppressed_tables_are_safe_by_enumeration(inner: list[int]) -> None:
    table = made.table([inner[:2], inner[2:]])
    protected = suppress(table, THRESHOLD)
    hidden = protected.status.ravel() == SUPPRESSED
    counts = table.counts.ravel()
    assert hidden[(counts > 0) & (counts < THRESHOLD)].all()
    assert not hidden[counts == 0].any()
    assert (protected.counts == table.counts).all()
    if not hidden[0]:
        assert unsafe_cells(counts, hidden, THRESHOLD) == []


def test_the_rule_gives_the_problem_and_the_suppression_of_its_threshold() -> None:
    table = made.table([[8, 62], [27, 23]])
    rule = ProtectionRule(10)
    assert rule.problem(table).threshold == 10
    assert rule.problem(table).groups == ()
    outcome = rule.suppressed(table)
    assert (outcome.loss, outcome.lower_bound) == (124, 124)  # 9 + 63 + 28 + 24
    assert (outcome.table.status == suppress(table, 10).status).all()
    assert not ProtectionRule(8).suppressed(table).table.status.any()


def test_the_rule_protects_groups_of_its_sensitive_columns() -> None:
    """All 30 of the first row have the first value: with dim1 sensitive, that is a disclosure."""
    table = made.table([[30, 0], [20, 25]])
    assert not ProtectionRule(10).suppressed(table).table.status.any()
    rule = ProtectionRule(10, frozenset({"dim1"}))
    assert len(rule.problem(table).groups) == 1
    assert rule.suppressed(table).table.status[1, 1:].tolist() == [SUPPRESSED, SUPPRESSED]


def test_a_share_below_1_protects_groups_that_nearly_share_a_value() -> None:
    table = made.table([[95, 5], [40, 45]])
    sensitive = frozenset({"dim1"})
    assert ProtectionRule(3, sensitive, 1.0).problem(table).groups == ()
    assert len(ProtectionRule(3, sensitive, 0.9).problem(table).groups) == 1


def test_suppressed_cells_stay_suppressed_and_need_company() -> None:
    table = made.table([40, 50, 60])
    table.status[1] = SUPPRESSED
    protected = suppress(table, 10)
    assert protected.status[1] == SUPPRESSED
    assert table.status.tolist() == [OK, SUPPRESSED, OK, OK]
    assert suppress_exact(table, 10).table.status.tolist() == protected.status.tolist()


def test_a_table_of_one_shared_value_is_refused() -> None:
    table = made.table([[30], [40]])
    with pytest.raises(Refused, match="everybody in a group has the same dim1"):
        suppress(table, 10, frozenset({"dim1"}))


def test_an_empty_table_needs_nothing() -> None:
    assert not suppress(made.table(np.zeros((2, 2), dtype=int).tolist()), 10).status.any()
