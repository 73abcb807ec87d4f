"""Tables with filters within one another: an attacker who models every single combination of values finds nobody.

The attacker shares no code with the auditor: one unknown number of people for every combination of all columns, scipy's
mixed-integer solver, and the published tables as they are read from a release.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release import spec
from kerege.evidence.release.build_tables import make_tables
from kerege.vocabulary import codes

T = 10
FAR = 100_000
GROUP = {"begging": "other", "surrogacy": "other", "forced_labour": "labour", "servitude": "labour"}
SEVERAL = "service_kinds"
People = dict[tuple[str, ...], int]
Wanted = tuple[list[str], dict[str, Any]]


def register(people: People, columns: list[str]) -> Snapshot:
    """People by their values; '' is not reported, `;` separates several values."""
    rows = [dict(zip(columns, key, strict=True)) for key, count in people.items() for _ in range(count)]
    data: dict[str, list[Any]] = {name: [row[name] or None for row in rows] for name in columns}
    if "exploitation_form" in data:
        data["exploitation"] = [GROUP.get(form or "", form) for form in data["exploitation_form"]]
    if SEVERAL in data:
        data[SEVERAL] = [value.split(";") if value else None for value in data[SEVERAL]]
    frame = pl.DataFrame(data, schema={n: pl.List(pl.String) if n == SEVERAL else pl.String for n in data})
    return Snapshot(frame, "victims", "2025-12-31", True, "0" * 64, frozenset({SEVERAL} & set(data)))


def release(snapshot: Snapshot, *tables: Wanted) -> list[Table]:
    """The protected tables of a specification."""
    entries = [{"name": f"t{i}", "of": "victims", "by": by, "where": where} for i, (by, where) in enumerate(tables)]
    return make_tables([snapshot], spec.parse({"title": "x", "period": "2025", "table": entries}))


@dataclass
class Attacker:
    """Knows the values that occur, the code lists, and the published tables."""

    snapshot: Snapshot
    tables: list[Table]
    loose: bool = True

    def __post_init__(self) -> None:
        used = sorted({name for table in self.tables for name in (*table.by, *table.where)})
        self.columns = used + ["exploitation_form"] * ("exploitation" in used and "exploitation_form" not in used)
        self.people = [
            dict(zip(self.columns, values, strict=True))
            for values in product(*[self._domain(name) for name in self.columns])
        ]
        self.people = [person for person in self.people if self._can_be(person)]
        self.rows, self.low, self.high = [np.ones(len(self.people))], [0.0], [float(FAR)]
        for table in self.tables:
            self._learn(table)
        self.rule = LinearConstraint(np.array(self.rows), self.low, self.high)

    def _domain(self, name: str) -> list[Any]:
        column = self.snapshot.frame[name]
        if name in self.snapshot.multi:
            values = sorted(column.explode().drop_nulls().unique().to_list())
            return [
                frozenset(v for v, on in zip(values, bits, strict=True) if on)
                for bits in product([0, 1], repeat=len(values))
            ]
        return sorted(column.fill_null("_U").unique().to_list())

    @staticmethod
    def _can_be(person: dict[str, Any]) -> bool:
        if "exploitation" not in person or "exploitation_form" not in person:
            return True
        return bool(GROUP.get(person["exploitation_form"], person["exploitation_form"]) == person["exploitation"])

    @staticmethod
    def has(person: dict[str, Any], name: str, code: str) -> bool:
        value = person[name]
        if isinstance(value, frozenset):
            return code in value if code != "_U" else not value
        return bool(value == code)

    def within(self, person: dict[str, Any], where: dict[str, list[str]]) -> bool:
        return all(any(self.has(person, name, code) for code in wanted) for name, wanted in where.items())

    def in_code(self, person: dict[str, Any], table: Table, name: str, code: str) -> bool:
        listed = table.axes[table.by.index(name)]
        if code == "_T":
            return True
        if code == "_O":
            return not any(self.has(person, name, each) for each in listed)
        if table.params.get(f"coarsened:{name}") == "parent":
            known = codes.code_list(self.snapshot.list_of(name)).codes.get(person[name])
            return bool(((known and known.parent) or person[name]) == code)
        return self.has(person, name, code)

    def counted(self, table: Table, key: dict[str, str], where: dict[str, list[str]] | None = None) -> np.ndarray:
        """Who is counted in a cell."""
        where = table.where if where is None else where
        return np.array(
            [
                self.within(p, where) and all(self.in_code(p, table, name, code) for name, code in key.items())
                for p in self.people
            ],
            dtype=float,
        )

    def _learn(self, table: Table) -> None:
        half = int(table.params.get("half_width", 0))
        upper = half if self.loose or int(table.params.get("rounded_to", 1)) % 2 else half - 1
        for key, cell in table.cells.items():
            if cell.count is not None:
                d = half if cell.status == "perturbed" else 0
                self.rows.append(self.counted(table, dict(zip(table.by, key, strict=True))))
                self.low.append(max(cell.count - d, 0))
                self.high.append(cell.count + (upper if d else 0))
        for name, axis in zip(table.by, table.axes, strict=True):
            if name not in table.multi:
                absent = [not any(self.in_code(p, table, name, code) for code in axis[1:]) for p in self.people]
            else:
                absent = [
                    not any(self.has(p, name, code) for code in axis[1:]) or any(value not in axis for value in p[name])
                    for p in self.people
                ]
            self.rows.append(self.counted(table, {}) * np.array(absent))
            self.low.append(0)
            self.high.append(0)

    def interval(self, cell: np.ndarray) -> tuple[int, int]:
        ends = []
        for sign in (1, -1):
            solved = milp(sign * cell, constraints=self.rule, bounds=Bounds(0, FAR), integrality=np.ones(len(cell)))
            assert solved.success, solved.message
            ends.append(round(sign * solved.fun))
        return ends[0], ends[1]

    def harmed(self) -> list[str]:
        """Cells, and differences of filters within one another, that break the one definition of safe."""
        bad = []
        for table in self.tables:
            for flat, status in enumerate(table.status.flat):
                key = table.keys(flat)
                low, high = self.interval(self.counted(table, dict(zip(table.by, key, strict=True))))
                if low < T and high - low < T and not (status == 0 and high == 0):
                    bad.append(f"{table.name} {key}: {low} to {high}")
        for whole, part in product(self.tables, repeat=2):
            bad += self._difference(whole, part)
        return bad

    def _difference(self, whole: Table, part: Table) -> list[str]:
        if not self._nested(whole.where, part.where) and not self._overlap(whole.where, part.where):
            return []
        common = [name for name in whole.by if name in part.by]
        bad = []
        for shown in (whole, part):
            for key in product(*[shown.axes[shown.by.index(name)] for name in common]):
                wanted = dict(zip(common, key, strict=True))
                inside = self.counted(shown, wanted, part.where)
                gap = self.counted(shown, wanted, whole.where) * (1 - inside)
                low, high = self.interval(gap)
                if high > 0 and low < T and high - low < T:
                    bad.append(f"{whole.name} without {part.name} {key}: {low} to {high}")
        return bad

    def _overlap(self, one: dict[str, list[str]], two: dict[str, list[str]]) -> bool:
        """Whether two filters differ in a single-valued column that both of them filter, and share a value of it."""
        apart = [name for name in one.keys() | two.keys() if set(one.get(name, [])) != set(two.get(name, []))]
        return (
            len(apart) == 1
            and not self.snapshot.multi & set(apart)
            and bool(set(one.get(apart[0], [])) & set(two.get(apart[0], [])))
        )

    def _nested(self, whole: dict[str, list[str]], part: dict[str, list[str]]) -> bool:
        if any(name in self.snapshot.multi and part.get(name) != values for name, values in whole.items()):
            return False
        inside = [self.within(person, part) for person in self.people]
        outside = [self.within(person, whole) for person in self.people]
        return inside != outside and all(o for i, o in zip(inside, outside, strict=True) if i)


def check(snapshot: Snapshot, tables: list[Table]) -> None:
    for loose in (True, False):
        assert Attacker(snapshot, tables, loose).harmed() == []


CORRIDOR: People = {
    ("UZ", "KZ", "female"): 500,
    ("UZ", "KZ", "male"): 439,
    ("UZ", "RU", "male"): 5,
    ("KZ", "KZ", "female"): 300,
    ("KZ", "KZ", "male"): 326,
    ("KZ", "RU", "female"): 100,
    ("KZ", "RU", "male"): 48,
    ("KG", "KZ", "male"): 60,
    ("KG", "RU", "female"): 12,
}
PATHS = ["origin", "destination", "sex"]
FORMS: People = {
    ("forced_labour", "male"): 90,
    ("servitude", "male"): 30,
    ("begging", "female"): 15,
    ("surrogacy", "female"): 4,
    ("begging", "male"): 14,
    ("forced_labour", "female"): 25,
}


@pytest.mark.parametrize(
    "tables",
    [
        [(["origin"], {}), (["origin"], {"destination": "KZ"})],
        [(["origin"], {"destination": ["KZ", "RU"]}), (["origin"], {"destination": "KZ"})],
        [(["origin", "sex"], {}), (["origin"], {"sex": "male"}), (["sex"], {"destination": "RU"})],
        [([], {}), ([], {"origin": "UZ"}), (["destination"], {}), (["destination"], {"origin": "UZ"})],
        [
            (["origin"], {}),
            (["origin"], {"sex": "male"}),
            (["origin"], {"sex": "female"}),
            (["origin", "destination"], {}),
        ],
    ],
)
def test_a_few_people_outside_a_filter_are_not_found_by_subtracting(tables: list[Wanted]) -> None:
    snapshot = register(CORRIDOR, PATHS)
    check(snapshot, release(snapshot, *tables))


def test_the_attacker_finds_them_in_tables_that_were_only_protected_one_by_one() -> None:
    snapshot = register(CORRIDOR, PATHS)
    alone = [release(snapshot, table)[0] for table in ((["origin"], {}), (["origin"], {"destination": "KZ"}))]
    assert any("UZ" in found for found in Attacker(snapshot, alone).harmed())


@pytest.mark.parametrize(
    "tables",
    [
        [(["exploitation_form"], {}), (["exploitation"], {})],
        [(["exploitation"], {}), (["exploitation_form"], {"sex": "female"}), (["exploitation", "sex"], {})],
        [(["sex"], {"exploitation": "other"}), (["sex"], {"exploitation_form": "begging"})],
    ],
)
def test_forms_and_types_of_exploitation_do_not_give_each_other_away(tables: list[Wanted]) -> None:
    snapshot = register(FORMS, ["exploitation_form", "sex"])
    check(snapshot, release(snapshot, *tables))


def test_harmless_tables_stay_whole() -> None:
    people: People = {("UZ", "KZ"): 200, ("UZ", "RU"): 100, ("KZ", "KZ"): 300, ("KZ", "RU"): 50}
    snapshot = register(people, PATHS[:2])
    shown = release(snapshot, (["origin"], {}), (["origin"], {"destination": "KZ"}), (["origin", "destination"], {}))
    assert all((table.status == 0).all() for table in shown)


def test_ties_that_cannot_be_examined_are_refused_by_the_names_of_both_tables() -> None:
    people: People = {("UZ", "shelter;legal_aid"): 40, ("KZ", "shelter"): 50, ("KZ", ""): 20}
    snapshot = register(people, ["origin", SEVERAL])
    with pytest.raises(Refused, match="t0 and t1"):
        release(snapshot, ([SEVERAL], {SEVERAL: ["shelter", "legal_aid"]}), (["origin"], {}))


def test_three_people_besides_two_filters_are_not_found_from_the_totals() -> None:
    snapshot = register({("female",): 200, ("male",): 300, ("transgender",): 3}, ["sex"])
    check(snapshot, release(snapshot, ([], {}), ([], {"sex": "female"}), ([], {"sex": "male"})))


COUNTS = st.sampled_from([0, 0, 0, 1, 2, 4, 9, 10, 13, 25, 60, 200])
CHOICES = {
    "sex": ["female", "male", "transgender"],
    "destination": ["KZ", "RU"],
    "exploitation_form": ["begging", "surrogacy", "forced_labour", ""],
    SEVERAL: ["", "shelter", "shelter;legal_aid"],
}


@st.composite
def registers(draw: st.DrawFn) -> Snapshot:
    columns = sorted(draw(st.sets(st.sampled_from(sorted(CHOICES)), min_size=2, max_size=3)))
    keys = list(product(*[CHOICES[name] for name in columns]))
    return register({key: draw(COUNTS) for key in keys} | {keys[0]: 70}, columns)


@st.composite
def wanted(draw: st.DrawFn, snapshot: Snapshot) -> Wanted:
    columns = st.sampled_from(snapshot.columns)
    where = {}
    for name in draw(st.sets(columns, max_size=2)):
        column = snapshot.frame[name]
        values = sorted((column.explode() if name in snapshot.multi else column).drop_nulls().unique().to_list())
        if values:
            where[name] = sorted(draw(st.sets(st.sampled_from(values), min_size=1, max_size=2)))
    return sorted(draw(st.sets(columns, max_size=2))), where


def test_a_filter_by_a_group_stands_inside_a_filter_by_its_forms() -> None:
    """Found by chance: of the forms of a group only one occurs, so the group subtracts it from a filter by forms."""
    snapshot = register({("begging",): 70, ("forced_labour",): 1, ("",): 1}, ["exploitation_form"])
    check(
        snapshot,
        release(snapshot, ([], {"exploitation_form": ["begging", "forced_labour"]}), ([], {"exploitation": ["other"]})),
    )


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_register_and_no_specification_gives_anybody_away(data: st.DataObject) -> None:
    snapshot = data.draw(registers())
    tables = [data.draw(wanted(snapshot)) for _ in range(data.draw(st.integers(2, 4)))]
    try:
        shown = release(snapshot, *tables)
    except (BadInput, Refused) as reason:
        event(type(reason).__name__)
        return
    event("published")
    check(snapshot, shown)
