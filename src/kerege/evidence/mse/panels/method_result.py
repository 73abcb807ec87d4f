"""Result of one method of the panel, for tables, JSON and charts; and the options of methods."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kerege.evidence.mse.loglinear.bootstrap import SEED, TIMES
from kerege.evidence.mse.loglinear.integer_tables import Undo

Limits = tuple[float, float]


@dataclass(frozen=True)
class Options:
    """Number of resamples, seed of all random draws, and sweeps of each chain of the latent classes.

    undo: correction of linkage errors for resamples, if the lists are corrected.
    """

    times: int = TIMES
    seed: int = SEED
    sweeps: int = 100_000
    undo: Undo | None = None


@dataclass(frozen=True)
class Method:
    """Result of one method; all numbers are people, detected and not detected.

    estimate: point estimate, posterior median or lower bound; None if `no_estimate` has the reason. interval80,
    interval95: percentile limits of resamples with repeated model selection, credible limits, or limits of the profile
    likelihood. bca80, bca95: BCa limits. profile80, profile95: profile-likelihood limits of the chosen model, which is
    taken as known. monte_carlo: standard errors of the limits, by the name of the interval. recurrence: share of
    resamples that chose the same model. about: further facts with stable keys.
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
    profile80: Limits | None = None
    profile95: Limits | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON; numbers that are not finite and missing intervals are null."""
        intervals = ("interval80", "interval95", "bca80", "bca95", "profile80", "profile95")
        result: dict[str, Any] = {"estimate": finite_or_none(self.estimate), "model": self.model or None}
        result |= {name: limits_as_list(getattr(self, name)) for name in intervals}
        result["monte_carlo"] = {name: limits_as_list(errors) for name, errors in self.monte_carlo.items()}
        result["recurrence"] = finite_or_none(self.recurrence)
        result["warnings"] = list(self.warnings)
        result["no_estimate"] = self.no_estimate or None
        return {**result, **as_json_value(self.about)}


def finite_or_none(value: float | None) -> float | None:
    """Return the number, or None if it is not finite, because JSON cannot represent it."""
    return value if value is not None and math.isfinite(value) else None


def limits_as_list(limits: Limits | None) -> list[float | None] | None:
    """Return two limits as a list for JSON, or None."""
    return None if limits is None else [finite_or_none(limit) for limit in limits]


def as_json_value(value: Any) -> Any:
    """Return facts in JSON types; numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {str(key): as_json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json_value(item) for item in value]
    return finite_or_none(value) if isinstance(value, float) else value
