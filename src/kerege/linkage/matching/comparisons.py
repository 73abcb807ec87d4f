"""Comparisons of a linkage model: their levels, and the columns that conditions read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sqlglot import exp

from kerege.linkage.matching.sql_terms import parse_condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ELSE = "ELSE"


@dataclass(frozen=True)
class Level:
    """Comparison level. `gamma` counts down to 0 (ELSE); -1 is the null level, for missing values."""

    gamma: int
    condition: str
    label: str
    m: float
    u: float
    fixed_m: bool = False
    fixed_u: bool = False
    tf_column: str | None = None
    tf_weight: float = 1.0
    tf_minimum: float = 0.0

    @property
    def is_null(self) -> bool:
        """Return whether this is the null level, for pairs with a missing value."""
        return self.gamma < 0

    @property
    def equal_column(self) -> str | None:
        """Return x if the condition is that x is equal in both records, and None for any other condition."""
        left, _, right = self.condition.replace('"', "").partition(" = ")
        return left[:-2] if left.endswith("_l") and right == f"{left[:-2]}_r" else None

    @property
    def weight(self) -> float:
        """Return the partial match weight log2(m/u); 0 for the null level."""
        return 0.0 if self.is_null else math.log2(self.m / self.u)


@dataclass(frozen=True)
class Comparison:
    """Comparison with its levels, in the order of evaluation."""

    name: str
    levels: tuple[Level, ...]

    def level(self, gamma: int) -> Level:
        """Return the level with this gamma."""
        return next(level for level in self.levels if level.gamma == gamma)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Return the columns that the conditions of the levels read."""
        return frozenset(name for level in self.levels for name in columns_of(level.condition))

    @property
    def subject(self) -> frozenset[str]:
        """Return the columns that the null level tests: without them the comparison carries no evidence."""
        null = [columns_of(level.condition) for level in self.levels if level.is_null]
        return null[0] if null else self.columns

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Return (levels + 1, 2) bits, indexed by gamma with the null level last: the pairs of `bits`."""
        import numpy as np  # here, because scoring a single pair does not need NumPy

        table = np.zeros((len(self.levels) + 1, 2))
        for level in self.levels:
            table[level.gamma] = self.bits(level)
        return table

    def bits(self, level: Level) -> tuple[float, float]:
        """Return log2(m/u) of a level and the log2 of the exact-match u times the adjustment weight.

        The second value is 0 for a level without term frequency adjustment.
        """
        base = self.exact_u(level.tf_column) if level.tf_column else None
        return level.weight, level.tf_weight * math.log2(base) if base else 0.0

    def exact_u(self, column: str) -> float | None:
        """Return the u of the level 'the column is equal', the reference of the term frequency adjustment."""
        return next((level.u for level in self.levels if level.equal_column == column), None)


@dataclass(frozen=True)
class BlockingRule:
    """Blocking rule: agreement in all `columns` makes a candidate pair; `exploded` names the list columns."""

    columns: tuple[str, ...]
    exploded: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def columns_of(condition: str) -> frozenset[str]:
    """Return the columns that a condition reads, without the suffixes _l and _r."""
    if condition.upper() == ELSE:
        return frozenset()
    return frozenset(column.name[:-2] for column in parse_condition(condition).find_all(exp.Column))
