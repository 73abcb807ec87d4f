"""Host names that are served: those of staff, and the one of the public site."""

from __future__ import annotations

from kerege.base.errors import BadInput, Fault
from kerege.base.tls import is_loopback


def list_served_hosts(hosts: list[str], public_place: str) -> list[str]:
    """Return the names of `KEREGE_HOSTS` and the host of the public site.

    Raises BadInput if the public site leaves no name to the pages of staff: nobody could sign in.
    """
    public_host = name_of(public_place)
    if not public_host:
        return hosts
    of_staff = [name for name in hosts if name.lower() != public_host]
    if not of_staff or (not is_loopback(public_host) and all(map(is_loopback, of_staff))):
        raise BadInput(
            Fault(
                "KEREGE_PUBLIC_HOST leaves no host name for the pages of staff",
                "name their host in KEREGE_HOSTS, and another one in KEREGE_PUBLIC_HOST",
                file="environment",
            )
        )
    return [*of_staff, public_host]


def read_device_header(name: str, *, is_behind_proxy: bool) -> str:
    """Return the header in which the proxy states that it has verified the certificate of a device.

    Raises BadInput without a trusted proxy: a client could write the header itself.
    """
    if name and not is_behind_proxy:
        raise BadInput(
            Fault(
                "KEREGE_DEVICE_HEADER needs a proxy that sets the header",
                "set KEREGE_TRUSTED_PROXY, or leave the header out",
                file="environment",
            )
        )
    return name


def name_of(place: str) -> str:
    """Return the name in `HOST` or `HOST:PORT`, in lower case."""
    host = place.partition("]")[0] + "]" if place.startswith("[") else place.partition(":")[0]
    return host.lower()
