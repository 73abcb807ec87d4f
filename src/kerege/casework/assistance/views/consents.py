"""Pages of the consent ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kerege.casework.assistance import forms, services
from kerege.casework.assistance.models import Consent
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.core import access
from kerege.core.access import Actor


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
