"""The page of items past their retention period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases.models.records import RetentionApproval
from kerege.casework.cases.services import retention as retention_services
from kerege.casework.cases.services import retention_rules
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.core.audit import clock
from kerege.core.authorization import session_scope


@dataclass(frozen=True)
class RetentionRow:
    """A kind of item: its period, due counts by agency, the number kept by a hold, the open approval."""

    kind: str
    months: int | None
    count: int
    agencies: list[tuple[str, int, date]]
    kept: int
    approval: RetentionApproval | None


@pages.page("retention.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show what is due by the rules of the profile. This page disposes of nothing."""
    actor, today = actor_of(request), clock.today()
    open_approvals = {row.kind: row for row in RetentionApproval.objects.filter(run_at=None)}
    agencies = {agency.pk: agency.name for agency in Agency.objects.all()}
    with session_scope.bypass_row_security(
        "the list counts records of all agencies past their retention period; it names no person"
    ):
        kinds = [rule.name for rule in retention_rules.retention_rules.all()]
        rows = [_build_row(kind, today, agencies, open_approvals.get(kind)) for kind in kinds]
    context = {
        "rows": rows,
        "may_approve": authorization.allows(actor, "retention.approve"),
        "runs": list(RetentionApproval.objects.exclude(run_at=None)[:10]),
    }
    return TemplateResponse(request, "cases/retention.html", context)


def _build_row(kind: str, today: date, agencies: dict[UUID, str], approval: RetentionApproval | None) -> RetentionRow:
    """Return the counts of a kind. The coordinator approves by kind, so no single item is shown."""
    counts: Counter[UUID] = Counter()
    oldest: dict[UUID, date] = {}
    for item in retention_rules.due(kind, today):
        counts[item.agency_id] += 1
        oldest[item.agency_id] = min(item.due_on, oldest.get(item.agency_id, item.due_on))
    by_agency = sorted((agencies.get(pk, ""), count, oldest[pk]) for pk, count in counts.items())
    held_count = retention_rules.kept_longer(kind, today)
    return RetentionRow(
        kind=kind,
        months=retention_rules.months(kind),
        count=counts.total(),
        agencies=by_agency,
        kept=held_count,
        approval=approval,
    )


@pages.page("retention.approve")
@require_POST
@pages.stepped_up_to_post
def approve(request: HttpRequest) -> HttpResponse:
    """Approve the disposal of what is due of a kind; the schedule or the operator runs it."""
    kind = request.POST.get("kind", "")
    try:
        retention_services.approve_removal(actor_of(request), kind)
        messages.success(
            request,
            _("Approved. The schedule removes it within a day.")
            if settings.RETENTION_RUNS
            else _("Approved. It is removed when the operator runs it."),
        )
    except BadInput as error:
        for fault in error.faults:
            messages.error(request, capfirst(f"{_(fault.what)}: {_(fault.todo)}."))
    return redirect("cases:retention")
