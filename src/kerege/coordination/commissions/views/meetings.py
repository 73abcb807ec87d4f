"""Pages of meetings: agenda, decisions, minutes, papers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.coordination import citations
from kerege.coordination.commissions import queries, services
from kerege.coordination.commissions.forms import AgendaItemForm, MeetingForm, ResolutionForm
from kerege.coordination.commissions.meeting_paper import build_paper
from kerege.coordination.commissions.models import AgendaItem, Commission, Meeting, Resolution
from kerege.coordination.papers import answer
from kerege.coordination.views import GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

FORM = "commissions/form.html"


def _kept(actor: Actor, pk: UUID) -> Meeting:
    rows = Meeting.objects.select_related("commission")
    return authorization.find(actor, Meeting, action="commissions.keep_meeting", rows=rows, pk=pk)


@pages.page("commissions.keep")
@GET_OR_POST
def new_meeting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plan a meeting of a commission."""
    actor = actor_of(request)
    commission = authorization.find(actor, Commission, action="commissions.keep", pk=pk)
    form = MeetingForm.of(None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        meeting = Meeting(commission=commission, **form.values)
        if try_save(form, lambda: services.save_meeting(actor, meeting)):
            messages.success(request, _("The session is planned."))
            return redirect("commissions:meeting", pk=meeting.pk)
    return TemplateResponse(request, FORM, {"form": form, "commission": commission, "title": _("Plan a session")})


@pages.page("commissions.read_meeting")
@require_GET
def show_meeting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a meeting: agenda with cited tables, decisions, minutes."""
    actor, today = actor_of(request), timezone.localdate()
    rows = Meeting.objects.select_related("commission")
    meeting = authorization.find(actor, Meeting, action="commissions.read_meeting", rows=rows, pk=pk)
    context = {
        "meeting": meeting,
        "commission": meeting.commission,
        "items": queries.list_items(actor, meeting),
        "lines": queries.list_resolutions(actor, today, meeting=meeting),
        "quorum": queries.quorum_of(actor, meeting),
        "papers_due_on": queries.papers_due_on(meeting),
        "minutes_due_on": queries.minutes_due_on(meeting),
        "may_keep": authorization.allows(actor, "commissions.keep_meeting", meeting),
    }
    return TemplateResponse(request, "commissions/meeting.html", context)


@pages.page("commissions.keep_meeting")
@GET_OR_POST
def change_meeting(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a meeting, or write its minutes."""
    actor = actor_of(request)
    meeting = _kept(actor, pk)
    form = MeetingForm.of(meeting, request.POST or None)
    if request.method == "POST" and form.is_valid():
        for name, value in form.values.items():
            setattr(meeting, name, value)
        if try_save(form, lambda: services.save_meeting(actor, meeting)):
            messages.success(request, _("The session is saved."))
            return redirect("commissions:meeting", pk=meeting.pk)
    return TemplateResponse(request, FORM, {"form": form, "meeting": meeting, "title": _("Session and minutes")})


@pages.page("commissions.keep_meeting")
@GET_OR_POST
def add_item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add an item to the agenda of a meeting."""
    actor = actor_of(request)
    meeting = _kept(actor, pk)
    form = AgendaItemForm.of(citations.list_tables(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        item = AgendaItem(meeting=meeting, **form.values)
        if try_save(form, lambda: services.add_item(actor, item)):
            messages.success(request, _("The item is on the agenda."))
            return redirect("commissions:meeting", pk=meeting.pk)
    return TemplateResponse(request, FORM, {"form": form, "meeting": meeting, "title": _("Add an item of the agenda")})


@pages.page("commissions.keep_meeting")
@GET_OR_POST
def add_resolution(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a decision of a meeting."""
    actor = actor_of(request)
    meeting = _kept(actor, pk)
    form = ResolutionForm.of(meeting, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        values = {name: data[name] for name in ("number", "due_on", "item")}
        row = Resolution(meeting=meeting, texts=form.texts("texts"), **values)
        if try_save(form, lambda: services.add_resolution(actor, row, list(data["bodies"]))):
            messages.success(request, _("The decision is recorded."))
            return redirect("commissions:meeting", pk=meeting.pk)
    return TemplateResponse(request, FORM, {"form": form, "meeting": meeting, "title": _("Record a decision")})


@pages.page("commissions.read_meeting")
@require_GET
def download_papers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return agenda, decisions and minutes of a meeting as PDF or DOCX."""
    actor = actor_of(request)
    rows = Meeting.objects.select_related("commission")
    meeting = authorization.find(actor, Meeting, action="commissions.read_meeting", rows=rows, pk=pk)
    kind = "docx" if request.GET.get("as") == "docx" else "pdf"
    lines = queries.list_resolutions(actor, timezone.localdate(), meeting=meeting)
    paper = build_paper(meeting, queries.list_items(actor, meeting), lines, queries.quorum_of(actor, meeting))
    return answer(paper, f"session-{meeting.on}", kind)
