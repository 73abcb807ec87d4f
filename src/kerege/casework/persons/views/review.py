"""The queue, the blind first look at a pair, and what is told once it was answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.base.errors import BadInput
from kerege.casework.cases.timeline import directory
from kerege.casework.persons import charts
from kerege.casework.persons.forms import KEYS, AnswerForm, ReasonForm
from kerege.casework.persons.messages import risk
from kerege.casework.persons.models import MatchCandidate, Review
from kerege.casework.persons.queries import field_comparison
from kerege.casework.persons.queries.pair_card import pair_card
from kerege.casework.persons.queries.review_queue import (
    Said,
    answered_by,
    answers,
    asked_again,
    explained,
    has_answered,
    merges,
    reason_of,
    work_items,
)
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.services.reviewer_assignment import WORKERS, is_only_coordinator, who_looks
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import language

BOTH = require_http_methods(["GET", "POST"])
PER_PAGE, RECENT = 25, 10


def faults(error: BadInput) -> list[str]:
    """What is wrong, in sentences."""
    texts = (f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults)
    return [text[:1].upper() + text[1:] for text in texts]


@pages.page("persons.review")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for the actor, the oldest first; not whether anything speaks against one."""
    actor = actor_of(request)
    page = Paginator(work_items(actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [(row, (timezone.now() - row.found_at).days) for row in page],
        "done": answered_by(actor)[:RECENT],
        "between": not actor.roles & WORKERS,
        "only_one": is_only_coordinator(actor),
        "may_see_quality": authorization.allows(actor, "persons.quality"),
    }
    return TemplateResponse(request, "persons/queue.html", context)


@pages.page("persons.review")
@BOTH
def review(request: HttpRequest, pk: Any) -> HttpResponse:
    """Two records side by side, and the question; no score, and nobody else's answer unless they disagree."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if has_answered(actor, row):
        return redirect("persons:answered", pk=pk)
    if not work_items(actor).filter(pk=pk).exists():
        messages.info(request, _("This pair is not asked of you: it is closed, or you registered one of the two."))
        return redirect("persons:queue")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_services.answer(actor, row, **form.cleaned_data)
        except BadInput as error:
            messages.warning(request, " ".join(faults(error)))
            return redirect("persons:queue")
        return redirect("persons:answered", pk=pk)
    card = pair_card(actor, row)
    again = asked_again(actor, row)
    others = _answers(actor, answers(actor, row))
    context = {
        "form": form,
        "others": others,
        "said": _said(again),
        "only_one": is_only_coordinator(actor),
        # whoever sees no answer yet is not told that the two are tied either
        "tied": bool(others) and merges(actor).filter(candidate=row).exists(),
        "rows": field_comparison.rows(card),
        "pair": row,
        "keys": {str(k): key for k, key in KEYS.items()},
    }
    return TemplateResponse(request, "persons/review.html", context)


@pages.page("persons.review")
@require_GET
def answered(request: HttpRequest, pk: Any) -> HttpResponse:
    """What happens now, who else looks, and what the machine had weighed: for whoever answered."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if not has_answered(actor, row):
        return redirect("persons:review", pk=pk)
    return TemplateResponse(request, "persons/answered.html", _told(actor, row) | {"form": ReasonForm()})


@pages.page("persons.review")
@BOTH
def ask_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """A pair that was closed as two persons is asked again."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if row.state != MatchCandidate.State.DIFFERENT:
        messages.info(request, _("This pair is not closed as two persons: there is nothing to ask again."))
        return redirect("persons:queue")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_services.reopen(actor, row, form.cleaned_data["reason"])
        except BadInput as error:
            form.add_error(None, faults(error))
        else:
            messages.success(request, _("The pair is asked again."))
            return redirect("persons:answered", pk=pk)
    context = {"form": form, "pair": row, "answered": has_answered(actor, row)}
    return TemplateResponse(request, "persons/ask_again.html", context)


def _told(actor: Actor, row: MatchCandidate) -> dict[str, Any]:
    given = answers(actor, row)
    mine = next(review for review in given if review.by == actor.label)
    return {
        "pair": row,
        "mine": mine,
        "reason": reason_of(actor, mine),
        "others": _answers(actor, [review for review in given if review != mine]),
        "said": _said(asked_again(actor, row)),
        "weights": charts.steps(explained(actor, row, language())),
        "risks": [risk(code) for code in row.risks],
        "who_looks": who_looks(row),
        "next": work_items(actor).first(),
        "tie": merges(actor).filter(candidate=row).first(),
        "merge": _mergeable(actor, row, mine),
        "may_reopen": row.state == MatchCandidate.State.DIFFERENT,
    }


def _said(reasons: list[Said]) -> list[tuple[Said, str]]:
    """Why it was asked again, each with who asked."""
    names = directory(said.by for said in reasons)
    return [(said, names.worker(said.by)) for said in reasons]


def _answers(actor: Actor, given: list[Review]) -> list[tuple[Review, str, str]]:
    """Answers, each with who gave it and why."""
    names = directory(review.by for review in given)
    return [(review, names.worker(review.by), reason_of(actor, review)) for review in given]


def _mergeable(actor: Actor, row: MatchCandidate, mine: Review) -> list[IdentityRecord]:
    """The two records, the older one first, where they are one person and may be made one record."""
    if row.agency_id is None or row.state != MatchCandidate.State.SAME:
        return []
    rows = authorization.scope(actor, IdentityRecord, action="persons.merge").filter(superseded_by=None)
    found = list(rows.filter(pk__in=[row.left_id, row.right_id]).order_by("created_at", "pk"))
    return found if len(found) > 1 else []
