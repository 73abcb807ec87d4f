"""Signals: sent, seen, closed with the case that they led to or without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases.models import Case
from kerege.casework.cases.services import check_codes, digest
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.screening import follow_signal
from kerege.casework.vault.models import DataKey, SealedText
from kerege.casework.vault.services import BATCH, new_key, seal_text
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency
from kerege.core.keys import keyring
from kerege.standard.faults import BadInput, Fault


@dataclass
class SignalDraft:
    """What the first responder was told. Only the two agencies and the channel are needed."""

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


def send_signals(actor: Actor, drafts: Sequence[SignalDraft]) -> list[Signal]:
    """Send signals to agencies' inboxes. The sender keeps the reference and sees the state, nothing more."""
    with audit.act(actor, "signals.send") as event:
        for agency in {draft.from_agency for draft in drafts}:
            access.require(actor, "signals.send", agency)
        kek = keyring().current("kek")
        keys: list[DataKey] = []
        texts: list[SealedText] = []
        signals: list[Signal] = []
        for draft in drafts:
            row, plain = new_key(kek)
            values = {k: v for k, v in vars(draft).items() if k not in {"narrative", "received_at"}}
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
        if len(signals) == 1:
            event.target = f"signal:{signals[0].id}"
        else:
            event.note(signals=len(signals), digests=[digest(signal) for signal in signals])
    return signals


def send_signal(actor: Actor, draft: SignalDraft) -> Signal:
    """Send one signal."""
    return send_signals(actor, [draft])[0]


def mark_seen(actor: Actor, signal: Signal) -> Signal:
    """The receiving agency has looked at it."""
    if signal.state != Signal.State.NEW or signal.to_agency_id != actor.agency_id:
        return signal
    with audit.act(actor, "signals.see", target=f"signal:{signal.id}"):
        access.require(actor, "signals.answer", signal)
        signal.state = Signal.State.SEEN
        signal.save(update_fields=["state"])
    return signal


def close_signal(actor: Actor, signal: Signal, case: Case | None = None) -> Signal:
    """A signal ends with the case that it led to, or without one."""
    with audit.act(actor, "signals.close", target=f"signal:{signal.id}") as event:
        access.require(actor, "signals.answer", signal)
        # read again under the lock: a signal leads to one case, however often the button is pressed
        signal.state = Signal.objects.select_for_update().values_list("state", flat=True).get(pk=signal.pk)
        if signal.state == Signal.State.CASE_OPENED:
            raise BadInput(Fault(gettext_noop("this signal has led to a case already"), gettext_noop("open that case")))
        signal.state = Signal.State.CASE_OPENED if case else Signal.State.CLOSED
        signal.case = case
        signal.save(update_fields=["state", "case"])
        if case:
            follow_signal(signal, case)
        event.note(case=str(case.id) if case else None)
    return signal
