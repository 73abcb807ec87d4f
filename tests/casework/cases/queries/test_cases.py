"""Events of a case are listed in one order, wherever the database has put their rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.cases.models.case import Event
from kerege.casework.cases.queries.cases import list_events
from kerege.core.authorization import Actor

pytestmark = pytest.mark.db


def test_events_of_one_moment_are_listed_in_the_order_in_which_they_were_stored(
    make_case: Any, operator: Actor
) -> None:
    case = make_case()
    now = timezone.now()
    Event.objects.filter(case=case).delete()
    row = {"case": case, "on": now.date(), "at": now, "agency": case.agency, "created_by": "x"}
    events = [Event.objects.create(kind=f"kind{number}", **row) for number in range(4)]
    newest_first = [event.pk for event in reversed(events)]
    assert [event.pk for event in list_events(operator, case)] == newest_first
    # PostgreSQL writes a changed row at another place
    Event.objects.filter(pk=events[0].pk).update(created_by="y")
    assert [event.pk for event in list_events(operator, case)] == newest_first
