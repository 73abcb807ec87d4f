"""Pages of the decision queue, decision requests, notifications, reviews and figures of both tracks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.views.changes import change
from kerege.casework.intake.forms.identification import DecisionReviewForm, NotifyForm, RequestForm
from kerege.casework.intake.models import DecisionRequest
from kerege.casework.intake.queries import identification as queries
from kerege.casework.intake.services import identification
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.vocabulary import profile
from kerege.web.templatetags.kerege import language

BOTH = require_http_methods(["GET", "POST"])
PAGE = 25
YEARS = 5
CASES = ("agency", "registered_by_agency", "caseworker", "record__data_key")


@pages.page("decisions.queue")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show the cases that wait for the agency's decision, with their deadlines."""
    actor = actor_of(request)
    page = get_page_of_rows(queries.queue(actor), PAGE, request.GET.get("page"))
    clock = profile.active().clocks[queries.CLOCK]
    context = {
        "page": page,
        "rows": queries.list_waiting_cases(actor, page.object_list),
        "counts": queries.count_queue(actor),
        "clock": clock,
    }
    return TemplateResponse(request, "intake/queue.html", context)


@pages.page("decisions.request")
@BOTH
def ask_for_decision(request: HttpRequest, pk: Any) -> HttpResponse:
    """Request a decision from an authority."""
    actor = actor_of(request)
    case = authorization.find(actor, Case, action="decisions.request", rows=Case.objects.select_related(*CASES), pk=pk)
    form = RequestForm(case, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        identification.request_decision(actor, case, data["authority"], data["track"], data["message"])

    words = (
        _("Ask for a decision"),
        _("Request a decision"),
        _("The request is sent to the authority. The deadline is running."),
    )
    return change(request, case, form, save, words=words, template="intake/request.html", versioned=False)


@pages.page("decisions.withdraw_request")
@require_POST
def withdraw_request(request: HttpRequest, pk: Any) -> HttpResponse:
    """Withdraw a request for a decision."""
    actor = actor_of(request)
    row = authorization.find(actor, DecisionRequest, action="decisions.withdraw_request", pk=pk)
    identification.withdraw_request(actor, row)
    messages.success(request, _("The request is withdrawn."))
    return redirect("cases:case", pk=row.case_id)


def decision(actor: Actor, pk: Any, action: str) -> Decision:
    """Return a decision with its case, if the actor may do `action` to it."""
    rows = Decision.objects.select_related("authority", *(f"case__{name}" for name in CASES))
    return authorization.find(actor, Decision, action=action, rows=rows, pk=pk)


@pages.page("decisions.notify")
@BOTH
def notify(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record that the person was informed of a decision."""
    actor = actor_of(request)
    row = decision(actor, pk, "decisions.notify")
    spoken = next(iter(vault.read(actor, row.case.record).get("languages", [])), "")
    form = NotifyForm(request.POST or None, initial={"told_on": timezone.localdate(), "language": spoken})

    def save(data: dict[str, Any]) -> None:
        identification.notify(actor, row, **data)

    words = (_("Inform the person of the decision"), _("Save"), _("It is recorded that the person was informed."))
    context: dict[str, Any] = {"decision": row, "texts": profile.active().languages, "spoken": spoken}
    return change(request, row.case, form, save, words=words, template="intake/notify.html", versioned=False, **context)


@pages.page("decisions.review")
@BOTH
def review(request: HttpRequest, pk: Any) -> HttpResponse:
    """Open a review of a decision."""
    actor = actor_of(request)
    row = decision(actor, pk, "decisions.review")
    form = DecisionReviewForm(request.POST or None, initial={"asked_on": timezone.localdate()})

    def save(data: dict[str, Any]) -> None:
        identification.ask_review(actor, row, **data)

    words = (_("Have the decision reviewed"), _("Save"), _("The review is recorded. It ends with a new decision."))
    return change(
        request, row.case, form, save, words=words, template="intake/review.html", versioned=False, decision=row
    )


@pages.page("decisions.notify")
@require_GET
def notice(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a printable notice of the decision in the person's language.

    The outside of the printed notice does not show its subject.
    """
    actor = actor_of(request)
    row = decision(actor, pk, "decisions.notify")
    identity = vault.read(actor, row.case.record)
    offered = profile.active().languages
    requested = [request.GET.get("text", ""), *identity.get("languages", []), language()]
    text = next((code for code in requested if code in offered), offered[0])
    with translation.override(text):
        context = {"decision": row, "case": row.case, "name": identity_mapping.display(identity), "text": text}
        notice_html = render_to_string("intake/_notice.html", context, request)
    return TemplateResponse(request, "intake/notice.html", {"case": row.case, "words": notice_html, "text": text})


@pages.page("statuses.count")
@require_GET
def statuses(request: HttpRequest) -> HttpResponse:
    """Show persons by status on each track, side by side and never added up."""
    actor = actor_of(request)
    last = timezone.localdate().year
    return TemplateResponse(
        request, "intake/statuses.html", {"tracks": queries.count_statuses(actor, last - YEARS + 1, last)}
    )
