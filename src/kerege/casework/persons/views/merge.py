"""Two records of one agency side by side, what becomes of them, and the merge."""

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
from kerege.casework.persons.queries.cross_agency import survivor
from kerege.casework.persons.queries.side_by_side import Sides, side_by_side
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.persons.services import review
from kerege.casework.persons.services.merge import CHANGED, MergeDraft
from kerege.casework.persons.services.person_links import ordered
from kerege.casework.persons.views.reveal import may_show, reveal
from kerege.casework.persons.views.review import BOTH, faults
from kerege.casework.vault.crypto.form_token import FIELD
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

# the versions of the two that a page showed
SEEN = "seen"


@pages.page("persons.compare")
@BOTH
def find_twin(request: HttpRequest, pk: Any) -> HttpResponse:
    """Name the other case of the same person; the two are shown side by side then."""
    actor = actor_of(request)
    case = load(actor, pk)
    authorization.require(actor, "persons.merge", case.record)
    form = TwinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip().upper()
        twin = (
            authorization.scope(actor, Case, action="cases.view").filter(agency=case.agency, reference=number).first()
        )
        if twin is None or survivor(twin.record) == survivor(case.record):
            form.add_error("number", _("No other person of your agency has a case with this reference."))
        else:
            return redirect("persons:merge", pk=survivor(case.record).pk, twin=survivor(twin.record).pk)
    context = bar(actor, case, vault.read(actor, case.record)) | {"form": form}
    return TemplateResponse(request, "persons/find_twin.html", context)


@pages.page("persons.compare")
@BOTH
@pages.stepped_up_to("merge", "show")
def merge(request: HttpRequest, pk: Any, twin: Any) -> HttpResponse:
    """Choosing field by field, what becomes of it, and the merge are steps of one address."""
    actor = actor_of(request)
    kept, other = (_record(actor, key) for key in (pk, twin))
    if pk == twin or kept.superseded_by_id or other.superseded_by_id:
        messages.info(request, _("These two are one record already."))
        return redirect("persons:merges")
    step = request.POST.get("do", "")
    if step == "swap":
        kept, other = other, kept
    # what was asked for is in the open as long as this page lasts
    shown = reveal(request, kept, other) if "show" in request.POST else []
    sides = side_by_side(actor, kept, other, shown)
    if step == "swap":
        return _page(request, sides, MergeForm.unchecked(sides, _typed(request.POST)))
    if step not in {"look", "merge", "ask", "again"}:
        return _page(request, sides, MergeForm(sides, initial=_typed(request.POST)), shown=shown)
    form = MergeForm(sides, request.POST)
    if step in {"ask", "again"}:
        return _ask(request, sides, form, again=step == "again")
    if request.POST.get(SEEN) != sides.seen:
        return _look_again(request, sides)
    if not form.is_valid():
        return _page(request, sides, form)
    if step == "merge":
        return _merge(request, sides, form)
    told = merge_preview.after(actor, sides, form.choices, form.cleaned_data.get(GOES_ON, ""))
    sent = [(name, value) for name, value in request.POST.items() if name in {*form.fields, FIELD, SEEN}]
    return TemplateResponse(request, "persons/merge_after.html", {"sides": sides, "after": told, "sent": sent})


def _look_again(request: HttpRequest, sides: Sides) -> HttpResponse:
    messages.warning(request, _("Somebody changed one of the two records meanwhile. Look at them again."))
    return _page(request, sides, MergeForm(sides, initial=_typed(request.POST)), status=409)


def _record(actor: Actor, pk: Any) -> IdentityRecord:
    rows = IdentityRecord.objects.select_related("agency")
    return authorization.find(actor, IdentityRecord, action="persons.merge", rows=rows, pk=pk)


def _page(
    request: HttpRequest, sides: Sides, form: MergeForm, status: int = 200, shown: Sequence[str] = ()
) -> HttpResponse:
    pairs = [(pair, form[f"{CHOICE}{pair.name}"]) for pair in field_comparison.readable(sides.fields)]
    risks = [risk(code) for code in sides.risks]
    goes_on = form[GOES_ON] if GOES_ON in form.fields else None
    context = {"sides": sides, "form": form, "pairs": pairs, "risks": risks, "goes_on": goes_on}
    hidden = {pair.name for pair in sides.fields if pair.hidden}
    context |= {"shown": shown, "may_show": may_show(actor_of(request), hidden, sides.kept, sides.other)}
    context["asks"] = bool(risks) and not sides.confirmed and sides.apart is None
    return TemplateResponse(request, "persons/merge.html", context, status=status)


def _typed(typed: QueryDict) -> dict[str, str]:
    """What was chosen before somebody went back to change it, or swapped the two."""
    turned = {"left": "right", "right": "left"} if typed.get("do") == "swap" else {}
    found = {name: str(value) for name, value in typed.items() if name.startswith(CHOICE)}
    rest = {name: str(typed[name]) for name in (GOES_ON, "reason") if name in typed}
    return {name: turned.get(way, way) for name, way in found.items()} | rest


def _merge(request: HttpRequest, sides: Sides, form: MergeForm) -> HttpResponse:
    there = [case for case, _record in sides.cases]
    goes_on = next((case for case in there if str(case.pk) == form.cleaned_data.get(GOES_ON)), None)
    draft = MergeDraft(sides.kept, sides.other, form.choices, goes_on, form.cleaned_data["reason"], sides.seen)
    try:
        row = merge_services.merge_records(actor_of(request), draft)
    except BadInput as error:
        if CHANGED in error.faults:
            return _look_again(request, side_by_side(actor_of(request), sides.kept, sides.other))
        form.add_error(None, [ValidationError(text) for text in faults(error)])
        return _page(request, sides, form)
    messages.success(request, _("The two records are one now. This can be undone at any time, also after months."))
    case = goes_on or next(iter(there), None)
    return redirect("cases:case", pk=case.pk) if case else redirect("persons:undo", pk=row.pk)


def _ask(request: HttpRequest, sides: Sides, form: MergeForm, *, again: bool) -> HttpResponse:
    """The reason is wanted, as with any answer; nothing has to be chosen yet."""
    for name in form.errors.keys() - {"reason"}:
        del form.errors[name]
    if form.errors:
        return _page(request, sides, form)
    try:
        row = (_ask_again if again else merge_services.ask_second)(
            actor_of(request), sides.kept, sides.other, form.cleaned_data["reason"]
        )
    except BadInput as error:
        form.add_error(None, faults(error))
        return _page(request, sides, form)
    if again and row.state == MatchCandidate.State.OPEN:
        messages.success(request, _("The earlier decision has ended. Nothing is merged yet: go on here."))
        after = side_by_side(actor_of(request), sides.kept, sides.other)
        return _page(request, after, MergeForm.unchecked(after, _typed(request.POST)))
    if again:
        messages.success(request, _("The pair is asked again. Somebody who has not answered yet decides."))
    else:
        messages.success(request, _("A second colleague is asked, and does not see what you think."))
    return redirect("persons:queue")


def _ask_again(actor: Actor, kept: IdentityRecord, other: IdentityRecord, reason: str) -> MatchCandidate:
    left, right = ordered(kept.pk, other.pk)
    row = authorization.find(actor, MatchCandidate, action="persons.review", left=left, right=right)
    return review.reopen(actor, row, reason)
