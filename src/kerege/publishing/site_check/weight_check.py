"""Weight of a first visit: a page with everything that the browser loads for it, as it is sent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kerege.publishing.site_check.site_pages import Site, address_of

# pattern of an address -> most kB; the first that fits counts
LIMITS = (
    (re.compile(r"^[a-z]{2}/help/"), 20),
    (re.compile(r"^(?:[a-z]{2}/)?embed/"), 25),
    (re.compile(r"^[a-z]{2}/f/[^/]+/"), 90),
    (re.compile(r"^[a-z]{2}/(?:report/\d{4}/)?$"), 110),
    (re.compile(""), 150),
)
COMPRESSED = ("text/", "application/json", "image/svg+xml", "application/xml", "application/atom+xml")
FONT = re.compile(r"@font-face\s*\{([^}]*)\}")
SOURCE = re.compile(r"""url\(["']?([^"')]+)""")
RANGE = re.compile(r"unicode-range:\s*([^;]+)")


@dataclass(frozen=True)
class Font:
    """A font file with the characters for which a browser loads it."""

    name: str
    ranges: tuple[tuple[int, int], ...]

    def serves(self, characters: frozenset[int]) -> bool:
        """Return whether one of the characters needs this file."""
        return any(low <= character <= high for character in characters for low, high in self.ranges)


def check_weights(site: Site) -> Iterator[str]:
    """Yield one sentence for each page that is too heavy."""
    scale = WeighingScale(site)
    for name in site.page_names:
        weight, limit = scale.weigh(name) / 1000, limit_of(address_of(name))
        if weight > limit:
            yield f"/{address_of(name)} weighs {weight:.0f} kB on a first visit, at most {limit} kB are allowed"


def limit_of(address: str) -> int:
    """Return the most kB of a first visit of an address."""
    return next(limit for pattern, limit in LIMITS if pattern.search(address))


class WeighingScale:
    """Weights of the files of a site, each computed once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.sent = lru_cache(maxsize=None)(self._sent)
        self.fonts = lru_cache(maxsize=None)(self._fonts)

    def weigh(self, name: str) -> int:
        """Return the bytes of the first visit of a page."""
        page = self.site.page(name)
        loaded = {file for ref in page.references if ref.kind == "loaded" and (file := self._file(name, ref.address))}
        characters = frozenset(map(ord, "".join(words for _, words in page.texts)))
        sheets = [file for file in loaded if file.endswith(".css")]
        loaded |= {font.name for sheet in sheets for font in self.fonts(sheet) if font.serves(characters)}
        return self.sent(name) + sum(map(self.sent, loaded))

    def _file(self, name: str, address: str) -> str | None:
        place = self.site.split(name, address)
        return self.site.file_at(place[0]) if place else None

    def _sent(self, name: str) -> int:
        """Return the bytes that a server sends for a file."""
        content, kind = self.site.read(name), self.site.manifest.files[name].type
        return len(gzip.compress(content, 6)) if kind.startswith(COMPRESSED) else len(content)

    def _fonts(self, sheet: str) -> tuple[Font, ...]:
        fonts = []
        for rule in FONT.findall(self.site.text(sheet)):
            source, characters = SOURCE.search(rule), RANGE.search(rule)
            file = self._file(sheet, source[1]) if source else None
            if file:
                fonts.append(Font(file, _ranges(characters[1] if characters else "U+0-10FFFF")))
        return tuple(fonts)


def _ranges(text: str) -> tuple[tuple[int, int], ...]:
    ends = [part.strip().removeprefix("U+").partition("-") for part in text.split(",")]
    return tuple((int(low, 16), int(high or low, 16)) for low, _, high in ends)
