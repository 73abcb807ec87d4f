"""Groups that planned tables let a reader compute exactly: a test of the row space, without data.

Figures are sums over atoms, the combinations of symbols that a person can have. A group can be computed from some
figures exactly when its indicator lies in the row space of these figures. A condition on a column that no filter uses
needs tables that all show this column. The test therefore runs on the columns of filters alone, once for each choice of
such conditions, and stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations, product

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from kerege.evidence.sdc.composition.merged_values import merge_values
from kerege.evidence.sdc.composition.planned_tables import DerivableGroup, GroupCondition, PlannedTable
from kerege.evidence.sdc.composition.symbolic_columns import Mask, SymbolicColumns, examinable, symbolic_columns
from kerege.evidence.sdc.groups.conditions import ORDER

MOST_ATOMS = 3_000
SMALL = 1e-7  # distance to the row space below which a group is tried in whole numbers
MULTIPLES = (1, 2, 3, 4, 6, 12)  # denominators of the coefficients that are tried
Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def find_derivable_groups(
    unit: str, tables: Sequence[PlannedTable], of: PlannedTable | None = None
) -> list[DerivableGroup]:
    """Find the groups that two or more tables let a reader compute, though none gives them alone.

    Parameters
    ----------
    unit : str
        Unit that the tables count; the standard ties its columns and says which hold several values.
    tables : sequence of PlannedTable
        Tables with exact counts of the same people.
    of : PlannedTable, optional
        Only groups that need this table. Without it, only groups that need a table of the release in hand.

    Returns
    -------
    list of DerivableGroup
        Conjunctions of up to three conditions, complements included, each with a smallest set of tables that gives it.
        A group that holds a smaller one is left out, because it has at least as many people.

    Notes
    -----
    Every group is confirmed in whole numbers: some multiple of its indicator is a whole combination of the figures.
    Groups that follow only from zeros or small counts are not found here: that needs the data.

    Examples
    --------
    >>> men = PlannedTable("men", (), {"sex": ("male",), "origin": ("UZ", "KG")})
    >>> (group,) = find_derivable_groups("victims", [PlannedTable("by_sex", ("sex",)), men])
    >>> [(condition.kind, condition.column, condition.codes) for condition in group.conditions]
    [('value', 'sex', ('male',)), ('none of', 'origin', ('UZ', 'KG'))]
    >>> [table.name for table in group.tables]
    ['by_sex', 'men']
    """
    tables = examinable(unit, tables)
    if (of is not None and of not in tables) or len({table.filter for table in tables}) < 2:
        return []
    families = symbolic_columns(unit, tables)
    groups: dict[frozenset[GroupCondition], DerivableGroup] = {}
    for crossed in _crossed_columns(families, tables):
        chosen = [table for table in tables if all(_gives(family, column, table) for family, column in crossed)]
        for group in _groups_of(families, crossed, chosen, of):
            groups.setdefault(frozenset(group.conditions), group)
    kept = [group for conditions, group in groups.items() if not any(conditions < others for others in groups)]
    return sorted(merge_values(kept), key=lambda group: (len(group.tables), len(group.conditions)))


Crossed = tuple[tuple[SymbolicColumns, str], ...]  # columns of which a group has one value each, with their families


def _crossed_columns(families: Sequence[SymbolicColumns], tables: Sequence[PlannedTable]) -> Iterator[Crossed]:
    """Yield the sets of columns, one of a family, that tables of different filters show."""
    pairs = [(family, column) for family in families for column in family.columns]
    for size in range(ORDER):
        for crossed in combinations(pairs, size):
            chosen = [table for table in tables if all(_gives(family, column, table) for family, column in crossed)]
            is_one_a_family = len({family.columns for family, _ in crossed}) == size
            if is_one_a_family and len({table.filter for table in chosen}) > 1:
                yield crossed


def _gives(family: SymbolicColumns, column: str, table: PlannedTable) -> bool:
    """Return whether a table shows a column or one from which it follows."""
    return any(finer in table.by for finer in family.columns[family.columns.index(column) :])


def _is_filtered(family: SymbolicColumns, tables: Sequence[PlannedTable]) -> bool:
    return any(column in table.where for table in tables for column in family.columns)


def _is_shared(family: SymbolicColumns, tables: Sequence[PlannedTable]) -> bool:
    """Return whether all tables have one filter on a family, and none shows its columns."""
    filters = {tuple(table.where.get(column) for column in family.columns) for table in tables}
    return len(filters) == 1 and not any(column in table.by for table in tables for column in family.columns)


def _filter_of(family: SymbolicColumns, table: PlannedTable) -> Iterator[GroupCondition]:
    for column in family.columns:
        if column in table.where:
            codes = table.where[column]
            yield GroupCondition(column, "value" if len(codes) == 1 else "values", codes)


def _groups_of(
    families: Sequence[SymbolicColumns], crossed: Crossed, tables: Sequence[PlannedTable], of: PlannedTable | None
) -> Iterator[DerivableGroup]:
    """Yield the groups with one value of each crossed column and conditions on filtered columns."""
    filtered = [family for family in families if _is_filtered(family, tables)]
    if any(family in filtered for family, _ in crossed) or (of is not None and of not in tables):
        return
    shared = [family for family in filtered if _is_shared(family, tables)]
    system = SymbolicSystem(tuple(family for family in filtered if family not in shared), tuple(tables))
    if system.size > MOST_ATOMS:
        return
    single = tuple(GroupCondition(column, "each") for _, column in crossed)
    common = tuple(condition for family in shared for condition in _filter_of(family, tables[0]))
    groups = [
        (conditions, mask, needed)
        for conditions, mask in system.candidates(ORDER - len(single))
        if (needed := system.smallest_tables(mask, of))
    ]
    for conditions, mask, needed in groups:
        if not any((other <= mask).all() and (other < mask).any() for _, other, _ in groups):
            yield DerivableGroup((*single, *conditions, *common), tuple(needed))


@dataclass(frozen=True)
class SymbolicSystem:
    """The figures of planned tables as sums over the atoms of the filtered columns.

    Atoms that the same figures count are one class. A group that is computed from figures is a union of classes.
    """

    families: tuple[SymbolicColumns, ...]
    tables: tuple[PlannedTable, ...]

    @property
    def size(self) -> int:
        """Return the number of atoms."""
        return int(np.prod([len(family.atoms) for family in self.families], dtype=np.int64))

    @cached_property
    def _figures(self) -> list[Floats]:
        """Return the figures of each table: a row for a figure, a column for an atom."""
        by_table = []
        for table in self.tables:
            masks = {
                mask.tobytes(): mask
                for parts in product(*[family.shown(table) for family in self.families])
                if (mask := _outer(parts)).any()
            }
            by_table.append(np.array(list(masks.values()), dtype=float))
        return by_table

    @cached_property
    def _classes(self) -> tuple[Places, Places]:
        """Return the class of each atom, and the number of atoms of each class."""
        weights = np.random.default_rng(0).normal(size=sum(map(len, self._figures)))
        signature = np.round(weights @ np.vstack(self._figures), 9)
        _, classes, sizes = np.unique(signature, return_inverse=True, return_counts=True)
        return classes.ravel(), sizes

    @cached_property
    def rows(self) -> list[Floats]:
        """Return the figures of each table as sums over classes."""
        classes, sizes = self._classes
        first = np.zeros(len(sizes), dtype=np.int64)
        first[classes[::-1]] = np.arange(len(classes))[::-1]
        return [figures[:, first] for figures in self._figures]

    def candidates(self, order: int) -> Iterator[tuple[tuple[GroupCondition, ...], Floats]]:
        """Yield each group in the row space of all tables but of no single one: its conditions, its classes."""
        groups: dict[bytes, tuple[GroupCondition, ...]] = {}
        for conditions, mask in self._unions_of_classes(order):
            groups.setdefault(mask.tobytes(), conditions)
        if not groups:
            return
        masks = np.array([np.frombuffer(key, dtype=bool) for key in groups], dtype=float)
        is_open = _is_spanned(np.vstack(self.rows), masks)
        for figures in self.rows:
            is_open[is_open] = ~_is_spanned(figures, masks[is_open])
        conditions_of = list(groups.values())
        for place in np.flatnonzero(is_open).tolist():
            yield conditions_of[place], masks[place]

    def _unions_of_classes(self, order: int) -> Iterator[tuple[tuple[GroupCondition, ...], Mask]]:
        """Yield the conjunctions of at most `order` conditions that no class is only partly in."""
        classes, sizes = self._classes
        by_family = [family.conditions(self.tables) for family in self.families]
        whole = [np.ones(len(family.atoms), dtype=bool) for family in self.families]
        for size in range(1, order + 1):
            for places in combinations(range(len(self.families)), size):
                for chosen in product(*[by_family[place] for place in places]):
                    masks = list(whole)
                    for place, (_, mask) in zip(places, chosen, strict=True):
                        masks[place] = mask
                    atoms = np.bincount(classes[_outer(masks)], minlength=len(sizes))
                    if ((atoms == 0) | (atoms == sizes)).all() and atoms.any():
                        yield tuple(condition for parts, _ in chosen for condition in parts), atoms > 0

    def smallest_tables(self, mask: Floats, of: PlannedTable | None) -> list[PlannedTable]:
        """Return a smallest set of tables that gives a group; [] when the group is of no interest.

        The set holds `of`, or without it a table of the release in hand. A group that holds a whole figure of these
        tables is of no interest: it has at least as many people.
        """
        everything = list(range(len(self.tables)))
        needed = [place for place in everything if self.tables[place] is of or (of is None and not self._is_old(place))]
        if self._is_given(mask, [place for place in everything if place not in needed]):
            return []
        kept = everything
        for place in sorted(everything, key=lambda place: (place in needed, not self._is_old(place))):
            rest = [other for other in kept if other != place]
            if self._is_given(mask, rest):
                kept = rest
        figures = np.vstack([self.rows[place] for place in kept])
        holds_figure = (figures @ (1 - mask) < SMALL).any()
        if holds_figure or not set(kept) & set(needed) or not _is_whole_combination(figures, mask):
            return []
        return [self.tables[place] for place in kept]

    def _is_old(self, place: int) -> bool:
        return bool(self.tables[place].release)

    def _is_given(self, mask: Floats, places: Sequence[int]) -> bool:
        if not places:
            return False
        return bool(_is_spanned(np.vstack([self.rows[place] for place in places]), mask[None])[0])


def _outer(masks: Sequence[Mask]) -> Mask:
    """Return the conjunction of masks of different families over all atoms."""
    return reduce(np.multiply.outer, masks, np.ones((), dtype=bool)).ravel()


def _is_spanned(figures: Floats, masks: Floats) -> Mask:
    """Return which masks lie in the row space of figures, up to rounding."""
    if not len(masks):
        return np.zeros(0, dtype=bool)
    _, singular, directions = np.linalg.svd(figures, full_matrices=False)
    basis = directions[singular > SMALL * singular[0]]
    distance = np.linalg.norm(masks - masks @ basis.T @ basis, axis=1)
    return np.asarray(distance < SMALL * np.sqrt(masks.shape[1]))


def _is_whole_combination(figures: Floats, mask: Floats) -> bool:
    """Confirm in whole numbers that a multiple of a mask is a combination of figures."""
    q, r, order = scipy.linalg.qr(figures.T, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > SMALL * diagonal[0]).sum())
    solution = scipy.linalg.solve_triangular(r[:rank, :rank], q[:, :rank].T @ mask)
    chosen = np.rint(figures[order[:rank]]).astype(np.int64)
    whole = np.rint(mask).astype(np.int64)
    return any(
        np.array_equal(np.rint(multiple * solution).astype(np.int64) @ chosen, multiple * whole)
        for multiple in MULTIPLES
    )
