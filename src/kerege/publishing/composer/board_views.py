"""Page that takes a figure of a board into a release."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.publishing.composer import board_tables
from kerege.publishing.composer.board_form import PrepareForm
from kerege.publishing.composer.views import BOTH
from kerege.publishing.gate import error_messages
from kerege.publishing.gate import messages as gate_messages
from kerege.publishing.releases.services.compose import Spec


@pages.page("releases.propose")
@BOTH
def prepare(request: HttpRequest) -> HttpResponse:
    """Show what the tables of a board's figure count and where they are, and declare them in a draft."""
    names = request.GET.getlist("table")
    if not names:
        return redirect("desk:home")  # an address without a figure leads to the boards
    tables = board_tables.find_tables(names)
    if not tables:
        raise Http404
    actor, holders = actor_of(request), board_tables.list_holders()
    composes = authorization.allows(actor, "releases.prepare")
    drafts = [holder for holder in holders if holder.is_draft] if composes else []
    form = PrepareForm(drafts, request.POST or None, {"period": str(timezone.localdate().year)})
    if request.method == "POST" and form.is_valid():
        try:
            if form.chosen is not None and form.chosen.row is not None:
                board_tables.add_to_draft(actor, form.chosen.row, tables)
                return redirect("releases:release", pk=form.chosen.row.pk)
            draft = board_tables.start_draft(actor, tables, form.new_period)
            if composes:
                return redirect("releases:data", pk=draft.pk)
            messages.success(request, _("The draft is there. An analyst or a publisher completes it."))
            return redirect("desk:home")
        except BadInput as error:
            for fault in error.faults:
                form.add_error(None, error_messages.fault_sentence(fault.what, fault.todo))
    context = {"form": form, "composes": composes, "tables": [_describe(entry, holders) for entry in tables]}
    return TemplateResponse(request, "publishing/staff/prepare.html", context)


def _describe(entry: Spec, holders: list[board_tables.TableHolder]) -> tuple[str, list[board_tables.TableHolder]]:
    """Return the title of a table, and the releases that hold it."""
    key = board_tables.table_key(entry)
    return gate_messages.table_title(entry), [holder for holder in holders if key in holder.tables]
