"""What waits for approval, and the answer to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.cases import tabs, timeline
from kerege.casework.cases.forms.workload import DecideApprovalForm
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.queries import workload
from kerege.casework.cases.services import approvals, closing
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.cases.views.lists import PER_PAGE
from kerege.casework.cases.views.tasks import tried
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of

ROWS = Approval.objects.select_related(
    "case__record__data_key", "case__agency", "comment__data_key", "answer__data_key"
)


@pages.page("approvals.view")
@require_GET
def approval_list(request: HttpRequest) -> HttpResponse:
    """Approvals of the agency: those that wait, the oldest first; or those answered, the newest first."""
    actor = actor_of(request)
    answered = request.GET.get("state") == "answered"
    page = Paginator(workload.approvals(actor, answered=answered), PER_PAGE).get_page(request.GET.get("page"))
    known = timeline.directory(label for row in page for label in (row.requested_by, row.decided_by))
    rows = [(row, known.worker(row.requested_by), known.worker(row.decided_by)) for row in page]
    return TemplateResponse(request, "cases/approvals.html", {"page": page, "rows": rows, "answered": answered})


@pages.page("approvals.view")
@BOTH
def approval(request: HttpRequest, pk: Any) -> HttpResponse:
    """One approval: what is to be approved, what was said, and the answer of somebody else."""
    actor = actor_of(request)
    row = authorization.find(actor, Approval, action="approvals.view", rows=ROWS, pk=pk)
    own = row.requested_by == actor.label
    may = row.decided_at is None and not own and authorization.allows(actor, "approvals.decide", row)
    form = DecideApprovalForm(request.POST or None)
    if request.method == "POST":
        authorization.require(actor, "approvals.decide", row)
        if form.is_valid() and tried(form, lambda: approvals.decide_approval(actor, row, **form.cleaned_data)):
            messages.success(request, _("Your decision is recorded, and the caseworker sees it."))
            return redirect("cases:approvals")
        row.refresh_from_db()
    earlier = ROWS.filter(case=row.case, kind=row.kind).exclude(pk=row.pk).order_by("-requested_at")[:10]
    shown = tabs.get_subject(row.kind)
    proposed = row.proposal.get("on")
    context: dict[str, Any] = {
        "proposed_on": date.fromisoformat(proposed) if proposed else None,
        "row": row,
        "form": form,
        "may": may,
        "own": own,
        "readings": [_read(each) for each in [row, *earlier]],
        "subject": shown.template,
        "concerns": closing.concerns(row.case) if row.kind == "closure" else [],
    }
    return TemplateResponse(request, "cases/approval.html", context | shown.read(actor, row))


def _read(row: Approval) -> dict[str, Any]:
    """An approval with its comments in clear."""
    known = timeline.directory([row.requested_by, row.decided_by])
    return {
        "row": row,
        "comment": open_text(row.comment) or "",
        "answer": open_text(row.answer) or "",
        "by": known.worker(row.requested_by),
        "answered_by": known.worker(row.decided_by),
    }
