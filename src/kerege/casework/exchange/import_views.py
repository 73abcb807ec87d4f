"""Page to bring in a file of records: check it, download a corrected sheet, import it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput
from kerege.casework.exchange.fault_texts import note_text, text_of
from kerege.casework.exchange.forms import ImportForm
from kerege.casework.exchange.htcds.column_renaming import MapTree
from kerege.casework.exchange.map_fields import heading_fields, kept_values, meanings, tree_of, value_fields
from kerege.casework.exchange.named_maps import maps_of, save_map
from kerege.casework.exchange.upload_preview import Preview, corrected_sheet, digest_of, read_upload
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.web.forms import offer
from kerege.web.templatetags.kerege import language

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.page("exchange.import_own")
@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Check a file, give back a corrected sheet, or import it after a check of the same file."""
    saved = {row.name: row.content for row in maps_of(actor_of(request))}
    form = ImportForm(request.POST or None, request.FILES or None)
    offer(form, "map", [("", _("None")), *((name, name) for name in saved)])
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    actor, file, options = actor_of(request), form.upload(), form.options()
    act = request.POST.get("do", "check")
    tree = tree_of(request.POST, form.reading(), saved.get(form.cleaned_data["map"], {}))
    is_checked = request.POST.get("checked") == digest_of(file, options, tree)
    if act == "import" and not is_checked:
        form.add_error("file", _("This is not the file that was checked, or an answer changed. Check it first."))
        return _page(request, form)
    preview = read_upload(actor, file, options, tree, dry_run=act != "import")
    if act == "save":
        _save_map(actor, form, tree)
    if act == "sheet" and preview.rows:
        return _sheet(preview)
    return _page(request, form, preview, tree, done=act == "import" and preview.summary is not None)


def _save_map(actor: Actor, form: ImportForm, tree: MapTree) -> None:
    """Save the map of the page under its name; a fault is shown at the name."""
    try:
        save_map(actor, form.cleaned_data["map_name"], tree)
    except BadInput as error:
        form.add_error("map_name", " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))


def _sheet(preview: Preview) -> HttpResponse:
    """Return the corrected sheet, under a name without personal data."""
    texts = [text_of(cell_fault.fault) for cell_fault in preview.faults]
    response = HttpResponse(corrected_sheet(preview, language(), texts), content_type=WORKBOOK)
    response.headers["Content-Disposition"] = 'attachment; filename="corrected.xlsx"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _page(
    request: HttpRequest,
    form: ImportForm,
    preview: Preview | None = None,
    tree: MapTree | None = None,
    *,
    done: bool = False,
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "preview": preview, "done": done}
    is_saved = request.POST.get("do") == "save" and preview is not None and not form.errors
    if preview is not None:
        context |= {
            "saved_map": is_saved,
            "headings": heading_fields(preview),
            "meanings": meanings(language()),
            "kept_values": kept_values(tree or {}),
            "values": value_fields(preview, language()),
            "columns": [(column, column.label(language())) for column in preview.columns],
            "faults": [(cell_fault, text_of(cell_fault.fault)) for cell_fault in preview.faults],
            "notes": [note_text(note) for note in preview.notes],
            "checked": preview.digest if preview.summary is not None and not done else "",
        }
    return TemplateResponse(request, "exchange/import.html", context)
