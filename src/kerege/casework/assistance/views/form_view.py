"""Shared view of the forms of assistance: it returns to the assistance tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.changes import change
from kerege.web.forms import Form

TAB = "?tab=assistance"


def get_tab_url(case: Case) -> str:
    """Return the URL of the assistance tab of a case."""
    return reverse("cases:case", args=[case.pk]) + TAB


def save_form(
    request: HttpRequest,
    case: Case,
    form: Form,
    save: Callable[[dict[str, Any]], Any],
    words: tuple[str, str, str],
    back: str = "",
    **options: Any,
) -> HttpResponse:
    """Show or save a form. It only adds rows, so it does not check the case's version for stale edits."""
    answer = change(request, case, form, save, words=words, versioned=False, back=back or get_tab_url(case), **options)
    return redirect(back or get_tab_url(case)) if answer.status_code == 302 else answer
