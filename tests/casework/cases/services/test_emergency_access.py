"""Emergency access: by an exact number only, for some hours, with notices to the owner and auditors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services import assignment, emergency_access
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.core.row_security import policies
from kerege.vocabulary import codes
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAPER = "N 12-345 678"
WHY = "she stands at our door and cannot speak"


@pytest.fixture
def elsewhere(make_case: Callable[..., Any], make_agency: Callable[..., Any]) -> Case:
    """Return a case of another agency whose person has a document."""
    person_identity = identity(documents=[{"kind": "passport", "number": PAPER}], phones=["+7 701 000 11 22"])
    return make_case(make_agency("owner", "social_protection"), person_identity)


@pytest.fixture
def duty_worker(make_actor: Callable[..., Any]) -> Actor:
    """Return the caseworker on duty at the centre."""
    return make_actor("caseworker")


def open_by_reference(actor: Actor, case: Case) -> Emergency:
    """Open the case by its reference and return the emergency."""
    row = emergency_access.open_in_emergency(actor, case.reference, "medical", WHY)
    assert row is not None
    return row


def visible_by_row_security(actor: Actor) -> list[Case]:
    """Return the cases that row-level security shows; an empty list on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with policies.acting(actor):
        return list(Case.objects.all())


@pytest.mark.parametrize("number", [PAPER, "n12345678", "reference"])
def test_the_exact_number_opens_the_case_to_this_user_alone(
    number: str, elsewhere: Case, duty_worker: Actor, make_actor: Any
) -> None:
    emergency_access.open_in_emergency(
        duty_worker, elsewhere.reference if number == "reference" else number, "medical", WHY
    )
    assert authorization.allows(duty_worker, "cases.view", elsewhere)
    assert list(authorization.scope(duty_worker, Case, action="cases.view")) == [elsewhere]
    assert visible_by_row_security(duty_worker) == ([elsewhere] if connection.vendor == "postgresql" else [])
    colleague = make_actor("caseworker")
    assert not authorization.allows(colleague, "cases.view", elsewhere)
    assert not authorization.allows(colleague, "vault.read", elsewhere.record)


@pytest.mark.parametrize("number", [CANARY, "KZ-2025", "12345", "N12345679", ""])
def test_an_inexact_number_opens_no_case_and_is_audited(number: str, elsewhere: Case, duty_worker: Actor) -> None:
    assert emergency_access.open_in_emergency(duty_worker, number, "medical", WHY) is None
    assert AuditEvent.objects.get(action="emergencies.open").details["found"] is False
    assert not authorization.allows(duty_worker, "cases.view", elsewhere)


def test_trying_many_numbers_is_refused(elsewhere: Case, duty_worker: Actor) -> None:
    for number in range(5):
        emergency_access.open_in_emergency(duty_worker, f"KZ-2025-{number + 70000}", "medical", WHY)
    with pytest.raises(BadInput):
        open_by_reference(duty_worker, elsewhere)
    assert not Emergency.objects.exists()


def test_emergency_access_permits_no_change(elsewhere: Case, duty_worker: Actor) -> None:
    open_by_reference(duty_worker, elsewhere)
    for action in ("cases.change", "cases.share", "cases.decide", "services.add"):
        assert not authorization.allows(duty_worker, action, elsewhere)
    assert not authorization.allows(duty_worker, "vault.change", elsewhere.record)
    with pytest.raises(Denied):
        assignment.add_note(duty_worker, elsewhere, "text")


def test_emergency_access_ends_after_four_hours_or_when_ended(elsewhere: Case, duty_worker: Actor) -> None:
    row = open_by_reference(duty_worker, elsewhere)
    assert row.until - row.opened_at == timedelta(hours=4)
    Emergency.objects.update(opened_at=timezone.now() - timedelta(hours=4), until=timezone.now())
    assert not authorization.allows(duty_worker, "cases.view", elsewhere)
    assert visible_by_row_security(duty_worker) == []
    Emergency.objects.update(until=timezone.now() + timedelta(hours=1))
    assert authorization.allows(duty_worker, "vault.read", elsewhere.record)
    emergency_access.end_emergency(duty_worker, row)
    assert not authorization.allows(duty_worker, "cases.view", elsewhere)
    assert not authorization.allows(duty_worker, "vault.read", elsewhere.record)


def test_the_owner_and_the_auditors_are_notified_at_once(elsewhere: Case, duty_worker: Actor, make_actor: Any) -> None:
    auditor = make_actor("auditor")
    row = open_by_reference(duty_worker, elsewhere)
    assert set(Notice.objects.values_list("agency", "role")) == {
        (elsewhere.agency_id, "supervisor"),
        (auditor.agency_id, "auditor"),
    }
    assert elsewhere.events.filter(kind="emergency", agency=duty_worker.agency_id).exists()
    event = AuditEvent.objects.get(action="emergencies.open")
    assert event.target == f"case:{elsewhere.pk}"
    assert event.details["emergency"] == str(row.pk)
    assert WHY not in str(event.details)


@pytest.mark.parametrize("reviewer_role", ["auditor", "supervisor"])
def test_an_auditor_or_the_owners_supervisor_reviews_an_emergency_once(
    reviewer_role: str, elsewhere: Case, duty_worker: Actor, make_actor: Any, make_agency: Any
) -> None:
    row = open_by_reference(duty_worker, elsewhere)
    actor = make_actor(reviewer_role, agency=make_agency("owner") if reviewer_role == "supervisor" else None)
    assert emergency_access.read_review_texts(actor, row)["reason"] == WHY
    emergency_access.review_emergency(actor, row, "not_justified", "call us first")
    row.refresh_from_db()
    assert row.verdict == "not_justified"
    assert emergency_access.read_review_texts(actor, row)["comment"] == "call us first"
    with pytest.raises(BadInput):
        emergency_access.review_emergency(actor, row, "justified", "")
    if reviewer_role == "auditor":
        assert not authorization.allows(actor, "cases.view", elsewhere)


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "coordinator", "administrator"])
def test_other_roles_cannot_review_an_emergency(
    role: str, elsewhere: Case, duty_worker: Actor, make_actor: Any
) -> None:
    row = open_by_reference(duty_worker, elsewhere)
    with pytest.raises(Denied):
        emergency_access.review_emergency(make_actor(role), row, "justified", "")
    with pytest.raises(Denied):
        emergency_access.read_review_texts(make_actor(role), row)


def test_a_notice_says_of_your_agency_only_to_the_owner(
    elsewhere: Case, duty_worker: Actor, make_actor: Any, make_agency: Any
) -> None:
    make_actor("auditor", agency=make_agency("ministry", "social_protection"))
    open_by_reference(duty_worker, elsewhere)
    kinds = set(Notice.objects.values_list("agency__code", "role", "kind"))
    assert kinds == {("owner", "supervisor", "emergency_opened"), ("ministry", "auditor", "emergency_opened_of")}
    assert "your agency" in codes.label("notice_kind", "emergency_opened", "en")
    assert "your agency" not in codes.label("notice_kind", "emergency_opened_of", "en")


def test_an_accessible_case_is_no_emergency(make_case: Any, duty_worker: Actor) -> None:
    with pytest.raises(BadInput):
        open_by_reference(duty_worker, make_case())


def test_emergency_access_in_the_browser(
    elsewhere: Case, make_user: Any, sign_in: Any, make_agency: Any, client: Any
) -> None:
    browser = sign_in(make_user("caseworker"))
    page = f"/en/work/cases/{elsewhere.pk}/"
    assert browser.get(page).status_code == 404
    typed = {"number": elsewhere.reference, "kind": "medical", "reason": WHY}
    assert browser.post("/en/work/emergency/", typed)["Location"] == page
    html = browser.get(page).content.decode()
    assert CANARY in html
    assert "Opened in an emergency" in html
    assert "000 11 22" not in html
    revealed = browser.post(f"{page}reveal/", {"group": "contact"}).content.decode()
    assert "000 11 22" in revealed
    assert browser.get(f"{page}note/").status_code == 404
    assert elsewhere.reference in browser.get("/en/work/emergency/").content.decode()
    row = Emergency.objects.get()
    browser.post(f"/en/work/emergencies/{row.pk}/end/")
    assert browser.get(page).status_code == 404
    supervisor = sign_in(make_user("supervisor", agency=make_agency("owner")))
    assert elsewhere.reference in supervisor.get("/en/work/emergencies/").content.decode()
    assert WHY in supervisor.get(f"/en/work/emergencies/{row.pk}/").content.decode()
    supervisor.post(f"/en/work/emergencies/{row.pk}/", {"verdict": "justified", "comment": "thank you"})
    assert "thank you" in supervisor.get(f"/en/work/emergencies/{row.pk}/").content.decode()


def test_an_identity_outside_an_audited_act_cannot_be_read_in_an_emergency(elsewhere: Case, duty_worker: Actor) -> None:
    open_by_reference(duty_worker, elsewhere)
    with policies.acting(duty_worker), pytest.raises(LookupError):
        vault.read(duty_worker, elsewhere.record)
