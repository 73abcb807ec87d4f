"""Staff pages to check, approve, correct and withdraw a release."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.evidence.release.manifest import DraftManifest
from kerege.publishing.composer import composition, conclusion
from kerege.publishing.composer.forms import ApproveForm, DeputyForm, WithdrawForm
from kerege.publishing.composer.views import BOTH, find_release, list_tables, run_action, show_faults
from kerege.publishing.gate import error_messages, run_gate
from kerege.publishing.gate import messages as gate_messages
from kerege.publishing.presenters import microdata, prevalence, privacy_budget, tables, versions
from kerege.publishing.releases import protection_versions, queries
from kerege.publishing.releases.models import Deputy, Release
from kerege.publishing.releases.services import approve as approve_services
from kerege.publishing.releases.services import check as check_services
from kerege.publishing.releases.services import compose
from kerege.publishing.releases.services import deputies as deputy_services
from kerege.publishing.releases.services.check import DEAD, missing_parts
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import languages

PAGE = 25
# Findings that the page shows in full; the rest are only counted.
MOST = 6
# A check that no worker has taken after this time is reported as stuck.
WAITING = timedelta(seconds=20)
State = Release.State


@pages.page("releases.read")
@require_GET
def list_releases(request: HttpRequest) -> HttpResponse:
    """List all releases with their state."""
    actor = actor_of(request)
    context = {
        "page": get_page_of_rows(queries.readable_releases(actor), PAGE, request.GET.get("page")),
        "may_prepare": authorization.allows(actor, "releases.prepare"),
        "may_appoint": authorization.allows(actor, "releases.appoint"),
        "spending": privacy_budget.recent_budgets(),
    }
    return TemplateResponse(request, "publishing/staff/list.html", context)


@pages.page("releases.read")
@require_GET
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a release: missing parts, findings of the gate, and a preview of its contents."""
    row = find_release(request, pk, "releases.read")
    return TemplateResponse(request, "publishing/staff/release.html", release_context(actor_of(request), row))


def release_context(actor: Actor, row: Release) -> dict[str, Any]:
    """Return the template context of a release's page."""
    files, now = queries.get_files(row), timezone.now()
    comparisons = list_comparisons(row, files) if row.is_open else []
    return {
        "release": row,
        "shown_state": row.state_now,
        "may": release_rights(actor, row),
        "lacking": [
            (fault.column, error_messages.fault_sentence(fault.what, fault.todo)) for fault in missing_parts(row)
        ],
        "faults": [
            (error_messages.fault_sentence(fault["what"], fault["todo"]), fault["column"])
            for fault in row.faults
            if row.state != State.REFUSED
        ],
        "listed": list_tables(row),
        "comparisons": comparisons,
        "single_versions": [comparison for comparison in comparisons if not comparison.is_choice],
        "warnings": composition.release_warnings(row) if row.is_open else [],
        "listed_records": microdata.list_microdata(row),
        "progress": microdata.read_progress(row.pk, row.check_number) if row.state == State.CHECKING else {},
        "is_draft_lost": queries.is_draft_lost(row),
        "stuck": row.state == State.CHECKING and _is_stuck(row),
        "revisions": row.revisions.exclude(state=State.DRAFT),
        "is_public": row.is_public(now),
        "spending": privacy_budget.period_budget(row.period),
        "ledger_loss": privacy_budget.ledger_loss(),
    } | (_contents(files) | _assessment_context(actor, row, files) if files else _refused(row))


def list_comparisons(row: Release, files: ReleaseFiles | None) -> list[versions.DisplayedComparison]:
    """Return the suppressed and the rounded versions of the tables of a checked draft."""
    if files is None:
        return []
    compared = protection_versions.read_comparison(run_gate.staff_folder(row.pk, row.check_number))
    taken = {
        entry.name: "rounded" if entry.cells.perturbed else "suppressed"
        for entry in files.manifest.tables
        if entry.method == "suppress" and not protection_versions.is_merged(entry.params)
    }
    return versions.present_versions(compared, row.spec.get("table", []), taken)


def _assessment_context(actor: Actor, row: Release, files: ReleaseFiles) -> dict[str, Any]:
    """Return the synthetic microdata and the conclusion; the evaluation only for those who may read it."""
    may_read = authorization.allows(actor, "releases.evaluation", row)
    sets = microdata.present_microdata(files, run_gate.staff_folder(row.pk, row.check_number) if may_read else None)
    context = {
        "records": sets,
        "may_evaluation": may_read,
        "loss": privacy_budget.claimed_loss(files.manifest.privacy),
        "outside": sets and any(map(privacy_budget.is_outside_account, files.manifest.tables)),
    }
    if row.state != State.READY:
        return context
    report, entries = _findings_source(files)
    known = len(gate_messages.list_findings(report, entries, known=True))
    return context | {
        "conclusion": conclusion.build_conclusion(report.get("examined", {}), known, sets, may_read_evaluation=may_read)
    }


def _findings_source(files: ReleaseFiles) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the attack report, or {}, and the entries of the tables of the draft and of signed releases."""
    report = files.manifest.attack
    own = [entry.tree for entry in files.manifest.tables]
    if report is None or not getattr(report, "disclosures", ()):
        return report.tree if report else {}, own
    earlier = [
        entry.tree | {"release_label": release.manifest.title["en"]}
        for release in queries.signed_files()
        for entry in release.manifest.tables
    ]
    return report.tree, [*own, *earlier]


def _refused(row: Release) -> dict[str, Any]:
    """Return the reasons why the gate could not make a safe draft; {} unless the release is refused."""
    if row.state != State.REFUSED:
        return {}
    texts = [str(fault["what"]) for fault in row.faults]
    return {
        "new": [error_messages.describe_refusal(text, row.spec.get("table", [])) for text in texts],
        "no_variant": not any(map(error_messages.table_to_leave_out, texts)),
    }


def _contents(files: ReleaseFiles) -> dict[str, Any]:
    """Return the contents of the checked draft or the signed release, with the findings on it."""
    report, entries = _findings_source(files)
    new = gate_messages.list_findings(report, entries, known=False)
    known = gate_messages.list_findings(report, entries, known=True)
    cells = [entry.cells for entry in files.manifest.tables]
    return {
        "files": files,
        "tables": tables.present_tables(files),
        "texts": tables.present_texts(files, languages.offered()),
        "estimates": prevalence.present_estimates(files),
        "new": new[:MOST],
        "new_more": max(0, len(new) - MOST),
        "known": known[:MOST],
        "known_more": max(0, len(known) - MOST),
        "pending": files.manifest.pending if isinstance(files.manifest, DraftManifest) else [],
        "tally": {
            name: sum(getattr(counts, name) for counts in cells)
            for name in ("published", "suppressed", "perturbed", "noised")
        },
    }


def release_rights(actor: Actor, row: Release) -> dict[str, bool]:
    """Return for each action on a release whether the actor may do it, by rights and state."""
    can_prepare = authorization.allows(actor, "releases.prepare", row)
    can_approve = authorization.allows(actor, "releases.approve", row)
    is_composer = row.prepared_by_id == actor.user_id or row.hands.filter(pk=actor.user_id).exists()
    is_public = row.is_public(timezone.now())
    return {
        "prepare": can_prepare and row.is_open,
        "approve": can_approve and not is_composer and row.state == State.READY,
        "own": can_approve and is_composer,
        "take_back": can_approve and row.state == State.APPROVED and not is_public,
        "withdraw": can_approve and is_public,
        "correct": can_prepare and is_public and not row.revisions.filter(state__in=("approved", "published")).exists(),
    }


def _is_stuck(row: Release) -> bool:
    """Return whether a check waits for a worker, or runs, for too long."""
    now = timezone.now()
    if row.check_began_at is not None:
        return row.check_began_at < now - DEAD
    return row.check_asked_at is not None and row.check_asked_at < now - WAITING


@pages.page("releases.prepare")
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Request the check of a draft."""
    row = find_release(request, pk, "releases.prepare")
    run_action(request, lambda: _report_immediate_check(request, check_services.ask_check(actor_of(request), row)))
    return redirect("releases:release", pk=pk)


def _report_immediate_check(request: HttpRequest, is_queued: bool) -> None:
    if not is_queued:
        messages.info(request, _("The background worker is not running, so the gate checked it at once."))


@pages.page("releases.prepare")
@require_POST
def check_here(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a check in this process that no worker has taken."""
    row = find_release(request, pk, "releases.prepare")
    run_action(request, lambda: check_services.check_here(actor_of(request), row))
    return redirect("releases:release", pk=pk)


@pages.page("releases.prepare")
@require_POST
def take_safe(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace the draft by the gate's safe variant and request its check."""
    row = find_release(request, pk, "releases.prepare")
    run_action(
        request, lambda: _report_immediate_check(request, check_services.adopt_safe_variant(actor_of(request), row))
    )
    return redirect("releases:release", pk=pk)


@pages.page("releases.read")
@require_GET
def table_file(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Send a table of a draft or release as CSV."""
    files = queries.get_files(find_release(request, pk, "releases.read"))
    published = files.tables.get(table) if files else None
    if published is None:
        raise Http404
    name = f"draft-{table}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(published.content, content_type="text/csv; charset=utf-8", headers=headers)


@pages.page("releases.approve")
@BOTH
@pages.stepped_up_to_post
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what will become public, and approve it after reauthentication."""
    row, actor = find_release(request, pk, "releases.approve"), actor_of(request)
    if row.state != State.READY or queries.is_draft_lost(row):
        return redirect("releases:release", pk=pk)
    form = ApproveForm(request.POST or None, initial={"draft": row.draft_sha256})
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            row = approve_services.approve(actor, row, data["draft"], known_read=data["known_read"])
            messages.success(request, _approved_words(row))
            return redirect("releases:release", pk=pk)
        except BadInput as bad:
            for fault in bad.faults:
                form.add_error(
                    fault.column if fault.column in form.fields else None,
                    error_messages.fault_sentence(fault.what, fault.todo),
                )
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("releases:release", pk=pk)
    return TemplateResponse(request, "publishing/staff/approve.html", release_context(actor, row) | {"form": form})


def _approved_words(row: Release) -> str:
    if row.is_public(timezone.now()):
        return _("The release is approved, signed and public.")
    return _("The release is approved and signed. The system publishes it at the chosen hour.")


@pages.page("releases.approve")
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish a signing that was interrupted."""
    row = find_release(request, pk, "releases.approve")
    run_action(request, lambda: approve_services.sign(actor_of(request), row))
    return redirect("releases:release", pk=pk)


@pages.page("releases.withdraw")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an approved release before its embargo ends."""
    row = find_release(request, pk, "releases.withdraw")
    message = _("The release is withdrawn before publication. No outside reader has seen it.")
    run_action(request, lambda: approve_services.take_back(actor_of(request), row), message)
    return redirect("releases:release", pk=pk)


@pages.page("releases.prepare")
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Create the draft of a correction of a public release."""
    row = find_release(request, pk, "releases.prepare")
    try:
        correction = compose.correct(actor_of(request), row)
    except BadInput as error:
        show_faults(request, error)
        return redirect("releases:release", pk=pk)
    return redirect("releases:about", pk=correction.pk)


@pages.page("releases.withdraw")
@BOTH
@pages.stepped_up_to_post
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a public release, with a public reason."""
    row, form = find_release(request, pk, "releases.withdraw"), WithdrawForm(request.POST or None)
    if not row.is_public(timezone.now()):
        return redirect("releases:release", pk=pk)
    if request.method == "POST" and form.is_valid():
        message = _("The release is withdrawn. The public page shows the reason.")
        run_action(
            request,
            lambda: approve_services.withdraw(actor_of(request), row, form.texts_by_language("reason")),
            message,
        )
        return redirect("releases:release", pk=pk)
    return TemplateResponse(request, "publishing/staff/withdraw.html", {"form": form, "release": row})


@pages.page("releases.appoint")
@BOTH
@pages.stepped_up_to_post
def deputies(request: HttpRequest) -> HttpResponse:
    """List the deputies and appoint one."""
    actor = actor_of(request)
    form = DeputyForm(actor.user_id, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            deputy_services.appoint(actor, data["user"], data["from_on"], data["until_on"])
            messages.success(request, _("The deputy can approve in these days."))
            return redirect("releases:deputies")
        except BadInput as bad:
            for fault in bad.faults:
                form.add_error(None, error_messages.fault_sentence(fault.what, fault.todo))
    context = {"form": form, "deputies": queries.current_deputies()}
    return TemplateResponse(request, "publishing/staff/deputies.html", context)


@pages.page("releases.appoint")
@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """End the appointment of a deputy."""
    row = authorization.find(actor_of(request), Deputy, action="releases.appoint", pk=pk)
    deputy_services.end_appointment(actor_of(request), row)
    messages.success(request, _("The deputy no longer approves."))
    return redirect("releases:deputies")
