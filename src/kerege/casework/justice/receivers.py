"""Legal hold during criminal proceedings. The reason is not visible outside justice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from kerege.casework.cases.events import collect_legal_holds
from kerege.casework.justice.models import CaseLink

FINISHED_STAGES = ("convicted", "acquitted", "closed")


@receiver(collect_legal_holds, dispatch_uid="justice.hold_for_proceedings")
def hold_for_proceedings(sender: Any, case_ids: Collection[UUID], **kwargs: Any) -> set[UUID]:
    """Return the cases that are linked to a crime whose proceedings are not over."""
    links = CaseLink.objects.filter(case__in=case_ids).exclude(crime__stage__in=FINISHED_STAGES)
    return set(links.values_list("case", flat=True))
