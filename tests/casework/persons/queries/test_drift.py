"""The board says when pairs of this month agree otherwise than before.

It does not say so where chance explains the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.queries import drift as module
from kerege.casework.persons.queries.drift import Drift, MonthCounts, last_months, measure_drift


def month(pairs: int, agreed: int) -> MonthCounts:
    counts = MonthCounts(pairs)
    counts.agreed["birth"] = agreed
    return counts


def judged(*kept: MonthCounts) -> Drift:
    return module._drift_of("birth", kept, "en")


def test_the_twelve_months_end_with_the_present_one_over_new_year() -> None:
    months = last_months(date(2026, 2, 17))
    assert (len(months), months[0], months[-1]) == (12, date(2025, 3, 1), date(2026, 2, 1))


@pytest.mark.parametrize(("agreed", "out"), [(80, False), (70, False), (66, True), (93, True)])
def test_a_share_beyond_three_standard_errors_has_changed(agreed: int, out: bool) -> None:
    """80 of 100 before: the standard error of 100 pairs is 4 of 100."""
    drift = judged(*[month(100, 80)] * 3, month(100, agreed))
    assert drift.band == pytest.approx((0.68, 0.92))
    assert drift.is_out is out


@pytest.mark.parametrize(
    "kept",
    [
        [month(100, 80)] * 2 + [month(100, 10)],
        [month(100, 80)] * 3 + [month(module.PAIRS - 1, 0)],
        [month(module.PAIRS - 1, 0)] * 8 + [month(100, 80)] * 2 + [month(100, 10)],
    ],
    ids=["two months before", "few pairs now", "few pairs before"],
)
def test_few_pairs_warn_of_nothing(kept: list[MonthCounts]) -> None:
    assert not judged(*kept).is_out


@pytest.mark.django_db
@pytest.mark.db
def test_months_are_read_from_what_the_pairs_hold(pair: Callable[..., Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "PAIRS", 1)
    row = pair()
    [family] = [drift for drift in measure_drift("ru") if drift.label == "Фамилия"]
    assert family.shares == (None,) * 11 + (1.0,)
    old = last_months(timezone.localdate())[0]
    MatchCandidate.objects.filter(pk=row.pk).update(
        found_at=timezone.make_aware(datetime.combine(old, time(0, 1))), parts=row.parts | {"family": -3.0}
    )
    [family] = [drift for drift in measure_drift("ru") if drift.label == "Фамилия"]
    assert family.shares == (0.0,) + (None,) * 11
    MatchCandidate.objects.update(found_at=timezone.make_aware(datetime(old.year - 1, 1, 1)))
    assert measure_drift("ru") == []
