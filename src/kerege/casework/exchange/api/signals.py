"""API endpoints for signals: send, follow, and list received ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema, Status
from pydantic import Field

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.api.authentication import Bearer, audited_read
from kerege.casework.exchange.api.cursors import PageIn, take_page
from kerege.casework.exchange.api.endpoint_types import REFUSED, Code, Input, find_receiving_agency
from kerege.casework.exchange.api.idempotency import run_once
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core import authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor

SCOPE = "api:signals"
NEWEST_FIRST = ("-received_at", "-id")
router = Router(tags=["signals"], auth=Bearer(SCOPE))


class SignalIn(Input):
    """Information from a first responder. Only the receiving agency and the channel are required."""

    to_agency: Annotated[str, Field(max_length=60, description="Code of an agency, see /agencies")]
    channel: Annotated[Code, Field(description="Code list signal_channel")]
    caller: Annotated[Code, Field(description="Code list caller_kind")] = ""
    anonymous: bool = False
    urgency: Annotated[Code, Field(description="Code list urgency")] = "normal"
    region: Annotated[Code, Field(description="Code list region")] = ""
    language: Annotated[Code, Field(description="Code list language")] = ""
    suspected_form: Annotated[Code, Field(description="Code list exploitation_form")] = ""
    people: Annotated[int, Field(ge=1, le=1000)] | None = None
    received_at: datetime | None = None
    narrative: Annotated[str, Field(max_length=20_000, description="Stored encrypted")] = ""


class SignalOut(Schema):
    """A signal by its reference and state; nothing about the person."""

    reference: str
    state: str
    to_agency: str
    received_at: datetime


class WaitingOut(Schema):
    """A signal in the agency's inbox, as its list shows it. Only the page shows its content."""

    reference: str
    state: Annotated[str, Field(description="new, seen, case_opened or closed")]
    from_agency: str
    channel: Annotated[str, Field(description="Code list signal_channel")]
    urgency: Annotated[str, Field(description="Code list urgency")]
    received_at: datetime


@router.post("/", response={201: SignalOut, **REFUSED}, summary="Send a signal")
def send(request: HttpRequest, signal: SignalIn) -> Status[dict[str, Any]]:
    """Send a signal to the inbox of another agency."""

    def do(actor: Actor) -> dict[str, Any]:
        values = signal.dict(exclude={"to_agency"})
        draft = SignalDraft(from_agency=agency_of(actor), to_agency=find_receiving_agency(signal.to_agency), **values)
        check_time(draft)
        return sent_signal_values(send_signal(actor, draft))

    return Status(201, run_once(request, "api.signals.send", do))


@router.get("/", response={200: list[SignalOut], **REFUSED}, summary="Signals that this agency sent")
def sent(
    request: HttpRequest, response: HttpResponse, page: Query[PageIn], since: datetime | None = None
) -> list[dict[str, Any]]:
    """List the signals that this agency sent, newest first; `limit` is 200 by default.

    `since` narrows by the time of receipt.
    """
    with audited_read(request, "api.signals.list") as actor:
        rows = authorization.scope(actor, Signal, action="signals.follow").select_related("to_agency")
        if since is not None:
            rows = rows.filter(received_at__gte=to_utc(since))
        return [sent_signal_values(row) for row in take_page(request, response, rows, NEWEST_FIRST, page)]


@router.get(
    "/inbox/",
    auth=Bearer("api:inbox"),
    response={200: list[WaitingOut], **REFUSED},
    summary="Signals that this agency received",
)
def inbox(
    request: HttpRequest,
    response: HttpResponse,
    page: Query[PageIn],
    state: Code = "",
    since: datetime | None = None,
) -> list[dict[str, Any]]:
    """List the signals that this agency received, newest first; `limit` is 200 by default.

    The request does not mark them as seen.
    """
    with audited_read(request, "api.signals.inbox") as actor:
        rows = authorization.scope(actor, Signal, action="signals.inbox").select_related("from_agency")
        rows = rows.filter(state=state) if state else rows
        if since is not None:
            rows = rows.filter(received_at__gte=to_utc(since))
        return [inbox_signal_values(row) for row in take_page(request, response, rows, NEWEST_FIRST, page)]


@router.get("/{reference}", response={200: SignalOut, **REFUSED}, summary="State of a signal")
def read(request: HttpRequest, reference: str) -> dict[str, Any]:
    """One signal that this agency sent."""
    with audited_read(request, "api.signals.read") as actor:
        return sent_signal_values(authorization.find(actor, Signal, action="signals.follow", reference=reference[:12]))


def check_time(draft: SignalDraft) -> None:
    """Convert the time of receipt to UTC; raise BadInput when it is in the future."""
    if draft.received_at is not None:
        draft.received_at = to_utc(draft.received_at)
        if draft.received_at > timezone.now():
            what = gettext_noop("the signal is dated in the future")
            raise BadInput(Fault(what, gettext_noop("correct the time"), column="received_at"))


def to_utc(moment: datetime) -> datetime:
    """Convert a time to UTC; a time without a zone is in the register's zone. Raise BadInput out of range."""
    try:
        return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadInput(
            Fault(
                gettext_noop("this time does not exist in this time zone, or is out of range"),
                gettext_noop("correct the time"),
            )
        ) from None


def sent_signal_values(row: Signal) -> dict[str, Any]:
    """Return a signal as its sender sees it."""
    return {
        "reference": row.reference,
        "state": row.state,
        "to_agency": row.to_agency.code,
        "received_at": row.received_at.isoformat(),
    }


def inbox_signal_values(row: Signal) -> dict[str, Any]:
    """Return a signal as the receiver's list shows it."""
    return {
        "reference": row.reference,
        "state": row.state,
        "from_agency": row.from_agency.code,
        "channel": row.channel,
        "urgency": row.urgency,
        "received_at": row.received_at.isoformat(),
    }
