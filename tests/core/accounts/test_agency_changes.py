"""Moving and closing an agency: two people, no open work, and every record stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.core.accounts import operator_commands, role_requests, services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.agency_changes import ChangeDraft, decide_change, list_targets, request_change
from kerege.core.accounts.models import Agency, AgencyChange, PastRole, RoleRequest, User
from kerege.core.accounts.open_work import list_agency_work
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.core.integrations.models import SystemToken

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def tree(make_agency: Any, make_user: Any) -> dict[str, Agency]:
    """Return an agency, the one above it, the one below it, and another one, each with an administrator."""
    made: dict[str, Agency] = {code: make_agency(code, "ngo") for code in ("above", "own", "below", "other")}
    for name, parent in (("own", "above"), ("below", "own")):
        made[name].parent = made[parent]
        made[name].save()
    for code, agency in made.items():
        make_user("administrator", agency=agency, username=f"{code}-admin")
    return made


def admin(agency: Agency) -> Actor:
    return actor_for(User.objects.get(username=f"{agency.code}-admin"), agency)


def close(tree: dict[str, Agency], name: str = "below", **more: Any) -> AgencyChange:
    return request_change(admin(tree["own"]), tree[name], ChangeDraft("close", "order 12", **more))


def test_the_new_agency_above_agrees_to_a_move(tree: dict[str, Agency]) -> None:
    change = request_change(admin(tree["own"]), tree["below"], ChangeDraft("move", "order 12", target=tree["other"]))
    for code in ("own", "above"):
        with pytest.raises(Denied):
            decide_change(admin(tree[code]), change, give=True)
    decide_change(admin(tree["other"]), change, give=True)
    tree["below"].refresh_from_db()
    assert tree["below"].parent == tree["other"]
    # rights follow at once
    with pytest.raises(Denied):
        close(tree)


def test_no_agency_comes_below_itself(tree: dict[str, Agency]) -> None:
    assert set(list_targets(tree["own"], "move").values_list("code", flat=True)) == {"above", "other"}
    with pytest.raises(BadInput):
        request_change(admin(tree["above"]), tree["own"], ChangeDraft("move", "order", target=tree["below"]))
    # the tree changed between the request and the confirmation
    change = request_change(admin(tree["above"]), tree["own"], ChangeDraft("move", "order", target=tree["other"]))
    Agency.objects.filter(pk=tree["other"].pk).update(parent=tree["below"])
    with pytest.raises(BadInput):
        decide_change(admin(tree["other"]), change, give=True)
    assert AgencyChange.objects.get(pk=change.pk).outcome == ""


def test_an_administrator_moves_agencies_below_theirs_and_no_other(tree: dict[str, Agency]) -> None:
    for code in ("own", "above", "other"):
        if code != "other":
            with pytest.raises(Denied):
                request_change(admin(tree["other"]), tree[code], ChangeDraft("move", "order", target=tree["other"]))
    with pytest.raises(Denied):
        request_change(admin(tree["own"]), tree["own"], ChangeDraft("move", "order", target=tree["other"]))


def test_nobody_confirms_their_own_change(tree: dict[str, Agency]) -> None:
    change = close(tree)
    with pytest.raises(Denied):
        decide_change(admin(tree["own"]), change, give=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyChange.objects.filter(pk=change.pk).update(outcome="given", decided_by=change.asked_by)


def test_one_change_waits_at_a_time_and_a_refused_one_changes_nothing(tree: dict[str, Agency]) -> None:
    change = close(tree)
    with pytest.raises(BadInput):
        close(tree)
    decide_change(admin(tree["above"]), change, give=False)
    tree["below"].refresh_from_db()
    assert tree["below"].active
    assert close(tree).pk != change.pk


def test_an_agency_with_agencies_below_it_does_not_close(tree: dict[str, Agency]) -> None:
    with pytest.raises(Refused):
        request_change(admin(tree["above"]), tree["own"], ChangeDraft("close", "order"))


def test_closing_ends_roles_tokens_and_requests_and_keeps_the_rows(tree: dict[str, Agency], make_user: Any) -> None:
    worker = make_user("caseworker", agency=tree["below"], username="worker")
    both = make_user("caseworker", agency=tree["below"], username="both")
    both.assignments.create(agency=tree["other"], role="caseworker")
    now = timezone.now()
    token = SystemToken.objects.create(
        agency=tree["below"],
        name="x",
        digest=b"1",
        created_by="user:x",
        created_at=now,
        expires_at=now + timedelta(days=365),
    )
    waiting = RoleRequest.objects.create(user=worker, agency=tree["below"], role="supervisor", asked_by="user:x")
    change = close(tree, target=tree["own"])
    decide_change(admin(tree["above"]), change, give=True)
    row = Agency.objects.get(pk=tree["below"].pk)
    assert (row.active, row.accepting, row.successor, row.closed_on) == (
        *(False, False, tree["own"]),
        timezone.localdate(),
    )
    assert not worker.assignments.exists()
    assert [assignment.agency for assignment in both.assignments.all()] == [tree["other"]]
    token.refresh_from_db()
    waiting.refresh_from_db()
    assert token.revoked_at
    assert waiting.outcome == "refused"
    assert set(PastRole.objects.filter(agency=row).values_list("user__username", "role")) == {
        ("worker", "caseworker"),
        ("both", "caseworker"),
        ("below-admin", "administrator"),
    }
    details = AuditEvent.objects.get(action="agencies.confirm_change").details
    assert len(details["roles"]) == 3


def test_a_closed_agency_never_starts_again_by_a_role(tree: dict[str, Agency], make_user: Any) -> None:
    worker = make_user("caseworker", agency=tree["own"])
    decide_change(admin(tree["above"]), close(tree), give=True)
    tree["below"].refresh_from_db()
    user = User.objects.get(username="own-admin")
    request = RoleRequest.objects.create(user=user, agency=tree["below"], role="administrator", asked_by="user:x")
    with pytest.raises(BadInput):
        role_requests.decide(Actor.system("root"), request, give=True)
    with pytest.raises(BadInput):
        services.move_user(admin(tree["own"]), worker, tree["own"], tree["below"], ["caseworker"], "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.filter(pk=tree["below"].pk).update(active=True)


def test_a_closed_agency_is_neither_moved_nor_closed_again(tree: dict[str, Agency]) -> None:
    decide_change(admin(tree["above"]), close(tree), give=True)
    tree["below"].refresh_from_db()
    for kind in ("move", "close"):
        with pytest.raises(Denied):
            request_change(admin(tree["own"]), tree["below"], ChangeDraft(kind, "order", target=tree["other"]))


def test_the_operator_can_be_the_second_person(tree: dict[str, Agency]) -> None:
    change = close(tree)
    assert any(str(change.pk) in line and "below" in line for line in operator_commands.list_requests())
    assert operator_commands.decide("root", str(change.pk), give=True) == "close of the agency below: given"
    assert not Agency.objects.get(pk=tree["below"].pk).active


def test_a_national_agency_is_neither_moved_nor_closed_by_an_administrator(tree: dict[str, Agency]) -> None:
    Agency.objects.filter(pk=tree["other"].pk).update(national=True)
    for kind in ("move", "close"):
        with pytest.raises(Denied):
            request_change(admin(tree["other"]), tree["other"], ChangeDraft(kind, "order", target=tree["above"]))


def test_open_work_is_counted_and_names_no_record(tree: dict[str, Agency], make_user: Any) -> None:
    make_user("caseworker", agency=tree["below"])
    counts = {str(line.label): (line.count, line.blocks) for line in list_agency_work(tree["below"])}
    assert counts == {"users": (2, False)}
    assert list_agency_work(tree["above"])[0].blocks  # an agency below it
