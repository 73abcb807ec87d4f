"""Documents, telephones, the exact birth date and other names are hidden until somebody asks; asking is an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import assignment, shares
from kerege.casework.vault.queries.masking import GROUPS, hidden, masked
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY, identity
from tests.django_fixtures import just_now

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PASSWORD = "кереге-шаңырақ-уық"
SECRET = {
    "aliases": "Лақапшық",
    "birth": "17 May 1996",
    "contact": "+7 701 000 11 22",
    "documents": "N12345678",
}


@pytest.fixture
def case(make_case: Callable[..., Any]) -> Case:
    """A case of the centre whose person has everything."""
    names = [{"kind": "main", "given": "Айгүл", "family": CANARY}, {"kind": "alias", "given": SECRET["aliases"]}]
    told = identity(
        names=names,
        birth_date="1996-05-17",
        phones=[SECRET["contact"]],
        documents=[{"kind": "passport", "number": SECRET["documents"]}],
    )
    return make_case(None, told)


def tab(case: Case) -> str:
    return f"/en/work/cases/{case.pk}/?tab=person"


def ask(client: Any, case: Case, *groups: str, **more: str) -> Any:
    """Press the button of these groups."""
    return client.post(f"/en/work/cases/{case.pk}/reveal/", {"tab": "person", "group": list(groups)} | more)


def test_the_name_is_shown_and_the_rest_hidden(case: Case, make_user: Any, sign_in: Any) -> None:
    page = sign_in(make_user("caseworker")).get(tab(case)).content.decode()
    assert CANARY in page
    assert "1996" in page
    assert [words for words in SECRET.values() if words in page] == []


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_shown_on_request_for_one_page_and_leaves_an_event(
    group: str, case: Case, make_user: Any, sign_in: Any
) -> None:
    client = sign_in(make_user("caseworker"))
    answer = ask(client, case, group)
    page = answer.content.decode()
    assert [name for name, words in SECRET.items() if words in page] == [group]
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(action="vault.reveal")
    assert (event.target, event.details["groups"]) == (f"identityrecord:{case.record_id}", [group])
    assert SECRET[group] not in str(event.details)
    assert SECRET[group] not in client.get(tab(case)).content.decode()


def test_a_supervisor_who_does_not_carry_the_case_says_why(case: Case, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    asked = ask(client, case, "documents").content.decode()
    assert "Why do you need this?" in asked
    assert SECRET["documents"] not in asked
    assert SECRET["documents"] not in ask(client, case, "documents", asked="1", reason="nonsense").content.decode()
    assert not AuditEvent.objects.filter(action="vault.reveal").exists()
    assert SECRET["documents"] in ask(client, case, "documents", asked="1", reason="supervision").content.decode()
    assert AuditEvent.objects.get(action="vault.reveal").details["reason"] == "supervision"


@pytest.mark.parametrize("role", ["caseworker", "supervisor"])
def test_a_reveal_asks_again_who_is_there_and_once_in_five_minutes(
    role: str, case: Case, make_user: Any, sign_in: Any
) -> None:
    user = make_user(role, password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=301)
    why = {"asked": "1", "reason": "supervision"} if role == "supervisor" else {}
    page = ask(client, case, "documents", **why).content.decode()
    assert "Confirm that it is you" in page
    assert SECRET["documents"] not in page
    assert 'name="group" value="documents"' in page
    assert not AuditEvent.objects.filter(action="vault.reveal").exists()
    confirmed = {"step_up": "1", "step_up_secret": PASSWORD} | why
    assert SECRET["documents"] in ask(client, case, "documents", **confirmed).content.decode()
    assert SECRET["contact"] in ask(client, case, "contact", **why).content.decode()


def test_whoever_opened_a_case_in_an_emergency_has_just_confirmed_and_is_not_asked_again(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    far = make_case(make_agency("owner", "ngo"), identity(phones=[SECRET["contact"]]))
    user = make_user("caseworker", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=301)
    told = {"number": far.reference, "kind": "at_the_door", "reason": "She is at the door and bleeding."}
    assert "Confirm that it is you" in client.post("/en/work/emergency/", told).content.decode()
    assert client.post("/en/work/emergency/", told | {"step_up": "1", "step_up_secret": PASSWORD}).status_code == 302
    assert SECRET["contact"] in ask(client, far, "contact").content.decode()


def test_a_supervisor_who_carries_the_case_is_not_asked(
    case: Case, make_user: Any, sign_in: Any, operator: Actor
) -> None:
    user = make_user("supervisor")
    assignment.assign(operator, case, user)
    assert SECRET["documents"] in ask(sign_in(user), case, "documents").content.decode()


def test_an_officer_gives_a_reason_for_a_shared_case_and_sees_no_more_than_is_shared(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, operator: Actor
) -> None:
    told = identity(documents=[{"kind": "passport", "number": SECRET["documents"]}], phones=[SECRET["contact"]])
    shared = make_case(make_agency("owner", "ngo"), told)
    shares.share(operator, shared, make_agency(), "legal", categories=["identity"])
    client = sign_in(make_user("identifying_officer"))
    assert "Why do you need this?" in ask(client, shared, "documents", "contact").content.decode()
    page = ask(client, shared, "documents", "contact", asked="1", reason="decision").content.decode()
    assert SECRET["documents"] in page
    assert SECRET["contact"] not in page


def test_what_is_masked_says_that_something_is_known_and_nothing_else() -> None:
    told = identity(birth_date="1996-05-17", phones=["1", "2"], address={"street": "x"}, email="a@b")
    seen = masked(told)
    assert hidden(told) == ["birth", "contact"]
    assert (seen["birth_date"], len(seen["phones"]), seen["address"]) == ("1996", 2, {"street": "•••••"})
    assert masked(told, GROUPS) == told
    assert hidden(identity(birth_date="1996")) == []
