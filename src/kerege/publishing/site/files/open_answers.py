"""Answers with open data.

Other sites may read and show them, and no cache keeps them longer than five minutes.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from kerege.evidence.release.manifest import hash_content
from kerege.publishing.site.site_frame import AGE

OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def send_open(
    request: HttpRequest, content: bytes, kind: str, *, name: str = "", status: int = 200
) -> HttpResponseBase:
    """Return a file that any site may read; with `name`, a browser saves it under this name."""
    etag = _etag(content)
    response = HttpResponse(content, content_type=kind, status=status, headers=OPEN | {"Cache-Control": AGE})
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    if status != 200:
        return response
    response["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=response) or response
    for header, value in OPEN.items():
        answer.headers.setdefault(header, value)
    return answer


def add_etag(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Return a page with its ETag, or 304 when the reader has it."""
    etag = _etag(response.content)
    response["ETag"] = etag
    response["Cache-Control"] = AGE
    return get_conditional_response(request, etag=etag, response=response) or response


def _etag(content: bytes) -> str:
    return quote_etag(hash_content(content)[:32])


def name_successor(response: HttpResponseBase, address: str) -> None:
    """Name in a header the address that replaces this one (RFC 5829)."""
    response["Link"] = f'<{address}>; rel="successor-version"'


def base_of(request: HttpRequest) -> str:
    """Return scheme and host of the site, of which absolute addresses are made."""
    return f"{request.scheme}://{request.get_host()}"
