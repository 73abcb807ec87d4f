"""What the agency was told about a person, changed: what a page hides stays hidden and as it is until it is shown."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kerege.base.errors import Refused
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.forms import case as case_forms
from kerege.casework.cases.forms.emergency_access import ReasonForm
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries import candidates
from kerege.casework.cases.queries.candidates import Candidate
from kerege.casework.cases.services import registration
from kerege.casework.cases.views import duplicates
from kerege.casework.cases.views.case import SHOW, load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.casework.vault.draft_middleware import address, form_name, keeper_of
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries import masking
from kerege.casework.vault.services import drafts
from kerege.casework.vault.services.identities import stands_for
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.web import form_state

# fields of the form by the group with which they are hidden (see `vault.masking`)
FIELDS = {
    "aliases": ("alias",),
    "birth": ("birth",),
    "contact": ("phone",),
    "documents": ("document_kind", "document_number", "document_country", "document_verified"),
}
# what of an identity the form can change at all
CHANGED = ("names", "birth_date", "phones", "documents")
# the button that shows a group, the groups that the page has fields of, and why somebody wants to see more
SHOWING, REVEALED, WHY = "show", "revealed", "reason"


@pages.page("cases.change")
@BOTH
@pages.stepped_up_to(SHOWING)
def edit_identity(request: HttpRequest, pk: Any) -> HttpResponse:
    """The details of the person; showing what is hidden is an act of its own, and shown again it is another one."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    before = vault.read(actor, case.record)
    form, shown, hidden = _form(request, actor, case, before)
    if request.method == "GET" and _is_lost(request, actor, form, hidden):
        messages.warning(
            request, _("What you typed in details that are hidden now is not restored. Show them, and type it again.")
        )
    asks = SHOWING in request.POST or WHY in form.errors
    found = [] if asks else _namesakes(actor, case, form, before)
    if found and not duplicates.answered(request, form, found):
        asks = True
    elif (there := duplicates.opened(request, found)) is not None:
        return duplicates.to_case(request, there)
    known = duplicates.same(request, found)

    def save(data: dict[str, Any]) -> None:
        registration.change_identity(actor, case, identity_mapping.told(data, before))

    context = duplicates.drawn(request, form, found if asks else [])
    context |= {"masked": masking.masked(before, shown), "closed": {group: SHOW[group] for group in hidden}}
    # also what was empty: what a colleague writes there meanwhile is no reason to lose what is typed
    context["open"] = [group for group in FIELDS if group not in hidden]
    context |= {"to_join": _("It is this person: save, then compare both")}
    words = (_("Details of the person"), _("Save"), _("The details are saved."))
    response = change(
        request,
        case,
        form,
        save,
        words=words,
        template="cases/identity.html",
        merges=True,
        held=asks,
        onward=lambda: duplicates.side_by_side(known, _standing(case)) if known else None,
        **context,
    )
    if shown and response.status_code in {200, 409}:
        masking.reveal(actor, case.record, shown, request.POST.get(WHY, ""))
    return response


def _form(
    request: HttpRequest, actor: Actor, case: Case, before: Identity
) -> tuple[case_forms.PersonForm, list[str], list[str]]:
    """The form without what is hidden, the groups that are shown, and those that still can be."""
    form = case_forms.PersonForm(request.POST or None, initial=identity_mapping.initial(before))
    closed = masking.hidden(cast(Identity, {name: value for name, value in before.items() if name in CHANGED}))
    asked = {*request.POST.getlist(SHOWING), *request.POST.getlist(REVEALED)}
    shown = [group for group in closed if group in asked]
    if closed and masking.needs_reason(actor, case.record):
        form.fields[WHY] = deepcopy(ReasonForm.base_fields[WHY])
        form.fields[WHY].required = bool(shown)
        if not ReasonForm(request.POST).is_valid():
            shown = []
    for group in closed:
        if group not in shown:
            for name in FIELDS[group]:
                del form.fields[name]
    if SHOWING in request.POST:
        _put(request, case, form, shown)
    return form, shown, [group for group in closed if group not in shown]


def _put(request: HttpRequest, case: Case, form: Any, shown: list[str]) -> None:
    """Fields that are shown from now on hold what is recorded; the others go on with what was typed."""
    keeper = keeper_of(request)
    before = request.POST.getlist(REVEALED)
    new = [name for group in shown if group not in before for name in FIELDS[group]]
    now, data = form_state.snapshot(form), request.POST.copy()
    for name in new:
        form_state.put(form[name], data, now[name])
    if new:
        form.fields[new[0]].widget.attrs["autofocus"] = True
    base = keeper.base(form)
    if base is None and request.POST.get("version") == str(case.version):
        base = now
    if base is not None:
        # who changes one of them meanwhile is noticed as with any other field
        keeper.bases[form_name(form)] = base | {name: now[name] for name in new}
    form.data, form._errors = data, None


def _is_lost(request: HttpRequest, actor: Actor, form: case_forms.PersonForm, hidden: list[str]) -> bool:
    """Whether a draft that is put back holds changes of what is hidden again: they would show what nobody asked for."""
    waiting = drafts.waiting(actor.user_id, address(request))
    draft = next((draft for draft in waiting if draft.form == form_name(form)), None)
    if draft is None:
        return False
    try:
        data, base = drafts.opened(draft)
    except Refused:
        return False
    whole = case_forms.PersonForm()
    names = [name for group in hidden for name in FIELDS[group] if name in (base or {})]
    return any(form_state.typed(whole[name], data) != (base or {})[name] for name in names)


def _namesakes(actor: Actor, case: Case, form: case_forms.PersonForm, before: Identity) -> list[Candidate]:
    """Who may be meant where the record gets its first name, as when somebody is registered."""
    if identity_mapping.mains(before) or not form.is_bound or not form.is_valid():
        return []
    after = identity_mapping.told(form.cleaned_data, before)
    if not identity_mapping.mains(after):
        return []
    found = candidates.candidates(actor, after, without={case.record_id, stands_for(case.record_id)})
    # two records are joined only by whoever may join both
    return (
        found
        if authorization.allows(actor, "persons.merge", case.record)
        else [replace(one, joins=False) for one in found]
    )


def _standing(case: Case) -> IdentityRecord:
    """The record of a case, or the one into which it was merged."""
    return IdentityRecord.objects.get(pk=stands_for(case.record_id))
