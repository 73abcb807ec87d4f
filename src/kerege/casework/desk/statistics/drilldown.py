"""What stands behind a figure of the month: each thing that was counted, without a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case
from kerege.casework.desk.statistics.monthly import BEYOND, Month, nights
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.web.templatetags.kerege import code

PER_PAGE = 50
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


def page_of(rows: QuerySet[Any], number: str | None) -> Page[Any]:
    """One page of what a figure counts, read as it was counted."""
    with session_scope.beyond(BEYOND):
        page = Paginator(rows.order_by(*ORDER[rows.model]), PER_PAGE).get_page(number)
        page.object_list = list(page.object_list)
    return page


def entries(actor: Actor, rows: Sequence[Any], month: Month) -> list[Entry]:
    """The rows of one page, with where each can be looked at."""
    if rows and isinstance(rows[0], Referral):
        return _referrals(actor, rows)
    known = _open_cases(actor, {row.pk if isinstance(row, Case) else row.case_id for row in rows})
    return [_entry(row, known, month) for row in rows]


def _referrals(actor: Actor, rows: Sequence[Referral]) -> list[Entry]:
    """A referral that went to another agency with its case keeps its reference, which the sender knows."""
    open_ones = authorization.scope(actor, Referral, action="referrals.view").filter(pk__in=[row.pk for row in rows])
    known = set(open_ones.values_list("pk", flat=True))
    return [
        Entry(
            row.reference,
            reverse("assistance:referral", args=[row.pk]) if row.pk in known else "",
            timezone.localdate(row.sent_at),
            ", ".join(code(kind, "service") for kind in row.services),
        )
        for row in rows
    ]


def _open_cases(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    """References of the cases that the actor may open."""
    cases = authorization.scope(actor, Case, action="cases.view").filter(pk__in=ids)
    return dict(cases.values_list("pk", "reference"))


def _entry(row: Any, known: dict[UUID, str], month: Month) -> Entry:
    pk = row.pk if isinstance(row, Case) else row.case_id
    url = reverse("cases:case", args=[pk]) if pk in known else ""
    # of a case that went to another agency no more is told than that it was counted
    reference = known.get(pk, "") or _("a case that is no longer open to you")
    if isinstance(row, Case):
        return Entry(reference, url, row.registered_on, code(row.closure_reason, "closure_reason") if url else "")
    if isinstance(row, Service):
        return Entry(reference, url, row.started_on, code(row.kind, "service"))
    told = _("%(n)s nights of the month") % {"n": nights(row.arrived_on, row.left_on, month)}
    return Entry(reference, url, row.arrived_on, told)
