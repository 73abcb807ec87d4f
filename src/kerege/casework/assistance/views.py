"""Pages of assistance: services, consents, referrals and the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.casework.assistance import forms, queries, services
from kerege.casework.assistance.models import Consent, Referral, Service
from kerege.casework.cases.models import Case
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import change
from kerege.casework.vault.services import open_text
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard.faults import BadInput
from kerege.web.templatetags.kerege import language

BOTH = require_http_methods(["GET", "POST"])


@access.page("services.add")
@BOTH
def add_service(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record a service for the person of a case."""
    actor = Actor.of(request)
    case = load(actor, pk, "services.add")
    form = forms.ServiceForm(actor.agency, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.add_services(actor, [Service(case=case, **data)])

    words = (_("Record a service"), _("Save"), _("The service is recorded."))
    return change(request, case, form, save, words=words, versioned=False)


@access.page("services.add")
@BOTH
def end_service(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Say how a service ended."""
    actor = Actor.of(request)
    case = load(actor, pk, "services.add")
    row = get_object_or_404(access.scope(actor, Service, action="services.view"), pk=service, case=case)
    form = forms.EndServiceForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.end_service(actor, row, data["status"], data["on"])

    words = (_("End a service"), _("Save"), _("The service is recorded."))
    return change(request, case, form, save, words=words, versioned=False)


@access.page("cases.share")
@BOTH
def add_consent(request: HttpRequest, pk: Any) -> HttpResponse:
    """Write an entry of the consent ledger."""
    actor = Actor.of(request)
    case = load(actor, pk, "cases.share")
    form = forms.ConsentForm(case, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.record_consent(actor, Consent(case=case, **data))

    words = (_("Record the answer"), _("Save"), _("The answer is recorded."))
    return change(request, case, form, save, words=words, template="assistance/consent.html", versioned=False)


@access.page("cases.share")
@require_POST
def withdraw_consent(request: HttpRequest, pk: Any, consent: Any) -> HttpResponse:
    """Withdraw a consent; what rested on it closes at once."""
    actor = Actor.of(request)
    case = load(actor, pk, "cases.share")
    row = get_object_or_404(Consent, pk=consent, case=case, withdrawn_on=None, given=True)
    closed = services.withdraw_consent(actor, row, timezone.localdate())
    messages.success(request, _("The consent is withdrawn. Shares closed: %(count)s.") % {"count": closed})
    return redirect("cases:case", pk=case.pk)


@access.page("cases.share")
@BOTH
def refer(request: HttpRequest, pk: Any) -> HttpResponse:
    """Refer the person to another agency's inbox."""
    actor = Actor.of(request)
    case = load(actor, pk, "cases.share")
    form = forms.ReferralForm(case, queries.answer_due(timezone.localdate()), request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.refer(actor, services.ReferralDraft(case=case, **data))

    words = (_("Refer to another agency"), _("Send"), _("The referral is sent."))
    return change(request, case, form, save, words=words, template="assistance/refer.html", versioned=False)


@access.page("referrals.answer")
@require_GET
def referral_inbox(request: HttpRequest) -> HttpResponse:
    """Referrals that wait for this agency, and those that it waits for."""
    actor = Actor.of(request)
    context = {"waiting": list(queries.inbox(actor)[:200]), "sent": list(queries.waiting_for_others(actor)[:200])}
    return TemplateResponse(request, "assistance/inbox.html", context)


@access.page("referrals.answer")
@BOTH
def referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """A referral as its receiver sees it, and her answer."""
    actor = Actor.of(request)
    rows = Referral.objects.select_related("case__agency", "from_agency", "to_agency", "message__data_key", "consent")
    row = access.find(actor, Referral, action="referrals.answer", rows=rows, pk=pk)
    if request.method == "GET" and row.status == "sent":
        services.answer_referral(actor, row, "seen")
    possible = [status for status, before in services.ANSWERS.items() if row.status in before and status != "seen"]
    form = forms.AnswerForm(possible, request.POST or None)
    if request.method == "POST" and possible and form.is_valid():
        try:
            services.answer_referral(actor, row, form.cleaned_data["status"], form.cleaned_data["reason"])
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        else:
            messages.success(request, _("Your answer is sent."))
            return redirect("assistance:referral", pk=row.pk)
    context = {
        "referral": row,
        "message": open_text(row.message) or "",
        "basis": queries.basis_title(row.legal_basis, language()),
        "form": form if possible else None,
        "may_open": access.scope(actor, Case, action="cases.view").filter(pk=row.case_id).exists(),
    }
    return TemplateResponse(request, "assistance/referral.html", context)
