"""What one method of the panel says, in the form that tables, JSON and pictures take it from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Limits = tuple[float, float]


@dataclass(frozen=True)
class Method:
    """A method and its answer, all in people, detected or not.

    estimate: a point, a posterior median or a bound; None where `no_estimate` says why. interval80, interval95:
    percentile limits of resamples that choose the model anew, or of a posterior. bca80, bca95: bias-corrected limits,
    as published. monte_carlo: standard error of each limit, by the name of the interval. recurrence: share of resamples
    that chose the same model. about: further facts, with stable keys.
    """

    key: str
    estimate: float | None
    model: str = ""
    interval80: Limits | None = None
    interval95: Limits | None = None
    bca80: Limits | None = None
    bca95: Limits | None = None
    monte_carlo: Mapping[str, Limits] = field(default_factory=dict)
    recurrence: float | None = None
    warnings: tuple[str, ...] = ()
    no_estimate: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers that are not finite are null, and so is an interval that a method does not have."""
        intervals = ("interval80", "interval95", "bca80", "bca95")
        told: dict[str, Any] = {"estimate": finite(self.estimate), "model": self.model or None}
        told |= {name: pair(getattr(self, name)) for name in intervals}
        told["monte_carlo"] = {name: pair(errors) for name, errors in self.monte_carlo.items()}
        told["recurrence"] = finite(self.recurrence)
        told["warnings"] = list(self.warnings)
        told["no_estimate"] = self.no_estimate or None
        return {**told, **plain(self.about)}


def finite(value: float | None) -> float | None:
    """None for what JSON has no number for."""
    return value if value is not None and math.isfinite(value) else None


def pair(limits: Limits | None) -> list[float | None] | None:
    """Two limits for JSON."""
    return None if limits is None else [finite(limit) for limit in limits]


def plain(value: Any) -> Any:
    """Facts for JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return finite(value) if isinstance(value, float) else value
