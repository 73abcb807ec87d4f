"""Pages of attachments: add, download, remove, restore, receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases import timeline
from kerege.casework.cases.forms.records import FileForm, RemoveFileForm
from kerege.casework.cases.models.records import CaseFile
from kerege.casework.cases.services import attachments
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary.profile import active

ROWS = CaseFile.objects.select_related("case__record__data_key", "stored__data_key", "about__data_key")
# an uploaded file may not run scripts, load content or appear in a frame
SEALED_OFF = "sandbox; default-src 'none'; frame-ancestors 'none'"


def tab_url(pk: Any, code: str = "files") -> str:
    """Return the URL of a tab of a case."""
    return f"{reverse('cases:case', args=[pk])}?tab={code}"


def redirect_to_tab(response: HttpResponse, pk: Any, code: str = "files") -> HttpResponse:
    """Return a redirect to the tab when the form was saved (status 302); else the response itself."""
    return redirect(tab_url(pk, code)) if response.status_code == 302 else response


@pages.page("files.add")
@BOTH
def add(request: HttpRequest, pk: Any) -> HttpResponse:
    """Add a file to a case."""
    actor = actor_of(request)
    case = load(actor, pk, "files.add")
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()

    def save(data: dict[str, Any]) -> None:
        attachments.add_file(actor, case, form.draft())

    words = (_("Add a file"), _("Add the file"), _("The file is stored, encrypted."))
    return redirect_to_tab(
        change(request, case, form, save, words=words, template="cases/file_add.html", versioned=False), pk
    )


@pages.page("files.view")
@require_GET
def download(request: HttpRequest, pk: Any) -> HttpResponse:
    """Return a decrypted file under a name without personal data."""
    actor = actor_of(request)
    row = authorization.find(actor, CaseFile, action="files.view", rows=ROWS, pk=pk)
    try:
        opened = attachments.open_file(actor, row)
    except Refused:
        messages.error(
            request, _("This file cannot be opened because it was erased or damaged. Inform the administrator.")
        )
        return redirect(tab_url(row.case_id))
    response = HttpResponse(opened.data, content_type=opened.media)
    response.headers["Content-Disposition"] = f'attachment; filename="{opened.name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SEALED_OFF
    response.headers["Cache-Control"] = "no-store, private"
    return response


@pages.page("files.remove")
@BOTH
def remove(request: HttpRequest, pk: Any) -> HttpResponse:
    """Remove a file, which is destroyed some days later."""
    actor = actor_of(request)
    row = authorization.find(actor, CaseFile, action="files.remove", rows=ROWS, pk=pk)
    case = load(actor, row.case_id, "cases.change")
    form = RemoveFileForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        attachments.remove_file(actor, row, data["reason"])

    words = (_("Remove the file"), _("Remove"), _("The file is removed."))
    response = change(
        request,
        case,
        form,
        save,
        words=words,
        template="cases/file_remove.html",
        versioned=False,
        file=row,
        undo_days=active().removed_files.undo_days,
    )
    return redirect("cases:file-receipt", pk=pk) if response.status_code == 302 else response


@pages.page("files.remove")
@require_POST
def put_back(request: HttpRequest, pk: Any) -> HttpResponse:
    """Restore a removed file."""
    actor = actor_of(request)
    row = authorization.find(actor, CaseFile, action="files.remove", rows=ROWS, pk=pk)
    try:
        attachments.restore_file(actor, row)
        messages.success(request, _("The file is restored."))
    except BadInput as error:
        for fault in error.faults:
            messages.error(request, f"{_(fault.what)}: {_(fault.todo)}.")
    return redirect(tab_url(row.case_id))


@pages.page("files.view")
@require_GET
def receipt(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the receipt of a removed file."""
    actor = actor_of(request)
    row = authorization.find(actor, CaseFile, action="files.view", rows=ROWS, pk=pk)
    if row.removed_at is None:
        return redirect(tab_url(row.case_id))
    known = timeline.directory([row.removed_by])
    can_restore = row.may_be_put_back and not row.case.is_erased and authorization.allows(actor, "files.remove", row)
    context = {"file": row, "by": known.worker(row.removed_by), "may_put_back": can_restore}
    return TemplateResponse(request, "cases/file_receipt.html", context)
