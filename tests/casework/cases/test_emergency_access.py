"""A case of another agency opens in an emergency by its exact number only, for hours, and everybody hears of it."""

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
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAPER = "N 12-345 678"
WHY = "she stands at our door and cannot speak"


@pytest.fixture
def elsewhere(make_case: Callable[..., Any], make_agency: Callable[..., Any]) -> Case:
    """A case of another agency, with a document."""
    told = identity(documents=[{"kind": "passport", "number": PAPER}], phones=["+7 701 000 11 22"])
    return make_case(make_agency("owner", "social_protection"), told)


@pytest.fixture
def night(make_actor: Callable[..., Any]) -> Actor:
    """Whoever is on duty at the centre."""
    return make_actor("caseworker")


def opened(actor: Actor, case: Case) -> Emergency:
    """The case, opened by its reference."""
    row = emergency_access.open_in_emergency(actor, case.reference, "medical", WHY)
    assert row is not None
    return row


def seen_by_the_database(actor: Actor) -> list[Case]:
    """What row-level security shows, where there is one."""
    if connection.vendor != "postgresql":
        return []
    with policies.acting(actor):
        return list(Case.objects.all())


@pytest.mark.parametrize("number", [PAPER, "n12345678", "reference"])
def test_the_exact_number_opens_the_case_to_this_user_alone(
    number: str, elsewhere: Case, night: Actor, make_actor: Any
) -> None:
    emergency_access.open_in_emergency(night, elsewhere.reference if number == "reference" else number, "medical", WHY)
    assert authorization.allows(night, "cases.view", elsewhere)
    assert list(authorization.scope(night, Case, action="cases.view")) == [elsewhere]
    assert seen_by_the_database(night) == ([elsewhere] if connection.vendor == "postgresql" else [])
    colleague = make_actor("caseworker")
    assert not authorization.allows(colleague, "cases.view", elsewhere)
    assert not authorization.allows(colleague, "vault.read", elsewhere.record)


@pytest.mark.parametrize("number", [CANARY, "KZ-2025", "12345", "N12345679", ""])
def test_what_is_not_exact_opens_nothing_and_is_remembered(number: str, elsewhere: Case, night: Actor) -> None:
    assert emergency_access.open_in_emergency(night, number, "medical", WHY) is None
    assert AuditEvent.objects.get(action="emergencies.open").details["found"] is False
    assert not authorization.allows(night, "cases.view", elsewhere)


def test_nobody_finds_a_number_by_trying(elsewhere: Case, night: Actor) -> None:
    for number in range(5):
        emergency_access.open_in_emergency(night, f"KZ-2025-{number + 70000}", "medical", WHY)
    with pytest.raises(BadInput):
        opened(night, elsewhere)
    assert not Emergency.objects.exists()


def test_it_shows_what_helps_and_changes_nothing(elsewhere: Case, night: Actor) -> None:
    opened(night, elsewhere)
    for action in ("cases.change", "cases.share", "cases.decide", "services.add"):
        assert not authorization.allows(night, action, elsewhere)
    assert not authorization.allows(night, "vault.change", elsewhere.record)
    with pytest.raises(Denied):
        assignment.add_note(night, elsewhere, "text")


def test_it_ends_after_four_hours_and_earlier_by_hand(elsewhere: Case, night: Actor) -> None:
    row = opened(night, elsewhere)
    assert row.until - row.opened_at == timedelta(hours=4)
    Emergency.objects.update(opened_at=timezone.now() - timedelta(hours=4), until=timezone.now())
    assert not authorization.allows(night, "cases.view", elsewhere)
    assert seen_by_the_database(night) == []
    Emergency.objects.update(until=timezone.now() + timedelta(hours=1))
    assert authorization.allows(night, "vault.read", elsewhere.record)
    emergency_access.end_emergency(night, row)
    assert not authorization.allows(night, "cases.view", elsewhere)
    assert not authorization.allows(night, "vault.read", elsewhere.record)


def test_the_owner_and_the_auditors_are_told_at_once(elsewhere: Case, night: Actor, make_actor: Any) -> None:
    auditor = make_actor("auditor")
    row = opened(night, elsewhere)
    assert set(Notice.objects.values_list("agency", "role")) == {
        (elsewhere.agency_id, "supervisor"),
        (auditor.agency_id, "auditor"),
    }
    assert elsewhere.events.filter(kind="emergency", agency=night.agency_id).exists()
    event = AuditEvent.objects.get(action="emergencies.open")
    assert event.target == f"case:{elsewhere.pk}"
    assert event.details["emergency"] == str(row.pk)
    assert WHY not in str(event.details)


@pytest.mark.parametrize("judge", ["auditor", "supervisor"])
def test_it_is_judged_by_an_auditor_or_the_owners_supervisor_once(
    judge: str, elsewhere: Case, night: Actor, make_actor: Any, make_agency: Any
) -> None:
    row = opened(night, elsewhere)
    actor = make_actor(judge, agency=make_agency("owner") if judge == "supervisor" else None)
    assert emergency_access.read_review_texts(actor, row)["reason"] == WHY
    emergency_access.review_emergency(actor, row, "not_justified", "call us first")
    row.refresh_from_db()
    assert row.verdict == "not_justified"
    assert emergency_access.read_review_texts(actor, row)["comment"] == "call us first"
    with pytest.raises(BadInput):
        emergency_access.review_emergency(actor, row, "justified", "")
    if judge == "auditor":
        assert not authorization.allows(actor, "cases.view", elsewhere)


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "coordinator", "administrator"])
def test_nobody_else_judges_it(role: str, elsewhere: Case, night: Actor, make_actor: Any) -> None:
    row = opened(night, elsewhere)
    with pytest.raises(Denied):
        emergency_access.review_emergency(make_actor(role), row, "justified", "")
    with pytest.raises(Denied):
        emergency_access.read_review_texts(make_actor(role), row)


def test_what_is_open_already_is_no_emergency(make_case: Any, night: Actor) -> None:
    with pytest.raises(BadInput):
        opened(night, make_case())


def test_the_night_in_the_browser(elsewhere: Case, make_user: Any, sign_in: Any, make_agency: Any, client: Any) -> None:
    browser = sign_in(make_user("caseworker"))
    page = f"/en/work/cases/{elsewhere.pk}/"
    assert browser.get(page).status_code == 404
    typed = {"number": elsewhere.reference, "kind": "medical", "reason": WHY}
    assert browser.post("/en/work/emergency/", typed)["Location"] == page
    shown = browser.get(page).content.decode()
    assert CANARY in shown
    assert "Opened in an emergency" in shown
    assert "000 11 22" not in shown
    revealed = browser.post(f"{page}reveal/", {"group": "contact"}).content.decode()
    assert "000 11 22" in revealed
    assert browser.get(f"{page}note/").status_code == 404
    assert elsewhere.reference in browser.get("/en/work/emergency/").content.decode()
    row = Emergency.objects.get()
    browser.post(f"/en/work/emergencies/{row.pk}/end/")
    assert browser.get(page).status_code == 404
    boss = sign_in(make_user("supervisor", agency=make_agency("owner")))
    assert elsewhere.reference in boss.get("/en/work/emergencies/").content.decode()
    assert WHY in boss.get(f"/en/work/emergencies/{row.pk}/").content.decode()
    boss.post(f"/en/work/emergencies/{row.pk}/", {"verdict": "justified", "comment": "thank you"})
    assert "thank you" in boss.get(f"/en/work/emergencies/{row.pk}/").content.decode()


def test_an_identity_read_in_an_emergency_is_whole_but_masked_on_pages(elsewhere: Case, night: Actor) -> None:
    opened(night, elsewhere)
    with policies.acting(night), pytest.raises(LookupError):
        vault.read(night, elsewhere.record)
