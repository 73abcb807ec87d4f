"""Rules by which a claim of a page is true: of every table that fits the signed one.

This module shares no code with the engine that writes the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kerege.publishing.site_check.signed_table import TOTAL, UNKNOWN, SignedTable, Span

SMALL = {"_O"}  # a group of small categories: each part can be as large as the group, and none has a name
TENTH = 10


@dataclass(frozen=True)
class PageClaim:
    """Claim as a page states it."""

    kind: str
    table: str
    keys: tuple[str, ...]
    scope: str

    def address(self, key: str) -> tuple[str, tuple[str, ...]]:
        """Return table and codes of a key."""
        return self.table, tuple(key.split("/"))


class Tables:
    """Signed tables by name; a page may name the release of a table."""

    def __init__(self, tables: Mapping[str, SignedTable], release: str = "") -> None:
        self._tables, self._release = tables, release

    def get(self, name: str) -> SignedTable:
        """Return a table. Raises KeyError for a table that no release holds."""
        return self._tables.get(f"{self._release}/{name}") or self._tables[name]

    def span(self, name: str, codes: tuple[str, ...]) -> Span:
        """Return the numbers that a cell allows."""
        table = self.get(name)
        return table.span(codes if table.by else ())

    def span_at(self, address: str) -> Span:
        """Return the numbers that the cell at `table/code/code` allows."""
        name, _, codes = address.partition("/")
        return self.span(name, tuple(codes.split("/")))

    def count_at(self, address: str) -> tuple[int | None, bool]:
        """Return the published count of a cell and whether it is exact."""
        name, _, rest = address.partition("/")
        table = self.get(name)
        codes = tuple(rest.split("/")) if table.by else ()
        return table.count(codes), table.is_exact(codes)

    def scope(self, scope: str) -> dict[tuple[str, tuple[str, ...]], float]:
        """Return the largest number that each cell of a scope allows; what no row lists is one cell more."""
        matched: dict[tuple[str, tuple[str, ...]], float] = {}
        words = scope.split()
        for pattern in (word for word in words if word[0] != "-"):
            name, _, rest = pattern.partition("/")
            matched |= {(name, codes): most for codes, most in _of_pattern(self.get(name), rest.split("/")).items()}
        for name, _, rest in (word[1:].partition("/") for word in words if word[0] == "-"):
            matched.pop((name, tuple(rest.split("/"))), None)
        return matched


def _of_pattern(table: SignedTable, pattern: list[str]) -> dict[tuple[str, ...], float]:
    matched = {}
    for codes in table.cells:
        if all(_fits(code, pattern_code) for code, pattern_code in zip(codes, pattern, strict=True)):
            matched[codes] = table.span(codes)[1]
            for position in (place for place, pattern_code in enumerate(pattern) if pattern_code == "*"):
                if rest := table.unlisted(codes, position):
                    matched[(*codes[:position], "?", *codes[position + 1 :])] = rest
    return matched


def _fits(code: str, pattern_code: str) -> bool:
    return code not in {TOTAL, UNKNOWN} if pattern_code == "*" else code == pattern_code


def _ordered(claim: PageClaim, tables: Tables) -> bool:
    """Each key exceeds the next one, and the last exceeds whatever else the scope holds."""
    rivals = tables.scope(claim.scope)
    named = [claim.address(key) for key in claim.keys]
    if any(address not in rivals or SMALL & set(address[1]) for address in named):
        return False
    for address in named:
        del rivals[address]
        least = tables.span(*address)[0]
        later = named[named.index(address) + 1 :]
        tops = [*rivals.values(), *(tables.span(*other)[1] for other in later)]
        if any(least <= top for top in tops):
            return False
    return True


def _published(claim: PageClaim, tables: Tables) -> bool:
    return all(tables.count_at(f"{claim.table}/{key}")[0] is not None for key in claim.keys)


def _differing(claim: PageClaim, tables: Tables) -> bool:
    (first, is_first), (second, is_second) = (tables.count_at(f"{claim.table}/{key}") for key in claim.keys)
    if first is None or second is None or not (is_first and is_second):
        return False
    return first < second if claim.scope == "less" else first > second


def _near(claim: PageClaim, tables: Tables) -> bool:
    (a, b), (c, d) = (tables.span_at(f"{claim.table}/{key}") for key in claim.keys)
    return TENTH * (b - c) <= tables.span_at(claim.scope)[0] and TENTH * (d - a) <= tables.span_at(claim.scope)[0]


def _leads(tables: Tables, table: str, period: str, part: str) -> bool:
    least, whole = tables.span(table, (period, part))[0], tables.span(table, (period, TOTAL))[1]
    return least + least > whole


def _periods(claim: PageClaim, tables: Tables) -> list[str]:
    return sorted({codes[0] for codes in tables.get(claim.table).cells} - {TOTAL, UNKNOWN})


def _every(claim: PageClaim, tables: Tables) -> bool:
    parts = dict(key.split("/") for key in claim.keys)
    due = {period for period in _periods(claim, tables) if period >= min(parts)}
    return due == set(parts) and all(_leads(tables, claim.table, period, part) for period, part in parts.items())


def _crossed(claim: PageClaim, tables: Tables) -> bool:
    (last, before), (first, after) = (key.split("/") for key in claim.keys)
    between = [period for period in _periods(claim, tables) if last < period < first]
    parts = {period: before if period <= last else after for period in _periods(claim, tables)}
    known = last in parts and first in parts and not between
    return known and all(_leads(tables, claim.table, period, part) for period, part in parts.items())


def _withheld(claim: PageClaim, tables: Tables) -> bool:
    """Each key names a withheld cell."""
    cells = [key.split("/") for key in claim.keys]
    listed = [(tables.get(name).cells, tuple(codes)) for name, *codes in cells]
    return bool(cells) and all(key in table and table[key][0] is None for table, key in listed)


RULES: dict[str, Callable[[PageClaim, Tables], bool]] = {
    "value": _published,
    "share": _published,
    "diff": _differing,
    "max": _ordered,
    "order": _ordered,
    "near": _near,
    "every": _every,
    "crossed": _crossed,
    "withheld_some": _withheld,
}
