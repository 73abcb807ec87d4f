"""A host of its own for the public site: no page of staff there, no page of the public elsewhere.

So the browser keeps both apart: cookies, storage and scripts of one host do not reach the other.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.views import defaults

PUBLIC_PAGES = "public"  # namespace of the addresses of the public site
Handler = Callable[[HttpRequest], HttpResponse]


def separate_hosts(get_response: Handler) -> Handler:
    """Answer 404 to a page of staff on the public host; redirect a public page on another host."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.is_public_host = is_public_host(request)  # type: ignore[attr-defined]
        if request.is_public_host:  # type: ignore[attr-defined]
            # nobody is signed in there, whatever a browser sends
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return get_response(request)

    def process_view(request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        is_public_page = bool(request.resolver_match and request.resolver_match.namespace == PUBLIC_PAGES)
        if not settings.PUBLIC_HOST or is_public_page is request.is_public_host:  # type: ignore[attr-defined]
            return None
        if is_public_page:
            return redirect(
                f"{'https' if settings.HTTPS else 'http'}://{settings.PUBLIC_HOST}{request.get_full_path()}"
            )
        return defaults.page_not_found(request, Http404())

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def is_public_host(request: HttpRequest) -> bool:
    """Return whether a request names the host of the public site; without one, no host is it."""
    public = split_domain_port(settings.PUBLIC_HOST)[0]
    return bool(public) and split_domain_port(request.get_host())[0] == public
