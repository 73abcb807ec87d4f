"""Reasons to refuse an export: foreign hosts, cookies, forms, the register, hidden releases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation

from kerege.core.pages.public_host import PUBLIC_NAMESPACES
from kerege.publishing.export_site.crawl import TEXT, own_path
from kerege.publishing.export_site.public_answer import Rendered, language_of
from kerege.publishing.site_check.references import Reference, list_references, parse_page

DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
ADDRESS_OF_HOST = re.compile(r"\bhttps?://([\w.-]+(?::\d+)?)")


@dataclass(frozen=True)
class Hidden:
    """Marks of releases that are not public: hashes of their files, titles of coming ones."""

    digests: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()


def find_refusals(address: str, rendered: Rendered, base: str, hidden: Hidden) -> Iterator[str]:
    """Yield in one sentence each why an answer must not be exported."""
    if rendered.cookies:
        yield f"{address} sets the cookie {rendered.cookies[0]}: the exported site sets none"
    if hashlib.sha256(rendered.body).hexdigest() in hidden.digests:
        yield f"{address} is a file of a release that is not public"
    if not rendered.content_type.startswith(TEXT):
        return
    text = rendered.body.decode("utf-8", "replace")
    yield from _find_hidden(address, text, hidden)
    yield from _find_own_hosts(address, text, base)
    if rendered.is_page and parse_page(text).forms:
        yield f"{address} holds a form: a static site answers none"
    for reference in list_references(rendered.content_type, text):
        yield from _judge(address, reference, base)


def _find_hidden(address: str, text: str, hidden: Hidden) -> Iterator[str]:
    if not hidden.digests.isdisjoint(DIGEST.findall(text)):
        yield f"{address} names the hash of a file of a release that is not public"
    for title in sorted(title for title in hidden.titles if title in text):
        yield f"{address} names the release {title!r}, which is not public yet"


def _find_own_hosts(address: str, text: str, base: str) -> Iterator[str]:
    """Yield the addresses of this machine and of the register in the text of a file."""
    own = urlsplit(base).netloc
    inside = {host.lower() for host in settings.ALLOWED_HOSTS if host != "*"} | {"localhost", "127.0.0.1"}
    inside |= {host} if (host := urlsplit(settings.SITE_URL).netloc) else set()
    for named in sorted(set(ADDRESS_OF_HOST.findall(text))):
        if named != own and named.partition(":")[0].lower() in inside - {own.partition(":")[0]}:
            yield f"{address} names the host {named} of the register: give the public host with --base"


def _judge(address: str, reference: Reference, base: str) -> Iterator[str]:
    """Yield why a reference of a file must not be exported."""
    parts = urlsplit(urljoin(base + address, reference.address))
    path = own_path(base, address, reference.address)
    if path is None:
        if reference.kind != "link" and parts.scheme != "data":
            yield f"{address} loads or names {reference.address}, which is on another host than {base}"
    elif parts.query:
        yield f"{address} leads to {reference.address}: a static site answers no question mark"
    elif _is_of_register(path):
        yield f"{address} leads to {path}, which is an address of the register"


def _is_of_register(path: str) -> bool:
    """Return whether a path is answered by a view that is not of the public site."""
    with translation.override(language_of(path) or "en"):
        try:
            return not set(resolve(path).namespaces[:1]) & PUBLIC_NAMESPACES
        except Resolver404:
            return False
