"""Mask of small counts on staff pages: the suppression that the gate asks of a release."""

from __future__ import annotations

import csv
from io import StringIO

from kerege.evidence import sdc
from kerege.web.cell_masks import Counts, Masked

TOTAL = "_T"


def suppress_parts(parts: Counts, threshold: int) -> Masked:
    """Return the parts with the cells that a release would suppress as None."""
    out = StringIO()
    rows = [(TOTAL, sum(parts.values())), *parts.items()]
    csv.writer(out).writerows([("part", "count", "status"), *((code, count, "ok") for code, count in rows)])
    table = sdc.protect(sdc.Table.from_csv(out.getvalue(), name="parts"), threshold=threshold)
    cells = {keys[0]: cell.count for keys, cell in table.cells.items()}
    return {code: cells[code] for code in parts}
