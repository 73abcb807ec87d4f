"""The page to change a person's details. Hidden fields stay hidden and unchanged until revealed."""

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
from kerege.casework.cases.queries.candidates import PersonCandidate
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
from kerege.casework.vault.services.identities import surviving_record_id
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.web import form_state

# form fields of each group that can be hidden (see `vault.queries.masking`)
FIELDS = {
    "aliases": ("alias",),
    "birth": ("birth",),
    "contact": ("phone",),
    "documents": ("document_kind", "document_number", "document_country", "document_verified"),
}
# parts of an identity that the form can change
CHANGED = ("names", "birth_date", "phones", "documents")
# names in the POST data: the reveal button, the groups already revealed, and the reason
SHOWING, REVEALED, WHY = "show", "revealed", "reason"


@pages.page("cases.change")
@BOTH
@pages.stepped_up_to(SHOWING)
def edit_identity(request: HttpRequest, pk: Any) -> HttpResponse:
    """Change the details of the person. Each reveal of hidden fields is an audited act of its own."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    before = vault.read(actor, case.record)
    form, revealed, hidden = _build_form(request, actor, case, before)
    if request.method == "GET" and _has_hidden_draft_changes(request, actor, form, hidden):
        messages.warning(
            request,
            _("Text that you typed in hidden details is not restored. Show the details and type the text again."),
        )
    is_asking = SHOWING in request.POST or WHY in form.errors
    candidates_found = [] if is_asking else _list_candidates(actor, case, form, before)
    if candidates_found and not duplicates.is_answered(request, form, candidates_found):
        is_asking = True
    elif (case_to_open := duplicates.chosen_case(request, candidates_found)) is not None:
        return duplicates.redirect_to_case(request, case_to_open)
    record_to_join = duplicates.chosen_record(request, candidates_found)

    def save(data: dict[str, Any]) -> None:
        registration.change_identity(actor, case, identity_mapping.update_identity(data, before))

    context = duplicates.question_context(request, form, candidates_found if is_asking else [])
    context |= {"masked": masking.masked(before, revealed), "closed": {group: SHOW[group] for group in hidden}}
    # Includes empty groups, so that a colleague's concurrent entry there does not discard what was typed.
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
        held=is_asking,
        onward=lambda: (
            duplicates.redirect_to_comparison(record_to_join, _surviving_record(case)) if record_to_join else None
        ),
        **context,
    )
    if revealed and response.status_code in {200, 409}:
        masking.reveal(actor, case.record, revealed, request.POST.get(WHY, ""))
    return response


def _build_form(
    request: HttpRequest, actor: Actor, case: Case, before: Identity
) -> tuple[case_forms.PersonForm, list[str], list[str]]:
    """Return the form without hidden fields, the revealed groups, and the groups that are still hidden."""
    form = case_forms.PersonForm(request.POST or None, initial=identity_mapping.form_initial(before))
    hidden = masking.hidden(cast(Identity, {name: value for name, value in before.items() if name in CHANGED}))
    requested = {*request.POST.getlist(SHOWING), *request.POST.getlist(REVEALED)}
    revealed = [group for group in hidden if group in requested]
    if hidden and masking.needs_reason(actor, case.record):
        form.fields[WHY] = deepcopy(ReasonForm.base_fields[WHY])
        form.fields[WHY].required = bool(revealed)
        if not ReasonForm(request.POST).is_valid():
            revealed = []
    for group in hidden:
        if group not in revealed:
            for name in FIELDS[group]:
                del form.fields[name]
    if SHOWING in request.POST:
        _fill_revealed_fields(request, case, form, revealed)
    return form, revealed, [group for group in hidden if group not in revealed]


def _fill_revealed_fields(request: HttpRequest, case: Case, form: Any, revealed: list[str]) -> None:
    """Give newly revealed fields their recorded values, and keep what was typed in the others."""
    keeper = keeper_of(request)
    before = request.POST.getlist(REVEALED)
    new_fields = [name for group in revealed if group not in before for name in FIELDS[group]]
    recorded, data = form_state.snapshot(form), request.POST.copy()
    for name in new_fields:
        form_state.put(form[name], data, recorded[name])
    if new_fields:
        form.fields[new_fields[0]].widget.attrs["autofocus"] = True
    base = keeper.base(form)
    if base is None and request.POST.get("version") == str(case.version):
        base = recorded
    if base is not None:
        # The base holds the revealed fields too, so that a concurrent change of them is detected.
        keeper.bases[form_name(form)] = base | {name: recorded[name] for name in new_fields}
    form.data, form._errors = data, None


def _has_hidden_draft_changes(
    request: HttpRequest, actor: Actor, form: case_forms.PersonForm, hidden: list[str]
) -> bool:
    """Return whether a restored draft holds changes of fields that are hidden now.

    Restoring these changes would show hidden fields without a request.
    """
    waiting = drafts.waiting(actor.user_id, address(request))
    draft = next((draft for draft in waiting if draft.form == form_name(form)), None)
    if draft is None:
        return False
    try:
        data, base = drafts.opened(draft)
    except Refused:
        return False
    full_form = case_forms.PersonForm()
    names = [name for group in hidden for name in FIELDS[group] if name in (base or {})]
    return any(form_state.typed(full_form[name], data) != (base or {})[name] for name in names)


def _list_candidates(actor: Actor, case: Case, form: case_forms.PersonForm, before: Identity) -> list[PersonCandidate]:
    """Return candidates when the record gets its first name, as at registration; else an empty list."""
    if identity_mapping.main_names(before) or not form.is_bound or not form.is_valid():
        return []
    after = identity_mapping.update_identity(form.cleaned_data, before)
    if not identity_mapping.main_names(after):
        return []
    matches = candidates.candidates(actor, after, without={case.record_id, surviving_record_id(case.record_id)})
    # only a user who may merge this record can join it to another one
    return (
        matches
        if authorization.allows(actor, "persons.merge", case.record)
        else [replace(match, joins=False) for match in matches]
    )


def _surviving_record(case: Case) -> IdentityRecord:
    """Return the surviving record of a case."""
    return IdentityRecord.objects.get(pk=surviving_record_id(case.record_id))
