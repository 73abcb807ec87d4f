"""Access statement for the person, in their language."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from kerege.casework.cases.queries import access_history
from kerege.casework.cases.views.case import load
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit, pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary.profile import active


@pages.page("history.print")
@require_GET
@pages.stepped_up
def statement(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the access statement in one of the country's languages.

    Printing it is an audited access too, so the next statement contains it.
    """
    actor = actor_of(request)
    case = load(actor, pk, "history.print")
    languages = active().languages
    spoken = vault.read(actor, case.record).get("languages", [])
    requested = request.GET.get("in") or next(
        (code for code in spoken if code in languages), translation.get_language()
    )
    language = requested if requested in languages else active().default_language
    audit.note(language=language)
    with translation.override(language):
        context = {
            "case": case,
            "lines": access_history.list_accesses(case),
            "today": timezone.localdate(),
            "language": language,
            "languages": languages,
        }
        response = TemplateResponse(request, "cases/statement.html", context)
        response.render()
    return response
