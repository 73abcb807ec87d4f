"""An attacker of published folders that shares no code with ours: a number for every kind of person, scipy's solver.

A kind of person is a combination of all columns that the tables use; in a column with several values it is a set of
values. Wherever no table lists every value of a column there is "another" one. The files are read here as well.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

ANOTHER, FAR = "another", 20_000
Value = str | frozenset[str]
Ends = tuple[int, int]
ABOVE = {
    "exploitation_form": (
        "exploitation",
        {"forced_labour": "labour", "child_labour": "labour", "begging": "other", "sexual_exploitation": "sexual"},
    ),
    "age_band": ("age_group", {"0_8": "child", "9_17": "child", "18_25": "adult", "26_30": "adult"}),
    "quarter": ("year", {f"{year}-Q{n}": str(year) for year in (2023, 2024) for n in (1, 2)}),
}


class Contradiction(Exception):
    """No people fit the tables."""


@dataclass(frozen=True)
class Sheet:
    """A published table; `cells` has the bounds of what each row says, None for a row without a bound above."""

    release: str
    name: str
    unit: str
    by: tuple[str, ...]
    where: dict[str, tuple[str, ...]]
    cells: dict[tuple[str, ...], tuple[int, int | None, str]]
    multi: frozenset[str]
    key: tuple[str, str]
    as_of: str
    period: str
    stated: bool
    complete: bool

    __hash__ = object.__hash__

    def axis(self, column: str) -> set[str]:
        return {key[self.by.index(column)] for key in self.cells} - {"_T"}

    def grid(self) -> Iterator[tuple[str, ...]]:
        return product(*[["_T", *sorted(self.axis(column))] for column in self.by])

    def group(self, key: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        return frozenset((c, v) for c, v in zip(self.by, key, strict=True) if v != "_T")

    def lines(self, d: int) -> Iterator[tuple[Ends, int, float]]:
        """By column: what a total says, and the least and most of all its parts."""
        for key, (least, most, _) in self.cells.items():
            if key[d] == "_T":
                parts = [
                    self.cells.get((*key[:d], value, *key[d + 1 :]), (0, None, "")) for value in self.axis(self.by[d])
                ]
                top = sum(float("inf") if part[1] is None else part[1] for part in parts)
                yield (least, FAR if most is None else most), sum(part[0] for part in parts), top

    def exceeding(self) -> frozenset[str]:
        """Columns whose parts exceed their total, so that people must have several values there."""
        if self.stated:
            return frozenset()
        return frozenset(c for d, c in enumerate(self.by) if any(least > total[1] for total, least, _ in self.lines(d)))

    def short(self) -> frozenset[str]:
        """Columns whose parts do not reach their total, so that some values are left out."""
        if self.stated:
            return frozenset() if self.complete else frozenset(self.by)
        return frozenset(c for d, c in enumerate(self.by) if any(most < total[0] for total, _, most in self.lines(d)))

    @property
    def filter(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        return frozenset((c, tuple(sorted(v))) for c, v in self.where.items())


def load(folder: Path) -> list[Sheet]:
    """The tables of a folder."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {}
    entries = manifest.get("tables") or [
        {"file": each.name, "name": each.stem} for each in sorted(folder.glob("*.csv"))
    ]
    return [_sheet(folder, entry, manifest) for entry in entries]


def _sheet(folder: Path, entry: dict[str, Any], manifest: dict[str, Any]) -> Sheet:
    with open(folder / entry["file"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
        by = tuple(
            name
            for name in csv.reader([(folder / entry["file"]).read_text().splitlines()[0]]).__next__()
            if name not in ("count", "status")
        )
    d = entry.get("params", {}).get("half_width")
    unit = entry.get("of", "records")
    snapshot = next((each for each in manifest.get("snapshots", []) if each["unit"] == unit), {})
    title = manifest.get("title", {}).get("en", folder.name)
    key = (unit, snapshot.get("fingerprint") or f"in {title}")
    return Sheet(
        title,
        entry["name"],
        unit,
        by,
        {c: tuple(v) for c, v in entry.get("where", {}).items()},
        {tuple(row[name] for name in by): _said(row, d) for row in rows},
        frozenset(entry.get("multi", ())),
        key,
        snapshot.get("as_of", ""),
        manifest.get("period", ""),
        "of" in entry,
        "small_categories" not in entry.get("params", {}),
    )


def _said(row: dict[str, str], d: int | None) -> tuple[int, int | None, str]:
    status = row.get("status") or ("ok" if row["count"].isdigit() else "suppressed")
    if status in ("suppressed", "noised") or (status == "perturbed" and d is None):
        return 0, None, status
    count, half = int(row["count"]), (d or 0) if status == "perturbed" else 0
    return max(count - half, 0), count + half, status


class People:
    """All kinds of people that tables can count, and how many of each there may be."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self.sheets = list(sheets)
        self.multi = frozenset().union(*(sheet.multi | sheet.exceeding() for sheet in self.sheets))
        self.listed = {
            id(sheet): {c: sheet.axis(c) for c in set(sheet.by) - (sheet.short() - self.multi)} for sheet in self.sheets
        }
        self.columns = sorted({c for sheet in self.sheets for c in (*sheet.by, *sheet.where)})
        kinds = product(*[self._domain(column) for column in self.columns])
        self.kinds = [dict(zip(self.columns, kind, strict=True)) for kind in kinds]
        self.kinds = [kind for kind in self.kinds if self._possible(kind)]
        rows, low, high = [], [], []
        for sheet in self.sheets:
            for key, (least, most, _) in sheet.cells.items():
                rows.append(self.counted(sheet, key))
                low.append(least)
                high.append(FAR if most is None else most)
        self.ties = LinearConstraint(np.array(rows, float).reshape(len(rows), len(self.kinds)), low, high)
        self.ends(np.zeros(len(self.kinds)), 1)

    def _domain(self, column: str) -> list[Value]:
        named = {v for sheet in self.sheets if column in sheet.by for v in sheet.axis(column)}
        named |= {v for sheet in self.sheets for v in sheet.where.get(column, ())}
        if column not in self.multi:
            return [*sorted(named), ANOTHER]
        values = [*sorted(named - {"_U"}), ANOTHER]
        return [frozenset(chosen) for size in range(len(values) + 1) for chosen in combinations(values, size)]

    def _possible(self, kind: dict[str, Value]) -> bool:
        for child, (above, told) in ABOVE.items():
            if child in kind and above in kind and kind[child] in told:
                known = told[str(kind[child])]
                named = {v for sheet in self.sheets if above in sheet.by for v in sheet.axis(above)}
                named |= {v for sheet in self.sheets for v in sheet.where.get(above, ())}
                if kind[above] != (known if known in named else ANOTHER):
                    return False
        return not any(self._unlisted(sheet, kind) for sheet in self.sheets)

    def _unlisted(self, sheet: Sheet, kind: dict[str, Value]) -> bool:
        """Whether a table would have a row for such a person, and has none."""
        listed = self.listed[id(sheet)]
        return self._inside(sheet, kind) and any(not self._values(kind, c) <= known for c, known in listed.items())

    def _values(self, kind: dict[str, Value], column: str) -> frozenset[str]:
        value = kind[column]
        if column not in self.multi:
            return frozenset({str(value)})
        assert isinstance(value, frozenset)
        return value or frozenset({"_U"})

    def _inside(self, sheet: Sheet, kind: dict[str, Value]) -> bool:
        return all(self._values(kind, column) & set(values) for column, values in sheet.where.items())

    def counted(self, sheet: Sheet, key: tuple[str, ...]) -> list[bool]:
        """Which kinds a cell counts."""
        return [
            self._inside(sheet, kind)
            and all(v == "_T" or v in self._values(kind, c) for c, v in zip(sheet.by, key, strict=True))
            for kind in self.kinds
        ]

    def ends(self, what: np.ndarray, sign: int) -> int:
        """The least (sign 1) or most (sign -1) of a sum over kinds."""
        if not self.kinds:
            if (self.ties.lb > 0).any():
                raise Contradiction
            return 0
        solved = milp(sign * what, constraints=self.ties, bounds=Bounds(0, FAR), integrality=np.ones(len(self.kinds)))
        if solved.status == 2:
            raise Contradiction
        assert solved.success, solved.message
        return round(sign * solved.fun)

    def apart(self, cell: dict[str, str]) -> Ends:
        """The feasible integers of a difference as the report names it: `without x` sets apart those with that too."""
        base = {c: set(v.split(" or ")) for c, v in cell.items() if not c.startswith("without ")}
        out = {c.removeprefix("without "): set(v.split(" or ")) for c, v in cell.items() if c.startswith("without ")}

        def are(kind: dict[str, Value], wanted: dict[str, set[str]]) -> bool:
            return all(self._values(kind, c) & values for c, values in wanted.items())

        what = [float(are(kind, base)) - float(bool(out) and are(kind, base | out)) for kind in self.kinds]
        return self.ends(np.array(what), 1), self.ends(np.array(what), -1)

    def interval(self, sheet: Sheet, key: tuple[str, ...]) -> Ends:
        """The feasible integers of a cell."""
        what = np.array(self.counted(sheet, key), float)
        return self.ends(what, 1), self.ends(what, -1)


def populations(sheets: Iterable[Sheet]) -> dict[tuple[str, str], list[Sheet]]:
    """Tables by the people they count."""
    found: dict[tuple[str, str], list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault(sheet.key, []).append(sheet)
    return found


def _agree(one: Sheet, two: Sheet) -> bool | None:
    mine = {one.group(k): v for k, v in one.cells.items() if v[1] is not None}
    theirs = {two.group(k): v for k, v in two.cells.items() if v[1] is not None}
    both = [(mine[g], theirs[g]) for g in mine.keys() & theirs.keys()]
    if any(a[0] > (b[1] or 0) or b[0] > (a[1] or 0) for a, b in both):
        return False
    return True if any(a[:2] == b[:2] and a[0] == a[1] and a[0] > 0 for a, b in both) else None


def guests(own: list[Sheet], others: list[Sheet]) -> list[Sheet]:
    """Tables of another date with a filter whose figures are all as they were, some of them shown at both dates."""
    found: list[Sheet] = []
    for wanted in {sheet.filter for sheet in others}:
        theirs = [sheet for sheet in others if sheet.filter == wanted]
        verdicts = {_agree(a, b) for a in own for b in theirs if a.filter == wanted}
        if True in verdicts and False not in verdicts:
            found += theirs
    return found


Place = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass
class Seen:
    """What can be known: of every cell the interval, in each population that has it."""

    cells: dict[Place, list[tuple[str, Ends]]]
    contradictory: bool


def place(sheet: Sheet, key: tuple[str, ...]) -> Place:
    """A cell as the report names it."""
    return sheet.release, sheet.name, tuple(sorted(sheet.group(key)))


def examine(sheets: list[Sheet]) -> tuple[Seen, dict[tuple[str, str], People]]:
    """All intervals of all cells, in all populations."""
    found, people = Seen({}, contradictory=False), {}
    every = populations(sheets)
    for key, own in every.items():
        others = [
            sheet
            for other, theirs in every.items()
            if other != key and other[0] == key[0]
            for sheet in guests(own, theirs)
        ]
        for tables in ([*own, *others], own):
            try:
                people[key] = People(tables)
                break
            except Contradiction:
                continue
        else:
            found.contradictory = True
            continue
        for sheet in people[key].sheets:
            for cell in sheet.grid():
                status = sheet.cells.get(cell, (0, 0, "absent"))[2]
                if status != "ok":
                    ends = people[key].interval(sheet, cell)
                    found.cells.setdefault(place(sheet, cell), []).append((status, ends))
    return found, people


def told(status: str, ends: Ends, threshold: int) -> bool:
    """The definition of a disclosure, for a figure that is not published."""
    low, high = ends
    if low >= threshold or high - low >= threshold:
        return False
    if status == "absent":
        return low > 0
    return status == "suppressed" or high > 0


def disclosed(folders: list[Path], threshold: int) -> tuple[dict[Place, set[Ends]], bool]:
    """Every cell that gives people away, with the closest intervals of it."""
    sheets = [sheet for folder in folders for sheet in load(folder)]
    seen, _ = examine(sheets)
    found: dict[Place, set[Ends]] = {}
    for cell, ways in seen.cells.items():
        bad = [ends for status, ends in ways if told(status, ends, threshold)]
        if bad:
            width = min(high - low for low, high in bad)
            found[cell] = {ends for ends in bad if ends[1] - ends[0] == width}
    for sheet in sheets:
        for cell, (low, high, status) in sheet.cells.items():
            if status == "ok" and low == high and 0 < low < threshold:
                found[place(sheet, cell)] = {(low, low)}
    return found, seen.contradictory


def nested(folders: list[Path], threshold: int) -> set[Ends]:
    """Whole tables less tables with a filter more, by total: those that tell of a few people."""
    _, people = examine([sheet for folder in folders for sheet in load(folder)])
    found: set[Ends] = set()
    for each in people.values():
        for whole, part in permutations(each.sheets, 2):
            if part.filter > whole.filter and not (part.where.keys() & each.multi):
                one, two = (np.array(each.counted(s, ("_T",) * len(s.by)), float) for s in (whole, part))
                ends = each.ends(one - two, 1), each.ends(one - two, -1)
                if ends[0] < threshold and ends[1] - ends[0] < threshold and ends[1] > 0:
                    found.add(ends)
    return found


def _few(ends: Ends, threshold: int) -> bool:
    low, high = ends
    return high - low < threshold and low < threshold and high > -threshold and ends != (0, 0)


def revisions(folders: list[Path], threshold: int) -> dict[tuple[str, str, Place], set[Ends]]:
    """Differences of the same figure at two dates that tell of few people: by tables and cell of the later one."""
    sheets = [sheet for folder in folders for sheet in load(folder)]
    _, people = examine(sheets)
    found: dict[Any, set[Ends]] = {}
    for old, new in combinations(sheets, 2):
        if old.key == new.key or old.unit != new.unit or {old.key, new.key} - people.keys():
            continue
        if not _same(old, new):
            continue
        before, after = people[old.key], people[new.key]
        mine = {_meant(old, cell): cell for cell in old.cells}
        for cell in new.cells:
            other = mine.get(_meant(new, cell))
            if other is None:
                continue
            was, now = before.interval(old, other), after.interval(new, cell)
            ends = now[0] - was[1], now[1] - was[0]
            if _few(ends, threshold):
                found.setdefault(place(new, cell), set()).add(ends)
    return found


def _meant(sheet: Sheet, key: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return sheet.group(key) | {(c, " or ".join(sorted(v))) for c, v in sheet.where.items()}


def _same(old: Sheet, new: Sheet) -> bool:
    if not (old.stated and new.stated):
        return old.name == new.name and old.filter == new.filter
    if old.as_of and new.as_of:
        return old.as_of != new.as_of
    return old.period == new.period
