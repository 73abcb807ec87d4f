"""Static files of the exported site; their names hold their hash, so that caches keep them long."""

from __future__ import annotations

import hashlib
import mimetypes
import posixpath
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from kerege.base.errors import Refused
from kerege.publishing.site_check.references import CSS_ADDRESS

SHOWN_HASH = 10  # hexadecimal digits of the SHA-256 in a file name
IN_TEXT = re.compile(re.escape(settings.STATIC_URL) + r"[\w./-]*\w")
MODULE = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.{1,2}/[^"']+)["']""")
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}


class Assets:
    """The static files that the pages use, each with those that it loads itself."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}  # address with hash -> content
        self._renamed: dict[str, str] = {}  # address in the pages -> address with hash

    def rename(self, text: str) -> str:
        """Return a text of a page with the addresses of its static files as the export names them."""
        return IN_TEXT.sub(lambda match: self.add(match[0]), text)

    def add(self, address: str) -> str:
        """Read a static file and what it loads; return its address with the hash."""
        if address not in self._renamed:
            content = _read(address)
            self._renamed[address] = address  # a module that loads itself
            if address.endswith((".css", ".js")):
                content = self._with_parts(address, content.decode()).encode()
            stem, dot, suffix = address.rpartition(".")
            self._renamed[address] = f"{stem}.{hashlib.sha256(content).hexdigest()[:SHOWN_HASH]}{dot}{suffix}"
            self.files[self._renamed[address]] = content
            self._add_licence(address)
        return self._renamed[address]

    def _with_parts(self, address: str, text: str) -> str:
        """Return a style sheet or module that names its parts by their hashes."""

        def renamed(match: re.Match[str]) -> str:
            part = match[1] or match[match.lastindex or 0]
            if part.startswith(("data:", "#", "http:", "https:", "//")):
                return match[0]
            target = posixpath.normpath(posixpath.join(posixpath.dirname(address), part))
            return match[0].replace(part, self.add(target))

        return (CSS_ADDRESS if address.endswith(".css") else MODULE).sub(renamed, text)

    def _add_licence(self, address: str) -> None:
        """Add the licence that lies in the folder of a vendored file."""
        licence = posixpath.join(posixpath.dirname(address), "LICENSE")
        if "/vendor/" in address and finders.find(licence.removeprefix(settings.STATIC_URL)):
            self.files[licence + ".txt"] = _read(licence)


def _read(address: str) -> bytes:
    path = finders.find(address.removeprefix(settings.STATIC_URL))
    if not isinstance(path, str):
        raise Refused(f"a page names the static file {address}, which does not exist")
    return Path(path).read_bytes()


def type_of(name: str) -> str:
    """Return the content type of a static file by its name."""
    suffix = Path(name).suffix
    if suffix == ".txt":
        return "text/plain; charset=utf-8"
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
