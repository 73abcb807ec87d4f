"""Ties between tables of people and tables of rows about them, such as victims and services.

Both units are one system with unknowns of their own. Rules between them say that a person who is counted with a value
has at least one row of it. Where it holds, they also say that each row belongs to such a person, or that a person has
at most one row of a value. They hold within each combination of the columns that rows and people have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, WITHHELD, Table
from kerege.evidence.sdc.constraints.domains import REST, TableSource
from kerege.evidence.sdc.constraints.multi_table import JointBuilder, JointSystem
from kerege.evidence.sdc.constraints.tie_rules import TieRules, joined
from kerege.evidence.sdc.linear.linear_system import Bools, Ints, Rules, stacked
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.published_tables.stated_bounds import bounds

Codes = tuple[str, ...]


@dataclass(frozen=True)
class TiedTables:
    """The tables of the other unit of a tie, with their source.

    The release can still change the first `changeable` tables.
    """

    tie: PeopleTie
    source: TableSource
    tables: Sequence[Table]
    changeable: int = 0


@dataclass(frozen=True)
class Pair:
    """Two unpublished tables with the same codes: people and rows by the columns of a tie.

    `is_once` if the rule of one row applies to the value column of the pair.
    """

    people: Sheet
    rows: Sheet
    is_once: bool


def tied_tables(population: PublishedPopulation, others: Sequence[PublishedPopulation]) -> TiedTables | None:
    """Return the tables of the other unit to which a manifest ties a population, None when there are none.

    Both must be of one date; without dates, of one release.
    """
    for tie in dict.fromkeys(tie for sheet in population.own for tie in sheet.ties):
        unit = tie.people if population.unit == tie.rows else tie.rows
        for other in others:
            if other.unit == unit != population.unit and _moments(other) & _moments(population):
                return TiedTables(tie, other, other.own)
    return None


def _moments(population: PublishedPopulation) -> set[str]:
    """Return the dates of the tables of a population, or their releases where no date is stated."""
    return {sheet.as_of or f"in {sheet.release}" for sheet in population.own}


class TiedSystem:
    """The tables of one unit with those of the unit to which it is tied.

    `source` and `tables` include the unpublished tables that carry the rules.
    """

    def __init__(self, source: TableSource, tables: Sequence[Table], other: TiedTables) -> None:
        self.own = list(tables)
        self.is_people = source.unit == other.tie.people
        people, rows = (self.own, other.tables) if self.is_people else (other.tables, self.own)
        self.tie = _with_names_of_rows(other.tie, rows)
        self.pairs = list(_pairs(self.tie, people, rows))
        self.rows_limit = _most_rows(rows)
        own = [pair.people if self.is_people else pair.rows for pair in self.pairs]
        others = [pair.rows if self.is_people else pair.people for pair in self.pairs]
        self.source, self.tables = _with_tables(source, own), [*self.own, *own]
        self._others, self._changeable = [*other.tables, *others], other.changeable
        self._other_source = _with_tables(other.source, others)

    @cached_property
    def other(self) -> JointSystem:
        """Return the system of the other unit."""
        return JointBuilder(self._other_source, self._others, loose=True).build()

    def combine(self, joint: JointSystem, people: Ints | None = None) -> JointSystem:
        """Return the system of both units; `people` are the true numbers of the unknowns of the other one.

        The cells of the own tables come first, then those of the other unit, then the groups.
        """
        other, cells = self.other, joint.cells
        width, groups = other.sums.shape[1], joint.sums[cells:]
        blocks = [
            [joint.sums[:cells], sp.csr_matrix((cells, width))],
            [None, other.sums],
            [groups, sp.csr_matrix((groups.shape[0], width))],
        ]
        sums = sp.bmat(blocks).tocsr()
        sums.sort_indices()
        of_others = other.people if people is None else people
        between = self._between(joint)
        within = Rules(
            sp.block_diag([joint.rules.matrix, other.rules.matrix]).tocsr(),
            np.concatenate([joint.rules.low, other.rules.low]),
            np.concatenate([joint.rules.high, other.rules.high]),
        )
        numbers = len(joint.tables)
        return replace(
            joint,
            tables=[*joint.tables, *other.tables],
            places=[*joint.places, *[place + cells for place in other.places]],
            sums=sums,
            rules=stacked([within, between.over(sums[: cells + other.cells])]),
            between=between,
            truth=np.concatenate([joint.truth[:cells], other.truth, joint.truth[cells:]]),
            people=np.concatenate([joint.people, of_others]),
            most=max(joint.most, other.most),
            owners=[
                *joint.owners[:cells],
                *[(a + numbers, b + numbers) for a, b in other.owners],
                *joint.owners[cells:],
            ],
            large=joint.large or other.large,
            fixed=joint.fixed | set(range(len(self.own), numbers + len(other.tables))),
            starts=np.concatenate([joint.starts, other.starts + cells]),
            own_tables=len(self.own),
            changeable_tied=frozenset(range(numbers, numbers + self._changeable)),
        )

    def _between(self, joint: JointSystem) -> TieRules:
        """Return the rules between the units, over the cells of both."""
        other, first = self.other, joint.cells
        size = first + other.cells
        limit = (self.rows_limit or max(joint.most, other.most)) if self.tie.is_complete else None
        rules = []
        for number, pair in enumerate(self.pairs):
            own = joint.places[len(self.own) + number]
            others = first + other.places[len(other.tables) - len(self.pairs) + number]
            people, rows = (own, others) if self.is_people else (others, own)
            of_rows, of_people, is_value = _tied_cells(pair)
            is_equal = is_value & pair.is_once
            rules.append(TieRules(of_rows @ _placed(rows, size), of_people @ _placed(people, size), is_equal, limit))
        return joined(rules)


def _placed(cells: Ints, size: int) -> sp.csr_matrix:
    """Return the matrix (cells of the table, cells of all tables) that selects the cells of one table."""
    return sp.csr_matrix((np.ones(len(cells)), (np.arange(len(cells)), cells)), shape=(len(cells), size))


def _tied_cells(pair: Pair) -> tuple[sp.csr_matrix, sp.csr_matrix, Bools]:
    """Return the cells of rows, the signed cells of people to compare, and which are of a single value.

    The total of the values is compared with the people who have any: all without those who report none.
    """
    shared = zip(pair.rows.axes[:-1], pair.people.axes[:-1], strict=True)
    axes = [[code for code in axis[1:] if code in other] for axis, other in shared]
    values = [code for code in pair.people.axes[-1][1:] if code in pair.rows.axes[-1] and code != NOT_REPORTED]
    compared = [(value, [(value, 1)]) for value in values]
    if REST in pair.people.axes[-1]:  # rows of values that no table names, and the people who have any of them
        compared.append((OTHER, [(REST, 1)]))
    compared.append((TOTAL, [(TOTAL, 1), (NOT_REPORTED, -1)]))
    of_rows: list[tuple[int, int, int]] = []
    of_people: list[tuple[int, int, int]] = []
    is_value: list[bool] = []
    for codes in product(*axes):
        for value, terms in compared:
            of_rows.append((len(is_value), _flat(pair.rows, (*codes, value)), 1))
            of_people += [(len(is_value), _flat(pair.people, (*codes, code)), sign) for code, sign in terms]
            is_value.append(value not in (OTHER, TOTAL))
    count = len(is_value)
    return _sums_of(of_rows, count, pair.rows), _sums_of(of_people, count, pair.people), np.array(is_value, dtype=bool)


def _sums_of(entries: Sequence[tuple[int, int, int]], count: int, sheet: Sheet) -> sp.csr_matrix:
    """Return signed sums of the cells of a table; an entry is the number of a sum, a cell and its sign."""
    numbers, cells, signs = zip(*entries, strict=True)
    return sp.csr_matrix((np.array(signs, dtype=float), (numbers, cells)), shape=(count, sheet.counts.size))


def _flat(sheet: Sheet, codes: Codes) -> int:
    index = tuple(axis.index(code) for axis, code in zip(sheet.axes, codes, strict=True))
    return int(np.ravel_multi_index(index, sheet.counts.shape))


def _pairs(tie: PeopleTie, people: Sequence[Table], rows: Sequence[Table]) -> list[Pair]:
    """Return a pair of tables for each value column that tables of both units name, or for the first.

    A column in the tables of only one unit bounds no cell of the other unit, unless nobody has two rows of a value.
    """
    used = [name for name in tie.same if _names(rows, name) and (_codes(rows, name) or _codes(people, name))]
    columns = [column for column in tie.values.items() if _is_tied(tie, people, rows, column)]
    return [_pair(tie, people, rows, used, column) for column in columns or list(tie.values.items())[:1]]


def _with_names_of_rows(tie: PeopleTie, rows: Sequence[Table]) -> PeopleTie:
    """Return a tie by the columns of the rows.

    A value column can have the name that it has in the tables of people.
    """
    values = {
        several if not _names(rows, own) and _names(rows, several) else own: several
        for own, several in tie.values.items()
    }
    once = tuple(values_name for own, values_name in zip(tie.values, values, strict=True) if own in tie.once)
    return replace(tie, values=values, once=once) if len(values) == len(tie.values) else tie


def _is_tied(tie: PeopleTie, people: Sequence[Table], rows: Sequence[Table], column: tuple[str, str]) -> bool:
    named = _names(rows, column[0]), _names(people, column[1])
    return any(named) if column[0] in tie.once else all(named)


def _pair(
    tie: PeopleTie, people: Sequence[Table], rows: Sequence[Table], used: Sequence[str], column: tuple[str, str]
) -> Pair:
    own, several = column
    axes = {name: _codes(people, name) | _codes(rows, name) for name in used}
    of_own, of_several = _codes(rows, own), _codes(people, several)
    values = of_own | of_several - {NOT_REPORTED}
    complete_rows = [name for name in used if tie.is_complete and _is_complete(people, name)]
    complete_rows += [own] if tie.is_complete and _is_complete(people, several) else []
    complete_people = [several] if _is_complete(rows, own) else []
    by_people, by_rows = [*used, several], [*used, own]
    is_open = not _is_complete(people, several) and not _is_complete(rows, own)  # other values can occur
    others = {REST} if is_open else set()
    of_people = _unpublished(tie.people, by_people, [*axes.values(), values | {NOT_REPORTED} | others], complete_people)
    of_rows = _unpublished(tie.rows, by_rows, [*axes.values(), values | ({OTHER} if is_open else set())], complete_rows)
    of_people.multi = frozenset({several})
    return Pair(of_people, of_rows, own in tie.once)


def _unpublished(unit: str, by: Sequence[str], codes: Sequence[set[str]], complete: Sequence[str]) -> Sheet:
    """Return a table without any figure. In an incomplete column but the last, `_O` has all other codes."""
    axes = [
        (TOTAL, *sorted(values), *[OTHER] * (name not in complete and name != by[-1]))
        for name, values in zip(by, codes, strict=True)
    ]
    shape = [len(axis) for axis in axes]
    return Sheet(
        name="",
        of=unit,
        by=tuple(by),
        where={},
        axes=tuple(axes),
        counts=np.zeros(shape, np.int64),
        status=np.full(shape, WITHHELD, np.uint8),
        lower=np.zeros(shape),
        upper=np.full(shape, np.inf),
        incomplete=frozenset(by) - frozenset(complete),
    )


def _is_recoded(table: Table, name: str) -> bool:
    return f"coarsened:{name}" in table.params


def _names(tables: Sequence[Table], name: str) -> bool:
    """Return whether a table has a column or a filter in the codes of the register."""
    return any((name in table.by and not _is_recoded(table, name)) or name in table.where for table in tables)


def _codes(tables: Sequence[Table], name: str) -> set[str]:
    """Return the codes of a column that tables name."""
    values = {value for table in tables for value in table.where.get(name, ())}
    for table in (table for table in tables if name in table.by and not _is_recoded(table, name)):
        values.update(table.axes[table.by.index(name)])
    return values - {TOTAL, OTHER}


def _is_complete(tables: Sequence[Table], name: str) -> bool:
    """Return whether a table of all names every value that occurs."""
    return any(
        name in table.by
        and not table.where
        and name not in getattr(table, "incomplete", ())
        and OTHER not in table.axes[table.by.index(name)]
        and not _is_recoded(table, name)
        for table in tables
    )


def _most_rows(rows: Sequence[Table]) -> float:
    """Return the most rows of one person by the totals that tables state, 0 when none does."""
    totals = [float(bounds(table)[1][0]) for table in rows if not table.where]
    return min((total for total in totals if np.isfinite(total)), default=0.0)


def _with_tables(source: TableSource, tables: Sequence[Sheet]) -> TableSource:
    """Return a source with further tables; rows need none."""
    return replace(source, own=(*source.own, *tables)) if isinstance(source, PublishedPopulation) else source
