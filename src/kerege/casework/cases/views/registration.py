"""Registering a person and her case, after a look at who is known already."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.casework.cases import identity_mapping
from kerege.casework.cases.forms.case import RegisterForm
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries import candidates
from kerege.casework.cases.queries.candidates import Candidate
from kerege.casework.cases.services.arrive import arrive
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.views import duplicates
from kerege.casework.vault.identity import Identity
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency


@pages.page("cases.register")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form; possible matches first, then the case."""
    actor = actor_of(request)
    agency = Agency.objects.get(pk=str(actor.agency_id))
    form = RegisterForm(request.POST or None, initial={"region": agency.region})
    found: list[Candidate] = []
    if request.method == "POST" and form.is_valid():
        identity = identity_mapping.told(form.cleaned_data)
        found = candidates.candidates(actor, identity)
        if not found or duplicates.answered(request, form, found):
            return _answer(request, form, agency, identity, found)
    context = {"form": form, "to_join": _("It is this person: register, then compare both")}
    return TemplateResponse(request, "cases/register.html", context | duplicates.drawn(request, form, found))


def _answer(
    request: HttpRequest, form: RegisterForm, agency: Agency, identity: Identity, found: list[Candidate]
) -> HttpResponse:
    """To a case that is there already, or to the new one; to both records where they are one person's."""
    if (there := duplicates.opened(request, found)) is not None:
        return duplicates.to_case(request, there)
    case = _save(request, form, agency, identity)
    told = {"reference": case.reference}
    if (known := duplicates.same(request, found)) is not None:
        messages.success(
            request,
            _("Registered as %(reference)s, as a record of its own. Now say what becomes of the two records.") % told,
        )
        return duplicates.side_by_side(known, case.record)
    messages.success(request, _("Registered as %(reference)s.") % told)
    return redirect("cases:case", pk=case.pk)


def _save(request: HttpRequest, form: RegisterForm, agency: Agency, identity: Identity) -> Case:
    actor, data = actor_of(request), form.cleaned_data
    draft = Registration(
        agency=agency,
        identity=identity,
        registered_on=data["registered_on"],
        caseworker=request.user if "caseworker" in actor.roles else None,  # type: ignore[arg-type]
        route=data["route"],
        detected_independently=data["route"] != "agency",
        region=data["region"],
        risk_level=data["risk_level"],
        age_band=data["age_band"],
        exploitations=form.exploitation(),
    )
    return arrive(actor, draft, note=data["note"])
