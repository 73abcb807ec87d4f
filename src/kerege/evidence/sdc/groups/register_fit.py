"""The check that a register fits published tables: every figure is counted again, in whole people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.constraints.table_views import SetAxisView, TableView
from kerege.evidence.sdc.linear.linear_system import Ints
from kerege.evidence.sdc.published_tables.share_rows import keeps_shares
from kerege.evidence.sdc.published_tables.stated_bounds import bounds


class TableFit:
    """A published table with the bounds of its cells, to compare with many registers."""

    def __init__(self, view: TableView) -> None:
        self.view = view
        shape = view.table.counts.shape
        self.lower, self.upper = (ends.reshape(shape) for ends in bounds(view.table))

    def fits(self, register: Register) -> bool:
        """Return whether every figure of the table is within its bounds in a register.

        An axis that names every value must have a place for everybody whom the filter selects.
        """
        view = self.view
        inside = view.inside(register.coords)
        if view.pick is not None:
            inside &= register.has[view.pick[0]][view.pick[1]]
        places = {d: axis.places[register.coords[axis.family]] for d, axis in view.axes}
        people = inside & (register.people > 0)
        if any((places[d][people] == 0).any() for d, _ in view.complete):
            return False
        cells = np.zeros(view.table.counts.shape, dtype=np.int64)
        for index, chosen in self._value_combinations(register):
            counts = self._count(register.people, list(places.values()), inside & chosen)
            if (counts < self.lower[index]).any() or (counts > self.upper[index]).any():
                return False
            cells[index] = counts
        return keeps_shares(view.table, cells.ravel())

    def _value_combinations(self, register: Register) -> Iterator[tuple[tuple[int | slice, ...], Bools]]:
        """Yield the cells at fixed positions on axes whose codes overlap, and which rows have these values."""
        view = self.view
        everybody = np.ones(len(register.people), dtype=bool)
        for positions in np.ndindex(*[len(view.table.axes[d]) for d in view.overlapping]):
            index: list[int | slice] = [slice(None)] * len(view.dims)
            chosen = everybody
            for d, position in zip(view.overlapping, positions, strict=True):
                index[d], dim = position, view.dims[d]
                if isinstance(dim, SetAxisView):
                    chosen = chosen & dim.masks[position][register.coords[dim.family]]
                elif isinstance(dim, str) and position:
                    chosen = chosen & register.has[dim][view.table.axes[d][position]]
            yield tuple(index), chosen

    def _count(self, people: Ints, places: Sequence[Ints], chosen: Bools) -> Ints:
        """Return the people of the chosen rows by place on each other axis; place 0 is the total of an axis."""
        sizes = [len(self.view.table.axes[d]) for d, _ in self.view.axes]
        rows = np.flatnonzero(chosen)
        flat = np.zeros(len(rows), dtype=np.int64)
        for place, size in zip(places, sizes, strict=True):
            flat = flat * size + place[rows]
        cells = int(np.prod(sizes, dtype=np.int64))
        counts = np.bincount(flat, people[rows], minlength=cells).astype(np.int64).reshape(sizes)
        for axis in range(len(sizes)):  # people without a place on the axis were at 0, and belong to the total alone
            counts[(slice(None),) * axis + (0,)] = counts.sum(axis=axis)
        return counts
