"""The attack on a publication together with everything that was public before it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from kerege.evidence.attack import find
from kerege.evidence.attack.joint import Joint, join
from kerege.evidence.attack.learned import (
    SECONDS,
    Disclosure,
    Explainer,
    codes_of,
    published,
    remedy,
    sentences,
)
from kerege.evidence.attack.populations import Population, adopted, populations
from kerege.evidence.attack.published import Group, Publication, Sheet, read
from kerege.evidence.tables import NOT_REPORTED, OK, OTHER, PERTURBED, WITHHELD
from kerege.standard.faults import Refused

THRESHOLD = 10
Interval = tuple[float, float]


@dataclass
class Attack:
    """Everything that was learned from some publications, and what could not be made to fit together."""

    threshold: int
    own: frozenset[str]
    found: list[Disclosure] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    examined: dict[str, int] = field(default_factory=lambda: dict.fromkeys(
        ("releases", "tables", "cells", "hidden", "differences"), 0))  # fmt: skip


def examine(folder: Path, prior: Sequence[Path] = (), threshold: int = THRESHOLD, *, label: str = "") -> dict[str, Any]:
    """Attack the publication in `folder` together with earlier ones; returns the report that `--json` prints.

    `safe` is whether nothing at all can be learned from all of them; what follows from the earlier ones alone is marked
    `already_public`. `label` is what it is called where its folder has no name that people know. Raises BadInput for
    folders that hold no readable table.
    """
    new = read(folder)
    return report(_called(new, label) if label else new, public(prior), threshold)


def public(prior: Iterable[Path]) -> list[Publication]:
    """Earlier publications."""
    return [read(each) for each in prior]


def report(new: Publication, old: Sequence[Publication], threshold: int) -> dict[str, Any]:
    """The report on a publication and the earlier ones."""
    *old, new = adopted(_apart([*old, new]))
    own = frozenset({new.label})
    everything = attack([*old, new], own, threshold)
    before = {found.who: found for found in attack(old, frozenset(), threshold).found} if old else {}
    told = []
    for found in everything.found:
        known = before.get(found.who)
        already = known is not None and known.lower >= found.lower and known.upper <= found.upper
        told.append(_object(found, already, threshold))
    return {
        "safe": not told, "threshold": threshold, "disclosures": told, "groups": everything.groups,
        "already_public": sum(1 for each in told if each["already_public"]), "examined": everything.examined,
        "notes": everything.notes,
    }  # fmt: skip


def _apart(publications: Sequence[Publication]) -> list[Publication]:
    """Publications under labels of their own."""
    found: dict[str, Publication] = {}
    for each in reversed(publications):
        label, number = each.label, 2
        while label in found:
            label, number = f"{each.label} ({number})", number + 1
        found[label] = _called(each, label)
    return list(found.values())[::-1]


def _called(publication: Publication, label: str) -> Publication:
    if label == publication.label:
        return publication
    return replace(publication, label=label, sheets=[replace(each, release=label) for each in publication.sheets])


def _object(found: Disclosure, already: bool, threshold: int) -> dict[str, Any]:
    advice: list[dict[str, Any]] = []
    for table in dict.fromkeys(name for name, _ in found.hide):
        advice.append({"table": table, "action": "hide", "cells": [cell for name, cell in found.hide if name == table]})
    if not advice and not already:
        advice = [{"table": found.drop or found.table, "action": "drop", "cells": []}]
    return {
        "kind": found.kind, "release": found.release, "table": found.table, "where": found.where, "cell": found.cell,
        "lower": found.lower, "upper": found.upper, "people": found.people,
        "from": [each.object() for each in found.sources],
        "remedy": remedy(found, already=already, threshold=threshold),
        "words": sentences(found, already=already, threshold=threshold),
        "advice": [] if already else advice, "already_public": already,
    }  # fmt: skip


def attack(publications: Sequence[Publication], own: frozenset[str], threshold: int) -> Attack:
    """What an outsider learns from publications, oldest first; `own` names those that can still be changed."""
    told = Attack(threshold, own)
    told.examined["releases"] = len(publications)
    registers = [Register(each, told) for each in populations(publications)]
    deadline = time.monotonic() + SECONDS
    for register in registers:
        told.found += register.disclosures(deadline)
        told.groups += register.groups()
    for one, two in combinations(registers, 2):
        told.found += _revisions(one, two, told)
    closest: dict[tuple[Any, ...], Disclosure] = {}
    for found in told.found:
        other = closest.setdefault(found.key, found)
        if found.upper - found.lower < other.upper - other.lower:
            closest[found.key] = found
    told.found = sorted(closest.values(), key=lambda each: (each.release not in own, each.upper, each.table))
    return told


class Register:
    """One population under attack."""

    def __init__(self, population: Population, told: Attack) -> None:
        self.population, self.told = population, told
        self.sheets = population.sheets
        self.joint = self._joined()
        own = population.own
        told.examined["tables"] += len(own)
        told.examined["cells"] += sum(int((sheet.status != WITHHELD).sum()) for sheet in own)
        told.examined["hidden"] += sum(int(((sheet.status != WITHHELD) & (sheet.status != OK)).sum()) for sheet in own)
        if self.joint is not None:
            told.examined["differences"] += len(self.joint.differences)

    def _joined(self) -> Joint | None:
        """All tables tied together; only the publisher's own where those of other dates do not fit after all."""
        for sheets in (self.population.sheets, list(self.population.own)):
            self.sheets = sheets
            try:
                return self._fixed(find.settled(self._system(sheets)))
            except find.Contradiction:
                continue
        names = ", ".join(dict.fromkeys(sheet.name for sheet in self.population.own))
        self.told.notes.append(f"the figures contradict one another, so nothing was worked out from them: {names}")
        return None

    def _system(self, sheets: list[Sheet]) -> Joint:
        try:
            return join(self.population, sheets)
        except Refused:
            self.told.notes.append(
                f"{len(sheets)} tables of {self.population.unit} have too many combinations to be looked at together;"
                " they were tied by the columns that each two of them share"
            )
            return join(self.population, sheets, loose=True)

    def _fixed(self, joint: Joint) -> Joint:
        fixed = frozenset(i for i, sheet in enumerate(self.sheets) if sheet.release not in self.told.own)
        return replace(joint, fixed=fixed)

    def disclosures(self, deadline: float) -> Iterator[Disclosure]:
        """Small counts that are published, and cells and differences that can be pinned down."""
        explainer = Explainer(self.joint, self.told.own, self.told.threshold, deadline) if self.joint else None
        for number, sheet in enumerate(self.sheets):
            small = (sheet.status == OK) & (sheet.counts > 0) & (sheet.counts < self.told.threshold)
            for flat in np.flatnonzero(small.ravel()).tolist() if sheet in self.population.own else ():
                yield self._small(sheet, number, flat, explainer)
        if explainer is not None and self.joint is not None:
            for finding in find.findings(self.joint, self.told.threshold):
                yield explainer.of_cell(finding, "interval")

    def _small(self, sheet: Sheet, number: int, flat: int, explainer: Explainer | None) -> Disclosure:
        count = int(sheet.counts.flat[flat])
        if explainer is not None and self.joint is not None and time.monotonic() < explainer.deadline:
            cell = int(self.joint.places[number][flat])
            return replace(
                explainer.of_cell(find.Finding(cell, count, count), "small"), sources=(published(sheet, flat),)
            )
        return Disclosure("small", sheet.release, sheet.name, codes_of(sheet, flat), count, count,
                          (published(sheet, flat),), drop=sheet.name, where=sheet.where)  # fmt: skip

    def groups(self) -> list[dict[str, Any]]:
        """Groups of which all members share a value, as the tables show; of a sensitive column they are disclosures."""
        told = []
        for sheet in self.population.own:
            for found, column, code in _alike(sheet):
                told.append({"release": sheet.release, "table": sheet.name, "where": sheet.where, "cell": found.cell,
                             "shares": {column: code}, "people": found.people})  # fmt: skip
                if column in sheet.sensitive:
                    self.told.found.append(replace(found, cell=found.cell | {column: code}))
        return told

    def bounds_of(self, sheet: Sheet, flat: int) -> Interval:
        """What can be known of a cell; of a cell that is not published, only where it is known to be large."""
        if sheet.status.flat[flat] in (OK, PERTURBED):
            return float(sheet.lower.flat[flat]), float(sheet.upper.flat[flat])
        if self.joint is None or sheet not in self.sheets:
            return 0.0, np.inf
        cell = int(self.joint.places[self.sheets.index(sheet)][flat])
        low, high = find.intervals(self.joint, np.array([cell]))[cell]
        return float(low), float(high)


def _alike(sheet: Sheet) -> Iterator[tuple[Disclosure, str, str]]:
    """Lines of a table in which all but one code are known to be nobody, while other lines have more."""
    for d, column in enumerate(sheet.by):
        if column in sheet.multi or sheet.counts.shape[d] < 3:
            continue
        upper, lower = np.moveaxis(sheet.upper, d, -1), np.moveaxis(sheet.lower, d, -1)
        some = upper[..., 1:] > 0
        if (some.sum(axis=-1) <= 1).all():
            continue
        for place in np.argwhere((some.sum(axis=-1) == 1) & (lower.max(axis=-1) > 0)):
            at = tuple(int(i) for i in place)
            code = sheet.axes[d][1 + int(np.flatnonzero(some[at])[0])]
            if code not in (NOT_REPORTED, OTHER):
                keys = [axis[i] for axis, i in zip([*sheet.axes[:d], *sheet.axes[d + 1 :]], at, strict=True)]
                names = [name for name in sheet.by if name != column]
                cell = {name: key for name, key in zip(names, keys, strict=True) if key != "_T"}
                people = int(lower[at].max())
                yield Disclosure("group", sheet.release, sheet.name, cell, people, people, drop=sheet.name,
                                 where=sheet.where), column, code  # fmt: skip


def _revisions(one: Register, two: Register, told: Attack) -> Iterator[Disclosure]:
    """Differences of the same figure at two dates that tell of a few people."""
    if one.population.unit != two.population.unit:
        return
    first, second = sorted((one, two), key=lambda each: each.population.own[0].as_of)
    for old in first.population.own:
        for new in second.population.own:
            if comparable(old, new):
                yield from _changed(first, old, second, new, told)


def comparable(old: Sheet, new: Sheet) -> bool:
    """Whether two tables count the same population at two dates."""
    if not (old.stated and new.stated):
        return old.name == new.name and old.filter == new.filter
    dated = bool(old.as_of and new.as_of and old.as_of != new.as_of)  # the whole register at two dates
    return dated or (old.period == new.period and old.origin != new.origin) or (old.name == new.name and not old.period)


def _changed(first: Register, old: Sheet, second: Register, new: Sheet, told: Attack) -> Iterator[Disclosure]:
    before, after = places(old), places(new)
    for group in sorted(before.keys() & after.keys(), key=sorted):
        a, b = before[group], after[group]
        if not (_shown(old, a) or _shown(new, b)):
            continue  # both hidden, each by at least the threshold
        low, high = first.bounds_of(old, a)
        lower, upper = second.bounds_of(new, b)
        least, most = lower - high, upper - low
        told.examined["differences"] += 1
        if few(least, most, told.threshold):
            sources = tuple(published(s, f) for s, f in ((old, a), (new, b)) if _shown(s, f))
            mine = new if new.release in told.own or old.release not in told.own else old
            cell = codes_of(mine, b if mine is new else a)
            yield Disclosure("revision", mine.release, mine.name, cell, int(least), int(most), sources,
                             drop=mine.name, where=mine.where)  # fmt: skip


def few(least: float, most: float, threshold: int) -> bool:
    """Whether a difference within bounds may be of a few people, and is known too closely."""
    return most - least < threshold and least < threshold and most > -threshold and (least, most) != (0, 0)


def places(sheet: Sheet) -> dict[Group, int]:
    """The position of each group that a table names, whether by its filter or by its codes."""
    shown = np.flatnonzero(sheet.status.ravel() != WITHHELD)
    chosen = frozenset((column, " or ".join(values)) for column, values in sheet.filter)
    return {sheet.group(int(flat)) | chosen: int(flat) for flat in shown}


def _shown(sheet: Sheet, flat: int) -> bool:
    return sheet.status.flat[flat] in (OK, PERTURBED)


def new_disclosures(report_: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """What the attacked publication adds to what could be learned before it."""
    return [each for each in report_["disclosures"] if not each["already_public"]]
