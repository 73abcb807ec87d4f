"""Every view says which action it serves, or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse

from kerege.core.access.actor import Actor
from kerege.core.access.rules import require

View = Callable[..., HttpResponseBase]
PUBLIC = "public"


def page(action: str) -> Callable[[View], View]:
    """Decorate a staff view: signed in, granted the action, reads traced; `request.actor` is set."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # imported late: the audit knows actors and refusals, so it imports this package
            from kerege.core import audit

            if not request.user.is_authenticated:
                return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}")
            actor = Actor.of(request)
            request.actor = actor  # type: ignore[attr-defined]
            require(actor, action)
            with audit.page(actor, action):
                response = view(request, *args, **kwargs)
                if isinstance(response, TemplateResponse):
                    response.render()  # inside, so that what the template reads is traced too
            return response

        wrapped.access_action = action  # type: ignore[attr-defined]
        return wrapped

    return decorate


def stepped_up(view: View) -> View:
    """Decorate, innermost, a view that exports, merges or reveals: it asks again who is there.

    Nothing is asked of whoever signed in or confirmed within the last five minutes. What was typed into a form is kept.
    """
    return _stepped_up(view, {"GET", "POST"})


def stepped_up_to_post(view: View) -> View:
    """The same for a page whose form changes rights, and which anybody granted it may open."""
    return _stepped_up(view, {"POST"})


def _stepped_up(view: View, methods: set[str]) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from kerege.core.accounts import stepping

        asked = stepping.ask(request) if request.method in methods else None
        return asked or view(request, *args, **kwargs)

    return wrapped


def public(view: View) -> View:
    """Mark a view that anybody may read."""
    view.access_action = PUBLIC  # type: ignore[attr-defined]
    return view
