"""Rules of an exported site for web servers: types, headers, redirects, gone addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from kerege.publishing.export_site import policy

FRESH, HASHED, NEVER = "max-age=300, must-revalidate", "max-age=31536000, immutable", "no-store"
# data, drawings and pictures that other sites may read and show
OPEN_SUFFIXES = "csv|json|svg|png|xml|ods|zip|bib|ris|ics|pdf|pem|sig|txt|parquet|docx"
OPEN_FILES = rf"^/.*\.(?:{OPEN_SUFFIXES})$"
HELP = "^/[a-z]{2}/help/"
EMBEDS = policy.EMBED_ADDRESS.pattern
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}


@dataclass(frozen=True)
class Gone:
    """Addresses that answer 410 (a regular expression over the path), and the file with the reason."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class ServerRules:
    """The rules from which the files for each web server are written."""

    base: str
    languages: tuple[str, ...]
    redirects: Mapping[str, str]
    gone: tuple[Gone, ...]
    types: Mapping[str, str]  # suffix without its dot -> content type; a longer suffix goes first

    @property
    def host(self) -> str:
        """Return the name of the host."""
        return urlsplit(self.base).hostname or "localhost"

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of every answer."""
        is_encrypted = self.base.startswith("https:")
        return HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if is_encrypted else {})


def list_gone(gone: Iterable[str], withdrawn: Iterable[str], languages: tuple[str, ...]) -> tuple[Gone, ...]:
    """Return the rules of withdrawn releases: every address with the name of the release answers 410.

    `gone` are the addresses that answered 410; those of a release hold its reason.
    """
    addresses = sorted(gone)
    rules = []
    for name in sorted(withdrawn):
        for language in (*languages, ""):
            reason = _reason(addresses, name, language or languages[0])
            if reason:
                prefix = f"/{language}/" if language else "/(?:api|embed)/"
                rules.append(Gone(rf"^{prefix}(?:.*/)?{re.escape(name)}(?:[/.].*)?$", reason))
    known = [re.compile(rule.pattern) for rule in rules]
    alone = [address for address in addresses if not any(rule.match(address) for rule in known)]
    return (*rules, *(Gone(f"^{re.escape(address)}$", file_of(address)) for address in alone))


def _reason(addresses: list[str], name: str, language: str) -> str:
    """Return the file of the page with the reason: the shortest address of the release in a language."""
    pages = [address for address in addresses if address.startswith(f"/{language}/") and address.endswith(f"/{name}/")]
    return file_of(min(pages, key=lambda address: (len(address), address))) if pages else ""


def file_of(address: str) -> str:
    """Return the file of an address, below the root of the site."""
    return address + "index.html" if address.endswith("/") else address


def list_types(files: Mapping[str, str]) -> dict[str, str]:
    """Return the content type of each suffix; files that differ get their longer suffix.

    `files` maps the name of a file to its content type. A file without a longer suffix decides for its suffix.
    """
    counted: dict[str, Counter[str]] = {}
    for name, kind in files.items():
        counted.setdefault(_suffix(name), Counter())[kind] += 1
        if _long_suffix(name) == _suffix(name):
            counted[_suffix(name)][kind] += len(files)
    usual = {suffix: max(sorted(kinds), key=lambda kind: kinds[kind]) for suffix, kinds in counted.items()}
    other = {_long_suffix(name): kind for name, kind in files.items() if kind != usual[_suffix(name)]}
    ordered = sorted((usual | other).items(), key=lambda entry: (-entry[0].count("."), entry[0]))
    return {suffix: kind for suffix, kind in ordered if suffix}


def _suffix(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2] if "." in name.rpartition("/")[2] else ""


def _long_suffix(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[2]
