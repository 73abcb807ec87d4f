"""Disclosure by differencing: groups of people that no table shows but a subtraction of tables does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.table_views import AxisView, Masks, SignedTerm, TableView, intersect

Key = tuple[Masks, tuple[str, str] | None]
MOST_DIFFERENCES = 100_000


@dataclass(frozen=True)
class Difference:
    """People counted by a signed sum of terms, and the numbers of the two tables that give it.

    `is_rest` marks people with values that an axis leaves out: that there are none discloses nothing.
    """

    terms: tuple[SignedTerm, ...]
    tables: tuple[int, int]
    is_rest: bool = False


def distinct_differences(views: Sequence[TableView]) -> list[Difference]:
    """Return all differences, each group of people once, at most MOST_DIFFERENCES."""
    by_people: dict[object, Difference] = {}
    for difference in islice(iterate_differences(views), MOST_DIFFERENCES):
        key = tuple(
            (
                tuple(sorted((f, mask.tobytes()) for f, mask in term.masks.items() if not mask.all())),
                term.pick,
                term.sign,
            )
            for term in difference.terms
        )
        by_people.setdefault(key, difference)
    return list(by_people.values())


def iterate_differences(views: Sequence[TableView]) -> Iterator[Difference]:
    """Yield all groups that nested filters, or filters that overlap in one column, set apart."""
    for i, outer in enumerate(views):
        if outer.kind == "filter":
            continue
        for j, inner in enumerate(views):
            if inner.kind == "filter":
                continue
            if i != j and _is_subset(inner, outer):
                for key, pick in _common_codes(outer, inner):
                    excluded = SignedTerm(intersect(inner.filter, key), pick or inner.pick, -1)
                    yield Difference((SignedTerm(intersect(outer.filter, key), pick or outer.pick), excluded), (i, j))
            elif i < j and (parts := _overlap_parts(outer, inner)):
                for masks in parts:
                    for key, pick in _common_codes(outer, inner):
                        yield Difference((SignedTerm(intersect(masks, key), pick or outer.pick),), (i, j))
        yield from _set_apart(i, views)
        yield from _unnamed_values(i, outer)


def _mask(view: TableView, family: int) -> Bools:
    return view.filter.get(family, np.ones(1, dtype=bool))


def _differing_families(first: TableView, second: TableView) -> list[int]:
    """Return the families in which two filters differ."""
    return [
        f for f in sorted(first.filter.keys() | second.filter.keys()) if (_mask(first, f) != _mask(second, f)).any()
    ]


def _is_subset(inner: TableView, outer: TableView) -> bool:
    """Return whether a table's filter selects a proper subset of the people that the other filter selects."""
    if outer.pick not in (None, inner.pick):
        return False
    is_within = all((_mask(inner, f) <= _mask(outer, f)).all() for f in inner.filter.keys() | outer.filter.keys())
    return is_within and (inner.pick != outer.pick or bool(_differing_families(inner, outer)))


def _overlap_parts(first: TableView, second: TableView) -> list[Masks]:
    """Return the people in the first filter only, in the second only, and in both.

    Return [] unless the filters overlap and differ in one family.
    """
    differing = _differing_families(first, second)
    if len(differing) != 1 or first.pick != second.pick or _is_subset(first, second):
        return []
    a, b = _mask(first, differing[0]), _mask(second, differing[0])
    if not (a & b).any():
        return []
    return [first.filter | {differing[0]: part} for part in (a & ~b, b & ~a, a & b)]


def _common_codes(first: TableView, second: TableView) -> list[Key]:
    """Return the code combinations in which both tables can be read, totals included."""
    return [*_code_combinations(first, _dimensions(second)), *_code_combinations(second, _dimensions(first))]


def _dimensions(view: TableView) -> set[int | str]:
    return {dim if isinstance(dim, str) else dim.family for dim in view.dims}


def _code_combinations(view: TableView, dimensions: set[int | str], excluded: int = -1) -> Iterator[Key]:
    """Yield every combination of the codes of some dimensions, totals included."""
    common = [d for d, dim in enumerate(view.dims) if (dim if isinstance(dim, str) else dim.family) in dimensions]
    common = [d for d in common if d != excluded]
    for places in product(*[range(len(view.table.axes[d])) for d in common]):
        masks: Masks = {}
        pick = None
        for d, place in zip(common, places, strict=True):
            dim = view.dims[d]
            if isinstance(dim, AxisView):
                masks = intersect(masks, {dim.family: dim.mask(place)}) if place else masks
            elif place:
                pick = (dim, view.table.axes[d][place])
        yield masks, pick


def _set_apart(i: int, views: Sequence[TableView]) -> Iterator[Difference]:
    """Yield the groups that several subsets of one table set apart, and their remainder."""
    outer = views[i]
    parts = [
        j
        for j, view in enumerate(views)
        if j != i
        and view.kind != "filter"
        and view.pick == outer.pick
        and _is_subset(view, outer)
        and len(_differing_families(view, outer)) == 1
    ]
    for family in sorted({_differing_families(views[j], outer)[0] for j in parts}):
        subsets = [j for j in parts if _differing_families(views[j], outer)[0] == family]
        for j in subsets if len(subsets) > 1 else []:
            marks = np.stack([np.broadcast_to(_mask(views[k], family), views[j].filter[family].shape) for k in subsets])
            for pattern in np.unique(marks, axis=1).T:
                group = outer.filter | {family: (marks == pattern[:, None]).all(axis=0)}
                inside = intersect(group, {f: mask for f, mask in outer.filter.items() if f == family})
                for key, pick in _common_codes(outer, views[j]):
                    yield Difference((SignedTerm(intersect(inside, key), pick or outer.pick),), (i, j))


def _unnamed_values(i: int, view: TableView) -> Iterator[Difference]:
    """Yield the people whose value an incomplete axis does not name."""
    for d, axis in view.axes:
        unnamed = axis.places == 0
        if view.table.by[d] in view.incomplete and unnamed.any():
            for key, pick in _code_combinations(view, _dimensions(view), excluded=d):
                masks = intersect(intersect(view.filter, {axis.family: unnamed}), key)
                yield Difference((SignedTerm(masks, pick or view.pick),), (i, i), is_rest=True)
