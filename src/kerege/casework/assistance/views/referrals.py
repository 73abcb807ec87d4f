"""Pages to send a referral: form, preview, sending."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kerege.base.errors import BadInput
from kerege.casework.assistance.forms import referrals
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import shared_data
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services import shares
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.casework.vault.crypto.form_token import FIELD
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries import masking
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

MULTIPLE_FIELDS = ("services", "categories")


@pages.page("cases.share")
@BOTH
def send_referral(request: HttpRequest, pk: Any) -> HttpResponse:
    """Refer the person to another agency: form, preview and sending are steps of one URL."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    previous = _find_previous(actor, case, request.POST.get("again") or request.GET.get("again"))
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step not in {"preview", "send"}:
        initial = _read_typed(request.POST) if request.method == "POST" else _copy_message(previous)
        kinds = initial.get("services") or _list_requested_services(case, request.GET, previous)
        form = referrals.ReferralForm(case, kinds=kinds, previous=previous, initial=initial)
        return _show_form(request, case, form, previous)
    form = referrals.ReferralForm(case, request.POST, kinds=request.POST.getlist("services"), previous=previous)
    if not form.is_valid():
        return _show_form(request, case, form, previous)
    draft = form.draft(form.cleaned_data, previous)
    if step == "preview":
        return _show_preview(request, case, draft, previous)
    try:
        referral_services.refer(actor, draft)
    except BadInput as error:
        form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        return _show_form(request, case, form, previous)
    messages.success(
        request, _("The referral is sent. You will be notified of every answer, and when there is no answer.")
    )
    return redirect(f"{reverse('cases:case', kwargs={'pk': case.pk})}?tab=sharing")


@pages.page("cases.share")
@BOTH
def share_case(request: HttpRequest, pk: Any) -> HttpResponse:
    """Share the case with an agency without a request."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    form = referrals.ShareForm(case, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        referral_services.share_case(actor, form.draft(data))

    words = (_("Show the case to an agency"), _("Show the case"), _("The agency sees it from now on."))
    return change(request, case, form, save, words=words, template="assistance/share.html", versioned=False)


@pages.page("cases.share")
@require_POST
def end_share(request: HttpRequest, pk: Any, share: Any) -> HttpResponse:
    """End a share of the case."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    rows = Share.objects.select_related("case").filter(case=case, source_id=None)
    row = get_object_or_404(rows, pk=share)
    shares.end_share(actor, row)
    messages.success(request, _("The agency no longer sees the case."))
    return redirect(f"{reverse('cases:case', kwargs={'pk': case.pk})}?tab=sharing")


def _show_form(
    request: HttpRequest, case: Case, form: referrals.ReferralForm, previous: Referral | None
) -> HttpResponse:
    actor = actor_of(request)
    context = bar(actor, case, vault.read(actor, case.record)) | {"form": form, "previous": previous}
    return TemplateResponse(request, "assistance/refer.html", context)


def _show_preview(
    request: HttpRequest, case: Case, draft: referral_services.ReferralDraft, previous: Referral | None
) -> HttpResponse:
    """Show what the receiver will see, and the button that sends the referral."""
    actor = actor_of(request)
    identity = vault.read(actor, case.record)
    sent = [(name, value) for name in _list_carried_fields(request.POST) for value in request.POST.getlist(name)]
    context = bar(actor, case, identity) | {
        "received": shared_data.preview_draft(draft, masking.masked(identity), timezone.localdate()),
        "to_agency": draft.to_agency,
        "sent": sent,
        "previous": previous,
    }
    return TemplateResponse(request, "assistance/preview.html", context)


def _list_carried_fields(typed: QueryDict) -> list[str]:
    """Return the fields that the preview passes on: every form field and the form's token."""
    return [name for name in typed if name in {*referrals.ReferralForm.base_fields, "again", FIELD}]


def _read_typed(typed: QueryDict) -> dict[str, Any]:
    """Return the typed values, to show them again without validation."""
    names = [name for name in referrals.ReferralForm.base_fields if name in typed]
    return {name: typed.getlist(name) if name in MULTIPLE_FIELDS else typed[name] for name in names}


def _copy_message(previous: Referral | None) -> dict[str, Any]:
    """Return the message of the previous referral as the initial value."""
    return {"message": open_text(previous.message) or ""} if previous is not None else {}


def _list_requested_services(case: Case, query: QueryDict, previous: Referral | None) -> list[str]:
    """Return the services to ask for.

    The first source that names any counts: the URL, the previous referral, requested services of the case.
    """
    known_kinds = codes.code_list("service").codes
    named_kinds = [kind for kind in query.getlist("service") if kind in known_kinds]
    if named_kinds or previous is not None:
        return named_kinds or list(previous.services if previous else [])
    return list(dict.fromkeys(case.services.filter(status="requested").values_list("kind", flat=True)))


def _find_previous(actor: Actor, case: Case, pk: str | None) -> Referral | None:
    """Return the referral of the same case that this one follows, else None."""
    try:
        key = UUID(pk or "")
    except ValueError:
        return None
    return authorization.scope(actor, Referral, action="referrals.view").filter(pk=key, case=case).first()
