"""Log lines go to the target of the audit events, and none is lost while processes write."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from kerege.base import log_spool
from kerege.config import logs
from kerege.core import health
from kerege.core.audit import forwarding, log_delivery
from kerege.core.jobs import worker
from tests.tls_certificate import TlsServer, write_certificate

DECISION = {"event": "allowed", "logger": logs.DECISIONS, "level": "info", "timestamp": "2026-11-29T10:00:00.000001Z"}


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """Return a logger that writes to a spool of its own."""
    monkeypatch.setattr(log_spool.files, "home", lambda: tmp_path)
    logger, handler = logging.getLogger("kerege.test_spool"), log_spool.SpoolHandler()
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_lines_are_sent_a_turn_after_the_file_was_moved(spool: logging.Logger, tmp_path: Path) -> None:
    target, copy = (tmp_path / "audit").as_uri(), tmp_path / "audit.log"
    spool.warning("first")
    assert log_spool.spool_path().stat().st_mode & 0o777 == 0o600
    assert log_delivery.ship(target) == 0
    spool.warning("second")
    assert log_delivery.ship(target) == 1
    assert log_delivery.ship(target) == 1
    assert copy.read_text() == "first\nsecond\n"
    assert log_delivery.read_state().since is None


def test_lines_wait_while_the_target_is_away(spool: logging.Logger, tmp_path: Path) -> None:
    spool.warning("waits")
    log_delivery.ship((tmp_path / "audit").as_uri())
    with pytest.raises(OSError, match="No such file"):
        log_delivery.ship((tmp_path / "absent" / "audit").as_uri())
    assert log_delivery.ship((tmp_path / "audit").as_uri()) == 1


def test_a_full_spool_takes_no_more_lines(spool: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_spool, "LIMIT", 3)
    spool.warning("first")
    spool.warning("second")
    assert log_spool.spool_path().read_text() == "first\n"


def test_a_line_is_a_message_of_syslog_with_its_own_time() -> None:
    line = json.dumps(DECISION)
    text = f"<86>1 2026-11-29T10:00:00.000001Z host kerege {os.getpid()} allowed - \ufeff{line}".encode()
    assert log_delivery.syslog_message(line, "host") == f"{len(text)} ".encode() + text
    assert b"<132>1 " in log_delivery.syslog_message("no JSON", "host")
    assert b"<131>1 " in log_delivery.syslog_message(json.dumps({"level": "error"}), "host")


def test_the_worker_sends_lines_over_tls(
    spool: logging.Logger, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, received = write_certificate(tmp_path / "syslog.pem"), list[bytes]()
    server = TlsServer(certificate, lambda link: received.append(link.recv(4096)))
    settings.AUDIT_FORWARD, settings.AUDIT_FORWARD_CA = f"syslog+tls://127.0.0.1:{server.port}", str(certificate)
    for name in ("run_due", "queue", "close_old_connections"):
        monkeypatch.setattr(worker, name, lambda: type("Idle", (), {"run": staticmethod(lambda: None)}))
    spool.warning(json.dumps(DECISION))
    worker.turn()
    worker.turn()
    server.close()
    assert b"kerege.decisions" in received[0]
    settings.AUDIT_FORWARD = "syslog+tls://127.0.0.1:1"
    spool.warning("waits")
    worker.turn()
    worker.turn()  # nobody answers: logged, and the worker goes on
    assert log_delivery.read_state().size > 0


@pytest.mark.django_db
def test_doctor_reports_lines_that_wait_and_lines_that_are_lost(
    spool: logging.Logger, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_FORWARD = (tmp_path / "audit").as_uri()
    forwarding.forward(settings.AUDIT_FORWARD)
    assert health.audit_forwarding().state == "ok"
    spool.warning("waits")
    at = log_spool.spool_path().stat().st_mtime - timedelta(minutes=3).total_seconds()
    os.utime(log_spool.spool_path(), (at, at))
    assert "6 bytes of log lines wait since" in health.audit_forwarding().words
    monkeypatch.setattr(log_delivery, "LIMIT", 3)
    assert health.audit_forwarding().state == "fail"


def test_a_register_that_forwards_events_keeps_its_log_lines_for_sending() -> None:
    assert logs.configure("ERROR", is_spooled=True)["root"]["handlers"] == ["stderr", "spool"]
    assert logs.configure("ERROR")["root"]["handlers"] == ["stderr"]
