"""Served hosts: the public site leaves a name to the pages of staff."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.config import hosts

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("names", "public_place", "served"),
    [
        (["kerege.example"], "", ["kerege.example"]),
        (["kerege.example"], "Figures.example:8443", ["kerege.example", "figures.example"]),
        (["kerege.example", "figures.example"], "figures.example", ["kerege.example", "figures.example"]),
        (LOOPBACK, "localhost:8000", ["127.0.0.1", "[::1]", "localhost"]),
        (LOOPBACK, "[::1]:8000", ["localhost", "127.0.0.1", "[::1]"]),
    ],
)
def test_the_public_host_is_served_beside_those_of_staff(
    names: list[str], public_place: str, served: list[str]
) -> None:
    assert hosts.list_served_hosts(names, public_place) == served


@pytest.mark.parametrize(
    "names", [["kerege.example"], ["KEREGE.example"], ["kerege.example", "localhost"], LOOPBACK], ids=" ".join
)
def test_a_public_host_that_is_the_only_name_is_refused(names: list[str]) -> None:
    with pytest.raises(BadInput, match="leaves no host name for the pages of staff"):
        hosts.list_served_hosts(names, "kerege.example:443")
