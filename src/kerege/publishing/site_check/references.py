"""References in files of the public site: pages, style sheets, drawings and feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kerege.publishing.site_check.page_tree import Node, read_page

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
UNSEEN = {"script", "style", "code", "pre"}
# attributes with words: a screen reader speaks them, or the browser shows them
SPOKEN = ("alt", "aria-label", "title", "placeholder", "data-copy", "data-copied")
# names of `meta` elements whose words search engines and other sites show beside a link
SHARED = re.compile(r"description|og:(?:title|description|image:alt)")
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
    spoken: list[tuple[str, str]] = field(default_factory=list)  # the same for words in attributes


def _read_element(page: ParsedPage, node: Node) -> None:
    """Read the attributes of an element."""
    given = node.attributes
    _read_head(page, node.tag, given)
    page.anchors.update(value for name in ("id", "name") if (value := given.get(name)))
    page.references += _references_of(node.tag, given)
    page.inline_code += "style" in given or any(name.startswith("on") for name in given)


def _read_head(page: ParsedPage, tag: str, given: dict[str, str]) -> None:
    if tag == "html":
        page.language = given.get("lang", "")
    elif tag == "form":
        page.forms += 1
    elif tag == "style" or (tag == "script" and not given.get("src") and "json" not in given.get("type", "")):
        page.inline_code += 1
    elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
        page.policy = given.get("content", "")


def _visible_texts(node: Node, language: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words that a reader sees, with their language, in the order of the page."""
    language = node.attributes.get("lang") or language
    for child in node.children if node.tag not in UNSEEN else ():
        if isinstance(child, Node):
            yield from _visible_texts(child, language)
        elif child.strip():
            yield language, child


def _spoken_words(node: Node, language: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words in the attributes of elements, with their language."""
    given = node.attributes
    language = given.get("lang") or language
    yield from ((language, given[name]) for name in SPOKEN if given.get(name))
    if node.tag == "meta" and SHARED.fullmatch(given.get("name") or given.get("property") or ""):
        yield language, given.get("content", "")
    for child in node.children:
        if isinstance(child, Node):
            yield from _spoken_words(child, language)


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
    page, root = ParsedPage(), read_page(text)
    for node in root.walk():
        _read_element(page, node)
    page.texts, page.spoken = list(_visible_texts(root)), list(_spoken_words(root))
    return page


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
