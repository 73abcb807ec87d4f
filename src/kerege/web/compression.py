"""What the frame does to responses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")
# who made the browser ask: a page of ours, or its user herself
OURS = {"same-origin", "none"}


class Compress(GZipMiddleware):
    """Compress what is text, with a little random padding, unless an outsider may have put words into it.

    The length of a page that holds secrets and words of an outsider could give the secrets away (BREACH). Reasons:
    docs/decisions, "Pages are compressed".
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress a whole text in which nobody else's words stand."""
        text = response.headers.get("Content-Type", "").startswith(COMPRESSIBLE)
        if not text or response.status_code != 200 or not _is_free(request):
            return response
        return super().process_response(request, response)


def _is_free(request: HttpRequest) -> bool:
    if request.path.startswith(settings.STATIC_URL) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return True
    if request.method == "GET" and not request.META.get("QUERY_STRING"):
        return True  # nothing came with the request that the page could repeat
    return request.headers.get("Sec-Fetch-Site") in OURS
