"""Audit events on another machine: a file on another mount, and a syslog server over TLS."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.core import audit, health
from kerege.core.audit import forwarding
from kerege.core.audit.canonical_json import event_hash
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.tls_certificate import TlsServer, write_certificate

pytestmark = pytest.mark.django_db
FRAME = re.compile(rb"(\d+) ")
HEADER = re.compile(r"<(\d+)>1 (\S+) (\S+) kerege (\d+) (\S+) - \ufeff(.*)", re.DOTALL)


@pytest.fixture(autouse=True)
def _no_state() -> Iterator[None]:
    forwarding.state_path().unlink(missing_ok=True)
    yield
    forwarding.state_path().unlink(missing_ok=True)


def record(count: int) -> None:
    for number in range(count):
        audit.record(Actor.system("tests"), "cases.view", target=f"case:{number}", number=number)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sent(path: Path) -> list[int]:
    return [line["seq"] for line in lines_of(path)]


def target_of(path: Path) -> str:
    return path.as_uri()


def test_every_event_is_sent_once_in_the_order_of_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "copy of events"
    record(3)
    assert forwarding.forward(target_of(path)) == 3
    record(2)
    assert forwarding.forward(target_of(path)) == 2
    assert forwarding.forward(target_of(path)) == 0
    assert sent(path) == list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True))


def test_a_receiver_can_verify_the_chain_from_its_copy(tmp_path: Path) -> None:
    record(4)
    forwarding.forward(target_of(tmp_path / "copy"))
    before = "0" * 64
    for line in lines_of(tmp_path / "copy"):
        at = datetime.strptime(line["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        fields = tuple(line[name] for name in ("actor", "agency", "action", "target", "outcome"))
        assert line["prev_hash"] == before
        before = event_hash(before, line["seq"], at, fields, line["details"])
        assert line["hash"] == before


def test_more_events_than_a_batch_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "BATCH", 2)
    record(5)
    assert forwarding.forward(target_of(tmp_path / "copy")) == 5
    assert len(set(sent(tmp_path / "copy"))) == 5


def test_a_crash_between_sending_and_storing_repeats_events_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(2)

    def crash(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(forwarding, "_store", crash)
        with pytest.raises(OSError, match="disk full"):
            forwarding.forward(target_of(tmp_path / "copy"))
    record(1)
    forwarding.forward(target_of(tmp_path / "copy"))
    numbers = list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert sent(tmp_path / "copy") == [*numbers[:2], *numbers]


def test_a_torn_line_does_not_swallow_the_next_event(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.write_text('{"seq": 1, "act')
    record(1)
    forwarding.forward(target_of(path))
    assert json.loads(path.read_text().splitlines()[-1])["action"] == "cases.view"


def test_another_target_gets_the_whole_chain(tmp_path: Path) -> None:
    record(2)
    forwarding.forward(target_of(tmp_path / "one"))
    forwarding.forward(target_of(tmp_path / "two"))
    assert sent(tmp_path / "two") == sent(tmp_path / "one")


@pytest.mark.parametrize("target", ["syslog://host", "http://host/x", "file:", "/var/log/x", "syslog+tls://"])
def test_another_kind_of_target_is_refused(target: str) -> None:
    with pytest.raises(Refused, match="correct KEREGE_AUDIT_FORWARD"):
        forwarding.forward(target)


def test_doctor_reports_events_that_wait_too_long(tmp_path: Path, settings: Any) -> None:
    settings.AUDIT_FORWARD = ""
    assert health.audit_forwarding().state == "warn"
    settings.AUDIT_FORWARD = target_of(tmp_path / "copy")
    record(1)
    assert health.audit_forwarding().state == "ok"  # it waits, but not for long
    late = timezone.now() - forwarding.LATE - timedelta(seconds=1)
    state = forwarding.ForwardingState(0, 1, late)
    assert forwarding.read_state(settings.AUDIT_FORWARD).waiting >= 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(forwarding, "read_state", lambda target: state)
        assert health.audit_forwarding().state == "warn"
        assert "1 events wait since" in health.audit_forwarding().words
    forwarding.forward_waiting(timezone.now())
    assert forwarding.read_state(settings.AUDIT_FORWARD).waiting == 0


# -- syslog ------------------------------------------------------------------------------------------------------------
class Receiver:
    """A syslog server over TLS that keeps what it read."""

    def __init__(self, certificate: Path) -> None:
        self.received = b""
        self.server = TlsServer(certificate, self._read)
        self.port = self.server.port

    def _read(self, connection: ssl.SSLSocket) -> None:
        while part := connection.recv(65_536):
            self.received += part

    def messages(self) -> list[str]:
        """Return the messages of the frames."""
        rest, messages = self.received, []
        while rest:
            frame = FRAME.match(rest)
            assert frame is not None
            end = frame.end() + int(frame[1])
            messages.append(rest[frame.end() : end].decode())
            rest = rest[end:]
        return messages


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a self-signed certificate of 127.0.0.1 with its key."""
    return write_certificate(tmp_path / "server.pem")


@pytest.fixture
def receiver(certificate: Path) -> Iterator[Receiver]:
    server = Receiver(certificate)
    yield server
    server.server.close()


def test_a_syslog_server_gets_framed_messages_over_tls(receiver: Receiver, certificate: Path, settings: Any) -> None:
    settings.AUDIT_FORWARD_CA = str(certificate)
    record(2)
    audit.refuse(Actor.system("tests"), Denied("cases.view", "case:1"))
    assert forwarding.forward(f"syslog+tls://127.0.0.1:{receiver.port}") == 3
    headers = [HEADER.fullmatch(message) for message in receiver.messages()]
    assert all(headers)
    texts = [header.groups() for header in headers if header]
    assert [priority for priority, *_ in texts] == ["110", "110", "108"]  # 13 * 8 + 6, and + 4 for a refusal
    assert {name for *_, name, _text in texts} == {"cases.view"}
    assert [json.loads(text)["seq"] for *_, text in texts] == sorted(AuditEvent.objects.values_list("seq", flat=True))
    assert all(stamp.endswith("Z") for _priority, stamp, *_ in texts)


def test_a_server_that_is_not_trusted_gets_nothing(receiver: Receiver, settings: Any) -> None:
    settings.AUDIT_FORWARD_CA = ""
    record(1)
    with pytest.raises(ssl.SSLError):
        forwarding.forward(f"syslog+tls://127.0.0.1:{receiver.port}")
    assert receiver.received == b""
    assert forwarding.read_state(f"syslog+tls://127.0.0.1:{receiver.port}").sent == 0


def test_events_wait_for_a_server_that_is_away(
    certificate: Path, settings: Any, unused_port: Callable[[], int]
) -> None:
    settings.AUDIT_FORWARD_CA = str(certificate)
    record(1)
    target = f"syslog+tls://127.0.0.1:{unused_port()}"
    with pytest.raises(OSError, match="refused"):
        forwarding.forward(target)
    assert forwarding.read_state(target).waiting == AuditEvent.objects.count()


@pytest.fixture
def unused_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return int(free.getsockname()[1])

    return find
