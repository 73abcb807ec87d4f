"""Views of the auditor: search of the audit log with the last verification, and export to CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.core import audit, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import User
from kerege.core.admin.audit.forms import AuditLogForm
from kerege.core.audit import clock, search
from kerege.core.audit.hash_chain import ACTED_AS
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.web.templatetags.kerege import code
from kerege.web.whole_numbers import read_number

PER_PAGE = 50
MOST_LINES = 100_000
# searches that auditors use most
SHORTCUTS = ("vault.reveal", "emergencies.open", "exchange.export", "users.manage", "accounts.sign_in")


@pages.page("audit.read")
@require_GET
def audit_log_page(request: HttpRequest) -> HttpResponse:
    """Show one page of the audit log, newest events first."""
    form = AuditLogForm(request.GET or None)
    filters = form.to_filter() if form.is_bound else search.AuditFilter()
    rows = list(search.find(filters, read_number(request.GET.get("before")))[: PER_PAGE + 1])
    audit.note(looked_for=_filter_facts(filters))
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "form": form if form.is_bound else AuditLogForm(),
        "rows": _with_names(rows[:PER_PAGE]),
        "older": rows[PER_PAGE - 1].seq if len(rows) > PER_PAGE else None,
        "query": query.urlencode(),
        "shortcuts": SHORTCUTS,
        "checked": search.last_check(),
        "behind": int(clock.read_state().behind_log.total_seconds()),
        "head": AuditHead.objects.filter(pk=1).first(),
    }
    return TemplateResponse(request, "audit/trail.html", context)


@pages.page("audit.export")
@require_GET
@pages.stepped_up
def export(request: HttpRequest) -> HttpResponse:
    """Download the matching events as CSV; the export is itself recorded."""
    form = AuditLogForm(request.GET or None)
    filters = form.to_filter() if form.is_bound else search.AuditFilter()
    text = io.StringIO()
    events = search.find(filters)
    lines = list(search.csv_rows(events[:MOST_LINES]))
    csv.writer(text).writerows(lines)
    audit.record(actor_of(request), "audit.export", rows=len(lines) - 1, looked_for=_filter_facts(filters))
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _filter_facts(filters: search.AuditFilter) -> dict[str, Any]:
    return {name: str(value) for name, value in asdict(filters).items() if value}


def _with_names(rows: list[AuditEvent]) -> list[tuple[AuditEvent, str, str]]:
    """Return the events of one page, each with the full name of its actor and its details as text."""
    names = {row.actor.partition(":")[2] for row in rows if row.actor.startswith("user:")}
    users = User.objects.filter(username__in=names).values_list("username", "full_name")
    known = {f"user:{username}": name for username, name in users}
    return [(row, known.get(row.actor, row.actor), _facts(row)) for row in rows]


def _facts(row: AuditEvent) -> str:
    """Return the details as one line of text, in the order of their names, with labels for codes.

    Databases keep the names in different orders.
    """
    facts = dict(row.details) if isinstance(row.details, dict) else {"": row.details}
    roles = facts.pop(ACTED_AS, [])
    texts = [f"{name}: {_fact_text(value)}" for name, value in sorted(facts.items())]
    return " · ".join([*texts, *([f"{_('Role')}: {code(roles, 'role')}"] if roles else [])])


def _fact_text(value: object) -> str:
    """Return a detail as text, without the brackets of Python."""
    if isinstance(value, dict):
        action = [code(value["action"], "audit_action")] if "action" in value else []
        rest = [f"{name} {_fact_text(part)}" for name, part in sorted(value.items()) if name != "action"]
        return ", ".join([*action, *rest]) or "–"
    return "; ".join(map(_fact_text, value)) or "–" if isinstance(value, list) else str(value)
