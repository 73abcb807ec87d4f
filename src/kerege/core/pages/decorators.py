"""View decorators: each view declares its action, or that it is public."""

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
from kerege.core import audit
from kerege.core.accounts import refusals
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization.actor import Actor
from kerege.core.authorization.rules import require
from kerege.web.forms import collect_forged_input

View = Callable[..., HttpResponseBase]
Show = Callable[[], HttpResponseBase]
PUBLIC = "public"


@dataclass(frozen=True)
class DraftMiddleware:
    """Middleware that saves drafts of forms.

    `around` wraps every staff view; a higher `order` wraps further out. `signed_out` responds to a form whose session
    has ended, before the redirect to the sign-in; the first response counts.
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
    draft_response = next((answer for answer in answers if answer is not None), None)
    return draft_response or redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}")


def page(action: str) -> Callable[[View], View]:
    """Decorate a staff view: require sign-in and the action, audit its reads, and set `request.actor`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            actor = actor_of(request)
            request.actor = actor  # type: ignore[attr-defined]
            require(actor, action)
            with audit.page(actor, action), collect_forged_input() as forged:
                response = _show(request, actor, partial(view, request, *args, **kwargs))
                if isinstance(response, TemplateResponse):
                    response.render()  # rendered here, so that the reads of the template are audited too
            if forged:
                audit.refuse_input(actor, "forms.refused_input", action, forged)
                refusals.count(actor)
            return response

        wrapped.access_action = action  # type: ignore[attr-defined]
        return wrapped

    return decorate


def stepped_up(view: View) -> View:
    """Require reauthentication for a view that exports, merges or reveals.

    This decorator is the innermost.

    A sign-in or confirmation within the last five minutes is enough. Form input is kept.
    """
    return _stepped_up(view, lambda request: request.method in {"GET", "POST"}, "always")


def stepped_up_to_post(view: View) -> View:
    """Require reauthentication only for POST: the page may be opened without it."""
    return _stepped_up(view, lambda request: request.method == "POST", "to post")


def stepped_up_to(*acts: str) -> Callable[[View], View]:
    """Require reauthentication for some acts of a page.

    An act is the value of `do` or the name of a button.
    """

    def needs_confirmation(request: HttpRequest) -> bool:
        return request.method == "POST" and (request.POST.get("do") in acts or not request.POST.keys().isdisjoint(acts))

    def decorate(view: View) -> View:
        return _stepped_up(view, needs_confirmation, "to " + ", ".join(acts))

    return decorate


def _stepped_up(view: View, when: Callable[[HttpRequest], bool], label: str) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from kerege.core.pages import reauthentication

        confirmation_page = reauthentication.ask(request) if when(request) else None
        return confirmation_page or view(request, *args, **kwargs)

    wrapped.stepped_up = label  # type: ignore[attr-defined]
    return wrapped


def public(view: View) -> View:
    """Mark a view as public."""
    view.access_action = PUBLIC  # type: ignore[attr-defined]
    return view
