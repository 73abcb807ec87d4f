"""Alerts and involved parties on the overview of a case. Apps add to both in their `alerts.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kerege.base.registry import Entry, Registry
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.data_quality import cases_missing
from kerege.casework.cases.services.shares import running_shares
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class Alert:
    """A short warning with a link to the page that resolves it. Urgent alerts come first."""

    text: Any
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Involved:
    """An agency or a colleague, and their role in the case."""

    name: str
    part: Any


alerts: Registry[Entry[Callable[[Actor, Case], Iterable[Alert]]]] = Registry("alerts")
involved: Registry[Entry[Callable[[Actor, Case], Iterable[Involved]]]] = Registry("lists of the involved")


def list_alerts(actor: Actor, case: Case) -> list[Alert]:
    """Return the alerts of a case, urgent ones first."""
    rows = [*_list_own_alerts(actor, case), *(alert for entry in alerts.all() for alert in entry.value(actor, case))]
    return sorted(rows, key=lambda alert: not alert.urgent)


def list_involved(actor: Actor, case: Case) -> list[Involved]:
    """Return the caseworker, the parties that apps add, and the agencies that only see the case."""
    worker = [Involved(case.caseworker.full_name, _("caseworker"))] if case.caseworker else []
    agencies = {share.agency.name for share in running_shares().filter(case=case).select_related("agency")}
    added = [party for entry in involved.all() for party in entry.value(actor, case)]
    added_names = {party.name for party in added}
    return [*worker, *added, *(Involved(name, _("sees the case")) for name in sorted(agencies - added_names))]


def _list_own_alerts(actor: Actor, case: Case) -> Iterable[Alert]:
    """Yield the alerts of this app: overdue tasks, no caseworker, a late decision, approvals."""
    late = case.tasks.filter(done_at=None, due_on__lt=timezone.localdate(), agency=actor.agency_id).count()
    if late:
        yield Alert(ngettext("%(n)d task is overdue", "%(n)d tasks are overdue", late) % {"n": late}, urgent=True)
    if case.status != "closed" and case.caseworker is None:
        yield Alert(_("This case has no caseworker"), _url("cases:assign", case), urgent=case.risk_level == "high")
    if Case.objects.filter(cases_missing("decision"), pk=case.pk).exists():
        yield Alert(_("The decision is overdue"), f"{_url('cases:case', case)}?tab=identification", urgent=True)
    for row in case.approvals.filter(decided_at=None):
        description = {"what": code(row.kind, "approval_kind")}
        yield Alert(_("Waits for approval: %(what)s") % description, _url("cases:approval", row))
    last = case.approvals.order_by("-requested_at").first()
    if last and last.outcome == "returned":
        description = {"what": code(last.kind, "approval_kind")}
        yield Alert(_("Returned for change: %(what)s") % description, _url("cases:approval", last), urgent=True)


def _url(name: str, row: Any) -> str:
    return reverse(name, kwargs={"pk": row.pk})
