"""Disposal after the retention period: a coordinator approves it, another user runs it."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.records import RetentionApproval
from kerege.casework.cases.services import retention_rules
from kerege.casework.cases.services.code_checks import check_codes
from kerege.core import audit, authorization
from kerege.core.accounts.originators import require_right
from kerege.core.audit import clock
from kerege.core.authorization import Actor, Denied, session_scope


def approve_removal(actor: Actor, kind: str, today: date | None = None) -> RetentionApproval:
    """Approve the disposal of all items of a kind that are due today.

    Raises BadInput when nothing is due, or an approval of this kind has not run yet.
    """
    today = today or clock.today()
    with audit.act(actor, "retention.approve") as event:
        authorization.require(actor, "retention.approve")
        with session_scope.bypass_row_security(
            "disposal covers the records of all agencies whose retention period has ended"
        ):
            due_count = (
                sum(1 for _row in retention_rules.due(kind, today)) if kind in retention_rules.retention_rules else 0
            )
        if not due_count:
            raise BadInput(Fault(gettext_noop("nothing of this kind is due"), gettext_noop("reload the page")))
        if RetentionApproval.objects.filter(kind=kind, run_at=None).exists():
            raise BadInput(Fault(gettext_noop("this is approved already"), gettext_noop("wait until it has run")))
        row = RetentionApproval(
            kind=kind,
            due_until=today,
            due_count=due_count,
            approved_at=timezone.now(),
            approved_by=actor.label,
            originator=actor.reference,
        )
        check_codes(row)
        row.save(force_insert=True)
        event.note(kind=kind, found=due_count)
    return row


def run_approved(actor: Actor, today: date | None = None) -> Counter[str]:
    """Dispose of approved items that are still due, one transaction each; return the counts by kind.

    An item whose case was reopened or put under a hold since the approval stays. An approval ends without a disposal
    when the user who gave it no longer has the right. An interrupted run continues at the next call.
    """
    authorization.require(actor, "retention.run")
    removed: Counter[str] = Counter()
    for approval in list(RetentionApproval.objects.filter(run_at=None)):
        if _may_still_approve(approval):
            removed += Counter({approval.kind: _dispose_of_approved(actor, approval, today or clock.today())})
        with audit.act(actor, "retention.run", target=f"approval:{approval.pk}") as event:
            approval.run_at, approval.run_by = timezone.now(), actor.label
            approval.removed = removed[approval.kind]
            approval.save(update_fields=["run_at", "run_by", "removed"])
            event.note(kind=approval.kind, removed=approval.removed)
    return removed


def _may_still_approve(approval: RetentionApproval) -> bool:
    """Return whether the user who gave an approval may give it now; a refusal is an audit event.

    An approval without a user comes from a version that stored none: a coordinator must approve again.
    """
    if not approval.originator:
        return False
    try:
        require_right(approval.originator, "retention.approve", [])
    except Denied:
        return False
    return True


def _dispose_of_approved(actor: Actor, approval: RetentionApproval, today: date) -> int:
    """Dispose of the items that an approval covers, one transaction each; return their number."""
    count = 0
    for item in list(retention_rules.due(approval.kind, today)):
        if item.due_on <= approval.due_until:
            with audit.act(actor, "retention.remove", target=f"{item.kind}:{item.id}") as event:
                event.note(due_on=item.due_on.isoformat(), approval=str(approval.pk))
                retention_rules.remove_item(actor, item, approval.approved_by)
            count += 1
    return count
