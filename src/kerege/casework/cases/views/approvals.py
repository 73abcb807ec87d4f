"""Pages of approvals: the list, and the decision on one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.cases import page_layout, timeline
from kerege.casework.cases.forms.workload import DecideApprovalForm
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.queries import workload
from kerege.casework.cases.services import approvals, closing
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.cases.views.lists import PER_PAGE
from kerege.casework.cases.views.tasks import try_save
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.pages.page_of_rows import get_page_of_rows

ROWS = Approval.objects.select_related(
    "case__record__data_key", "case__agency", "comment__data_key", "answer__data_key"
)


@pages.page("approvals.view")
@require_GET
def approval_list(request: HttpRequest) -> HttpResponse:
    """Show the agency's waiting approvals, oldest first; or the decided ones, newest first."""
    actor = actor_of(request)
    answered = request.GET.get("state") == "answered"
    page = get_page_of_rows(workload.list_approvals(actor, answered=answered), PER_PAGE, request.GET.get("page"))
    known = timeline.directory(label for row in page for label in (row.requested_by, row.decided_by))
    rows = [(row, known.worker(row.requested_by), known.worker(row.decided_by)) for row in page]
    return TemplateResponse(request, "cases/approvals.html", {"page": page, "rows": rows, "answered": answered})


@pages.page("approvals.view")
@BOTH
def approval(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show one approval with its subject and earlier comments, and save the decision."""
    actor = actor_of(request)
    row = authorization.find(actor, Approval, action="approvals.view", rows=ROWS, pk=pk)
    is_own = row.requested_by == actor.label
    can_decide = row.decided_at is None and not is_own and authorization.allows(actor, "approvals.decide", row)
    form = DecideApprovalForm(request.POST or None)
    if request.method == "POST":
        authorization.require(actor, "approvals.decide", row)
        if form.is_valid() and try_save(form, lambda: approvals.decide_approval(actor, row, **form.cleaned_data)):
            messages.success(request, _("Your decision is recorded, and the caseworker sees it."))
            return redirect("cases:approvals")
        row.refresh_from_db()
    earlier = ROWS.filter(case=row.case, kind=row.kind).exclude(pk=row.pk).order_by("-requested_at", "pk")[:10]
    subject = page_layout.get_subject(row.kind)
    proposed_day = row.proposal.get("on")
    context: dict[str, Any] = {
        "proposed_on": date.fromisoformat(proposed_day) if proposed_day else None,
        "row": row,
        "form": form,
        "may": can_decide,
        "own": is_own,
        "readings": [_read_approval(approval_row) for approval_row in [row, *earlier]],
        "subject": subject.template,
        "concerns": closing.concerns(row.case) if row.kind == "closure" else [],
    }
    return TemplateResponse(request, "cases/approval.html", context | subject.read(actor, row))


def _read_approval(row: Approval) -> dict[str, Any]:
    """Return an approval with decrypted comments and the names of both users."""
    known = timeline.directory([row.requested_by, row.decided_by])
    return {
        "row": row,
        "comment": open_text(row.comment) or "",
        "answer": open_text(row.answer) or "",
        "by": known.worker(row.requested_by),
        "answered_by": known.worker(row.decided_by),
    }
