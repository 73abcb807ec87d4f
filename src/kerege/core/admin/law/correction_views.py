"""Page on which two people correct value and source of a fact of the country profile."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts import fact_corrections as services
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.accounts.models import FactCorrection
from kerege.core.admin.law.fact_fields import list_changes
from kerege.core.admin.law.fact_words import FactLine, read_facts
from kerege.core.admin.law.forms import CorrectionForm
from kerege.core.admin.law.views import may_confirm, read_id
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary import corrections
from kerege.vocabulary.profile import ProfileFact, active
from kerege.web.forms import pressed_button


@dataclass(frozen=True)
class CorrectionLine:
    """A correction on the page: its fact in words, and each part that it changes."""

    row: FactCorrection
    line: FactLine | None
    changes: list[tuple[str, str, str]]


@pages.page("facts.request")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def correct(request: HttpRequest) -> HttpResponse:
    """Ask to correct a fact; decide on the request of another person, or take a correction back."""
    actor = actor_of(request)
    is_allowed = may_confirm(actor)
    if request.method == "POST" and not is_allowed:
        raise Denied("facts.request")
    if request.method == "POST" and "request" in request.POST:
        return _decide(request, actor)
    facts = {fact.path: fact for fact in active().facts()}
    path = request.GET.get("fact", "")
    if path and path not in facts:
        raise Http404
    form = CorrectionForm(request.POST or None, facts[path]) if path and is_allowed else None
    if form is not None and form.is_bound and _try_request(actor, form):
        messages.success(request, _("The request is sent. Another person confirms it."))
        return redirect("law:correct")
    rows = authorization.scope(actor, FactCorrection, action="facts.correct")
    context = {
        "form": form,
        "fact": read_facts(active()).get(path),
        "waiting": _lines(rows.filter(outcome=""), facts),
        "given": _lines(rows.filter(outcome="given", ended_at=None), facts),
        "me": actor.label,
        "may_correct": is_allowed,
    }
    return TemplateResponse(request, "accounts/correct_fact.html", context)


def _lines(rows: QuerySet[FactCorrection], facts: dict[str, ProfileFact]) -> list[CorrectionLine]:
    words = read_facts(active())
    return [CorrectionLine(row, words.get(row.path), _changes(row, facts.get(row.path))) for row in rows]


def _changes(row: FactCorrection, fact: ProfileFact | None) -> list[tuple[str, str, str]]:
    return list_changes(corrections.values_of(fact.fact), json.loads(row.values)) if fact else []


def _try_request(actor: Actor, form: CorrectionForm) -> bool:
    """Ask for the correction, or add the faults to the form; return whether it was asked for."""
    if not form.is_valid():
        return False
    try:
        services.request_correction(actor, agency_of(actor), form.draft())
    except BadInput as error:
        form.add_error(None, [f"{fault.what}: {fault.todo}." for fault in error.faults])
    return form.is_valid()


def _decide(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Correct, refuse or take back, as the button says."""
    rows = authorization.scope(actor, FactCorrection, action="facts.correct")
    row = get_object_or_404(rows, pk=read_id(request.POST.get("request", "")))
    button = pressed_button(request.POST, "withdraw", "give", "refuse")
    try:
        if button == "withdraw":
            services.withdraw_correction(actor, row)
            messages.success(request, _("The correction is taken back."))
        else:
            is_given = button == "give"
            services.decide_correction(actor, row, give=is_given)
            messages.success(request, _("The fact is corrected.") if is_given else _("The request is refused."))
    except Denied:
        raise
    except BadInput as error:
        messages.error(request, "; ".join(f"{fault.what}: {fault.todo}." for fault in error.faults))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("law:correct")
