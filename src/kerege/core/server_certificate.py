"""Certificate of the server: verified as a browser does it, and its end."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from kerege.base import tls

TIMEOUT = 5.0  # seconds


@dataclass(frozen=True)
class CertificateState:
    """Why a browser refuses the certificate ('' if it accepts it), and when the certificate ends."""

    fault: str
    ends: datetime | None


def check_files(certificate: Path, key: Path, host: str) -> CertificateState:
    """Check the certificate of a file for a host: a handshake in memory with the authorities known."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        server_context.load_cert_chain(certificate, key)
        ends = x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return CertificateState(f"cannot be read ({type(error).__name__})", None)
    return CertificateState(_shake_hands(server_context, host), ends)


def check_address(host: str, port: int) -> CertificateState:
    """Check the certificate that a running server, or the proxy before it, shows."""
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT) as plain,
            tls.client_context().wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return CertificateState(error.verify_message, None)
    except OSError as error:
        return CertificateState(f"does not answer over TLS ({type(error).__name__})", None)
    seconds = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    return CertificateState("", datetime.fromtimestamp(seconds, UTC))


def _shake_hands(server_context: ssl.SSLContext, host: str) -> str:
    """Return why a client that trusts the authorities of the system refuses the server; '' if it does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls.client_context().wrap_bio(to_client, to_server, server_hostname=host)
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
