"""The public pages show the state of one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from kerege.core.accounts.models import User
from kerege.publishing.releases import public_clock, queries
from kerege.publishing.releases.models import Release
from tests.publishing import made

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 7, 30, 5, tzinfo=UTC)


def row(**fields: object) -> None:
    """Save the row of a release of another person than its approver."""
    preparer, approver = (User.objects.create(username=name) for name in ("preparer", "approver"))
    Release.objects.create(
        title="2025",
        period="2025",
        directory="annual-2025",
        manifest_sha256="0" * 64,
        prepared_by=preparer,
        approved_by=approver,
        approved_at=timezone.now(),
        **fields,
    )


def test_a_release_is_public_at_its_minute_and_not_a_second_before(house: Path) -> None:
    made.make(house)
    row(state="approved", embargo_at=MOMENT)
    with public_clock.fixed_at(MOMENT - timedelta(seconds=1)):
        assert queries.years() == []
    with public_clock.fixed_at(MOMENT):
        assert queries.years() == [2025]


def test_the_state_of_a_past_moment_holds_no_release_that_was_published_later(house: Path) -> None:
    made.make(house)
    row(state="published", published_at=MOMENT)
    with public_clock.fixed_at(MOMENT - timedelta(seconds=1)):
        assert queries.years() == []
    with public_clock.fixed_at(MOMENT):
        assert queries.years() == [2025]


def test_the_moment_is_now_outside_of_an_export_and_needs_a_time_zone() -> None:
    with public_clock.fixed_at(MOMENT):
        assert public_clock.now() == MOMENT
    assert abs(public_clock.now() - timezone.now()) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="time zone"), public_clock.fixed_at(MOMENT.replace(tzinfo=None)):
        pass


def test_what_depends_on_the_moment_is_computed_once_inside_an_export_only() -> None:
    computed: list[int] = []

    def compute() -> int:
        computed.append(1)
        return len(computed)

    with public_clock.remembering():
        assert [public_clock.remember(("a",), compute), public_clock.remember(("a",), compute)] == [1, 1]
        assert public_clock.remember(("b",), compute) == 2
    assert public_clock.remember(("a",), compute) == 3
