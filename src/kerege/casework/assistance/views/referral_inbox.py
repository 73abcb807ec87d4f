"""Pages of the inbox and of a referral, for both agencies."""

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

from kerege.base.errors import BadInput
from kerege.casework.assistance.case_panels.plans import can_add_service
from kerege.casework.assistance.forms import referrals as referral_forms
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals, shared_data
from kerege.casework.assistance.services import referral_responses, referral_steps
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases import shared_view
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries import cases
from kerege.casework.cases.services.notifications import read_notices_of
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries import masking
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.core.accounts.services import set_offer
from kerege.core.authorization import Actor


@pages.page("referrals.answer")
@require_GET
def show_inbox(request: HttpRequest) -> HttpResponse:
    """Show referrals to the agency by state, referrals that it sent, and notices."""
    actor = actor_of(request)
    form = referral_forms.InboxForm(request.GET)
    form.is_valid()
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    context = {
        "form": form,
        "groups": referrals.list_inbox_groups(actor, **chosen),
        "sent": list(referrals.waiting_for_others(actor)[: referrals.MAX_ROWS]),
        "ended": referrals.list_recently_ended(actor),
        "notices": cases.notices(actor),
        "may_offer": authorization.allows(actor, "agencies.offer"),
        "chases": authorization.allows(actor, "referrals.chase"),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "assistance/inbox.html", context)


@pages.page("referrals.view")
@BOTH
def show_referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a referral and record the receiver's answer. Opening it marks a new referral as seen."""
    actor = actor_of(request)
    rows = Referral.objects.select_related(
        "from_agency", "to_agency", "consent", "message__data_key", "reply__data_key", "assignee"
    )
    row = authorization.find(actor, Referral, action="referrals.view", rows=rows, pk=pk)
    can_answer = authorization.allows(actor, "referrals.answer", row)
    if request.method == "GET" and can_answer and row.status == "sent":
        referral_responses.answer_referral(actor, row, "seen")
    read_notices_of(actor, row.pk)
    possible_answers = [
        s
        for s, before in referral_responses.ALLOWED_FROM.items()
        if can_answer and row.status in before and s != "seen"
    ]
    form = referral_forms.ReferralAnswerForm(row, possible_answers, request.POST or None)
    if request.method == "POST" and possible_answers and form.is_valid():
        try:
            referral_responses.answer_referral(actor, row, form.cleaned_data["status"], answer=form.answer())
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        else:
            messages.success(request, _("Your answer is sent."))
            return redirect("assistance:referral", pk=row.pk)
    context = _build_context(actor, row, can_answer) | {"referral": row, "form": form if possible_answers else None}
    return TemplateResponse(request, "assistance/referral.html", context)


def _build_context(actor: Actor, row: Referral, can_answer: bool) -> dict[str, Any]:
    """Return the context of the page. The receiver of an ended referral reads only how it ended."""
    rows = Case.objects.select_related("agency", "record__data_key")
    case = rows.filter(
        pk__in=authorization.scope(actor, Case, action="cases.view").filter(pk=row.case_id).values("pk")
    ).first()
    is_sender = row.from_agency_id == actor.agency_id or (case is not None and case.agency_id == actor.agency_id)
    context: dict[str, Any] = {
        "steps": referrals.list_steps(actor, row),
        "answers": can_answer,
        "sends": is_sender,
        "case": case,
    }
    if can_answer and case is not None and row.status in referral_steps.SHOWING:
        context["may_serve"] = can_add_service(actor, case)
        granted = shared_view.granted(actor, case) or frozenset(row.categories)
        # masked as on the page of the case, which reveals it on request
        identity = masking.masked(vault.read(actor, case.record))
        context["received"] = shared_data.read_referral(row, case, identity, shared_data.sort_categories(granted))
        context["assign_form"] = referral_forms.AssignReferralForm(row.to_agency)
    if is_sender and case is not None:
        context |= {
            "message": open_text(row.message) or "",
            "may_refer": authorization.allows(actor, "cases.share", case),
            "following": row.next.select_related("to_agency").first(),
            "shows": row.status in referral_steps.SHOWING,
        }
        if context["shows"] and authorization.allows(actor, "referrals.withdraw", row):
            context["withdraw_form"] = referral_forms.WithdrawReferralForm()
    if is_sender or can_answer:
        context["reply"] = open_text(row.reply) or "" if case is not None else ""
    return context


@pages.page("referrals.answer")
@require_POST
def claim_referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """Assign a referral to the user."""
    actor = actor_of(request)
    row = authorization.find(actor, Referral, action="referrals.answer", pk=pk)
    try:
        referral_responses.claim_referral(actor, row)
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    else:
        messages.success(request, _("The referral is yours."))
    return redirect("assistance:referral", pk=row.pk)


@pages.page("referrals.answer")
@require_POST
def assign_referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """Assign a referral to a colleague."""
    actor = actor_of(request)
    row = authorization.find(
        actor, Referral, action="referrals.answer", rows=Referral.objects.select_related("to_agency"), pk=pk
    )
    form = referral_forms.AssignReferralForm(row.to_agency, request.POST)
    try:
        if form.is_valid():
            referral_responses.assign_referral(actor, row, form.cleaned_data["user"])
            messages.success(request, _("The referral is assigned."))
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    return redirect("assistance:referral", pk=row.pk)


@pages.page("referrals.withdraw")
@require_POST
def withdraw_referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """Withdraw a referral for its sender; the receiver loses access at once."""
    actor = actor_of(request)
    row = authorization.find(actor, Referral, action="referrals.withdraw", pk=pk)
    form = referral_forms.WithdrawReferralForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        referral_services.withdraw_referral(actor, row, reason)
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    else:
        messages.success(request, _("The referral is withdrawn. The receiver no longer sees its data."))
    return redirect("assistance:referral", pk=row.pk)


@pages.page("referrals.chase")
@require_GET
def show_unanswered(request: HttpRequest) -> HttpResponse:
    """Show overdue referrals of all agencies: references, agencies and days, no person."""
    actor = actor_of(request)
    return TemplateResponse(request, "assistance/silent.html", {"rows": referrals.list_unanswered(actor)})


@pages.page("agencies.offer")
@BOTH
def change_offer(request: HttpRequest) -> HttpResponse:
    """Change the services that the user's own agency offers, and whether it accepts referrals."""
    actor = actor_of(request)
    agency = authorization.find(actor, Agency, action="agencies.offer", pk=actor.agency_id)
    initial = {"services": agency.services, "accepting": agency.accepting}
    form = referral_forms.OfferForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_offer(actor, agency, form.cleaned_data["services"], form.cleaned_data["accepting"])
        messages.success(request, _("The services of your agency are saved."))
        return redirect("assistance:offer")
    return TemplateResponse(request, "assistance/offer.html", {"form": form})
