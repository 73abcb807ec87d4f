"""The choice of the protection method: the safe version with the smallest loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table
from kerege.evidence.data.publication_threshold import VERSIONS
from kerege.evidence.sdc.suppression import method_choice as module
from kerege.evidence.sdc.suppression.audit import audit
from kerege.evidence.sdc.suppression.complementary import suppress
from kerege.evidence.sdc.suppression.method_choice import (
    best_reported,
    best_version,
    chosen_version,
    compared_versions,
    lost_dimensions,
    unchanged,
)
from kerege.evidence.sdc.suppression.rounding import loss_of
from tests.evidence import made

THRESHOLD = 10
SUPPRESSED_VERSION, ROUNDED_VERSION = VERSIONS


def square() -> Table:
    """Return a table of which four cells are suppressed, none of them large."""
    return made.table([[8, 300], [270, 23]])


def test_a_table_without_small_counts_is_published_as_it_is() -> None:
    table = made.table([[30, 40], [50, 60]])
    protected, report = best_reported(table, THRESHOLD)
    assert (protected.status == OK).all()
    assert report == "suppression: no cell needs it"


def test_the_best_version_loses_no_more_than_suppression_alone() -> None:
    for inner in ([[8, 300], [270, 23]], [[1, 40], [40, 200]], [[3, 4, 90], [80, 70, 60]]):
        table = made.table(inner)
        protected = best_version(table, THRESHOLD)
        assert audit(protected, THRESHOLD).safe
        if protected.axes == table.axes:
            assert loss_of(protected) <= loss_of(suppress(table, THRESHOLD))


def test_the_maker_is_told_when_another_version_was_taken() -> None:
    table = square()
    protected, report = best_reported(table, THRESHOLD)
    is_plain = protected.truth is None and protected.axes == table.axes
    assert report.startswith("suppression: loss ")
    taken = f"; rounded or merged figures have the loss {loss_of(protected):,.0f} and were chosen instead"
    assert report.endswith(taken) is not is_plain


def test_both_versions_are_safe_and_the_rounded_one_loses_least_of_its_kind() -> None:
    table = square()
    versions = compared_versions(table, THRESHOLD)
    assert list(versions) == [SUPPRESSED_VERSION, ROUNDED_VERSION]
    for version in versions.values():
        assert audit(version.table, THRESHOLD).safe
        assert version.loss == loss_of(version.table)
    assert versions[SUPPRESSED_VERSION].table.truth is None
    assert "rounded_to" in versions[ROUNDED_VERSION].table.params


def test_a_chosen_version_comes_with_its_notes() -> None:
    table = square()
    plain = chosen_version(table, THRESHOLD, frozenset(), SUPPRESSED_VERSION)
    assert (plain.status == SUPPRESSED).sum() == 4
    assert plain.notes[0].startswith("4 of 9 cells are suppressed")
    shown = chosen_version(table, THRESHOLD, frozenset(), ROUNDED_VERSION)
    assert shown.notes[0].startswith("Cells marked perturbed are rounded to")


def test_a_version_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "rounded", lambda *_: None)
    monkeypatch.setattr(module, "softened", lambda *_: [])
    with pytest.raises(Refused, match=f"no safe version that is {ROUNDED_VERSION}: do not choose the version"):
        chosen_version(square(), THRESHOLD, frozenset(), ROUNDED_VERSION)


@pytest.mark.parametrize(
    ("hidden", "floor", "expected"),
    [
        ([], 1, []),
        ([(1, 0)], 308, [0]),  # the first row has 308 people
        ([(1, 0)], 309, []),  # and is not large at this floor
        ([(0, 1), (1, 0)], 100, [0, 1]),
        ([(1, 1), (1, 2)], 1, []),  # inner cells are not categories
        ([(0, 0)], 1, []),  # the total neither
    ],
)
def test_a_dimension_is_lost_when_a_large_category_has_no_figure(
    hidden: list[tuple[int, int]], floor: int, expected: list[int]
) -> None:
    table = square()
    protected = unchanged(table)
    for place in hidden:
        protected.status[place] = SUPPRESSED
    assert lost_dimensions(table, protected, floor) == expected


def test_a_copy_with_another_status_leaves_the_table_as_it_is() -> None:
    table = replace(square(), status=np.full((3, 3), SUPPRESSED, np.uint8))
    copy = unchanged(table)
    assert (copy.status == OK).all()
    copy.status[0, 0] = SUPPRESSED
    assert (table.status == SUPPRESSED).all()
    assert copy.counts is table.counts


def test_merged_categories_cost_half_of_their_people() -> None:
    """A recoded version competes with its loss and half a person for each one who was merged."""
    table = made.table([[300, 3, 4], [400, 2, 5]])
    rule = module.ProtectionRule(THRESHOLD)
    for version in module._alternatives(table, [1], rule):
        if version.table.axes != table.axes:
            assert version.loss > loss_of(version.table)
            assert (version.loss - loss_of(version.table)) % module.MERGED == 0
