"""Public pages of the plan of measures: published summaries, and their files."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.coordination.measures import public_summary, publications
from kerege.coordination.measures.models import PlanPublication
from kerege.coordination.measures.public_summary import PublicPage, PublicRow
from kerege.coordination.papers import Paper, PaperPart, PaperTable, to_csv
from kerege.coordination.texts import word
from kerege.core import pages
from kerege.publishing.releases import public_clock
from kerege.publishing.site.files.open_answers import send_open
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import current_state
from kerege.web.templatetags.kerege import code, day, language
from kerege.web.templatetags.kerege import half_year as words_of


def _today() -> date:
    return timezone.localdate(public_clock.now())


def _find(plan_id: UUID, half: str) -> PlanPublication:
    publication = publications.find_public(plan_id, half, _today())
    if publication is None:
        raise Http404
    return publication


@pages.public
def list_summaries(request: HttpRequest) -> HttpResponse:
    """Show the published summaries of all plans, the newest half-year first."""
    rows = [(row, public_summary.read(row.content), word(row.reasons)) for row in publications.list_public(_today())]
    return show_page(request, "plans.html", _("Plan of measures"), current_state(), {"publications": rows})


@pages.public
def show_summary(request: HttpRequest, plan_id: UUID, half_year: str) -> HttpResponse:
    """Show a published summary; a withdrawn one with its reason and status 410."""
    publication = _find(plan_id, half_year)
    page = public_summary.read(publication.content)
    context: dict[str, object] = {"publication": publication, "page": page, "reason": word(publication.reasons)}
    is_gone = publication.state == "withdrawn"
    title = f"{_('Plan of measures') if is_gone else page.title.text}: {words_of(half_year)}"
    context["hidden"] = is_gone
    return show_page(request, "plan.html", title, current_state(), context, status=410 if is_gone else 200)


def _send_gone(request: HttpRequest, publication: PlanPublication) -> HttpResponseBase:
    """Return the answer of a file of a withdrawn summary: its half-year, the day and the reason, as text."""
    withdrawn = _("Withdrawn on %(on)s.") % {"on": day(publication.withdrawn_on)}
    heading = f"{_('Plan of measures')}: {words_of(publication.half)}"
    text = f"{heading}\n{withdrawn} {word(publication.reasons).text}\n"
    return send_open(request, text.encode(), "text/plain; charset=utf-8", status=410)


@pages.public
def summary_json(request: HttpRequest, plan_id: UUID, half_year: str) -> HttpResponseBase:
    """Return a published summary as it was stored; 410 for a withdrawn one."""
    publication = _find(plan_id, half_year)
    if publication.state == "withdrawn":
        return _send_gone(request, publication)
    content = json.dumps(publication.content, ensure_ascii=False, indent=1, sort_keys=True)
    return send_open(request, content.encode(), "application/json")


@pages.public
def summary_csv(request: HttpRequest, plan_id: UUID, half_year: str) -> HttpResponseBase:
    """Return the measures of a published summary as CSV in the language of the page, else 410."""
    publication = _find(plan_id, half_year)
    if publication.state == "withdrawn":
        return _send_gone(request, publication)
    content = to_csv(_paper(public_summary.read(publication.content)))
    return send_open(request, content, "text/csv; charset=utf-8", name=f"plan-{publication.half}.csv")


def _paper(page: PublicPage) -> Paper:
    heads = ["№", _("Plan measure"), _("Direction"), _("Responsible bodies"), _("Deadline"), _("Last day"), _("State")]
    table = PaperTable(page.title.text, heads, [_cells(row) for row in page.rows])
    return Paper(title=page.title.text, lang=language(), parts=[PaperPart("", tables=[table])])


def _cells(row: PublicRow) -> list[str]:
    bodies = "; ".join(name.text for name, _leads in row.bodies)
    labels = code(row.direction, "measure_direction"), code(row.state, "measure_state")
    return [row.number, row.text.text, labels[0], bodies, row.term.text, row.due_on.isoformat(), labels[1]]
