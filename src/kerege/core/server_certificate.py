"""Certificate of the server: verified as a browser does it, and its end.

Browsers bring their own list of public authorities, and so does Kerege (`certifi`, the list of Mozilla). An authority
that the operator added to the store of the machine does not count.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from django.conf import settings

from kerege.base import tls

TIMEOUT = 5.0  # seconds
HTTPS_PORT = 443


@dataclass(frozen=True)
class CertificateState:
    """Why a browser refuses the certificate ('' if it accepts it), its end, and whether a server shows it."""

    fault: str
    ends: datetime | None
    is_shown: bool = True


def check_files(certificate: Path, key: Path, host: str) -> CertificateState:
    """Check the certificate of a file for a host: a handshake in memory with the public authorities.

    A host with a leading dot means every name below it, so the certificate has to name them all.
    """
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        server_context.load_cert_chain(certificate, key, password=tls.read_key_password)
        ends = x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return CertificateState(f"cannot be read ({type(error).__name__})", None)
    try:
        fault = _shake_hands(server_context, f"any{host}" if host.startswith(".") else host)
    except ValueError:  # UnicodeError is one
        fault = "is not a name of a host"
    return CertificateState(fault, ends)


def check_proxy() -> dict[str, CertificateState]:
    """Check the certificates that the proxy shows for every served name.

    These are the names of `KEREGE_HOSTS`, of `KEREGE_SITE_URL` and of the public site. A name with a leading dot covers
    many and has no address of its own.
    """
    names = [name for name in settings.ALLOWED_HOSTS if not tls.is_loopback(name) and name[:1] not in {".", "*"}]
    places = [urlsplit(f"https://{name}") for name in (*names, settings.PUBLIC_HOST) if name]
    if settings.SITE_URL.startswith("https://"):
        places.append(urlsplit(settings.SITE_URL))
    hosts = {str(place.hostname): place.port or HTTPS_PORT for place in places}
    return {host: check_address(host, port) for host, port in hosts.items()}


def check_address(host: str, port: int) -> CertificateState:
    """Check the certificate that a running server, or the proxy before it, shows."""
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT) as plain,
            tls.client_context(certifi.where()).wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return CertificateState(error.verify_message, None)
    except (OSError, UnicodeError) as error:
        return CertificateState(f"does not answer over TLS ({type(error).__name__})", None, is_shown=False)
    seconds = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    return CertificateState("", datetime.fromtimestamp(seconds, UTC))


def _shake_hands(server_context: ssl.SSLContext, host: str) -> str:
    """Return why a client that trusts the public authorities refuses the server; '' if it does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls.client_context(certifi.where()).wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    try:
        for _ in range(3):  # hello, certificate, end
            for side in (client, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except ssl.SSLError as error:
        return str(error.reason)
    return ""
