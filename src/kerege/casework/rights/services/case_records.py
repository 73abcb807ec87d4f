"""Storing of records about the rights of a person."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.rights.models.case_records import CaseRecord
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

Texts = Mapping[str, str]


def store_record(actor: Actor, case: Case, row: CaseRecord, texts: Texts) -> None:
    """Store a new or changed record within an audited act; `texts` are encrypted under the person's key."""
    authorization.require(actor, "cases.change", case)
    require_open(actor, case)
    kind = row._meta.model_name or ""
    if row._state.adding:
        row.recorded_at, row.created_by = timezone.now(), actor.label
        add_timeline_event(actor, case, timezone.localdate(), "rights_record", record=kind)
    row.case = case
    for name, text in texts.items():
        setattr(row, name, save_text(case.record.data_key, text) if text else None)
    check_codes(row)
    row.save()
    audit.note(record=kind, id=str(row.pk))
