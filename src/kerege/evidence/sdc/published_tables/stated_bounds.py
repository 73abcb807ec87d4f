"""The bounds that a published table states of each of its own cells."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kerege.evidence.counting.frequency_table import OK, PERTURBED, Table
from kerege.evidence.sdc.linear.linear_system import Floats, Rules, knowledge
from kerege.evidence.sdc.published_tables.publication import Sheet

NO_RULES = Rules(sp.csr_matrix((0, 0)), np.zeros(0), np.zeros(0))


def bounds(table: Table, *, tight: bool = False) -> tuple[Floats, Floats]:
    """Return the bounds that a table states of each of its cells."""
    if isinstance(table, Sheet):
        return table.lower.ravel(), table.upper.ravel()
    view = knowledge(table, NO_RULES, half=int(table.params.get("half_width", 0)), tight=tight and has_even_base(table))
    return view.lower, np.where(np.isin(table.status.ravel(), (OK, PERTURBED)), view.upper, np.inf)


def has_even_base(table: Table) -> bool:
    """Return whether a table is rounded to an even base: knowledge of ties then narrows its bounds."""
    return not isinstance(table, Sheet) and int(table.params.get("rounded_to", 1)) % 2 == 0
