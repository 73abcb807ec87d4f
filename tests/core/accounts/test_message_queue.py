"""Messages wait in the database during an outage of the mail server, and each leaves once."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.db import transaction
from django.utils import timezone

from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services import notifications
from kerege.core import health_checks
from kerege.core.accounts import addresses, message_queue
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import OutgoingMessage, User
from kerege.core.audit.models import AuditEvent
from tests.queued import run_queued_tasks

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NOW = timezone.now() + timedelta(hours=1)  # later than every message of a test
HERE = "tests.core.accounts.test_message_queue"
faults: list[Exception | None] = []  # of the next letters; without one, a letter leaves


class Server(locmem.EmailBackend):
    """A mail server that fails as `faults` says."""

    def send_messages(self, messages: Any) -> int:
        if fault := faults.pop(0) if faults else None:
            raise fault
        return super().send_messages(messages)


class NoServer(locmem.EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    faults.clear()
    settings.EMAIL_URL, settings.SITE_URL = "smtp://mail.example", "https://kerege.example"
    settings.EMAIL_BACKEND = f"{HERE}.Server"
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]


@pytest.fixture
def user(make_user: Any) -> User:
    made: User = make_user("caseworker", username="aida")
    made.email = "aida@here.example"
    made.save()
    return made


def notify(user: User, count: int = 1) -> list[OutgoingMessage]:
    agency = user.assignments.get().agency
    for _ in range(count):
        notifications.notify(agency, "cases_given", user=user)
    return list(OutgoingMessage.objects.order_by("created_at", "pk"))


def after(**passed: float) -> Any:
    return NOW + timedelta(**passed)


def test_a_message_waits_for_the_server_and_leaves_once(user: User) -> None:
    faults.extend([ConnectionRefusedError(), TimeoutError()])
    notify(user)
    assert mail.outbox == []  # no save waits for mail
    for minutes, letters in ((0, 0), (0.5, 0), (1, 0), (5, 0), (6, 1), (7, 1), (10_000, 1)):
        message_queue.deliver_due(after(minutes=minutes))
        assert len(mail.outbox) == letters, minutes
    row = OutgoingMessage.objects.get()
    assert (row.attempts, row.outcome, row.next_at, row.delivered_at) == (3, "sent", None, after(minutes=6))


def test_a_message_of_an_act_that_is_undone_is_not_sent(user: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        notify(user)
        raise ZeroDivisionError
    assert not OutgoingMessage.objects.exists()


def test_a_worker_that_dies_after_sending_repeats_the_letter_with_the_same_id(user: User) -> None:
    [row] = notify(user)
    message_queue.deliver_due(NOW)
    OutgoingMessage.objects.update(delivered_at=None, next_at=after(minutes=1))  # as the claim left it
    message_queue.deliver_due(after(minutes=1))
    ids = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert ids == [f"<{row.pk}@localhost>"] * 2


def test_a_second_worker_does_not_send_what_the_first_has_claimed(user: User, monkeypatch: Any) -> None:
    notify(user)
    send = message_queue._send
    monkeypatch.setattr(message_queue, "_send", lambda row: (message_queue.deliver_due(NOW), send(row))[1])
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 1


def test_a_slow_run_keeps_its_messages_from_a_second_worker(user: User, monkeypatch: Any) -> None:
    notify(user, 2)
    seconds, send = [0.0], message_queue._send

    def send_slowly(row: OutgoingMessage) -> Any:
        if seconds[0]:  # the second message: claimed 20 minutes after the run began
            message_queue.deliver_due(after(seconds=seconds[0] + 61))
        seconds[0] += 1200
        return send(row)

    monkeypatch.setattr(message_queue, "elapsed", lambda: seconds[0])
    monkeypatch.setattr(message_queue, "_send", send_slowly)
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 2
    assert list(OutgoingMessage.objects.values_list("attempts", flat=True)) == [1, 1]


def test_a_message_that_is_replaced_while_it_is_sent_is_not_tried_again(user: User, monkeypatch: Any) -> None:
    notify(user)

    def replace(*letter: str) -> None:
        message_queue.drop(notifications.SEND, user)
        raise ConnectionRefusedError

    monkeypatch.setattr("kerege.core.outgoing_messages.send_email", replace)
    message_queue.deliver_due(NOW)
    row = OutgoingMessage.objects.get()
    assert (row.next_at, row.outcome) == (None, message_queue.DROPPED)


def test_an_outage_costs_few_time_outs_and_loses_nothing(user: User, settings: Any) -> None:
    rows = notify(user, 8)
    settings.EMAIL_BACKEND = f"{HERE}.NoServer"
    message_queue.deliver_due(NOW)
    assert sum(OutgoingMessage.objects.values_list("attempts", flat=True)) == message_queue.BROKEN
    settings.EMAIL_BACKEND = f"{HERE}.Server"
    message_queue.deliver_due(after(hours=30))
    assert len(mail.outbox) == len(rows)


def test_a_refused_recipient_is_given_up_and_holds_up_nobody(user: User, make_user: Any) -> None:
    faults.extend([SMTPRecipientsRefused({"x": (550, b"5.1.1 no such user")})] * 4)
    faults.append(SMTPRecipientsRefused({"x": (450, b"later")}))
    faults.append(SMTPDataError(451, b"later"))
    notify(user, 7)
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 1
    assert OutgoingMessage.objects.filter(outcome=message_queue.REFUSED, next_at=None).count() == 4
    assert AuditEvent.objects.get(action="messages.give_up").details["count"] == 4
    message_queue.deliver_due(after(minutes=1))
    assert len(mail.outbox) == 3


RELAY_DENIED = SMTPRecipientsRefused({"x": (554, b"5.7.1 relay access denied")})
NO_CODE = SMTPRecipientsRefused({"x": (550, b"relay not permitted")})
BAD_SENDER = SMTPRecipientsRefused({"x": (550, b"5.1.8 bad sender")})
NO_USER = SMTPRecipientsRefused({"x": (550, b"5.1.1 no such user")})
NO_RIGHT = SMTPSenderRefused(530, b"5.7.0 authentication required", "kerege@localhost")


@pytest.mark.parametrize("fault", [RELAY_DENIED, NO_CODE, BAD_SENDER, NO_USER, NO_RIGHT, SMTPDataError(554, b"no")])
def test_a_server_that_refuses_all_users_loses_no_message(make_user: Any, fault: Exception) -> None:
    for number in range(4):
        user = make_user("caseworker")
        User.objects.filter(pk=user.pk).update(email=f"{number}@here.example")
        notify(user)
    faults.extend([fault] * 4)
    message_queue.deliver_due(NOW)
    assert (len(faults), OutgoingMessage.objects.filter(next_at=None).count()) == (1, 0)
    faults.clear()
    message_queue.deliver_due(after(minutes=1))
    assert len(mail.outbox) == 4


@pytest.mark.parametrize("fault", [RELAY_DENIED, NO_CODE, BAD_SENDER])
def test_a_refusal_for_another_reason_than_the_address_gives_up_no_message(user: User, fault: Exception) -> None:
    notify(user)
    faults.append(fault)
    message_queue.deliver_due(NOW)
    assert OutgoingMessage.objects.get().next_at == after(minutes=1)


def test_messages_wait_for_a_worker_with_the_settings_of_the_mail_server(user: User, settings: Any) -> None:
    notify(user)
    addresses.enter_own_address(actor_for(user), user, "new@here.example")
    settings.MESSAGE_SENDERS, settings.EMAIL_URL = [], ""
    message_queue.deliver_due(NOW)
    assert set(OutgoingMessage.objects.values_list("outcome", "delivered_at")) == {("WayNotConfigured", None)}
    OutgoingMessage.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert health_checks.messages().state == "warn"
    settings.MESSAGE_SENDERS, settings.EMAIL_URL = ["kerege.core.outgoing_messages.by_email"], "smtp://mail.example"
    message_queue.deliver_due(after(minutes=1))
    assert {letter.to[0] for letter in mail.outbox} == {"aida@here.example", "new@here.example"}


def test_messages_of_a_way_without_settings_hold_up_no_other(user: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(message_queue, "MOST", 4)
    OutgoingMessage.objects.filter(pk__in=[row.pk for row in notify(user, 5)]).update(way="sms.gateway")
    notify(user)
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 1


def test_a_message_is_tried_for_four_days_and_then_given_up(user: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{HERE}.NoServer"
    [row] = notify(user)
    began, moment, tried_at = row.created_at, NOW, []
    while moment is not None and len(tried_at) < 30:
        tried_at.append(moment - began)
        message_queue.deliver_due(moment)
        row.refresh_from_db()
        moment = row.next_at
    assert timedelta(days=3) < tried_at[-2] <= message_queue.LONGEST < tried_at[-1]
    assert (row.next_at, row.delivered_at, row.outcome) == (None, None, message_queue.TOO_OLD)
    assert row.attempts == len(tried_at) - 1
    event = AuditEvent.objects.get(action="messages.give_up")
    assert (event.details["count"], "aida" in str(event.details)) == (1, False)
    assert "1 did not leave" in health_checks.messages().words


def test_messages_are_given_up_together_with_their_event(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed in between leaves neither."""
    [row] = notify(user)

    def die(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("kerege.core.audit.acts._append", die)
        message_queue.deliver_due(after(hours=97))
    row.refresh_from_db()
    assert row.next_at is not None
    message_queue.deliver_due(after(hours=97))
    assert AuditEvent.objects.filter(action="messages.give_up").count() == 1


def test_doctor_reports_late_messages(user: User) -> None:
    assert health_checks.messages().state == "ok"
    notify(user)
    OutgoingMessage.objects.update(created_at=timezone.now() - timedelta(hours=2))
    check = health_checks.messages()
    assert (check.state, check.words.startswith("1 wait since")) == ("warn", True)


def test_what_is_not_to_be_sent_any_more_is_dropped(user: User, make_user: Any, settings: Any) -> None:
    notify(user, 2)
    notify(make_user("caseworker", username="without-address"))
    Notice.objects.filter(pk=OutgoingMessage.objects.order_by("created_at").first().object_id).delete()  # type: ignore[union-attr]
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 1
    notify(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    message_queue.deliver_due(after(minutes=1))
    assert len(mail.outbox) == 1
    assert OutgoingMessage.objects.filter(outcome=message_queue.DROPPED, next_at=None).count() == 3
    assert health_checks.messages().state == "ok"


@pytest.mark.parametrize("whom", ["user", "role"])
def test_a_user_who_lost_the_role_gets_no_message_that_waits(user: User, make_agency: Any, whom: str) -> None:
    here = user.assignments.get().agency
    notifications.notify(here, "cases_given", **{"user": {"user": user}, "role": {"role": "caseworker"}}[whom])
    user.assignments.update(agency=make_agency("elsewhere", "ngo"))
    if whom == "role":  # they stay at the agency with another role
        user.assignments.create(agency=here, role="analyst")
    message_queue.deliver_due(NOW)
    assert mail.outbox == []
    assert OutgoingMessage.objects.get().outcome == message_queue.DROPPED


def test_a_user_who_is_deactivated_during_a_run_gets_no_further_message(user: User, monkeypatch: Any) -> None:
    notify(user, 2)
    deactivate = User.objects.filter(pk=user.pk).update
    send = message_queue._send
    monkeypatch.setattr(message_queue, "_send", lambda row: (send(row), deactivate(is_active=False))[0])
    message_queue.deliver_due(NOW)
    assert len(mail.outbox) == 1


def test_the_link_of_an_address_survives_an_outage_and_a_second_entry_replaces_it(user: User) -> None:
    faults.extend([SMTPServerDisconnected(), SMTPServerDisconnected()])
    for address in ("one@here.example", "two@here.example"):
        addresses.enter_own_address(actor_for(user), user, address)
        run_queued_tasks()
    message_queue.deliver_due(after(minutes=2))
    assert [letter.to for letter in mail.outbox] == [["two@here.example"]]


def test_settled_messages_are_deleted_after_30_days(user: User) -> None:
    notify(user, 2)
    message_queue.deliver_due(NOW)
    OutgoingMessage.objects.filter(pk=OutgoingMessage.objects.first().pk).update(next_at=NOW, delivered_at=None)  # type: ignore[union-attr]
    message_queue.forget(after(days=31))
    assert [row.next_at for row in OutgoingMessage.objects.all()] == [NOW]
