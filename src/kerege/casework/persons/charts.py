"""Geometry of the small SVG charts of this app. The templates draw them, with a table beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kerege.casework.persons.queries.drift import Drift
from kerege.casework.persons.queries.quality import GroupRates
from kerege.casework.persons.queries.review_queue import FieldWeight

ANSWERS = ("same", "different", "unsure")
WIDE = 200
HALF = WIDE / 2
TALL = 24
# match weights in bits: from STRONG a field is strong evidence, below ANY it is none
STRONG, ANY = 5.0, 0.5
STRENGTHS: dict[str, Promise] = {
    "strongly_for": _("strongly supports one person"),
    "for": _("supports one person"),
    "nothing": _("no evidence"),
    "against": _("contradicts one person"),
    "strongly_against": _("strongly contradicts one person"),
}


@dataclass(frozen=True)
class WeightBar:
    """Row of the weight chart: a label, and a bar to the right (for a link) or to the left (against)."""

    label: str
    level: str
    says: str
    tone: str
    x: str
    width: str


def weight_bars(weights: Sequence[FieldWeight]) -> list[WeightBar]:
    """Return a bar for each weight, in the order given; the largest weight fills one half of the chart."""
    largest = max((abs(field.weight) for field in weights), default=0) or 1
    bars = []
    for field in weights:
        length = HALF * abs(field.weight) / largest
        start = HALF if field.weight >= 0 else HALF - length
        strength = strength_of(field.weight)
        bars.append(
            WeightBar(
                label=field.label,
                level=field.level,
                says=str(STRENGTHS[strength]),
                tone=strength,
                x=f"{start:.1f}",
                width=f"{max(length, 1):.1f}",
            )
        )
    return bars


def strength_of(bits: float) -> str:
    """Return the evidence strength of a match weight in bits, as a code of STRENGTHS."""
    if abs(bits) < ANY:
        return "nothing"
    direction = "for" if bits > 0 else "against"
    return f"strongly_{direction}" if abs(bits) >= STRONG else direction


@dataclass(frozen=True)
class AnswerStack:
    """Stacked bar of the answers of one group; it has no parts when too few pairs were answered."""

    rates: GroupRates
    # (answer, x, width)
    parts: tuple[tuple[str, str, str], ...]

    @property
    def percent(self) -> dict[str, str | None]:
        """Return the answer shares as percentages, as the table shows them."""
        return {answer: percent(getattr(self.rates, answer)) for answer in ANSWERS}


def percent(share: float | None, decimals: int = 0) -> str | None:
    """Return a share as a percentage in the user's language; None for None."""
    return None if share is None else str(number_format(round(100 * share, decimals), decimals, use_l10n=True))


def answer_stacks(rates: Sequence[GroupRates]) -> list[AnswerStack]:
    """Return a stacked bar for each group."""
    return [AnswerStack(group, _stack_parts(group)) for group in rates]


def _stack_parts(rates: GroupRates) -> tuple[tuple[str, str, str], ...]:
    """Return (answer, x, width) for each answer with a share above 0."""
    parts, x = [], 0.0
    for answer in ANSWERS:
        share: Any = getattr(rates, answer)
        if share:
            parts.append((answer, f"{x:.1f}", f"{WIDE * share:.1f}"))
            x += WIDE * share
    return tuple(parts)


@dataclass(frozen=True)
class DriftLine:
    """Line chart of a monthly share, from left to right; a month with too few pairs has no point."""

    drift: Drift
    points: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """Return the points in the format of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def last(self) -> str | None:
        """Return the share of the last month as a percentage."""
        return percent(self.drift.last)

    @property
    def band(self) -> tuple[str | None, ...]:
        """Return the control limits as percentages; empty when there are none."""
        return tuple(percent(limit) for limit in self.drift.band or ())


def drift_line(drift: Drift) -> DriftLine:
    """Return the line chart of a drift; a share of 0 is at the bottom, of 1 at the top."""
    step = WIDE / max(1, len(drift.shares) - 1)
    known = [(n, share) for n, share in enumerate(drift.shares) if share is not None]
    return DriftLine(drift, tuple((f"{n * step:.1f}", f"{TALL * (1 - share):.1f}") for n, share in known))


@dataclass(frozen=True)
class IntervalMark:
    """Position of a share and its interval on a scale from 0 to `top`."""

    low: str
    high: str
    width: str
    dot: str
    top: float


def interval_mark(share: float, interval: tuple[float, float]) -> IntervalMark:
    """Return the marks of a share on the smallest of the fixed scales that holds its interval."""
    low, high = interval
    top = next((scale for scale in (0.05, 0.1, 0.25, 0.5) if high <= scale), 1.0)
    positions = [WIDE * value / top for value in (low, high, share)]
    return IntervalMark(
        f"{positions[0]:.1f}", f"{positions[1]:.1f}", f"{positions[1] - positions[0]:.1f}", f"{positions[2]:.1f}", top
    )
