"""Where the work of the roles without a case load begins: a link each, and one line about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Place:
    """Something a role does, where, and what it is. Without an address it is done at the command line."""

    roles: frozenset[str]
    title: Any
    what: Any
    url_names: tuple[str, ...] = ()
    command: str = ""

    @property
    def url(self) -> str:
        """The first of its addresses that this house has."""
        for name in self.url_names:
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
        return ""


def _place(roles: str, title: Any, what: Any, *url_names: str, command: str = "") -> Place:
    return Place(frozenset(roles.split()), title, what, url_names, command)


PLACES = (
    _place(
        "coordinator analyst",
        _("Figures of the programme"),
        _("Every headline figure, computed from the register. Not for publication."),
        "exchange:figures",
        command="kerege figures",
    ),
    _place(
        "analyst",
        _("What is lacking"),
        _("How many cases lack a form, a country, a decision: where figures are weak."),
        "desk:quality",
    ),
    _place(
        "analyst",
        _("Snapshots without names"),
        _("Freeze the register as of a day: coded columns, no identity."),
        command="kerege snapshot victims.parquet",
    ),
    _place(
        "analyst",
        _("Protected tables"),
        _("Count a snapshot by any of its columns; small cells are protected."),
        command="kerege table victims.parquet --by sex,exploitation --protect suppress",
    ),
    _place(
        "publisher analyst coordinator auditor administrator",
        _("The public report"),
        _("What the public reads on 30 July, made from protected tables only."),
        "public:report",
    ),
    _place(
        "publisher",
        _("Make the report of a year"),
        _("Writes pages, PDF and press release from the releases of that year."),
        command="kerege report --year 2025 --lang kk,ru,en --out report",
    ),
    _place(
        "administrator",
        _("Accounts and agencies"),
        _("Who works where, in which role. An administrator opens no case."),
        "accounts:users",
    ),
)


def of(roles: Iterable[str]) -> list[Place]:
    """The places of these roles."""
    mine = frozenset(roles)
    return [place for place in PLACES if place.roles & mine and (place.url or place.command)]
