"""Middleware of all requests.

It closes the scope, limits sessions, requires the second factor, limits uploads, sets headers and answers refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.accounts import refusals as refusals_of_actor
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.demo_sign_in import is_demo_session
from kerege.core.audit import clock
from kerege.core.audit.client_place import requested_from
from kerege.core.authorization import Denied, session_scope

Handler = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
METHODS = ("GET", "HEAD", "POST")
REFUSED_UNTIL = "refused_until"
REFRESH = 60
# multiples of UPLOAD_LIMIT: above FLOOD a request is refused, above PATIENCE its body is not even read; CHUNK in bytes
FLOOD, PATIENCE, CHUNK = 10, 100, 1024**2
SIGN_OUT = "account_logout"
FORGED = "forms.refused_input"  # action
# views that a user without a second factor may open: its set-up, sign-out, language and agency
ENROLMENT = ("mfa_", "account_", "accounts:language", "accounts:agency")


def close_session_scope(get_response: Handler) -> Handler:
    """Close the session scope until a page opens it: before, guarded tables return no rows."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with session_scope.closed():
            return get_response(request)

    return middleware


def client_place(get_response: Handler) -> Handler:
    """Note the place of the client in the audit events of the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with requested_from(client_ip(request)):
            return get_response(request)

    return middleware


def known_methods(get_response: Handler) -> Handler:
    """Refuse every method but GET, HEAD and POST outside of the API, whose operations name their methods."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in METHODS or request.path.startswith("/api/"):
            return get_response(request)
        return HttpResponseNotAllowed(METHODS)

    return middleware


def session_limits(get_response: Handler) -> Handler:
    """End a session at its absolute age limit or its idle limit."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _is_over(request):
            logout(request)
        return get_response(request)

    return middleware


def _is_over(request: HttpRequest) -> bool:
    moment = clock.now()
    now = int(moment.timestamp())
    began = request.session.setdefault(SIGNED_IN_AT, now)
    seen = request.session.get(SEEN_AT, now)
    if clock.is_later_than(seen, moment) or clock.is_later_than(began, moment):
        return True
    if now - began >= settings.SESSION_ABSOLUTE_AGE or now - seen >= settings.SESSION_COOKIE_AGE:
        return True
    # the time of the last request is written once a minute, not with each request
    if SEEN_AT not in request.session or now - seen >= REFRESH:
        request.session[SEEN_AT] = now
    return False


def second_factor(get_response: Handler) -> Handler:
    """Let users without a second factor only set one up. Demo sessions are exempt."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        public = getattr(view, "access_action", "") == "public"
        if public or not request.user.is_authenticated or name.startswith(ENROLMENT):
            return None
        if is_demo_session(request) or is_mfa_enabled(request.user):
            return None
        return redirect(reverse("mfa_index"))

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def too_large(get_response: Handler) -> Handler:
    """Refuse a far too large request with status 413 and the size limit.

    The rest of its body is read and dropped.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size <= FLOOD * settings.UPLOAD_LIMIT:
            return get_response(request)
        if (
            size <= PATIENCE * settings.UPLOAD_LIMIT
        ):  # a browser shows the response only after it has sent the whole body
            with suppress(OSError):
                while request.read(CHUNK):
                    pass
        context = {"megabytes": settings.UPLOAD_LIMIT // 1024**2, "back": request.path}
        return HttpResponse(render_to_string("413.html", context), status=413)

    return middleware


def safe_responses(get_response: Handler) -> Handler:
    """Set the security headers; forbid browsers and proxies to store pages of signed-in users and systems."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.user.is_authenticated or request.method != "GET" or "authorization" in request.headers:
            add_never_cache_headers(response)
        if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == SIGN_OUT:
            # encrypted drafts and cached pages of the session; the language cookie stays
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def refusals(get_response: Handler) -> Handler:
    """Record a refusal and respond with 404 (hidden record), 403 (no right) or 429 (too many).

    A form that a view answers with 404 is a refusal too: no page of the user sends it.

    A user who causes many refusals waits: until then every page of the session answers 429.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            wait = request.session.get(REFUSED_UNTIL, 0) - int(clock.now().timestamp())
            if wait > 0:
                return too_many(request, wait)
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, attempts.TooManyAttempts):
            return too_many(request, error.seconds)
        if isinstance(error, Http404) and request.method == "POST" and request.user.is_authenticated:
            # no page sends this form; a stranger leaves no event
            error = Denied(FORGED, hidden=True)
        if not isinstance(error, Denied):
            return None
        actor = actor_of(request)
        audit.refuse(actor, error)
        try:
            refusals_of_actor.count(actor)
        except attempts.TooManyAttempts as refusal:
            if request.user.is_authenticated:
                request.session[REFUSED_UNTIL] = int(clock.now().timestamp()) + refusal.seconds
            return too_many(request, refusal.seconds)
        if error.hidden:
            return defaults.page_not_found(request, Http404())
        return defaults.permission_denied(request, PermissionDenied())

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Respond to too many attempts: say when to try again, but not whether the user name exists."""
    response = render(request, "account/locked.html", {"minutes": -(-seconds // 60)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
