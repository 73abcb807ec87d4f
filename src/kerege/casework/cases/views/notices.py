"""The page that opens a notice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services import notifications
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of


@pages.page("notices.read")
@require_POST
def notice(request: HttpRequest, pk: Any) -> HttpResponse:
    """Mark a notice as read, and redirect to its target."""
    actor = actor_of(request)
    row = authorization.find(actor, Notice, action="notices.read", pk=pk)
    notifications.read_notice(actor, row)
    return redirect(notifications.notice_url(row) or "desk:home")
