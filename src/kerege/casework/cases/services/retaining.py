"""What is due goes only after a coordinator looked at it, and by somebody else's hand."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases import retention
from kerege.casework.cases.models import RetentionApproval
from kerege.casework.cases.services.checking import check_codes
from kerege.core import access, audit
from kerege.core.access import Actor, wall
from kerege.standard.faults import BadInput, Fault


def approve_removal(actor: Actor, kind: str, today: date | None = None) -> RetentionApproval:
    """Let what is due of a kind today be removed."""
    today = today or timezone.localdate()
    with audit.act(actor, "retention.approve") as event:
        access.require(actor, "retention.approve")
        with wall.beyond("the time of records is over at every agency"):
            found = sum(1 for _row in retention.due(kind, today)) if kind in retention.retention_rules else 0
        if not found:
            raise BadInput(Fault(gettext_noop("nothing of this kind is due"), gettext_noop("reload the page")))
        if RetentionApproval.objects.filter(kind=kind, run_at=None).exists():
            raise BadInput(Fault(gettext_noop("this is approved already"), gettext_noop("wait until it has run")))
        row = RetentionApproval(
            kind=kind, due_until=today, found=found, approved_at=timezone.now(), approved_by=actor.label
        )
        check_codes(row)
        row.save(force_insert=True)
        event.note(kind=kind, found=found)
    return row


def run_approved(actor: Actor, today: date | None = None) -> Counter[str]:
    """Remove what is approved and still due, each thing in a transaction of its own; returns how many of each kind.

    What began to run, or to be held, since it was approved stays. A run that was cut off goes on the next time.
    """
    access.require(actor, "retention.run")
    removed: Counter[str] = Counter()
    for approval in list(RetentionApproval.objects.filter(run_at=None)):
        for what in list(retention.due(approval.kind, today or timezone.localdate())):
            if what.due_on <= approval.due_until:
                with audit.act(actor, "retention.remove", target=f"{what.kind}:{what.id}") as event:
                    event.note(due_on=what.due_on.isoformat(), approval=str(approval.pk))
                    retention.remove(actor, what, approval.approved_by)
                removed[approval.kind] += 1
        with audit.act(actor, "retention.run", target=f"approval:{approval.pk}") as event:
            approval.run_at, approval.run_by = timezone.now(), actor.label
            approval.removed = removed[approval.kind]
            approval.save(update_fields=["run_at", "run_by", "removed"])
            event.note(kind=approval.kind, removed=approval.removed)
    return removed
