"""Links on the home page for roles without a caseload, each with one line of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class RoleLink:
    """A link for some roles. Without a URL it names a command instead."""

    roles: frozenset[str]
    title: Any
    what: Any
    url_names: tuple[str, ...] = ()
    command: str = ""

    @property
    def url(self) -> str:
        """Return the first of the URLs that this installation has; '' when it has none."""
        for name in self.url_names:
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
        return ""


def _role_link(roles: str, title: Any, what: Any, *url_names: str, command: str = "") -> RoleLink:
    return RoleLink(frozenset(roles.split()), title, what, url_names, command)


ROLE_LINKS = (
    _role_link(
        "coordinator analyst",
        _("Figures of the programme"),
        _("Every headline figure, computed from the register. Not for publication."),
        "exchange:figures",
        command="kerege figures",
    ),
    _role_link(
        "analyst",
        _("Missing information"),
        _("The number of cases without form, country or decision, which makes figures unreliable."),
        "desk:quality",
    ),
    _role_link(
        "analyst",
        _("Snapshots without names"),
        _("Takes a snapshot of the register for a reference date: coded columns, no identities."),
        command="kerege snapshot victims.parquet",
    ),
    _role_link(
        "analyst",
        _("Protected tables"),
        _("Count a snapshot by any of its columns; small cells are protected."),
        command="kerege table victims.parquet --by sex,exploitation --protect suppress",
    ),
    _role_link(
        "secretary",
        _("My reports"),
        _("Reports of your body on the measures of the plan, and those that wait for your decision."),
        "measures:own",
    ),
    _role_link(
        "secretary",
        _("Plan of measures"),
        _("Measures of the act, the bodies responsible for each, and their states."),
        "measures:plans",
    ),
    _role_link(
        "publisher analyst coordinator auditor administrator",
        _("The public report"),
        _("The public report of 30 July, made from protected tables only."),
        "public:home",
    ),
    _role_link(
        "publisher",
        _("Make the report of a year"),
        _("Writes pages, PDF and press release from the releases of that year."),
        command="kerege report --year 2025 --lang kk,ru,en --out report",
    ),
    _role_link(
        "administrator",
        _("Accounts and agencies"),
        _("Users, their agencies and their roles. An administrator opens no case."),
        "accounts:users",
    ),
)


def list_role_links(roles: Iterable[str]) -> list[RoleLink]:
    """Return the links of these roles."""
    held_roles = frozenset(roles)
    return [link for link in ROLE_LINKS if link.roles & held_roles and (link.url or link.command)]
