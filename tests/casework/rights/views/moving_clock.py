"""Pages of users on the days of a story: the clock moves, the worker's job runs, the session is fresh."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from kerege.casework.rights import reminders
from kerege.core.authorization import Actor
from tests.casework.cases.pages import day_inputs
from tests.django_fixtures import just_now

FIRST = date(2027, 3, 1)  # a Monday


def after(days: int) -> date:
    """Return a day of the story."""
    return FIRST + timedelta(days=days)


class Pages:
    """The pages of one user, without the tags."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def read(self, address: str) -> str:
        """Return the text of a page of the register."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.html(address)))

    def html(self, address: str) -> str:
        """Return the HTML of a page of the register."""
        answer = self.client.get(f"/en/work/{address}")
        assert answer.status_code == 200, address
        return str(answer.content.decode())

    def send(self, address: str, **values: Any) -> str:
        """Send a form with days as three inputs; return the faults of its page, "" when it was saved."""
        days = {name: value for name, value in values.items() if isinstance(value, date)}
        typed = {name: value for name, value in values.items() if name not in days}
        for name, day in days.items():
            typed |= day_inputs(name, day)
        answer = self.client.post(f"/en/work/{address}", typed)
        if answer.status_code == 302:
            return ""
        return re.sub(
            r"<[^>]*>", " ", answer.content.decode().split("govuk-error-summary__list", 1)[1].split("</ul>")[0]
        )


class Clock:
    """The clock of a story for its users, each with a browser."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *users: tuple[Any, Any]) -> None:
        self.started, self.monkeypatch, self.users = timezone.now(), monkeypatch, users
        self.desks = [Pages(client) for _user, client in users]

    def move(self, number: int) -> None:
        """Move to a day of the story, run the worker's job and renew the sessions."""
        now = self.started + timedelta(days=(FIRST - self.started.date()).days + number)
        self.monkeypatch.setattr(timezone, "now", lambda: now)
        reminders.plan(Actor.system("tests"), timezone.localdate())
        for user, client in self.users:
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            just_now(client, user)
