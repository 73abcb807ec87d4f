"""Pages of the administrator: users and agencies, without passwords and cases."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.core.accounts.models import Agency, User
from kerege.core.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PAGE = "/en/account/users/"
AIDA = {"username": "aida", "full_name": "Aida", "language": "ru", "roles": ["caseworker"]}


@pytest.fixture
def admin(sign_in: Any, make_user: Any) -> Any:
    return sign_in(make_user("administrator", username="admin"))


def test_an_administrator_creates_a_user_who_chooses_their_password(admin: Any) -> None:
    page = admin.post(PAGE, AIDA).content.decode()
    made = User.objects.get(username="aida")
    assert not made.has_usable_password()
    assert "/ru/account/password/reset/key/" in page
    assert list(made.role_requests.values_list("role", "outcome")) == [("caseworker", "")]
    assert AuditEvent.objects.get(action="users.manage").target == f"user:{made.pk}"


@pytest.mark.parametrize("wrong", [{"roles": ["administrator", "caseworker"]}, {"username": "Аида"}, {"roles": []}])
def test_invalid_data_is_reported_and_creates_nothing(admin: Any, wrong: dict[str, Any]) -> None:
    page = admin.post(PAGE, AIDA | wrong)
    assert page.status_code == 200
    assert "govuk-error-summary" in page.content.decode()
    assert User.objects.count() == 1


def test_administrators_deactivate_other_users_but_not_themselves(admin: Any) -> None:
    admin.post(PAGE, AIDA)
    for user in User.objects.all():
        admin.post(f"{PAGE}{user.pk}/", {"active": "1"})
    assert dict(User.objects.values_list("username", "is_active")) == {"admin": True, "aida": False}


def test_a_new_link_is_shown_once(admin: Any) -> None:
    admin.post(PAGE, AIDA)
    user = User.objects.get(username="aida")
    assert "/password/reset/key/" in admin.post(f"{PAGE}{user.pk}/", {"link": "1"}).content.decode()
    assert "/password/reset/key/" not in admin.get(PAGE).content.decode()


def test_users_of_another_agency_are_hidden(admin: Any, make_user: Any, make_agency: Any) -> None:
    stranger = make_user("caseworker", agency=make_agency("other"), username="stranger")
    assert "stranger" not in admin.get(PAGE).content.decode()
    assert admin.post(f"{PAGE}{stranger.pk}/", {"link": "1"}).status_code == 404


def test_an_administrator_creates_an_agency_below_theirs(admin: Any) -> None:
    names = {f"name_{language}": f"Centre {language}" for language in ("kk", "ru", "en")}
    new = {"code": "astana", "kind": "crisis_centre", "username": "dana", "full_name": "Dana", "language": "kk"}
    assert "Choose the region" in admin.post("/en/account/agencies/", new | names).content.decode()
    new |= {"region": "71", "languages": ["kk", "ru"]}
    page = admin.post("/en/account/agencies/", new | names)
    assert "/kk/account/password/reset/key/" in page.content.decode()
    agency = Agency.objects.get(code="astana")
    assert agency.parent == Agency.objects.get(code="centre")
    assert list(agency.role_requests.values_list("user__username", "role")) == [("dana", "administrator")]
    assert (agency.active, agency.region, agency.languages) == (False, "71", ["kk", "ru"])


def test_a_user_moves_to_another_agency_where_an_administrator_confirms_the_roles(
    admin: Any, make_user: Any, make_agency: Any
) -> None:
    user, other = make_user("caseworker", username="aida"), make_agency("other", "ngo")
    page = f"{PAGE}{user.pk}/access/"
    assert "Move to another agency" in admin.get(page).content.decode()
    answer = admin.post(page, {"move": "1", "move-to": str(other.pk), "move-roles": ["supervisor"]}, follow=True)
    assert "Waits for a second person" in answer.content.decode()
    assert not user.assignments.exists()
    assert list(user.role_requests.values_list("agency__code", "role", "outcome")) == [("other", "supervisor", "")]
    assert list(user.past_roles.values_list("agency__code", "role")) == [("centre", "caseworker")]
    # the agency that the user left manages the account no more
    assert admin.get(page).status_code == 404


def test_a_move_with_a_role_that_does_not_fit_changes_nothing(admin: Any, make_user: Any, make_agency: Any) -> None:
    user, other = make_user("caseworker", username="aida"), make_agency("other", "court")
    answer = admin.post(
        f"{PAGE}{user.pk}/access/", {"move": "1", "move-to": str(other.pk), "move-roles": ["caseworker"]}, follow=True
    )
    assert "does not belong to this kind of agency" in answer.content.decode()
    assert list(user.assignments.values_list("role", flat=True)) == ["caseworker"]
    assert not user.role_requests.exists()
    assert not user.past_roles.exists()


def test_only_administrators_manage_users(sign_in: Any, make_user: Any) -> None:
    assert sign_in(make_user("supervisor")).get(PAGE).status_code == 403
