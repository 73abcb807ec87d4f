"""Linked tables as one system: true counts, bounds of every register, and tables that are too large."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints import unknowns
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from kerege.evidence.sdc.constraints.table_views import DerivedGroup
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made, made_sheets
from tests.evidence.made_sheets import Source

SEX, MEANS = ("f", "m"), ("p", "q")
Person = tuple[str, frozenset[str]]
PEOPLE = st.lists(st.tuples(st.sampled_from(SEX), st.frozensets(st.sampled_from(MEANS))), min_size=2, max_size=10)
MULTI = frozenset({"means"})


def source_of(people: list[Person]) -> Source:
    """Return the register as a source with one column of several values."""
    rows = {"sex": [sex for sex, _ in people], "means": [sorted(means) for _, means in people]}
    return Source(pl.DataFrame(rows, schema={"sex": pl.String, "means": pl.List(pl.String)}), MULTI)


def keeps_rules(joint: JointSystem) -> bool:
    """Return whether the true people keep all rules."""
    sums = joint.rules.matrix @ joint.people
    return bool(((sums >= joint.rules.low) & (sums <= joint.rules.high)).all())


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_the_true_people_give_the_counts_of_all_tables_and_keep_the_rules(people: list[Person]) -> None:
    source = source_of(people)
    assert source.frame is not None
    tables = [Table.from_frame(source.frame, by) for by in (["sex"], ["means"], ["sex", "means"])]
    for table in tables:
        table.multi = MULTI & set(table.by)
    joint = join(source, tables)
    assert (joint.sums @ joint.people == joint.truth).all()
    assert keeps_rules(joint)
    for table, place in zip(tables, joint.places, strict=True):
        assert joint.truth[place].tolist() == table.counts.ravel().tolist()


def registers(most: int) -> list[tuple[int, ...]]:
    """Return the numbers of people of each kind (sex and set of means), with at most so many people."""
    return [counts for counts in product(range(most + 1), repeat=8) if sum(counts) == most]


KINDS = list(product(SEX, [frozenset(), frozenset("p"), frozenset("q"), frozenset("pq")]))


def count(register: tuple[int, ...], sex: str, value: str) -> int:
    """Return the people of a sex who report a value; `_U` for none."""
    return sum(
        number
        for number, (own, means) in zip(register, KINDS, strict=True)
        if sex in ("_T", own) and (value == "_T" or (value in means if value != "_U" else not means))
    )


def test_the_bounds_of_a_multi_valued_table_are_those_of_all_registers() -> None:
    """4 people: 2 women; 3 have p, 2 have q, 1 reports nothing. The cells of both columns are hidden."""
    figures = {("_T", "_T"): 4, ("f", "_T"): 2, ("m", "_T"): 2, ("_T", "p"): 3, ("_T", "q"): 2, ("_T", "_U"): 1}
    cells = list(product(SEX, ("p", "q", "_U")))
    sheet = made_sheets.sheet(("sex", "means"), figures | dict.fromkeys(cells, (0, 9)), multi=MULTI)
    joint = join(Source(multi=MULTI), [sheet])
    intervals = Survey(joint, 3).intervals(range(sheet.counts.size))
    fitting = [r for r in registers(4) if all(count(r, *key) == figure for key, figure in figures.items())]
    assert fitting
    for flat, ends in intervals.items():
        values = [count(register, *sheet.keys(flat)) for register in fitting]  # type: ignore[arg-type]
        assert ends == (min(values), max(values)), sheet.keys(flat)


def by(column: str, *figures: int, **stated: object) -> Sheet:
    """Return a table by one column with a total."""
    cells = {("_T",): sum(figures)} | {(f"{column}{i}",): figure for i, figure in enumerate(figures)}
    return made_sheets.sheet((column,), cells, name=column, **stated)


def test_each_cell_has_its_table_and_its_position_and_a_group_has_none() -> None:
    first, second = by("a", 3, 4), by("b", 2, 5)
    mask = np.zeros(3, dtype=bool)
    joint = join(Source(), [first, second], [DerivedGroup({0: mask})])
    assert [joint.at(cell) for cell in range(6)] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert joint.at(6) is None
    assert (joint.cells, joint.own_cells, joint.sums.shape[0]) == (6, 6, 7)
    assert joint.own_cells == 6


def test_the_stated_bounds_are_those_of_the_own_cells_of_a_table() -> None:
    sheet = made_sheets.sheet(("a",), {("_T",): 7, ("x",): (2, 5), ("y",): None})
    lower, upper = join(Source(), [sheet, by("b", 3, 4)]).known()
    assert lower.tolist() == [7, 2, 1, 7, 3, 4]
    assert upper.tolist() == [7, 5, np.inf, 7, 3, 4]


def test_a_neighbour_shares_most_columns() -> None:
    """A report names the two tables that give a cell away."""
    both = made_sheets.sheet(("a", "b"), {("_T", "_T"): 9, ("x", "p"): 9}, name="both")
    joint = join(Source(), [by("c", 4, 5), both, made_sheets.sheet(("a",), {("_T",): 9, ("x",): 9})])
    assert joint.owners[3][0] == 1
    assert joint.owners[3][1] == 2


def test_tables_with_too_many_combinations_are_refused_with_the_names_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknowns, "MOST_COMBINATIONS", 3)
    figures = {("_T", "_T"): 9} | dict.fromkeys(product("xy", "xy"), (0, 9))
    tables = [
        made_sheets.sheet(names, figures, name="".join(names), where={"d": ["1"]})
        for names in (("a", "b"), ("b", "c"), ("a", "c"))
    ]
    with pytest.raises(Refused, match="together they have too many combinations to be examined"):
        join(Source(), tables)
    assert join(Source(), tables, loose=True).large


def test_the_limit_of_the_people_exceeds_every_published_figure() -> None:
    joint = join(Source(), [by("a", 700, 800)])
    assert joint.most > 1500
    assert Survey(joint, 3).intervals([0]) == {0: (1500, 1500)}


def test_rounded_tables_are_known_by_their_base() -> None:
    table = made.table([[4, 4], [4, 4]])
    table.status[:] = 2
    table.params = {"rounded_to": 4, "half_width": 2}
    rows = pl.DataFrame({"dim0": ["a0", "a1"], "dim1": ["b0", "b1"]})
    assert join(Source(rows), [table]).rounded
    table.params["rounded_to"] = 3
    assert not join(Source(rows), [table]).rounded
