"""Place of the client in audit events: the kind of its network, and a keyed digest of its address.

Equal addresses have equal digests, so an auditor sees which acts came from one place. The address itself is not stored:
it could say where a worker lives. The operator, who holds the key, can compute the digest of an address that they
suspect (`kerege audit address`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from kerege.base.errors import BadInput, Fault
from kerege.core.security import macs
from kerege.core.security.keyring import keyring

CLIENT = "client"  # key of the details
LENGTH = 16  # hexadecimal digits of the digest
UNKNOWN = "unknown"  # place of a client without an IP address
SUBNET = 64  # bits of an IPv6 address that stay while a device changes the others
_address: ContextVar[str] = ContextVar("client_address", default="")


@contextmanager
def requested_from(address: str) -> Iterator[None]:
    """Note the place of this client in all events of the block."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def current() -> str:
    """Return the place of the client of this request, such as `inner 3f9a0c...`; '' for the command line."""
    address = _address.get()
    return place_of(address) if address else ""


def place_of(address: str, key_id: str = "") -> str:
    """Return the kind of network and the digest of an address, by default under the newest key."""
    parsed = _parse(address)
    if parsed is None:
        return UNKNOWN
    key = keyring().get("import", key_id) if key_id else keyring().current("import")[1]
    digest = macs.digest(key, b"client address " + _significant(parsed)).hex()
    return f"{network_kind(address)} {digest[:LENGTH]}"


def network_kind(address: str) -> str:
    """Return the kind of the network of an address: `loopback`, `inner`, `internet` or `unknown`."""
    parsed = _parse(address)
    if parsed is None:
        return UNKNOWN
    return "loopback" if parsed.is_loopback else "inner" if parsed.is_private else "internet"


def list_places(address: str) -> dict[str, str]:
    """Return how events name the place of an address, by the id of the key; raise BadInput for none."""
    if place_of(address) == UNKNOWN:
        raise BadInput(Fault("this is not an IP address", "write one such as 203.0.113.7"))
    return {key_id: place_of(address, key_id) for key_id in keyring().ids("import")}


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _significant(address: IPv4Address | IPv6Address) -> bytes:
    if isinstance(address, IPv6Address):
        return ip_network((address, SUBNET), strict=False).network_address.packed
    return address.packed
