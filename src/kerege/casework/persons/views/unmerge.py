"""What was tied, and taking it apart again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.timeline import directory
from kerege.casework.persons.forms import LATER, UndoForm
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.queries import merge_preview
from kerege.casework.persons.queries.merge_preview import Returning
from kerege.casework.persons.queries.review_queue import answered_of, reasons_of
from kerege.casework.persons.services import unmerge
from kerege.casework.persons.services.unmerge import Undone, first_to_undo
from kerege.casework.persons.views.reveal import may_show, reveal
from kerege.casework.persons.views.review import BOTH, faults
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

PER_PAGE = 25


@pages.page("persons.look_back")
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Every tie that the actor may undo, and those that were undone; the newest first."""
    actor = actor_of(request)
    rows = authorization.scope(actor, Merge, action="persons.undo").order_by("-made_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    names = directory(label for row in shown for label in (row.made_by, row.undone_by) if label)
    cases, answered = _cases(actor, shown), answered_of(actor, shown)
    later, closed = first_to_undo(*shown), _reopenable(actor, shown)
    lines = [
        {
            "row": row,
            "by": names.worker(row.made_by),
            "undone_by": names.worker(row.undone_by),
            "cases": [case for pk in (row.kept_id, row.other_id) for case in cases.get(pk, [])],
            "answered": row.candidate_id in answered,
            "is_last": row.pk not in later,
            "again": row.candidate_id in closed,
        }
        for row in shown
    ]
    return TemplateResponse(request, "persons/merges.html", {"page": page, "lines": lines})


@pages.page("persons.look_back")
@BOTH
@pages.stepped_up_to_post
def undo(request: HttpRequest, pk: Any) -> HttpResponse:
    """What comes back and what stays; with a reason it is done."""
    actor = actor_of(request)
    # not with its records: those of other agencies stand behind the second wall, and the tie would with them
    rows = Merge.objects.select_related("agency")
    merge = authorization.find(actor, Merge, action="persons.undo", rows=rows, pk=pk)
    sides = [_cases(actor, [merge]).get(key, []) for key in (merge.kept_id, merge.other_id)]
    asks = "show" in request.POST
    shown = reveal(request, merge.kept) if asks else []
    first = first_to_undo(merge).get(merge.pk)
    returning = Returning() if merge.undone_at or first else merge_preview.returning(actor, merge, shown)
    typed = request.POST if request.method == "POST" and not asks else None
    so_far = request.POST.dict() | {"keep_apart": "keep_apart" in request.POST} if asks else None
    form = UndoForm(returning.later, _named(sides), typed, initial=so_far)
    if typed and form.is_valid():
        try:
            done = unmerge.undo_merge(actor, merge, **form.wish, seen=request.POST.get("seen", ""))
        except BadInput as error:
            form.add_error(None, faults(error))
        else:
            _say(request, done)
            return redirect("persons:merges")
    names = directory(label for label in (merge.made_by, merge.undone_by) if label)
    reasons = reasons_of(actor, merge)
    said_by = directory(said.by for said in reasons)
    context = {
        "merge": merge,
        "said": [(said, said_by.worker(said.by)) for said in reasons],
        "again": merge.candidate_id in _reopenable(actor, [merge]),
        "form": form,
        "by": names.worker(merge.made_by),
        "undone_by": names.worker(merge.undone_by),
        "answered": merge.candidate_id in answered_of(actor, [merge]),
        "sides": sides,
        "first": first,
        "may_first": first is not None and authorization.allows(actor, "persons.undo", first),
        "returning": returning,
        "later": [(each, form[f"{LATER}{each.name}"]) for each in returning.later],
        "shown": shown,
        "may_show": may_show(actor, {each.name for each in returning.later if each.hidden}, merge.kept)
        if returning.later
        else [],
    }
    return TemplateResponse(request, "persons/undo.html", context)


def _named(sides: list[list[Case]]) -> tuple[str, str]:
    """The two records, by their cases where there are any."""
    names = (_("The first record"), _("The second record"))
    first, second = (
        f"{name} ({', '.join(case.reference for case in cases)})" if cases else name
        for name, cases in zip(names, sides, strict=True)
    )
    return first, second


def _reopenable(actor: Actor, merges: list[Merge]) -> set[Any]:
    """Of the pairs of some undone ties those that are closed as two persons, and that the actor may ask again."""
    ids = {row.candidate_id for row in merges if row.undone_at is not None and row.candidate_id}
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    return set(rows.filter(pk__in=ids, state=MatchCandidate.State.DIFFERENT).values_list("pk", flat=True))


def _cases(actor: Actor, merges: list[Merge]) -> dict[Any, list[Case]]:
    """Cases of both sides of these ties that the actor may see, by record."""
    ids = {pk for row in merges for pk in (row.kept_id, row.other_id)}
    found: dict[Any, list[Case]] = {}
    for case in authorization.scope(actor, Case, action="cases.view").filter(record__in=ids).order_by("reference"):
        found.setdefault(case.record_id, []).append(case)
    return found


def _say(request: HttpRequest, done: Undone) -> None:
    """What is back, and what somebody changed since and stays."""
    if done.merge.kind == Merge.Kind.MERGE:
        messages.success(request, _("Undone. Both records are as they were before."))
    else:
        messages.success(request, _("Undone. The two records belong to two persons again."))
    if done.fields:
        names = ", ".join(str(FIELDS.get(name, name)) for name in done.fields)
        messages.warning(
            request, _("Changed after the merge, and left out as neither record's: %(names)s.") % {"names": names}
        )
    if done.cases:
        kept = ", ".join(done.cases)
        messages.warning(request, _("Changed after the merge, and left as they are: %(cases)s.") % {"cases": kept})
    if done.still_one:
        messages.warning(request, _("Another link still says that they are one person."))
