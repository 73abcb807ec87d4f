"""The interface: tokens, scopes, repeated requests, and answers as they are described."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kerege.casework.intake.models import Signal
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import open_text
from kerege.core.accounts import attempts
from kerege.core.audit.models import AuditEvent
from kerege.core.integrations.scopes import SCOPES
from tests.casework.exchange.api.api_driver import SIGNAL, Caller

pytestmark = pytest.mark.django_db


def test_a_signal_is_sent_and_followed_without_its_content(caller: Any) -> None:
    system = caller()
    answer = system.post("/signals/", SIGNAL)
    assert answer.status_code == 201, answer.content
    reference = answer.json()["reference"]
    assert open_text(Signal.objects.get().narrative) == SIGNAL["narrative"]
    followed = system.get(f"/signals/{reference}")
    assert "no-store" in followed["Cache-Control"]
    assert followed.json()["state"] == "new"
    assert SIGNAL["narrative"] not in followed.content.decode() + answer.content.decode()
    assert [row["reference"] for row in system.get("/signals/").json()] == [reference]


def test_another_agency_s_signal_does_not_exist(caller: Any) -> None:
    reference = caller().post("/signals/", SIGNAL).json()["reference"]
    other = caller(agency="ngo")
    unknown = other.get("/signals/S-XXXX-XXXX")
    theirs = other.get(f"/signals/{reference}")
    assert (theirs.status_code, theirs.content) == (404, unknown.content)
    assert other.get("/signals/").json() == []
    assert AuditEvent.objects.filter(outcome="refused", action="signals.follow").exists()


def test_the_same_key_does_it_once_and_answers_the_same(caller: Any) -> None:
    system = caller()
    first, second = (system.post("/signals/", SIGNAL, key="k") for _ in range(2))
    assert first.json() == second.json()
    assert Signal.objects.count() == 1
    other = system.post("/signals/", SIGNAL | {"channel": "raid"}, key="k")
    assert other.status_code == 422
    assert Signal.objects.count() == 1


def test_a_key_that_failed_can_be_used_again(caller: Any) -> None:
    system = caller()
    assert system.post("/signals/", SIGNAL | {"channel": "nonsense"}, key="k").status_code == 422
    assert system.post("/signals/", SIGNAL, key="k").status_code == 201


def test_without_a_key_nothing_is_done(caller: Any) -> None:
    system = caller()
    answer = system.client.post(
        "/api/v1/signals/", json.dumps(SIGNAL), content_type="application/json", headers=system.head
    )
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["column"] == "Idempotency-Key"
    assert not Signal.objects.exists()


# operation: the scope that opens it; a token with another scope is refused
OPERATIONS = {
    ("POST", "/signals/"): "api:signals",
    ("GET", "/signals/"): "api:signals",
    ("GET", "/signals/S-1"): "api:signals",
    ("GET", "/signals/inbox/"): "api:inbox",
    ("POST", "/records/"): "api:records",
    ("GET", "/records/"): "api:export",
    ("GET", "/referrals/"): "api:referrals",
    ("POST", "/referrals/"): "api:referrals",
    ("GET", "/referrals/R-1"): "api:referrals",
    ("POST", "/referrals/R-1/answer"): "api:referrals",
    ("POST", "/referrals/R-1/withdraw"): "api:referrals",
}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_its_operations_and_no_other(scope: str, caller: Any) -> None:
    system = caller(scope)
    for (method, path), needed_scope in OPERATIONS.items():
        answer = system.get(path) if method == "GET" else system.post(path, {})
        assert (answer.status_code == 403) == (needed_scope != scope), (method, path, answer.status_code)


def test_every_operation_is_in_the_matrix() -> None:
    from kerege.casework.exchange.api import api

    paths = api.get_openapi_schema()["paths"]
    declared = {(verb.upper(), path.removeprefix("/api/v1")) for path, verbs in paths.items() for verb in verbs}
    known = {(verb, re.sub("[SR]-1", "{reference}", path)) for verb, path in OPERATIONS}
    assert declared - {("GET", "/agencies/")} == known


@pytest.mark.parametrize("token", ["", "krg_wrong", "Bearer"])
def test_a_stranger_learns_nothing(token: str, caller: Any) -> None:
    caller()
    for path in ("/agencies/", "/signals/", "/records/"):
        answer = Caller(token).get(path)
        assert answer.status_code == 401, path
    assert AuditEvent.objects.filter(action="systems.wrong_token", outcome="refused").count() == 3


def test_a_signed_in_browser_is_no_token(make_user: Any, sign_in: Any) -> None:
    assert sign_in(make_user("supervisor")).get("/api/v1/signals/").status_code == 401


def test_what_is_sent_wrongly_is_not_repeated(caller: Any) -> None:
    system = caller()
    for body in ({"to_agency": "Канарейкина", "channel": "hotline"}, {"channel": {"Канарейкина": 1}}, ["Канарейкина"]):
        answer = system.post("/signals/", body)
        assert answer.status_code == 422
        assert "Канарейкина" not in answer.content.decode()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "9007199254740993.0"])
def test_words_that_are_no_json_and_numbers_that_lose_digits_are_refused(word: str, caller: Any) -> None:
    """Two people with the id NaN became one identity, and so did two with ids beyond the largest float."""
    system = caller("api:records")
    body = json.dumps({"records": [{"prs_Id": "word"}]}).replace('"word"', word)
    answer = system.client.post("/api/v1/records/", body, content_type="application/json", headers=system.head)
    assert answer.status_code == 400
    assert set(answer.json()) == {"title", "faults"}
    assert not IdentityRecord.objects.exists()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(content_type: str, caller: Any) -> None:
    system = caller("api:signals")
    head = system.head | {"Idempotency-Key": "k"}
    answer = system.client.post("/api/v1/signals/", json.dumps(SIGNAL), content_type=content_type, headers=head)
    assert answer.status_code == 400
    assert set(answer.json()) == {"title", "faults"}


def test_a_request_without_tls_is_refused_and_not_redirected(caller: Any, settings: Any) -> None:
    system = caller()
    settings.SECURE_SSL_REDIRECT = True
    plain = system.get("/signals/")
    assert plain.status_code == 403
    assert "TLS" in plain.json()["title"]
    assert system.client.get("/api/v1/signals/", headers=system.head, secure=True).status_code == 200
    assert system.client.get("/en/account/login/").status_code == 301


def test_an_undeclared_field_is_refused(caller: Any) -> None:
    answer = caller("api:signals").post("/signals/", SIGNAL | {"urgnecy": "high"}, key="k")
    assert answer.status_code == 400
    assert "urgnecy" in answer.json()["faults"][0]["column"]


def refused_input() -> int:
    """Return the number of events of forged bodies."""
    return AuditEvent.objects.filter(action="systems.refused_input").count()


def test_forged_bodies_are_slowed_down_and_malformed_ones_leave_no_event(
    caller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "refusal", attempts.Limit(free=3, first=60, longest=60))
    system = caller("api:signals")
    head = system.head | {"Idempotency-Key": "k"}
    broken = system.client.post("/api/v1/signals/", "{", content_type="application/json", headers=head)
    assert (broken.status_code, refused_input()) == (400, 0)
    forged = [system.post("/signals/", SIGNAL | {"urgnecy": "high"}, key="k").status_code for _ in range(5)]
    assert forged == [400, 400, 429, 429, 429]
    assert refused_input() == 2


def undescribed_headers(operation: Any, answer: Any) -> set[str]:
    """Return the headers of an answer that the description of its status does not name."""
    described = operation.definition.raw["responses"][str(answer.status_code)]["headers"]
    return {name.title() for name in answer.headers} - {name.title() for name in described} - {"Content-Type"}


def check_answers(described: Any, token: str, examples: int) -> int:
    """Check with Schemathesis that the server answers any input with a described status and form.

    It does not break. `examples` is the number of inputs of each operation; return the number of calls.
    """
    count, calls = 0, 0
    for operation in (result.ok() for result in described.get_all_operations()):
        count += 1

        @settings(max_examples=examples, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            nonlocal calls
            calls += 1
            own = {"Authorization": token, "Idempotency-Key": uuid4().hex, "Accept-Encoding": "identity"}
            case.headers = {**(case.headers or {}), **own}
            # a code of a list or of an agency is text in the description: what is not one of them is told by 422
            answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
            assert undescribed_headers(case.operation, answer) == set()

        holds()
    assert count == len(OPERATIONS) + 1
    return calls


def test_the_interface_answers_as_it_is_described(described: Any, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong token is refused each time: `test_attempts.py` is about its limit."""
    monkeypatch.setitem(attempts.LIMITS, "token", attempts.Limit(free=10**6, first=1, longest=1))
    check_answers(described, caller().head["authorization"], 10)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nope", 404),
        ("post", "/api/v1/nope/", 404),
        ("get", "/api/", 404),
        ("get", "/api/v2/signals/", 404),
        ("delete", "/api/v1/signals/", 405),
        ("put", "/api/v1/agencies/", 405),
    ],
)
def test_an_unknown_address_and_a_wrong_method_are_answered_in_json_too(method: str, path: str, status: int) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/json")
    assert set(answer.json()) == {"title", "faults"}
    assert ("Allow" in answer) is (status == 405)
