"""The page of a case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from kerege.casework.cases import alerts, identity_mapping, page_layout, shared_view, timeline
from kerege.casework.cases.forms.emergency_access import ReasonForm
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.cases.queries import cases
from kerege.casework.cases.queries.cases import filter_readable
from kerege.casework.cases.services.emergency_access import running_emergencies
from kerege.casework.vault.crypto.envelope import Erased
from kerege.casework.vault.identity import Identity, age_on
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries import masking
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

ACTIONS = {"change": "cases.change", "share": "cases.share", "decide": "cases.decide", "serve": "services.add"}
# actions that are still possible for the case of an erased person
VIEWING = {"cases.view", "history.print"}
RECENT = 6
MOST_TASKS = 12
# labels of the buttons that reveal hidden fields
SHOW = {
    "aliases": _("Show other names"),
    "birth": _("Show the date of birth"),
    "contact": _("Show telephone and address"),
    "documents": _("Show document numbers"),
}


@dataclass(frozen=True)
class DecryptedNote:
    """A decrypted note with its author."""

    row: Any
    text: str
    by: str


def load(actor: Actor, pk: Any, action: str = "cases.view") -> Case:
    """Return the case with the related rows that its pages need, if the actor may do `action` to it.

    Raises Erased when the person was erased and the action is more than viewing.
    """
    rows = Case.objects.select_related("agency", "registered_by_agency", "caseworker", "record__data_key")
    case = authorization.find(actor, Case, action=action, rows=rows, pk=pk)
    if case.is_erased and action not in VIEWING:
        raise Erased("the person of this case was erased")
    return case


def bar(actor: Actor, case: Case, identity: Identity) -> dict[str, Any]:
    """Return the context of the bar at the top of every page of a case."""
    categories = shared_view.granted(actor, case)
    return {
        "case": shared_view.mask_unshared(case, categories),
        "granted": categories,
        "name": identity_mapping.display(identity),
        "identity": identity,
        "age": age_on(identity.get("birth_date", ""), timezone.localdate()),
        "can": {
            name: not case.is_erased and authorization.allows(actor, action, case) for name, action in ACTIONS.items()
        },
        "agency_is_own": case.agency_id == actor.agency_id,
        "badges": page_layout.list_badges(actor, case),
        "emergency": running_emergencies(actor).filter(case=case).first() if categories is not None else None,
    }


@pages.page("cases.view")
@require_GET
def case_page(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a case, with the tab that the query string names."""
    actor = actor_of(request)
    return _render_case(request, actor, load(actor, pk), request.GET.get("tab", ""))


@pages.page("cases.view")
@require_POST
@pages.stepped_up
def reveal(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the page of a case with the requested hidden fields. They are visible on this one response.

    Asks for a reason first when the actor needs one.
    """
    actor = actor_of(request)
    case = load(actor, pk)
    groups = [group for group in masking.GROUPS if group in request.POST.getlist("group")]
    reason, tab = "", request.POST.get("tab", "")
    if masking.needs_reason(actor, case.record):
        form = ReasonForm(request.POST if "asked" in request.POST else None)
        if not form.is_valid():
            context = {"case": case, "form": form, "groups": groups, "tab_code": tab}
            return TemplateResponse(request, "cases/reveal.html", context)
        reason = form.cleaned_data["reason"]
    masking.reveal(actor, case.record, groups, reason)
    return _render_case(request, actor, case, tab, groups)


def _render_case(
    request: HttpRequest, actor: Actor, case: Case, tab_code: str, revealed: Collection[str] = ()
) -> HttpResponse:
    """Return the page of a case with one tab, as its owner or as an agency with a share sees it."""
    full_identity = vault.read(actor, case.record)
    identity = masking.masked(full_identity, revealed)
    visible = page_layout.list_tabs(actor, case)
    tab = next((tab for tab in visible if tab.code == tab_code), visible[0])
    context = bar(actor, case, full_identity) | {"identity": identity, "tabs": visible, "tab": tab}
    context |= {
        "shown": revealed,
        "hidden": [(group, SHOW[group]) for group in masking.hidden(full_identity, revealed)],
    }
    for panel in tab.panels:
        context |= panel.read(actor, case)
    if context["granted"] is not None:
        return TemplateResponse(request, "cases/shared.html", context | _shared_context(actor, case, identity, context))
    reader = READERS.get(tab.code)
    return TemplateResponse(request, "cases/case.html", context | (reader(actor, case, identity) if reader else {}))


def _shared_context(actor: Actor, case: Case, identity: Identity, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context for an agency with a share: shared data, and the agency's own entries."""
    if context["tab"].code == "history":
        return _history_context(actor, case, identity)
    tasks = filter_readable(actor, case, case.tasks.filter(done_at=None)).select_related("assignee")
    return {"sections": shared_view.sections(case, identity, context["granted"]), "tasks": list(tasks)}


def _overview_context(actor: Actor, case: Case, identity: Identity) -> dict[str, Any]:
    return {
        "alerts": alerts.list_alerts(actor, case),
        "involved": alerts.list_involved(actor, case),
        "episodes": _episodes(case),
        "tasks": list(
            filter_readable(actor, case, case.tasks.filter(done_at=None)).select_related("assignee")[:MOST_TASKS]
        ),
        "lines": timeline.list_lines(actor, case, RECENT),
        "may_task": authorization.allows(actor, "tasks.change") and case.agency_id == actor.agency_id,
    }


def _episodes(case: Case) -> list[Exploitation]:
    return list(case.exploitations.order_by("-main", "started_on", "pk"))


def _identification_context(actor: Actor, case: Case, identity: Identity) -> dict[str, Any]:
    return {"episodes": _episodes(case)}


def _person_context(actor: Actor, case: Case, identity: Identity) -> dict[str, Any]:
    born = identity_mapping.birth(identity)
    return {
        "names": [identity_mapping.written(name) for name in identity_mapping.main_names(identity)],
        "aliases": [identity_mapping.written(name) for name in identity_mapping.aliases(identity)],
        "born": born.date if born else None,
        "born_precision": born.precision if born else "",
    }


def _history_context(actor: Actor, case: Case, identity: Identity) -> dict[str, Any]:
    """Return the context of the tab with notes and timeline."""
    notes = list(cases.notes(actor, case)[:100])
    known = timeline.directory(note.created_by for note in notes)
    readings = [DecryptedNote(note, open_text(note.text) or "", known.worker(note.created_by)) for note in notes]
    return {"notes": readings, "lines": timeline.list_lines(actor, case)}


READERS = {
    "overview": _overview_context,
    "identification": _identification_context,
    "person": _person_context,
    "history": _history_context,
}
