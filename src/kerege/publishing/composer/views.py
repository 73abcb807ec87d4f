"""Staff pages to compose a release: title, snapshots, tables, text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.publishing.composer import composition, prepared_tables, table_form
from kerege.publishing.composer.forms import AboutForm, DataForm, TablesForm, TextForm
from kerege.publishing.composer.table_form import TableForm
from kerege.publishing.gate import error_messages
from kerege.publishing.gate import messages as gate_messages
from kerege.publishing.gate.composition_messages import CompositionWarning
from kerege.publishing.presenters import privacy_budget
from kerege.publishing.presenters import tables as presenters_tables
from kerege.publishing.releases import queries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import check as check_services
from kerege.publishing.releases.services import compose
from kerege.publishing.storage import source_snapshots
from kerege.web.whole_numbers import read_number

BOTH = require_http_methods(["GET", "POST"])


def find_release(request: HttpRequest, pk: int, action: str) -> Release:
    """Return the release with key `pk` if the actor may do `action` to it. Raises Http404."""
    rows = Release.objects.select_related("prepared_by", "approved_by", "revises")
    return authorization.find(actor_of(request), Release, action=action, rows=rows, pk=pk)


def show_faults(request: HttpRequest, error: BadInput) -> None:
    """Show the faults of a service as messages in the reader's language."""
    for fault in error.faults:
        messages.error(request, error_messages.fault_sentence(fault.what, fault.todo))


def run_action(request: HttpRequest, action: Callable[[], Any], success: str = "") -> bool:
    """Run `act`; show `said` on success or the refusal on failure. Return whether it succeeded."""
    try:
        action()
    except BadInput as error:
        show_faults(request, error)
        return False
    except Refused as refused:
        messages.error(request, error_messages.translate_fault(str(refused)))
        return False
    if success:
        messages.success(request, success)
    return True


def save_form(form: django_forms.Form, save: Any) -> bool:
    """Run `save` if the form is bound and valid. Return whether it succeeded.

    The faults of the service become errors of the form.
    """
    if not form.is_bound or not form.is_valid():
        return False
    try:
        save()
    except BadInput as error:
        for fault in error.faults:
            column = fault.column if fault.column in form.fields else None
            form.add_error(column, error_messages.fault_sentence(fault.what, fault.todo))
        return False
    return True


def get_open_release(request: HttpRequest, pk: int) -> Release | HttpResponse:
    """Return a release that can still be changed, else a redirect to its page."""
    row = find_release(request, pk, "releases.prepare")
    if row.is_open:
        return row
    messages.warning(request, _("This release no longer changes. Publish a correction instead."))
    return redirect("releases:release", pk=pk)


@pages.page("releases.prepare")
@BOTH
def new(request: HttpRequest) -> HttpResponse:
    """Create a release."""
    actor, form, created = actor_of(request), AboutForm(None, request.POST or None), []
    if save_form(
        form, lambda: created.append(compose.create(actor, form.specification | {"table": []}, form.embargo_at))
    ):
        return redirect("releases:data", pk=created[0].pk)
    return TemplateResponse(
        request, "publishing/staff/about.html", {"form": form, "spending": privacy_budget.recent_budgets()}
    )


@pages.page("releases.prepare")
@BOTH
def about(request: HttpRequest, pk: int) -> HttpResponse:
    """Change title, period, threshold and embargo."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    actor, form = actor_of(request), AboutForm(row, request.POST or None)
    if save_form(form, lambda: compose.set_about(actor, row, form.specification, form.embargo_at)):
        return redirect("releases:release", pk=pk)
    context = {"form": form, "release": row, "spending": privacy_budget.recent_budgets()}
    return TemplateResponse(request, "publishing/staff/about.html", context)


@pages.page("releases.prepare")
@BOTH
def data(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the snapshots to count."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    actor, snapshots = actor_of(request), source_snapshots.list_snapshots()
    form = DataForm(snapshots, row.snapshots, request.POST or None)
    if save_form(form, lambda: compose.set_data(actor, row, form.names)):
        return redirect("releases:tables" if not row.spec.get("table") else "releases:release", pk=pk)
    return TemplateResponse(
        request, "publishing/staff/data.html", {"form": form, "release": row, "any": bool(snapshots)}
    )


@pages.page("releases.freeze")
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Take a snapshot of the register, then return to the page the user came from."""
    is_queued = compose.take_snapshots(actor_of(request))
    if is_queued:
        messages.success(request, _("The snapshot is being taken. Reload this page in a minute."))
    else:
        messages.success(
            request, _("The snapshot is ready. The background worker is not running, so it was taken at once.")
        )
    pk = read_number(request.POST.get("release"))
    return redirect("releases:list") if pk is None else redirect("releases:data", pk=pk)


@pages.page("releases.prepare")
@BOTH
def tables(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose prepared tables, and list the tables of the release."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    actor, units = actor_of(request), {snapshot.unit for snapshot in source_snapshots.find_snapshots(row.snapshots)}
    form = TablesForm(
        prepared_tables.offered_titles(units), prepared_tables.taken_names(row.spec), request.POST or None
    )
    if save_form(
        form, lambda: compose.set_tables(actor, row, prepared_tables.with_prepared(row.spec, form.names, units))
    ):
        return redirect("releases:release", pk=pk)
    context = {"form": form, "release": row, "taken": list_tables(row), "units": units}
    return TemplateResponse(request, "publishing/staff/tables.html", context)


def list_tables(row: Release) -> list[dict[str, str]]:
    """Return the tables of a release for a list."""
    return [
        {
            "name": table["name"],
            "title": gate_messages.table_title(table),
            "described": gate_messages.describe_table(table),
            "method": presenters_tables.method_text(table.get("method", "suppress")),
        }
        for table in row.spec.get("table", [])
    ]


@pages.page("releases.prepare")
@BOTH
def table(request: HttpRequest, pk: int, table: str = "") -> HttpResponse:
    """Add or change a table."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    existing = {entry["name"]: entry for entry in row.spec.get("table", [])}
    if table and table not in existing:
        raise Http404
    chosen = {snapshot.unit: snapshot for snapshot in source_snapshots.find_snapshots(row.snapshots)}
    before = existing.get(table)
    of = before["of"] if before else request.GET.get("of", next(iter(chosen)) if len(chosen) == 1 else "")
    context = {
        "release": row,
        "before": before,
        "spending": privacy_budget.period_budget(row.period),
        "ledger_loss": privacy_budget.ledger_loss(),
    }
    if not before and of not in chosen:
        units = [(unit, gate_messages.unit_title(unit)) for unit in chosen]
        return TemplateResponse(request, "publishing/staff/unit.html", context | {"units": units})
    values = source_snapshots.column_values(chosen[of].name) if of in chosen else {}
    do = request.POST.get("do", "")
    form = TableForm(of, values, row, before, table_form.without_overlap(request.POST, do) if request.POST else None)
    if not do and save_form(form, lambda: compose.put_table(actor_of(request), row, form.table, table)):
        messages.success(request, _("The table is in the release."))
        return redirect("releases:release", pk=pk)
    context |= {"form": form, "of": of, "unit": gate_messages.unit_title(of), "warnings": form_warnings(form, table)}
    return TemplateResponse(request, "publishing/staff/table.html", context)


def form_warnings(form: TableForm, replaced: str) -> list[CompositionWarning]:
    """Return the warnings on the table in a form; none while its columns and its filter have faults."""
    entry = form.planned_table
    return composition.table_warnings(form.row, entry, replaced) if entry is not None else []


@pages.page("releases.prepare")
@require_GET
def table_composition(request: HttpRequest, pk: int, unit: str) -> HttpResponse:
    """Show which groups the table in the form and the others disclose together. Store nothing."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    chosen = {snapshot.unit: snapshot for snapshot in source_snapshots.find_snapshots(row.snapshots)}
    if not request.headers.get("HX-Request"):  # without htmx this fragment would be shown as a page
        return redirect(f"{reverse('releases:add-table', args=[pk])}?of={unit}")
    values = source_snapshots.column_values(chosen[unit].name) if unit in chosen else {}
    form = TableForm(unit, values, row, None, request.GET or None)
    replaced = request.GET.get("instead", "")
    context = {"release": row, "warnings": form_warnings(form, replaced), "replaced": replaced}
    return TemplateResponse(request, "publishing/staff/_composition.html", context)


@pages.page("releases.prepare")
@require_POST
def change_table(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Apply a remedy to a table, remove it, or take one of its safe versions."""
    row, actor = find_release(request, pk, "releases.prepare"), actor_of(request)
    entry = next((entry for entry in row.spec.get("table", []) if entry["name"] == table), None)
    if entry is None:
        raise Http404
    action = request.POST.get("action", "")
    if action == composition.DROP_TABLE:
        run_action(request, lambda: compose.remove_table(actor, row, table))
        return redirect("releases:release", pk=pk)
    if action in composition.VERSION_ACTIONS:
        versioned = composition.with_version(entry, composition.VERSION_ACTIONS[action])
        run_action(request, lambda: compose.put_table(actor, row, versioned, table))
        run_action(request, lambda: check_services.ask_check(actor, row), _("The table is changed."))
        return redirect("releases:release", pk=pk)
    changed = composition.changed_table(entry, action, request.POST.get("column", ""))
    if changed is not None:
        run_action(request, lambda: compose.put_table(actor, row, changed, table), _("The table is changed."))
    return redirect("releases:release", pk=pk)


@pages.page("releases.prepare")
@require_POST
def remove_table(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Remove a table."""
    row = find_release(request, pk, "releases.prepare")
    run_action(request, lambda: compose.remove_table(actor_of(request), row, table))
    return redirect("releases:release", pk=pk)


@pages.page("releases.prepare")
@BOTH
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the text of a release, whose figures are tokens."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    initial = {f"prose_{lang}": value for lang, value in row.spec.get("prose", {}).items()}
    form = TextForm(request.POST or None, initial=initial)
    if save_form(form, lambda: compose.set_text(actor_of(request), row, form.texts_by_language("prose"))):
        return redirect("releases:release", pk=pk)
    checked = queries.get_files(row) or queries.last_draft(row)
    context = {"form": form, "release": row, "tokens": presenters_tables.list_tokens(checked) if checked else []}
    return TemplateResponse(request, "publishing/staff/text.html", context)


@pages.page("releases.prepare")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    row = find_release(request, pk, "releases.prepare")
    message = _("The draft is deleted. It was never public.")
    if run_action(request, lambda: compose.discard(actor_of(request), row), message):
        return redirect("releases:list")
    return redirect("releases:release", pk=pk)
