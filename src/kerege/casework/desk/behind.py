"""What stands behind a figure of the month: each thing that was counted, without a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.models import Referral, Service, Stay
from kerege.casework.cases.models import Case
from kerege.casework.desk.monthly import Month, nights
from kerege.core import access
from kerege.core.access import Actor
from kerege.web.templatetags.kerege import code

ORDER: dict[Any, tuple[str, ...]] = {
    Case: ("registered_on", "reference"),
    Service: ("started_on", "case_id", "pk"),
    Referral: ("sent_at", "pk"),
    Stay: ("arrived_on", "pk"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that was counted; without an address where it is not open to the reader."""

    reference: str
    url: str
    on: date | None
    what: str = ""


def entries(actor: Actor, rows: Sequence[Any], month: Month) -> list[Entry]:
    """The rows of one page, with where each can be looked at."""
    if rows and isinstance(rows[0], Referral):
        return [
            Entry(
                row.reference, reverse("assistance:referral", args=[row.pk]), timezone.localdate(row.sent_at),
                ", ".join(code(kind, "service") for kind in row.services),
            )
            for row in rows
        ]  # fmt: skip
    known = _open_cases(actor, {row.pk if isinstance(row, Case) else row.case_id for row in rows})
    return [_entry(row, known, month) for row in rows]


def _open_cases(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    """References of the cases that the actor may open."""
    cases = access.scope(actor, Case, action="cases.view").filter(pk__in=ids)
    return dict(cases.values_list("pk", "reference"))


def _entry(row: Any, known: dict[UUID, str], month: Month) -> Entry:
    pk = row.pk if isinstance(row, Case) else row.case_id
    url = reverse("cases:case", args=[pk]) if pk in known else ""
    reference = known.get(pk, "") or _("a case that is no longer open to you")
    if isinstance(row, Case):
        return Entry(reference, url, row.registered_on, code(row.closure_reason, "closure_reason"))
    if isinstance(row, Service):
        return Entry(reference, url, row.started_on, code(row.kind, "service"))
    told = _("%(n)s nights of the month") % {"n": nights(row.arrived_on, row.left_on, month)}
    return Entry(reference, url, row.arrived_on, told)
