"""The form of a person hides what the case page hides. Hidden parts are neither lost nor overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries import candidates
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.vault.queries.masking import GROUPS
from kerege.casework.vault.services.identities import newest
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.cases.pages import address, text
from tests.casework.conftest import CANARY, identity
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
SECRET = {"aliases": "Лақапшық", "birth": 'value="17"', "contact": "+7 701 000 11 22", "documents": "N12345678"}
IDENTITY = identity(
    names=[
        {"kind": "main", "given": "Айгүл", "family": CANARY},
        {"kind": "alias", "given": SECRET["aliases"]},
        {"kind": "alias", "given": "Екінші"},
    ],
    birth_date="1996-05-17",
    phones=[SECRET["contact"], "+7 2"],
    documents=[
        {"kind": "passport", "number": SECRET["documents"], "country": "KZ", "verified": True},
        {"kind": "other", "number": "7"},
    ],
    safe_contact="Mornings",
)


@pytest.fixture
def case(make_case: Callable[..., Any]) -> Case:
    """Return a case whose person has every part of an identity."""
    return make_case(None, IDENTITY)


def browser_data(response: Any) -> dict[str, Any]:
    """Return what a browser sends from the shown form: hidden fields and values."""
    form = response.context["form"]
    data = {field.name: field.value() or "" for field in form if field.name != "birth"}
    if "birth" in form.fields:
        parts = form["birth"].value()
        day = [parts[0].day, parts[0].month, parts[0].year] if parts and not isinstance(parts, list) else parts
        data |= dict(zip(("birth_day", "birth_month", "birth_year"), day or ["", "", ""], strict=True))
    token = re.findall(r'name="form_token" value="([^"]*)"', text(response))[0]
    version = response.context["form_version"]
    return data | {"form_token": token, "version": version, "revealed": response.context["open"]}


def reveals() -> list[list[str]]:
    """Return the groups of every reveal event, in order."""
    rows = AuditEvent.objects.filter(action="vault.reveal").order_by("pk")
    return [row.details["groups"] for row in rows]


def test_the_form_opens_with_nothing_that_is_hidden(browser: Any, case: Case) -> None:
    page = text(browser.get(address("edit-identity", case)))
    assert CANARY in page
    assert "Mornings" in page
    assert "1996" in page
    labels = re.findall(r"<label[^>]*>\s*([^<]+?)\s*<", page)
    assert {"Family name", "Gender", "Best language", "Citizenship", "Safe contact"} <= set(labels)
    assert not {"Telephone", "Document number", "Other name"} & set(labels)
    assert [words for words in SECRET.values() if words in page] == []
    assert reveals() == []


@pytest.mark.parametrize(
    "group", [pytest.param("documents", marks=pytest.mark.db), *sorted(GROUPS.keys() - {"documents"})]
)
def test_a_revealed_group_joins_the_typed_form_and_is_audited(group: str, browser: Any, case: Case) -> None:
    page = address("edit-identity", case)
    typed = browser_data(browser.get(page)) | {"given": "Typed", "show": group}
    answer = browser.post(page, typed)
    assert [name for name, words in SECRET.items() if words in text(answer)] == [group]
    assert 'value="Typed"' in text(answer)
    assert reveals() == [[group]]
    assert newest(case.record) == IDENTITY
    assert browser.post(page, browser_data(answer)).status_code == 302
    # revealed and hidden parts are unchanged
    names = [IDENTITY["names"][0] | {"given": "Typed"}, *IDENTITY["names"][1:]]
    assert newest(case.record) == IDENTITY | {"names": names}


@pytest.mark.db
def test_hidden_fields_cannot_be_written_by_a_forged_request(browser: Any, case: Case) -> None:
    forged = {"phone": "1", "document_number": "2", "alias": "3", "birth_year": "1970", "version": "1"}
    names = {"family": CANARY, "given": "Айгүл", "gender": "feminine", "citizenship": "KZ", "safe_contact": "Mornings"}
    assert browser.post(address("edit-identity", case), names | forged).status_code == 302
    assert newest(case.record) == IDENTITY


@pytest.mark.db
def test_a_user_without_the_case_reauthenticates_gives_a_reason_and_is_audited(
    case: Case, make_user: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    user, page = make_user("supervisor", password="кереге-шаңырақ-уық"), address("edit-identity", case)
    client = sign_in(user)
    just_now(client, user, ago=301)
    form_page = client.get(page)
    revealed = client.post(page, browser_data(form_page) | {"show": "documents"})
    assert "Confirm that it is you" in text(revealed)
    just_now(client, user)
    without_reason = client.post(page, browser_data(form_page) | {"show": "documents"})
    assert "Why do you need this?" in text(without_reason)
    assert SECRET["documents"] not in text(without_reason)
    assert reveals() == []
    revealed = client.post(page, browser_data(without_reason) | {"show": "documents", "reason": "supervision"})
    assert SECRET["documents"] in text(revealed)
    assert AuditEvent.objects.get(action="vault.reveal").details["reason"] == "supervision"
    assert client.post(page, browser_data(revealed) | {"document_number": "N9"}).status_code == 302
    assert newest(case.record)["documents"][0]["number"] == "N9"


@pytest.mark.db
def test_visible_fields_change_without_a_reason(
    case: Case, make_user: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    client, page = sign_in(make_user("supervisor")), address("edit-identity", case)
    assert client.post(page, browser_data(client.get(page)) | {"safe_contact": "Evenings"}).status_code == 302
    assert newest(case.record) == IDENTITY | {"safe_contact": "Evenings"}
    assert reveals() == []


@pytest.mark.db
def test_a_concurrent_entry_in_an_empty_group_is_shown_as_a_conflict(
    browser: Any, make_case: Callable[..., Any], operator: Actor
) -> None:
    case = make_case(person=identity())
    page = address("edit-identity", case)
    own_data = browser_data(browser.get(page)) | {"phone": "+7 1"}
    change_identity(operator, case, identity(phones=["+7 2"]))
    screen = browser.post(page, own_data)
    assert screen.status_code == 409
    assert [conflict.field.name for conflict in screen.context["conflicts"]] == ["phone"]
    assert reveals() == [["contact"]]
    assert newest(case.record)["phones"] == ["+7 2"]


@pytest.mark.parametrize(("typed", "has_warning"), [({"document_number": "N999"}, True), ({"given": "Typed"}, False)])
def test_a_draft_restores_no_hidden_field_and_warns_of_it(
    typed: dict[str, str], has_warning: bool, browser: Any, case: Case
) -> None:
    page = address("edit-identity", case)
    revealed = browser.post(page, browser_data(browser.get(page)) | {"show": "documents"})
    browser.post(page, browser_data(revealed) | typed, headers={"X-Kerege-Draft": "1"})
    reopened = text(browser.get(page))
    assert "Restored from" in reopened
    assert ("is not restored. Show the details" in reopened) is has_warning
    assert "N999" not in reopened
    assert SECRET["documents"] not in reopened


@pytest.mark.db
def test_a_form_without_fields_changes_nothing() -> None:
    assert identity_mapping.update_identity({}, IDENTITY) == IDENTITY


# -- the first name of a record ----------------------------------------------------------------------------------------
def test_the_first_name_of_a_record_is_checked_as_at_registration(browser: Any, make_case: Callable[..., Any]) -> None:
    known, case = make_case(), make_case(person={"names": []})
    page = address("edit-identity", case)
    named = {"family": "Kanareykina", "given": "Aigul", "birth_year": "1996", "version": case.version}
    answer = browser.post(page, named)
    assert answer.status_code == 200
    assert known.reference in text(answer)
    assert "<title>Is it one of these people?" in text(answer)
    assert newest(case.record) == {"names": []}
    data = named | {"shown": str(known.record_id)}
    assert browser.post(page, data | {"who": ""}).status_code == 200
    assert browser.post(page, data | {"who": f"open:{known.pk}"})["Location"] == address("case", known)
    assert newest(case.record) == {"names": []}
    response = browser.post(page, data | {"who": str(known.record_id)})
    assert response["Location"] == f"/en/work/merges/new/{known.record_id}/{case.record_id}/"
    assert newest(case.record)["names"][0]["family"] == "Kanareykina"
    assert newest(known.record)["names"][0]["family"] == CANARY


def test_the_question_about_a_known_person_is_asked_only_once(browser: Any, make_case: Callable[..., Any]) -> None:
    known, case = make_case(), make_case(person={"names": []})
    page = address("edit-identity", case)
    named = {"family": CANARY, "given": "Айгүл", "version": case.version, "shown": str(known.record_id), "who": "new"}
    assert browser.post(page, named)["Location"] == address("case", case)
    case.refresh_from_db()
    assert browser.post(page, {"family": CANARY, "given": "Aigul", "version": case.version}).status_code == 302


@pytest.mark.db
def test_a_record_is_no_candidate_for_itself(make_actor: Callable[..., Any], make_case: Callable[..., Any]) -> None:
    from kerege.core import audit

    case, actor = make_case(), make_actor("caseworker")
    with audit.act(actor, "test.look"):
        assert [candidate.record.pk for candidate in candidates.candidates(actor, IDENTITY)] == [case.record_id]
        assert candidates.candidates(actor, IDENTITY, without={case.record_id}) == []
