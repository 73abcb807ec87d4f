"""Columns with symbols in place of codes, so that groups can be tested without data.

Codes that occur in the same filters are exchangeable. Two symbols represent all of them: a combination of figures that
gives a group stays one when it is averaged over the permutations of the codes that leave the group unchanged, and then
all other codes have one coefficient, so that they can be one symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.parent_codes import PARENTS, parent
from kerege.evidence.sdc.composition.planned_tables import ConditionKind, GroupCondition, PlannedTable
from kerege.vocabulary import snapshot_columns as standard

Mask = NDArray[np.bool_]
OTHER = "\0"  # begins the symbol of a code that no filter names
MOST_SETS = 5  # values of a multi-valued column whose combinations are examined
EXCHANGEABLE = 2  # symbols for codes that occur in the same filters


@dataclass(frozen=True)
class Symbol:
    """A symbol for a code, or for any one of several exchangeable codes of a column.

    `codes` are the codes that it represents, none for those that no filter names.
    """

    name: str
    codes: tuple[str, ...] = ()


KINDS: dict[bool, tuple[ConditionKind, ConditionKind]] = {
    True: ("value", "none of"),  # a symbol of one code, and its complement
    False: ("each", "none but each"),
}
Conditions = tuple[tuple[GroupCondition, ...], Mask]
Atom = tuple[str, ...]  # names of symbols by column; for a multi-valued column the names of all values of a person


@dataclass(frozen=True)
class SymbolicColumns:
    """Tied columns, or one multi-valued column, with the combinations of symbols that a person can have."""

    columns: tuple[str, ...]
    symbols: Mapping[str, tuple[Symbol, ...]]
    atoms: tuple[Atom, ...]
    is_multi: bool = False

    def having(self, column: str, names: set[str]) -> Mask:
        """Return which atoms have one of the symbols in a column."""
        place = self.columns.index(column)
        return np.array([bool(names & set(atom)) if self.is_multi else atom[place] in names for atom in self.atoms])

    def selected(self, table: PlannedTable) -> Mask:
        """Return which atoms the filter of a table selects."""
        mask = np.ones(len(self.atoms), dtype=bool)
        for column in self.columns:
            if column in table.where:
                mask &= self.having(column, self._symbols_of(column, table.where[column]))
        return mask

    def _symbols_of(self, column: str, codes: Sequence[str]) -> set[str]:
        return {symbol.name for symbol in self.symbols[column] if set(symbol.codes) & set(codes)}

    def shown(self, table: PlannedTable) -> list[Mask]:
        """Return the atoms of everybody and of each code, or combination of codes, that a table shows.

        The filter of the table applies to all of them.
        """
        masks = [self.selected(table)]
        for column in self.columns:
            if column in table.by:
                codes = [self.having(column, {symbol.name}) for symbol in self.symbols[column]]
                masks += [mask & code for mask in masks for code in codes]
        return [mask for mask in masks if mask.any()]

    def conditions(self, tables: Sequence[PlannedTable]) -> list[Conditions]:
        """Return the conditions that select some atoms and not all, the simplest one for each set of atoms."""
        kept: dict[bytes, Conditions] = {}
        stated: set[tuple[GroupCondition, ...]] = set()
        for conditions, mask in [*self._of_columns(tables), *self._of_tied_columns()]:
            if mask.any() and not mask.all() and conditions not in stated:
                stated.add(conditions)
                kept.setdefault(mask.tobytes(), (conditions, mask))
        return list(kept.values())

    def _of_columns(self, tables: Sequence[PlannedTable]) -> Iterator[Conditions]:
        """Yield single codes, filters, and the complements of both, with the atoms that they select."""
        for column in self.columns:
            for symbol in self.symbols[column]:
                mask = self.having(column, {symbol.name})
                for kind, selected in zip(KINDS[len(symbol.codes) == 1], (mask, ~mask), strict=True):
                    codes = symbol.codes or self._all_named(column)
                    yield (GroupCondition(column, kind, codes, is_other=not symbol.codes),), selected
            named = [table.where[column] for table in tables if column in table.where]
            for codes in dict.fromkeys([*named, self._all_named(column)]):
                mask = self.having(column, self._symbols_of(column, codes))
                yield (GroupCondition(column, "values", codes),), mask
                yield (GroupCondition(column, "none of", codes),), ~mask

    def _of_tied_columns(self) -> Iterator[Conditions]:
        """Yield a code with none of the codes below it that the filters name."""
        for column, finer in pairwise(self.columns):
            below = self.having(finer, self._symbols_of(finer, self._all_named(finer)))
            for symbol in self.symbols[column]:
                mask = self.having(column, {symbol.name})
                codes = tuple(
                    code
                    for code in self._all_named(finer)
                    if (mask & self.having(finer, self._symbols_of(finer, [code]))).any()
                )
                if codes and len(symbol.codes) == 1:
                    rest = GroupCondition(finer, "none of", codes)
                    yield (GroupCondition(column, "value", symbol.codes), rest), mask & ~below

    def _all_named(self, column: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for symbol in self.symbols[column] for code in symbol.codes))


def examinable(unit: str, tables: Sequence[PlannedTable]) -> list[PlannedTable]:
    """Return the tables, except those with a multi-valued column whose filters name too many values."""
    named = _named_codes(tables)
    large = {column for column, codes in named.items() if is_multi(unit, column) and len(codes) >= MOST_SETS}
    return [table for table in tables if not large & {*table.by, *table.where}]


def _named_codes(tables: Sequence[PlannedTable]) -> dict[str, list[str]]:
    columns = dict.fromkeys(column for table in tables for column in (*table.by, *table.where))
    return {
        column: list(dict.fromkeys(code for table in tables for code in table.where.get(column, ())))
        for column in columns
    }


def symbolic_columns(unit: str, tables: Sequence[PlannedTable]) -> list[SymbolicColumns]:
    """Return the columns of planned tables, tied ones together, in the order of their first use."""
    named = _named_codes(tables)
    columns = list(named)
    multi = {column for column in columns if is_multi(unit, column)}
    chains = _chains(unit, [column for column in columns if column not in multi])
    result = [_tied(unit, chain, named, tables) for chain in chains]
    return result + [_multi_valued(column, named[column]) for column in columns if column in multi]


def _list_of(unit: str, column: str) -> str:
    try:
        return standard.column(unit, column).list
    except LookupError:
        return ""


def is_multi(unit: str, column: str) -> bool:
    """Return whether a row can have several values in a column."""
    try:
        return standard.column(unit, column).multi
    except LookupError:
        return False


def _chains(unit: str, columns: Sequence[str]) -> list[list[str]]:
    """Return groups of columns in which the code of each follows from the code of the next one."""
    chains: list[list[str]] = []
    for column in sorted(columns, key=lambda name: len(_above(unit, name, columns))):
        above = _above(unit, column, columns)
        chain = next((chain for chain in chains if above and set(chain) == set(above)), None)
        if chain is None:
            chains.append([column])
        else:
            chain.append(column)
    return chains


def _above(unit: str, column: str, columns: Sequence[str]) -> list[str]:
    parents = PARENTS.get(_list_of(unit, column), ())
    return [name for name in columns if name != column and _list_of(unit, name) in parents]


def _tied(
    unit: str, chain: Sequence[str], named: Mapping[str, Sequence[str]], tables: Sequence[PlannedTable]
) -> SymbolicColumns:
    """Return the atoms of a chain: each symbol with the symbols of its child codes and of other codes."""
    lists = [_list_of(unit, column) for column in chain]
    paths = {
        (*(parent(lists[depth], code, lists[above]) for above in range(depth)), code)
        for depth, column in enumerate(chain)
        for code in named[column]
    }
    nodes = {path[: depth + 1] for path in paths for depth in range(len(path))}
    symbols: dict[str, dict[str, Symbol]] = {column: {} for column in chain}
    branches: list[tuple[Atom, Atom]] = [((), ())]  # the codes and the symbols so far
    for column in chain:
        grown = []
        for codes, atom in branches:
            for symbol in _children(codes, nodes, column, tables):
                name = symbol.name if symbol.codes else f"{symbol.name}/{'/'.join(atom)}"
                symbols[column].setdefault(name, Symbol(name, symbol.codes))
                grown.append(((*codes, symbol.codes[0] if symbol.codes else OTHER), (*atom, name)))
        branches = grown
    return SymbolicColumns(
        columns=tuple(chain),
        symbols={column: tuple(by_name.values()) for column, by_name in symbols.items()},
        atoms=tuple(atom for _, atom in branches),
    )


def _children(above: Atom, nodes: set[Atom], column: str, tables: Sequence[PlannedTable]) -> list[Symbol]:
    """Return the symbols below some codes: the named ones, and two for those that no filter names."""
    depth = len(above)
    below = sorted(node[depth] for node in nodes if len(node) == depth + 1 and node[:depth] == above)
    with_named = {node[depth] for node in nodes if len(node) > depth + 1 and node[:depth] == above}
    symbols = [Symbol(code, (code,)) for code in below if code in with_named]
    symbols += _exchangeable([code for code in below if code not in with_named], column, tables)
    return symbols + [Symbol(f"{OTHER}{number}") for number in range(EXCHANGEABLE)]


def _exchangeable(codes: Sequence[str], column: str, tables: Sequence[PlannedTable]) -> list[Symbol]:
    """Return at most two symbols for the codes that occur in the same filters."""
    classes: dict[tuple[bool, ...], list[str]] = {}
    for code in codes:
        occurs = tuple(code in table.where[column] for table in tables if column in table.where)
        classes.setdefault(occurs, []).append(code)
    symbols = []
    for members in classes.values():
        kept = members[:EXCHANGEABLE]
        symbols += [Symbol(code, tuple(members) if len(members) > 1 else (code,)) for code in kept]
    return symbols


def _multi_valued(column: str, named: Sequence[str]) -> SymbolicColumns:
    """Return the sets of values that a person can have in a column: the named ones, and one or two others."""
    symbols = [Symbol(code, (code,)) for code in named]
    others = min(EXCHANGEABLE, MOST_SETS - len(symbols))
    symbols += [Symbol(f"{OTHER}{number}") for number in range(others)]
    names = [symbol.name for symbol in symbols]
    atoms = tuple(values for size in range(len(names) + 1) for values in combinations(names, size))
    return SymbolicColumns((column,), {column: tuple(symbols)}, atoms, is_multi=True)
