"""Sparklines of needs over time, one per domain; the template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.services.needs import ACUTE
from kerege.vocabulary import codes

WIDTH, HEIGHT, EDGE = 200, 56, 8
RISKS = {"low": 1, "medium": 2, "high": 3}


@dataclass(frozen=True)
class SparklineDot:
    """A level on a day, and its position in SVG units."""

    x: float
    y: float
    level: int
    on: date

    @property
    def at_x(self) -> str:
        """Return x with a decimal point, in every language."""
        return f"{self.x:g}"

    @property
    def at_y(self) -> str:
        """Return y with a decimal point, in every language."""
        return f"{self.y:g}"


@dataclass(frozen=True)
class Sparkline:
    """One line: its dots from the oldest to the newest, and the steps between them."""

    name: str
    dots: tuple[SparklineDot, ...]

    @property
    def line(self) -> str:
        """Return the corners of the step line: a level holds until the next assessment."""
        corners = [f"{self.dots[0].x:g},{self.dots[0].y:g}"]
        for before, dot in zip(self.dots, self.dots[1:], strict=False):
            corners += [f"{dot.x:g},{before.y:g}", f"{dot.x:g},{dot.y:g}"]
        return " ".join(corners)

    @property
    def last(self) -> SparklineDot:
        """Return the newest level."""
        return self.dots[-1]

    @property
    def change(self) -> int:
        """Return the newest level minus the oldest."""
        return self.last.level - self.dots[0].level


def build_need_sparklines(rows: Sequence[Assessment]) -> list[Sparkline]:
    """Return a sparkline for each assessed domain, the highest current level first."""
    days = sorted({row.on for row in rows})
    sparklines = []
    for domain in codes.code_list("need_domain").codes:
        levels = {row.on: row.needs[domain] for row in reversed(rows) if domain in row.needs}
        if levels:
            sparklines.append(Sparkline(domain, _place_dots(levels, days, ACUTE)))
    return sorted(sparklines, key=lambda sparkline: -sparkline.last.level)


def build_risk_sparkline(rows: Sequence[Assessment]) -> Sparkline | None:
    """Return the sparkline of the risk level; None without one."""
    levels = {row.on: RISKS[row.risk_level] for row in reversed(rows) if row.risk_level in RISKS}
    return (
        Sparkline("risk", _place_dots(levels, sorted({row.on for row in rows}), max(RISKS.values())))
        if levels
        else None
    )


def _place_dots(levels: dict[date, int], days: list[date], top: int) -> tuple[SparklineDot, ...]:
    first_day, span = days[0], (days[-1] - days[0]).days or 1
    width, height = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return tuple(
        SparklineDot(
            round(EDGE + width * (on - first_day).days / span, 1),
            round(EDGE + height * (1 - level / top), 1),
            level,
            on,
        )
        for on, level in sorted(levels.items())
    )
