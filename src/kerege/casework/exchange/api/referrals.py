"""API endpoints for referrals of an agency: read and answer received ones, send and withdraw own ones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema, Status
from pydantic import Field

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries.referrals import usable_consents
from kerege.casework.assistance.services import referral_responses, referral_steps
from kerege.casework.assistance.services import referrals as referral_services
from kerege.casework.cases import shared_view
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.api.authentication import Bearer, audited_read
from kerege.casework.exchange.api.cursors import PageIn, take_page
from kerege.casework.exchange.api.endpoint_types import REFUSED, Code, Input, find_receiving_agency
from kerege.casework.exchange.api.idempotency import run_once
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

router = Router(tags=["referrals"], auth=Bearer("api:referrals"))


class ReferralOut(Schema):
    """A referral by its reference and state; nothing about the person."""

    reference: str
    from_agency: str
    to_agency: str
    services: list[str]
    urgency: str
    state: Annotated[str, Field(description="Code list referral_status")]
    decline_reason: str
    outcome: str
    due_on: date
    sent_at: datetime


class SharedItem(Schema):
    """One item of the shared data: its label in the language asked for, and its values."""

    category: str
    label: str
    values: list[str]


class ReferralIn(Input):
    """A request to another agency's inbox.

    It needs a consent of the ledger or a legal basis of the profile.
    """

    case: Annotated[str, Field(max_length=20, description="Reference of a case of this agency")]
    to_agency: Annotated[str, Field(max_length=60, description="Code of an agency, see /agencies")]
    services: Annotated[list[Code], Field(min_length=1, max_length=50)]
    categories: Annotated[list[Code], Field(max_length=20, description="Code list data_category")] = []
    consent_on: Annotated[
        date | None, Field(description="Day of the consent that covers it; the newest when empty")
    ] = None
    legal_basis: Annotated[str, Field(max_length=80)] = ""
    urgency: Annotated[Code, Field(description="Code list urgency")] = "normal"
    message: Annotated[str, Field(max_length=20_000, description="Stored encrypted")] = ""


class ReadOut(ReferralOut):
    """A referral with its message and, while the share is in force, the shared data of the person."""

    message: str
    shared_data: list[SharedItem]


class AnswerIn(Input):
    """The answer of the receiving agency."""

    state: Literal["accepted", "declined", "started", "completed"]
    reason: Annotated[Code, Field(description="Code list decline_reason")] = ""
    outcome: Annotated[Code, Field(description="Code list referral_outcome")] = ""
    delivered: Annotated[list[Code], Field(max_length=50, description="Code list service")] = []
    reply: Annotated[str, Field(max_length=20_000, description="Stored encrypted")] = ""


class WithdrawIn(Input):
    """Reason for the withdrawal of a referral. The receiver does not see it."""

    reason: Annotated[Code, Field(description="Code list referral_withdrawal")]


@router.get("/", response={200: list[ReferralOut], **REFUSED}, summary="Referrals of this agency")
def referrals(
    request: HttpRequest,
    response: HttpResponse,
    page: Query[PageIn],
    box: Literal["inbox", "sent"] = "inbox",
    state: Code = "",
) -> list[dict[str, Any]]:
    """List the referrals that this agency received or sent, newest first; `limit` is 200 by default."""
    with audited_read(request, "api.referrals.list") as actor:
        side = {"inbox": "to_agency", "sent": "from_agency"}[box]
        rows = authorization.scope(actor, Referral, action="referrals.view").filter(**{side: actor.agency_id})
        rows = rows.filter(status=state) if state else rows
        rows = rows.select_related("from_agency", "to_agency")
        return [referral_values(row) for row in take_page(request, response, rows, ("-sent_at", "-id"), page)]


@router.get("/{reference}", response={200: ReadOut, **REFUSED}, summary="Read a referral as its receiver")
def read(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Mark the referral as seen and return it with the data that its receiver may read."""
    with audited_read(request, "api.referrals.read") as actor:
        row = find_referral(actor, "referrals.answer", reference)
        if row.status == "sent":
            referral_responses.answer_referral(actor, row, "seen")
        return referral_values(row) | shared_values(actor, row)


@router.post("/{reference}/answer", response={200: ReferralOut, **REFUSED}, summary="Answer a referral")
def answer(request: HttpRequest, reference: str, given: AnswerIn) -> dict[str, Any]:
    """Accept the referral, decline it with a reason, start it, or complete it with an outcome."""

    def do(actor: Actor) -> dict[str, Any]:
        row = find_referral(actor, "referrals.answer", reference)
        response = referral_responses.Answer(given.reason, given.reply, given.outcome, given.delivered)
        return referral_values(referral_responses.answer_referral(actor, row, given.state, answer=response))

    return run_once(request, "api.referrals.answer", do)


@router.post("/{reference}/withdraw", response={200: ReferralOut, **REFUSED}, summary="Withdraw a referral")
def withdraw(request: HttpRequest, reference: str, given: WithdrawIn) -> dict[str, Any]:
    """Withdraw a sent referral that is not completed; the receiver loses access to its data at once."""

    def do(actor: Actor) -> dict[str, Any]:
        row = find_referral(actor, "referrals.withdraw", reference)
        return referral_values(referral_services.withdraw_referral(actor, row, given.reason))

    return run_once(request, "api.referrals.withdraw", do)


@router.post("/", response={201: ReferralOut, **REFUSED}, summary="Send a referral")
def send(request: HttpRequest, referral: ReferralIn) -> Status[dict[str, Any]]:
    """Refer a person to another agency's inbox."""

    def do(actor: Actor) -> dict[str, Any]:
        values = referral.dict(exclude={"case", "to_agency", "consent_on"})
        case = authorization.find(actor, Case, action="cases.share", reference=referral.case)
        to_agency = find_receiving_agency(referral.to_agency)
        consent = None if referral.legal_basis else find_consent(case, to_agency.pk, referral.consent_on)
        check_legal(referral.legal_basis)
        return referral_values(
            referral_services.refer(
                actor, referral_services.ReferralDraft(case=case, to_agency=to_agency, consent=consent, **values)
            )
        )

    return Status(201, run_once(request, "api.referrals.send", do))


def find_referral(actor: Actor, action: str, reference: str) -> Referral:
    """Return the referral with this reference on which the actor may perform the action."""
    # A join to the case would hide a referral that is over: row security hides its case from the receiver.
    rows = Referral.objects.select_related("from_agency", "to_agency", "message__data_key")
    return authorization.find(actor, Referral, action=action, rows=rows, reference=reference[:12])


def find_consent(case: Case, recipient: Any, on: date | None) -> Consent:
    """Return the newest running consent that covers the recipient; raise BadInput when there is none."""
    consents = usable_consents(case).filter(on=on) if on else usable_consents(case)
    consent = next((row for row in consents.order_by("-on") if row.recipient_id in {None, recipient}), None)
    if consent is None:
        what = gettext_noop("no running consent covers this agency")
        raise BadInput(Fault(what, gettext_noop("record a consent, or name a legal basis"), column="consent_on"))
    return consent


def check_legal(basis: str) -> None:
    """Raise BadInput unless the legal basis is one of the country profile; '' is accepted."""
    if basis and basis not in {one.id for one in active().sharing_bases}:
        what = gettext_noop("the country profile names no such legal basis for sharing")
        raise BadInput(Fault(what, gettext_noop("record a consent, or name a legal basis"), column="legal_basis"))


def referral_values(row: Referral) -> dict[str, Any]:
    """Return a referral in codes."""
    return {
        "reference": row.reference,
        "from_agency": row.from_agency.code,
        "to_agency": row.to_agency.code,
        "services": row.services,
        "urgency": row.urgency,
        "state": row.status,
        "decline_reason": row.decline_reason,
        "outcome": row.outcome,
        "due_on": row.due_on.isoformat(),
        "sent_at": row.sent_at.isoformat(),
    }


def shared_values(actor: Actor, row: Referral) -> dict[str, Any]:
    """Return the message and the shared values, while the receiver may see them."""
    if row.status not in referral_steps.SHOWING:
        return {"message": "", "shared_data": []}
    categories = shared_view.granted(actor, row.case) or frozenset()
    sections = shared_view.sections(row.case, vault.read(actor, row.case.record), categories)
    items = [
        {"category": section.category, "label": line.label, "values": line.values}
        for section in sections
        for line in section.rows
    ]
    return {"message": open_text(row.message) or "", "shared_data": items}
