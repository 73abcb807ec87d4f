"""Tables with nested filters: an intruder who models every combination of values finds no disclosure.

The intruder shares no code with the audit. It has one unknown for every combination of all columns, scipy's
mixed-integer solver, and the published tables as a reader of the release gets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
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
from tests.evidence.oracle import is_safe

THRESHOLD = 10
FAR = 100_000
GROUP = {"begging": "other", "surrogacy": "other", "forced_labour": "labour", "servitude": "labour"}
SEVERAL = "service_kinds"
People = dict[tuple[str, ...], int]
TableRequest = tuple[list[str], dict[str, Any]]


def register(people: People, columns: list[str]) -> Snapshot:
    """Return a register from people by their values; '' is not reported, `;` separates several values."""
    rows = [dict(zip(columns, key, strict=True)) for key, count in people.items() for _ in range(count)]
    data: dict[str, list[Any]] = {name: [row[name] or None for row in rows] for name in columns}
    if "exploitation_form" in data:
        data["exploitation"] = [GROUP.get(form or "", form) for form in data["exploitation_form"]]
    if SEVERAL in data:
        data[SEVERAL] = [value.split(";") if value else None for value in data[SEVERAL]]
    frame = pl.DataFrame(data, schema={n: pl.List(pl.String) if n == SEVERAL else pl.String for n in data})
    return Snapshot(frame, "victims", "2025-12-31", True, "0" * 64, frozenset({SEVERAL} & set(data)))


def release(snapshot: Snapshot, *tables: TableRequest) -> list[Table]:
    """Return the protected tables of a specification."""
    entries = [{"name": f"t{i}", "of": "victims", "by": by, "where": where} for i, (by, where) in enumerate(tables)]
    return make_tables([snapshot], spec.parse({"title": "x", "period": "2025", "table": entries}))


@dataclass
class Intruder:
    """An intruder who knows the values that occur, the code lists, and the published tables."""

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
        self.people = [person for person in self.people if self._is_possible(person)]
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
    def _is_possible(person: dict[str, Any]) -> bool:
        if "exploitation" not in person or "exploitation_form" not in person:
            return True
        return bool(GROUP.get(person["exploitation_form"], person["exploitation_form"]) == person["exploitation"])

    @staticmethod
    def has(person: dict[str, Any], name: str, code: str) -> bool:
        value = person[name]
        if isinstance(value, frozenset):
            return code in value if code != "_U" else not value
        return bool(value == code)

    def matches(self, person: dict[str, Any], where: dict[str, list[str]]) -> bool:
        return all(any(self.has(person, name, code) for code in accepted) for name, accepted in where.items())

    def has_code(self, person: dict[str, Any], table: Table, name: str, code: str) -> bool:
        listed = table.axes[table.by.index(name)]
        if code == "_T":
            return True
        if code == "_O":
            return not any(self.has(person, name, other) for other in listed)
        if table.params.get(f"coarsened:{name}") == "parent":
            entry = codes.code_list(self.snapshot.list_of(name)).codes.get(person[name])
            return bool(((entry and entry.parent) or person[name]) == code)
        return self.has(person, name, code)

    def counted(self, table: Table, key: dict[str, str], where: dict[str, list[str]] | None = None) -> np.ndarray:
        """Return which people a cell counts (0 or 1 for each combination)."""
        where = table.where if where is None else where
        return np.array(
            [
                self.matches(p, where) and all(self.has_code(p, table, name, code) for name, code in key.items())
                for p in self.people
            ],
            dtype=float,
        )

    def _learn(self, table: Table) -> None:
        half = int(table.params.get("half_width", 0))
        upper = half if self.loose or int(table.params.get("rounded_to", 1)) % 2 else half - 1
        for key, cell in table.cells.items():
            self.rows.append(self.counted(table, dict(zip(table.by, key, strict=True))))
            if cell.count is None:
                self.low.append(table.params.get("least_suppressed", 1))
                self.high.append(FAR)
            else:
                d = half if cell.status == "perturbed" else 0
                self.low.append(max(cell.count - d, 0))
                self.high.append(cell.count + (upper if d else 0))
        for name, axis in zip(table.by, table.axes, strict=True):
            if name not in table.multi:
                absent = [not any(self.has_code(p, table, name, code) for code in axis[1:]) for p in self.people]
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

    def list_disclosures(self) -> list[str]:
        """Return the cells, and the differences of nested filters, that are unsafe."""
        unsafe = []
        for table in self.tables:
            for flat in range(table.counts.size):
                key = table.keys(flat)
                low, high = self.interval(self.counted(table, dict(zip(table.by, key, strict=True))))
                if not is_safe(low, high, THRESHOLD):
                    unsafe.append(f"{table.name} {key}: {low} to {high}")
        for outer, inner in product(self.tables, repeat=2):
            unsafe += self._difference(outer, inner)
        return unsafe

    def _difference(self, outer: Table, inner: Table) -> list[str]:
        if not self._nested(outer.where, inner.where) and not self._overlap(outer.where, inner.where):
            return []
        common = [name for name in outer.by if name in inner.by]
        unsafe = []
        for protected in (outer, inner):
            for key in product(*[protected.axes[protected.by.index(name)] for name in common]):
                codes_of = dict(zip(common, key, strict=True))
                inside = self.counted(protected, codes_of, inner.where)
                difference = self.counted(protected, codes_of, outer.where) * (1 - inside)
                low, high = self.interval(difference)
                if not is_safe(low, high, THRESHOLD):
                    unsafe.append(f"{outer.name} without {inner.name} {key}: {low} to {high}")
        return unsafe

    def _overlap(self, first: dict[str, list[str]], second: dict[str, list[str]]) -> bool:
        """Return whether two filters differ in one single-valued column only, and share a value of it."""
        differing = [
            name for name in first.keys() | second.keys() if set(first.get(name, [])) != set(second.get(name, []))
        ]
        return (
            len(differing) == 1
            and not self.snapshot.multi & set(differing)
            and bool(set(first.get(differing[0], [])) & set(second.get(differing[0], [])))
        )

    def _nested(self, outer: dict[str, list[str]], inner: dict[str, list[str]]) -> bool:
        if any(name in self.snapshot.multi and inner.get(name) != values for name, values in outer.items()):
            return False
        inside = [self.matches(person, inner) for person in self.people]
        outside = [self.matches(person, outer) for person in self.people]
        return inside != outside and all(o for i, o in zip(inside, outside, strict=True) if i)


def check(snapshot: Snapshot, tables: list[Table]) -> None:
    for loose in (True, False):
        assert Intruder(snapshot, tables, loose).list_disclosures() == []


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
def test_subtraction_of_nested_filters_discloses_nothing(tables: list[TableRequest]) -> None:
    snapshot = register(CORRIDOR, PATHS)
    check(snapshot, release(snapshot, *tables))


def test_separately_protected_tables_disclose_a_difference() -> None:
    snapshot = register(CORRIDOR, PATHS)
    alone = [release(snapshot, table)[0] for table in ((["origin"], {}), (["origin"], {"destination": "KZ"}))]
    assert any("UZ" in disclosure for disclosure in Intruder(snapshot, alone).list_disclosures())


@pytest.mark.parametrize(
    "tables",
    [
        [(["exploitation_form"], {}), (["exploitation"], {})],
        [(["exploitation"], {}), (["exploitation_form"], {"sex": "female"}), (["exploitation", "sex"], {})],
        [(["sex"], {"exploitation": "other"}), (["sex"], {"exploitation_form": "begging"})],
    ],
)
def test_forms_and_types_of_exploitation_do_not_disclose_each_other(tables: list[TableRequest]) -> None:
    snapshot = register(FORMS, ["exploitation_form", "sex"])
    check(snapshot, release(snapshot, *tables))


def test_harmless_tables_stay_unchanged() -> None:
    people: People = {("UZ", "KZ"): 200, ("UZ", "RU"): 100, ("KZ", "KZ"): 300, ("KZ", "RU"): 50}
    snapshot = register(people, PATHS[:2])
    protected = release(
        snapshot, (["origin"], {}), (["origin"], {"destination": "KZ"}), (["origin", "destination"], {})
    )
    assert all((table.status == 0).all() for table in protected)


def test_a_filter_with_two_values_of_one_person_is_examined_with_other_tables() -> None:
    people: People = {("UZ", "shelter;legal_aid"): 40, ("KZ", "shelter"): 50, ("KZ", ""): 20}
    snapshot = register(people, ["origin", SEVERAL])
    check(snapshot, release(snapshot, ([SEVERAL], {SEVERAL: ["shelter", "legal_aid"]}), (["origin"], {})))


def test_too_many_sets_of_values_are_refused_with_the_table_names() -> None:
    values = [f"v{number:02}" for number in range(14)]
    people: People = {("UZ", ";".join(values)): 40, ("KZ", ""): 20}
    people |= {("KZ", f"{first};{second}"): 30 for first, second in pairwise(values)}
    snapshot = register(people, ["origin", SEVERAL])
    with pytest.raises(Refused, match="t0"):
        release(snapshot, ([SEVERAL], {SEVERAL: values[:2]}), (["origin"], {}))


def test_totals_and_two_filters_do_not_disclose_the_remainder() -> None:
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
def table_requests(draw: st.DrawFn, snapshot: Snapshot) -> TableRequest:
    columns = st.sampled_from(snapshot.columns)
    where = {}
    for name in draw(st.sets(columns, max_size=2)):
        column = snapshot.frame[name]
        values = sorted((column.explode() if name in snapshot.multi else column).drop_nulls().unique().to_list())
        if values:
            where[name] = sorted(draw(st.sets(st.sampled_from(values), min_size=1, max_size=2)))
    return sorted(draw(st.sets(columns, max_size=2))), where


def test_a_filter_by_type_is_nested_in_a_filter_by_forms() -> None:
    """Regression: only one form of the group occurs, so the group subtracts it from a filter by forms."""
    snapshot = register({("begging",): 70, ("forced_labour",): 1, ("",): 1}, ["exploitation_form"])
    check(
        snapshot,
        release(snapshot, ([], {"exploitation_form": ["begging", "forced_labour"]}), ([], {"exploitation": ["other"]})),
    )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_register_and_specification_disclose_a_person(data: st.DataObject) -> None:
    check_register_and_specification(data)


def check_register_and_specification(data: st.DataObject) -> None:
    snapshot = data.draw(registers())
    tables = [data.draw(table_requests(snapshot)) for _ in range(data.draw(st.integers(2, 4)))]
    try:
        protected = release(snapshot, *tables)
    except (BadInput, Refused) as reason:
        event(type(reason).__name__)
        return
    event("published")
    check(snapshot, protected)
