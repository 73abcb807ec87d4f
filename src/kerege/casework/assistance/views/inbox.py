"""The inbox of an agency, a referral as each side sees it, and what the receiver does with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.casework.assistance import forms, queries, received, services
from kerege.casework.assistance.case_tabs.plans import may_serve
from kerege.casework.assistance.models import Referral
from kerege.casework.cases import queries as cases
from kerege.casework.cases import shared_view
from kerege.casework.cases.models import Case
from kerege.casework.cases.services import read_notices_of
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault import masking
from kerege.casework.vault import queries as vault
from kerege.casework.vault.services import open_text
from kerege.core import access
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency
from kerege.core.accounts.services import set_offer
from kerege.standard.faults import BadInput


@access.page("referrals.answer")
@require_GET
def referral_inbox(request: HttpRequest) -> HttpResponse:
    """What came to this agency, by state, and what it waits for; clocks beside each."""
    actor = Actor.of(request)
    form = forms.InboxForm(request.GET)
    form.is_valid()
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    context = {
        "form": form,
        "groups": queries.inbox_groups(actor, **chosen),
        "sent": list(queries.waiting_for_others(actor)[: queries.MOST]),
        "ended": queries.ended_lately(actor),
        "notices": cases.notices(actor),
        "may_offer": access.allows(actor, "agencies.offer"),
        "chases": access.allows(actor, "referrals.chase"),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "assistance/inbox.html", context)


@access.page("referrals.view")
@BOTH
def referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """A referral: its receiver reads what is shared and answers, its sender reads the steps and the outcome."""
    actor = Actor.of(request)
    rows = Referral.objects.select_related(
        "from_agency", "to_agency", "consent", "message__data_key", "reply__data_key", "assignee"
    )
    row = access.find(actor, Referral, action="referrals.view", rows=rows, pk=pk)
    answers = access.allows(actor, "referrals.answer", row)
    if request.method == "GET" and answers and row.status == "sent":
        services.answer_referral(actor, row, "seen")
    read_notices_of(actor, row.pk)
    possible = [s for s, before in services.ANSWERS.items() if answers and row.status in before and s != "seen"]
    form = forms.AnswerForm(row, possible, request.POST or None)
    if request.method == "POST" and possible and form.is_valid():
        try:
            services.answer_referral(actor, row, form.cleaned_data["status"], answer=form.answer())
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        else:
            messages.success(request, _("Your answer is sent."))
            return redirect("assistance:referral", pk=row.pk)
    context = _sides(actor, row, answers) | {"referral": row, "form": form if possible else None}
    return TemplateResponse(request, "assistance/referral.html", context)


def _sides(actor: Actor, row: Referral, answers: bool) -> dict[str, Any]:
    """What each side reads. Of a referral that was withdrawn or ran out its receiver reads no more than that."""
    rows = Case.objects.select_related("agency", "record__data_key")
    case = rows.filter(
        pk__in=access.scope(actor, Case, action="cases.view").filter(pk=row.case_id).values("pk")
    ).first()
    sends = row.from_agency_id == actor.agency_id or (case is not None and case.agency_id == actor.agency_id)
    context: dict[str, Any] = {"steps": queries.steps(actor, row), "answers": answers, "sends": sends, "case": case}
    if answers and case is not None and row.status in services.SHOWING:
        context["may_serve"] = may_serve(actor, case)
        granted = shared_view.granted(actor, case) or frozenset(row.categories)
        # hidden as on the page of the case, where it is shown on request
        identity = masking.masked(vault.read(actor, case.record))
        context["received"] = received.of_referral(row, case, identity, received.in_order(granted))
        context["assign_form"] = forms.AssignReferralForm(row.to_agency)
    if sends and case is not None:
        context |= {
            "message": open_text(row.message) or "",
            "may_refer": access.allows(actor, "cases.share", case),
            "following": row.next.select_related("to_agency").first(),
            "shows": row.status in services.SHOWING,
        }
        if context["shows"] and access.allows(actor, "referrals.withdraw", row):
            context["withdraw_form"] = forms.WithdrawReferralForm()
    if sends or answers:
        context["reply"] = open_text(row.reply) or "" if case is not None else ""
    return context


@access.page("referrals.answer")
@require_POST
def claim(request: HttpRequest, pk: Any) -> HttpResponse:
    """Take a referral out of the inbox."""
    actor = Actor.of(request)
    row = access.find(actor, Referral, action="referrals.answer", pk=pk)
    try:
        services.claim_referral(actor, row)
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    else:
        messages.success(request, _("The referral is yours."))
    return redirect("assistance:referral", pk=row.pk)


@access.page("referrals.answer")
@require_POST
def assign(request: HttpRequest, pk: Any) -> HttpResponse:
    """Give a referral to a colleague."""
    actor = Actor.of(request)
    row = access.find(
        actor, Referral, action="referrals.answer", rows=Referral.objects.select_related("to_agency"), pk=pk
    )
    form = forms.AssignReferralForm(row.to_agency, request.POST)
    try:
        if form.is_valid():
            services.assign_referral(actor, row, form.cleaned_data["user"])
            messages.success(request, _("The referral is assigned."))
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    return redirect("assistance:referral", pk=row.pk)


@access.page("referrals.withdraw")
@require_POST
def withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    """The sender takes a referral back; the other agency sees nothing more from that moment."""
    actor = Actor.of(request)
    row = access.find(actor, Referral, action="referrals.withdraw", pk=pk)
    form = forms.WithdrawReferralForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.withdraw_referral(actor, row, reason)
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    else:
        messages.success(request, _("The referral is withdrawn. What it showed is closed."))
    return redirect("assistance:referral", pk=row.pk)


@access.page("referrals.chase")
@require_GET
def silent(request: HttpRequest) -> HttpResponse:
    """Referrals of the country that nobody answered in time: references, agencies and days, no person."""
    actor = Actor.of(request)
    return TemplateResponse(request, "assistance/silent.html", {"rows": queries.silent(actor)})


@access.page("agencies.offer")
@BOTH
def offer(request: HttpRequest) -> HttpResponse:
    """What one's own agency offers, and whether it has room."""
    actor = Actor.of(request)
    agency = access.find(actor, Agency, action="agencies.offer", pk=actor.agency_id)
    first = {"services": agency.services, "accepting": agency.accepting}
    form = forms.OfferForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        set_offer(actor, agency, form.cleaned_data["services"], form.cleaned_data["accepting"])
        messages.success(request, _("What your agency offers is saved."))
        return redirect("assistance:offer")
    return TemplateResponse(request, "assistance/offer.html", {"form": form})
