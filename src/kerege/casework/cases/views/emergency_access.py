"""Opening a case of another agency in an emergency, and judging afterwards whether it was one."""

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
from kerege.casework.cases.forms.emergency_access import EmergencyForm, ReviewForm
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import emergency_access
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

# what one page shows at most
SHOWN, MONTHS_SHOWN = 50, 60


@pages.page("emergencies.open")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def declare(request: HttpRequest) -> HttpResponse:
    """Name the case and the emergency; what is open already."""
    actor = actor_of(request)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = _declared(actor, form)
        if row is not None:
            messages.warning(
                request, _("The case is open to you for four hours. Its agency and the auditors are told.")
            )
            return redirect("cases:case", pk=row.case_id)
    rows = authorization.scope(actor, Emergency, action="emergencies.mine").select_related("owner")[:5]
    context = {"form": form, "rows": list(rows), "now": timezone.now(), "hours": emergency_access.EMERGENCY_HOURS}
    return TemplateResponse(request, "cases/emergency_open.html", context)


def _declared(actor: Actor, form: EmergencyForm) -> Emergency | None:
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
    """What waits for a verdict, what was judged, and how often each user opens something."""
    actor = actor_of(request)
    rows = authorization.scope(actor, Emergency, action="emergencies.review")
    seen = rows.select_related("user", "agency", "owner")
    context = {
        "waiting": list(seen.filter(verdict="")[:SHOWN]),
        "judged": list(seen.exclude(verdict="")[:SHOWN]),
        "months": by_month(rows),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "cases/emergencies.html", context)


def by_month(rows: QuerySet[Emergency]) -> list[Any]:
    """How many a user opened in a month, the newest months first."""
    counted = rows.order_by().annotate(month=TruncMonth("opened_at")).values("month", "user__full_name", "agency")
    return list(counted.annotate(n=Count("pk")).order_by("-month", "-n")[:MONTHS_SHOWN])


@pages.page("emergencies.review")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: Any) -> HttpResponse:
    """One emergency, with its reason; the verdict."""
    actor = actor_of(request)
    rows = Emergency.objects.select_related("user", "agency", "owner")
    row = authorization.find(actor, Emergency, action="emergencies.review", rows=rows, pk=pk)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            emergency_access.review_emergency(actor, row, **form.cleaned_data)
        except BadInput as error:
            form.add_error(None, [f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults])
        else:
            messages.success(request, _("The verdict is recorded."))
            return redirect("cases:emergencies")
    words = emergency_access.words_of(actor, row)
    context = {"row": row, "form": form, "words": words, "now": timezone.now(), "own": row.user_id == actor.user_id}
    context["may_end"] = authorization.allows(actor, "emergencies.end", row)
    return TemplateResponse(request, "cases/emergency.html", context)


@pages.page("emergencies.end")
@require_POST
def end(request: HttpRequest, pk: Any) -> HttpResponse:
    """End it before its time."""
    actor = actor_of(request)
    row = authorization.find(actor, Emergency, action="emergencies.end", pk=pk)
    emergency_access.end_emergency(actor, row)
    messages.success(request, _("The access is ended."))
    return redirect("cases:emergency-open" if row.user_id == actor.user_id else "cases:emergencies")
