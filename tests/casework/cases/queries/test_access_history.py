"""The access statement lists every access to a record from the audit log, and to no other record."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.cases.queries import access_history
from kerege.casework.cases.services import assignment, attachments, shares
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from tests.casework.cases.services.test_attachments import draft
from tests.casework.conftest import identity

pytestmark = pytest.mark.db


@pytest.fixture
def case(make_case: Any) -> Any:
    return make_case()


def acts(case: Any) -> set[tuple[str, str, str, int]]:
    """Return agency, role, act and number of times of every line."""
    return {(line.agency, line.role, line.act, line.times) for line in access_history.list_accesses(case)}


def test_reading_listing_changing_and_opening_a_file_are_different_acts(
    case: Any, make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    worker, second_case = make_actor("caseworker", agency=make_agency()), make_case(person=identity(given="Болат"))
    for _look in range(2):
        with audit.page(worker, "cases.view"):
            vault.read(worker, case.record)
    with audit.page(worker, "cases.view"):
        vault.read_many(worker, [case.record_id, second_case.record_id])
    assignment.add_note(worker, case, "жазба")
    row = attachments.add_file(worker, case, draft())
    with audit.page(worker, "files.view"):
        attachments.open_file(worker, row)
    role_acts = {(role, act, times) for _agency, role, act, times in acts(case)}
    assert role_acts == {
        ("caseworker", "opened", 2),
        ("caseworker", "listed", 1),
        ("caseworker", "changed", 2),
        ("caseworker", "file", 1),
        ("", "changed", 1),
    }
    assert {act for _agency, _role, act, _times in acts(second_case)} == {"listed", "changed"}


def test_an_agency_with_a_share_is_listed_with_its_role(
    case: Any, operator: Any, make_actor: Any, make_agency: Any
) -> None:
    ngo = make_agency("ngo", "ngo")
    shares.share(operator, case, ngo, "legal", categories=["identity"])
    reader = make_actor("identifying_officer", agency=ngo)
    with audit.page(reader, "cases.view"):
        vault.read(reader, case.record)
    assert ("ngo en", "identifying_officer", "opened", 1) in {(a, r, c, n) for a, r, c, n in _acts_in_english(case)}


def _acts_in_english(case: Any) -> set[tuple[str, str, str, int]]:
    from django.utils import translation

    with translation.override("en"):
        return acts(case)


def test_a_refused_attempt_is_not_listed(case: Any, make_actor: Any, make_agency: Any) -> None:
    stranger = make_actor("caseworker", agency=make_agency("other"))
    with pytest.raises(Denied), audit.act(stranger, "vault.read", f"case:{case.pk}"):
        vault.read(stranger, case.record)
    assert {agency for agency, _role, _act, _times in acts(case)} == {""}


@pytest.mark.parametrize(
    ("action", "target", "details", "act_code"),
    [
        ("cases.decide", "case:1", {}, "decided"),
        ("cases.note", "case:1", {"acts": [{"action": "cases.add_note"}]}, "changed"),
        ("assistance.refer", "case:1", {"acts": [{"action": "referrals.send"}]}, "shared"),
        ("cases.something", "case:1", {"acts": [{"action": "vault.link"}]}, "linked"),
        ("emergencies.open", "case:1", {}, "emergency"),
        ("exchange.export", "", {"identities": ["a"] * 3}, "exported"),
        ("anything.new", "", {"identities": ["a"]}, "opened"),
        ("anything.new", "", {"identities": ["a", "b"]}, "listed"),
    ],
)
def test_an_event_has_its_act_code(action: str, target: str, details: dict[str, Any], act_code: str) -> None:
    assert access_history.act_code(AuditEvent(action=action, target=target, details=details)) == act_code


def test_the_number_of_queries_does_not_grow_with_the_history(
    case: Any, make_actor: Any, make_agency: Any, django_assert_max_num_queries: Any
) -> None:
    for _reader in range(4):
        worker = make_actor("caseworker", agency=make_agency())
        for _look in range(5):
            with audit.page(worker, "cases.view"):
                vault.read(worker, case.record)
    with django_assert_max_num_queries(6):
        access_history.list_accesses(case)


def test_the_role_is_the_one_held_at_the_time_of_access(case: Any, make_user: Any, make_agency: Any) -> None:
    user = make_user("caseworker", "analyst", agency=make_agency())
    worker = actor_for(user)
    with audit.page(worker, "cases.view"):
        vault.read(worker, case.record)
    user.assignments.all().delete()
    user.assignments.create(agency=make_agency(), role="administrator")
    assert ("caseworker", "opened", 1) in {line[1:] for line in acts(case)}


def test_an_event_without_roles_counts_as_staff_and_a_token_as_a_system() -> None:
    assert access_history.acting_role(AuditEvent(actor="user:aigul", details={})) == access_history.STAFF
    assert (
        access_history.acting_role(AuditEvent(actor="token:1", details={"acted_as": ["api:records"]}))
        == access_history.SYSTEM
    )
    assert access_history.acting_role(AuditEvent(actor="cli:schedule", details={})) == access_history.OPERATOR
    held = {"acted_as": ["analyst", "caseworker", "supervisor"]}
    assert access_history.acting_role(AuditEvent(actor="user:aigul", details=held)) == "caseworker"
    assert (
        access_history.acting_role(AuditEvent(actor="user:aigul", details={"acted_as": ["coordinator"]}))
        == "coordinator"
    )
