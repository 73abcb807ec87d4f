"""API for other systems: a token acts within its scope, for its own agency, once; faults are reported."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import consents
from kerege.casework.cases.models.case import Case
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services import signals
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import open_text
from kerege.core.accounts import attempts
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.core.integrations import services
from kerege.core.integrations.models import WebhookDelivery
from kerege.core.integrations.scopes import EVENTS, SCOPES
from tests.casework.conftest import CANARY

pytestmark = pytest.mark.django_db
SIGNAL = {"to_agency": "centre", "channel": "hotline", "narrative": "Канарейкина"}
RECORD = {
    "cas_Id": "c-1",
    "prs_Id": "p-1",
    "prs_FirstName": "Алия",
    "prs_SecondName": "Канарейкина",
    "vic_TypeOfExploitation": "ForcedLabour",
}


class Caller:
    """A system with a token."""

    def __init__(self, token: str) -> None:
        self.client, self.head, self.count = Client(), {"authorization": f"Bearer {token}"}, 0

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.head)

    def post(self, path: str, body: Any, key: str | None = None) -> Any:
        self.count += 1
        head = self.head | {"idempotency-key": key or f"key-{self.count}"}
        return self.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=head)


@pytest.fixture
def caller(make_agency: Callable[..., Any], make_actor: Callable[..., Any]) -> Callable[..., Caller]:
    """Return a system of an agency with scopes."""
    make_agency("centre", "crisis_centre")

    def make(*scopes: str, agency: str = "police") -> Caller:
        own = make_agency(agency, "internal_affairs")
        administrator = make_actor("administrator", agency=own)
        return Caller(services.issue(administrator, own, "Register", scopes or list(SCOPES), 30)[1])

    return make


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


# what each scope opens: operation -> scope; everything else is refused
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


@pytest.fixture
def sharing(caller: Any, make_case: Any, make_agency: Any, operator: Any) -> Any:
    """Return a case of the police with consent to share the name with the centre, and both systems."""
    case = make_case(make_agency("police", "internal_affairs"))
    consent = Consent(
        case=case, purpose="sharing_with_agency", given=True, on=date(2025, 3, 1), categories=["identity"]
    )
    consents.record_consent(operator, consent)
    return case, caller(), caller(agency="centre")


def referred(case: Any, sender: Caller, **more: Any) -> Any:
    body = {"case": case.reference, "to_agency": "centre", "services": ["shelter"], "categories": ["identity"]}
    return sender.post("/referrals/", body | {"message": "Қонақүйде"} | more)


def test_a_referral_goes_from_system_to_system(sharing: Any) -> None:
    case, sender, receiver = sharing
    sent = referred(case, sender)
    assert sent.status_code == 201, sent.content
    assert CANARY not in sent.content.decode()
    reference = sent.json()["reference"]
    assert [row["reference"] for row in receiver.get("/referrals/").json()] == [reference]
    read = receiver.get(f"/referrals/{reference}").json()
    assert (read["state"], read["message"]) == ("seen", "Қонақүйде")
    assert {line["category"] for line in read["shared_data"]} == {"identity"}
    assert CANARY in json.dumps(read["shared_data"], ensure_ascii=False)
    answer = receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    assert answer.json()["state"] == "accepted"
    assert sender.get("/referrals/?box=sent").json()[0]["state"] == "accepted"
    trace = AuditEvent.objects.filter(action="api.referrals.read").last()
    assert str(case.record_id) in json.dumps(trace.details)


@pytest.mark.db
def test_a_referral_that_is_over_tells_nothing_of_the_person(sharing: Any) -> None:
    case, sender, receiver = sharing
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "declined", "reason": "no_capacity"})
    read = receiver.get(f"/referrals/{reference}").json()
    assert (read["state"], read["message"], read["shared_data"]) == ("declined", "", [])


def test_the_sender_s_system_takes_a_referral_back_and_both_systems_are_told(sharing: Any, settings: Any) -> None:
    case, sender, receiver = sharing
    reference = referred(case, sender).json()["reference"]
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in ("police", "centre"):
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))
    path = f"/referrals/{reference}/withdraw"
    assert receiver.post(path, {"reason": "other"}).status_code == 404
    assert sender.post(path, {"reason": "nonsense"}).status_code == 422
    assert sender.post(path, {"reason": ""}).status_code == 422
    answer = sender.post(path, {"reason": "wrong_agency"})
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert sender.post(path, {"reason": "wrong_agency"}).status_code == 422  # once
    read = receiver.get(f"/referrals/{reference}")
    assert (read.json()["state"], read.json()["message"], read.json()["shared_data"]) == ("withdrawn", "", [])
    assert "wrong_agency" not in read.content.decode()
    deliveries = [
        (row.event, row.webhook.url[-6:], row.payload) for row in WebhookDelivery.objects.order_by("created_at")
    ]
    assert {(event, whom) for event, whom, _ in deliveries} == {
        ("referral.state", "police"),
        ("referral.state", "centre"),
    }
    state = {"reference": reference, "state": "withdrawn", "step": "withdrawn"}
    assert [payload for _, _, payload in deliveries] == [state, state]


def test_what_the_consent_does_not_cover_is_not_sent(sharing: Any) -> None:
    case, sender, _ = sharing
    assert referred(case, sender, categories=["identity", "health"]).status_code == 422
    assert referred(case, sender, legal_basis="invented by the caller").status_code == 422
    assert not Referral.objects.exists()


def test_a_case_of_another_agency_is_not_referred(sharing: Any) -> None:
    case, _, receiver = sharing
    unknown = receiver.post("/referrals/", {"case": "KZ-1999-00001", "to_agency": "police", "services": ["shelter"]})
    theirs = referred(case, receiver, to_agency="police")
    assert (theirs.status_code, theirs.content) == (404, unknown.content)


def test_the_sender_s_system_does_not_answer_for_the_receiver(sharing: Any) -> None:
    case, sender, _ = sharing
    reference = referred(case, sender).json()["reference"]
    assert sender.post(f"/referrals/{reference}/answer", {"state": "accepted"}).status_code == 404
    assert Referral.objects.get().status == "sent"


def test_both_systems_are_told_of_a_referral_without_a_word_about_the_person(sharing: Any, settings: Any) -> None:
    case, sender, receiver = sharing
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in ("police", "centre"):
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    deliveries = [
        (row.event, row.webhook.url[-6:], row.payload) for row in WebhookDelivery.objects.order_by("created_at")
    ]
    assert [(event, whom) for event, whom, _ in deliveries] == [
        ("referral.sent", "centre"),
        ("referral.state", "police"),
        ("referral.state", "centre"),
    ]
    assert {payload["reference"] for _, _, payload in deliveries} == {reference}
    assert case.reference not in json.dumps([payload for _, _, payload in deliveries])


def told_of(settings: Any, *agencies: str) -> None:
    """Give each agency a system that receives every event."""
    settings.WEBHOOK_HOSTS = ["register.example"]
    for code in agencies:
        agency = Agency.objects.get(code=code)
        administrator = Actor("t", agency_id=agency.pk, roles=frozenset({"administrator"}))
        services.add_webhook(administrator, agency, f"https://register.example/{code}", list(EVENTS))


def deliveries() -> list[tuple[str, str, dict[str, Any]]]:
    """Event, agency and what is sent, in the order in which it happened."""
    return [(row.event, row.webhook.agency.code, row.payload) for row in WebhookDelivery.objects.order_by("created_at")]


def test_the_receiver_s_system_is_told_of_a_signal_and_the_sender_s_of_its_state_by_reference_alone(
    caller: Any, make_actor: Any, settings: Any
) -> None:
    system = caller()
    told_of(settings, "police", "centre")
    reference = system.post("/signals/", SIGNAL | {"suspected_form": "begging"}).json()["reference"]
    receiver = make_actor("caseworker", agency=Agency.objects.get(code="centre"))
    signals.mark_seen(receiver, Signal.objects.get())
    signals.open_case(receiver, Signal.objects.get())
    assert deliveries() == [
        ("signal.received", "centre", {"reference": reference}),
        ("signal.state", "police", {"reference": reference, "state": "seen"}),
        ("signal.state", "police", {"reference": reference, "state": "case_opened"}),
    ]


def test_a_system_is_told_that_records_of_its_agency_were_brought_in_once_they_are(caller: Any, settings: Any) -> None:
    system = caller()
    told_of(settings, "police", "centre")
    assert system.post("/records/?dry_run=true", {"records": [RECORD]}).status_code == 200
    assert system.post("/records/", {"records": [RECORD | {"prs_Birthdate": "2999-99-99"}]}).status_code == 422
    assert deliveries() == []
    assert system.post("/records/", {"records": [RECORD]}).status_code == 200
    assert deliveries() == [("records.imported", "police", {"cases": 1})]


def test_what_is_sent_to_a_webhook_is_what_the_description_says(sharing: Any, settings: Any) -> None:
    from kerege.casework.exchange.api import api

    case, sender, receiver = sharing
    told_of(settings, "police", "centre")
    reference = referred(case, sender).json()["reference"]
    receiver.post(f"/referrals/{reference}/answer", {"state": "accepted"})
    sender.post("/signals/", SIGNAL)
    sender.post("/records/", {"records": [RECORD]})
    signals.mark_seen(
        Actor("t", agency_id=Signal.objects.get().to_agency_id, roles=frozenset({"operator"})), Signal.objects.get()
    )
    described = json.loads(json.dumps(api.get_openapi_schema()))["webhooks"]
    assert set(described) == set(EVENTS) == {event for event, _, _ in deliveries()}
    for event, _, payload in deliveries():
        schema = described[event]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert {"id", "event", *payload} == set(schema["required"]) == set(schema["properties"])


def test_a_system_reads_its_agency_s_inbox_list_without_content(caller: Any) -> None:
    sender, receiver, other = caller(), caller("api:inbox", agency="centre"), caller(agency="ngo")
    references = [
        sender.post("/signals/", SIGNAL | {"urgency": urgency, "suspected_form": "begging", "caller": "victim"}).json()
        for urgency in ("normal", "high")
    ]
    rows = receiver.get("/signals/inbox/").json()
    assert {row["reference"] for row in rows} == {row["reference"] for row in references}
    assert set(rows[0]) == {"reference", "state", "from_agency", "channel", "urgency", "received_at"}
    assert {(row["state"], row["from_agency"], row["channel"]) for row in rows} == {("new", "police", "hotline")}
    assert set(Signal.objects.values_list("state", flat=True)) == {"new"}  # reading the list is no looking at one
    Signal.objects.filter(urgency="high").update(state="seen")
    assert [row["urgency"] for row in receiver.get("/signals/inbox/?state=seen").json()] == ["high"]
    assert receiver.get("/signals/inbox/?since=2999-01-01T00:00:00Z").json() == []
    assert other.get("/signals/inbox/").json() == sender.get("/signals/inbox/").json() == []
    # the list alone: neither a single signal nor its content
    assert receiver.get(f"/signals/{rows[0]['reference']}").status_code == 403
    assert receiver.post("/signals/", SIGNAL).status_code == 403


@pytest.mark.parametrize("token", ["", "krg_wrong", "Bearer"])
def test_a_stranger_learns_nothing(token: str, caller: Any) -> None:
    caller()
    for path in ("/agencies/", "/signals/", "/records/"):
        answer = Caller(token).get(path)
        assert answer.status_code == 401, path
    assert AuditEvent.objects.filter(action="systems.wrong_token", outcome="refused").count() == 3


def test_a_signed_in_browser_is_no_token(make_user: Any, sign_in: Any) -> None:
    assert sign_in(make_user("supervisor")).get("/api/v1/signals/").status_code == 401


def test_records_come_in_as_the_token_s_agency_s_own_once(caller: Any) -> None:
    system = caller()
    body = {"records": [RECORD | {"org_Name": "centre"}]}
    assert system.post("/records/?dry_run=true", body).json()["cases_new"] == 1
    assert not Case.objects.exists()
    assert system.post("/records/", body).json()["cases_new"] == 1
    again = system.post("/records/", body).json()
    assert (again["cases_new"], again["cases_known"], again["rows_unchanged"]) == (0, 1, 1)
    assert Case.objects.get().agency.code == "police"
    taken = system.get("/records/").content.decode()
    assert "ForcedLabour" in taken
    assert "Канарейкина" not in taken


def test_another_agency_s_records_are_neither_changed_nor_taken_out(caller: Any, make_agency: Any) -> None:
    caller().post("/records/", {"records": [RECORD]})
    other = caller(agency="ngo")
    assert other.get("/records/").json() == {"records": []}
    case = Case.objects.get()
    stolen = RECORD | {"cas_Id": f"kerege-{case.pk.hex}", "prs_Id": f"kerege-{case.record_id.hex}"}
    other.post("/records/", {"records": [stolen | {"vic_TypeOfExploitation": "ForcedBegging"}]})
    case.refresh_from_db()
    assert case.agency.code == "police"
    assert case.exploitations.get().forms == ["forced_labour"]


def test_a_case_that_was_handed_over_cannot_be_changed_by_its_first_agency(caller: Any, make_agency: Any) -> None:
    system = caller()
    system.post("/records/", {"records": [RECORD]})
    Case.objects.update(agency=make_agency("centre"))
    answer = system.post("/records/", {"records": [RECORD | {"cco_CaseComment": "x"}]})
    assert answer.status_code == 422
    assert "handed over" in answer.content.decode()


def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(caller: Any) -> None:
    bad = [RECORD, RECORD | {"cas_Id": "c-2", "prs_Id": "p-2", "prs_Birthdate": "2999-99-99", "nonsense": "x"}]
    answer = caller().post("/records/", {"records": bad})
    assert answer.status_code == 422
    assert {fault["row"] for fault in answer.json()["faults"]} == {2}
    assert "Канарейкина" not in answer.content.decode()
    assert not Case.objects.exists()


def test_records_do_not_make_agencies(caller: Any) -> None:
    answer = caller().post("/records/", {"records": [RECORD | {"svc_Kind": "shelter", "svc_Provider": "Nobody knows"}]})
    assert answer.status_code == 422, answer.content


def test_what_is_sent_wrongly_is_not_repeated(caller: Any) -> None:
    system = caller()
    for body in ({"to_agency": "Канарейкина", "channel": "hotline"}, {"channel": {"Канарейкина": 1}}, ["Канарейкина"]):
        answer = system.post("/signals/", body)
        assert answer.status_code == 422
        assert "Канарейкина" not in answer.content.decode()


@pytest.fixture
def described() -> Iterator[Any]:
    """Yield the OpenAPI description; the connection of the test stays open between requests."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_that_are_no_json_are_refused(word: str, caller: Any) -> None:
    """Two people with the id NaN became one identity."""
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

        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
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
