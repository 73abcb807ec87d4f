"""Panel of a chart, and the records that a chart draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class ChartPanel:
    """One chart at one width in pixels."""

    name: str
    width: int
    wide: bool
