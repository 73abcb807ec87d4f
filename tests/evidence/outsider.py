"""An independent intruder for published folders: one unknown for each kind of person.

The module shares no code with the product. A kind of person is a combination of the values in all columns of the
tables; in a multi-valued column it has a set of values. A column that no table lists completely has the further value
"another". `outsider_sheets` reads the files; scipy solves the programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, permutations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.evidence.outsider_sheets import ABOVE, ANOTHER, FAR, Contradiction, Ends, Sheet, Value


class People:
    """All kinds of people that the tables can count, and the constraints on their numbers."""

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
        self.solved: dict[tuple[bytes, int], int] = {}
        self.ends(np.zeros(len(self.kinds)), 1)

    def _domain(self, column: str) -> list[Value]:
        named = {v for sheet in self.sheets if column in sheet.by for v in sheet.axis(column)}
        named |= {v for sheet in self.sheets for v in sheet.where.get(column, ())}
        if column not in self.multi:
            return [*sorted(named), ANOTHER]
        values = [*sorted(named - {"_U"}), ANOTHER]
        return [frozenset(chosen) for size in range(len(values) + 1) for chosen in combinations(values, size)]

    def _possible(self, kind: dict[str, Value]) -> bool:
        for child, (above, parents) in ABOVE.items():
            if child in kind and above in kind and kind[child] in parents:
                parent = parents[str(kind[child])]
                named = {v for sheet in self.sheets if above in sheet.by for v in sheet.axis(above)}
                named |= {v for sheet in self.sheets for v in sheet.where.get(above, ())}
                if kind[above] != (parent if parent in named else ANOTHER):
                    return False
        return not any(self._unlisted(sheet, kind) for sheet in self.sheets)

    def _unlisted(self, sheet: Sheet, kind: dict[str, Value]) -> bool:
        """Return whether a table would have a row for such a person, and has none."""
        listed = self.listed[id(sheet)]
        return self._inside(sheet, kind) and any(not self._values(kind, c) <= codes for c, codes in listed.items())

    def _values(self, kind: dict[str, Value], column: str) -> frozenset[str]:
        value = kind[column]
        if column not in self.multi:
            return frozenset({str(value)})
        assert isinstance(value, frozenset)
        return value or frozenset({"_U"})

    def _inside(self, sheet: Sheet, kind: dict[str, Value]) -> bool:
        return all(self._values(kind, column) & set(values) for column, values in sheet.where.items())

    def counted(self, sheet: Sheet, key: tuple[str, ...]) -> list[bool]:
        """Return which kinds a cell counts."""
        return [
            self._inside(sheet, kind)
            and all(v == "_T" or v in self._values(kind, c) for c, v in zip(sheet.by, key, strict=True))
            for kind in self.kinds
        ]

    def ends(self, weights: np.ndarray, sign: int) -> int:
        """Return the least (sign 1) or the most (sign -1) of a sum over kinds.

        Tables of one release often count the same people: a sum that was solved is not solved again.
        """
        key = (weights.tobytes(), sign)
        if key not in self.solved:
            self.solved[key] = self._solve(weights, sign)
        return self.solved[key]

    def _solve(self, weights: np.ndarray, sign: int) -> int:
        if not self.kinds:
            if (self.ties.lb > 0).any():
                raise Contradiction
            return 0
        solved = milp(
            sign * weights, constraints=self.ties, bounds=Bounds(0, FAR), integrality=np.ones(len(self.kinds))
        )
        if solved.status == 2:
            raise Contradiction
        assert solved.success, solved.message
        return round(sign * solved.fun)

    def difference_interval(self, cell: dict[str, str]) -> Ends:
        """Return the feasible integers of a difference, named as in the report.

        A value `v and w` is of people with both. A key `without x` excludes the people with one of its values; `without
        x and y` those with the values of both columns. Return (-1, -1) for columns that no table has.
        """
        if {column for name in cell for column in name.removeprefix("without ").split(" and ")} - {*self.columns}:
            return -1, -1
        base = [
            (c, set(value.split(" or ")))
            for c, v in cell.items()
            if not c.startswith("without ")
            for value in v.split(" and ")
        ]
        excluded = [
            dict(
                zip(
                    c.removeprefix("without ").split(" and "),
                    [set(w.split(" or ")) for w in v.split(" and ")],
                    strict=True,
                )
            )
            for c, v in cell.items()
            if c.startswith("without ")
        ]

        def are(kind: dict[str, Value], values_of: Iterable[tuple[str, set[str]]]) -> bool:
            return all(self._values(kind, c) & values for c, values in values_of)

        weights = [
            float(are(kind, base) and not any(are(kind, other.items()) for other in excluded)) for kind in self.kinds
        ]
        return self.ends(np.array(weights), 1), self.ends(np.array(weights), -1)

    def interval(self, sheet: Sheet, key: tuple[str, ...]) -> Ends:
        """Return the feasible integers of a cell."""
        weights = np.array(self.counted(sheet, key), float)
        return self.ends(weights, 1), self.ends(weights, -1)


def populations(sheets: Iterable[Sheet]) -> dict[tuple[str, str], list[Sheet]]:
    """Return the tables grouped by the people that they count."""
    by_key: dict[tuple[str, str], list[Sheet]] = {}
    for sheet in sheets:
        by_key.setdefault(sheet.key, []).append(sheet)
    return by_key


def _agree(first: Sheet, second: Sheet) -> bool | None:
    first_bounds = {first.group(k): v for k, v in first.cells.items() if v[1] is not None}
    second_bounds = {second.group(k): v for k, v in second.cells.items() if v[1] is not None}
    shared = [(first_bounds[g], second_bounds[g]) for g in first_bounds.keys() & second_bounds.keys()]
    if any(a[0] > (b[1] or 0) or b[0] > (a[1] or 0) for a, b in shared):
        return False
    return True if any(a[:2] == b[:2] and a[0] == a[1] and a[0] > 0 for a, b in shared) else None


def guests(own: list[Sheet], others: list[Sheet]) -> list[Sheet]:
    """Return tables of another date with a filter whose figures are equal.

    At least one figure must be published at both dates.
    """
    result: list[Sheet] = []
    for where in {sheet.filter for sheet in others}:
        theirs = [sheet for sheet in others if sheet.filter == where]
        verdicts = {_agree(a, b) for a in own for b in theirs if a.filter == where}
        if True in verdicts and False not in verdicts:
            result += theirs
    return result


Place = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass
class Intervals:
    """The interval of every cell, in each population that has it."""

    cells: dict[Place, list[tuple[str, Ends]]]
    contradictory: bool


def place(sheet: Sheet, key: tuple[str, ...]) -> Place:
    """Return a cell as the report names it."""
    return sheet.release, sheet.name, tuple(sorted(sheet.group(key)))


@lru_cache(maxsize=2)  # several checks ask about the same tables
def examine(sheets: tuple[Sheet, ...]) -> tuple[Intervals, dict[tuple[str, str], People]]:
    """Return the intervals of all cells in all populations, and the people of each population."""
    intervals, people = Intervals({}, contradictory=False), {}
    by_key = populations(sheets)
    for key, own in by_key.items():
        others = [
            sheet
            for other_key, other_tables in by_key.items()
            if other_key != key and other_key[0] == key[0]
            for sheet in guests(own, other_tables)
        ]
        for tables in ([*own, *others], own):
            try:
                people[key] = People(tables)
                break
            except Contradiction:
                continue
        else:
            intervals.contradictory = True
            continue
        for sheet in people[key].sheets:
            for cell in sheet.grid():
                status = sheet.cells.get(cell, (0, 0, "absent"))[2]
                if status != "ok":
                    ends = people[key].interval(sheet, cell)
                    intervals.cells.setdefault(place(sheet, cell), []).append((status, ends))
    for dated in over_time(sheets):
        for sheet in dated.sheets:
            for cell in sheet.grid():
                status = sheet.cells.get(cell, (0, 0, "absent"))[2]
                if status != "ok":
                    intervals.cells.setdefault(place(sheet, cell), []).append((status, dated.interval(sheet, cell)))
    return intervals, people


def is_disclosed(ends: Ends, threshold: int) -> bool:
    """Return whether the interval of a figure is a disclosure."""
    low, high = ends
    return low < threshold and high > 0 and (high < threshold or high - low < threshold - 1)


def disclosed(sheets: tuple[Sheet, ...], threshold: int) -> tuple[dict[Place, set[Ends]], bool]:
    """Return every disclosed cell with its narrowest intervals, and whether tables contradict one another."""
    intervals, _ = examine(sheets)
    result: dict[Place, set[Ends]] = {}
    for cell, by_population in intervals.cells.items():
        narrow = [ends for _, ends in by_population if is_disclosed(ends, threshold)]
        if narrow:
            width = min(high - low for low, high in narrow)
            result[cell] = {ends for ends in narrow if ends[1] - ends[0] == width}
    for sheet in sheets:
        for cell, (low, high, status) in sheet.cells.items():
            if status == "ok" and low == high and 0 < low < threshold:
                result[place(sheet, cell)] = {(low, low)}
    return result, intervals.contradictory


def nested(sheets: tuple[Sheet, ...], threshold: int) -> set[Ends]:
    """Return the small differences of totals between a table and one with a stricter filter.

    The ends are the narrowest that one date or both dates together allow, as for a cell.
    """
    _, people = examine(sheets)
    by_pair: dict[tuple[str, ...], list[Ends]] = {}
    for population in people.values():
        for outer, inner in permutations(population.sheets, 2):
            if inner.filter > outer.filter and not (inner.where.keys() & population.multi):
                by_pair.setdefault(_pair(outer, inner), []).append(_difference(population, outer, inner))
    for dated in over_time(sheets):
        for outer, inner in permutations(dated.sheets, 2):
            if _pair(outer, inner) in by_pair:
                by_pair[_pair(outer, inner)].append(_difference(dated, outer, inner))
    narrowest = [min(ends, key=lambda pair: (pair[1] - pair[0], pair)) for ends in by_pair.values()]
    return {ends for ends in narrowest if is_disclosed(ends, threshold)}


def _pair(outer: Sheet, inner: Sheet) -> tuple[str, ...]:
    return outer.release, outer.name, inner.release, inner.name


def _difference(population: People, outer: Sheet, inner: Sheet) -> Ends:
    """Return the feasible integers of the total of a table less that of another one."""
    totals = (np.array(population.counted(sheet, ("_T",) * len(sheet.by)), float) for sheet in (outer, inner))
    weights = next(totals) - next(totals)
    return population.ends(weights, 1), population.ends(weights, -1)


@lru_cache(maxsize=2)
def over_time(sheets: tuple[Sheet, ...]) -> list[People]:
    """Return the people of tables of two dates, where one table counts part of those of another.

    People who are counted at one date only have the value "another" in the column `entered`.
    """
    dates = list(populations(sheets).values())
    if len(dates) < 2 or dates[0][0].unit != dates[1][0].unit:
        return []
    growing = [[_of_part(sheet) for sheet in dates[0]], dates[1]]
    shrinking = [dates[0], [_of_part(sheet) for sheet in dates[1]]]
    for dated in (growing, shrinking):
        if people := _people([*dated[0], *dated[1]]):
            return [people]
    orders = [_consistent(growing), _consistent(growing[::-1])]
    part = max(orders, key=len)
    result = [_people(part)] if len({sheet.key for sheet in part}) > 1 else []
    for dated in (growing, shrinking):
        for own, other in (dated, dated[::-1]):
            for number, sheet in enumerate(own):
                if growing[dated.index(own)][number] not in part:
                    kept = _consistent([[sheet], *[[candidate] for candidate in other]])
                    result += [_people(kept)] if len(kept) > 1 and kept[0] is sheet else []
    return [people for people in result if people is not None]


def _of_part(sheet: Sheet) -> Sheet:
    return replace(sheet, where=sheet.where | {"entered": ("old",)})


def _people(sheets: list[Sheet]) -> People | None:
    try:
        return People(sheets)
    except Contradiction:
        return None


def _consistent(dates: list[list[Sheet]]) -> list[Sheet]:
    """Return the tables that fit together when the dates are added in order, else their tables one by one."""
    kept: list[Sheet] = []
    for sheets in dates:
        if _people([*kept, *sheets]):
            kept += sheets
        elif len(sheets) > 1:
            for sheet in sheets:
                kept += [sheet] if _people([*kept, sheet]) else []
    return kept


def entered(sheets: tuple[Sheet, ...], threshold: int) -> set[Ends]:
    """Return the ends of disclosed groups of people of one date only, by at most two codes of a cell."""
    result: set[Ends] = set()
    for people in over_time(sheets):
        for sheet in people.sheets:
            for cell in sheet.cells if not (sheet.where.keys() - {"entered"} or set(sheet.by) & people.multi) else ():
                codes = dict(sheet.group(cell))
                if len(codes) < 3:
                    ends = people.difference_interval(codes | {"entered": ANOTHER})
                    result |= {ends} if is_disclosed(ends, threshold) else set()
    return result
