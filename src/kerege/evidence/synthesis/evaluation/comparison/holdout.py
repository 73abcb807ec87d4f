"""Holdout: other real people of the same kind, with whom synthetic records are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault

HELD_BACK = 5  # one row in five is held back
FEWEST = 50  # fewest rows of which some can be held back


@dataclass(frozen=True)
class Holdout:
    """Rows of people in the data, rows of other people, and synthetic records made from the first only.

    `refitted`: the records were made again for this, from the rows that were not held back.
    """

    rows: pl.DataFrame
    others: pl.DataFrame
    records: pl.DataFrame
    refitted: bool = False

    @property
    def scale(self) -> float:
        """Return the factor by which counts of the other people are comparable with those of the rows."""
        return self.rows.height / max(1, self.others.height)


def hold_back(original: pl.DataFrame, refit: Callable[[pl.DataFrame], pl.DataFrame], seed: int) -> Holdout:
    """Hold back a random fifth of the rows and make records from the rest.

    Raise BadInput for fewer than FEWEST rows.
    """
    if original.height < FEWEST:
        fault = Fault(f"there are fewer than {FEWEST} rows, so none can be held back", "give other rows by --control")
        raise BadInput(fault)
    order = np.random.default_rng([seed, 99]).permutation(original.height)
    held, used = np.sort(order[: original.height // HELD_BACK]), np.sort(order[original.height // HELD_BACK :])
    rest = original[used]
    return Holdout(rest, original[held], refit(rest), refitted=True)
