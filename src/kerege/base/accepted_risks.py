"""Risks that an operator can accept by name in `KEREGE_ACCEPT_RISKS`.

In a production register Kerege refuses every risk that is not accepted.
"""

from __future__ import annotations

import os

from kerege.base.errors import BadInput, Fault

VARIABLE = "KEREGE_ACCEPT_RISKS"
RISKS = {
    "plain-database": "PostgreSQL on another machine without verified TLS",
    "plain-mail": "a mail server on another machine without verified TLS",
    "plain-scanner": "a virus scanner on another machine without verified TLS",
    "plain-http": "requests over the network without TLS, from clients or from a proxy",
    "proxy-bypass": "headers of a proxy from clients that reach the server past it",
    "database-password": "a fixed password in the address of the database",
    "database-owner": "a database user of the program that owns the tables, or whom row-level security does not bind",
    "mail-password": "a fixed password in the address of the mail server",
    "no-client-certificate": "a service on another machine to which Kerege does not sign in with a certificate",
    "key-files": "keys in clear files of the home folder, without a secrets manager",
    "key-command": "secrets from a program that is not a known client of a secrets manager",
    "clear-tls-keys": "private keys of TLS in clear files",
    "environment-secrets": "a passphrase of backups in the environment of the server",
    "private-certificate": "a server certificate that browsers refuse, or that was not seen",
    "shared-host": "pages of staff and of the public on one host",
    "source-control": "a program that runs from a checkout, with its version control data beside it",
    "browser-drafts": "unsent words in the storage of the browser, encrypted with a key that is not stored",
    "no-scanner": "files that no virus scanner has checked",
    "no-breached-list": "passwords that no list of breached passwords was compared with",
    "unmanaged-devices": "pages of administration on devices that nobody manages",
    "unsynchronised-clock": "a clock that no time service keeps, or that differs from the clock of the database",
    "plain-forwarding": "logs sent to a network file system, whose connection Kerege cannot verify",
    "no-forwarding": "audit events that stay on this machine",
}


def accepted_risks() -> frozenset[str]:
    """Return the names of the risks that the operator accepts; raises BadInput for an unknown name.

    Examples
    --------
    >>> import os
    >>> os.environ["KEREGE_ACCEPT_RISKS"] = "no-scanner, no-forwarding"
    >>> sorted(accepted_risks())
    ['no-forwarding', 'no-scanner']
    >>> del os.environ["KEREGE_ACCEPT_RISKS"]
    """
    names = frozenset(filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))))
    if unknown := sorted(names - RISKS.keys()):
        raise BadInput(
            Fault(f"{VARIABLE} names no known risk: {', '.join(unknown)}", f"name any of {', '.join(RISKS)}")
        )
    return names


def refuse_unless_accepted(risk: str, what: str, todo: str) -> None:
    """Raise BadInput unless the operator accepts a risk by name."""
    if risk not in accepted_risks():
        raise BadInput(Fault(what, f"{todo}; to accept the risk, add {risk} to {VARIABLE}", file="environment"))
