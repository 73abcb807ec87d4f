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
from kerege.casework.desk.target_form import TargetForm
from kerege.core import pages
from kerege.core.accounts.actors import actor_of


@pages.page("targets.set")
@require_http_methods(["GET", "POST"])
def show_targets(request: HttpRequest) -> HttpResponse:
    """Show every target that was ever set, and set one."""
    form = TargetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            targets.set_target(actor_of(request), form.draft)
            messages.success(request, _("The target is set. The boards show it."))
            return redirect("desk:targets")
        except BadInput as error:
            for fault in error.faults:
                form.add_error(fault.column or None, f"{_(fault.what)}: {_(fault.todo)}.")
    return TemplateResponse(request, "desk/targets.html", {"form": form, "targets": targets.list_targets()})
