"""`kerege audit address` prints the digests of an address, and the audit log records the question."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kerege.cli.audit import app
from kerege.core.audit import client_place
from kerege.core.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_the_question_leaves_an_event_without_the_address() -> None:
    result = CliRunner().invoke(app, ["address", "203.0.113.7"])
    assert client_place.place_of("203.0.113.7") in result.output
    event = AuditEvent.objects.get(action="audit.address")
    assert event.actor.startswith("cli:")
    assert "203.0.113.7" not in str(event.details)
