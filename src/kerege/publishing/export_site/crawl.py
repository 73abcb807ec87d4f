"""Crawl of the public site inside the process: addresses that pages link or that patterns allow."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings

from kerege.publishing.export_site.addresses import PublicPattern, list_addresses, list_patterns
from kerege.publishing.export_site.public_answer import Rendered, language_of, render
from kerege.publishing.releases.catalogue import PARTS
from kerege.publishing.site_check.references import list_references
from kerege.publishing.storage.release_files import ReleaseFiles

TEXT = ("text/", "application/json", "application/xml", "application/atom+xml", "application/ld+json", "image/svg+xml")


@dataclass
class Crawl:
    """Answers of the public site at a moment."""

    moment: datetime
    base: str
    languages: tuple[str, ...]
    pages: dict[str, Rendered] = field(default_factory=dict)
    gone: dict[str, Rendered] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)  # parameter of an address -> values seen
    _seen: set[str] = field(default_factory=set)

    def visit(self, addresses: Iterable[str]) -> None:
        """Render the addresses and everything that they lead to."""
        waiting = deque(addresses)
        while waiting:
            address = waiting.popleft()
            if address not in self._seen and self._is_wanted(address):
                self._seen.add(address)
                waiting.extend(self._read(address))

    def _is_wanted(self, address: str) -> bool:
        language = language_of(address)
        return not language or language in self.languages

    def _read(self, address: str) -> list[str]:
        """Render one address and return those that it refers to."""
        if address.startswith(settings.STATIC_URL):
            return []  # `Assets` reads it
        rendered = render(address, self.moment, base=self.base, offered=self.languages)
        if rendered.location:
            target = urljoin(self.base + address, rendered.location)
            self.redirects[address] = target.removeprefix(self.base)
        elif rendered.status == 200 or (rendered.status == 410 and rendered.is_page):  # a reason is a page
            (self.pages if rendered.status == 200 else self.gone)[address] = rendered
            self._harvest(rendered)
        return list(referred(address, rendered, self.base))

    def _harvest(self, rendered: Rendered) -> None:
        for name, value in (rendered.match.kwargs if rendered.match else {}).items():
            self.values.setdefault(name, set()).add(str(value))


def crawl(
    moment: datetime,
    base: str,
    languages: tuple[str, ...],
    releases: Iterable[ReleaseFiles],
    withdrawn: Iterable[str] = (),
) -> Crawl:
    """Return every answer of the public site at a moment, from an empty start.

    Pages that nothing links (twins, embeds, old addresses) come from the patterns of the URL configuration, filled with
    the parameter values of other pages, and with the names of the releases.
    """
    crawled = Crawl(moment, base, languages, values=_known_values(releases, withdrawn))
    patterns, before = list_patterns(), -1
    while len(crawled._seen) > before:
        before = len(crawled._seen)
        crawled.visit(_unseen(crawled, patterns))
    return crawled


def _unseen(crawled: Crawl, patterns: list[PublicPattern]) -> list[str]:
    return [
        address
        for address in list_addresses(patterns, crawled.values, crawled.languages)
        if address not in crawled._seen
    ]


def _known_values(releases: Iterable[ReleaseFiles], withdrawn: Iterable[str]) -> dict[str, set[str]]:
    """Return the values of address parameters that the releases tell."""
    known = list(releases)
    names = {release.path.name for release in known} | set(withdrawn)
    tables = {table for release in known for table in (*release.tables, *release.estimates)}
    return {
        "year": {release.manifest.period[:4] for release in known if release.manifest.period[:4].isdigit()},
        "release_name": names,
        "release": set(names),
        "table": tables,
        "part": {part for release in known for part in (*PARTS, *release.named)},
    }


def referred(address: str, rendered: Rendered, base: str) -> Iterator[str]:
    """Yield the paths on the host of the site that an answer refers to."""
    if rendered.location:
        yield from _own_paths(base, address, [rendered.location])
    elif rendered.content_type.startswith(TEXT) and rendered.status in {200, 410}:
        text = rendered.body.decode("utf-8", "replace")
        if rendered.content_type.startswith("application/json"):
            yield from _own_paths(base, address, _addresses_in(text, base))
        else:
            references = list_references(rendered.content_type, text)
            yield from _own_paths(base, address, [reference.address for reference in references])


def _own_paths(base: str, address: str, references: Iterable[str]) -> Iterator[str]:
    for reference in references:
        path = own_path(base, address, reference)
        if path is not None:
            yield path


def own_path(base: str, address: str, reference: str) -> str | None:
    """Return the path to which a reference leads on the host of the site, or None for another place."""
    try:
        parts = urlsplit(urljoin(base + address, reference))
    except ValueError:
        return None
    own = urlsplit(base)
    return unquote(parts.path) or "/" if (parts.scheme, parts.netloc) == (own.scheme, own.netloc) else None


def _addresses_in(text: str, base: str) -> Iterator[str]:
    """Yield the strings of a JSON file that are addresses of the site."""
    try:
        waiting = [json.loads(text)]
    except ValueError:
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, str) and node.startswith((base + "/", "/")):
            yield node
