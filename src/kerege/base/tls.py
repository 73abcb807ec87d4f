"""TLS connections to other services: the certificate of the server is always verified."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path

from kerege.base.secret_command import TLS_PASSWORD, read_secret


def client_context(authorities: str = "", certificate: str = "") -> ssl.SSLContext:
    """Return a context that verifies the server, from TLS 1.2 on.

    `authorities` names a file of CA certificates that alone are trusted, else those of the system. `certificate` names
    a file with the client's certificate and its key (PEM). `KEREGE_TLS_PASSWORD_COMMAND` opens an encrypted key.
    """
    context = ssl.create_default_context(cafile=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, password=read_key_password)
    return context


def read_key_password() -> str:
    """Return the password of encrypted TLS keys, which a secrets manager prints; '' without one."""
    return read_secret(TLS_PASSWORD)


def has_clear_key(path: str) -> bool:
    """Return whether a PEM file holds a private key that is not encrypted; False if it cannot be read."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return False
    return b"PRIVATE KEY-----" in content and b"ENCRYPTED" not in content


def is_loopback(host: str) -> bool:
    """Return whether a host is `localhost` or a loopback address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("mail.example")
    (True, True, False)
    """
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
