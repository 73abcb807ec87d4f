"""What the frame does to responses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")


class Compress(GZipMiddleware):
    """Compress assets, and pages for whoever is not signed in.

    A page that holds secrets stays as it is: its compressed length could give them away (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is text, whole and holds no secret."""
        text = response.headers.get("Content-Type", "").startswith(COMPRESSIBLE)
        if not text or response.status_code != 200 or not _is_open(request):
            return response
        return super().process_response(request, response)


def _is_open(request: HttpRequest) -> bool:
    return request.path.startswith(settings.STATIC_URL) or settings.SESSION_COOKIE_NAME not in request.COOKIES
