"""Parts of a case's page that the rooms draw: each declares `PANELS` and `BADGES` in its `panels.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models import Approval, Case
from kerege.core import access
from kerege.core.access import Actor
from kerege.core.access.actor import OPERATOR


@dataclass(frozen=True)
class Badge:
    """A short fact for the bar at the top of a case's page."""

    label: Any
    text: Any
    colour: str = "grey"


@dataclass(frozen=True)
class Panel:
    """A template on one tab of a case's page and what it reads, for whoever may do `action` to the case.

    Of a person who was erased only panels that are `erased` are left: they offer nothing to write.
    A lower `order` stands further up. An agency with which a case is only shared sees the panels that are `shared`
    (they show its own lines); what else it may see is drawn by `shared_view`.
    """

    template: str
    read: Callable[[Actor, Case], dict[str, Any]]
    tab: str
    order: int = 50
    action: str = "cases.view"
    shared: bool = False
    erased: bool = False


@dataclass(frozen=True)
class Tab:
    """A tab of a case's page as the actor sees it."""

    code: str
    label: Any
    panels: tuple[Panel, ...] = ()


# the tabs in the order shown; the first and the last two hold what cases itself draws
TABS = {
    "overview": _("Overview"),
    "person": _("Person"),
    "identification": _("Identification"),
    "assistance": _("Assistance"),
    "sharing": _("Consent and referrals"),
    "files": _("Files"),
    "history": _("Notes and timeline"),
}
ALWAYS = {"overview", "person", "identification", "history"}
# an agency with which a case is shared sees the person as part of what is shared with it
ALWAYS_SHARED = {"overview", "history"}


def visible_tabs(actor: Actor, case: Case) -> list[Tab]:
    """The tabs on which the actor may see something of this case."""
    whole = case.agency_id == actor.agency_id or OPERATOR in actor.roles
    rows = [row for row in each("PANELS") if (whole or row.shared) and (row.erased or not case.is_erased)]
    may = {action: access.allows(actor, action, case) for action in {panel.action for panel in rows}}
    found = []
    for code, label in TABS.items():
        panels = sorted((row for row in rows if row.tab == code and may[row.action]), key=lambda row: row.order)
        if panels or code in (ALWAYS if whole else ALWAYS_SHARED):
            found.append(Tab(code, label, tuple(panels)))
    return found


def badges(actor: Actor, case: Case) -> list[Badge]:
    """What the rooms tell in the owner's bar: each declares functions `BADGES` that answer a badge or None."""
    if case.agency_id != actor.agency_id:
        return []
    return [badge for read in each("BADGES") if (badge := read(actor, case)) is not None]


def each(name: str) -> list[Any]:
    """Every item of the lists that the rooms declare under a name."""
    return [item for declared_here in declared(name) for item in declared_here]


# where a room declares its panels; the room that owns the page keeps its own apart from this file
PLACES = ("timeline_lines", "case_tabs")


@cache
def declared(name: str) -> list[Any]:
    """What the rooms declare under a name in their `panels.py`."""
    found = []
    for config in apps.get_app_configs():
        if config.name.startswith("kerege.casework.") and config.module:
            for place in PLACES:
                if module_has_submodule(config.module, place):
                    found.append(getattr(import_module(f"{config.name}.{place}"), name, ()))
    return [value for value in found if value]


@dataclass(frozen=True)
class Subject:
    """What a room shows of what is to be approved: a template, and what it reads of the approval."""

    template: str = ""
    read: Callable[[Actor, Approval], dict[str, Any]] = lambda actor, approval: {}


def approval(kind: str) -> Subject:
    """How an approval of this kind is shown; a room declares `APPROVALS` (kind -> Subject)."""
    found: dict[str, Subject] = {code: shown for shows in declared("APPROVALS") for code, shown in shows.items()}
    return found.get(kind, Subject())
