"""Parts of a case's page that the rooms draw: each adds panels, badges and subjects in its `case_tabs`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kerege.base.registry import DEFAULT_ORDER, Entry, Registry
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.workload import Approval
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR


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
    order: int = DEFAULT_ORDER
    action: str = "cases.view"
    shared: bool = False
    erased: bool = False

    @property
    def name(self) -> str:
        """Return the template: it is drawn once."""
        return self.template


@dataclass(frozen=True)
class Subject:
    """How a room shows what is to be approved: the kind of approval, a template, and what it reads of the approval."""

    name: str
    template: str = ""
    read: Callable[[Actor, Approval], dict[str, Any]] = lambda actor, approval: {}
    order: int = DEFAULT_ORDER


case_tabs: Registry[Panel] = Registry("panels of a case")
# functions that return a badge for the owner's bar, or None
badges: Registry[Entry[Callable[[Actor, Case], Badge | None]]] = Registry("badges of a case")
approval_subjects: Registry[Subject] = Registry("subjects of approvals")


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


def list_tabs(actor: Actor, case: Case) -> list[Tab]:
    """Return the tabs on which the actor may see something of this case."""
    whole = case.agency_id == actor.agency_id or OPERATOR in actor.roles
    rows = [row for row in case_tabs.all() if (whole or row.shared) and (row.erased or not case.is_erased)]
    may = {action: authorization.allows(actor, action, case) for action in {panel.action for panel in rows}}
    found = []
    for code, label in TABS.items():
        panels = tuple(row for row in rows if row.tab == code and may[row.action])
        if panels or code in (ALWAYS if whole else ALWAYS_SHARED):
            found.append(Tab(code, label, panels))
    return found


def list_badges(actor: Actor, case: Case) -> list[Badge]:
    """Return the badges of the owner's bar."""
    if case.agency_id != actor.agency_id:
        return []
    return [badge for entry in badges.all() if (badge := entry.value(actor, case)) is not None]


def get_subject(kind: str) -> Subject:
    """Return how an approval of this kind is shown."""
    return approval_subjects.get(kind) or Subject(kind)
