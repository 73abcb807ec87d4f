"""Page of the targets: their history, and the form of a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput
from kerege.casework.desk import targets
from kerege.casework.desk.boards.comparison import target_number
from kerege.casework.desk.target_form import TargetForm
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of


@pages.page("targets.set")
@require_http_methods(["GET", "POST"])
def show_targets(request: HttpRequest) -> HttpResponse:
    """Show every target that was ever set, and set one."""
    actor, form = actor_of(request), TargetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            targets.set_target(actor, form.draft)
            messages.success(request, _("The target is set. The boards show it."))
            return redirect("desk:targets")
        except BadInput as error:
            for fault in error.faults:
                form.add_error(fault.column or None, f"{_(fault.what)}: {_(fault.todo)}.")
    reads_programme = authorization.allows(actor, "desk.coordinator_board")
    context = {
        "form": form,
        "targets": [(row, target_number(row)) for row in targets.list_targets()],
        "board": "desk:coordinator-board" if reads_programme else "desk:ministry-board",
    }
    return TemplateResponse(request, "desk/targets.html", context)
