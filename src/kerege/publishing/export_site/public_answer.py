"""Answer of one public address at one moment, by the same views as on the live site and without HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from kerege.core.authorization import session_scope
from kerege.core.pages.public_host import PUBLIC_NAMESPACES
from kerege.publishing.releases import public_clock
from kerege.vocabulary import languages

MOVED = {301, 302, 307, 308}


@dataclass(frozen=True)
class Rendered:
    """The answer of a public address: status, content type, headers and bytes."""

    status: int
    content_type: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    match: ResolverMatch | None = None

    @property
    def is_page(self) -> bool:
        """Return whether the body is an HTML page."""
        return self.content_type.startswith("text/html")

    @property
    def location(self) -> str:
        """Return the address to which a redirect leads, otherwise nothing."""
        return self.headers.get("Location", "") if self.status in MOVED else ""


NOT_FOUND = Rendered(404)


class SiteRequest(WSGIRequest):
    """Request of a reader of the exported site: nobody is signed in, and the host is that of the site."""

    is_public_site = True  # kerege.core.pages.public_host

    def __init__(self, path: str, base: str, languages: tuple[str, ...]) -> None:
        host = urlsplit(base)
        super().__init__(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "SERVER_NAME": host.hostname or "localhost",
                "SERVER_PORT": str(host.port or (443 if host.scheme == "https" else 80)),
                "HTTP_HOST": host.netloc,
                "wsgi.input": BytesIO(),
                "wsgi.url_scheme": host.scheme,
            }
        )
        self._host = host.netloc
        self.site_languages = languages
        self.user = AnonymousUser()
        self.session = SessionBase()

    def get_host(self) -> str:
        """Return the host of the site, which the register itself need not serve."""
        return self._host


def render(
    address: str, moment: datetime, *, base: str = "https://localhost", offered: tuple[str, ...] | None = None
) -> Rendered:
    """Return what a public address answers at a moment; `NOT_FOUND` for what is not public.

    `base` is the origin of the site, of which absolute addresses are made.
    """
    language = language_of(address) or "en"
    with translation.override(language), public_clock.fixed_at(moment), session_scope.closed():
        match = match_public(address)
        if match is None:
            return NOT_FOUND
        request = SiteRequest(address, base, offered or languages.offered())
        request.LANGUAGE_CODE = language
        request.resolver_match = match
        try:
            return _read(match.func(request, *match.args, **match.kwargs), match)
        except Http404:
            return NOT_FOUND


def language_of(address: str) -> str:
    """Return the language with which an address begins, or nothing."""
    first = address.strip("/").partition("/")[0]
    return first if first in languages.offered() else ""


def match_public(address: str) -> ResolverMatch | None:
    """Return the view of an address in the active language; None when it is not public."""
    try:
        match = resolve(address)
    except Resolver404:
        return None
    return match if set(match.namespaces[:1]) & PUBLIC_NAMESPACES else None


def _read(response: HttpResponse | StreamingHttpResponse, match: ResolverMatch) -> Rendered:
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return Rendered(
        status=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=response.getvalue(),
        headers=dict(response.headers),
        cookies=tuple(response.cookies),
        match=match,
    )
