"""Pages of a screening: choose a questionnaire, answer by dimension, conclude, read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.intake.forms.screening import EVIDENCE, AnswersForm, ConclusionForm, FrameForm, ToolForm
from kerege.casework.intake.models import Screening, Signal
from kerege.casework.intake.queries.proposals import DimensionResult, build_proposal
from kerege.casework.intake.services import screening as screening_services
from kerege.casework.intake.services.screening import FRAME, read_evidence
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.vocabulary import screening as standard
from kerege.web.templatetags.kerege import language

BOTH = require_http_methods(["GET", "POST"])
CIRCUMSTANCES = "circumstances"


def load(actor: Actor, pk: Any, action: str) -> Screening:
    """Return the screening with its related rows, if the actor may do `action` to it."""
    rows = Screening.objects.select_related(
        "case__record__data_key", "signal__data_key", "agency", "evidence__data_key", "reason__data_key"
    )
    return authorization.find(actor, Screening, action=action, rows=rows, pk=pk)


@pages.page("screenings.start")
@BOTH
def of_case(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin a screening of the person of a case."""
    actor = actor_of(request)
    case = authorization.find(actor, Case, action="screenings.start", rows=Case.objects.select_related("agency"), pk=pk)
    return _choose_tool(request, actor, case=case)


@pages.page("screenings.start_on_signal")
@BOTH
def of_signal(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin a screening of a person who is known only from a signal."""
    actor = actor_of(request)
    return _choose_tool(
        request, actor, signal=authorization.find(actor, Signal, action="screenings.start_on_signal", pk=pk)
    )


def _choose_tool(request: HttpRequest, actor: Actor, **about: Any) -> HttpResponse:
    """Show the choice of a questionnaire, or begin the screening."""
    form = ToolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = screening_services.start(actor, form.cleaned_data["tool"], **about)
        return redirect("intake:screening", pk=row.pk)
    notes = [(tool.title.in_language(language()), tool.note.in_language(language())) for tool in standard.offered()]
    return TemplateResponse(request, "intake/start.html", {"form": form, "notes": notes} | about)


@pages.page("screenings.fill")
@require_GET
def show_screening(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show an open screening: its dimensions, and the proposal so far."""
    actor = actor_of(request)
    row = load(actor, pk, "screenings.fill")
    if row.concluded_at:
        return redirect("intake:screening-read", pk=row.pk)
    context = _shared_context(row) | {
        "may_conclude": authorization.allows(actor, "screenings.conclude", row),
        "may_discard": authorization.allows(actor, "screenings.discard", row),
    }
    return TemplateResponse(request, "intake/screening.html", context)


@pages.page("screenings.discard")
@require_POST
def discard(request: HttpRequest, pk: Any) -> HttpResponse:
    """Delete a screening that was begun by mistake."""
    actor = actor_of(request)
    row = load(actor, pk, "screenings.discard")
    screening_services.discard(actor, row)
    messages.success(request, _("The screening is removed."))
    if row.case_id:
        return redirect(f"{reverse('cases:case', kwargs={'pk': row.case_id})}?tab=identification")
    is_receiver = row.signal is not None and row.signal.to_agency_id == actor.agency_id
    return redirect("intake:signal" if is_receiver else "intake:sent", pk=row.signal_id)


def _shared_context(row: Screening) -> dict[str, Any]:
    """Return the context that the pages of a screening share."""
    tool = standard.tools().get(row.tool)
    return {
        "screening": row,
        "case": row.case,
        "signal": row.signal,
        "tool_title": tool.title.in_language(language()) if tool else "",
        "tool_note": tool.note.in_language(language()) if tool else "",
        "proposal": build_proposal(row),
        "circumstances": CIRCUMSTANCES,
    }


@pages.page("screenings.fill")
@BOTH
def ask(request: HttpRequest, pk: Any, part: str) -> HttpResponse:
    """Save one dimension or the circumstances, then show the next one."""
    actor = actor_of(request)
    row = load(actor, pk, "screenings.fill")
    tool = standard.tools().get(row.tool)
    names = [dimension.code for dimension in tool.dimension] if tool else []
    if tool is None or part not in {*names, CIRCUMSTANCES}:
        raise Http404
    if row.concluded_at:
        return redirect("intake:screening-read", pk=row.pk)
    form = _build_form(tool, row, part, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _save_part(actor, row, part, form)
        except BadInput as error:
            messages.warning(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
            return redirect("intake:screening", pk=row.pk)
        next_part = [*names, CIRCUMSTANCES, ""][[*names, CIRCUMSTANCES].index(part) + 1]
        if "stop" in request.POST or not next_part:
            messages.success(request, _("The answers are saved. You can continue at any time."))
            return redirect("intake:screening", pk=row.pk)
        return redirect("intake:ask", pk=row.pk, part=next_part)
    return TemplateResponse(
        request, "intake/ask.html", _shared_context(row) | _position_context(row, names, part) | {"form": form}
    )


def _position_context(row: Screening, names: list[str], part: str) -> dict[str, Any]:
    """Return the context about the current position in the questionnaire."""
    parts = [*names, CIRCUMSTANCES]
    index = parts.index(part)
    dimension: DimensionResult | None = next(
        (result for result in build_proposal(row).parts if result.code == part), None
    )
    before = parts[index - 1] if index else ""
    return {"part": part, "now": dimension, "number": index + 1, "of": len(parts), "before": before}


def _build_form(tool: standard.Tool, row: Screening, part: str, data: Any) -> AnswersForm | FrameForm:
    """Return the form of a dimension, or of the circumstances."""
    if part == CIRCUMSTANCES:
        return FrameForm(data, initial={name: getattr(row, name) for name in FRAME})
    evidence = read_evidence(row).get(part, "")
    return AnswersForm(tool, part, data, initial=row.answers | {EVIDENCE: evidence})


def _save_part(actor: Actor, row: Screening, part: str, form: AnswersForm | FrameForm) -> None:
    """Save the form of a dimension, or of the circumstances."""
    if isinstance(form, FrameForm):
        screening_services.save_frame(actor, row, **form.cleaned_data)
    else:
        screening_services.save_answers(actor, row, form.answers, {part: form.cleaned_data[EVIDENCE]})


@pages.page("screenings.conclude")
@BOTH
def conclude(request: HttpRequest, pk: Any) -> HttpResponse:
    """Conclude the screening under the actor's name."""
    actor = actor_of(request)
    row = load(actor, pk, "screenings.conclude")
    if row.concluded_at:
        return redirect("intake:screening-read", pk=row.pk)
    form = ConclusionForm(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            screening_services.conclude(actor, row, form.cleaned_data["conclusion"], form.cleaned_data["reason"])
        except BadInput as error:
            form.add_error(None, [f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults])
        else:
            messages.success(request, _("The conclusion is recorded under your name."))
            return redirect("intake:screening-read", pk=row.pk)
    return TemplateResponse(request, "intake/conclude.html", _shared_context(row) | {"form": form})


@pages.page("screenings.view")
@require_GET
def read(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a screening: answers, proposal, conclusion and reason."""
    from kerege.casework.cases.timeline import directory

    actor = actor_of(request)
    row = load(actor, pk, "screenings.view")
    known = directory([row.screened_by, row.concluded_by])
    context = _shared_context(row) | {
        "sections": _dimension_sections(row),
        "reason": open_text(row.reason) or "",
        "screened_by": known.worker(row.screened_by),
        "concluded_by": known.worker(row.concluded_by),
        "may_fill": row.concluded_at is None and authorization.allows(actor, "screenings.fill", row),
        "may_request": row.case is not None and authorization.allows(actor, "decisions.request", row.case),
    }
    return TemplateResponse(request, "intake/read.html", context)


def _dimension_sections(row: Screening) -> list[dict[str, Any]]:
    """Return each dimension with its evidence and answered questions, those answered "yes" apart."""
    tool, evidence, lang = standard.tools().get(row.tool), read_evidence(row), language()
    if tool is None:
        return []
    sections = []
    for part in build_proposal(row).parts:
        answers = [
            (question.ask.in_language(lang), row.answers.get(question.code, "")) for question in tool.of(part.code)
        ]
        sections.append(
            {
                "part": part,
                "present": [text for text, answer in answers if answer == standard.YES],
                "others": [(text, answer) for text, answer in answers if answer and answer != standard.YES],
                "said": evidence.get(part.code, ""),
            }
        )
    if tool.act and row.answers.get(standard.ACT):
        sections[0]["act"] = (tool.act.ask.in_language(lang), row.answers[standard.ACT])
    return sections
