"""Pages of the review queue: the queue, the blind answer to a pair, and the page after the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.base.errors import BadInput
from kerege.casework.cases.timeline import directory
from kerege.casework.persons import match_charts
from kerege.casework.persons.forms import KEYS, ReopenPairForm, ReviewAnswerForm
from kerege.casework.persons.messages import risk
from kerege.casework.persons.models import MatchCandidate, PairReview
from kerege.casework.persons.queries import field_comparison
from kerege.casework.persons.queries.pair_card import get_pair_card
from kerege.casework.persons.queries.review_queue import (
    WrittenReason,
    answered_by,
    explain_weights,
    has_answered,
    reason_of,
    reopening_reasons,
    undoable_links,
    visible_answers,
    work_items,
)
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.services.reviewer_assignment import WORKERS, is_only_coordinator, next_reviewer
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.web.templatetags.kerege import language

BOTH = require_http_methods(["GET", "POST"])
PER_PAGE, RECENT = 25, 10


def fault_sentences(error: BadInput) -> list[str]:
    """Return the faults of an error as sentences in the user's language."""
    texts = (f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults)
    return [text[:1].upper() + text[1:] for text in texts]


@pages.page("persons.review")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the pairs that wait for the actor, the oldest first; not whether a pair has conflict flags."""
    actor = actor_of(request)
    page = get_page_of_rows(work_items(actor), PER_PAGE, request.GET.get("page"))
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
    """Show two records side by side and take the answer; no score, and other answers only of a dispute."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if has_answered(actor, row):
        return redirect("persons:answered", pk=pk)
    if not work_items(actor).filter(pk=pk).exists():
        messages.info(request, _("This pair is not asked of you: it is closed, or you registered one of the two."))
        return redirect("persons:queue")
    form = ReviewAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_services.answer(actor, row, **form.cleaned_data)
        except BadInput as error:
            messages.warning(request, " ".join(fault_sentences(error)))
            return redirect("persons:queue")
        return redirect("persons:answered", pk=pk)
    card = get_pair_card(actor, row)
    reopenings = reopening_reasons(actor, row)
    other_answers = _named_answers(actor, visible_answers(actor, row))
    context = {
        "form": form,
        "others": other_answers,
        "reasons": _named_reasons(reopenings),
        "only_one": is_only_coordinator(actor),
        # without visible answers, the page does not disclose that the two are linked
        "tied": bool(other_answers) and undoable_links(actor).filter(candidate=row).exists(),
        "rows": field_comparison.compare_card(card),
        "pair": row,
        "keys": {str(k): key for k, key in KEYS.items()},
    }
    return TemplateResponse(request, "persons/review.html", context)


@pages.page("persons.review")
@require_GET
def answered(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the next step, the next reviewer and the match weights to an actor who answered."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if not has_answered(actor, row):
        return redirect("persons:review", pk=pk)
    return TemplateResponse(
        request, "persons/answered.html", _answered_context(actor, row) | {"form": ReopenPairForm()}
    )


@pages.page("persons.review")
@BOTH
def ask_again(request: HttpRequest, pk: Any) -> HttpResponse:
    """Reopen a pair that was closed as two persons."""
    actor = actor_of(request)
    row = authorization.find(actor, MatchCandidate, action="persons.review", pk=pk)
    if row.state != MatchCandidate.State.DIFFERENT:
        messages.info(request, _("This pair is not closed as two persons: there is nothing to ask again."))
        return redirect("persons:queue")
    form = ReopenPairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            review_services.reopen_pair(actor, row, form.cleaned_data["reason"])
        except BadInput as error:
            form.add_error(None, fault_sentences(error))
        else:
            messages.success(request, _("The pair is asked again."))
            return redirect("persons:answered", pk=pk)
    context = {"form": form, "pair": row, "answered": has_answered(actor, row)}
    return TemplateResponse(request, "persons/ask_again.html", context)


def _answered_context(actor: Actor, row: MatchCandidate) -> dict[str, Any]:
    """Return the template context of an answered pair."""
    reviews = visible_answers(actor, row)
    own_id = review_services.answers_of(actor).values_list("pk", flat=True).get(candidate=row)
    own_review = next(review for review in reviews if review.pk == own_id)
    return {
        "pair": row,
        "mine": own_review,
        "reason": reason_of(actor, own_review),
        "others": _named_answers(actor, [review for review in reviews if review != own_review]),
        "reasons": _named_reasons(reopening_reasons(actor, row)),
        "weights": match_charts.weight_bars(explain_weights(actor, row, language())),
        "risks": [risk(code) for code in row.risks],
        "who_looks": next_reviewer(row),
        "next": work_items(actor).first(),
        "tie": undoable_links(actor).filter(candidate=row).first(),
        "merge": _mergeable_records(actor, row, own_review),
        "may_reopen": row.state == MatchCandidate.State.DIFFERENT,
    }


def _named_reasons(reasons: list[WrittenReason]) -> list[tuple[WrittenReason, str]]:
    """Return the reasons, each with the name of its author."""
    names = directory(reason.by for reason in reasons)
    return [(reason, names.worker(reason.by)) for reason in reasons]


def _named_answers(actor: Actor, reviews: list[PairReview]) -> list[tuple[PairReview, str, str]]:
    """Return the answers, each with the name of the reviewer and the reason."""
    names = directory(review.by for review in reviews)
    return [(review, names.worker(review.by), reason_of(actor, review)) for review in reviews]


def _mergeable_records(actor: Actor, row: MatchCandidate, own_review: PairReview) -> list[IdentityRecord]:
    """Return the two records of a concluded pair, the older first, if the actor may merge them.

    Otherwise return [].
    """
    if row.agency_id is None or row.state != MatchCandidate.State.SAME:
        return []
    rows = authorization.scope(actor, IdentityRecord, action="persons.merge").filter(superseded_by=None)
    records = list(rows.filter(pk__in=[row.left_id, row.right_id]).order_by("created_at", "pk"))
    return records if len(records) > 1 else []
