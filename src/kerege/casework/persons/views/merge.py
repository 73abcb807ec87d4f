"""Pages of a merge: two records side by side, the preview, and the merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import bar, load
from kerege.casework.persons.forms import CHOICE, GOES_ON, MergeForm, TwinForm
from kerege.casework.persons.messages import risk
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.queries import field_comparison, merge_preview
from kerege.casework.persons.queries.cross_agency import surviving_record
from kerege.casework.persons.queries.side_by_side import RecordComparison, compare_records
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services import review
from kerege.casework.persons.services.merge import CHANGED, MergeDraft
from kerege.casework.persons.services.person_links import ordered_pair
from kerege.casework.persons.views.reveal import may_show, reveal
from kerege.casework.persons.views.review import BOTH, fault_sentences
from kerege.casework.vault.crypto.form_token import FIELD
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

# form field: the versions of the two records that the page showed
SEEN = "seen"


@pages.page("persons.compare")
@BOTH
def find_twin(request: HttpRequest, pk: Any) -> HttpResponse:
    """Ask for the other case of the same person, then show the two records side by side."""
    actor = actor_of(request)
    case = load(actor, pk)
    authorization.require(actor, "persons.merge", case.record)
    form = TwinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip().upper()
        twin = (
            authorization.scope(actor, Case, action="cases.view").filter(agency=case.agency, reference=number).first()
        )
        if twin is None or surviving_record(twin.record) == surviving_record(case.record):
            form.add_error("number", _("No other person of your agency has a case with this reference."))
        else:
            return redirect("persons:merge", pk=surviving_record(case.record).pk, twin=surviving_record(twin.record).pk)
    context = bar(actor, case, vault.read(actor, case.record)) | {"form": form}
    return TemplateResponse(request, "persons/find_twin.html", context)


@pages.page("persons.compare")
@BOTH
@pages.stepped_up_to("merge", "show")
def merge(request: HttpRequest, pk: Any, twin: Any) -> HttpResponse:
    """Compare two records, preview the merge and merge them; the steps have one address."""
    actor = actor_of(request)
    kept, other = (_record(actor, key) for key in (pk, twin))
    if pk == twin or kept.superseded_by_id or other.superseded_by_id:
        messages.info(request, _("These two are one record already."))
        return redirect("persons:merges")
    step = request.POST.get("do", "")
    if step == "swap":
        kept, other = other, kept
    # revealed fields stay visible on this page only
    shown = reveal(request, kept, other) if "show" in request.POST else []
    sides = compare_records(actor, kept, other, shown)
    if step == "swap":
        return _merge_page(request, sides, MergeForm.unchecked(sides, _typed_choices(request.POST)))
    if step not in {"look", "merge", "ask", "again"}:
        return _merge_page(request, sides, MergeForm(sides, initial=_typed_choices(request.POST)), shown=shown)
    form = MergeForm(sides, request.POST)
    if step in {"ask", "again"}:
        return _ask_colleague(request, sides, form, is_reopening=step == "again")
    if request.POST.get(SEEN) != sides.seen:
        return _show_again(request, sides)
    if not form.is_valid():
        return _merge_page(request, sides, form)
    if step == "merge":
        return _merge(request, sides, form)
    preview = merge_preview.preview_merge(actor, sides, form.choices, form.cleaned_data.get(GOES_ON, ""))
    fields = [(name, value) for name, value in request.POST.items() if name in {*form.fields, FIELD, SEEN}]
    return TemplateResponse(request, "persons/merge_after.html", {"sides": sides, "after": preview, "sent": fields})


def _show_again(request: HttpRequest, sides: RecordComparison) -> HttpResponse:
    """Show the page again with a warning: one of the records was changed meanwhile."""
    messages.warning(request, _("Another user changed one of the two records meanwhile. Check them again."))
    return _merge_page(request, sides, MergeForm(sides, initial=_typed_choices(request.POST)), status=409)


def _record(actor: Actor, pk: Any) -> IdentityRecord:
    """Return a record that the actor may merge; raise Http404 for any other."""
    rows = IdentityRecord.objects.select_related("agency")
    return authorization.find(actor, IdentityRecord, action="persons.merge", rows=rows, pk=pk)


def _merge_page(
    request: HttpRequest, sides: RecordComparison, form: MergeForm, status: int = 200, shown: Sequence[str] = ()
) -> HttpResponse:
    """Render the page that compares the two records."""
    pairs = [(pair, form[f"{CHOICE}{pair.name}"]) for pair in field_comparison.format_pairs(sides.fields)]
    risks = [risk(code) for code in sides.risks]
    goes_on = form[GOES_ON] if GOES_ON in form.fields else None
    context = {"sides": sides, "form": form, "pairs": pairs, "risks": risks, "goes_on": goes_on}
    hidden = {pair.name for pair in sides.fields if pair.hidden}
    context |= {"shown": shown, "may_show": may_show(actor_of(request), hidden, sides.kept, sides.other)}
    context["asks"] = bool(risks) and not sides.confirmed and sides.apart is None
    return TemplateResponse(request, "persons/merge.html", context, status=status)


def _typed_choices(data: QueryDict) -> dict[str, str]:
    """Return the choices of a form that was sent back for a change, or with the sides swapped."""
    swapped = {"left": "right", "right": "left"} if data.get("do") == "swap" else {}
    choices = {name: str(value) for name, value in data.items() if name.startswith(CHOICE)}
    others = {name: str(data[name]) for name in (GOES_ON, "reason") if name in data}
    return {name: swapped.get(side, side) for name, side in choices.items()} | others


def _merge(request: HttpRequest, sides: RecordComparison, form: MergeForm) -> HttpResponse:
    """Merge the records, or show the errors; redirect to the case that continues."""
    cases = [case for case, _record in sides.cases]
    goes_on = next((case for case in cases if str(case.pk) == form.cleaned_data.get(GOES_ON)), None)
    draft = MergeDraft(
        kept=sides.kept,
        other=sides.other,
        choices=form.choices,
        goes_on=goes_on,
        reason=form.cleaned_data["reason"],
        seen=sides.seen,
    )
    try:
        row = merge_services.merge_records(actor_of(request), draft)
    except BadInput as error:
        if CHANGED in error.faults:
            return _show_again(request, compare_records(actor_of(request), sides.kept, sides.other))
        form.add_error(None, [ValidationError(text) for text in fault_sentences(error)])
        return _merge_page(request, sides, form)
    messages.success(request, _("The two records are one now. This can be undone at any time, also after months."))
    case = goes_on or next(iter(cases), None)
    return redirect("cases:case", pk=case.pk) if case else redirect("persons:undo", pk=row.pk)


def _ask_colleague(
    request: HttpRequest, sides: RecordComparison, form: MergeForm, *, is_reopening: bool
) -> HttpResponse:
    """Ask a second colleague, or reopen the pair; a reason is required, choices are not."""
    for name in form.errors.keys() - {"reason"}:
        del form.errors[name]
    if form.errors:
        return _merge_page(request, sides, form)
    try:
        row = (_reopen_pair if is_reopening else merge_services.ask_second)(
            actor_of(request), sides.kept, sides.other, form.cleaned_data["reason"]
        )
    except BadInput as error:
        form.add_error(None, fault_sentences(error))
        return _merge_page(request, sides, form)
    if is_reopening and row.state == MatchCandidate.State.OPEN:
        messages.success(request, _("The earlier decision has ended. Nothing is merged yet: continue here."))
        comparison = compare_records(actor_of(request), sides.kept, sides.other)
        return _merge_page(request, comparison, MergeForm.unchecked(comparison, _typed_choices(request.POST)))
    if is_reopening:
        messages.success(request, _("The pair is open again. A reviewer who has not answered yet decides."))
    else:
        messages.success(request, _("A second colleague is asked, and does not see what you think."))
    return redirect("persons:queue")


def _reopen_pair(actor: Actor, kept: IdentityRecord, other: IdentityRecord, reason: str) -> MatchCandidate:
    """Reopen the pair of the two records."""
    left, right = ordered_pair(kept.pk, other.pk)
    row = authorization.find(actor, MatchCandidate, action="persons.review", left=left, right=right)
    return review.reopen_pair(actor, row, reason)
