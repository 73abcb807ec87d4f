"""Pages of needs and risk."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance.forms.needs import NeedsForm
from kerege.casework.assistance.queries import needs_sparklines
from kerege.casework.assistance.services import needs as need_services
from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases import timeline
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary import codes

SHOWN = 12


@pages.page("cases.change")
@BOTH
def assess(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record an assessment of needs and risk."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = NeedsForm(case.assessments.first(), request.POST or None)

    def save(data: dict[str, Any]) -> None:
        need_services.assess(
            actor, case, on=data["on"], needs=form.needs(), risk_level=data["risk_level"], remark=data["remark"]
        )

    words = (_("Needs and risk"), _("Save"), _("Needs and risk are recorded."))
    back = reverse("assistance:needs", args=[case.pk])
    return save_form(request, case, form=form, save=save, words=words, back=back, template="assistance/assess.html")


@pages.page("cases.change")
@require_GET
def show_needs(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show needs and risk over time: a sparkline for each domain, and a table."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    rows = list(case.assessments.select_related("remark__data_key")[:SHOWN])
    directory = timeline.directory(row.assessed_by for row in rows)
    for row in rows:
        row.text, row.by = open_text(row.remark), directory.worker(row.assessed_by)  # type: ignore[attr-defined]
    domains = [domain for domain in codes.code_list("need_domain").codes if any(domain in row.needs for row in rows)]
    context = bar(actor, case, vault.read(actor, case.record)) | {
        "rows": rows,
        "sparks": needs_sparklines.build_need_sparklines(rows),
        "risk": needs_sparklines.build_risk_sparkline(rows),
        "lines": [(domain, [row.needs.get(domain) for row in rows]) for domain in domains],
    }
    return TemplateResponse(request, "assistance/needs.html", context)
