"""Differential privacy for tables: discrete Gaussian noise under zCDP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.evidence.snapshot import Snapshot
from kerege.evidence.tables import Table

if TYPE_CHECKING:
    from kerege.evidence.spec import TableSpec


def noised(snapshot: Snapshot, wanted: TableSpec) -> Table:
    """A table with noise."""
    raise NotImplementedError
