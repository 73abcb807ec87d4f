"""Groups of people that no table shows but that subtracting tables does: those in one filter and not in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.table_views import Axis, Box, Masks, View, meet

Key = tuple[Masks, tuple[str, str] | None]
MOST = 100_000


@dataclass(frozen=True)
class Difference:
    """People counted by boxes, some of them subtracted, and the two tables that tell of them.

    `rest` when they are those whom an axis leaves out: that there are none tells nothing.
    """

    boxes: tuple[Box, ...]
    tables: tuple[int, int]
    rest: bool = False


def distinct(views: Sequence[View]) -> list[Difference]:
    """All differences, each group of people once."""
    found: dict[object, Difference] = {}
    for each in islice(differences(views), MOST):
        key = tuple(
            (tuple(sorted((f, mask.tobytes()) for f, mask in box.masks.items() if not mask.all())), box.pick, box.sign)
            for box in each.boxes
        )
        found.setdefault(key, each)
    return list(found.values())


def differences(views: Sequence[View]) -> Iterator[Difference]:
    """All groups that filters within one another, or overlapping in one column, set apart."""
    for i, whole in enumerate(views):
        if whole.kind == "filter":
            continue
        for j, part in enumerate(views):
            if part.kind == "filter":
                continue
            if i != j and _inside(part, whole):
                for key, pick in _keys(whole, part):
                    out = Box(meet(part.filter, key), pick or part.pick, -1)
                    yield Difference((Box(meet(whole.filter, key), pick or whole.pick), out), (i, j))
            elif i < j and (split := _split(whole, part)):
                for masks in split:
                    for key, pick in _keys(whole, part):
                        yield Difference((Box(meet(masks, key), pick or whole.pick),), (i, j))
        yield from _remainders(i, views)
        yield from _left_out(i, whole)


def _mask(view: View, family: int) -> Bools:
    return view.filter.get(family, np.ones(1, dtype=bool))


def _apart(one: View, two: View) -> list[int]:
    """The families in which two filters differ."""
    return [f for f in sorted(one.filter.keys() | two.filter.keys()) if (_mask(one, f) != _mask(two, f)).any()]


def _inside(part: View, whole: View) -> bool:
    """Whether the filter of a table selects some of those whom the other selects, and none besides."""
    if whole.pick not in (None, part.pick):
        return False
    within = all((_mask(part, f) <= _mask(whole, f)).all() for f in part.filter.keys() | whole.filter.keys())
    return within and (part.pick != whole.pick or bool(_apart(part, whole)))


def _split(one: View, two: View) -> list[Masks]:
    """Of filters that overlap in one column: those in the first only, in the second only, in both."""
    apart = _apart(one, two)
    if len(apart) != 1 or one.pick != two.pick or _inside(one, two):
        return []
    a, b = _mask(one, apart[0]), _mask(two, apart[0])
    if not (a & b).any():
        return []
    return [one.filter | {apart[0]: part} for part in (a & ~b, b & ~a, a & b)]


def _keys(one: View, two: View) -> list[Key]:
    """The codes in which both tables can be read, by the axes of either; totals among them."""
    return [*_axes(one, _names(two)), *_axes(two, _names(one))]


def _names(view: View) -> set[int | str]:
    return {dim if isinstance(dim, str) else dim.family for dim in view.dims}


def _axes(view: View, wanted: set[int | str], leave: int = -1) -> Iterator[Key]:
    """Every combination of the codes, totals among them, of the wanted dimensions."""
    common = [d for d, dim in enumerate(view.dims) if (dim if isinstance(dim, str) else dim.family) in wanted]
    common = [d for d in common if d != leave]
    for places in product(*[range(len(view.table.axes[d])) for d in common]):
        masks: Masks = {}
        pick = None
        for d, place in zip(common, places, strict=True):
            dim = view.dims[d]
            if isinstance(dim, Axis):
                masks = meet(masks, {dim.family: dim.mask(place)}) if place else masks
            elif place:
                pick = (dim, view.table.axes[d][place])
        yield masks, pick


def _remainders(i: int, views: Sequence[View]) -> Iterator[Difference]:
    """What several parts of one whole leave over, and every group that they set apart within it."""
    whole = views[i]
    parts = [
        j
        for j, view in enumerate(views)
        if j != i
        and view.kind != "filter"
        and view.pick == whole.pick
        and _inside(view, whole)
        and len(_apart(view, whole)) == 1
    ]
    for family in sorted({_apart(views[j], whole)[0] for j in parts}):
        mine = [j for j in parts if _apart(views[j], whole)[0] == family]
        for j in mine if len(mine) > 1 else []:
            marks = np.stack([np.broadcast_to(_mask(views[k], family), views[j].filter[family].shape) for k in mine])
            for kind in np.unique(marks, axis=1).T:
                group = whole.filter | {family: (marks == kind[:, None]).all(axis=0)}
                inside = meet(group, {f: mask for f, mask in whole.filter.items() if f == family})
                for key, pick in _keys(whole, views[j]):
                    yield Difference((Box(meet(inside, key), pick or whole.pick),), (i, j))


def _left_out(i: int, view: View) -> Iterator[Difference]:
    """Those whom a table leaves out of an axis that does not name every value."""
    for d, axis in view.axes:
        rest = axis.places == 0
        if view.table.by[d] in view.incomplete and rest.any():
            for key, pick in _axes(view, _names(view), leave=d):
                masks = meet(meet(view.filter, {axis.family: rest}), key)
                yield Difference((Box(masks, pick or view.pick),), (i, i), rest=True)
