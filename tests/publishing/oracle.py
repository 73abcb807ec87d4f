"""Oracle of the pages: it reads HTML and signed CSV, and judges claims by true tables that fit.

It shares no code with the report and none with `kerege site check`: where those reason about bounds, the oracle builds
true tables at the extremes of what was published and asks whether the claim is plainly true of each.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

Codes = tuple[str, ...]
World = dict[Codes, int]
PLAIN = {"_T", "_U"}


@dataclass
class Signed:
    """Signed table: published counts, and how far a rounded one may be from the truth."""

    content: bytes
    half: int = 0
    several: bool = False
    by: int = 0
    shown: dict[Codes, int | None] = field(default_factory=dict)
    rounded: set[Codes] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = list(csv.reader(io.StringIO(self.content.decode())))
        self.by = len(rows[0]) - 2
        for *codes, count, status in rows[1:]:
            self.shown[tuple(codes)] = int(count) if count else None
            if count and status != "ok":
                self.rounded.add(tuple(codes))

    @property
    def parts(self) -> list[Codes]:
        """Return the inner cells."""
        return [codes for codes in self.shown if "_T" not in codes]

    @cached_property
    def worlds(self) -> list[World]:
        """Return the true tables that fit."""
        return list(self._all_worlds())

    def _all_worlds(self) -> Iterator[World]:
        """Yield true tables that fit: hidden people in one cell, a rounded cell at one of its ends."""
        if self.by == 1:
            yield from self._worlds_of_line()
        elif self.by == 2:
            yield from self._worlds_by_row()
        else:
            yield {codes: count or 0 for codes, count in self.shown.items()}

    def _worlds_of_line(self) -> Iterator[World]:
        hidden = [codes for codes in self.parts if self.shown[codes] is None]
        total = self.shown.get(("_T",)) or 0
        for favoured in [None, *self.parts]:
            for sign in (1, -1):
                world = {codes: self._end(codes, sign if codes == favoured else -sign) for codes in self.parts}
                lower = sum(max(0, count - (self.half if c in self.rounded else 0)) for c, count in self._known())
                rest = total if self.several else max(0, total - lower)
                world |= dict.fromkeys(hidden, 0) | ({favoured: rest} if favoured in hidden else {})
                if self._lost(total):
                    world["?",] = rest  # a row is missing: nobody knows which
                yield world | {("_T",): total}

    def _worlds_by_row(self) -> Iterator[World]:
        """Yield tables in which each row gives what it hides to one column."""
        columns = sorted({codes[1] for codes in self.parts})
        for column, sign in itertools.product(columns, (1, -1)):
            world: World = {}
            for row in sorted({codes[0] for codes in self.parts}):
                mine = [codes for codes in self.parts if codes[0] == row]
                hidden = [codes for codes in mine if self.shown[codes] is None]
                world |= {c: self._end(c, sign if c[1] == column else -sign) for c in mine} | dict.fromkeys(hidden, 0)
                total = self._end((row, "_T"), 0)
                least = sum(max(0, n - (self.half if c in self.rounded else 0)) for c, n in self._known() if c in mine)
                if (row, column) in hidden:
                    world[row, column] = max(0, total - least)
                world[row, "_T"] = total
            yield world | self._lost_rows(columns) | {("_T", "_T"): self._end(("_T", "_T"), 0)}

    def _lost_rows(self, columns: list[str]) -> World:
        """Return the people of a column whom no row lists, where every row shows its number."""
        found_nowhere = {}
        for column in columns:
            parts = [codes for codes in self.parts if codes[1] == column]
            most = sum(self._end(codes, 1) for codes in parts)
            if all(self.shown[codes] is not None for codes in parts) and self._end(("_T", column), 0) > most:
                found_nowhere["?", column] = self._end(("_T", column), 0) - sum(self._end(c, -1) for c in parts)
        return found_nowhere

    def _lost(self, total: int) -> bool:
        """Return whether the total counts people of no row."""
        most = sum(count + (self.half if c in self.rounded else 0) for c, count in self._known())
        return not self.several and len(self._known()) == len(self.parts) and total > most

    def _known(self) -> list[tuple[Codes, int]]:
        return [(codes, count) for codes in self.parts if (count := self.shown[codes]) is not None]

    def _end(self, codes: Codes, sign: int) -> int:
        count = self.shown.get(codes) or 0
        return max(0, count + sign * self.half) if codes in self.rounded else count


@dataclass
class Told:
    """Paragraph of a page that carries a claim, and the numbers in it."""

    given: dict[str, str]
    words: str = ""
    numbers: list[tuple[dict[str, str], str]] = field(default_factory=list)


class Reader(HTMLParser):
    """Reader of the paragraphs with claims."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []
        self.is_number = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "data-claim" in given:
            self.told.append(Told(given))
        if tag == "data" and self.told:
            self.is_number = True
            self.told[-1].numbers.append((given, ""))

    def handle_endtag(self, tag: str) -> None:
        self.is_number = self.is_number and tag != "data"

    def handle_data(self, data: str) -> None:
        if self.told:
            self.told[-1].words += data
        if self.is_number:
            given, words = self.told[-1].numbers[-1]
            self.told[-1].numbers[-1] = (given, words + data)


def read(html: str) -> list[Told]:
    """Return the paragraphs of a page that carry a claim."""
    reader = Reader()
    reader.feed(html)
    return reader.told


def false_claims(html: str, tables: Mapping[str, Signed]) -> list[str]:
    """Return the sentences that some true table contradicts, and numbers that no signed cell has."""
    matched = []
    for paragraph in read(html):
        given = paragraph.given
        worlds = [{given["data-table"]: world} for world in tables[given["data-table"]].worlds]
        if not all(is_true(given, {**first_worlds(tables), **world}, tables) for world in worlds):
            matched.append(paragraph.words)
        matched += [
            f"{paragraph.words} [{words}]"
            for number, words in paragraph.numbers
            if not is_number(number, words, tables)
        ]
    return matched


def first_worlds(tables: Mapping[str, Signed]) -> dict[str, World]:
    """Return one true table of each, for scopes that reach over several tables."""
    return {name: table.worlds[0] for name, table in tables.items()}


def is_number(number: Mapping[str, str], words: str, tables: Mapping[str, Signed]) -> bool:
    """Return whether a printed number is that of its cells."""
    kind = next((kind for kind in ("cell", "sum", "diff", "share") if f"data-{kind}" in number), None)
    if kind is None:
        return "data-rule" in number or "data-estimate" in number
    counts = [published(at, tables) for at in number[f"data-{kind}"].split()]
    if None in counts:
        return False
    first, *others = [count or 0 for count in counts]
    truth = {"cell": first, "sum": first + sum(others), "diff": first - sum(others)}.get(kind, 0.0)
    if kind == "share":
        return abs(float(number["value"]) - 100 * sum(others) / first) <= (0.5 if "." not in number["value"] else 0.05)
    digits = "".join(letter for letter in words if letter.isdigit())
    return float(number["value"]) == truth and digits == str(abs(int(truth)))


def published(address: str, tables: Mapping[str, Signed]) -> int | None:
    """Return the published count at an address."""
    name, _, codes = address.partition("/")
    return tables[name].shown.get(tuple(codes.split("/")) if tables[name].by else ())


def in_scope(scope: str, worlds: Mapping[str, World]) -> dict[tuple[str, Codes], int]:
    """Return the true numbers of the cells of a scope."""
    matched: dict[tuple[str, Codes], int] = {}
    for word in scope.split():
        name, _, rest = word.lstrip("-").partition("/")
        pattern = rest.split("/")
        for codes, count in worlds[name].items():
            if all(w == c or (w == "*" and c not in PLAIN) for w, c in zip(pattern, codes, strict=False)):
                matched[name, codes] = count
                if word[0] == "-":
                    del matched[name, codes]
    return matched


def is_true(given: Mapping[str, str], worlds: Mapping[str, World], tables: Mapping[str, Signed]) -> bool:
    """Return whether a claim is true of these true tables."""
    name, kind = given["data-table"], given["data-claim"]
    keys = [tuple(key.split("/")) for key in given.get("data-key", "").split()]
    scope, world = given.get("data-scope", ""), worlds[given["data-table"]]
    if kind in {"max", "order"}:
        cells = in_scope(scope, worlds)
        values = [cells.pop((name, key)) for key in keys]
        return all(a > b for a, b in itertools.pairwise([*values, max(cells.values(), default=-1)]))
    if kind == "diff":
        if any(key not in world for key in keys):
            return False
        first, second = (world[key] for key in keys)
        is_exact = all(tables[name].shown[key] is not None and key not in tables[name].rounded for key in keys)
        return is_exact and (first < second if scope == "less" else first > second)
    if kind == "near":
        first, second = (world[key] for key in keys)
        return abs(first - second) <= world["_T",] / 10
    if kind in {"every", "crossed"}:
        return is_told_by_period(kind, keys, world)
    return kind in {"value", "share", "estimate"}


def is_told_by_period(kind: str, keys: list[Codes], world: World) -> bool:
    """Return whether the told parts are more than half in each period that they cover."""
    periods = sorted({codes[0] for codes in world} - PLAIN)
    if kind == "every":
        parts = {key[0]: key[1] for key in keys}
        return all(2 * world[period, parts[period]] > world[period, "_T"] for period in periods if period >= min(parts))
    (last, before), (first, after) = keys
    return all(
        2 * world[period, before if period <= last else after] > world[period, "_T"] for period in periods
    ) and not [period for period in periods if last < period < first]


def due(claim: Mapping[str, str | int], tables: Mapping[str, Signed]) -> str | None:
    """Return the keys of the claim of a template if it is true of every table that fits."""
    scope, kind = str(claim.get("scope", "")), str(claim["claim"])
    names = list(dict.fromkeys(word.lstrip("-").partition("/")[0] for word in (scope or str(claim["keys"])).split()))
    if any(name not in tables for name in names):
        return None
    candidates = itertools.product(*(tables[name].worlds for name in names))
    worlds = [dict(zip(names, chosen, strict=True)) for chosen in candidates]
    if kind in {"max", "order"}:
        places = int(claim.get("places", 1))
        leaders = {leading(in_scope(scope, world), places) for world in worlds}
        (only,) = leaders if len(leaders) == 1 else ((),)
        is_told = only and all(published("/".join((name, *codes)), tables) is not None for name, codes in only)
        return " ".join("/".join(codes) for _, codes in only) if is_told else None
    if kind in {"every", "crossed"}:
        return None
    keys = str(claim["keys"]).split()
    given = {
        "data-claim": "diff" if kind in {"less", "more"} else kind,
        "data-table": keys[0].partition("/")[0],
        "data-key": " ".join(key.partition("/")[2] for key in keys),
        "data-scope": kind if kind in {"less", "more"} else scope,
    }
    return given["data-key"] if all(is_true(given, world, tables) for world in worlds) else None


def leading(cells: Mapping[tuple[str, Codes], int], places: int) -> tuple[tuple[str, Codes], ...]:
    """Return the first places of a scope, () when one of them is shared or has no name."""
    ranked = sorted(cells, key=lambda at: -cells[at])
    top = ranked[:places]
    counts = [cells[at] for at in ranked[: places + 1]]
    is_clear = len(top) == places and all(a > b for a, b in itertools.pairwise(counts))
    return tuple(top) if is_clear and not any({"_O", "?"} & set(codes) for _, codes in top) else ()
