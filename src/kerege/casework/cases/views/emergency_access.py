"""Pages of emergency access, and of its review."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases.forms.emergency_access import EmergencyForm, EmergencyReviewForm
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import emergency_access
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

# most rows on a page
SHOWN, MONTHS_SHOWN = 50, 60


@pages.page("emergencies.open")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def declare(request: HttpRequest) -> HttpResponse:
    """Open a case in an emergency, and show the actor's latest emergencies."""
    actor = actor_of(request)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = _open_in_emergency(actor, form)
        if row is not None:
            messages.warning(
                request, _("The case is open to you for four hours. The agency and the auditors are notified.")
            )
            return redirect("cases:case", pk=row.case_id)
    rows = authorization.scope(actor, Emergency, action="emergencies.mine").select_related("owner")[:5]
    context = {"form": form, "rows": list(rows), "now": timezone.now(), "hours": emergency_access.EMERGENCY_HOURS}
    return TemplateResponse(request, "cases/emergency_open.html", context)


def _open_in_emergency(actor: Actor, form: EmergencyForm) -> Emergency | None:
    """Open the case and return the emergency; None with an error on the form when that fails."""
    try:
        row = emergency_access.open_in_emergency(actor, **form.cleaned_data)
    except BadInput as error:
        form.add_error("number", [f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults])
        return None
    if row is None:
        form.add_error("number", _("No case has exactly this number. The try is recorded."))
    return row


@pages.page("emergencies.review")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show emergencies that wait for review, reviewed ones, and counts by month and user."""
    actor = actor_of(request)
    rows = authorization.scope(actor, Emergency, action="emergencies.review")
    with_agencies = rows.select_related("user", "agency", "owner")
    context = {
        "waiting": list(with_agencies.filter(verdict="")[:SHOWN]),
        "judged": list(with_agencies.exclude(verdict="")[:SHOWN]),
        "months": count_by_month(rows),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "cases/emergencies.html", context)


def count_by_month(rows: QuerySet[Emergency]) -> list[Any]:
    """Count emergencies by month, user and agency, newest months first."""
    counted = rows.order_by().annotate(month=TruncMonth("opened_at")).values("month", "user__full_name", "agency")
    return list(counted.annotate(n=Count("pk")).order_by("-month", "-n", "user__full_name", "agency")[:MONTHS_SHOWN])


@pages.page("emergencies.review")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show one emergency with its reason, and save its assessment."""
    actor = actor_of(request)
    rows = Emergency.objects.select_related("user", "agency", "owner")
    row = authorization.find(actor, Emergency, action="emergencies.review", rows=rows, pk=pk)
    form = EmergencyReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            emergency_access.review_emergency(actor, row, **form.cleaned_data)
        except BadInput as error:
            form.add_error(None, [f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults])
        else:
            messages.success(request, _("The assessment is recorded."))
            return redirect("cases:emergencies")
    words = emergency_access.read_review_texts(actor, row)
    context = {"row": row, "form": form, "words": words, "now": timezone.now(), "own": row.user_id == actor.user_id}
    context["may_end"] = authorization.allows(actor, "emergencies.end", row)
    return TemplateResponse(request, "cases/emergency.html", context)


@pages.page("emergencies.end")
@require_POST
def end(request: HttpRequest, pk: Any) -> HttpResponse:
    """End emergency access early."""
    actor = actor_of(request)
    row = authorization.find(actor, Emergency, action="emergencies.end", pk=pk)
    emergency_access.end_emergency(actor, row)
    messages.success(request, _("The access is ended."))
    return redirect("cases:emergency-open" if row.user_id == actor.user_id else "cases:emergencies")
