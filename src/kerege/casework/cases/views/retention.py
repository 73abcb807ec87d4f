"""The page of what has been kept long enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.casework.cases import retention, services
from kerege.casework.cases.models import RetentionApproval
from kerege.core import access
from kerege.core.access import Actor, wall
from kerege.core.accounts.models import Agency
from kerege.standard.faults import BadInput

LISTED = 100


@dataclass(frozen=True)
class Row:
    """A kind of record: how long it is kept, what is due (the first of it), and whether that is approved."""

    kind: str
    months: int | None
    count: int
    first: list[tuple[retention.Due, str]]
    approval: RetentionApproval | None


@access.page("retention.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What is due by the rules of the profile; nothing is removed here."""
    actor, today = Actor.of(request), timezone.localdate()
    open_approvals = {row.kind: row for row in RetentionApproval.objects.filter(run_at=None)}
    agencies = {agency.pk: agency.name for agency in Agency.objects.all()}
    with wall.beyond("the time of records is over at every agency; no person is named"):
        rows = [_row(kind, today, agencies, open_approvals.get(kind)) for kind in retention.RULES]
    context = {
        "rows": rows,
        "may_approve": access.allows(actor, "retention.approve"),
        "runs": list(RetentionApproval.objects.exclude(run_at=None)[:10]),
        "listed": LISTED,
    }
    return TemplateResponse(request, "cases/retention.html", context)


def _row(kind: str, today: date, agencies: dict[UUID, str], approval: RetentionApproval | None) -> Row:
    found = retention.due(kind, today)
    first = [(row, agencies.get(row.agency_id, "")) for row in islice(found, LISTED)]
    return Row(kind, retention.months(kind), len(first) + sum(1 for _rest in found), first, approval)


@access.page("retention.approve")
@require_POST
@access.stepped_up_to_post
def approve(request: HttpRequest) -> HttpResponse:
    """Let what is due of a kind be removed by the operator."""
    kind = request.POST.get("kind", "")
    try:
        services.approve_removal(Actor.of(request), kind)
        messages.success(request, _("Approved. It is removed when the operator runs it."))
    except BadInput as error:
        for fault in error.faults:
            messages.error(request, capfirst(f"{_(fault.what)}: {_(fault.todo)}."))
    return redirect("cases:retention")
