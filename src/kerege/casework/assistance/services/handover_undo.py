"""Undoing a handover within its window: the previous state returns, the receiver keeps what it wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.handovers import (
    BYPASS_REASON,
    build_event_detail,
    lock_handover,
    record_owner_changes,
    transfer_records,
)
from kerege.casework.cases.models.case import Case, Note, Share, Task
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import lock_surviving_record, surviving_record_id
from kerege.core import audit, authorization
from kerege.core.audit import clock
from kerege.core.authorization import Actor, session_scope

# models whose rows the acceptance itself adds, or that no agency writes
UNCOUNTED_MODELS = {"Handover", "OwnerChange", "Event", "Share", "TransferRequest"}


def undo(actor: Actor, handover: Handover) -> Handover:
    """Return a case to the agency that handed it over.

    Raises BadInput when the window is over, when the case has moved on, or when the record was merged further.
    """
    with audit.act(actor, "handovers.undo", target=f"case:{handover.case_id}") as event:
        authorization.require(actor, "handovers.undo", handover)
        with session_scope.bypass_row_security(BYPASS_REASON):
            row = move_case_back(actor, handover)
        event.note(handover=str(row.pk), kept=row.kept)
    return row


def move_case_back(actor: Actor, handover: Handover) -> Handover:
    """Check and move the case back, within the caller's transaction and authorization."""
    row = lock_handover(handover, "accepted")
    lock_surviving_record(row.case.record_id)
    case = Case.objects.select_for_update().get(pk=row.case_id)
    check_undo_allowed(row, case)
    row.kept = count_rows_since_handover(row)
    now = timezone.now()
    restore_previous_state(row, now)
    keep_receiver_access(row)
    row.status, row.undone_at, row.undone_by = "undone", now, actor.label
    row.save()
    add_timeline_event(actor, case, timezone.localdate(), "handover", **build_event_detail("undone", row))
    return row


def check_undo_allowed(row: Handover, case: Case) -> None:
    """Raise BadInput unless the window is open and the case still belongs to the receiving agency."""
    if row.undo_until is None or clock.now() > row.undo_until:
        raise BadInput(
            Fault(
                gettext_noop("the time in which this handover could be undone is over"),
                gettext_noop("offer the case back in a new handover"),
            )
        )
    moved_records = IdentityRecord.objects.filter(pk__in=row.before["records"])
    source_keys = list(moved_records.exclude(source_key=None).values_list("source_key", flat=True))
    is_registered_anew = IdentityRecord.objects.filter(agency=row.from_agency_id, source_key__in=source_keys).exists()
    if case.agency_id != row.to_agency_id or is_registered_anew:
        raise BadInput(
            Fault(
                gettext_noop("this case went on to another agency, or the sender has registered the person anew"),
                gettext_noop("offer the case back in a new handover"),
            )
        )
    if set(with_merged([surviving_record_id(case.record_id)])) - set(moved_records.values_list("pk", flat=True)):
        raise BadInput(
            Fault(gettext_noop("the record was merged into a further one"), gettext_noop("undo that merge first"))
        )


def restore_previous_state(row: Handover, now: datetime) -> None:
    """Restore what the acceptance changed; what the receiver has finished since stays finished."""
    before, receiver, sender = row.before, row.to_agency_id, row.from_agency_id
    for pk, caseworker in before["cases"].items():
        case = Case.objects.select_for_update().get(pk=pk)
        Case.objects.filter(pk=pk).update(agency=sender, caseworker=caseworker, version=case.version + 1)
    record_owner_changes(row, before["cases"], receiver, sender, now)
    transfer_records([UUID(pk) for pk in before["records"]], receiver, sender)
    for pk, assignee in before["tasks"].items():
        Task.objects.filter(pk=pk).update(agency=sender, assignee=assignee)
    Task.objects.filter(
        case=row.case_id, agency=receiver, kind="take_over", done_at=None, created_at__gte=row.answered_at
    ).delete()
    for pk, status in before["moot"].items():
        Referral.objects.filter(pk=pk, status="withdrawn").update(status=status)
    Referral.objects.filter(pk__in=before["referrals"], from_agency=receiver).update(from_agency=sender)
    for pk, end in before["shares"].items():
        Share.objects.filter(pk=pk).update(to_at=datetime.fromisoformat(end) if end else None)
    Share.objects.filter(case=row.case_id, source_id=row.pk).delete()
    Note.objects.filter(pk__in=before.get("notes", ())).update(withheld=False)


def count_rows_since_handover(row: Handover) -> dict[str, int]:
    """Return the number of rows added to the case since the handover, by model name.

    The `take_over` task of the acceptance does not count.
    """
    ids, since = list(row.before["cases"]), row.answered_at
    counts: dict[str, int] = {}
    for relation in Case._meta.related_objects:
        model: Any = relation.related_model
        time_column = next(
            (
                f.name
                for f in model._meta.concrete_fields
                if isinstance(f, DateTimeField) and f.name in {"created_at", "sent_at", "at"}
            ),
            None,
        )
        if time_column is None or model.__name__ in UNCOUNTED_MODELS:
            continue
        rows = model.objects.filter(**{f"{relation.field.name}__in": ids, f"{time_column}__gt": since})
        if model is Task:
            rows = rows.exclude(kind="take_over")
        if count := rows.count():
            counts[model.__name__.lower()] = count
    if count := IdentityVersion.objects.filter(record__cases__in=ids, created_at__gt=since).distinct().count():
        counts["identityversion"] = count
    return counts


def keep_receiver_access(row: Handover) -> None:
    """Keep the receiver's access to what it wrote: its notes stay its own, and the consent gives a share."""
    if not row.kept:
        return
    ids: list[UUID] = [UUID(pk) for pk in row.before["cases"]]
    own = Note.objects.filter(case__in=ids, agency=row.to_agency_id, created_at__gt=row.answered_at)
    own.update(withheld=True)
    if not running_shares().filter(case=row.case_id, agency=row.to_agency_id).exists():
        basis = {"basis": Share.Basis.CONSENT, "basis_id": row.consent_id, "from_at": timezone.now()}
        Share.objects.create(case_id=row.case_id, agency_id=row.to_agency_id, **basis)
