"""Writes to cases from an exchange file: many notes, and additions to a known case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Exploitation, Note
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.registration import set_exploitation
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text, seal_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import insert


def add_notes(actor: Actor, notes: Sequence[tuple[Case, str]]) -> list[Note]:
    """Encrypt and store notes on many cases in one act; keep their order within each case."""
    with audit.act(actor, "cases.add_notes") as event:
        authorization.require(actor, "cases.register")
        now, rows, texts = timezone.now(), [], []
        for position, (case, text) in enumerate(notes):
            sealed = seal_text(case.record.data_key, text)
            at = now + timedelta(microseconds=position)
            texts.append(sealed)
            agency_id = actor.agency_id or case.agency_id
            rows.append(Note(case=case, text=sealed, agency_id=agency_id, created_at=at, created_by=actor.label))
        insert(texts)
        insert(rows)
        event.note(notes=len(rows))
    return rows


def complete(
    actor: Actor, case: Case, fields: dict[str, Any], episode: dict[str, Any], supplement: dict[str, Any]
) -> Case:
    """Add values that arrived later to a known case, its main exploitation and its supplement.

    The new supplement replaces the old one; an empty one removes it.
    """
    with audit.act(actor, "cases.complete", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        for name, value in fields.items():
            setattr(case, name, value)
        if episode:
            main = Exploitation.objects.filter(case=case, main=True).first()
            set_exploitation(actor, case, episode, main)
        before, case.supplement = case.supplement, save_text(case.record.data_key, supplement) if supplement else None
        case.version += 1
        check_codes(case)
        case.save(update_fields=[*fields, "supplement", "version"])
        if before is not None:
            before.delete()
        add_timeline_event(actor, case, timezone.localdate(), "completed")
    return case
