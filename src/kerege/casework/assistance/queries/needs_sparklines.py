"""Sparklines of needs over time, one for each domain; `kerege.charts.table_marks` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.services.needs import ACUTE
from kerege.charts.table_marks import draw_spark
from kerege.vocabulary import codes

RISKS = {"low": 1, "medium": 2, "high": 3}


@dataclass(frozen=True)
class Sparkline:
    """Levels of one domain from the oldest to the newest day, and their drawing."""

    name: str
    levels: tuple[int, ...]
    svg: str

    @property
    def last(self) -> int:
        """Return the newest level."""
        return self.levels[-1]

    @property
    def change(self) -> int:
        """Return the newest level minus the oldest."""
        return self.last - self.levels[0]


def build_need_sparklines(rows: Sequence[Assessment]) -> list[Sparkline]:
    """Return a sparkline for each assessed domain, the highest current level first."""
    sparklines = []
    for domain in codes.code_list("need_domain").codes:
        levels = {row.on: row.needs[domain] for row in reversed(rows) if domain in row.needs}
        if levels:
            sparklines.append(_sparkline(domain, levels, rows, ACUTE))
    return sorted(sparklines, key=lambda sparkline: -sparkline.last)


def build_risk_sparkline(rows: Sequence[Assessment]) -> Sparkline | None:
    """Return the sparkline of the risk level; None without one."""
    levels = {row.on: RISKS[row.risk_level] for row in reversed(rows) if row.risk_level in RISKS}
    return _sparkline("risk", levels, rows, max(RISKS.values())) if levels else None


def _sparkline(name: str, levels: dict[date, int], rows: Sequence[Assessment], top: int) -> Sparkline:
    """Return the sparkline of levels by day, between the first and the last day of all assessments."""
    days = sorted(row.on for row in rows)
    span = (days[-1] - days[0]).days or 1
    times = [((on - days[0]).days / span, level) for on, level in sorted(levels.items())]
    return Sparkline(name, tuple(level for _, level in times), draw_spark(times, top))
