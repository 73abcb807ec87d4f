"""Rounded tables: multiples of a base, small counts suppressed, and an audit that finds them safe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.suppression import rounding
from kerege.evidence.sdc.suppression.audit import audit
from kerege.evidence.sdc.suppression.complementary import ProtectionRule
from kerege.evidence.sdc.suppression.rounding import loss_of, round_table, rounded, softened
from tests.evidence import made

THRESHOLD = 10
COUNTS = st.lists(st.lists(st.integers(0, 90), min_size=2, max_size=3), min_size=2, max_size=2).filter(
    lambda inner: len(inner[0]) == len(inner[1]) and sum(map(sum, inner)) > 0
)


def checked(table: Table, protected: Table) -> None:
    """Check what every rounded table promises of its figures."""
    base, half = protected.params["rounded_to"], protected.params["half_width"]
    assert protected.truth is not None
    assert (protected.truth == table.counts).all()
    shown = protected.status == PERTURBED
    assert (protected.counts[shown] % base == 0).all()
    assert (protected.counts[shown] > 0).all()
    assert (np.abs(protected.counts - table.counts)[shown] <= half).all()
    assert (protected.counts[~shown] == table.counts[~shown]).all()
    assert not ((protected.status == OK) & (table.counts > 0) & (table.counts < THRESHOLD)).any()


@settings(max_examples=8, deadline=None)
@given(COUNTS, st.sampled_from([5, 10, 20]))
def test_rounded_tables_are_safe_multiples_near_the_truth(inner: list[list[int]], base: int) -> None:
    table = made.table(inner)
    try:
        protected = round_table(table, base, THRESHOLD)
    except Refused:
        return
    checked(table, protected)
    assert audit(protected, THRESHOLD).safe


@pytest.mark.parametrize(("count", "shown"), [(10, 20), (29, 20), (30, 40), (31, 40), (49, 40), (50, 60)])
def test_halves_are_rounded_up(count: int, shown: int) -> None:
    """Counts of 10 to 29 are shown as 20, those of 30 to 49 as 40."""
    table = made.table([count, 500])
    protected = round_table(table, 20, 5)
    assert protected.counts[1] == shown
    assert protected.status[1] == PERTURBED
    assert protected.params["half_width"] == 10


def test_counts_that_would_become_zero_are_suppressed_and_zeros_are_published() -> None:
    table = made.table([4, 30, 0, 60])
    protected = round_table(table, 50, 5)
    assert protected.status.tolist()[1] == SUPPRESSED
    assert protected.status.tolist()[3] == OK
    assert protected.counts[3] == 0


def test_tables_of_several_values_or_of_too_many_cells_are_not_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    table = made.table([40, 50])
    text = "rounding takes tables of at most 3,000 cells without columns of several values"
    with pytest.raises(Refused, match=text):
        round_table(replace(table, multi=frozenset({"dim0"})), 10, THRESHOLD)
    rule = ProtectionRule(THRESHOLD)
    assert rounded(replace(table, multi=frozenset({"dim0"})), [0], rule) is None
    monkeypatch.setattr(rounding, "MOST_CELLS", 2)
    with pytest.raises(Refused, match=text):
        round_table(table, 10, THRESHOLD)
    assert rounded(table, [0], rule) is None


def test_a_base_without_a_safe_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "_round_to", lambda *_: None)
    with pytest.raises(Refused, match="rounding to 10 makes no safe table: take another base"):
        round_table(made.table([40, 50]), 10, THRESHOLD)


def test_the_loss_counts_hidden_people_in_full_and_rounded_figures_by_the_half_width() -> None:
    table = made.table([7, 40, 60])
    assert loss_of(table) == 0
    table.status[:] = (OK, SUPPRESSED, PERTURBED, WITHHELD)
    assert loss_of(table) == 7 + 60
    shown = replace(table, counts=np.array([107, 7, 50, 60]), truth=table.counts, params={"half_width": 10})
    assert loss_of(shown) == 7 + 10 + 60
    assert loss_of(replace(shown, truth=np.array([107, 8, 40, 59]))) == 8 + 10 + 59  # the truth, not what is shown


def test_small_categories_are_not_shown_and_the_table_says_so() -> None:
    """4 of a2 are withheld; the parameter is stated also where no category is small."""
    protected = rounded(made.table([120, 90, 4]), [0], ProtectionRule(THRESHOLD))
    assert protected is not None
    assert protected.status.tolist()[3] == WITHHELD
    assert protected.params["small_categories"] == "not shown"
    large = rounded(made.table([120, 90, 40]), [0], ProtectionRule(THRESHOLD))
    assert large is not None
    assert large.params["small_categories"] == "not shown"
    assert not (large.status == WITHHELD).any()


def test_a_small_count_of_not_reported_is_suppressed_and_not_withheld() -> None:
    table = made.table([120, 90, 4], unreported=True)
    assert table.axes[0][-1] == NOT_REPORTED
    protected = rounded(table, [0], ProtectionRule(THRESHOLD))
    assert protected is None or protected.status.tolist()[3] != WITHHELD


def test_the_base_with_the_least_loss_is_taken() -> None:
    """Each larger base loses more where all figures are large: base 5, half width 2."""
    protected = rounded(made.table([300, 400, 500]), [0], ProtectionRule(THRESHOLD))
    assert protected is not None
    assert protected.params["rounded_to"] == min(rounding.BASES)
    assert loss_of(protected) == 2 * int((protected.status == PERTURBED).sum())


def test_tables_of_few_people_have_no_base() -> None:
    """A base above a tenth of the total would say nothing; 5 is allowed always."""
    table = made.table([14, 16])
    for base in rounding.BASES[1:]:
        assert base > max(table.total / 10, 5)
    protected = rounded(table, [0], ProtectionRule(THRESHOLD))
    assert protected is None or protected.params["rounded_to"] == 5


def test_large_cells_of_a_suppressed_table_are_rounded_instead() -> None:
    table = made.table([[3, 4, 900], [800, 700, 600]])
    protected = ProtectionRule(THRESHOLD).suppressed(table).table
    assert (protected.status == SUPPRESSED).sum() == 6
    versions = list(softened(table, protected, ProtectionRule(THRESHOLD), 100))
    assert versions
    for version in versions:
        checked(table, version)
        assert audit(version, THRESHOLD).safe
        assert (version.status[1, 1:3] == SUPPRESSED).all()  # counts of 3 and 4 are never rounded
        assert loss_of(version) <= loss_of(protected)
    assert min(map(loss_of, versions)) < loss_of(protected)
    assert (versions[-1].status[(table.counts >= 100) & (protected.status == SUPPRESSED)] == PERTURBED).all()


def test_tables_without_large_suppressed_cells_have_no_softer_version() -> None:
    table = made.table([[8, 62], [27, 23]])
    rule = ProtectionRule(THRESHOLD)
    protected = rule.suppressed(table).table
    assert list(softened(table, protected, rule, 100)) == []
    assert list(softened(table, replace(protected, status=np.zeros_like(table.status)), rule, 1)) == []
