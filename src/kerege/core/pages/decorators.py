"""Decorators of views: every view says which action it serves, or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse

from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization.actor import Actor
from kerege.core.authorization.rules import require

View = Callable[..., HttpResponseBase]
Show = Callable[[], HttpResponseBase]
PUBLIC = "public"


@dataclass(frozen=True)
class DraftMiddleware:
    """Keeps what is typed into forms.

    `around` goes around every view of staff, a higher `order` further out. `signed_out` answers a form whose session is
    over, before its sender is led to the sign-in; the first answer counts.
    """

    name: str
    around: Callable[[HttpRequest, Actor, Show], HttpResponseBase]
    signed_out: Callable[[HttpRequest], HttpResponseBase | None]
    order: int = DEFAULT_ORDER


draft_middleware: Registry[DraftMiddleware] = Registry("draft middleware")


def _show(request: HttpRequest, actor: Actor, show: Show) -> HttpResponseBase:
    for middleware in draft_middleware.all():
        show = partial(middleware.around, request, actor, show)
    return show()


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    answers = (middleware.signed_out(request) for middleware in draft_middleware.all())
    kept = next((answer for answer in answers if answer is not None), None)
    return kept or redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}")


def page(action: str) -> Callable[[View], View]:
    """Decorate a staff view: signed in, granted the action, reads traced; `request.actor` is set."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # imported late: the audit knows actors and refusals, so it imports this package
            from kerege.core import audit

            if not request.user.is_authenticated:
                return _to_sign_in(request)
            actor = actor_of(request)
            request.actor = actor  # type: ignore[attr-defined]
            require(actor, action)
            with audit.page(actor, action):
                response = _show(request, actor, partial(view, request, *args, **kwargs))
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
    return _stepped_up(view, lambda request: request.method in {"GET", "POST"}, "always")


def stepped_up_to_post(view: View) -> View:
    """The same for a page whose form changes rights, and which anybody granted it may open."""
    return _stepped_up(view, lambda request: request.method == "POST", "to post")


def stepped_up_to(*acts: str) -> Callable[[View], View]:
    """The same for a page of several acts: only these ask again. An act is what the button `do` says, or a button."""

    def asks(request: HttpRequest) -> bool:
        return request.method == "POST" and (request.POST.get("do") in acts or not request.POST.keys().isdisjoint(acts))

    def decorate(view: View) -> View:
        return _stepped_up(view, asks, "to " + ", ".join(acts))

    return decorate


def _stepped_up(view: View, when: Callable[[HttpRequest], bool], told: str) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from kerege.core.pages import reauthentication

        asked = reauthentication.ask(request) if when(request) else None
        return asked or view(request, *args, **kwargs)

    wrapped.stepped_up = told  # type: ignore[attr-defined]
    return wrapped


def public(view: View) -> View:
    """Mark a view that anybody may read."""
    view.access_action = PUBLIC  # type: ignore[attr-defined]
    return view
