"""Alerts on the overview of a case, and the people involved. Apps add to both in their `alerts.py`."""

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
from kerege.casework.cases.queries.data_quality import lacking
from kerege.casework.cases.services.shares import running_shares
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class Alert:
    """A short warning, and where something is done about it. Urgent ones come first."""

    text: Any
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Involved:
    """An agency or a colleague, and her part in it."""

    name: str
    part: Any


alerts: Registry[Entry[Callable[[Actor, Case], Iterable[Alert]]]] = Registry("alerts")
involved: Registry[Entry[Callable[[Actor, Case], Iterable[Involved]]]] = Registry("lists of the involved")


def list_alerts(actor: Actor, case: Case) -> list[Alert]:
    """Return everything to be seen at once, the urgent first."""
    found = [*_own(actor, case), *(alert for entry in alerts.all() for alert in entry.value(actor, case))]
    return sorted(found, key=lambda alert: not alert.urgent)


def list_involved(actor: Actor, case: Case) -> list[Involved]:
    """Return who has a part in the case: caseworker, agencies that see it, those that do something."""
    worker = [Involved(case.caseworker.full_name, _("caseworker"))] if case.caseworker else []
    agencies = {share.agency.name for share in running_shares().filter(case=case).select_related("agency")}
    rest = [one for entry in involved.all() for one in entry.value(actor, case)]
    named = {one.name for one in rest}
    return [*worker, *rest, *(Involved(name, _("sees the case")) for name in sorted(agencies - named))]


def _own(actor: Actor, case: Case) -> Iterable[Alert]:
    late = case.tasks.filter(done_at=None, due_on__lt=timezone.localdate(), agency=actor.agency_id).count()
    if late:
        yield Alert(ngettext("%(n)d task is overdue", "%(n)d tasks are overdue", late) % {"n": late}, urgent=True)
    if case.status != "closed" and case.caseworker is None:
        yield Alert(_("Nobody carries this case"), _to("cases:assign", case), urgent=case.risk_level == "high")
    if Case.objects.filter(lacking("decision"), pk=case.pk).exists():
        yield Alert(_("The decision is past its day"), f"{_to('cases:case', case)}?tab=identification", urgent=True)
    for row in case.approvals.filter(decided_at=None):
        what = {"what": code(row.kind, "approval_kind")}
        yield Alert(_("Waits for approval: %(what)s") % what, _to("cases:approval", row))
    last = case.approvals.order_by("-requested_at").first()
    if last and last.outcome == "returned":
        what = {"what": code(last.kind, "approval_kind")}
        yield Alert(_("Returned for change: %(what)s") % what, _to("cases:approval", last), urgent=True)


def _to(name: str, row: Any) -> str:
    return reverse(name, kwargs={"pk": row.pk})
