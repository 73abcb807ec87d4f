"""Lost entries of the ledger that two people gave up are events of the audit log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kerege.core.audit.models import AuditEvent
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.releases import health_checks, ledger_losses
from tests.evidence.made_ledgers import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HomeLedger:
    """Return the ledger of a home of its own, whose entries were lost."""
    for module in (ledger_losses, health_checks, health_checks.ledger_entries):
        monkeypatch.setattr(module, "home", lambda: tmp_path)
    add(HomeLedger(tmp_path), 1)
    shutil.rmtree(tmp_path / "ledger")
    return HomeLedger(tmp_path)


def test_a_request_and_its_approval_are_recorded_once(ledger: HomeLedger) -> None:
    assert ledger_losses.record_losses() == 0
    with ledger.locked_for_reading():
        request = ledger.request_loss("cli:aliya", "the disk broke")
    assert ledger_losses.record_losses() == 1
    with ledger.locked_for_reading():
        ledger.approve_loss(request.seq, "cli:bolat")
    assert ledger_losses.record_losses() == 1
    assert ledger_losses.record_losses() == 0
    requested, given_up = AuditEvent.objects.filter(action__startswith="ledger.").order_by("seq")
    assert (requested.action, requested.details["by"]) == ("ledger.request_loss", "cli:aliya")
    facts = {"seq": 2, "statements": 1, "by": "cli:bolat", "requested_by": "cli:aliya"}
    assert (given_up.action, given_up.details) == ("ledger.give_up", facts)
    assert request.hash not in requested.target
    assert "gave them up" in health_checks.ledger().words
    assert health_checks.ledger().state == "warn"


def test_a_ledger_that_cannot_be_read_stops_no_job(ledger: HomeLedger) -> None:
    ledger.folder.mkdir()
    ledger.head.write_text("x")
    assert ledger_losses.record_losses() == 0
