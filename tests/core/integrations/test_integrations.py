"""Tokens and webhooks: scopes, encrypted secrets, signed deliveries and retries."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.notices import Notice
from kerege.core import audit, authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.core.integrations import operator_commands, receivers, services, webhook_delivery
from kerege.core.integrations.models import SystemToken, Webhook, WebhookDelivery
from kerege.core.security.keyring import keyring

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def administrator(make_actor: Callable[..., Any]) -> Any:
    return make_actor("administrator")


@pytest.fixture
def agency(administrator: Any) -> Any:
    return agency_of(administrator)


class Heard(BaseHTTPRequestHandler):
    """Server of another system: stores the requests and answers with a chosen status."""

    sent: list[tuple[dict[str, str], bytes]] = []
    answers: list[int] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.sent.append((dict(self.headers), body))
        status = self.answers.pop(0) if self.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def other(settings: Any) -> Iterator[str]:
    """Return the address of the running server."""
    settings.WEBHOOK_HOSTS = ["127.0.0.1", "register.example"]
    Heard.sent, Heard.answers = [], []
    with HTTPServer(("127.0.0.1", 0), Heard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/told"
        server.shutdown()


def test_only_the_digest_of_a_token_is_stored(administrator: Any, agency: Any) -> None:
    row, token = services.issue(administrator, agency, "Register", ["api:signals"], 30)
    kept = SystemToken.objects.values().get(pk=row.pk)
    assert token not in repr(kept)
    assert bytes(kept["digest"]) == hashlib.sha256(token.encode()).digest()
    assert services.find_token(token) == row


@pytest.mark.parametrize("how", ["revoked", "expired", "agency"])
def test_a_revoked_token_stops_working_at_once(how: str, administrator: Any, agency: Any) -> None:
    row, token = services.issue(administrator, agency, "Register", ["api:signals"], 30)
    if how == "revoked":
        services.revoke(administrator, row)
    elif how == "expired":
        SystemToken.objects.update(expires_at=timezone.now())
    else:
        type(agency).objects.update(active=False)
    assert services.find_token(token) is None


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 30), (["operator"], 30), (["api:signals"], 367), (["api:signals"], 0)]
)
def test_a_token_needs_known_scopes_and_an_expiry(scopes: Any, days: int, administrator: Any, agency: Any) -> None:
    with pytest.raises(BadInput):
        services.issue(administrator, agency, "Register", scopes, days)
    assert not SystemToken.objects.exists()


def test_a_token_for_records_works_after_a_second_person_confirmed_it(
    administrator: Any, agency: Any, make_actor: Any, make_agency: Any
) -> None:
    """An administrator has no access to cases: with a token of their own they would read them."""
    row, token = services.issue(administrator, agency, "Register", ["api:referrals"], 30)
    assert services.find_token(token) is None
    elsewhere = make_actor("administrator", agency=make_agency("ngo", "ngo"))
    for other in (administrator, elsewhere, make_actor("supervisor")):
        with pytest.raises(Denied):
            services.confirm(other, row)
    services.confirm(make_actor("administrator", agency=agency), row)
    assert services.find_token(token) == row
    with pytest.raises(Refused):
        services.confirm(Actor.system("tests"), row)
    assert AuditEvent.objects.get(action="systems.confirm", outcome="done").details["asked_by"] == administrator.label
    kinds = Notice.objects.filter(kind="token_requested").values_list("agency", "role")
    assert (agency.pk, "administrator") in kinds
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemToken.objects.filter(pk=row.pk).update(confirmed_by=row.created_by)


def test_a_national_administrator_or_the_operator_confirms_the_tokens_of_all(
    administrator: Any, agency: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    ministry = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=ministry.pk).update(national=True)
    row, token = services.issue(administrator, agency, "Register", ["api:export"], 30)
    browser = sign_in(make_user("administrator", agency=ministry))
    assert "Tokens that wait for you" in browser.get("/en/account/systems/").content.decode()
    browser.post(f"/en/account/systems/tokens/{row.pk}/confirm/")
    assert services.find_token(token) == row
    row, token = services.issue(administrator, agency, "Archive", ["api:records"], 30)
    [line] = operator_commands.list_waiting()
    assert line.startswith(f"{row.pk}  Archive of {agency.code}: api:records, asked by ")
    assert operator_commands.confirm("root", str(row.pk)) == f"Archive of {agency.code}: works from now on"
    assert services.find_token(token) == row
    for unknown in ("x", str(row.pk)):
        with pytest.raises(BadInput):
            operator_commands.confirm("root", unknown)


def test_only_the_administrator_of_the_agency_connects_a_system(
    make_actor: Any, make_agency: Any, administrator: Any, agency: Any
) -> None:
    for actor, whose in ((make_actor("supervisor"), agency), (administrator, make_agency("elsewhere"))):
        with pytest.raises(authorization.Denied):
            services.issue(actor, whose, "Register", ["api:signals"], 30)


@pytest.mark.parametrize(
    "url",
    [
        "http://register.example/",
        "https://elsewhere.example/",
        "https://name:word@register.example/",
        "https://register.example.attacker.example/",
        "ftp://127.0.0.1/",
        "https://127.0.0.1@elsewhere.example/",
        "https://register.example:99999/",
        "https://register.example:0/",
        "https://register.example/сигнал",
    ],
)
def test_an_address_that_the_operator_did_not_name_is_refused(
    url: str, other: str, administrator: Any, agency: Any
) -> None:
    with pytest.raises(BadInput):
        services.add_webhook(administrator, agency, url, ["referral.sent"])
    assert not Webhook.objects.exists()


def test_an_event_arrives_signed_and_once(other: str, administrator: Any, agency: Any) -> None:
    row, secret = services.add_webhook(administrator, agency, other, ["referral.sent"])
    assert secret not in row.secret
    services.emit(agency.pk, "referral.sent", reference="R-1")
    services.emit(agency.pk, "signal.state", reference="S-1")  # no webhook subscribes to this event
    assert webhook_delivery.deliver_due(timezone.now()) == 1
    assert webhook_delivery.deliver_due(timezone.now()) == 0
    [(headers, body)] = Heard.sent
    assert json.loads(body)["reference"] == "R-1"
    at, mac = (part.partition("=")[2] for part in headers["Kerege-Signature"].split(","))
    assert hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() == mac
    assert WebhookDelivery.objects.get().outcome == "200"


def test_a_failed_delivery_is_retried_with_growing_pauses_and_given_up(
    other: str, administrator: Any, agency: Any
) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    Heard.answers = [500, 302] + [503] * 20
    now, gaps = timezone.now(), []
    while (due := WebhookDelivery.objects.get().next_at) is not None:
        gaps.append(due - now)
        now = max(now, due)
        assert webhook_delivery.deliver_due(now) == 0
    assert gaps[1:] == webhook_delivery.PAUSES
    assert len(Heard.sent) == len(webhook_delivery.PAUSES) + 1
    assert WebhookDelivery.objects.get().delivered_at is None


def test_a_delivery_can_succeed_after_a_failure(other: str, administrator: Any, agency: Any) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    Heard.answers, now = [500], timezone.now()
    assert webhook_delivery.deliver_due(now) == 0
    assert webhook_delivery.deliver_due(now + timedelta(minutes=1)) == 1


def test_a_second_worker_does_not_send_an_event_before_the_first_has_its_answer(
    other: str, administrator: Any, agency: Any, monkeypatch: Any
) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    sent, store = [], webhook_delivery._store

    def store_late(row: WebhookDelivery, outcome: str, now: Any) -> bool:
        webhook_delivery.deliver_due(now + timedelta(seconds=61))
        return store(row, outcome, now)

    monkeypatch.setattr(webhook_delivery, "post", lambda row, now: sent.append(row.pk) or "503")
    monkeypatch.setattr(webhook_delivery, "_store", store_late)
    webhook_delivery.deliver_due(timezone.now())
    assert len(sent) == WebhookDelivery.objects.get().attempts == 1


def test_a_host_removed_from_the_list_gets_no_delivery(
    other: str, administrator: Any, agency: Any, settings: Any
) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    settings.WEBHOOK_HOSTS = []
    assert webhook_delivery.deliver_due(timezone.now()) == 0
    assert Heard.sent == []


def test_a_rolled_back_act_sends_no_event(other: str, administrator: Any, agency: Any) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    with pytest.raises(RuntimeError), audit.act(administrator, "t.act"):
        services.emit(agency.pk, "referral.sent", reference="R-1")
        raise RuntimeError
    assert not WebhookDelivery.objects.exists()


def test_a_stopped_webhook_gets_no_delivery(other: str, administrator: Any, agency: Any) -> None:
    row, _ = services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    services.stop_webhook(administrator, row)
    services.emit(agency.pk, "referral.sent", reference="R-2")
    assert webhook_delivery.deliver_due(timezone.now()) == 0
    assert WebhookDelivery.objects.count() == 1


def test_a_key_rotation_re_encrypts_the_secrets(other: str, administrator: Any, agency: Any) -> None:
    row, secret = services.add_webhook(administrator, agency, other, ["referral.sent"])
    new = keyring().rotate("kek")
    assert [values.key_id for values in receivers.count_sealed(None)] != [new]
    assert receivers.rewrap(None, "kek") == 1
    row.refresh_from_db()
    assert [values.key_id for values in receivers.count_sealed(None)] == [new]
    assert webhook_delivery.sealed.unseal(row.secret, row.secret_place) == secret


def test_the_page_shows_a_secret_once(make_user: Any, sign_in: Any, other: str) -> None:
    client = sign_in(make_user("administrator"))
    page = client.post("/en/account/systems/", {"name": "Register", "scopes": ["api:signals"], "days": "30"})
    secret = re.search(rb"krg_[\w-]{20,}", page.content)
    assert secret
    assert secret[0] not in client.get("/en/account/systems/").content
    page = client.post("/en/account/systems/webhooks/", {"url": other, "events": ["referral.sent"]})
    assert Webhook.objects.count() == 1
    client.post(f"/en/account/systems/tokens/{SystemToken.objects.get().pk}/end/")
    client.post(f"/en/account/systems/webhooks/{Webhook.objects.get().pk}/end/")
    assert SystemToken.objects.get().revoked_at
    assert Webhook.objects.get().stopped_at


@pytest.mark.parametrize("fault", ["https://register.example/сигнал", "https://register.example:99999/", "secret"])
def test_one_broken_webhook_does_not_end_the_deliveries_to_others(
    fault: str, other: str, administrator: Any, agency: Any
) -> None:
    """Addresses of version 0.1 were not checked like this, and a secret can be damaged."""
    first, _ = services.add_webhook(administrator, agency, other, ["referral.sent"])
    second, _ = services.add_webhook(administrator, agency, other, ["referral.sent"])
    changes = {"secret": second.secret} if fault == "secret" else {"url": fault}
    Webhook.objects.filter(pk=first.pk).update(**changes)
    services.emit(agency.pk, "referral.sent", reference="R-1")
    assert webhook_delivery.deliver_due(timezone.now()) == 1
    assert WebhookDelivery.objects.get(webhook=first).outcome not in {"", "200"}
    assert WebhookDelivery.objects.get(webhook=second).outcome == "200"


def test_slow_receivers_do_not_wait_for_each_other(administrator: Any, agency: Any, monkeypatch: Any) -> None:
    """All senders are in `post` at once; with one sender after the other the barrier would break."""
    together = threading.Barrier(webhook_delivery.SENDERS, timeout=20)

    def wait(row: WebhookDelivery, now: Any) -> str:
        together.wait()
        return "200"

    monkeypatch.setattr(webhook_delivery, "post", wait)
    for _ in range(webhook_delivery.SENDERS):
        hook = Webhook(agency=agency, url="https://x/", events=["referral.sent"], created_at=timezone.now())
        hook.save()
    services.emit(agency.pk, "referral.sent", reference="R-1")
    assert webhook_delivery.deliver_due(timezone.now()) == webhook_delivery.SENDERS


def test_a_receiver_that_sends_its_answer_byte_by_byte_is_cut_off(
    settings: Any, administrator: Any, agency: Any, monkeypatch: Any
) -> None:
    """Each byte begins the time limit of the socket anew: the whole answer would arrive."""
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(webhook_delivery, "LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_slowly, args=[server], daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        services.add_webhook(administrator, agency, url, ["referral.sent"])
        services.emit(agency.pk, "referral.sent", reference="R-1")
        assert webhook_delivery.deliver_due(timezone.now()) == 0
    assert WebhookDelivery.objects.get().outcome not in {"", "200"}


def answer_slowly(server: socket.socket) -> None:
    """Answer one request within two seconds, a byte at a time, unless the sender goes away."""
    link, _address = server.accept()
    with link, suppress(OSError):
        for letter in b"HTTP/1.1 200 OK\r\n\r\n":
            link.send(bytes([letter]))
            time.sleep(0.1)


def test_a_backlog_of_one_webhook_delays_no_other(administrator: Any, agency: Any, monkeypatch: Any) -> None:
    now = timezone.now()
    hooks = [Webhook(agency=agency, url=f"https://{name}/", events=[], created_at=now) for name in ("dead", "other")]
    for hook, count, age in zip(hooks, (300, 3), (2, 1), strict=True):
        hook.save()
        at = now - timedelta(minutes=age)
        rows = [WebhookDelivery(webhook=hook, event="referral.sent", created_at=at, next_at=at) for _ in range(count)]
        WebhookDelivery.objects.bulk_create(rows)
    tried: list[str] = []

    def post(row: WebhookDelivery, _now: Any) -> str:
        tried.append(row.webhook.url)
        return "TimeoutError" if "dead" in row.webhook.url else "200"

    monkeypatch.setattr(webhook_delivery, "post", post)
    assert webhook_delivery.deliver_due(now) == 3
    assert sorted(tried) == ["https://dead/", *["https://other/"] * 3]
    assert webhook_delivery.deliver_due(now) == 0
    assert tried.count("https://dead/") == 2  # the next event of the backlog: the first one waits for its pause


def test_a_secret_that_is_copied_to_another_webhook_does_not_open(other: str, administrator: Any, agency: Any) -> None:
    first, _ = services.add_webhook(administrator, agency, other, ["referral.sent"])
    second, _ = services.add_webhook(administrator, agency, other, ["referral.sent"])
    with pytest.raises(InvalidTag):
        webhook_delivery.sealed.unseal(first.secret, second.secret_place)


def test_an_event_that_was_given_up_is_sent_again_from_the_page(
    other: str, sign_in: Any, make_user: Any, agency: Any, administrator: Any
) -> None:
    services.add_webhook(administrator, agency, other, ["referral.sent"])
    services.emit(agency.pk, "referral.sent", reference="R-1")
    WebhookDelivery.objects.update(next_at=None, attempts=9, outcome="503")
    browser = sign_in(make_user("administrator", agency=agency))
    row = WebhookDelivery.objects.get()
    assert "Send again" in browser.get("/en/account/systems/").content.decode()
    browser.post(f"/en/account/systems/deliveries/{row.pk}/again/")
    assert webhook_delivery.deliver_due(timezone.now()) == 1
    with pytest.raises(Refused):
        services.redeliver(administrator, row)


def test_a_new_secret_replaces_the_old_one_and_is_shown_once(other: str, administrator: Any, agency: Any) -> None:
    row, before = services.add_webhook(administrator, agency, other, ["referral.sent"])
    after = services.renew_secret(administrator, row)
    row.refresh_from_db()
    assert webhook_delivery.sealed.unseal(row.secret, row.secret_place) == after != before
    services.stop_webhook(administrator, row)
    with pytest.raises(Refused, match="ended"):
        services.renew_secret(administrator, row)
