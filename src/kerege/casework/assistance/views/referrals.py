"""Pages of referrals and the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance import forms, queries, services
from kerege.casework.assistance.models import Referral
from kerege.casework.cases.models import Case
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.casework.vault.services import open_text
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard.faults import BadInput
from kerege.web.templatetags.kerege import language


@access.page("cases.share")
@BOTH
def refer(request: HttpRequest, pk: Any) -> HttpResponse:
    """Refer the person to another agency's inbox."""
    actor = Actor.of(request)
    case = load(actor, pk, "cases.share")
    form = forms.ReferralForm(case, services.answer_due("normal", timezone.localdate()), request.POST or None)

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
