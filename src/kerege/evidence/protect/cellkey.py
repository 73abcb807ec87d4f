"""Cell-key perturbation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.evidence.snapshot import Snapshot
from kerege.evidence.tables import Table

if TYPE_CHECKING:
    from kerege.evidence.spec import TableSpec


def perturbed(snapshot: Snapshot, wanted: TableSpec, secret: bytes | None = None) -> Table:
    """A table with the noise of its cell keys."""
    raise NotImplementedError
