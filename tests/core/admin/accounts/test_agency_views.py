"""Page of the details of an agency."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kerege.core.accounts.models import Agency, AgencyChange, RoleRequest, User

pytestmark = pytest.mark.django_db
NAMES = {f"name_{language}": f"New {language}" for language in ("kk", "ru", "en")}


@pytest.fixture
def admin(sign_in: Any, make_user: Any) -> Any:
    return sign_in(make_user("administrator"))


def test_an_administrator_changes_the_details_of_their_agency(admin: Any) -> None:
    agency = Agency.objects.get(code="centre")
    page = f"/en/account/agencies/{agency.pk}/"
    assert page in admin.get("/en/account/agencies/").content.decode()
    assert 'value="centre en"' in admin.get(page).content.decode()
    listed = admin.post(page, NAMES | {"region": "19", "languages": ["kk"]}, follow=True).content.decode()
    assert "The details of the agency are changed." in listed
    assert "no second administrator" in listed
    agency.refresh_from_db()
    assert (agency.names["ru"], agency.region, agency.languages, agency.kind) == (
        "New ru",
        "19",
        ["kk"],
        "crisis_centre",
    )


def test_a_name_is_required(admin: Any) -> None:
    agency = Agency.objects.get(code="centre")
    answer = admin.post(f"/en/account/agencies/{agency.pk}/", NAMES | {"name_kk": ""})
    assert answer.status_code == 200
    agency.refresh_from_db()
    assert agency.names["en"] == "centre en"


def decide(browser: Any, row: AgencyChange | RoleRequest) -> str:
    """Confirm a request on the page of requests; return its text."""
    kind = {"change": "1"} if isinstance(row, AgencyChange) else {}
    answer = browser.post("/en/account/role-requests/", {"request": row.pk, "give": "1"} | kind, follow=True)
    return str(answer.content.decode())


def test_agencies_are_added_moved_and_closed_and_users_move_through_the_pages(
    sign_in: Any, make_user: Any, make_agency: Any
) -> None:
    own, other = make_agency("own", "ngo"), make_agency("other", "ngo")
    boss, elsewhere, third = (
        sign_in(make_user("administrator", agency=agency, username=name), Client())
        for agency, name in ((own, "boss"), (other, "elsewhere"), (other, "third"))
    )
    # an agency below, with its administrator
    below = {"code": "below", "kind": "ngo", "region": "19", "languages": ["kk"], "username": "dana"}
    page = boss.post("/en/account/agencies/", NAMES | below | {"full_name": "Dana", "language": "kk"}, follow=True)
    assert "/password/reset/key/" in page.content.decode()
    agency = Agency.objects.get(code="below")
    assert agency.parent == own
    # it moves when the administrator of the new agency above agrees
    asked = {"target": other.pk, "act": "Order 12"}
    page = boss.post(f"/en/account/agencies/{agency.pk}/move/", asked, follow=True).content.decode()
    assert "The request waits for a second person." in page
    assert "Order 12" in elsewhere.get("/en/account/role-requests/").content.decode()
    request = {"request": AgencyChange.objects.get().pk, "change": "1"}
    assert elsewhere.post("/en/account/role-requests/", request).status_code == 404  # no button: not refused
    assert "The agency is changed." in decide(elsewhere, AgencyChange.objects.get())
    agency.refresh_from_db()
    assert agency.parent == other
    # a worker moves to another agency: the account stays, the roles wait for its administrator
    worker = make_user("caseworker", agency=own, username="worker")
    moved = {"move": "1", "move-to": other.pk, "move-roles": ["caseworker"]}
    boss.post(f"/en/account/users/{worker.pk}/access/", moved)
    assert not worker.assignments.filter(agency=own).exists()
    assert "The role is given." in decide(elsewhere, RoleRequest.objects.get(user=worker, outcome=""))
    assert worker.assignments.get().agency == other
    elsewhere.post(f"/en/account/users/{worker.pk}/access/", {"remove": "1"})
    assert not worker.assignments.exists()
    assert User.objects.get(pk=worker.pk).past_roles.count() == 2
    # an agency with another one below it does not close; the one below closes, and its row stays
    page = elsewhere.get(f"/en/account/agencies/{other.pk}/close/").content.decode()
    assert "The agency can close when the lines marked" in page
    elsewhere.post(f"/en/account/agencies/{agency.pk}/close/", {"act": "Order 13", "target": other.pk})
    closing = AgencyChange.objects.get(kind="close")
    assert "Order 13" not in boss.get("/en/account/role-requests/").content.decode()
    assert "The agency is changed." in decide(third, closing)
    agency.refresh_from_db()
    assert agency.closed_on
    assert not agency.active
    assert not User.objects.get(username="dana").assignments.exists()
