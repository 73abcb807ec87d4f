"""Conditions of a production register: each is met, or the operator accepts its risk by name.

`kerege serve` and `kerege worker` refuse to start otherwise. A trial on this machine (a demo, or loopback without TLS
and without another name) is exempt.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from kerege.base import key_seal, secret_command, tls
from kerege.base.accepted_risks import RISKS, VARIABLE, refuse_unless_accepted
from kerege.base.errors import Refused
from kerege.base.message_text import count_noun
from kerege.core import server_certificate
from kerege.core.accounts import breached_passwords
from kerege.core.audit import clock, forwarding
from kerege.core.row_security import policies
from kerege.core.security.keyring import keyring
from kerege.core.uploads import clamav

# risk: the setting or command that removes it
REMEDIES = {
    "plain-http": "give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy on this machine",
    "proxy-bypass": "listen on 127.0.0.1 behind a proxy on this machine, or unset KEREGE_TRUSTED_PROXY",
    "private-certificate": "take a certificate of a public authority for every served name; start the proxy first",
    "database-password": "sign in by a Unix socket, by a certificate (KEREGE_DATABASE_CERT) or with passfile=PATH",
    "database-owner": "let an ordinary user serve, and another one migrate (KEREGE_MIGRATE_URL)",
    "no-client-certificate": "set KEREGE_AUDIT_FORWARD_CERT, KEREGE_CLAMD_CERT and KEREGE_EMAIL_CERT for those you use",
    "mail-password": "sign in by a certificate (KEREGE_EMAIL_CERT), or use a mail server on this machine",
    "key-files": f"set {key_seal.COMMAND} and run kerege keys seal",
    "key-command": f"let each command run one of {', '.join(sorted(secret_command.MANAGERS))}",
    "clear-tls-keys": f"encrypt the keys; {secret_command.TLS_PASSWORD} names the command that prints the password",
    "environment-secrets": f"set {secret_command.PASSPHRASE} in place of KEREGE_BACKUP_PASSPHRASE",
    "shared-host": "set KEREGE_PUBLIC_HOST to a host of the public site",
    "source-control": "install Kerege from its wheel",
    "browser-drafts": "leave KEREGE_BROWSER_DRAFTS out: unsent words then wait in the open page alone",
    "no-scanner": "set KEREGE_CLAMD to a scanner that recognises the EICAR test file",
    "no-breached-list": "set KEREGE_BREACHED_PASSWORDS to the sorted list of Have I Been Pwned",
    "unmanaged-devices": "let the proxy verify device certificates, and name its header in KEREGE_DEVICE_HEADER",
    "unsynchronised-clock": "start chronyd or systemd-timesyncd, here and on the machine of the database",
    "plain-forwarding": "set KEREGE_AUDIT_FORWARD to syslog+tls://HOST:PORT",
    "no-forwarding": "set KEREGE_AUDIT_FORWARD to a syslog server or a network file system of another machine",
}


@dataclass(frozen=True)
class Listening:
    """Address of the server, and its certificate if it ends TLS itself."""

    host: str
    certificate: Path | None = None
    key: Path | None = None

    @property
    def is_trial(self) -> bool:
        """Return whether only this machine reaches the server, in clear and past no proxy."""
        return settings.DEMO or (is_trial() and self.certificate is None and tls.is_loopback(self.host))


def is_trial() -> bool:
    """Return whether the register is a demo, or its settings name no proxy, TLS or other machine.

    A proxy that nobody named leaves a trace: the host, the origin or the address that clients see.
    """
    places = [*settings.CSRF_TRUSTED_ORIGINS, settings.SITE_URL]
    names = [*settings.ALLOWED_HOSTS, *(urlsplit(place).hostname or place for place in places if place)]
    is_plain = not settings.HTTPS and not settings.TRUSTED_PROXY
    return settings.DEMO or (is_plain and all(map(tls.is_loopback, names)))


def list_risks() -> list[str]:
    """Return the risks of the settings, accepted or not, in the order of the list."""
    risks = {
        "database-password": connection.vendor == "postgresql" and settings.HAS_DATABASE_PASSWORD,
        "database-owner": policies.is_bypassed(connection) or policies.is_owner(connection),
        "mail-password": settings.HAS_MAIL_PASSWORD,
        "no-client-certificate": bool(list_unsigned_services()),
        "key-files": not key_seal.key_command() or bool(keyring().clear_files()),
        "key-command": not all(map(secret_command.is_manager, list_secret_commands())),
        "clear-tls-keys": any(map(tls.has_clear_key, list_key_files())),
        "environment-secrets": bool(os.environ.get("KEREGE_BACKUP_PASSPHRASE")),
        "shared-host": not settings.PUBLIC_HOST,
        "source-control": is_in_checkout(settings.PACKAGE),
        "browser-drafts": settings.BROWSER_DRAFTS,
        "no-scanner": not settings.CLAMD or clamav.passes_test_file(),
        "no-breached-list": not breached_passwords.holds_enough(breached_passwords.list_path()),
        "unmanaged-devices": not settings.DEVICE_HEADER,
        "unsynchronised-clock": not clock.is_right(),
        "plain-forwarding": settings.AUDIT_FORWARD.startswith("file:"),
        "no-forwarding": not forwarding.leaves_machine(settings.AUDIT_FORWARD),
    }
    return [name for name in RISKS if risks.get(name)]


def list_secret_commands() -> list[str]:
    """Return the commands of the settings that print a secret."""
    names = (secret_command.PASSPHRASE, secret_command.TLS_PASSWORD)
    commands = (os.environ.get(name, "").strip() for name in names)
    return [*key_seal.list_commands(), *filter(None, commands)]


def list_key_files() -> list[str]:
    """Return the files of the settings that hold a private key of TLS."""
    database = os.environ.get("KEREGE_DATABASE_CERT", "")
    files = (settings.TLS_KEY, settings.AUDIT_FORWARD_CERT, settings.CLAMD_CERT, settings.EMAIL_CERT, database)
    return [path for path in files if path]


def list_unsigned_services() -> list[str]:
    """Return the settings of services on another machine to which Kerege signs in without a certificate."""
    forward, scanner = urlsplit(settings.AUDIT_FORWARD), settings.CLAMD.removeprefix("tls://").rpartition(":")[0]
    log_host = forward.hostname if forward.scheme == "syslog+tls" else ""
    mail_host = settings.EMAIL_HOST if settings.EMAIL_URL else ""
    services = {
        "DATABASE_URL": _database_proof(),
        "KEREGE_AUDIT_FORWARD": (log_host, settings.AUDIT_FORWARD_CERT),
        "KEREGE_CLAMD": (scanner, settings.CLAMD_CERT),
        "KEREGE_EMAIL_URL": (mail_host, settings.EMAIL_CERT),
    }
    return [name for name, (host, cert) in services.items() if host and not tls.is_loopback(host) and not cert]


def _database_proof() -> tuple[str, str]:
    """Return the machine of PostgreSQL, '' for this one, and the proof with which Kerege signs in there."""
    facts = connection.settings_dict
    host, options = str(facts["HOST"]), facts["OPTIONS"]
    if connection.vendor != "postgresql" or host.startswith("/"):
        return "", ""
    proof = options.get("sslcert") or options.get("passfile") or facts["PASSWORD"]  # a fixed password is another risk
    return host, str(proof or "")


def require_renewed_password() -> None:
    """Raise BadInput if a command signs in to PostgreSQL with a fixed password whose risk nobody accepts."""
    if connection.vendor == "postgresql" and settings.HAS_DATABASE_PASSWORD and not is_trial():
        refuse_unless_accepted("database-password", RISKS["database-password"], REMEDIES["database-password"])


def is_in_checkout(place: Path) -> bool:
    """Return whether a folder or one above it holds the data of a version control system."""
    return any((folder / name).exists() for folder in (place, *place.parents) for name in (".git", ".hg", ".svn"))


def list_listening_risks(listening: Listening) -> list[str]:
    """Return the risks of the address of the server."""
    return _listening_risks(listening, list_certificate_faults(listening))


def _listening_risks(listening: Listening, certificate_faults: Sequence[str]) -> list[str]:
    is_plain = listening.certificate is None and not tls.is_loopback(listening.host)
    has_clear_key = listening.key is not None and tls.has_clear_key(str(listening.key))
    return (
        ["plain-http"] * is_plain
        + ["proxy-bypass"] * (settings.TRUSTED_PROXY and not tls.is_loopback(listening.host))
        + ["private-certificate"] * bool(certificate_faults)
        + ["clear-tls-keys"] * has_clear_key
    )


def list_certificate_faults(listening: Listening) -> list[str]:
    """Return the reason why browsers refuse the certificate of a host, for each refused host.

    Without a certificate of this server, a proxy ends TLS. The proxy must run already, because a certificate that
    cannot be read is a fault.
    """
    if listening.certificate and listening.key:
        names = [name for name in settings.ALLOWED_HOSTS if not tls.is_loopback(name)]
        states = {name: server_certificate.check_files(listening.certificate, listening.key, name) for name in names}
    else:
        states = server_certificate.check_proxy()
        if not states:
            return ["no name of another machine in KEREGE_HOSTS or KEREGE_SITE_URL, so no certificate was seen"]
    return [f"{name}: {state.fault}" for name, state in states.items() if state.fault]


def require_decisions(listening: Listening | None = None) -> None:
    """Raise Refused with every risk that is neither closed nor accepted; the worker does not listen."""
    if is_trial() if listening is None else listening.is_trial:
        return
    faults = list_certificate_faults(listening) if listening else []
    risks = list(dict.fromkeys([*(_listening_risks(listening, faults) if listening else []), *list_risks()]))
    if undecided := [name for name in risks if name not in settings.ACCEPTED_RISKS]:
        lines = [f"  {name}: {RISKS[name]}; {REMEDIES[name]}" for name in undecided]
        if "private-certificate" in undecided:
            lines += [f"    {fault}" for fault in faults]
        head = (
            f"this register is not a trial and has {count_noun(len(undecided), 'open risk')}. "
            f"Close each, or name it in {VARIABLE}:"
        )
        raise Refused("\n".join([head, *lines]))
