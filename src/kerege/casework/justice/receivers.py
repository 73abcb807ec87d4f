"""While proceedings run, nothing of the persons they are about is erased. Nobody outside justice learns why."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kerege.casework.cases.services import ALSO_HELD
from kerege.casework.justice.models import CaseLink

OVER = ("convicted", "acquitted", "closed")


def proceedings(case_ids: Collection[UUID]) -> set[UUID]:
    """The cases about a victim of a crime whose proceedings are not over."""
    links = CaseLink.objects.filter(case__in=case_ids).exclude(crime__stage__in=OVER)
    return set(links.values_list("case", flat=True))


ALSO_HELD.append(proceedings)
