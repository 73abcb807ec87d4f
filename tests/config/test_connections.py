"""Connections to another machine: TLS with verification, unless the operator accepts the risk by name."""

from __future__ import annotations

import os
import smtplib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from dj_database_url import ENGINE_SCHEMES
from django.db import connection
from pytest_django import Settings

from kerege.base.accepted_risks import RISKS, VARIABLE, accepted_risks
from kerege.base.errors import BadInput
from kerege.config import connections, mail
from kerege.core.backup import database_copy
from kerege.core.uploads import clamav
from kerege.core.verified_mail import EmailBackend
from tests.tls_certificate import TlsServer, write_certificate

NONE: dict[str, str] = {}
REMOTE = "postgresql://kerege@db.example/kerege"


def options(url: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////srv/kerege.sqlite3",
        "postgresql://kerege@localhost/kerege",
        "postgresql://kerege@127.0.0.1:5433/kerege",
        "postgresql://kerege@[::1]:5433/kerege",
        "postgresql:///kerege?host=/run/postgresql",
        "postgresql://%2Frun%2Fpostgresql/kerege",
        "postgresql:///kerege",
    ],
)
def test_a_database_on_this_machine_needs_no_tls(url: str) -> None:
    assert connections.secure_database_url(url, NONE) == url


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        (REMOTE, NONE),
        ("postgresql://kerege@localhost,db.example/kerege", NONE),
        ("postgresql://kerege@localhost/kerege?hostaddr=10.0.0.7", NONE),
        ("postgresql://kerege@localhost/kerege", {"PGHOSTADDR": "10.0.0.7"}),
        ("postgresql:///kerege?host=db.example", NONE),
        ("postgresql:///kerege", {"PGHOST": "db.example"}),
        ("postgresql:///kerege?service=any", NONE),
    ],
)
def test_a_database_on_another_machine_is_verified(url: str, environment: dict[str, str]) -> None:
    secured = options(connections.secure_database_url(url, environment))
    assert (secured["sslmode"], secured["sslrootcert"]) == ("verify-full", "system")


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_a_weaker_mode_is_refused_unless_the_risk_is_accepted(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{REMOTE}?sslmode={mode}"
    with pytest.raises(BadInput, match="add plain-database to KEREGE_ACCEPT_RISKS"):
        connections.secure_database_url(url, NONE)
    with pytest.raises(BadInput):
        connections.secure_database_url(REMOTE, {"PGSSLMODE": mode})
    monkeypatch.setenv(VARIABLE, "plain-database")
    assert options(connections.secure_database_url(url, NONE)) == {"sslmode": mode}


def test_a_database_has_its_own_authority_and_client_certificate() -> None:
    environment = {"KEREGE_DATABASE_CA": "/etc/ca.pem", "KEREGE_DATABASE_CERT": "/etc/kerege.pem"}
    secured = options(connections.secure_database_url(REMOTE, environment))
    assert secured == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "sslcert": "/etc/kerege.pem",
        "sslkey": "/etc/kerege.pem",
    }


def test_dumps_and_restores_use_the_same_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"HOST": "db.example", "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "system", "pool": {}}}
    for name, value in facts.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    line = database_copy._dsn()
    assert "host='db.example'" in line
    assert "sslmode='verify-full' sslrootcert='system'" in line


def test_mail_to_another_machine_begins_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail.settings_of("smtp://mail.example")["EMAIL_USE_TLS"]
    assert mail.settings_of("smtps://mail.example")["EMAIL_USE_SSL"]
    assert not mail.settings_of("smtp://localhost:25")["EMAIL_USE_TLS"]
    with pytest.raises(BadInput, match="add plain-mail"):
        mail.settings_of("smtp://mail.example?tls=0")
    monkeypatch.setenv(VARIABLE, "plain-mail")
    assert not mail.settings_of("smtp://mail.example?tls=0")["EMAIL_USE_TLS"]


def test_a_scanner_on_another_machine_needs_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("", "/run/clamd", "127.0.0.1:3310", "localhost:3310", "[::1]:3310", "tls://scan.example:3311"):
        connections.check_scanner(place)
    with pytest.raises(BadInput, match="add plain-scanner"):
        connections.check_scanner("scan.example:3310")
    monkeypatch.setenv(VARIABLE, "plain-scanner")
    connections.check_scanner("scan.example:3310")


def test_an_unknown_risk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "no-scanner,everything")
    with pytest.raises(BadInput, match="everything"):
        accepted_risks()
    monkeypatch.setenv(VARIABLE, ", ".join(RISKS))
    assert accepted_risks() == frozenset(RISKS)


@pytest.mark.parametrize(
    ("url", "is_fixed"),
    [
        ("postgresql://kerege:secret@db.example/kerege", True),
        ("postgresql://db.example/kerege?user=kerege&password=secret", True),
        ("postgresql://kerege@db.example/kerege?passfile=/run/credentials/pgpass", False),
        ("postgresql://kerege@db.example/kerege?service=any", True),
        ("sqlite:////srv/kerege.sqlite3", False),
        ("", False),
    ],
)
def test_a_password_in_an_address_is_noticed(url: str, is_fixed: bool) -> None:
    assert connections.has_database_password(["", url], NONE) is is_fixed


@pytest.mark.parametrize("environment", [{"PGPASSWORD": "secret"}, {"PGSERVICE": "any"}])
def test_a_password_of_the_environment_is_noticed(environment: dict[str, str]) -> None:
    assert connections.has_database_password([REMOTE], environment)
    assert not connections.has_database_password(["sqlite:////srv/kerege.sqlite3"], environment)


@pytest.mark.parametrize("variable", ["PGPASSFILE", "HOME", "address"])
def test_a_password_file_that_nobody_renews_is_a_fixed_password(variable: str, tmp_path: Path) -> None:
    path = tmp_path / ".pgpass"
    path.write_text("*:*:*:kerege:secret")
    url = f"{REMOTE}?passfile={path}" if variable == "address" else REMOTE
    environment = {variable: str(tmp_path if variable == "HOME" else path)}
    assert not connections.has_database_password([url], environment)
    written = time.time() - connections.RENEWED - 60
    os.utime(path, (written, written))
    assert connections.has_database_password([url], environment)


@pytest.mark.parametrize("scheme", sorted(ENGINE_SCHEMES.keys() - {"postgres", "postgresql", "pgsql", "sqlite"}))
def test_an_address_of_another_kind_of_database_is_refused(scheme: str) -> None:
    """The settings make PostgreSQL of every address that is not SQLite."""
    with pytest.raises(BadInput, match="write postgresql://"):
        connections.secure_database_url(f"{scheme}://kerege@db.example/kerege?sslmode=disable", NONE)


# -- servers over TLS --------------------------------------------------------------------------------------------------
def greet(link: ssl.SSLSocket) -> None:
    """Answer as a mail server does."""
    link.sendall(b"220 ready\r\n")
    while link.recv(1024):
        link.sendall(b"250 well\r\n")


def pong(link: ssl.SSLSocket) -> None:
    """Answer as a scanner does."""
    if link.recv(1024) == b"zPING\0":
        link.sendall(b"PONG\0")


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    certificate = write_certificate(tmp_path / "server.pem")
    running = TlsServer(certificate, request.param)
    yield running.port, certificate
    running.close()


@pytest.mark.parametrize("server", [pong], indirect=True)
def test_the_scanner_is_verified(server: tuple[int, Path], settings: Settings) -> None:
    port, certificate = server
    settings.CLAMD, settings.CLAMD_CA, settings.CLAMD_CERT = f"tls://127.0.0.1:{port}", "", ""
    assert not clamav.answers()  # no authority of the system issued its certificate
    settings.CLAMD_CA = str(certificate)
    assert clamav.answers()


@pytest.mark.parametrize("server", [greet], indirect=True)
def test_the_mail_server_is_verified(server: tuple[int, Path], settings: Settings) -> None:
    port, certificate = server
    settings.EMAIL_CA = settings.EMAIL_CERT = ""
    place = {"host": "127.0.0.1", "port": port, "use_ssl": True, "timeout": 30}
    with pytest.raises(ssl.SSLCertVerificationError):
        EmailBackend(**place).open()
    settings.EMAIL_CA = str(certificate)
    backend = EmailBackend(**place)
    assert backend.open()
    assert isinstance(backend.connection, smtplib.SMTP_SSL)
    backend.connection.close()


def test_the_settings_use_the_verifying_backend() -> None:
    assert mail.settings_of("smtps://mail.example")["EMAIL_BACKEND"].endswith("verified_mail.EmailBackend")
