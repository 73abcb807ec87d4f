"""Pages to suspend, resume, close, reopen and assign a case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kerege.casework.cases.forms.workload import AssignForm, CloseForm, ReopenForm, SinceForm
from kerege.casework.cases.page_layout import closing_papers
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.cases.services import approvals, assignment, closing, lifecycle
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.core import pages
from kerege.core.accounts.actors import actor_of


@pages.page("cases.change")
@BOTH
def move(request: HttpRequest, pk: Any) -> HttpResponse:
    """Suspend an open case, or resume a suspended one."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    if case.status not in GOES_ON:
        return redirect("cases:reopen", pk=pk)
    form = SinceForm(case, request.POST or None)
    next_status = "open" if case.status == "suspended" else "suspended"

    def save(data: dict[str, Any]) -> None:
        lifecycle.move(actor, case, next_status, data["on"])

    if next_status == "open":
        words = (_("Resume the case"), _("Resume"), _("The case is open again."))
    else:
        words = (_("Suspend the case"), _("Suspend"), _("The case is suspended."))
    return change(request, case, form, save, words=words)


@pages.page("cases.change")
@BOTH
def close(request: HttpRequest, pk: Any) -> HttpResponse:
    """Close a case: show its open matters, and request approval where the profile requires it."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    if case.status == "closed":
        return redirect("cases:reopen", pk=pk)
    needs_approval = approvals.needs_approval("closure")
    reason = {"reason": case.closure_reason, "status": "closed" if case.status == "follow_up" else ""}
    form = CloseForm(case, needs_approval, request.POST or None, initial=reason)

    def save(data: dict[str, Any]) -> None:
        closing.close(actor, case, closing.Closing(**data))

    is_requested = needs_approval and request.POST.get("status") == "closed"
    done_message = (
        _("Closing waits for approval. Until then the case continues.") if is_requested else _("The case has ended.")
    )
    waiting = case.approvals.filter(kind="closure", decided_at=None).first()
    context: dict[str, Any] = {
        "concerns": closing.concerns(case),
        "asks": needs_approval,
        "waiting": waiting,
        "papers": closing_papers.all(),
    }
    words = (_("Close the case"), _("Close the case"), done_message)
    return change(request, case, form, save, words=words, template="cases/close.html", **context)


@pages.page("cases.change")
@BOTH
def reopen(request: HttpRequest, pk: Any) -> HttpResponse:
    """Reopen a case that has ended."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    if case.status not in lifecycle.ENDED_STATUSES:
        return redirect("cases:close", pk=pk)
    form = ReopenForm(case, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        lifecycle.reopen(actor, case, data["on"], data["reason"])

    words = (_("Reopen the case"), _("Reopen"), _("The case is open again."))
    return change(request, case, form, save, words=words, template="cases/reopen.html")


@pages.page("cases.change")
@BOTH
def assign(request: HttpRequest, pk: Any) -> HttpResponse:
    """Assign the case to a caseworker."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = AssignForm(case.agency, request.POST or None, initial={"caseworker": case.caseworker_id})

    def save(data: dict[str, Any]) -> None:
        assignment.assign(actor, case, data["caseworker"])

    words = (_("Assign the case"), _("Assign"), _("The case is assigned."))
    return change(request, case, form, save, words=words, merges=True)
