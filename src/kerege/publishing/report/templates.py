"""Templates of sentences: words with holes, and the claim that must hold before they are printed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from kerege.publishing.report.bounds import rank
from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.claims import Claim, leads, period_of, periods
from kerege.publishing.report.facts import (
    CodeFact,
    CountFact,
    Fact,
    Facts,
    NumberSource,
    TextFact,
    share_fact,
    table_fact,
)
from kerege.publishing.report.localiser import HOLE

LISTS = {
    "origin": "country",
    "destination": "country",
    "citizenship": "country",
    "service_kinds": "service",
    "source": "crime_source",
}
CONDITIONS = frozenset({"less", "more", "near", "every", "crossed"})
Bound = tuple[Claim, Facts]


class ClaimEntry(TypedDict):
    """Entry of a text file that declares a claim, with the fields of `Template`."""

    text: str
    claim: str
    keys: NotRequired[str]
    scope: NotRequired[str]
    places: NotRequired[int]


Entry = str | ClaimEntry
Entries = Entry | list[Entry]


@dataclass(frozen=True)
class Template:
    """Words of a sentence; those that compare declare a claim, whose results fill the holes.

    `keys` and `scope` may have holes too. A claim of `CONDITIONS` says whether the sentence applies at all.
    """

    text: str
    claim: str = ""
    keys: str = ""
    scope: str = ""
    places: int = 1

    @classmethod
    def of(cls, entry: Entry) -> Template:
        """Return the template of an entry of a text file: words alone, or a table with `text` and a claim."""
        return cls(entry) if isinstance(entry, str) else cls(**entry)

    @property
    def holes(self) -> list[str]:
        """Return the names of the facts that the words need."""
        return [hole[1] for hole in HOLE.finditer(self.text)]

    def bind(self, facts: Facts, cells: CellIndex) -> Bound | None:
        """Return the claim with its facts, or None when it does not hold or lacks a fact."""
        codes = {hole[1]: _code_of(facts.get(hole[1])) for hole in HOLE.finditer(self.keys + self.scope)}
        if None in codes.values():
            return None
        keys, scope = (HOLE.sub(lambda hole: codes[hole[1]] or "", text) for text in (self.keys, self.scope))
        bound = BINDERS[self.claim](self, keys.split(), scope, cells)
        return bound if bound and bound[0].holds(cells) else None


def _code_of(fact: Fact | None) -> str | None:
    """Return the part of an address that a fact states, None for a fact that states none."""
    if isinstance(fact, TextFact):
        return fact.text
    return fact.code if isinstance(fact, CodeFact) else None


def _claim(kind: str, addresses: list[str], scope: str) -> Claim:
    """Return a claim about cells of one table."""
    table = addresses[0].partition("/")[0]
    return Claim(kind, table, tuple(at.partition("/")[2] for at in addresses), scope)


def _ranked(template: Template, keys: list[str], scope: str, cells: CellIndex) -> Bound | None:
    """Bind `k1`, `n1`, `s1`, `k2`, ...: code, count and share of the largest, the second, ..."""
    leaders = rank(cells.match(scope))[: template.places]
    if len(leaders) < template.places or len({at.partition("/")[0] for at in leaders}) != 1:
        return None
    facts: Facts = {}
    for place, at in enumerate(leaders, start=1):
        facts |= _facts_of(cells, at, str(place))
    return _claim("order" if template.places > 1 else "max", leaders, scope), facts


def _facts_of(cells: CellIndex, at: str, place: str) -> Facts:
    name, *codes = at.split("/")
    table = cells.tables[name]
    count = table_fact(table, *codes)
    ends = ("k",) if len(codes) == 1 else ("from", "to")
    named: Facts = {
        f"{end}{place}": code_fact(dimension, code) for end, dimension, code in zip(ends, table.by, codes, strict=False)
    }
    return named | {f"n{place}": count, f"s{place}": share_fact(count, table_fact(table))}


def list_of(dimension: str) -> str:
    """Return the name of the code list of a dimension of a table."""
    return LISTS.get(dimension, dimension)


def code_fact(dimension: str, code: str) -> CodeFact | TextFact:
    """Return a code of a dimension of a table; a year or a quarter is its own word."""
    return TextFact(code) if dimension in {"year", "quarter"} else CodeFact(list_of(dimension), code)


def _differing(template: Template, keys: list[str], scope: str, cells: CellIndex) -> Bound | None:
    """Bind `diff`, by how much the first cell is less or more than the second."""
    first, second = (cells.span(at) for at in keys)
    if not all(map(cells.is_shown, keys)):
        return None
    difference = CountFact(int(first.lower - second.lower), source=NumberSource("diff", tuple(keys)))
    return _claim("diff", keys, template.claim), {"diff": difference}


def _plain(template: Template, keys: list[str], scope: str, cells: CellIndex) -> Bound | None:
    return _claim(template.claim, keys, scope), {}


def _every(template: Template, keys: list[str], scope: str, cells: CellIndex) -> Bound | None:
    """Bind `since`, the first of the newest periods in each of which a part is more than half."""
    table, code = scope.partition("/")[0], keys[0]
    parts = [f"{table}/{period}/{code}" for period in periods(cells, scope)]
    newest = list(itertools.takewhile(lambda at: leads(cells, at), reversed(parts)))[::-1]
    if len(newest) < MIN_PERIODS:
        return None
    return _claim("every", newest, scope), {"since": TextFact(period_of(newest[0]))}


def _crossed(template: Template, keys: list[str], scope: str, cells: CellIndex) -> Bound | None:
    """Bind `before` and `after`, the periods between which the majority passed over."""
    table = scope.partition("/")[0]
    for last, first in itertools.pairwise(periods(cells, scope)):
        claim = _claim("crossed", [f"{table}/{last}/{keys[0]}", f"{table}/{first}/{keys[1]}"], scope)
        if claim.holds(cells):
            return claim, {"before": TextFact(last), "after": TextFact(first)}
    return None


MIN_PERIODS = 3  # fewer periods are no series
BINDERS: dict[str, Callable[[Template, list[str], str, CellIndex], Bound | None]] = {
    "max": _ranked,
    "order": _ranked,
    "less": _differing,
    "more": _differing,
    "near": _plain,
    "every": _every,
    "crossed": _crossed,
}
