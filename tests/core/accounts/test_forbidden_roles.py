"""Roles held against the rules: listed, not confirmed, ended after 14 days, refused by the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.notices import Notice
from kerege.core import health
from kerege.core.accounts import access_reviews, forbidden_roles, role_requests, role_rules, role_triggers
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import AccessReview, Agency, RoleAssignment, RolePermission, User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NOW = timezone.now() + timedelta(hours=1)
PAGE = "/en/account/access-review/"


def days(number: float) -> Any:
    return NOW + timedelta(days=number)


@pytest.fixture
def ngo(make_agency: Any, ministry: Agency) -> Agency:
    agency = make_agency("small", kind="ngo")
    Agency.objects.filter(pk=agency.pk).update(parent=ministry)
    return agency


@pytest.fixture
def admin(make_user: Any, ngo: Agency) -> Actor:
    return actor_for(make_user("administrator", agency=ngo, username="admin"), ngo)


@pytest.fixture
def spy(make_user: Any, ngo: Agency) -> User:
    """Return a user whom an earlier version made a coordinator in an agency that is not national."""
    return make_user("coordinator", agency=ngo, username="spy")


def held() -> set[tuple[str, str]]:
    return set(RoleAssignment.objects.values_list("user__username", "role"))


def notices(kind: str) -> set[tuple[str, str]]:
    return {(row.agency.code, row.user.username if row.user else row.role) for row in Notice.objects.filter(kind=kind)}


def test_a_forbidden_role_is_not_confirmed_and_ends_with_the_review(admin: Actor, spy: User) -> None:
    access_reviews.run_reviews(NOW)
    role = spy.assignments.get()
    with pytest.raises(Refused, match="against the rules cannot be confirmed"):
        access_reviews.confirm(admin, [role.pk])
    assert AccessReview.objects.filter(confirmed={}).count() == AccessReview.objects.count()
    review = AccessReview.objects.get(agency=role.agency)
    review.confirmed = {str(role.pk): admin.label}  # by an earlier version, or before the rules changed
    review.save()
    access_reviews.run_reviews(days(active().roles.review_days + 1))
    assert held() == {("admin", "administrator")}


def test_a_forbidden_role_is_announced_once_and_ends_after_14_days(admin: Actor, spy: User, ministry: Agency) -> None:
    forbidden_roles.end_forbidden_roles(NOW)
    forbidden_roles.end_forbidden_roles(days(13.9))
    assert ("spy", "coordinator") in held()
    assert notices("role_forbidden") == {("small", "spy")}
    assert notices("roles_forbidden") == {("small", "administrator"), ("ministry", "auditor")}
    assert Notice.objects.filter(kind="roles_forbidden").count() == 2
    forbidden_roles.end_forbidden_roles(days(14))
    assert held() == {("admin", "administrator")}
    assert notices("forbidden_roles_ended") == {("small", "administrator"), ("ministry", "auditor")}
    assert [row.action for row in AuditEvent.objects.order_by("seq")] == ["access.forbid", "access.end_forbidden"]


def test_a_forbidden_role_gives_no_right_after_its_days_also_without_a_worker(spy: User, ngo: Agency) -> None:
    for days_ago, roles in ((13, {"coordinator"}), (14, set())):
        spy.assignments.update(forbidden_since=timezone.now() - timedelta(days=days_ago))
        assert actor_for(spy, ngo).roles == roles


def test_a_role_that_is_permitted_again_stays(spy: User, ngo: Agency) -> None:
    forbidden_roles.end_forbidden_roles(NOW)
    Agency.objects.filter(pk=ngo.pk).update(national=True)
    forbidden_roles.end_forbidden_roles(days(14))
    assert (held(), spy.assignments.get().forbidden_since) == ({("spy", "coordinator")}, None)


def test_an_agency_that_is_no_longer_national_loses_its_national_roles(make_user: Any, ministry: Agency) -> None:
    make_user("administrator", agency=ministry, username="boss")
    make_user("auditor", agency=ministry, username="auditor")
    Agency.objects.filter(pk=ministry.pk).update(national=False)
    forbidden_roles.end_forbidden_roles(NOW)
    forbidden_roles.end_forbidden_roles(days(14))
    assert held() == {("boss", "administrator")}


def test_of_two_roles_that_exclude_one_another_the_later_is_forbidden(make_user: Any, ministry: Agency) -> None:
    user = make_user("publisher", "analyst", agency=ministry)
    user.assignments.filter(role="publisher").update(since=days(-1))
    assert [row.role for row in forbidden_roles.list_forbidden()] == ["analyst"]
    user.assignments.filter(role="publisher").update(since=days(1))
    assert [row.role for row in forbidden_roles.list_forbidden()] == ["publisher"]


def test_the_last_administrator_keeps_that_role_and_loses_the_other(make_user: Any, ngo: Agency) -> None:
    user = make_user("caseworker", "administrator", agency=ngo)
    user.assignments.filter(role="administrator").update(since=days(1))
    assert [row.role for row in forbidden_roles.list_forbidden()] == ["caseworker"]


@pytest.fixture
def twins(make_user: Any, ngo: Agency) -> list[User]:
    """Return two caseworkers whom an earlier version also made administrators, the second one first."""
    users = [make_user("caseworker", "administrator", agency=ngo, username=name) for name in ("one", "two")]
    for user, later in zip(users, (2, 1), strict=True):
        user.assignments.filter(role="administrator").update(since=days(later))
    return users


def test_of_administrators_who_are_all_forbidden_the_first_one_stays(twins: list[User]) -> None:
    assert [(row.user.username, row.role) for row in forbidden_roles.list_forbidden()] == [
        ("one", "administrator"),
        ("two", "caseworker"),
    ]
    for day in (0, 15, 30):
        forbidden_roles.end_forbidden_roles(days(day))
    assert held() == {("one", "caseworker"), ("two", "administrator")}


def test_an_administrator_who_becomes_the_last_one_meanwhile_stays(
    twins: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden_roles.end_forbidden_roles(NOW)
    listed = forbidden_roles.list_forbidden()
    twins[1].assignments.all().delete()
    answers = iter([listed])
    list_again = forbidden_roles.list_forbidden
    monkeypatch.setattr(forbidden_roles, "list_forbidden", lambda: next(answers, None) or list_again())
    forbidden_roles.end_forbidden_roles(days(14))
    assert ("one", "administrator") in held()


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_review_keeps_the_only_administrator_who_may_hold_that_role(
    make_user: Any, ngo: Agency, names: tuple[str, str]
) -> None:
    for name in names:
        make_user(*(["caseworker"] if name == "b" else []), "administrator", agency=ngo, username=name)
    rows = RoleAssignment.objects.filter(role="administrator", user__username="b")
    rows.update(since=timezone.now() + timedelta(minutes=1))
    assert [row.pk for row in forbidden_roles.list_forbidden()] == [rows.get().pk]
    access_reviews.run_reviews(NOW)
    access_reviews.run_reviews(days(active().roles.review_days + 1))
    assert held() == {("a", "administrator")}


def test_the_page_lists_a_forbidden_role_without_a_review_and_offers_no_box(
    sign_in: Any, admin: Actor, spy: User
) -> None:
    browser = sign_in(User.objects.get(pk=admin.user_id))
    page = browser.get(PAGE).content.decode()
    assert "against the rules" in page
    assert 'name="role"' not in page
    answer = browser.post(PAGE, {"role": [str(spy.assignments.get().pk)]}, follow=True)
    assert "Nothing was confirmed" in answer.content.decode()


def test_doctor_reports_forbidden_roles_that_outlive_their_days_and_a_lost_trigger(spy: User) -> None:
    assert health.roles().state == "warn"
    spy.assignments.update(forbidden_since=timezone.now() - timedelta(days=16))
    assert health.roles().state == "fail"
    assert "coordinator of spy" in health.roles().words
    role_triggers.remove(connection)
    assert "triggers are missing" in health.roles().words
    role_triggers.install(connection)


def test_the_database_refuses_a_role_that_the_kind_of_agency_may_not_hold(
    make_user: Any, ngo: Agency, ministry: Agency
) -> None:
    role_rules.store_permissions()
    user = make_user("caseworker", agency=ngo)
    for role in ("coordinator", "analyst", "publisher", "minister", "auditor", "justice_officer"):
        with pytest.raises(IntegrityError), transaction.atomic():
            user.assignments.create(agency=ngo, role=role)
        with pytest.raises(IntegrityError), transaction.atomic():
            user.assignments.update(role=role)
    auditor = make_user("auditor", agency=ministry)
    with pytest.raises(IntegrityError), transaction.atomic():
        auditor.assignments.update(agency=ngo)
    with pytest.raises(BadInput, match="does not belong"):
        role_requests._give(user, ngo, "coordinator")


def test_the_table_of_permissions_follows_the_profile(db: None) -> None:
    role_rules.store_permissions()
    RolePermission.objects.filter(role="auditor").delete()
    RolePermission.objects.create(role="auditor", agency_kind="ngo")
    role_rules.store_permissions()
    assert list(RolePermission.objects.filter(role="auditor").values_list("agency_kind", flat=True)) == [""]
    assert not RolePermission.objects.filter(role="administrator").exists()  # every agency may have one
