"""Staff pages to choose the synthetic microdata of a release and to read their evaluation."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.evidence.release.microdata.build import PARTS
from kerege.publishing.composer import utility_forecast
from kerege.publishing.composer.microdata_form import DIVIDED, RecordsForm
from kerege.publishing.composer.views import BOTH, find_release, get_open_release, run_action, save_form
from kerege.publishing.gate import messages as gate_messages
from kerege.publishing.gate import run_gate
from kerege.publishing.presenters import microdata as records
from kerege.publishing.releases import queries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import compose
from kerege.publishing.site.release_views import KINDS
from kerege.vocabulary import snapshot_columns as standard
from kerege.web.templatetags.kerege import language

POLICY, NOTHING = "Content-Security-Policy", "'none'"
# part of a microdata file's name, by its spelling in an address
KIND = {part.replace(".", "-"): part for part in PARTS}


@pages.page("releases.prepare")
@BOTH
def edit(request: HttpRequest, pk: int, records: str = "") -> HttpResponse:
    """Add or change a synthetic microdata set, with the forecast of its cost and accuracy."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    before, of = _before(row, records), _unit(request, row, records)
    context: dict[str, Any] = {"release": row, "before": before, "unit": gate_messages.unit_title(of), "of": of}
    if not of:
        return TemplateResponse(request, "publishing/staff/records_unit.html", context | {"units": _choices(row)})
    form = RecordsForm(of, row, before, request.POST or None)
    is_forecast_only = request.POST.get("do") == "predict"
    if not is_forecast_only and save_form(
        form, lambda: compose.put_microdata(actor_of(request), row, form.entry, records)
    ):
        messages.success(request, _("The synthetic records are in the release. Nothing is spent before it is checked."))
        return redirect("releases:release", pk=pk)
    context |= _predicted(row, form, records) | {"form": form, "divided": _is_divided(form)}
    return TemplateResponse(request, "publishing/staff/records.html", context)


def _before(row: Release, name: str) -> dict[str, Any] | None:
    existing = {entry["name"]: entry for entry in row.spec.get("microdata", [])}
    if name and name not in existing:
        raise Http404
    return dict(existing[name]) if name else None


def _unit(request: HttpRequest, row: Release, name: str) -> str:
    """Return the unit of an existing set, else the chosen unit, else the only one available; or ''."""
    if before := _before(row, name):
        return str(before["of"])
    units = records.snapshot_names(row.snapshots)
    of = request.GET.get("of", next(iter(units)) if len(units) == 1 else "")
    return of if of in units else ""


def _choices(row: Release) -> list[tuple[str, str]]:
    return [(unit, gate_messages.unit_title(unit)) for unit in records.snapshot_names(row.snapshots)]


def _predicted(row: Release, form: RecordsForm, name: str) -> dict[str, Any]:
    """Return the forecast, or the first fault of the cohort fields that prevents it."""
    prediction = utility_forecast.predict_utility(row, form.forecast_entry, name, form.reported_values)
    faults = (form.errors[field][0] for field in DIVIDED if form.is_bound and field in form.errors)
    return {"prediction": None if (fault := next(faults, "")) else prediction, "wrong": fault}


def _is_divided(form: RecordsForm) -> bool:
    """Return whether a cohort field is filled in or faulty; its section is then shown open."""
    return any(form[field].value() or form[field].errors for field in DIVIDED)


@pages.page("releases.prepare")
@require_GET
def prediction(request: HttpRequest, pk: int, unit: str) -> HttpResponse:
    """Show the forecast of accuracy and cost for the choices in the form. Nothing is charged or stored."""
    row = get_open_release(request, pk)
    if isinstance(row, HttpResponse):
        return row
    if not standard.a_person_a_row(unit):
        raise Http404
    if not request.headers.get("HX-Request"):  # without htmx this fragment would be shown as a page
        return redirect(f"{reverse('releases:add-records', args=[pk])}?of={unit}")
    form = RecordsForm(unit, row, None, request.GET or None)
    context = _predicted(row, form, request.GET.get("instead", ""))
    return TemplateResponse(request, "publishing/staff/_prediction.html", context)


@pages.page("releases.prepare")
@require_POST
def remove(request: HttpRequest, pk: int, records: str) -> HttpResponse:
    """Remove a synthetic microdata set."""
    row = find_release(request, pk, "releases.prepare")
    run_action(request, lambda: compose.remove_microdata(actor_of(request), row, records))
    return redirect("releases:release", pk=pk)


@pages.page("releases.evaluation")
@require_GET
def evaluation(request: HttpRequest, pk: int, records: str) -> HttpResponse:
    """Show the evaluation of a set as a self-contained page, in the reader's language."""
    row = find_release(request, pk, "releases.evaluation")
    files = queries.get_files(row)
    if files is None or records not in {entry.name for entry in files.manifest.microdata}:
        raise Http404
    try:
        content = (run_gate.staff_folder(row.pk, row.check_number) / f"{records}.{language()}.html").read_bytes()
    except OSError:
        raise Http404 from None
    return HttpResponse(content, content_type="text/html; charset=utf-8", headers={POLICY: _only_its_style(content)})


def _only_its_style(content: bytes) -> str:
    """Return a content security policy that allows the page's own style sheets and nothing else."""
    sheets = re.findall(rb"<style>(.*?)</style>", content, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(sheet).digest()).decode() for sheet in sheets]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return f"sandbox; default-src 'none'; style-src {allowed or NOTHING}; frame-ancestors 'none'"


@pages.page("releases.read")
@require_GET
def file(request: HttpRequest, pk: int, records: str, kind: str) -> HttpResponse:
    """Send a file of a synthetic microdata set."""
    files = queries.get_files(find_release(request, pk, "releases.read"))
    if files is None or kind not in KIND or records not in {entry.name for entry in files.manifest.microdata}:
        raise Http404
    name = f"{records}.{KIND[kind]}"
    try:
        content = (files.path / "microdata" / name).read_bytes()
    except OSError:
        raise Http404 from None
    headers = {"Content-Disposition": f'attachment; filename="draft-{name}"'}
    content_type = KINDS.get(f".{name.rpartition('.')[2]}", "application/octet-stream")
    return HttpResponse(content, content_type=content_type, headers=headers)
