"""The form of the person hides what the page of the case hides; shown or not, nothing is lost and nothing unseen."""

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

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SECRET = {"aliases": "Лақапшық", "birth": 'value="17"', "contact": "+7 701 000 11 22", "documents": "N12345678"}
TOLD = identity(
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
    """A case of the centre whose person has everything."""
    return make_case(None, TOLD)


def sent(answer: Any) -> dict[str, Any]:
    """What a browser sends of the form that it shows: hidden fields and values."""
    form = answer.context["form"]
    told = {field.name: field.value() or "" for field in form if field.name != "birth"}
    if "birth" in form.fields:
        parts = form["birth"].value()
        day = [parts[0].day, parts[0].month, parts[0].year] if parts and not isinstance(parts, list) else parts
        told |= dict(zip(("birth_day", "birth_month", "birth_year"), day or ["", "", ""], strict=True))
    token = re.findall(r'name="form_token" value="([^"]*)"', text(answer))[0]
    version = answer.context["form_version"]
    return told | {"form_token": token, "version": version, "revealed": answer.context["open"]}


def reveals() -> list[list[str]]:
    """The groups of every event of a reveal, in order."""
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


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_that_is_shown_stands_in_the_form_with_what_was_typed_and_leaves_an_event(
    group: str, browser: Any, case: Case
) -> None:
    page = address("edit-identity", case)
    typed = sent(browser.get(page)) | {"given": "Typed", "show": group}
    answer = browser.post(page, typed)
    assert [name for name, words in SECRET.items() if words in text(answer)] == [group]
    assert 'value="Typed"' in text(answer)
    assert reveals() == [[group]]
    assert newest(case.record) == TOLD
    assert browser.post(page, sent(answer)).status_code == 302
    # what was only looked at, and what was not, is as it was
    names = [TOLD["names"][0] | {"given": "Typed"}, *TOLD["names"][1:]]
    assert newest(case.record) == TOLD | {"names": names}


def test_what_was_not_shown_is_not_written_whatever_is_sent(browser: Any, case: Case) -> None:
    forged = {"phone": "1", "document_number": "2", "alias": "3", "birth_year": "1970", "version": "1"}
    names = {"family": CANARY, "given": "Айгүл", "gender": "feminine", "citizenship": "KZ", "safe_contact": "Mornings"}
    assert browser.post(address("edit-identity", case), names | forged).status_code == 302
    assert newest(case.record) == TOLD


def test_whoever_does_not_work_with_her_confirms_says_why_and_is_named(
    case: Case, make_user: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    user, page = make_user("supervisor", password="кереге-шаңырақ-уық"), address("edit-identity", case)
    client = sign_in(user)
    just_now(client, user, ago=301)
    opened = client.get(page)
    shown = client.post(page, sent(opened) | {"show": "documents"})
    assert "Confirm that it is you" in text(shown)
    just_now(client, user)
    silent = client.post(page, sent(opened) | {"show": "documents"})
    assert "Why do you need this?" in text(silent)
    assert SECRET["documents"] not in text(silent)
    assert reveals() == []
    shown = client.post(page, sent(silent) | {"show": "documents", "reason": "supervision"})
    assert SECRET["documents"] in text(shown)
    assert AuditEvent.objects.get(action="vault.reveal").details["reason"] == "supervision"
    assert client.post(page, sent(shown) | {"document_number": "N9"}).status_code == 302
    assert newest(case.record)["documents"][0]["number"] == "N9"


def test_she_changes_the_rest_without_saying_why(
    case: Case, make_user: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    client, page = sign_in(make_user("supervisor")), address("edit-identity", case)
    assert client.post(page, sent(client.get(page)) | {"safe_contact": "Evenings"}).status_code == 302
    assert newest(case.record) == TOLD | {"safe_contact": "Evenings"}
    assert reveals() == []


def test_what_a_colleague_wrote_into_a_group_that_was_empty_is_chosen_from_in_the_open(
    browser: Any, make_case: Callable[..., Any], operator: Actor
) -> None:
    case = make_case(told=identity())
    page = address("edit-identity", case)
    mine = sent(browser.get(page)) | {"phone": "+7 1"}
    change_identity(operator, case, identity(phones=["+7 2"]))
    screen = browser.post(page, mine)
    assert screen.status_code == 409
    assert [conflict.field.name for conflict in screen.context["conflicts"]] == ["phone"]
    assert reveals() == [["contact"]]
    assert newest(case.record)["phones"] == ["+7 2"]


@pytest.mark.parametrize(("typed", "is_told"), [({"document_number": "N999"}, True), ({"given": "Typed"}, False)])
def test_a_draft_shows_nothing_that_is_hidden_and_says_what_it_does_not_restore(
    typed: dict[str, str], is_told: bool, browser: Any, case: Case
) -> None:
    page = address("edit-identity", case)
    shown = browser.post(page, sent(browser.get(page)) | {"show": "documents"})
    browser.post(page, sent(shown) | typed, headers={"X-Kerege-Draft": "1"})
    again = text(browser.get(page))
    assert "Restored from" in again
    assert ("is not restored. Show them" in again) is is_told
    assert "N999" not in again
    assert SECRET["documents"] not in again


def test_a_form_that_shows_nothing_changes_nothing() -> None:
    assert identity_mapping.told({}, TOLD) == TOLD


# -- the first name of a record ----------------------------------------------------------------------------------------
def test_a_first_name_is_looked_for_as_at_registration(browser: Any, make_case: Callable[..., Any]) -> None:
    known, case = make_case(), make_case(told={"names": []})
    page = address("edit-identity", case)
    named = {"family": "Kanareykina", "given": "Aigul", "birth_year": "1996", "version": case.version}
    answer = browser.post(page, named)
    assert answer.status_code == 200
    assert known.reference in text(answer)
    assert "<title>Is it one of these people?" in text(answer)
    assert newest(case.record) == {"names": []}
    told = named | {"shown": str(known.record_id)}
    assert browser.post(page, told | {"who": ""}).status_code == 200
    assert browser.post(page, told | {"who": f"open:{known.pk}"})["Location"] == address("case", known)
    assert newest(case.record) == {"names": []}
    joined = browser.post(page, told | {"who": str(known.record_id)})
    assert joined["Location"] == f"/en/work/merges/new/{known.record_id}/{case.record_id}/"
    assert newest(case.record)["names"][0]["family"] == "Kanareykina"
    assert newest(known.record)["names"][0]["family"] == CANARY


def test_somebody_else_is_named_at_once_and_asked_about_once(browser: Any, make_case: Callable[..., Any]) -> None:
    known, case = make_case(), make_case(told={"names": []})
    page = address("edit-identity", case)
    named = {"family": CANARY, "given": "Айгүл", "version": case.version, "shown": str(known.record_id), "who": "new"}
    assert browser.post(page, named)["Location"] == address("case", case)
    case.refresh_from_db()
    assert browser.post(page, {"family": CANARY, "given": "Aigul", "version": case.version}).status_code == 302


def test_a_record_is_no_card_of_its_own(make_actor: Callable[..., Any], make_case: Callable[..., Any]) -> None:
    from kerege.core import audit

    case, actor = make_case(), make_actor("caseworker")
    with audit.act(actor, "test.look"):
        assert [one.record.pk for one in candidates.candidates(actor, TOLD)] == [case.record_id]
        assert candidates.candidates(actor, TOLD, without={case.record_id}) == []
