"""References in files of the public site: pages, style sheets, drawings and feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Literal

from kerege.publishing.site_check.page_tree import VOID

CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']""")
XML_ADDRESS = re.compile(r"""<loc>([^<]+)</loc>|\b(?:xlink:)?href=["']([^"']+)["']""")
# attribute -> elements whose attribute names a file that the browser loads by itself
LOADED = {
    "src": {"img", "script", "source", "iframe", "embed", "audio", "video", "track", "input"},
    "data": {"object"},
    "poster": {"video"},
    "srcset": {"img", "source"},
}
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "apple-touch-icon"}
ADDRESS_ATTRIBUTES = {"data-govuk", "data-moj"}  # addresses that a script loads at once
SEARCH = "data-search"  # address that a script loads when a reader searches
Kind = Literal["link", "loaded", "alternate", "canonical"]


@dataclass(frozen=True)
class Reference:
    """One address that a file names, and the way in which it uses it."""

    kind: Kind
    address: str
    language: str = ""


@dataclass
class ParsedPage:
    """Parts of one page that the checks read."""

    language: str = ""
    policy: str = ""
    forms: int = 0
    inline_code: int = 0
    anchors: set[str] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  # (language, words)


class PageParser(HTMLParser):
    """Parser of a page: its references, anchors, and its words by language."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ParsedPage()
        self._open: list[tuple[str, str]] = []  # (element, language inside it)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the attributes of an element."""
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        if tag not in VOID:
            self._open.append((tag, language))
        self._read_head(tag, given)
        self.page.anchors.update(value for name in ("id", "name") if (value := given.get(name)))
        self.page.references += _references_of(tag, given)
        self.page.inline_code += "style" in given or any(name.startswith("on") for name in given)

    def _read_head(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.page.language = given.get("lang", "")
        elif tag == "form":
            self.page.forms += 1
        elif tag == "style" or (tag == "script" and not given.get("src") and "json" not in given.get("type", "")):
            self.page.inline_code += 1
        elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.page.policy = given.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        """Close an element and those that were left open in it."""
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        """Keep the words that a reader sees."""
        inside = {name for name, _ in self._open}
        if data.strip() and not inside & {"script", "style", "code", "pre"}:
            self.page.texts.append((self._open[-1][1] if self._open else "", data))


def _references_of(tag: str, given: dict[str, str]) -> list[Reference]:
    """Return the references in the attributes of one element."""
    references = [Reference("loaded", address) for name in ADDRESS_ATTRIBUTES if (address := given.get(name))]
    if given.get(SEARCH):
        references.append(Reference("link", given[SEARCH]))
    for name, tags in LOADED.items():
        if tag in tags and (text := given.get(name)):
            parts = [part.split()[0] for part in text.split(",") if part.strip()] if name == "srcset" else [text]
            references += [Reference("loaded", part) for part in parts]
    address = given.get("href") or given.get("xlink:href")
    if address:
        references.append(Reference(_kind(tag, given), address, given.get("hreflang", "")))
    return references


def _kind(tag: str, given: dict[str, str]) -> Kind:
    relations = set(given.get("rel", "").lower().split())
    if "canonical" in relations:
        return "canonical"
    if "alternate" in relations and given.get("hreflang"):
        return "alternate"
    if (tag == "link" and relations & LOADING_LINKS) or tag in {"use", "image"}:
        return "loaded"
    return "link"


def parse_page(text: str) -> ParsedPage:
    """Return the references, anchors and words of a page.

    Examples
    --------
    >>> parse_page('<a href="/en/f/">All figures</a>').references
    [Reference(kind='link', address='/en/f/', language='')]
    """
    parser = PageParser()
    parser.feed(text)
    parser.close()
    return parser.page


def list_references(content_type: str, text: str) -> list[Reference]:
    """Return the references of a file of the site by its content type; of data files none."""
    kind = content_type.partition(";")[0]
    if kind == "text/html":
        return parse_page(text).references
    if kind == "text/css":
        return [Reference("loaded", match[1] or match[2]) for match in CSS_ADDRESS.finditer(text)]
    if kind == "image/svg+xml":
        return [reference for reference in parse_page(text).references if not reference.address.startswith("#")]
    if kind in {"application/atom+xml", "application/xml", "text/xml"}:
        return [Reference("link", match[1] or match[2]) for match in XML_ADDRESS.finditer(text)]
    return []
