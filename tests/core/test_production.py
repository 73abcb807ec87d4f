"""A production register starts only when each of its risks is closed or accepted by name."""

from __future__ import annotations

import hashlib
import ssl
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import certifi
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from django.utils import timezone
from pytest_django import Settings

from kerege.base import clock_sync, key_seal, mounts, renewal, secret_command, tls
from kerege.base.accepted_risks import RISKS, VARIABLE
from kerege.base.errors import BadInput, Refused
from kerege.core import health_checks, production, server_certificate
from kerege.core.accounts import breached_passwords
from kerege.core.audit import clock
from kerege.core.production import Listening
from kerege.core.row_security import policies
from kerege.core.security.keyring import KeyRing
from kerege.core.server_certificate import CertificateState, check_proxy
from kerege.core.uploads import clamav
from tests.tls_certificate import TlsServer, write_certificate

HAS_CLEAR_KEY = tls.has_clear_key  # before the fixture replaces it
CLOSED = {
    "PUBLIC_HOST": "localhost:9",
    "CLAMD": "/run/clamd",
    "AUDIT_FORWARD": "syslog+tls://log.example",
    "AUDIT_FORWARD_CERT": "kerege.pem",
    "DEVICE_HEADER": "X-Device",
}


def write_breached_list(path: Path, passwords: list[str]) -> None:
    """Write a list of breached passwords, as its downloader does."""
    digests = {hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in passwords}
    path.write_text("".join(f"{digest}:7\r\n" for digest in sorted(digests)))


@pytest.fixture
def closed(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Close every risk of the settings."""
    ring = KeyRing(tmp_path / "keys")
    monkeypatch.setenv(key_seal.COMMAND, f"echo {'ab' * 32}")
    ring.current("kek")
    monkeypatch.setattr(production, "keyring", lambda: ring)
    for name, value in CLOSED.items():
        setattr(settings, name, value)
    breached = tmp_path / "breached"
    write_breached_list(breached, ["123456789012", *map(str, range(2_999))])
    settings.BREACHED_PASSWORDS = str(breached)
    settings.HAS_DATABASE_PASSWORD = settings.HAS_MAIL_PASSWORD = settings.DEMO = False
    settings.BROWSER_DRAFTS = False
    settings.HTTPS, settings.ACCEPTED_RISKS, settings.PACKAGE = True, frozenset(), tmp_path
    monkeypatch.setattr(secret_command, "MANAGERS", {"echo"})
    monkeypatch.setattr(tls, "has_clear_key", lambda path: False)
    monkeypatch.setattr(clock_sync, "is_synchronised", lambda: True)
    monkeypatch.setattr(clock, "_database_time", timezone.now)
    for name in ("is_bypassed", "is_owner"):
        monkeypatch.setattr(policies, name, lambda connection: False)
    monkeypatch.setattr(server_certificate, "check_proxy", lambda: {"kerege.example": CertificateState("", None)})


@pytest.mark.usefixtures("closed")
def test_with_every_risk_closed_it_starts(settings: Settings) -> None:
    settings.TRUSTED_PROXY = True
    production.require_decisions(Listening("127.0.0.1"))
    assert health_checks.open_risks().state == "ok"


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("name", "value", "risk"),
    [
        ("CLAMD", "", "no-scanner"),
        ("BREACHED_PASSWORDS", "", "no-breached-list"),
        ("PUBLIC_HOST", "", "shared-host"),
        ("BROWSER_DRAFTS", True, "browser-drafts"),
        ("AUDIT_FORWARD", "", "no-forwarding"),
        ("AUDIT_FORWARD", "yes", "no-forwarding"),
        ("AUDIT_FORWARD", "syslog+tls://localhost:6514", "no-forwarding"),
        ("HAS_MAIL_PASSWORD", True, "mail-password"),
        ("DEVICE_HEADER", "", "unmanaged-devices"),
        ("AUDIT_FORWARD_CERT", "", "no-client-certificate"),
    ],
)
def test_an_open_risk_stops_the_start_until_it_is_accepted(
    name: str, value: object, risk: str, settings: Settings
) -> None:
    setattr(settings, name, value)
    assert f"will refuse outside of a trial: {risk}" in health_checks.open_risks().words
    with pytest.raises(Refused, match=rf"1 open risk\.(.|\n)*{risk}: "):
        production.require_decisions(Listening("127.0.0.1"))
    settings.ACCEPTED_RISKS = frozenset({risk})
    production.require_decisions(Listening("127.0.0.1"))
    assert health_checks.open_risks().words == f"accepted: {risk}"


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", ["is_bypassed", "is_owner"])
def test_a_database_user_who_could_remove_row_security_is_a_risk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, name, lambda connection: True)
    assert production.list_risks() == ["database-owner"]


@pytest.mark.usefixtures("closed")
def test_a_command_with_a_fixed_password_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production.connection, "vendor", "postgresql", raising=False)
    production.require_renewed_password()
    settings.HAS_DATABASE_PASSWORD = True
    with pytest.raises(BadInput, match="fixed password"):
        production.require_renewed_password()
    monkeypatch.setenv(VARIABLE, "database-password")
    production.require_renewed_password()


@pytest.mark.usefixtures("closed")
def test_a_service_on_another_machine_needs_a_client_certificate(settings: Settings) -> None:
    settings.CLAMD, settings.CLAMD_CERT = "tls://scan.example:3310", ""
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_CERT = "smtp://mail.example", "mail.example", ""
    assert production.list_unsigned_services() == ["KEREGE_CLAMD", "KEREGE_EMAIL_URL"]
    settings.CLAMD_CERT = settings.EMAIL_CERT = "kerege.pem"
    assert production.list_unsigned_services() == []
    settings.CLAMD, settings.EMAIL_HOST, settings.CLAMD_CERT, settings.EMAIL_CERT = "localhost:3310", "::1", "", ""
    assert production.list_unsigned_services() == []


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("host", "options", "services"),
    [
        ("db.example", {}, ["DATABASE_URL"]),
        ("db.example", {"sslcert": "kerege.pem"}, []),
        ("db.example", {"passfile": "renewed"}, []),
        ("/run/postgresql", {}, []),
        ("127.0.0.1", {}, []),
    ],
)
def test_a_database_on_another_machine_needs_a_proof(
    host: str, options: dict[str, str], services: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"HOST": host, "OPTIONS": options, "PASSWORD": ""}
    monkeypatch.setattr(production, "connection", SimpleNamespace(vendor="postgresql", settings_dict=facts))
    assert production.list_unsigned_services() == services


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("state", [False, None])
def test_a_clock_that_no_time_service_keeps_is_a_risk(state: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_sync, "is_synchronised", lambda: state)
    assert production.list_risks() == ["unsynchronised-clock"]


@pytest.mark.usefixtures("closed")
def test_a_database_with_another_time_is_a_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_database_time", lambda: timezone.now() + timedelta(seconds=3))
    assert production.list_risks() == ["unsynchronised-clock"]


@pytest.mark.usefixtures("closed")
def test_keys_in_clear_are_a_risk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(key_seal.COMMAND)
    with pytest.raises(Refused, match=r"key-files: .*kerege keys seal"):
        production.require_decisions(Listening("127.0.0.1"))
    monkeypatch.setenv(key_seal.COMMAND, f"echo {'ab' * 32}")
    (tmp_path / "keys" / "kek-0002-a1b2c3.key").write_text("ab" * 32)
    assert production.list_risks() == ["key-files"]


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("variable", [key_seal.COMMAND, key_seal.OLD_COMMAND, secret_command.TLS_PASSWORD])
def test_a_command_that_is_no_client_of_a_secrets_manager_is_a_risk(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "cat /etc/kerege/master")
    assert production.list_risks() == ["key-command"]


@pytest.mark.usefixtures("closed")
def test_a_passphrase_in_the_environment_of_the_server_is_a_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_BACKUP_PASSPHRASE", "x")
    assert production.list_risks() == ["environment-secrets"]


@pytest.mark.usefixtures("closed")
def test_a_clear_private_key_of_tls_is_a_risk(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = write_certificate(tmp_path / "clear.pem")
    monkeypatch.setattr(tls, "has_clear_key", HAS_CLEAR_KEY)
    assert tls.has_clear_key(str(clear))
    assert not tls.has_clear_key(str(tmp_path / "absent"))
    settings.AUDIT_FORWARD_CERT = str(clear)
    assert production.list_risks() == ["clear-tls-keys"]
    assert "clear-tls-keys" in production.list_listening_risks(Listening("0.0.0.0", clear, clear))
    sealed = encrypt_key(clear, tmp_path / "sealed.pem", b"word")
    assert not tls.has_clear_key(str(sealed))
    monkeypatch.setenv(secret_command.TLS_PASSWORD, "echo word")
    tls.client_context(certificate=str(sealed))
    monkeypatch.setenv(secret_command.TLS_PASSWORD, "echo another")
    with pytest.raises(ssl.SSLError):
        tls.client_context(certificate=str(sealed))


def encrypt_key(clear: Path, path: Path, password: bytes) -> Path:
    """Write a certificate with its key encrypted."""
    content = clear.read_bytes()
    key = load_pem_private_key(content, None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    path.write_bytes(sealed + content[content.index(b"-----BEGIN CERTIFICATE") :])
    return path


@pytest.mark.usefixtures("closed")
def test_a_password_in_the_address_of_postgresql_is_a_risk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HAS_DATABASE_PASSWORD = True
    monkeypatch.setattr(production.connection, "vendor", "postgresql", raising=False)
    assert production.list_risks() == ["database-password"]


@pytest.mark.usefixtures("closed")
def test_a_list_of_few_or_other_breached_passwords_is_a_risk(settings: Settings, tmp_path: Path) -> None:
    path, numbers = tmp_path / "breached", list(map(str, range(2_999)))
    write_breached_list(path, [*numbers, "a word that nobody else uses"])
    assert not breached_passwords.holds_enough(path)
    write_breached_list(path, ["123456789012", *numbers[:-1]])
    assert not breached_passwords.holds_enough(path)
    path.write_bytes(b"A" * 41 * 3_000)
    assert not breached_passwords.holds_enough(path)
    path.write_bytes((b"A" * 40 + b"\n") * 3_000)
    assert production.list_risks() == ["no-breached-list"]
    settings.BREACHED_PASSWORDS = str(tmp_path / "absent")
    assert production.list_risks() == ["no-breached-list"]


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("answer", [b"stream: OK", b"anything"])
def test_a_scanner_that_passes_the_test_file_is_a_risk(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamav, "_instream", lambda content: b"stream: Eicar-Test-Signature FOUND")
    assert production.list_risks() == []
    monkeypatch.setattr(clamav, "_instream", lambda content: answer)
    assert production.list_risks() == ["no-scanner"]


def test_the_test_file_is_the_one_of_eicar() -> None:
    digest = hashlib.sha256(clamav.TEST_FILE).hexdigest()
    assert digest == "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"


@pytest.mark.usefixtures("closed")
def test_a_file_on_a_network_file_system_leaves_the_machine(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    monkeypatch.setattr(mounts, "TABLE", table)
    settings.AUDIT_FORWARD, settings.ACCEPTED_RISKS = "file:///mnt/a%20log/audit", frozenset({"plain-forwarding"})
    root = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    plain = "plain-forwarding"  # Kerege cannot see whether the file system encrypts
    for kind, risks in (("nfs4", [plain]), ("fuse.sshfs", [plain]), ("ext4", [plain, "no-forwarding"])):
        table.write_text(rf"{root}30 22 0:40 / /mnt/a\040log rw shared:1 - {kind} log.example:/audit rw")
        assert production.list_risks() == risks
        if "no-forwarding" not in risks:
            production.require_decisions(Listening("127.0.0.1"))
    table.unlink()
    assert production.list_risks() == [plain, "no-forwarding"]


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", [".git", ".hg", ".svn"])
def test_a_program_in_a_checkout_is_a_risk(name: str, tmp_path: Path, settings: Settings) -> None:
    settings.PACKAGE = tmp_path / "src" / "kerege"
    assert production.list_risks() == []
    (tmp_path / name).mkdir()
    assert production.list_risks() == ["source-control"]


@pytest.mark.usefixtures("closed")
def test_an_address_of_the_network_needs_a_certificate(settings: Settings) -> None:
    for https in (True, False):
        settings.HTTPS = https
        with pytest.raises(Refused, match="plain-http"):
            production.require_decisions(Listening("0.0.0.0"))
    settings.ACCEPTED_RISKS = frozenset({"plain-http"})
    production.require_decisions(Listening("0.0.0.0"))


@pytest.mark.usefixtures("closed", "trusted")
def test_headers_of_a_proxy_are_not_trusted_where_clients_can_pass_it_by(certificate: Path, settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.TRUSTED_PROXY = ["kerege.example"], True
    assert "proxy-bypass" in production.list_listening_risks(Listening("0.0.0.0", certificate, certificate))
    assert "proxy-bypass" not in production.list_listening_risks(Listening("127.0.0.1", certificate, certificate))
    settings.TRUSTED_PROXY = False
    assert "proxy-bypass" not in production.list_listening_risks(Listening("0.0.0.0", certificate, certificate))


def test_a_trial_on_this_machine_is_exempt(settings: Settings) -> None:
    settings.DEMO, settings.HTTPS, settings.TRUSTED_PROXY, settings.ACCEPTED_RISKS = False, False, False, frozenset()
    settings.CLAMD, settings.ALLOWED_HOSTS = "", ["localhost", "127.0.0.1", "[::1]"]
    settings.SITE_URL, settings.CSRF_TRUSTED_ORIGINS = "http://localhost:8000", ["http://[::1]:8000"]
    production.require_decisions(Listening("127.0.0.1"))
    production.require_decisions()
    settings.TRUSTED_PROXY = True
    for listening in (Listening("127.0.0.1"), None):
        with pytest.raises(Refused):
            production.require_decisions(listening)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", ["localhost", "kerege.example.kz"]),
        ("ALLOWED_HOSTS", ["*"]),
        ("SITE_URL", "https://kerege.example.kz"),
        ("SITE_URL", "kerege.example.kz"),
        ("CSRF_TRUSTED_ORIGINS", ["https://kerege.example.kz"]),
    ],
)
def test_a_register_with_a_name_of_its_own_is_no_trial(name: str, value: object, settings: Settings) -> None:
    """A proxy on this machine serves it, also one that KEREGE_TRUSTED_PROXY does not name."""
    settings.DEMO, settings.HTTPS, settings.TRUSTED_PROXY = False, False, False
    settings.ALLOWED_HOSTS, settings.SITE_URL, settings.CSRF_TRUSTED_ORIGINS = ["localhost"], "", []
    assert Listening("127.0.0.1").is_trial
    setattr(settings, name, value)
    assert not Listening("127.0.0.1").is_trial
    assert not production.is_trial()


def test_doctor_warns_about_a_release_with_old_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "RENEWED", timezone.localdate() - renewal.LONGEST)
    assert health_checks.packages().state == "ok"
    monkeypatch.setattr(renewal, "RENEWED", renewal.RENEWED - timedelta(days=1))
    assert "install a newer release" in health_checks.packages().words


def test_every_risk_has_its_remedy_and_its_sentence() -> None:
    at_connections = {"plain-database", "plain-mail", "plain-scanner"}  # refused when the settings are read
    assert production.REMEDIES.keys() == RISKS.keys() - at_connections


# -- the certificate ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem", host="kerege.example", ends=timedelta(90))


def trust(patched: pytest.MonkeyPatch, certificate: Path) -> None:
    """Let a certificate be the only one in the list of public authorities."""
    patched.setattr(certifi, "where", lambda: str(certificate))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the certificate be that of a public authority."""
    trust(monkeypatch, certificate)


@pytest.mark.usefixtures("closed")
def test_a_private_certificate_is_a_risk(certificate: Path, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "kerege.example"]
    listening = Listening("0.0.0.0", certificate, certificate)
    assert production.list_listening_risks(listening) == ["private-certificate"]
    with pytest.raises(Refused, match=r"private-certificate(.|\n)*kerege.example: self-signed"):
        production.require_decisions(listening)
    settings.ALLOWED_HOSTS = ["*"]
    assert production.list_listening_risks(listening) == ["private-certificate"]


@pytest.mark.usefixtures("closed")
def test_a_certificate_that_has_ended_is_called_so(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["kerege.example"]
    ended = write_certificate(tmp_path / "ended.pem", host="kerege.example", ends=timedelta(-1))
    trust(monkeypatch, ended)
    with pytest.raises(Refused, match=r"kerege\.example: certificate has expired") as refusal:
        production.require_decisions(Listening("0.0.0.0", ended, ended))
    assert "no public authority issued" not in str(refusal.value)


@pytest.mark.usefixtures("closed")
def test_every_name_below_a_host_needs_a_certificate_of_all_of_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = [".kerege.example"]
    for host, risks in (("*.kerege.example", []), ("kerege.example", ["private-certificate"])):
        path = write_certificate(tmp_path / f"{len(host)}.pem", host=host)
        trust(monkeypatch, path)
        assert production.list_listening_risks(Listening("0.0.0.0", path, path)) == risks


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", ["SITE_URL", "PUBLIC_HOST"])
def test_a_private_certificate_of_the_proxy_is_a_risk(
    name: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = write_certificate(tmp_path / "proxy.pem")
    server = TlsServer(shown, lambda link: None)
    monkeypatch.setattr(server_certificate, "check_proxy", check_proxy)
    settings.ALLOWED_HOSTS, settings.SITE_URL, settings.PUBLIC_HOST = ["localhost", ".example"], "", ""
    settings.ACCEPTED_RISKS = frozenset({"shared-host"})
    setattr(settings, name, f"{'https://' if name == 'SITE_URL' else ''}127.0.0.1:{server.port}")
    with pytest.raises(Refused, match=r"127.0.0.1: self-signed"):
        production.require_decisions(Listening("127.0.0.1"))
    trust(monkeypatch, shown)
    production.require_decisions(Listening("127.0.0.1"))
    server.close()
    with pytest.raises(Refused, match=r"127.0.0.1: does not answer"):
        production.require_decisions(Listening("127.0.0.1"))
    settings.SITE_URL = settings.PUBLIC_HOST = ""
    with pytest.raises(Refused, match=r"no certificate was seen"):
        production.require_decisions(Listening("127.0.0.1"))


@pytest.mark.usefixtures("closed", "trusted")
def test_a_public_certificate_of_every_name_is_none(certificate: Path, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "kerege.example"]
    listening = Listening("0.0.0.0", certificate, certificate)
    production.require_decisions(listening)
    settings.ALLOWED_HOSTS = ["kerege.example", "register.example"]  # which it does not name
    assert production.list_listening_risks(listening) == ["private-certificate"]


@pytest.mark.usefixtures("trusted")
def test_doctor_reports_a_certificate_that_ends_soon(certificate: Path, settings: Settings, tmp_path: Path) -> None:
    settings.ALLOWED_HOSTS, settings.TLS_CERT, settings.TLS_KEY = ["kerege.example"], str(certificate), str(certificate)
    assert health_checks.certificate().state == "ok"
    soon = write_certificate(tmp_path / "soon.pem", host="kerege.example", ends=timedelta(20))
    with pytest.MonkeyPatch.context() as patched:
        trust(patched, soon)
        settings.TLS_CERT = settings.TLS_KEY = str(soon)
        assert health_checks.certificate().words.startswith("ends on ")
    settings.TLS_CERT = settings.TLS_KEY = str(tmp_path / "absent.pem")
    assert "cannot be read" in health_checks.certificate().words


def test_doctor_checks_the_certificate_that_a_proxy_shows(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = write_certificate(tmp_path / "proxy.pem", ends=timedelta(90))
    server = TlsServer(shown, lambda link: None)
    settings.TLS_CERT, settings.TLS_KEY, settings.ALLOWED_HOSTS = "", "", ["localhost"]
    settings.SITE_URL = f"https://127.0.0.1:{server.port}"
    assert "browsers refuse it: 127.0.0.1: self-signed" in health_checks.certificate().words
    trust(monkeypatch, shown)
    assert health_checks.certificate().state == "ok"
    server.close()
    assert server_certificate.check_address("127.0.0.1", server.port).fault.startswith("does not answer")
    settings.SITE_URL = ""
    assert health_checks.certificate().state == "warn"
