"""Mask of small counts on staff pages: the suppression that the gate asks of a release."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

import numpy as np

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table
from kerege.evidence.counting.people_counts import PeopleCounts
from kerege.evidence.sdc.suppression.exact import suppress_exact
from kerege.web.cell_masks import Masked, Rows

TOTAL = "_T"


def suppress_parts(rows: Rows, threshold: int, withheld: Collection[str] = ()) -> Masked:
    """Return the number of rows of each part; None for the cells that a release would suppress.

    Codes in `withheld` are None in any case, and are protected as parts of few people are. The readers may know the
    total.
    """
    table = _count(rows, withheld)
    safe = suppress_exact(table, threshold).table
    counts = zip(safe.axes[0], safe.counts.tolist(), safe.status.tolist(), strict=True)
    return {code: count if status == OK else None for code, count, status in counts if code != TOTAL}


def _count(rows: Rows, withheld: Collection[str]) -> Table:
    """Return the table of the parts with the people behind each; those of a withheld part count as one."""
    codes = (TOTAL, *rows)
    cells = [_sum_people(rows), *rows.values()]
    is_withheld = np.array([code in withheld for code in codes])
    counts, people, largest = (
        np.array([measure(cell) for cell in cells], dtype=np.int64)
        for measure in (lambda cell: sum(cell.values()), len, lambda cell: max(cell.values(), default=0))
    )
    behind = PeopleCounts(np.where(is_withheld, np.minimum(people, 1), people), largest)
    status = np.where(is_withheld, SUPPRESSED, OK).astype(np.uint8)
    return Table(
        name="parts",
        of="rows",
        by=("part",),
        where={},
        axes=(codes,),
        counts=counts,
        status=status,
        people=behind,
    )


def _sum_people(rows: Rows) -> dict[object, int]:
    """Return the rows of each person in all parts."""
    total: dict[object, int] = {}
    for person, count in chain.from_iterable(part.items() for part in rows.values()):
        total[person] = total.get(person, 0) + count
    return total
