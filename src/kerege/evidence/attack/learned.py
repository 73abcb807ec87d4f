"""What was learned, from which published numbers, and the least change that would have kept it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kerege.evidence.attack import find
from kerege.evidence.attack.families import REST
from kerege.evidence.attack.joint import Joint
from kerege.evidence.attack.published import Group, Sheet
from kerege.evidence.attack.repair import hidden, widen
from kerege.evidence.protect.solver import EPSILON, model
from kerege.evidence.protect.system import Ints
from kerege.evidence.tables import OK, PERTURBED, TOTAL

WHAT = {
    "interval": "The figure is not published but is",
    "difference": "Those who are in one table and not in the other are",
    "revision": "Those who came or went between two releases are",
}
SECONDS = 20.0  # for explaining; what remains is told without its sources
ROUNDS, MOST_SOURCES = 4, 12


@dataclass(frozen=True)
class Published:
    """A published number."""

    release: str
    table: str
    cell: dict[str, str]
    value: int

    def object(self) -> dict[str, Any]:
        """As JSON."""
        return {"release": self.release, "table": self.table, "cell": self.cell, "value": self.value}


@dataclass(frozen=True)
class Disclosure:
    """People who can be found: a cell or difference that is at least `lower` and at most `upper`.

    `kind` is small (published as it is), interval (a hidden cell), difference (of tables with other filters), revision
    (of two dates) or group (all members share a value).
    """

    kind: str
    release: str
    table: str
    cell: dict[str, str]
    lower: int
    upper: int
    sources: tuple[Published, ...] = ()
    hide: tuple[tuple[str, dict[str, str]], ...] = ()  # cells of tables that stop it when suppressed as well
    drop: str = ""  # the table to leave out where suppressing does not help
    where: dict[str, list[str]] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """About how many people, at most."""
        return max(abs(self.lower), abs(self.upper))

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is about."""
        return self.kind, self.table, self.release, tuple(sorted(self.cell.items()))

    @property
    def who(self) -> tuple[Any, ...]:
        """The people it is about, whichever table tells of them."""
        where = tuple(sorted((name, tuple(values)) for name, values in self.where.items()))
        several = self.kind if self.kind in ("difference", "revision", "group") else "cell"
        return several, where, tuple(sorted(self.cell.items()))


def codes_of(sheet: Sheet, flat: int) -> dict[str, str]:
    """The codes of a cell by column, totals left out."""
    return {name: code for name, code in zip(sheet.by, sheet.keys(flat), strict=True) if code != TOTAL}


def as_codes(group: Group) -> dict[str, str]:
    """The codes of a group by column."""
    return dict(sorted(group))


def published(sheet: Sheet, flat: int) -> Published:
    """A cell as a source."""
    return Published(sheet.release, sheet.name, codes_of(sheet, flat), int(sheet.counts.flat[flat]))


class Explainer:
    """Sources and remedies of what was found in one register, as long as there is time."""

    def __init__(self, joint: Joint, own: frozenset[str], threshold: int, deadline: float) -> None:
        self.joint, self.own, self.threshold, self.deadline = joint, own, threshold, deadline

    def of_cell(self, finding: find.Finding, kind: str) -> Disclosure:
        """A finding in words that can be printed."""
        place = self.joint.at(finding.cell)
        sheet, cell = self._difference(finding.cell) if place is None else self._table(*place)
        sources = self._sources(finding.cell) if time.monotonic() < self.deadline else ()
        hide = self._remedy(finding.cell) if time.monotonic() < self.deadline else ()
        drop = "" if hide else self._to_drop(sheet, finding.cell)
        kind = kind if place else "difference"
        return Disclosure(kind, sheet.release, sheet.name, cell, finding.lower, finding.upper, sources, hide, drop,
                          sheet.where)  # fmt: skip

    def _sheet(self, number: int) -> Sheet:
        sheet = self.joint.tables[number]
        assert isinstance(sheet, Sheet)  # noqa: S101 - the attack reads published tables only
        return sheet

    def _table(self, number: int, flat: int) -> tuple[Sheet, dict[str, str]]:
        sheet = self._sheet(number)
        return sheet, codes_of(sheet, flat)

    def _difference(self, cell: int) -> tuple[Sheet, dict[str, str]]:
        """The table that gives a difference away, the new one if either is, and who is meant."""
        each = self.joint.differences[cell - self.joint.cells]
        one, two = (self._sheet(number) for number in each.tables)
        told = self._named(each.boxes[0].masks, each.boxes[0].pick)
        for box in each.boxes[1:]:
            told |= {f"without {name}": code for name, code in self._named(box.masks, box.pick).items()
                     if told.get(name) != code}  # fmt: skip
        return (two if two.release in self.own and one.release not in self.own else one), told

    def _named(self, masks: dict[int, Any], pick: tuple[str, str] | None) -> dict[str, str]:
        told = {}
        for family, mask in masks.items():
            columns = self.joint.families[family]
            if not mask.all():
                values = sorted({atom[0] for atom, on in zip(columns.atoms, mask, strict=True) if on})
                told[columns.columns[0]] = " or ".join("another" if value == REST else value for value in values)
        return told | ({pick[0]: pick[1]} if pick else {})

    def _to_drop(self, sheet: Sheet, cell: int) -> str:
        owners = [self._sheet(number) for number in self.joint.owners[cell]]
        return next((each.name for each in [sheet, *owners] if each.release in self.own), "")

    def _remedy(self, cell: int) -> tuple[tuple[str, dict[str, str]], ...]:
        """Further cells of the new release to suppress: least loss, checked by attacking again."""
        joint, hide = self.joint, np.zeros(len(self.joint.truth), dtype=bool)
        for _ in range(ROUNDS):
            before = hide.sum()
            hide = hide | widen(joint, cell, self.threshold, hide)
            if hide.sum() == before:
                return ()
            after = hidden(joint, hide)
            low, high = find.intervals(after, np.array([cell]))[cell]
            if low >= self.threshold or high - low >= self.threshold:
                return tuple(self._cell(int(each)) for each in np.flatnonzero(hide))
        return ()

    def _cell(self, cell: int) -> tuple[str, dict[str, str]]:
        place = self.joint.at(cell)
        assert place is not None  # noqa: S101 - only cells of tables are hidden
        sheet, told = self._table(*place)
        return sheet.name, told

    def _sources(self, cell: int) -> tuple[Published, ...]:
        """The published numbers that carry the proof: those with a price in the programmes of both ends."""
        known = self.joint.known(tight=self.joint.rounded)
        near, rows = self._component(cell)
        matrix = known.rules.matrix[rows][:, near]
        solver = model(matrix, known.rules.low[rows], known.rules.high[rows], known.lower[near], known.upper[near])
        priced = np.zeros(len(near), dtype=bool)
        cost = np.zeros(len(near))
        for sign in (1.0, -1.0):
            cost[np.searchsorted(near, cell)] = sign
            solver.changeColsCost(len(near), np.arange(len(near), dtype=np.int32), cost)
            solver.run()
            priced |= np.abs(np.array(solver.getSolution().col_dual)) > EPSILON
        return tuple(self._told(near[priced].tolist()))[:MOST_SOURCES]

    def _told(self, cells: Iterable[int]) -> Iterable[Published]:
        for each in cells:
            place = self.joint.at(each)
            if place is not None and self.joint.tables[place[0]].status.flat[place[1]] in (OK, PERTURBED):
                yield published(self._sheet(place[0]), place[1])

    def _component(self, cell: int) -> tuple[Ints, Ints]:
        """The unknowns and rules that are tied to a cell."""
        matrix = self.joint.rules.matrix
        ties = sp.bmat([[None, matrix], [matrix.T, None]])
        _, label = connected_components(ties, directed=False)
        rows, cells = label[: matrix.shape[0]], label[matrix.shape[0] :]
        return np.flatnonzero(cells == cells[cell]), np.flatnonzero(rows == cells[cell])


def sentences(found: Disclosure, *, already: bool, threshold: int) -> tuple[str, str, str]:
    """Which figure, which attack, which remedy: three plain sentences in English."""
    return _figure(found), _attack(found), remedy(found, already=already, threshold=threshold)


def _who(cell: dict[str, str]) -> str:
    return ", ".join(f"{name}={code}" for name, code in cell.items()) or "the total"


def _amount(found: Disclosure) -> str:
    return str(found.lower) if found.lower == found.upper else f"between {found.lower} and {found.upper}"


def _figure(found: Disclosure) -> str:
    return f"Table {found.table} of {found.release}: {_who(found.cell)}."


def _attack(found: Disclosure) -> str:
    amount = _amount(found)
    if found.kind == "small":
        return f"The count {amount} is published as it is, so few people can be found."
    if found.kind == "group":
        return f"All {found.upper} people of this group have the same value, so it is known of each of them."
    by = listed_sources(found.sources)
    return f"{WHAT[found.kind]} {amount}, as can be worked out from {by}."


def listed_sources(sources: Sequence[Published], most: int = 6) -> str:
    """Published numbers in a sentence."""
    told = [f"{each.value} ({_who(each.cell)}, table {each.table}{_of(each, sources)})" for each in sources[:most]]
    more = f" and {len(sources) - most} more" if len(sources) > most else ""
    return ("; ".join(told) or "the published tables") + more


def _of(one: Published, sources: Sequence[Published]) -> str:
    return f" of {one.release}" if len({each.release for each in sources}) > 1 else ""


def remedy(found: Disclosure, *, already: bool, threshold: int) -> str:
    """The smallest change that stops it, in one sentence."""
    if already:
        return "This can no longer be protected: it follows from what is public already; do not repeat or refine it."
    if found.hide:
        cells = "; ".join(f"{_who(cell)} in table {table}" for table, cell in found.hide)
        return f"Suppress {cells}."
    if found.kind == "revision":
        return f"Keep the earlier figure, or suppress this one, until at least {threshold} people make the difference."
    return f"Leave out table {found.drop or found.table}, or make its groups coarser."
