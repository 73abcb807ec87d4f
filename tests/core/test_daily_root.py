"""The daily root: a chain that is rewritten with valid hashes does not match the signed root."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kerege.core import audit
from kerege.core.audit import daily_root, triggers
from kerege.core.audit.canonical_json import event_hash
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.authorization import Actor
from kerege.core.jobs.scheduler import run_due

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_roots(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_root, "path", lambda: tmp_path / "roots.jsonl")


def rewrite() -> None:
    """Change a row and rehash the whole chain, as an intruder with the database but without the key can."""
    triggers.remove(connection)
    prev = AuditHead().hash
    for row in AuditEvent.objects.order_by("seq"):
        fields = (row.actor, row.agency, "cases.view", row.target, row.outcome)
        own = event_hash(prev, row.seq, row.at, fields, row.details)
        AuditEvent.objects.filter(pk=row.pk).update(action="cases.view", prev_hash=prev, hash=own)
        prev = own
    AuditHead.objects.filter(pk=1).update(hash=prev)
    triggers.install(connection)


def test_a_rewritten_chain_does_not_match_the_root() -> None:
    for number in range(3):
        audit.record(Actor.system("tests"), "test.act", target=f"thing:{number}")
    daily_root.write(timezone.now())
    assert audit.verify().ok
    rewrite()
    verification = audit.verify()
    assert not verification.ok
    assert verification.first_broken == 3


def test_verification_finds_an_edited_root() -> None:
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now())
    daily_root.path().write_text(daily_root.path().read_text().replace('"seq": 1', '"seq": 2'))
    assert "signature" in audit.verify().reason


def test_the_schedule_writes_the_root_once_a_day() -> None:
    audit.record(Actor.system("tests"), "test.act")
    now = timezone.now()
    assert "audit.root" in run_due(now)
    assert "audit.root" not in run_due(now + timedelta(hours=1))
    assert len(daily_root.path().read_text().splitlines()) == 1
