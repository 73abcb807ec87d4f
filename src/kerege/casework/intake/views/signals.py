"""Pages of signals: the form and list of the sender, and the inbox of the receiver."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.intake.forms.signals import LookUpForm, SignalForm
from kerege.casework.intake.models import OutsideReport, Screening, Signal
from kerege.casework.intake.queries import signals
from kerege.casework.intake.services import signals as signal_services
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows

PAGE = 25
MOST = 20


@pages.page("signals.send")
@require_GET
def signal_list(request: HttpRequest) -> HttpResponse:
    """Show signals that wait for the agency, and the state of those that it sent."""
    return _render_list(request, LookUpForm())


def _render_list(request: HttpRequest, lookup: LookUpForm, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    sent = get_page_of_rows(signals.list_sent(actor), PAGE, request.GET.get("page"))
    sent.object_list = signals.add_states(sent.object_list)
    acted_on = list(signals.list_acted_on(actor)[:MOST])
    context = {
        "inbox": list(signals.list_inbox(actor)[: signals.MAX_ROWS]),
        "receives": authorization.allows(actor, "signals.read"),
        "acted_on": acted_on,
        "sent": sent,
        "lookup": lookup,
    } | more
    return TemplateResponse(request, "intake/list.html", context)


@pages.page("signals.send")
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Show the state of one signal by its reference, and no data of a person."""
    form = LookUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        signal = signals.look_up(actor_of(request), form.cleaned_data["reference"])
        return _render_list(request, form, searched=True, found=signal)
    return _render_list(request, form)


@pages.page("signals.send")
@require_http_methods(["GET", "POST"])
def new_signal(request: HttpRequest) -> HttpResponse:
    """Send a signal. The sender gets a reference with which to follow its state."""
    actor = actor_of(request)
    form = SignalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sender = agency_of(actor)
        signal = signal_services.send_signal(
            actor, signal_services.SignalDraft(from_agency=sender, **form.cleaned_data)
        )
        messages.success(request, _("Sent. Save this reference: %(reference)s") % {"reference": signal.reference})
        return redirect("intake:sent", pk=signal.pk)
    return TemplateResponse(request, "intake/new.html", {"form": form})


@pages.page("signals.follow")
@require_GET
def sent(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a sent signal to its sender: reference and state."""
    actor = actor_of(request)
    row = authorization.find(actor, Signal, action="signals.follow", rows=signals.list_sent(actor), pk=pk)
    may_screen = authorization.allows(actor, "screenings.start_on_signal", row)
    [signal] = signals.add_states([row])
    return TemplateResponse(request, "intake/sent.html", {"signal": signal, "may_screen": may_screen})


def received(actor: Actor, pk: Any) -> Signal:
    """Return a signal that the actor's agency received."""
    rows = Signal.objects.select_related(
        "from_agency", "to_agency", "narrative__data_key", "data_key", "outside__sender__data_key"
    )
    return authorization.find(actor, Signal, action="signals.read", rows=rows, pk=pk)


def _open_sender(signal: Signal) -> dict[str, str] | None:
    """Return name and contact of a sender without an account; None for a signal of an agency."""
    outside: OutsideReport | None = getattr(signal, "outside", None)
    return None if outside is None else open_text(outside.sender) or {"name": "", "contact": ""}


@pages.page("signals.read")
@require_GET
def signal(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a signal to the receiving agency, and mark it as seen."""
    actor = actor_of(request)
    row = signal_services.mark_seen(actor, received(actor, pk))
    case_count = row.cases.count()
    context = {
        "signal": row,
        "narrative": open_text(row.narrative) or "",
        "sender": _open_sender(row),
        "open": row.state in {Signal.State.NEW, Signal.State.SEEN},
        "known": case_count,
        "cases": list(authorization.scope(actor, Case, action="cases.view").filter(signals=row)),
        "may_register": signal_services.can_open_case(row, case_count)
        and authorization.allows(actor, "cases.register"),
        "may_screen": authorization.allows(actor, "screenings.start_on_signal", row),
        "screenings": list(
            authorization.scope(actor, Screening, action="screenings.view").filter(signal=row, case=None)[:10]
        ),
    }
    return TemplateResponse(request, "intake/signal.html", context)


@pages.page("signals.answer")
@require_POST
def close(request: HttpRequest, pk: Any) -> HttpResponse:
    """Close a signal without a case."""
    actor = actor_of(request)
    try:
        signal_services.close_signal(actor, received(actor, pk))
    except BadInput as error:
        return _redirect_with_warning(request, error)
    messages.success(request, _("The signal is closed."))
    return redirect("intake:signal-list")


def _redirect_with_warning(request: HttpRequest, error: BadInput) -> HttpResponse:
    """Redirect to the list with a warning: the signal already led to a case, so nothing changes."""
    messages.warning(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    return redirect("intake:signal-list")


@pages.page("signals.answer")
@require_POST
def open_case(request: HttpRequest, pk: Any) -> HttpResponse:
    """Open a case from a signal, for a person who is known only from it."""
    actor = actor_of(request)
    row = received(actor, pk)
    try:
        case = signal_services.open_case(actor, row, _parse_number(request.POST.get("after")))
    except BadInput as error:
        return _redirect_with_warning(request, error)
    messages.success(request, _("A case is open. Add what you learn of the person."))
    return redirect("cases:case", pk=case.pk)


def _parse_number(text: str | None) -> int | None:
    """Return the number in a text of one to six digits; else None."""
    return int(text) if text and re.fullmatch("[0-9]{1,6}", text) else None
