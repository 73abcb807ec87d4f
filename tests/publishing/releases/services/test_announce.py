"""Release calendar: the minute four weeks ahead, and no date moved without its reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.core.authorization import Denied
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.services.announce import Announcement, announce, move

pytestmark = pytest.mark.django_db
TITLE = {"kk": "Жылдық шығарылым", "ru": "Годовой выпуск", "en": "Annual release"}
WHY = {"kk": "Тексеру ұзарды", "ru": "Проверка продлена", "en": "The check takes longer"}


def in_days(days: int) -> Any:
    return timezone.now() + timedelta(days=days)


def month_in(days: int) -> date:
    return timezone.localtime(in_days(days)).date().replace(day=1)


@pytest.fixture
def announced(make_actor: Any) -> AnnouncedRelease:
    """Return a release that is announced for a month."""
    return announce(make_actor("coordinator"), Announcement(TITLE, "2026", month_in(200)))


def test_a_near_release_needs_its_day_and_minute(make_actor: Any) -> None:
    coordinator = make_actor("coordinator")
    with pytest.raises(BadInput, match="less than four weeks"):
        announce(coordinator, Announcement(TITLE, "2026", month_in(20)))
    assert announce(coordinator, Announcement(TITLE, "2026", month_in(20), in_days(20))).at
    with pytest.raises(BadInput, match="over"):
        announce(coordinator, Announcement(TITLE, "2026", month_in(-1), in_days(-1)))


def test_the_first_minute_within_the_announced_month_is_no_moved_date(
    announced: AnnouncedRelease, make_actor: Any
) -> None:
    at = timezone.make_aware(datetime.combine(announced.month + timedelta(days=9), time(10)))
    row = move(make_actor("coordinator"), announced, month=announced.month, at=at, why={})
    assert (row.at, row.moved_dates) == (at, [])


def test_a_moved_date_keeps_the_old_one_and_its_reason_in_three_languages(
    announced: AnnouncedRelease, make_actor: Any
) -> None:
    coordinator, later = make_actor("coordinator"), in_days(300)
    with pytest.raises(BadInput, match="public reason"):
        move(coordinator, announced, month=later.date(), at=later, why={"en": "Later"})
    old = f"{announced.month:%Y-%m}"
    row = move(coordinator, announced, month=later.date(), at=later, why=WHY)
    assert [(moved["month"], moved["at"], moved["why"]) for moved in row.moved_dates] == [(old, None, WHY)]
    row = move(coordinator, row, month=later.date(), at=later + timedelta(minutes=1), why=WHY)
    assert row.moved_dates[1]["at"] == later.isoformat()


@pytest.mark.parametrize("role", ["analyst", "caseworker", "auditor"])
def test_only_a_coordinator_or_a_publisher_announces(role: str, make_actor: Any) -> None:
    with pytest.raises(Denied):
        announce(make_actor(role), Announcement(TITLE, "2026", month_in(200)))
