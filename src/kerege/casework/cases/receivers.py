"""Receivers that carry out an approved change."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kerege.casework.cases.events import approval_given
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services.closing import carry_out_closure
from kerege.core.authorization import Actor


@receiver(approval_given, dispatch_uid="cases.close_approved")
def close_approved(sender: Any, actor: Actor, approval: Approval, **kwargs: Any) -> None:
    """Close a case when its closure is approved."""
    if approval.kind == "closure":
        carry_out_closure(actor, approval)
