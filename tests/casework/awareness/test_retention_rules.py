"""Contacts of the hotline are deleted three years later, after an approval."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kerege.casework.awareness.models import HotlineContact
from kerege.casework.cases.services import retention
from kerege.core.authorization import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.db]
TODAY = date(2029, 6, 1)


def test_old_contacts_are_deleted_after_an_approval(make_agency: Any, make_actor: Any, operator: Actor) -> None:
    agency = make_agency("hotline", "ngo")
    old, recent = (
        HotlineContact.objects.create(agency=agency, at=datetime(2026, 6, day, 12, tzinfo=UTC)) for day in (1, 2)
    )
    assert retention.run_approved(operator, TODAY) == {}
    coordinator = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    assert retention.approve_removal(coordinator, "hotline_contact", TODAY).due_count == 1
    assert retention.run_approved(operator, TODAY) == {"hotline_contact": 1}
    assert list(HotlineContact.objects.values_list("pk", flat=True)) == [recent.pk] != [old.pk]
