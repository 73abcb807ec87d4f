"""Layout of a case's page. Each app adds panels, badges and approval subjects in its `case_panels`."""

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
class CasePanel:
    """A template on one tab of a case's page, its context function, and the action that it requires.

    A lower `order` comes first. For an erased person only `erased` panels are shown; they offer no writing.
    An agency with a share of the case sees the `shared` panels, which show its own rows. `shared_view` draws the rest.
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
        """Return the template, which appears once on the page."""
        return self.template


@dataclass(frozen=True)
class Subject:
    """Presentation of the subject of an approval: the kind of approval, a template, its context function."""

    name: str
    template: str = ""
    read: Callable[[Actor, Approval], dict[str, Any]] = lambda actor, approval: {}
    order: int = DEFAULT_ORDER


@dataclass(frozen=True)
class ClosingPaper:
    """A paper for the person when a case closes: the name of its page, a label, and why it is given."""

    name: str
    label: object
    why: object
    order: int = DEFAULT_ORDER


case_panels: Registry[CasePanel] = Registry("panels of a case")
# functions that return a badge for the owner, or None
badges: Registry[Entry[Callable[[Actor, Case], Badge | None]]] = Registry("badges of a case")
approval_subjects: Registry[Subject] = Registry("subjects of approvals")
closing_papers: Registry[ClosingPaper] = Registry("papers at the end of a case")


@dataclass(frozen=True)
class Tab:
    """A tab of a case's page with the panels that the actor may see."""

    code: str
    label: Any
    panels: tuple[CasePanel, ...] = ()


# tabs in their order; the app cases itself fills the first one and the last two
TABS = {
    "overview": _("Overview"),
    "person": _("Personal details"),
    "identification": _("Identification"),
    "assistance": _("Assistance"),
    "sharing": _("Consent and referrals"),
    "files": _("Files"),
    "history": _("Notes and timeline"),
}
ALWAYS = {"overview", "person", "identification", "history"}
# an agency with a share sees the person within the shared data, so it has no such tab
ALWAYS_SHARED = {"overview", "history"}


def list_tabs(actor: Actor, case: Case) -> list[Tab]:
    """Return the tabs of a case that the actor may see."""
    sees_all = case.agency_id == actor.agency_id or OPERATOR in actor.roles
    visible = [row for row in case_panels.all() if (sees_all or row.shared) and (row.erased or not case.is_erased)]
    is_allowed = {action: authorization.allows(actor, action, case) for action in {panel.action for panel in visible}}
    tabs = []
    for code, label in TABS.items():
        panels = tuple(row for row in visible if row.tab == code and is_allowed[row.action])
        if panels or code in (ALWAYS if sees_all else ALWAYS_SHARED):
            tabs.append(Tab(code, label, panels))
    return tabs


def list_badges(actor: Actor, case: Case) -> list[Badge]:
    """Return the badges of a case; only the owner sees any."""
    if case.agency_id != actor.agency_id:
        return []
    return [badge for entry in badges.all() if (badge := entry.value(actor, case)) is not None]


def get_subject(kind: str) -> Subject:
    """Return the presentation of an approval kind; an empty one when no app has added it."""
    return approval_subjects.get(kind) or Subject(kind)
