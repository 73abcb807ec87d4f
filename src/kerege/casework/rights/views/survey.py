"""Pages of the five questions at the end: a sheet to print, the answers, the counts of the agency."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.casework.rights.forms.survey import QUESTIONS, SurveyForm
from kerege.casework.rights.models.person_rights import SurveyAnswer
from kerege.casework.rights.queries.person_rights import read_survey
from kerege.casework.rights.services.person_rights import record_survey
from kerege.core import pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.vocabulary import codes
from kerege.vocabulary.dates import add_months, half


@pages.page("cases.change")
@require_http_methods(["GET", "POST"])
def show_survey(request: HttpRequest) -> HttpResponse:
    """Show the counts of the agency, and record the answers of a sheet."""
    actor = actor_of(request)
    agency, today = agency_of(actor), timezone.localdate()
    form = SurveyForm(request.POST or None).name_questions()
    if request.method == "POST" and form.is_valid():
        record_survey(actor, SurveyAnswer(agency=agency, half=half(today), **form.cleaned_data))
        messages.success(request, _("The answers are recorded. Destroy the sheet."))
        return redirect("rights:survey")
    result = read_survey(agency, half(add_months(today, -12)))
    return TemplateResponse(request, "rights/survey.html", {"form": form, "result": result})


@pages.page("cases.change")
@require_GET
def print_sheet(request: HttpRequest) -> HttpResponse:
    """Show the sheet with the five questions, to be printed and filled in without a name."""
    context = {"questions": QUESTIONS, "answers": list(codes.code_list("survey_answer").codes)}
    return TemplateResponse(request, "rights/survey_sheet.html", context)
