"""Connections of the server to another machine: TLS with verification.

The operator can accept a weaker one by name. A connection on this machine (loopback, Unix socket) may be in clear: it
does not leave the machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from kerege.base.accepted_risks import refuse_unless_accepted
from kerege.base.errors import BadInput, Fault
from kerege.base.secret_command import TLS_PASSWORD, read_secret
from kerege.base.tls import is_loopback

POSTGRESQL = {"postgres", "postgresql", "pgsql"}
SQLITE = "sqlite"
RENEWED = 7 * 24 * 3600  # seconds; a secrets manager writes a password file anew within this time
VERIFIED, SYSTEM = "verify-full", "system"
# a socket folder begins with a slash, an abstract socket with an at sign; without a host libpq uses a socket
SOCKET_SIGNS = ("/", "@")


def secure_database_url(url: str, environment: Mapping[str, str]) -> str:
    """Return the address of a database with the options of TLS.

    An address of another machine gets `sslmode=verify-full`, the CA of `KEREGE_DATABASE_CA` (else those of the system)
    and the client certificate of `KEREGE_DATABASE_CERT`. Raises BadInput if it names a weaker mode or another database.
    """
    parts = urlsplit(url)
    if not url or parts.scheme == SQLITE:
        return url
    if parts.scheme not in POSTGRESQL:
        raise BadInput(
            Fault(
                f"{parts.scheme}:// is not a database of Kerege",
                "write postgresql:// or sqlite:///",
                file="environment",
            )
        )
    options = dict(parse_qsl(parts.query))
    if all(map(is_local, _database_hosts(parts.netloc, options, environment))):
        return url
    options.setdefault("sslmode", environment.get("PGSSLMODE", VERIFIED))
    if options["sslmode"] != VERIFIED:
        refuse_unless_accepted(
            "plain-database",
            f"sslmode={options['sslmode']} does not verify PostgreSQL on another machine",
            f"write sslmode={VERIFIED}",
        )
        return parts._replace(query=urlencode(options, quote_via=quote)).geturl()
    options.setdefault("sslrootcert", environment.get("KEREGE_DATABASE_CA") or SYSTEM)
    if certificate := environment.get("KEREGE_DATABASE_CERT"):
        options.setdefault("sslcert", certificate)
        options.setdefault("sslkey", certificate)
        if password := environment.get(TLS_PASSWORD) and read_secret(TLS_PASSWORD):
            options.setdefault("sslpassword", password)
    return parts._replace(query=urlencode(options, quote_via=quote)).geturl()


def _database_hosts(place: str, options: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Return every host to which libpq may connect; a service file can name any host."""
    if "service" in options or environment.get("PGSERVICE"):
        return ["service"]
    names = [unquote(_without_port(name)) for name in place.rpartition("@")[2].split(",")]
    names += options.get("host", "").split(",")
    if not any(names):
        names = environment.get("PGHOST", "").split(",")
    return [*names, *(options.get("hostaddr") or environment.get("PGHOSTADDR", "")).split(",")]


def _without_port(place: str) -> str:
    return place.partition("]")[0] if place.startswith("[") else place.partition(":")[0]


def is_local(host: str) -> bool:
    """Return whether a host of a database address is a Unix socket or this machine."""
    return not host or host.startswith(SOCKET_SIGNS) or is_loopback(host.strip("[]"))


def check_scanner(place: str) -> None:
    """Raise BadInput unless the virus scanner is on this machine or behind TLS (`tls://host:port`)."""
    host = place.rpartition(":")[0]
    if place.startswith(("/", "tls://")) or not host or is_loopback(host):
        return
    refuse_unless_accepted(
        "plain-scanner", "KEREGE_CLAMD names another machine without TLS", "write tls://host:port, or use a socket"
    )


def has_password(url: str) -> bool:
    """Return whether an address holds a password, which is fixed."""
    parts = urlsplit(url)
    return bool(parts.password) or "password" in dict(parse_qsl(parts.query))


def has_database_password(urls: Iterable[str], environment: Mapping[str, str]) -> bool:
    """Return whether libpq signs in to a PostgreSQL of these addresses with a password that nobody renews.

    The password may be in the address, in `PGPASSWORD`, in a service file, or in a password file that is older than
    RENEWED.
    """
    return any(
        has_password(url) or _has_fixed_password(dict(parse_qsl(urlsplit(url).query)), environment)
        for url in urls
        if urlsplit(url).scheme in POSTGRESQL
    )


def _has_fixed_password(options: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    """Return whether the environment or a file gives libpq a fixed password.

    A service file can hold one, so it counts as one.
    """
    if environment.get("PGPASSWORD") or environment.get("PGSERVICE") or "service" in options:
        return True
    home_file = Path(environment.get("HOME", "/")) / ".pgpass"
    path = Path(options.get("passfile") or environment.get("PGPASSFILE") or home_file)
    try:
        return time.time() - path.stat().st_mtime > RENEWED
    except OSError:  # libpq does without the file
        return False
