"""Smallest rows of the tables that `world.furnish` leaves empty: an agency has a row in each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.handovers import OwnerChange
from kerege.casework.assistance.models.plans import PlanReview
from kerege.casework.assistance.models.provision import Interruption, ServiceDelivery
from kerege.casework.awareness.models import HotlineContact
from kerege.casework.cases.models.case import Decision
from kerege.casework.exchange.models import NamedMap
from kerege.casework.intake.models import DecisionReview, Notification, OutsideReport
from kerege.casework.persons.models import MatchBasis, PairReview
from kerege.casework.vault.models.drafts import Draft
from kerege.casework.vault.services.identities import new_key
from kerege.core.accounts.models import Agency
from kerege.core.integrations.models import Answered, SystemToken
from kerege.core.security.keyring import keyring
from tests.safety.world import Things

DAY, NOW = date(2025, 3, 4), datetime(2025, 3, 4, 12, tzinfo=UTC)


def add_rows(own: Things, elsewhere: Agency) -> None:
    """Add a row to each table that an agency's things leave empty."""
    _add_casework_rows(own, elsewhere)
    _add_other_rows(own)


def _add_casework_rows(own: Things, elsewhere: Agency) -> None:
    case, service, plan = own.case, own.service, own.named("plan")
    decision = Decision.objects.filter(case=case).latest("decided_on")
    handover = own.named("handover")
    own.signal.cases.add(case)
    OutsideReport.objects.create(signal=own.signal, way=OutsideReport.Way.PAPER, sender_kind="hotline")
    made = {"created_at": NOW}
    Notification.objects.create(decision=decision, told_on=DAY, told_by="x", **made)
    DecisionReview.objects.create(decision=decision, asked_on=DAY, opened_by="x", **made)
    Contact.objects.create(case=case, on=DAY, agency=own.agency, created_by="x", **made)
    OwnerChange.objects.create(case=case, handover=handover, from_agency=own.agency, to_agency=elsewhere, at=NOW)
    PlanReview.objects.create(plan=plan, on=DAY, reviewed_by="x", **made)
    ServiceDelivery.objects.create(service=service, on=DAY, delivered_by="x", **made)
    Interruption.objects.create(service=service, began_on=DAY)


def _add_other_rows(own: Things) -> None:
    HotlineContact.objects.create(agency=own.agency, at=NOW)
    NamedMap.objects.create(agency=own.agency, name="Journal", saved_at=NOW)
    PairReview.objects.create(candidate=own.named("match"), by="x", answer="same", at=NOW)
    counts = {"searched": b"x", "named": b"x", "counts": b"x", "own_records": 1, "all_records": 1}
    MatchBasis.objects.create(record=own.case.record, version="x", at=NOW, **counts)
    key, _plain = new_key(keyring().current("kek"))
    key.save(force_insert=True)
    Draft.objects.create(
        opening=uuid4(), user=own.user, page="/x/", data_key=key, own_key=True, ciphertext=b"x", saved_at=NOW
    )
    token = SystemToken.objects.filter(agency=own.agency).latest("created_at")
    Answered.objects.create(token=token, key="x", request=b"x", at=NOW)
