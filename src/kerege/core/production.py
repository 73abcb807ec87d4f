"""Conditions of a production register: each is met, or the operator accepts its risk by name.

`kerege serve` refuses to start otherwise. A trial on this machine (a demo, or loopback without TLS) is exempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from kerege.base import key_seal, tls
from kerege.base.accepted_risks import RISKS, VARIABLE
from kerege.base.errors import Refused
from kerege.core import server_certificate
from kerege.core.accounts import breached_passwords
from kerege.core.security.keyring import keyring

# what closes each risk
REMEDIES = {
    "plain-http": "give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy on this machine",
    "private-certificate": "take a certificate of a public authority for every name of KEREGE_HOSTS",
    "database-password": "sign in by a Unix socket, by a certificate (KEREGE_DATABASE_CERT) or with passfile=PATH",
    "mail-password": "sign in by a certificate (KEREGE_EMAIL_CERT) or by the address of this machine",
    "key-files": f"set {key_seal.COMMAND} and run kerege keys seal",
    "shared-host": "set KEREGE_PUBLIC_HOST to a host of the public site",
    "source-control": "install Kerege from its wheel",
    "browser-drafts": "leave KEREGE_BROWSER_DRAFTS out: unsent words then wait in the open page alone",
    "no-scanner": "set KEREGE_CLAMD",
    "no-breached-list": "set KEREGE_BREACHED_PASSWORDS",
    "no-forwarding": "set KEREGE_AUDIT_FORWARD",
}


@dataclass(frozen=True)
class Listening:
    """Where the server listens, and its certificate if it ends TLS itself."""

    host: str
    certificate: Path | None = None
    key: Path | None = None

    @property
    def is_trial(self) -> bool:
        """Return whether only this machine reaches the server, in clear and past no proxy."""
        is_plain = not settings.HTTPS and not settings.TRUSTED_PROXY and self.certificate is None
        return settings.DEMO or (is_plain and tls.is_loopback(self.host))


def list_risks() -> list[str]:
    """Return the risks of the settings, accepted or not, in the order of the list."""
    risks = {
        "database-password": connection.vendor == "postgresql" and settings.HAS_DATABASE_PASSWORD,
        "mail-password": settings.HAS_MAIL_PASSWORD,
        "key-files": not key_seal.key_command() or bool(keyring().clear_files()),
        "shared-host": not settings.PUBLIC_HOST,
        "source-control": is_in_checkout(settings.PACKAGE),
        "browser-drafts": settings.BROWSER_DRAFTS,
        "no-scanner": not settings.CLAMD,
        "no-breached-list": not breached_passwords.holds_enough(breached_passwords.list_path()),
        "no-forwarding": not settings.AUDIT_FORWARD,
    }
    return [name for name in RISKS if risks.get(name)]


def is_in_checkout(place: Path) -> bool:
    """Return whether a folder or one above it holds the data of a version control system."""
    return any((folder / name).exists() for folder in (place, *place.parents) for name in (".git", ".hg", ".svn"))


def list_listening_risks(listening: Listening) -> list[str]:
    """Return the risks of where the server listens."""
    if listening.certificate is None or listening.key is None:
        return [] if tls.is_loopback(listening.host) else ["plain-http"]
    names = [name for name in settings.ALLOWED_HOSTS if not tls.is_loopback(name)]
    states = [server_certificate.check_files(listening.certificate, listening.key, name) for name in names]
    return ["private-certificate"] if any(state.fault for state in states) else []


def require_decisions(listening: Listening) -> None:
    """Raise Refused with every risk that is neither closed nor accepted."""
    if listening.is_trial:
        return
    risks = [*list_listening_risks(listening), *list_risks()]
    if undecided := [name for name in risks if name not in settings.ACCEPTED_RISKS]:
        lines = [f"  {name}: {RISKS[name]}; {REMEDIES[name]}" for name in undecided]
        head = (
            f"this register is no trial, and {len(undecided)} risks are open. Close them, or name them in {VARIABLE}:"
        )
        raise Refused("\n".join([head, *lines]))
