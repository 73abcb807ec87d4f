"""Registering a person and her case, after a look at who is known already."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.casework.cases import matching, people
from kerege.casework.cases.arrivals import arrive
from kerege.casework.cases.drafts import Registration
from kerege.casework.cases.forms import RegisterForm
from kerege.casework.cases.matching import Candidate
from kerege.casework.cases.models import Case
from kerege.casework.vault.identity import Identity
from kerege.core import access
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency

NEW = "new"


@access.page("cases.register")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form; possible matches first, then the case."""
    actor = Actor.of(request)
    agency = Agency.objects.get(pk=str(actor.agency_id))
    form = RegisterForm(request.POST or None, initial={"region": agency.region})
    found: list[Candidate] = []
    if request.method == "POST" and form.is_valid():
        identity = people.told(form.cleaned_data)
        found = matching.candidates(actor, identity)
        if not found or _answered(request, form, found):
            case = _save(request, form, agency, identity, found)
            messages.success(request, _("Registered as %(reference)s.") % {"reference": case.reference})
            return redirect("cases:case", pk=case.pk)
    context = {"form": form, "candidates": found, "who": request.POST.get("who", "")}
    return TemplateResponse(request, "cases/register.html", context)


def _answered(request: HttpRequest, form: RegisterForm, found: list[Candidate]) -> bool:
    """Whether the actor has said, of exactly these candidates, who the person is."""
    shown = set(request.POST.getlist("shown"))
    if not {str(candidate.record.pk) for candidate in found} <= shown:
        return False
    if request.POST.get("who") in {NEW, *(str(c.record.pk) for c in found if c.own)}:
        return True
    form.add_error(None, ValidationError(_("Say whether it is one of the people shown, or a new person.")))
    return False


def _save(request: HttpRequest, form: RegisterForm, agency: Agency, identity: Identity, found: list[Candidate]) -> Case:
    actor, data = Actor.of(request), form.cleaned_data
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
    who = request.POST.get("who")
    same = next((c.record for c in found if c.own and str(c.record.pk) == who), None)
    return arrive(actor, draft, note=data["note"], same=same)
