"""Which published tables count the same people, as far as an outsider can tell.

Tables of one snapshot do, and those of one unit and date. Of two snapshots, those tables do whose filter selects the
same figures at both dates: nobody seems to have come or gone. A table that says neither unit nor filter (an article) is
taken to count whomever it agrees with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER
from kerege.evidence.sdc.constraints.code_matching import translated
from kerege.evidence.sdc.constraints.publication import UNNAMED, Publication, Sheet, known_several
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard


@dataclass(frozen=True)
class Population:
    """People at one date, and the tables that count them: the publisher's own, and those of other dates that fit."""

    unit: str
    key: str
    own: tuple[Sheet, ...]
    guests: tuple[Sheet, ...] = ()
    alike: frozenset[str] = frozenset()  # the populations of other dates whose people these are, as far as one can tell

    @property
    def sheets(self) -> list[Sheet]:
        """All tables."""
        return [*self.own, *self.guests]

    @cached_property
    def multi(self) -> frozenset[str]:
        """Columns in which one person can have several values."""
        filters = {name for sheet in self.sheets for name in sheet.where if known_several(self.unit, name)}
        return frozenset().union(filters, *(sheet.multi for sheet in self.sheets))

    @property
    def frame(self) -> pl.DataFrame | None:
        """An outsider holds no rows."""
        return None

    def list_of(self, column: str) -> str:
        """The code list of a column: the standard's, or the one that is called like it."""
        try:
            return standard.column(self.unit, column).list
        except LookupError:
            return self._guessed.get(column, column if column in codes.names() else "")

    @cached_property
    def _guessed(self) -> dict[str, str]:
        """Columns of other names whose codes are those of a list and of its parent list, side by side."""
        values: dict[str, set[str]] = {}
        for sheet in self.sheets:
            for name, axis in zip(sheet.by, sheet.axes, strict=True):
                values.setdefault(name, set()).update(set(axis[1:]) - {NOT_REPORTED, OTHER})
        found: dict[str, str] = {}
        for name in (each for each in codes.names() if codes.code_list(each).parent_list):
            above = codes.code_list(name).parent_list or ""
            children, parents = _like(values, name), _like(values, above)
            if children and parents:
                found |= dict.fromkeys(children, name) | dict.fromkeys(parents, above)
        return found


def _like(values: dict[str, set[str]], name: str) -> list[str]:
    known = set(codes.code_list(name).codes) if name in codes.names() else set()
    return [column for column, seen in values.items() if len(seen) > 1 and seen <= known]


def populations(publications: Sequence[Publication]) -> list[Population]:
    """All tables by the people they count, in the order of the publications."""
    found: dict[tuple[str, str], list[Sheet]] = {}
    sheets = [sheet for each in publications for sheet in each.sheets if standard.personal(sheet.of)]
    dated = {(sheet.of, sheet.as_of): sheet.origin for sheet in sheets if sheet.origin and sheet.as_of}
    for sheet in sheets:
        origin = sheet.origin or (dated.get((sheet.of, sheet.as_of)) if sheet.as_of else None)
        found.setdefault((sheet.of, origin) if origin else _key(sheet, found), []).append(sheet)
    for own in found.values():
        _several(own)
    alone = [Population(unit, key, tuple(own)) for (unit, key), own in found.items()]
    return [_with_guests(each, alone) for each in alone]


def _several(sheets: Sequence[Sheet]) -> None:
    """What one table shows of a column, that a person can have several values in it, holds for all tables."""
    multi = frozenset().union(*(sheet.multi for sheet in sheets))
    for sheet in sheets:
        sheet.multi = multi & set(sheet.by)


def _key(sheet: Sheet, found: dict[tuple[str, str], list[Sheet]]) -> tuple[str, str]:
    """Of a table that names no snapshot: the people of its publication, or those of them with whom it agrees."""
    key = (sheet.of, f"in {sheet.release}")
    if sheet.stated or sheet.of != UNNAMED:
        return key
    number = 1
    while any(agree(sheet, other) is False for other in found.get(key, ())):
        number += 1
        key = (sheet.of, f"in {sheet.release} {number}")
    return key


def adopted(publications: Sequence[Publication]) -> list[Publication]:
    """Tables of which nobody says whom they count, given the unit and filter of those whose figures they share."""
    stated = [sheet for each in publications for sheet in each.sheets if sheet.stated]
    if not stated:
        return list(publications)
    return [
        replace(
            each, sheets=[sheet if sheet.stated else _adopt(translated(sheet, stated), stated) for sheet in each.sheets]
        )
        for each in publications
    ]


def _adopt(sheet: Sheet, stated: list[Sheet]) -> Sheet:
    scores: dict[tuple[str, str, str], tuple[int, Sheet]] = {}
    wrong = set()
    for other in stated:
        key = (other.of, other.origin or f"in {other.release}", str(sorted(other.filter)))
        shared = shared_cells(sheet, other)
        if agree(sheet, other) and shared:
            scores[key] = max(scores.get(key, (0, other)), (len(shared), other), key=lambda pair: pair[0])
        elif agree(sheet, other) is False:
            wrong.add(key)
    best = max(
        (found for key, found in scores.items() if key not in wrong), key=lambda pair: pair[0], default=(0, sheet)
    )
    if best[0] <= 0:
        return sheet
    like = best[1]
    multi = frozenset(name for name in sheet.by if name in sheet.multi or known_several(like.of, name))
    return replace(sheet, of=like.of, where=dict(like.where), origin=like.origin, as_of=like.as_of, multi=multi)


def shared_cells(one: Sheet, two: Sheet) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """What two tables say of the groups that both show."""
    mine, theirs = one.bounded, two.bounded
    return [(mine[group], theirs[group]) for group in mine.keys() & theirs.keys()]


def agree(one: Sheet, two: Sheet) -> bool | None:
    """Whether two tables show the same figures where both show any, and one that is more than nobody; None: no such."""
    shared = shared_cells(one, two)
    if not shared:
        return None
    if any(a[0] > b[1] or b[0] > a[1] for a, b in shared):
        return False
    return True if any(a == b and a[0] == a[1] > 0 for a, b in shared) else None


def _with_guests(mine: Population, others: Sequence[Population]) -> Population:
    """With tables of the same unit at other dates whose filter selects people of whom nobody seems to have changed."""
    found: list[Sheet] = []
    alike = set()
    for other in others:
        if other is mine or other.unit != mine.unit:
            continue
        for where in dict.fromkeys(sheet.filter for sheet in other.own):
            theirs = [sheet for sheet in other.own if sheet.filter == where]
            if _unchanged([sheet for sheet in mine.own if sheet.filter == where], theirs):
                found += theirs
                alike.add(other.key)
    return replace(mine, guests=tuple(found), alike=frozenset(alike))


def _unchanged(one: Sequence[Sheet], two: Sequence[Sheet]) -> bool:
    verdicts = {agree(a, b) for a in one for b in two}
    return True in verdicts and False not in verdicts
