"""Published tables for the tests of disclosure control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, TOTAL, WITHHELD
from kerege.evidence.sdc.published_tables.sheet import Sheet

Figure = int | tuple[float, float] | None  # an exact count, bounds, or a suppressed count


@dataclass(frozen=True)
class Source:
    """A source of tables: the rows of a register, None for an intruder."""

    frame: pl.DataFrame | None = None
    multi: frozenset[str] = frozenset()
    unit: str = "victims"

    def list_of(self, column: str) -> str:
        """Return no code list."""
        return ""


def sheet(by: Sequence[str], cells: Mapping[tuple[str, ...], Figure], **stated: Any) -> Sheet:
    """Return a published table with the cells that are given; all other cells are withheld."""
    columns = [list(dict.fromkeys([TOTAL, *(key[d] for key in cells)])) for d in range(len(by))]
    shape = tuple(map(len, columns))
    counts, status = np.zeros(shape, np.int64), np.full(shape, WITHHELD, np.uint8)
    lower, upper = np.zeros(shape), np.full(shape, np.inf)
    for key, figure in cells.items():
        place = tuple(column.index(code) for column, code in zip(columns, key, strict=True))
        if figure is None:
            status[place], lower[place] = SUPPRESSED, 1
        elif isinstance(figure, tuple):
            status[place], lower[place], upper[place] = PERTURBED, *figure
        else:
            status[place], counts[place], lower[place], upper[place] = OK, figure, figure, figure
    arrays = {"counts": counts, "status": status, "lower": lower, "upper": upper}
    named = {"name": "t", "of": "victims", "where": {}} | stated
    return Sheet(by=tuple(by), axes=tuple(map(tuple, columns)), **arrays, **named)
