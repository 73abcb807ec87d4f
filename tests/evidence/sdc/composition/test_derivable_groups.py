"""Groups that planned tables disclose: the planted cases, each with a safe twin, and an oracle."""

from __future__ import annotations

import random
import time
from itertools import combinations, product

import numpy as np
import pytest
import scipy.linalg

from kerege.evidence.sdc.composition.derivable_groups import find_derivable_groups
from kerege.evidence.sdc.composition.planned_tables import GroupCondition, PlannedTable, exact_tables

UNIT = "victims"
MEN = {"sex": ("male",)}
TEN = {"origin": tuple("ABCDEFGHIJ")}
Codes = dict[str, tuple[str, ...]]


def table(name: str, *by: str, **where: tuple[str, ...]) -> PlannedTable:
    """Return a planned table."""
    return PlannedTable(name, by, where)


def described(*tables: PlannedTable) -> list[tuple[set[tuple[str, str, tuple[str, ...]]], str]]:
    """Return the conditions and the names of the tables of each group."""
    groups = find_derivable_groups(UNIT, tables)
    return [
        (
            {(condition.column, condition.kind, condition.codes) for condition in group.conditions},
            " ".join(t.name for t in group.tables),
        )
        for group in groups
    ]


def test_men_of_all_countries_but_those_chosen() -> None:
    conditions = {("sex", "value", ("male",)), ("origin", "none of", TEN["origin"])}
    assert described(table("a", "sex"), table("b", **MEN, **TEN)) == [(conditions, "a b")]
    assert described(table("a", "sex", **TEN), table("b", **MEN, **TEN)) == []


def test_a_crossed_column_is_named_once() -> None:
    tables = table("a", "sex", "age_band"), table("b", "sex", **TEN)
    assert described(*tables) == [({("sex", "each", ()), ("origin", "none of", TEN["origin"])}, "a b")]


def test_inclusion_and_exclusion_over_four_totals() -> None:
    tables = table("all"), table("f", sex=("f",)), table("r", region=("1",)), table("fr", sex=("f",), region=("1",))
    neither = {("sex", "none of", ("f",)), ("region", "none of", ("1",))}
    assert (neither, "all f r fr") in described(*tables)
    assert all(conditions != neither for conditions, _ in described(*tables[:3]))


def test_three_overlapping_filters_give_each_value() -> None:
    pairs = [table(f"{a}{b}", age_band=(a, b)) for a, b in combinations("abc", 2)]
    assert described(*pairs) == [({("age_band", "each", ("a", "b", "c"))}, "ab ac bc")]
    assert described(*pairs[:2]) == []


def test_filters_apart_and_tables_of_one_filter_give_nothing() -> None:
    assert described(table("a", "sex", year=("2024",)), table("b", "sex", year=("2025",))) == []
    assert described(table("a", "sex", "age_band"), table("b", "sex", "year"), table("c", "age_band", "year")) == []


def test_tied_columns_are_one_variable() -> None:
    forced = {"exploitation_form": ("forced_labour",)}
    rest = ("exploitation_form", "none of", ("forced_labour",))
    assert described(table("a", "exploitation"), table("b", **forced)) == [
        ({("exploitation", "value", ("labour",)), rest}, "a b")
    ]
    assert described(table("a", "exploitation_form"), table("b", **forced)) == []


def test_without_a_value_of_a_multi_valued_column() -> None:
    tables = table("a", "sex"), table("b", "sex", means=("debt",))
    assert described(*tables) == [({("sex", "each", ()), ("means", "none of", ("debt",))}, "a b")]
    assert described(table("a", "means"), table("b", means=("debt",))) == []


def test_only_groups_that_need_the_table_in_hand() -> None:
    old = PlannedTable("old", ("sex",), {}, "Release of May"), PlannedTable("older", ("sex",), TEN, "Release of May")
    new = table("new", "year")
    assert find_derivable_groups(UNIT, [*old, new]) == []
    (group,) = find_derivable_groups(UNIT, [old[0], table("new", **MEN, year=("2025",))])
    assert GroupCondition("year", "none of", ("2025",)) in group.conditions
    assert find_derivable_groups(UNIT, [table("a", "sex"), table("b", **TEN), new], new) == []


def test_perturbed_tables_and_tables_of_no_people_are_left_out() -> None:
    entries = [{"name": method, "of": UNIT, "by": [], "method": method} for method in ("dp", "cellkey", "suppress")]
    assert [planned.name for planned in exact_tables(UNIT, entries)] == ["suppress"]
    assert exact_tables("campaigns", [{"name": "a", "of": "campaigns"}]) == []


def test_twenty_tables_take_less_than_a_tenth_of_a_second_each() -> None:
    """Measure one table beside twenty others, as the form does while the user types."""
    columns = ["sex", "age_band", "region", "origin", "destination", "year", "citizenship"]
    filters: list[Codes] = [{}, {"year": ("2025",)}, {"region": ("1", "2")}, {"region": ("2", "3"), "year": ("2025",)}]
    tables = [table(f"t{n}", columns[n % 7], columns[(n + 1) % 7], **filters[n % 4]) for n in range(21)]
    find_derivable_groups(UNIT, tables[:2])
    start = time.process_time()
    find_derivable_groups(UNIT, tables, tables[-1])
    assert time.process_time() - start < 0.5  # 0.06 s alone; the bound allows for loaded machines


# -- an oracle that lists every code ------------------------------------------------------------------------------
NAMED: dict[str, list[str]] = {"sex": ["m", "f"], "origin": ["a", "b", "c"], "region": ["1", "2", "3"]}
CODES = {name: [*codes, "other", "another"] for name, codes in NAMED.items()}  # no filter names the last two


class RankOracle:
    """All atoms of the columns, and ranks of figures; it shares no code with the implementation."""

    def __init__(self, tables: list[PlannedTable]) -> None:
        self.atoms = list(product(*CODES.values()))
        self.having = {
            (name, code): np.array([atom[place] == code for atom in self.atoms])
            for place, (name, codes) in enumerate(CODES.items())
            for code in codes
        }
        self.figures = [self._figures(planned) for planned in tables]
        self.all = np.vstack(self.figures)
        self.bases = [scipy.linalg.orth(figures.T) for figures in [self.all, *self.figures]]

    def select(self, conditions: dict[str, set[str]]) -> np.ndarray:
        """Return the atoms with an allowed code in each column."""
        allowed = np.ones(len(self.atoms), dtype=bool)
        for name, codes in conditions.items():
            allowed &= np.any([self.having[name, code] for code in codes], axis=0)
        return allowed.astype(float)

    def _figures(self, planned: PlannedTable) -> np.ndarray:
        kept = {name: set(codes) for name, codes in planned.where.items()}
        shown = [[None, *CODES[name]] for name in planned.by]
        rows = []
        for codes in product(*shown):
            cell = {name: {code} for name, code in zip(planned.by, codes, strict=True) if code is not None}
            allowed = {name: cell.get(name, kept.get(name)) for name in {*cell, *kept}}
            both = {name: codes & kept.get(name, codes) for name, codes in allowed.items() if codes is not None}
            rows.append(self.select(both))
        return np.array([row for row in rows if row.any()])

    def are_new(self, groups: np.ndarray) -> np.ndarray:
        """Return whether all tables together give each group (groups, atoms), though none gives it alone."""
        distances = [np.linalg.norm(groups.T - basis @ (basis.T @ groups.T), axis=0) for basis in self.bases]
        together, *alone = [distance < 1e-6 for distance in distances]
        return together & ~np.any(alone, axis=0)

    def new_groups(self) -> np.ndarray:
        """Return the new groups that hold no whole figure."""
        options = {}
        for name, codes in CODES.items():
            single = [{code} for code in codes]
            options[name] = [set(codes), *single, *[set(codes) - one for one in single]]
        groups = np.array([self.select(dict(zip(CODES, chosen, strict=True))) for chosen in product(*options.values())])
        holds_figure = (self.all @ (1 - groups.T) == 0).any(axis=0)
        return groups[~holds_figure & self.are_new(groups)]


def _allowed(condition: GroupCondition, named: list[str]) -> set[str]:
    """Return the codes that a condition allows, one of them for a condition on each."""
    codes = CODES[condition.column]
    members = [code for code in codes if code not in named] if condition.is_other else list(condition.codes) or codes
    return {
        "value": set(members[:1]),
        "each": set(members[:1]),
        "values": set(members),
        "none of": set(codes) - set(members),
        "none but each": set(codes) - set(members[:1]),
    }[condition.kind]


def random_tables(rng: random.Random) -> list[PlannedTable]:
    """Return two to four tables with filters by chance."""
    tables = []
    for number in range(rng.randint(2, 4)):
        by = tuple(name for name in CODES if rng.random() < 0.35)
        where = {
            name: tuple(sorted(rng.sample(codes, rng.randint(1, len(codes)))))
            for name, codes in NAMED.items()
            if rng.random() < 0.4
        }
        tables.append(PlannedTable(f"t{number}", by, where))
    return tables


@pytest.mark.parametrize("seed", range(40))
def test_the_oracle_confirms_every_group_and_misses_none(seed: int) -> None:
    tables = random_tables(random.Random(seed))
    oracle, groups = RankOracle(tables), find_derivable_groups(UNIT, tables)
    named = {name: [code for t in tables for code in t.where.get(name, ())] for name in CODES}
    for group in groups:
        allowed: dict[str, set[str]] = {}
        for condition in group.conditions:
            codes = _allowed(condition, named[condition.column])
            allowed[condition.column] = allowed.get(condition.column, codes) & codes
        assert oracle.are_new(oracle.select(allowed)[None]).all(), group
    assert bool(groups) >= bool(len(oracle.new_groups()))
