"""Pages of the right to stay: the list of an agency, the page of a case, forms, a letter."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.rights.forms import legal_stay as forms
from kerege.casework.rights.forms.values import Values
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.queries import legal_stay as queries
from kerege.casework.rights.services import legal_stay as services
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import code


def get_page(case: Case) -> str:
    """Return the URL of the page about the right to stay."""
    return reverse("rights:legal-stay", args=[case.pk])


@pages.page("cases.change")
@require_GET
def list_stays(request: HttpRequest) -> HttpResponse:
    """Show the foreigners of the agency by the last day of their right to stay, and the agency's figures."""
    actor, today = actor_of(request), timezone.localdate()
    context = {"states": queries.list_foreigners(actor, today), "figures": queries.count_figures(actor, today)}
    return TemplateResponse(request, "rights/stays.html", context)


@pages.page("cases.change")
@require_GET
def show_stay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the right to stay of a person: the last day, grounds, times in the country, steps."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    identity = vault.read(actor, case.record)
    rows = case.stay_steps.select_related("remark__data_key", "file")
    steps = [(step, open_text(step.remark) or "") for step in rows]
    context = bar(actor, case, identity) | {
        "legal_stay": queries.read_state(case, timezone.localdate()),
        "foreigner": queries.is_foreigner(case),
        "rights": list(case.stay_rights.all()),
        "times": list(case.country_stays.all()),
        "steps": steps,
        "permit_steps": queries.list_permit_steps(case),
        "done_kinds": {step.kind for step, _text in steps},
        "may_open": authorization.allows(actor, "files.view"),
    }
    return TemplateResponse(request, "rights/legal_stay.html", context)


@pages.page("cases.change")
@BOTH
def save_right(request: HttpRequest, pk: UUID, stay_right: UUID | None = None) -> HttpResponse:
    """Record a right to stay, or correct one."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    rows = StayRight.objects.select_related("number__data_key")
    row = get_object_or_404(rows, pk=stay_right, case=case) if stay_right else None
    form = forms.StayRightForm.of(row, str(open_text(row.number) or "") if row else "", request.POST or None)

    def save(data: Values) -> None:
        number, right = data.pop("number"), row or StayRight()
        for name, value in data.items():
            setattr(right, name, value)
        services.save_right(actor, case, right, number)

    words = (_("Right to stay"), _("Save"), _("The right to stay is recorded."))
    return save_form(request, case, form, save, words, back=get_page(case))


@pages.page("cases.change")
@BOTH
def save_entry(request: HttpRequest, pk: UUID, country_stay: UUID | None = None) -> HttpResponse:
    """Record a time in the country, or correct one."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_object_or_404(CountryStay, pk=country_stay, case=case) if country_stay else None
    form = forms.CountryStayForm.of(row, request.POST or None)

    def save(data: Values) -> None:
        time = row or CountryStay()
        for name, value in data.items():
            setattr(time, name, value)
        services.save_country_stay(actor, case, time)

    words = (_("Time in the country"), _("Save"), _("The time in the country is recorded."))
    return save_form(request, case, form, save, words, back=get_page(case))


@pages.page("cases.change")
@BOTH
def record_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a step: a notice, a paper, the application, its answer. The address may name its kind."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    asked = request.GET.get("kind", "")
    kind = asked if asked in codes.code_list("stay_step").codes else ""
    form = forms.StayStepForm.of(kind, request.POST or None, request.FILES or None)

    def save(data: Values) -> None:
        permit = services.PermitTerm(data.get("permit_from"), data.get("permit_until"))
        row = StayStep(kind=data["kind"], done_on=data["done_on"], refusal=data.get("refusal") or "")
        services.record_step(actor, case, row, permit=permit, remark=data["remark"], document=form.document())

    heading = code(kind, "stay_step") if kind else _("Step of legal stay")
    words = (heading, _("Save"), _("The step is recorded."))
    return save_form(request, case, form, save, words, back=get_page(case), template="rights/stay_step.html")


@pages.page("cases.change")
@require_GET
def print_letter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the letter that asks the local executive body for its request; it names the person."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    identity = vault.read(actor, case.record)
    context = {
        "case": case,
        "agency": agency_of(actor),
        "name": identity_mapping.display(identity),
        "state": queries.read_state(case, timezone.localdate()),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "rights/stay_letter.html", context)
