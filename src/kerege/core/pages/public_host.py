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
PUBLIC_API = "public_api"  # namespace of its JSON files, which have no language
PUBLIC_PLAN = "public-plan"  # namespace of the public pages of the plan of measures
PUBLIC_NAMESPACES = frozenset({PUBLIC_PAGES, PUBLIC_API, PUBLIC_PLAN})
PUBLIC_REPORT = "public-report"  # the form of an initial report, which is not part of the static export
ON_PUBLIC_HOST = PUBLIC_NAMESPACES | {PUBLIC_REPORT}


class SeparateHosts:
    """Middleware that answers pages of staff and of the public on their own hosts alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the cookie of a session away on the public host: nobody is signed in there."""
        if is_public_host(request):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Refuse or redirect a page that belongs to the other host."""
        is_public_page = bool(request.resolver_match and request.resolver_match.namespace in ON_PUBLIC_HOST)
        if not settings.PUBLIC_HOST or is_public_page is is_public_host(request):
            return None
        if is_public_page:
            return redirect(
                f"{'https' if settings.HTTPS else 'http'}://{settings.PUBLIC_HOST}{request.get_full_path()}"
            )
        return defaults.page_not_found(request, Http404())


def is_public_host(request: HttpRequest) -> bool:
    """Return whether a request names the host of the public site; without one, no host is it.

    A page of the static export is always on it.
    """
    if getattr(request, "is_public_site", False):
        return True
    public = split_domain_port(settings.PUBLIC_HOST)[0]
    return bool(public) and split_domain_port(request.get_host())[0] == public
