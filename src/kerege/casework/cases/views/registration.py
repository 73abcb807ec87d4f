"""The page to register a person and their case, after a check for known records."""

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
from kerege.casework.cases.queries.candidates import PersonCandidate
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.person_registration import register_person
from kerege.casework.cases.views import duplicates
from kerege.casework.vault.identity import Identity
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency


@pages.page("cases.register")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Show the form, then the candidates for the same person, then save."""
    actor = actor_of(request)
    agency = Agency.objects.get(pk=str(actor.agency_id))
    form = RegisterForm(request.POST or None, initial={"region": agency.region})
    matches: list[PersonCandidate] = []
    if request.method == "POST" and form.is_valid():
        identity = identity_mapping.update_identity(form.cleaned_data)
        matches = candidates.candidates(actor, identity)
        if not matches or duplicates.is_answered(request, form, matches):
            return _handle_answer(request, form, agency, identity, matches)
    context = {"form": form, "to_join": _("It is this person: register, then compare both")}
    return TemplateResponse(
        request, "cases/register.html", context | duplicates.question_context(request, form, matches)
    )


def _handle_answer(
    request: HttpRequest, form: RegisterForm, agency: Agency, identity: Identity, matches: list[PersonCandidate]
) -> HttpResponse:
    """Open the existing case or register a new one; compare both records if they are one person's."""
    if (case_to_open := duplicates.chosen_case(request, matches)) is not None:
        return duplicates.redirect_to_case(request, case_to_open)
    case = _register(request, form, agency, identity)
    values = {"reference": case.reference}
    if (record_to_join := duplicates.chosen_record(request, matches)) is not None:
        messages.success(
            request,
            _("Registered as %(reference)s, as a separate record. Now decide about the two records.") % values,
        )
        return duplicates.redirect_to_comparison(record_to_join, case.record)
    messages.success(request, _("Registered as %(reference)s.") % values)
    return redirect("cases:case", pk=case.pk)


def _register(request: HttpRequest, form: RegisterForm, agency: Agency, identity: Identity) -> Case:
    """Register the person and case of a valid form; assign it to the actor if they are a caseworker."""
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
    return register_person(actor, draft, note=data["note"])
