"""Middleware that refuses requests to the API without TLS."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

PREFIX = "/api/"


def require_tls(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a request to the API without TLS, before its token is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and request.path.startswith(PREFIX) and not request.is_secure():
            body = {"title": _("The API answers over TLS only. Renew the token: it was sent in clear."), "faults": []}
            return JsonResponse(body, status=403)
        return get_response(request)

    return middleware
