"""Pages and addresses of an exported site, read once for all checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from kerege.evidence.release.signed_site import SiteManifest
from kerege.publishing.site_check.references import ParsedPage, Reference, list_references, parse_page

TEXT = ("text/html", "text/css", "image/svg+xml", "application/atom+xml", "application/xml")
INDEX = "index.html"


@dataclass
class Site:
    """An exported site: its folder, its list, and its pages as they are read."""

    folder: Path
    manifest: SiteManifest
    _pages: dict[str, ParsedPage] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def page_names(self) -> list[str]:
        """Return the names of all pages in a language, without those of errors."""
        pages = (name for name, entry in self.manifest.files.items() if entry.type.startswith("text/html"))
        return [name for name in pages if self.language_of(name) and not name.endswith("404.html")]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; none if it is missing, which another check reports."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else b""

    def text(self, name: str) -> str:
        """Return the text of a file."""
        if name not in self._texts:
            self._texts[name] = self.read(name).decode("utf-8", "replace")
        return self._texts[name]

    def page(self, name: str) -> ParsedPage:
        """Return a page with its references, anchors and words."""
        if name not in self._pages:
            self._pages[name] = parse_page(self.text(name))
        return self._pages[name]

    def references(self) -> Iterator[tuple[str, Reference]]:
        """Yield every reference of every file, with the name of the file."""
        for name, entry in self.manifest.files.items():
            if entry.type.startswith("text/html"):
                yield from ((name, reference) for reference in self.page(name).references)
            elif entry.type.startswith(TEXT):
                yield from ((name, reference) for reference in list_references(entry.type, self.text(name)))

    def language_of(self, name: str) -> str:
        """Return the language with which the name of a file begins, or nothing."""
        first = name.partition("/")[0]
        return first if first in self.manifest.languages else ""

    def split(self, name: str, address: str) -> tuple[str, str] | None:
        """Return path and fragment of a reference in a file, or None if it leads to another host."""
        parts = urlsplit(urljoin(f"{self.manifest.base}/{address_of(name)}", address))
        own = urlsplit(self.manifest.base)
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            return None
        return unquote(parts.path) or "/", unquote(parts.fragment)

    def file_at(self, path: str) -> str | None:
        """Return the file that answers a path, also behind a redirect, or None."""
        path = self.manifest.redirects.get(path, path).partition("#")[0]
        name = path.lstrip("/") + (INDEX if path.endswith("/") else "")
        return name if name in self.manifest.files else None

    def is_gone(self, path: str) -> bool:
        """Return whether a path belongs to a withdrawn release, so that a server answers 410."""
        parts = set(re.split(r"[/.]", path))
        return path in self.manifest.gone or not parts.isdisjoint(self.manifest.withdrawn)


def address_of(name: str) -> str:
    """Return the address of a file, without the first slash."""
    return name.removesuffix(INDEX)
