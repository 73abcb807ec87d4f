"""Documents, telephones, exact birth date and aliases are hidden until an audited reveal."""

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

pytestmark = pytest.mark.django_db
PASSWORD = "кереге-шаңырақ-уық"
SECRET = {
    "aliases": "Лақапшық",
    "birth": "17 May 1996",
    "contact": "+7 701 000 11 22",
    "documents": "N12345678",
}


@pytest.fixture
def case(make_case: Callable[..., Any]) -> Case:
    """Return a case whose person has a value in every hidden group."""
    names = [{"kind": "main", "given": "Айгүл", "family": CANARY}, {"kind": "alias", "given": SECRET["aliases"]}]
    person_identity = identity(
        names=names,
        birth_date="1996-05-17",
        phones=[SECRET["contact"]],
        documents=[{"kind": "passport", "number": SECRET["documents"]}],
    )
    return make_case(None, person_identity)


def person_tab_url(case: Case) -> str:
    return f"/en/work/cases/{case.pk}/?tab=person"


def reveal_groups(client: Any, case: Case, *groups: str, **more: str) -> Any:
    """Request the reveal of these groups."""
    return client.post(f"/en/work/cases/{case.pk}/reveal/", {"tab": "person", "group": list(groups)} | more)


@pytest.mark.db
def test_the_name_is_shown_and_the_rest_hidden(case: Case, make_user: Any, sign_in: Any) -> None:
    page = sign_in(make_user("caseworker")).get(person_tab_url(case)).content.decode()
    assert CANARY in page
    assert "1996" in page
    assert [words for words in SECRET.values() if words in page] == []


@pytest.mark.parametrize(
    "group", [pytest.param("documents", marks=pytest.mark.db), *sorted(GROUPS.keys() - {"documents"})]
)
def test_a_group_is_revealed_for_one_page_and_audited(group: str, case: Case, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    answer = reveal_groups(client, case, group)
    page = answer.content.decode()
    assert [name for name, words in SECRET.items() if words in page] == [group]
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(action="vault.reveal")
    assert (event.target, event.details["groups"]) == (f"identityrecord:{case.record_id}", [group])
    assert SECRET[group] not in str(event.details)
    assert SECRET[group] not in client.get(person_tab_url(case)).content.decode()


@pytest.mark.db
def test_a_supervisor_without_the_case_gives_a_reason(case: Case, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    html = reveal_groups(client, case, "documents").content.decode()
    assert "Why do you need this?" in html
    assert SECRET["documents"] not in html
    assert (
        SECRET["documents"]
        not in reveal_groups(client, case, "documents", asked="1", reason="nonsense").content.decode()
    )
    assert not AuditEvent.objects.filter(action="vault.reveal").exists()
    assert (
        SECRET["documents"]
        in reveal_groups(client, case, "documents", asked="1", reason="supervision").content.decode()
    )
    assert AuditEvent.objects.get(action="vault.reveal").details["reason"] == "supervision"


@pytest.mark.parametrize("role", ["caseworker", pytest.param("supervisor", marks=pytest.mark.db)])
def test_a_reveal_needs_reauthentication_once_in_five_minutes(
    role: str, case: Case, make_user: Any, sign_in: Any
) -> None:
    user = make_user(role, password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=301)
    why = {"asked": "1", "reason": "supervision"} if role == "supervisor" else {}
    page = reveal_groups(client, case, "documents", **why).content.decode()
    assert "Confirm that it is you" in page
    assert SECRET["documents"] not in page
    assert 'name="group" value="documents"' in page
    assert not AuditEvent.objects.filter(action="vault.reveal").exists()
    confirmed = {"step_up": "1", "step_up_secret": PASSWORD} | why
    assert SECRET["documents"] in reveal_groups(client, case, "documents", **confirmed).content.decode()
    assert SECRET["contact"] in reveal_groups(client, case, "contact", **why).content.decode()


@pytest.mark.db
def test_a_reveal_after_emergency_access_needs_no_second_reauthentication(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    other_agency_case = make_case(make_agency("owner", "ngo"), identity(phones=[SECRET["contact"]]))
    user = make_user("caseworker", password=PASSWORD)
    client = sign_in(user)
    just_now(client, user, ago=301)
    data = {"number": other_agency_case.reference, "kind": "at_the_door", "reason": "She is at the door and bleeding."}
    assert "Confirm that it is you" in client.post("/en/work/emergency/", data).content.decode()
    assert client.post("/en/work/emergency/", data | {"step_up": "1", "step_up_secret": PASSWORD}).status_code == 302
    assert SECRET["contact"] in reveal_groups(client, other_agency_case, "contact").content.decode()


@pytest.mark.db
def test_a_supervisor_assigned_to_the_case_gives_no_reason(
    case: Case, make_user: Any, sign_in: Any, operator: Actor
) -> None:
    user = make_user("supervisor")
    assignment.assign(operator, case, user)
    assert SECRET["documents"] in reveal_groups(sign_in(user), case, "documents").content.decode()


@pytest.mark.db
def test_an_officer_gives_a_reason_for_a_shared_case_and_sees_only_shared_data(
    make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, operator: Actor
) -> None:
    person_identity = identity(
        documents=[{"kind": "passport", "number": SECRET["documents"]}], phones=[SECRET["contact"]]
    )
    shared = make_case(make_agency("owner", "ngo"), person_identity)
    shares.share(operator, shared, make_agency(), "legal", categories=["identity"])
    client = sign_in(make_user("identifying_officer"))
    assert "Why do you need this?" in reveal_groups(client, shared, "documents", "contact").content.decode()
    page = reveal_groups(client, shared, "documents", "contact", asked="1", reason="decision").content.decode()
    assert SECRET["documents"] in page
    assert SECRET["contact"] not in page


@pytest.mark.db
def test_a_masked_value_shows_only_that_it_exists() -> None:
    person_identity = identity(birth_date="1996-05-17", phones=["1", "2"], address={"street": "x"}, email="a@b")
    masked_identity = masked(person_identity)
    assert hidden(person_identity) == ["birth", "contact"]
    assert (masked_identity["birth_date"], len(masked_identity["phones"]), masked_identity["address"]) == (
        "1996",
        2,
        {"street": "•••••"},
    )
    assert masked(person_identity, GROUPS) == person_identity
    assert hidden(identity(birth_date="1996")) == []
