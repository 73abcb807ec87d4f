"""API endpoints to import and export the HTCDS records of an agency."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.api.authentication import Bearer
from kerege.casework.exchange.api.cursors import PageIn, take_page
from kerege.casework.exchange.api.endpoint_types import REFUSED, Input
from kerege.casework.exchange.api.idempotency import run_once
from kerege.casework.exchange.htcds import export, import_plan
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor

router = Router(tags=["records"])


Cell = str | int | float | bool | None


class Records(Input):
    """Rows of one agency, that of the token: HTCDS fields and Kerege's extension columns by name.

    Several codes of one field are separated by `;`.
    """

    records: list[dict[str, Cell]]


class ImportOut(Schema):
    """Counts of an import, or of its dry run."""

    dry_run: bool
    rows: int
    rows_unchanged: int
    persons_new: int
    persons_known: int
    cases_new: int
    cases_known: int
    cases_changed: int


@router.post("/", auth=Bearer("api:records"), response={200: ImportOut, **REFUSED}, summary="Import records")
def import_rows(request: HttpRequest, records: Records, dry_run: bool = False) -> dict[str, Any]:
    """Import records, all or none. Known records change nothing."""

    def do(actor: Actor) -> dict[str, Any]:
        return import_counts(import_plan.import_records(actor, records.records, dry_run=dry_run))

    return run_once(request, "api.records.import", do)


def import_counts(summary: import_plan.Summary) -> dict[str, Any]:
    """Return the counts of an import that the API shows."""
    return {name: value for name, value in asdict(summary).items() if name in ImportOut.model_fields}


@router.get("/", auth=Bearer("api:export"), response={200: Records, **REFUSED}, summary="Export records")
def export_rows(request: HttpRequest, response: HttpResponse, page: Query[PageIn]) -> dict[str, Any]:
    """Export the agency's records without identity, in the format of an import.

    With `limit` or `cursor`, a page of at most `limit` cases, in the order of storing. With neither, all records. A
    case that is stored while a system pages comes on a later page, whatever its day of registration is. A case whose
    saving began before the page and ended after it is missed: export all records from time to time.
    """
    actor = actor_of(request)
    if not (page.limit or page.cursor):
        return {"records": export.rows_of_agency(actor)}

    def choose(cases: QuerySet[Case]) -> list[Case]:
        return take_page(request, response, cases, ("created_at", "id"), page)

    return {"records": export.rows_of_page(actor, choose)}
