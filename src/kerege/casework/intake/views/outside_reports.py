"""Pages of initial reports without an account: public form, paper form, and entry of a paper."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.casework.intake import paper_form
from kerege.casework.intake.forms.outside_reports import PaperReportForm, PublicReportForm
from kerege.casework.intake.services import outside_reports as services
from kerege.core import pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.accounts.attempts import TooManyAttempts
from kerege.core.accounts.client_address import client_ip
from kerege.vocabulary import profile


@pages.public
@require_http_methods(["GET", "POST"])
def public_report(request: HttpRequest) -> HttpResponse:
    """Show the public form; send it on POST and show the receipt code. No record can be read here."""
    token = request.POST.get("token", "")
    form = PublicReportForm(request.POST or None)
    is_new = request.method == "POST" and services.is_form_token(token)
    if not is_new:
        token = services.new_form_token()
        if form.is_bound:
            form.add_error(None, _("The form was open for too long. Your words are still here: send it again."))
    elif form.is_valid():
        try:
            code = services.send_by_form(form.draft(), token, client_ip(request))
            return _render(request, {"code": code})
        except TooManyAttempts:
            form.add_error(None, _("Too many reports were sent from your network. Call, or try again in an hour."))
            return _render(request, {"form": form, "token": token}, status=429)
        except LookupError:
            form.add_error(None, _("No agency receives reports here now. Call instead."))
            return _render(request, {"form": form, "token": token}, status=503)
    return _render(request, {"form": form, "token": token})


def _render(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    country = profile.active()
    context |= {"hotline": country.hotline, "emergency": country.emergency}
    response = TemplateResponse(request, "intake/public_report.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.public
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """Return the empty paper form as PDF, in the language of the page."""
    response = HttpResponse(paper_form.to_pdf(get_language() or "en"), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="initial-report.pdf"'
    return response


@pages.page("signals.send")
@require_http_methods(["GET", "POST"])
def enter_paper(request: HttpRequest) -> HttpResponse:
    """Enter an initial report that arrived on paper."""
    actor = actor_of(request)
    form = PaperReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        signal = services.enter_paper(
            actor,
            form.draft(),
            from_agency=agency_of(actor),
            to_agency=chosen["to_agency"],
            received_at=timezone.make_aware(datetime.combine(chosen["received_on"], time(12))),
        )
        messages.success(request, _("Sent. Save this reference: %(reference)s") % {"reference": signal.reference})
        return redirect("intake:sent", pk=signal.pk)
    return TemplateResponse(request, "intake/enter_paper.html", {"form": form})
