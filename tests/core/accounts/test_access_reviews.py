"""The review of access in each quarter: roles that nobody confirms end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.cases.models.notices import Notice
from kerege.core import audit
from kerege.core.accounts import access_reviews
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import AccessReview, Agency, RoleAssignment, User
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
START = timezone.now() + timedelta(hours=1)
AFTER = START + timedelta(days=active().roles.review_days + 1)
PAGE = "/en/account/access-review/"


@pytest.fixture
def centre(make_agency: Any, ministry: Agency) -> Agency:
    agency = make_agency("centre")
    Agency.objects.filter(pk=agency.pk).update(parent=ministry)
    return agency


@pytest.fixture
def admin(make_user: Any, centre: Agency) -> Actor:
    return actor_for(make_user("administrator", agency=centre, username="admin"), centre)


@pytest.fixture
def aida(make_user: Any, centre: Agency) -> User:
    return make_user("caseworker", "supervisor", agency=centre, username="aida")


def held() -> set[tuple[str, str]]:
    return set(RoleAssignment.objects.values_list("user__username", "role"))


def role(user: User, name: str) -> int:
    return user.assignments.get(role=name).pk


@pytest.mark.parametrize(
    ("day", "quarter"), [("2026-01-01", "2026-Q1"), ("2026-03-31", "2026-Q1"), ("2026-12-31", "2026-Q4")]
)
def test_a_quarter_has_three_months(day: str, quarter: str) -> None:
    assert access_reviews.quarter_of(datetime.fromisoformat(day).date()) == quarter


def test_roles_that_nobody_confirms_end_with_the_review(admin: Actor, aida: User) -> None:
    access_reviews.run_reviews(START)
    access_reviews.confirm(admin, [role(aida, "caseworker")])
    access_reviews.run_reviews(START + timedelta(days=1))
    assert ("aida", "supervisor") in held()
    access_reviews.run_reviews(AFTER)
    assert held() == {("admin", "administrator"), ("aida", "caseworker")}
    assert Notice.objects.filter(kind="roles_ended", role="administrator").exists()


def test_a_role_given_after_the_start_is_not_part_of_the_review(admin: Actor, aida: User, centre: Agency) -> None:
    access_reviews.run_reviews(START - timedelta(days=1))
    later = aida.assignments.create(agency=centre, role="first_responder")
    access_reviews.run_reviews(AFTER)
    assert RoleAssignment.objects.filter(pk=later.pk).exists()


def test_an_agency_keeps_its_last_administrator(admin: Actor) -> None:
    access_reviews.run_reviews(START)
    access_reviews.run_reviews(AFTER)
    assert held() == {("admin", "administrator")}


def test_of_several_administrators_whom_nobody_confirms_one_stays(admin: Actor, make_user: Any, centre: Agency) -> None:
    for number in range(2):
        make_user("administrator", agency=centre, username=f"admin{number}")
    access_reviews.run_reviews(START)
    access_reviews.run_reviews(AFTER)
    assert RoleAssignment.objects.filter(agency=centre, role="administrator").count() == 1


def test_nobody_confirms_their_own_role_or_roles_of_other_agencies(
    admin: Actor, ministry: Agency, make_user: Any
) -> None:
    stranger = make_user("analyst", agency=ministry, username="stranger")
    access_reviews.run_reviews(START)
    own = RoleAssignment.objects.get(user=admin.user_id)
    for number in (own.pk, role(stranger, "analyst")):
        with pytest.raises(Denied):
            access_reviews.confirm(admin, [number])


def test_an_administrator_above_confirms_the_administrators_below(
    admin: Actor, ministry: Agency, make_user: Any
) -> None:
    above = actor_for(make_user("administrator", agency=ministry, username="above"), ministry)
    access_reviews.run_reviews(START)
    assert access_reviews.confirm(above, [RoleAssignment.objects.get(user=admin.user_id).pk]) == 1


def test_the_review_states_when_a_role_was_last_used(admin: Actor, aida: User) -> None:
    access_reviews.run_reviews(timezone.now())
    rows = {row.assignment.role: row for row in access_reviews.roles_to_review(admin)}
    assert rows["caseworker"].last_used is None
    audit.record(actor_for(aida), "accounts.start")
    rows = {row.assignment.role: row for row in access_reviews.roles_to_review(admin)}
    assert rows["caseworker"].last_used is not None


def test_a_review_is_opened_once_a_quarter(admin: Actor) -> None:
    for _ in range(2):
        access_reviews.run_reviews(START)
    assert AccessReview.objects.count() == 1


def test_the_page_lists_and_confirms_the_roles_of_the_agency(sign_in: Any, admin: Actor, aida: User) -> None:
    access_reviews.run_reviews(timezone.now())
    browser = sign_in(User.objects.get(pk=admin.user_id))
    page = browser.get(PAGE).content.decode()
    assert "Caseworker" in page
    assert "never" in page
    assert browser.post(PAGE, {"role": ["999999"]}).status_code == 404
    browser.post(PAGE, {"role": [str(role(aida, "caseworker")), "x", "²", "9" * 5000]})
    assert list(AccessReview.objects.get().confirmed) == [str(role(aida, "caseworker"))]
