"""Role governance: which agency may hold which role, and what needs a second person."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.notices import Notice
from kerege.core.accounts import role_requests, role_rules, services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, Role, RoleAssignment, RoleRequest, User
from kerege.core.accounts.services import NewAgency, NewUser
from kerege.core.authorization import Actor, Denied
from tests import second_factor

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
NATIONAL = ["analyst", "auditor", "coordinator", "minister", "publisher"]
OFFICERS = ["administrator", "identifying_officer", "justice_officer"]
OPERATOR = Actor.system("root")


@pytest.fixture
def ngo(make_agency: Any, ministry: Agency) -> Agency:
    agency = make_agency("small", kind="ngo")
    Agency.objects.filter(pk=agency.pk).update(parent=ministry)
    agency.refresh_from_db()
    return agency


@pytest.fixture
def admin(make_user: Any, ngo: Agency) -> Actor:
    return actor_for(make_user("administrator", agency=ngo, username="ngo-admin"), ngo)


@pytest.fixture
def second(make_user: Any, ngo: Agency) -> Actor:
    return actor_for(make_user("administrator", agency=ngo, username="ngo-second"), ngo)


@pytest.fixture
def national(make_user: Any, ministry: Agency) -> Actor:
    return actor_for(make_user("administrator", agency=ministry, username="national-admin"), ministry)


@pytest.fixture
def aida(make_user: Any, ngo: Agency) -> User:
    """Return a caseworker whose link no administrator of today has seen."""
    return make_user("caseworker", agency=ngo, username="aida")


def roles_of(user: User) -> set[str]:
    return set(user.assignments.values_list("role", flat=True))


def open_request(user: User, role: str) -> RoleRequest:
    return RoleRequest.objects.get(user=user, role=role, outcome="")


@pytest.mark.parametrize("role", NATIONAL)
def test_an_administrator_of_a_child_agency_cannot_ask_for_a_national_role(
    admin: Actor, ngo: Agency, aida: User, role: str
) -> None:
    with pytest.raises(BadInput, match="does not belong to this kind of agency"):
        services.change_roles(admin, aida, ngo, [role])
    with pytest.raises(BadInput):
        services.add_user(admin, ngo, NewUser("spy", "Spy"), [role])
    assert not RoleRequest.objects.exists()
    assert not User.objects.filter(username="spy").exists()


def test_the_form_of_an_agency_offers_only_its_roles(sign_in: Any, admin: Actor) -> None:
    page = sign_in(User.objects.get(pk=admin.user_id)).get("/en/account/users/").content.decode()
    offered = [role for role in Role.values if f'value="{role}"' in page]
    assert offered == [
        "first_responder",
        "caseworker",
        "supervisor",
        "identifying_officer",
        "administrator",
        "secretary",
    ]


def test_an_administrator_gives_an_ordinary_role_alone_to_an_account_of_others(
    admin: Actor, ngo: Agency, aida: User
) -> None:
    assert services.change_roles(admin, aida, ngo, ["caseworker", "supervisor"]) == []
    assert roles_of(aida) == {"caseworker", "supervisor"}


def test_an_account_whose_link_the_administrator_saw_waits_for_a_second_person(
    admin: Actor, second: Actor, ngo: Agency
) -> None:
    services.add_user(admin, ngo, NewUser("spy", "Spy"), ["caseworker"])
    spy = User.objects.get(username="spy")
    assert roles_of(spy) == set()
    assert services.change_roles(admin, spy, ngo, ["caseworker"]) == ["caseworker"]
    with pytest.raises(Denied):
        role_requests.decide(admin, open_request(spy, "caseworker"), give=True)
    role_requests.decide(second, open_request(spy, "caseworker"), give=True)
    assert roles_of(spy) == {"caseworker"}


def test_a_later_link_of_another_administrator_does_not_hide_who_made_the_account(
    admin: Actor, second: Actor, ngo: Agency
) -> None:
    services.add_user(admin, ngo, NewUser("spy", "Spy"), ["caseworker"])
    spy = User.objects.get(username="spy")
    services.new_link(second, spy)
    spy.refresh_from_db()
    assert spy.link_by_id == second.user_id
    for actor in (admin, second):
        assert services.change_roles(actor, spy, ngo, ["supervisor"]) == ["supervisor"]
    assert roles_of(spy) == set()
    assert set(spy.links.values_list("by", flat=True)) == {admin.user_id, second.user_id}


def test_a_link_of_the_operator_binds_no_administrator(admin: Actor, ngo: Agency, aida: User) -> None:
    aida.links.create(by=None)
    assert services.change_roles(admin, aida, ngo, ["caseworker", "supervisor"]) == []


@pytest.mark.parametrize("role", ["identifying_officer", "administrator"])
def test_officers_and_administrators_wait_for_a_national_administrator(
    admin: Actor, second: Actor, national: Actor, ngo: Agency, make_user: Any, role: str
) -> None:
    user = make_user(agency=ngo, username="new")
    RoleRequest.objects.create(user=user, agency=ngo, role="caseworker", asked_by="user:x", outcome="refused")
    assert services.change_roles(admin, user, ngo, [role]) == [role]
    for wrong in (admin, second):
        with pytest.raises(Denied):
            role_requests.decide(wrong, open_request(user, role), give=True)
    role_requests.decide(national, open_request(user, role), give=True)
    assert roles_of(user) == {role}


def test_a_national_role_takes_two_administrators_of_national_agencies(
    national: Actor, ministry: Agency, make_user: Any
) -> None:
    colleague = make_user("supervisor", agency=ministry, username="colleague")
    assert services.change_roles(national, colleague, ministry, ["supervisor", "coordinator"]) == ["coordinator"]
    with pytest.raises(Denied):
        role_requests.decide(national, open_request(colleague, "coordinator"), give=True)
    other = actor_for(make_user("administrator", agency=ministry, username="other-admin"), ministry)
    role_requests.decide(other, open_request(colleague, "coordinator"), give=True)
    assert roles_of(colleague) == {"supervisor", "coordinator"}


def test_the_operator_can_be_the_second_person(national: Actor, ministry: Agency) -> None:
    services.add_user(national, ministry, NewUser("first", "First"), ["caseworker"])
    user = User.objects.get(username="first")
    role_requests.decide(OPERATOR, open_request(user, "caseworker"), give=True)
    assert roles_of(user) == {"caseworker"}


def test_nobody_confirms_a_role_for_themselves(national: Actor, ministry: Agency, make_user: Any) -> None:
    user = make_user("administrator", agency=ministry, username="both")
    request = RoleRequest.objects.create(user=user, agency=ministry, role="supervisor", asked_by=national.label)
    with pytest.raises(Denied):
        role_requests.decide(actor_for(user, ministry), request, give=True)


def test_the_database_refuses_a_role_that_one_person_asked_for_and_gave(ngo: Agency, aida: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleRequest.objects.create(
            user=aida, agency=ngo, role="supervisor", asked_by="user:a", decided_by="user:a", outcome="given"
        )


def test_a_request_is_decided_once(national: Actor, admin: Actor, ngo: Agency, aida: User) -> None:
    services.change_roles(admin, aida, ngo, ["caseworker", "identifying_officer"])
    request = open_request(aida, "identifying_officer")
    role_requests.decide(national, request, give=False)
    with pytest.raises(Refused, match="decided already"):
        role_requests.decide(national, request, give=True)
    assert roles_of(aida) == {"caseworker"}


def test_a_new_agency_starts_when_a_national_administrator_confirms_its_administrator(
    admin: Actor, second: Actor, national: Actor, ngo: Agency
) -> None:
    names = dict.fromkeys(("kk", "ru", "en"), "Court")
    services.add_agency(admin, ngo, NewAgency("court", "court", names), NewUser("judge", "Judge"))
    court, judge = Agency.objects.get(code="court"), User.objects.get(username="judge")
    assert not court.active
    assert roles_of(judge) == set()
    with pytest.raises(Denied):
        role_requests.decide(second, open_request(judge, "administrator"), give=True)
    role_requests.decide(national, open_request(judge, "administrator"), give=True)
    court.refresh_from_db()
    assert (court.active, court.national) == (True, False)
    assert roles_of(judge) == {"administrator"}


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("auditor", "analyst"),
        ("administrator", "caseworker"),
        ("minister", "publisher"),
        ("publisher", "analyst"),
        ("coordinator", "caseworker"),
    ],
)
def test_one_person_does_not_combine_separated_duties(
    national: Actor, ministry: Agency, make_user: Any, held: str, asked: str
) -> None:
    user = make_user(held, agency=ministry, username="many")
    with pytest.raises(BadInput, match="may not hold both roles"):
        services.change_roles(national, user, ministry, [held, asked])


def test_separated_duties_hold_across_agencies(admin: Actor, ngo: Agency, ministry: Agency, make_user: Any) -> None:
    user = make_user("coordinator", agency=ministry, username="two")
    user.assignments.create(agency=ngo, role="supervisor")
    with pytest.raises(BadInput, match="may not hold both roles"):
        services.change_roles(admin, user, ngo, ["supervisor", "caseworker"])


def test_a_link_to_an_account_without_second_factor_suspends_its_roles(admin: Actor, ngo: Agency, aida: User) -> None:
    services.new_link(admin, aida)
    assert roles_of(aida) == set()
    assert open_request(aida, "caseworker").asked_by == admin.label


def test_a_link_to_an_account_with_second_factor_keeps_its_roles(admin: Actor, aida: User) -> None:
    second_factor.activate(aida)
    services.new_link(admin, aida)
    assert roles_of(aida) == {"caseworker"}


def test_an_administrator_does_not_take_over_a_user_of_two_agencies(
    admin: Actor, ngo: Agency, ministry: Agency, make_user: Any
) -> None:
    user = make_user("coordinator", agency=ministry, username="two")
    user.assignments.create(agency=ngo, role="supervisor")
    for act in (lambda: services.new_link(admin, user), lambda: services.set_active(admin, user, False)):
        with pytest.raises(Refused, match="also works in another agency"):
            act()


def test_a_post_without_roles_changes_nothing(sign_in: Any, admin: Actor, aida: User) -> None:
    browser = sign_in(User.objects.get(pk=admin.user_id))
    browser.post(f"/en/account/users/{aida.pk}/access/", {})
    assert roles_of(aida) == {"caseworker"}
    browser.post(f"/en/account/users/{aida.pk}/access/", {"remove": "1"})
    assert roles_of(aida) == set()


def test_the_holder_and_the_national_agency_are_notified(
    admin: Actor, national: Actor, ngo: Agency, ministry: Agency, aida: User
) -> None:
    services.change_roles(admin, aida, ngo, ["caseworker", "identifying_officer"])
    assert Notice.objects.filter(agency=ministry, role="administrator", kind="role_requested").exists()
    role_requests.decide(national, open_request(aida, "identifying_officer"), give=True)
    assert Notice.objects.filter(user=aida, kind="role_given").exists()
    assert Notice.objects.filter(agency=ministry, role="auditor", kind="role_given_below").exists()


def test_roles_against_the_rules_are_listed(ngo: Agency, aida: User) -> None:
    RoleAssignment.objects.create(user=aida, agency=ngo, role="coordinator")
    assert role_rules.violations() == ["aida: coordinator with caseworker", "aida: coordinator in small"]


def test_the_page_of_requests_shows_a_request_to_the_second_person_alone(
    sign_in: Any, admin: Actor, second: Actor, ngo: Agency, client: Any
) -> None:
    services.add_user(admin, ngo, NewUser("spy", "Spy"), ["caseworker"])
    request = open_request(User.objects.get(username="spy"), "caseworker")
    page = "/en/account/role-requests/"
    assert str(request.pk) not in sign_in(User.objects.get(pk=admin.user_id)).get(page).content.decode()
    assert client.post(page, {"request": str(request.pk), "give": "1"}).status_code == 404
    browser = sign_in(User.objects.get(pk=second.user_id))
    assert str(request.pk) in browser.get(page).content.decode()
    browser.post(page, {"request": str(request.pk), "give": "1"})
    assert roles_of(request.user) == {"caseworker"}


def test_a_refusal_of_a_service_is_a_message_and_no_error(sign_in: Any, admin: Actor) -> None:
    """An administrator posts their own roles, or a form about themselves."""
    browser = sign_in(User.objects.get(pk=admin.user_id))
    for path, typed in (
        (f"{admin.user_id}/access/", {"roles": ["supervisor"]}),
        (f"{admin.user_id}/access/", {"remove": "1"}),
    ):
        page = browser.post(f"/en/account/users/{path}", typed, follow=True)
        assert page.status_code == 200
        assert "cannot change your own roles" in page.content.decode()


def test_the_home_page_of_the_second_person_names_the_waiting_requests(
    sign_in: Any, admin: Actor, national: Actor, ngo: Agency, aida: User
) -> None:
    services.change_roles(admin, aida, ngo, ["caseworker", "identifying_officer"])
    page = sign_in(User.objects.get(pk=national.user_id)).get("/en/work/").content.decode()
    assert "roles wait for your confirmation" in page
    assert page.index(">1<") < page.index("roles wait for your confirmation")
