"""Signals: send, mark as seen, close with or without a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.assignment import add_note
from kerege.casework.cases.services.code_checks import check_codes, digest
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.registration import register
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.screening import attach_screenings
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import DataKey, SealedText
from kerege.casework.vault.services.identities import BATCH, new_key, open_text, seal_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.core.integrations.services import emit, emit_all
from kerege.core.security.keyring import keyring


@dataclass
class SignalDraft:
    """A signal before it is stored. The two agencies and the channel are required."""

    from_agency: Agency
    to_agency: Agency
    channel: str
    received_at: datetime | None = None
    caller: str = ""
    anonymous: bool = False
    urgency: str = "normal"
    region: str = ""
    language: str = ""
    suspected_form: str = ""
    people: int | None = None
    narrative: str = ""
    reference: str = ""  # a random one by default


def send_signals(actor: Actor, drafts: Sequence[SignalDraft]) -> list[Signal]:
    """Send signals to the inboxes of agencies. Senders keep the reference and see the state only."""
    with audit.act(actor, "signals.send") as event:
        for agency in {draft.from_agency for draft in drafts}:
            authorization.require(actor, "signals.send", agency)
        kek = keyring().current("kek")
        keys: list[DataKey] = []
        texts: list[SealedText] = []
        signals: list[Signal] = []
        for draft in drafts:
            row, plain = new_key(kek)
            values = {k: v for k, v in vars(draft).items() if k not in {"narrative", "received_at", "reference"}}
            values |= {"reference": draft.reference} if draft.reference else {}
            signal = Signal(
                **values, received_at=draft.received_at or timezone.now(), created_by=actor.label, data_key=row
            )
            if draft.narrative:
                signal.narrative = seal_text(row, draft.narrative, plain)
                texts.append(signal.narrative)
            check_codes(signal)
            keys.append(row)
            signals.append(signal)
        DataKey.objects.bulk_create(keys, batch_size=BATCH)
        SealedText.objects.bulk_create(texts, batch_size=BATCH)
        Signal.objects.bulk_create(signals, batch_size=BATCH)
        emit_all("signal.received", [(signal.to_agency_id, {"reference": signal.reference}) for signal in signals])
        if len(signals) == 1:
            event.target = f"signal:{signals[0].id}"
        else:
            event.note(signals=len(signals), digests=[digest(signal) for signal in signals])
    return signals


def send_signal(actor: Actor, draft: SignalDraft) -> Signal:
    """Send one signal."""
    return send_signals(actor, [draft])[0]


def mark_seen(actor: Actor, signal: Signal) -> Signal:
    """Mark a new signal as seen by the receiving agency."""
    if signal.state != Signal.State.NEW or signal.to_agency_id != actor.agency_id:
        return signal
    with audit.act(actor, "signals.see", target=f"signal:{signal.id}"):
        authorization.require(actor, "signals.answer", signal)
        signal.state = Signal.State.SEEN
        signal.save(update_fields=["state"])
        _report_state(signal)
    return signal


def _report_state(signal: Signal) -> None:
    """Report the new state to the systems of the sending agency, and nothing else."""
    emit(signal.from_agency_id, "signal.state", reference=signal.reference, state=signal.state)


def can_open_case(signal: Signal, known: int) -> bool:
    """Return whether a signal with `known` cases may lead to another one.

    It leads to at most one case for each reported person.
    """
    return signal.state in {Signal.State.NEW, Signal.State.SEEN} or (
        signal.state == Signal.State.CASE_OPENED and known < (signal.people or 1)
    )


def close_signal(actor: Actor, signal: Signal, case: Case | None = None, after: int | None = None) -> Signal:
    """Close a signal, with a case that it led to or without one.

    `after` is the number of cases that the actor saw. Raises BadInput when it has changed, or no further case is due.
    """
    with audit.act(actor, "signals.close", target=f"signal:{signal.id}") as event:
        authorization.require(actor, "signals.answer", signal)
        # Read the state under a lock, so that a repeated request opens no second case for a person.
        signal.state = Signal.objects.select_for_update().values_list("state", flat=True).get(pk=signal.pk)
        case_count = signal.cases.count()
        is_full = signal.state == Signal.State.CASE_OPENED and not (case and can_open_case(signal, case_count))
        if is_full or after not in {None, case_count}:
            raise BadInput(Fault(gettext_noop("this signal has led to a case already"), gettext_noop("open that case")))
        signal.state = Signal.State.CASE_OPENED if case else Signal.State.CLOSED
        signal.save(update_fields=["state"])
        _report_state(signal)
        if case:
            signal.cases.add(case)
            attach_screenings(signal, case)
        event.note(case=str(case.id) if case else None)
    return signal


def open_case(actor: Actor, signal: Signal, after: int | None = None) -> Case:
    """Open a case for a person who is known only from a signal, with its narrative as a note.

    A caseworker who opens the case becomes its caseworker.
    """
    with audit.act(actor, "signals.open_case", target=f"signal:{signal.id}"):
        is_caseworker = "caseworker" in actor.roles and actor.user_id
        draft = Registration(
            agency=signal.to_agency,
            identity=Identity(names=[], languages=[signal.language] if signal.language else []),
            registered_on=timezone.localdate(signal.received_at),
            caseworker=User.objects.get(pk=str(actor.user_id)) if is_caseworker else None,
            route=signal.channel,
            region=signal.region,
            detected_independently=signal.from_agency_id == signal.to_agency_id,
            exploitations=[{"main_form": signal.suspected_form}] if signal.suspected_form else [],
        )
        case = register(actor, draft)
        if narrative := open_text(signal.narrative):
            add_note(actor, case, narrative)
        close_signal(actor, signal, case, after)
    return case
