"""The items behind a monthly figure, without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case
from kerege.casework.desk.statistics.monthly import BYPASS_REASON, CalendarMonth, nights
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.web.templatetags.kerege import code

PER_PAGE = 50
ORDER: dict[Any, tuple[str, ...]] = {
    Case: ("registered_on", "reference"),
    Service: ("started_on", "case_id", "pk"),
    Referral: ("sent_at", "pk"),
    Stay: ("arrived_on", "pk"),
}


@dataclass(frozen=True)
class CountedItem:
    """One counted item; `url` is empty when the reader may not open it."""

    reference: str
    url: str
    on: date | None
    what: str = ""


def read_page(rows: QuerySet[Any], number: str | None) -> Page[Any]:
    """Return one page of the items behind a figure, read beyond row-level security as they were counted."""
    with session_scope.bypass_row_security(BYPASS_REASON):
        page = get_page_of_rows(rows.order_by(*ORDER[rows.model]), PER_PAGE, number)
        page.object_list = list(page.object_list)
    return page


def list_items(actor: Actor, rows: Sequence[Any], month: CalendarMonth) -> list[CountedItem]:
    """Return the rows of one page with a link to each that the actor may open."""
    if rows and isinstance(rows[0], Referral):
        return _referral_entries(actor, rows)
    case_references = _open_cases(actor, {row.pk if isinstance(row, Case) else row.case_id for row in rows})
    return [_entry(row, case_references, month) for row in rows]


def _referral_entries(actor: Actor, rows: Sequence[Referral]) -> list[CountedItem]:
    """Return referrals as entries. Each keeps its reference, which the sender knows."""
    viewable = authorization.scope(actor, Referral, action="referrals.view").filter(pk__in=[row.pk for row in rows])
    open_ids = set(viewable.values_list("pk", flat=True))
    return [
        CountedItem(
            row.reference,
            reverse("assistance:referral", args=[row.pk]) if row.pk in open_ids else "",
            timezone.localdate(row.sent_at),
            ", ".join(code(kind, "service") for kind in row.services),
        )
        for row in rows
    ]


def _open_cases(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    """Return references of the cases that the actor may open, by id."""
    cases = authorization.scope(actor, Case, action="cases.view").filter(pk__in=ids)
    return dict(cases.values_list("pk", "reference"))


def _entry(row: Any, open_references: dict[UUID, str], month: CalendarMonth) -> CountedItem:
    """Return a case, service or stay as an entry."""
    pk = row.pk if isinstance(row, Case) else row.case_id
    url = reverse("cases:case", args=[pk]) if pk in open_references else ""
    # without access to the case, show only that it was counted
    reference = open_references.get(pk, "") or _("a case that is no longer open to you")
    if isinstance(row, Case):
        return CountedItem(reference, url, row.registered_on, code(row.closure_reason, "closure_reason") if url else "")
    if isinstance(row, Service):
        return CountedItem(reference, url, row.started_on, code(row.kind, "service"))
    description = _("%(n)s nights of the month") % {"n": nights(row.arrived_on, row.left_on, month)}
    return CountedItem(reference, url, row.arrived_on, description)
