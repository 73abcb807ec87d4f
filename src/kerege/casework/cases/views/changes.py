"""Pages that change a case: one form per page, with concurrent changes merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput
from kerege.casework.cases.forms import case as case_forms
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.optimistic_lock import StaleVersion, merge_concurrent_changes, take_version
from kerege.casework.cases.services import assignment, decisions, registration
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.cases.views.case import bar, load
from kerege.casework.vault.draft_middleware import CHOICES, VERSION, keeper_of
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit, authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.web.form_state import Conflict
from kerege.web.forms import Form

BOTH = require_http_methods(["GET", "POST"])


def change(
    request: HttpRequest,
    case: Case,
    form: Form,
    save: Callable[[dict[str, Any]], Any],
    *,
    words: tuple[str, str, str],
    template: str = "cases/change.html",
    versioned: bool = True,
    merges: bool = False,
    held: bool = False,
    onward: Callable[[], HttpResponse | None] = lambda: None,
    **context: Any,
) -> HttpResponse:
    """Show a form about a case, or save it. `words`: heading, button, and message after saving.

    `merges`: the initial values of the form are the recorded ones. Changes that another user saved meanwhile are merged
    with the form, and the user chooses where both changed a field. `held`: the form asks something before it saves.
    `onward`: returns where to go after saving; None leads to the case.
    """
    actor, keeper = actor_of(request), keeper_of(request)
    status, seen = 200, request.POST.get("version", "")
    conflicts: list[Conflict] = []
    if request.method == "POST" and merges:
        seen, conflicts = merge_concurrent_changes(keeper, form, seen, case.version)
    if conflicts:
        status, template = 409, "cases/merge.html"
        if keeper.unresolved:
            form.add_error(None, _("Choose for each field."))
    elif request.method == "POST" and not held and form.is_valid():
        try:
            with audit.act(actor, _audit_action(request), f"case:{case.pk}"):
                if versioned:
                    take_version(case, seen)
                save(form.cleaned_data)
        except StaleVersion:
            status = 409
            form.add_error(None, _stale_message())
            if not merges or keeper.base(form) is None:  # otherwise the next submission is merged
                case.refresh_from_db(fields=["version"])
                seen = ""
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, words[2])
            if merges and seen != request.POST.get("version"):
                messages.info(request, _("Another user changed other fields meanwhile. Both changes are saved."))
            return onward() or redirect("cases:case", pk=case.pk)
    heading, submit, _done = words
    identity = vault.read(actor, case.record)
    context |= bar(actor, case, identity) | {"form": form, "page_heading": heading, "submit": submit}
    if versioned:
        context[VERSION] = seen or str(case.version)
    if conflicts:
        context |= {"conflicts": conflicts, "sent": list(keeper.sent(form)), "choices": CHOICES}
    return TemplateResponse(request, template, context, status=status)


def _audit_action(request: HttpRequest) -> str:
    """Return the audit action of the form: its view name with dots."""
    return str(request.resolver_match.view_name).replace(":", ".") if request.resolver_match else "cases.change"


def _stale_message() -> str:
    """Return the message for a stale version."""
    return _(
        "Another user changed this case after you opened this page. Nothing is saved yet. Your text "
        "is still here. Check the case, correct your text and save again."
    )


@pages.page("cases.change")
@BOTH
def exploitation(request: HttpRequest, pk: Any, episode: Any = None) -> HttpResponse:
    """Add an episode of exploitation, or change a recorded one."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = authorization.find(actor, Case, action="cases.change", pk=pk).exploitations.filter(pk=episode).first()
    if episode and row is None:
        return redirect("cases:case", pk=pk)
    form = case_forms.ExploitationForm.of(row, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        registration.set_exploitation(actor, case, data, row)

    words = (_("Exploitation"), _("Save"), _("The exploitation is recorded."))
    return change(request, case, form, save, words=words, template="cases/exploitation.html", merges=True)


@pages.page("cases.decide")
@BOTH
def decide(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record a decision on one of the two tracks."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.decide")
    authority = Agency.objects.get(pk=str(actor.agency_id))
    form = case_forms.DecisionForm(authority.kind, request.POST or None, initial={"decided_on": timezone.localdate()})

    def save(data: dict[str, Any]) -> None:
        decisions.decide(actor, DecisionDraft(case=case, authority=authority, decided_by=actor.label, **data))

    words = (_("Record a decision"), _("Record the decision"), _("The decision is recorded."))
    return change(request, case, form, save, words=words, template="cases/decide.html")


@pages.page("cases.change")
@BOTH
def note(request: HttpRequest, pk: Any) -> HttpResponse:
    """Write a note."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = case_forms.NoteForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        assignment.add_note(actor, case, data["text"])

    words = (_("Write a note"), _("Save the note"), _("The note is saved."))
    return change(request, case, form, save, words=words, versioned=False)
