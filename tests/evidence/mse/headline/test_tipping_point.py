"""The tipping point thins the overlaps, keeps the people, and doubles the estimate."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.mse.headline.tipping_point import doubling_share, thin_overlaps
from kerege.evidence.mse.lists import Lists
from tests.evidence.mse.tables import table


def test_thinned_tables_keep_the_people_and_lose_a_share_of_the_overlaps() -> None:
    lists = table("Kosovo")
    tables = thin_overlaps(lists, 0.5, 40, seed=1)
    assert (tables.sum(axis=1) == lists.people).all()
    histories = np.arange(16)
    repeated = tables[:, (histories & (histories - 1)) != 0].sum(axis=1)
    assert repeated.mean() == pytest.approx(lists.repeated / 2, rel=0.03)
    assert (thin_overlaps(lists, 0.0, 2, seed=1) == lists.dense).all()


@pytest.mark.parametrize(("name", "share"), [("Kosovo", 0.30), ("UKdat", 0.43), ("Ned_5", 0.41)])
def test_the_share_is_the_measured_one(name: str, share: float) -> None:
    """At 33% of the overlaps Kosovo has 2.19 times the estimate; the Netherlands 2.64 times at 50%."""
    assert doubling_share(table(name)) == pytest.approx(share, abs=0.05)


def test_lists_without_an_estimate_have_no_tipping_point() -> None:
    assert doubling_share(Lists([1, 2, 4], [30, 20, 10])) is None
