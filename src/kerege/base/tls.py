"""TLS connections to other services: the certificate of the server is always verified."""

from __future__ import annotations

import ssl
from ipaddress import ip_address


def client_context(authorities: str = "", certificate: str = "") -> ssl.SSLContext:
    """Return a context that verifies the server, from TLS 1.2 on.

    `authorities` names a file of CA certificates that alone are trusted, else those of the system. `certificate` names
    a file with the client's certificate and its key (PEM).
    """
    context = ssl.create_default_context(cafile=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate)
    return context


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
