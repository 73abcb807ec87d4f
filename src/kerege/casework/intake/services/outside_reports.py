"""Initial reports of bodies without an account that the law names: by the public form or on paper.

The public form reads no record. Its receipt code is the reference of the signal, made from the form, so that the same
form sent twice is one signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import QuerySet
from django.utils.crypto import get_random_string

from kerege.casework.intake.models import ALPHABET, OutsideReport, Signal
from kerege.casework.intake.rules import RECEIVERS
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active

SALT = "kerege.intake.outside-report"
LASTS = 24 * 3600  # seconds in which an open form can be sent


@dataclass
class OutsideDraft:
    """An initial report of a body without an account. Sender kind, region and text are required."""

    sender_kind: str
    region: str
    narrative: str
    receiver: str = ""
    name: str = ""
    contact: str = ""
    urgency: str = "normal"
    suspected_form: str = ""
    people: int | None = None
    language: str = ""


def list_sender_kinds() -> list[str]:
    """Return the kinds of agency that may send an initial report, in the order of the list."""
    entries = codes.code_list("agency_kind").codes.values()
    return [entry.code for entry in entries if "signal" in entry.extras["may"].split()]


def find_receiver(region: str, kind: str = "") -> Agency | None:
    """Return the agency that receives the initial reports of a region; None if no agency can read one.

    The wished kind in the region comes first, then the other kinds of the profile there, then these kinds in the
    whole country, then a national agency. An agency without a user who reads signals receives nothing.
    """
    kinds = active().initial_report.receivers
    wished = sorted(kinds, key=lambda name: (name != kind, kinds.index(name)))
    rows = Agency.objects.filter(
        active=True, assignments__role__in=RECEIVERS, assignments__user__is_active=True
    ).distinct()
    places: list[QuerySet[Agency]] = [
        *(rows.filter(kind=name, region=region) for name in wished),
        *(rows.filter(kind=name) for name in wished),
        rows.filter(national=True),
    ]
    return next((row for place in places if (row := place.order_by("-national", "code").first())), None)


def new_form_token() -> str:
    """Return the token of a new public form."""
    return signing.dumps(get_random_string(20), salt=SALT)


def is_form_token(token: str) -> bool:
    """Return whether a form with this token may be sent now."""
    try:
        signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return False
    return True


def _reference_of(token: str) -> str:
    """Return the reference of the signal that a form makes; the key of the server makes it unpredictable."""
    number = int(attempts.keyed("outside-report", token), 16)
    letters = ""
    for _position in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"S-{letters[:4]}-{letters[4:]}"


def send_by_form(draft: OutsideDraft, token: str, address: str) -> str:
    """Send a report of the public form; return its receipt code.

    A form that is sent again returns the same code and changes nothing. Raises TooManyAttempts after many from one
    network, and LookupError if no agency can receive it.
    """
    reference = _reference_of(token)
    with session_scope.bypass_row_security("a form that is sent twice makes one signal; nothing else is shown"):
        if Signal.objects.filter(reference=reference).exists():
            return reference
    network = attempts.network_of(address)
    attempts.begin([attempts.Counted("report", network), attempts.Counted("all_reports", "")])
    receiver = find_receiver(draft.region, draft.receiver)
    if receiver is None:
        raise LookupError("no agency receives initial reports")
    signal = _signal_draft(draft, from_agency=receiver, to_agency=receiver, channel="web_form", reference=reference)
    return _store(Actor.system("public-form"), draft, signal, OutsideReport.Way.FORM).reference


def enter_paper(
    actor: Actor, draft: OutsideDraft, *, from_agency: Agency, to_agency: Agency, received_at: datetime
) -> Signal:
    """Enter a report that arrived on paper; the agency of the actor is the sender and follows its state."""
    signal = _signal_draft(draft, from_agency=from_agency, to_agency=to_agency, channel="agency", reference="")
    signal.received_at = received_at
    return _store(actor, draft, signal, OutsideReport.Way.PAPER)


def _signal_draft(
    draft: OutsideDraft, *, from_agency: Agency, to_agency: Agency, channel: str, reference: str
) -> SignalDraft:
    return SignalDraft(
        from_agency=from_agency,
        to_agency=to_agency,
        channel=channel,
        caller="agency",
        urgency=draft.urgency,
        region=draft.region,
        language=draft.language,
        suspected_form=draft.suspected_form,
        people=draft.people,
        narrative=draft.narrative,
        reference=reference,
    )


def _store(actor: Actor, draft: OutsideDraft, signal_draft: SignalDraft, way: str) -> Signal:
    """Store the signal and its sender in one act."""
    with audit.act(actor, "signals.report_from_outside") as event:
        signal = send_signal(actor, signal_draft)
        sender = save_text(signal.data_key, {"name": draft.name, "contact": draft.contact})
        OutsideReport.objects.create(signal=signal, way=way, sender_kind=draft.sender_kind, sender=sender)
        event.target = f"signal:{signal.id}"
        event.note(way=way, to=str(signal_draft.to_agency.pk))
    return signal
