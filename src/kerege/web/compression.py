"""Middleware that compresses responses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")
# values of Sec-Fetch-Site: the request comes from one of our pages, or directly from the user
OURS = {"same-origin", "none"}


class Compress(GZipMiddleware):
    """Compression of text responses with random padding, unless a third party may control the text.

    A page with secrets and text of a third party could reveal the secrets through its length (BREACH). Reasons:
    docs/decisions, "Pages are compressed".
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a successful text response that holds no text of a third party."""
        is_text = response.headers.get("Content-Type", "").startswith(COMPRESSIBLE)
        if not is_text or response.status_code != 200 or not _is_safe_to_compress(request):
            return response
        return super().process_response(request, response)


def _is_safe_to_compress(request: HttpRequest) -> bool:
    """Return whether the response cannot hold both secrets and text of a third party."""
    if request.path.startswith(settings.STATIC_URL) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return True
    if request.method == "GET" and not request.META.get("QUERY_STRING"):
        return True  # the request carries nothing that the page could repeat
    return request.headers.get("Sec-Fetch-Site") in OURS
