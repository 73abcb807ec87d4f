"""Pages of links and merges: their list, and the undo of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
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
from kerege.casework.persons.queries.merge_preview import UnmergePreview
from kerege.casework.persons.queries.review_queue import answered_pair_ids, reasons_of
from kerege.casework.persons.services import unmerge
from kerege.casework.persons.services.unmerge import UnmergeResult, merges_to_undo_first
from kerege.casework.persons.views.reveal import may_show, reveal
from kerege.casework.persons.views.review import BOTH, fault_sentences
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows

PER_PAGE = 25


@pages.page("persons.look_back")
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """List the links and merges that the actor may undo, and undone ones, the newest first."""
    actor = actor_of(request)
    rows = authorization.scope(actor, Merge, action="persons.undo").order_by("-made_at", "pk")
    page = get_page_of_rows(rows, PER_PAGE, request.GET.get("page"))
    merges = list(page)
    names = directory(label for row in merges for label in (row.made_by, row.undone_by) if label)
    cases, answered = _cases_by_record(actor, merges), answered_pair_ids(actor, merges)
    merges_first, reopenable_ids = merges_to_undo_first(*merges), _reopenable(actor, merges)
    lines = [
        {
            "row": row,
            "by": names.worker(row.made_by),
            "undone_by": names.worker(row.undone_by),
            "cases": [case for pk in (row.kept_id, row.other_id) for case in cases.get(pk, [])],
            "answered": row.candidate_id in answered,
            "is_last": row.pk not in merges_first,
            "again": row.candidate_id in reopenable_ids,
        }
        for row in merges
    ]
    return TemplateResponse(request, "persons/merges.html", {"page": page, "lines": lines})


@pages.page("persons.look_back")
@BOTH
@pages.stepped_up_to_post
def undo(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show what the undo of a link or merge restores; with a reason, undo it."""
    actor = actor_of(request)
    # without a join of its records: row-level security would hide the link with a record of another agency
    rows = Merge.objects.select_related("agency")
    merge = authorization.find(actor, Merge, action="persons.undo", rows=rows, pk=pk)
    sides = [_cases_by_record(actor, [merge]).get(record_id, []) for record_id in (merge.kept_id, merge.other_id)]
    is_revealing = "show" in request.POST
    shown = reveal(request, merge.kept) if is_revealing else []
    first = merges_to_undo_first(merge).get(merge.pk)
    returning = UnmergePreview() if merge.undone_at or first else merge_preview.preview_unmerge(actor, merge, shown)
    form_data = request.POST if request.method == "POST" and not is_revealing else None
    initial = request.POST.dict() | {"keep_apart": "keep_apart" in request.POST} if is_revealing else None
    form = UndoForm(returning.later, _record_names(sides), form_data, initial=initial)
    if form_data and form.is_valid():
        try:
            result = unmerge.undo_merge(actor, merge, **form.wish, seen=request.POST.get("seen", ""))
        except BadInput as error:
            form.add_error(None, fault_sentences(error))
        else:
            _show_result(request, result)
            return redirect("persons:merges")
    names = directory(label for label in (merge.made_by, merge.undone_by) if label)
    reasons = reasons_of(actor, merge)
    authors = directory(reason.by for reason in reasons)
    context = {
        "merge": merge,
        "reasons": [(reason, authors.worker(reason.by)) for reason in reasons],
        "again": merge.candidate_id in _reopenable(actor, [merge]),
        "form": form,
        "by": names.worker(merge.made_by),
        "undone_by": names.worker(merge.undone_by),
        "answered": merge.candidate_id in answered_pair_ids(actor, [merge]),
        "sides": sides,
        "first": first,
        "may_first": first is not None and authorization.allows(actor, "persons.undo", first),
        "returning": returning,
        "later": [(change, form[f"{LATER}{change.name}"]) for change in returning.later],
        "shown": shown,
        "may_show": may_show(actor, {change.name for change in returning.later if change.hidden}, merge.kept)
        if returning.later
        else [],
    }
    return TemplateResponse(request, "persons/undo.html", context)


def _record_names(sides: list[list[Case]]) -> tuple[str, str]:
    """Return the names of the two records, with the references of their cases."""
    names = (_("The first record"), _("The second record"))
    first, second = (
        f"{name} ({', '.join(case.reference for case in cases)})" if cases else name
        for name, cases in zip(names, sides, strict=True)
    )
    return first, second


def _reopenable(actor: Actor, merges: list[Merge]) -> set[Any]:
    """Return the pair ids of undone links that are closed as two persons and visible to the actor."""
    ids = {row.candidate_id for row in merges if row.undone_at is not None and row.candidate_id}
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    return set(rows.filter(pk__in=ids, state=MatchCandidate.State.DIFFERENT).values_list("pk", flat=True))


def _cases_by_record(actor: Actor, merges: list[Merge]) -> dict[Any, list[Case]]:
    """Return the cases of both records of these links that the actor may see, by record id."""
    ids = {pk for row in merges for pk in (row.kept_id, row.other_id)}
    cases: dict[Any, list[Case]] = {}
    for case in authorization.scope(actor, Case, action="cases.view").filter(record__in=ids).order_by("reference"):
        cases.setdefault(case.record_id, []).append(case)
    return cases


def _show_result(request: HttpRequest, result: UnmergeResult) -> None:
    """Show messages about restored and omitted fields."""
    if result.merge.kind == Merge.Kind.MERGE:
        messages.success(request, _("Undone. Both records are as they were before."))
    else:
        messages.success(request, _("Undone. The two records belong to two persons again."))
    if result.fields:
        names = ", ".join(str(FIELDS.get(name, name)) for name in result.fields)
        messages.warning(
            request, _("Changed after the merge, and left out as neither record's: %(names)s.") % {"names": names}
        )
    if result.cases:
        references = ", ".join(result.cases)
        messages.warning(
            request, _("Changed after the merge, and left as they are: %(cases)s.") % {"cases": references}
        )
    if result.consents:
        references = ", ".join(result.consents)
        messages.warning(
            request,
            _("Consents that stay withdrawn: %(cases)s. Ask the person whether they apply again.")
            % {"cases": references},
        )
    if result.waits:
        messages.warning(request, _("You registered both records: a colleague answers whether they are two persons."))
    if result.still_one:
        messages.warning(request, _("Another link still connects them as one person."))
