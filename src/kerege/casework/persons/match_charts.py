"""Words and numbers of the small charts of this app; `kerege.charts.table_marks` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kerege.casework.persons.queries.drift import Drift
from kerege.casework.persons.queries.quality import GroupRates
from kerege.casework.persons.queries.review_queue import FieldWeight
from kerege.charts import table_marks

ANSWERS = ("same", "different", "unsure")
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
    svg: str


def weight_bars(weights: Sequence[FieldWeight]) -> list[WeightBar]:
    """Return a bar for each weight, in the order given; the largest weight fills one half of the chart."""
    largest = max((abs(field.weight) for field in weights), default=0)
    return [_weight_bar(field, largest) for field in weights]


def _weight_bar(field: FieldWeight, largest: float) -> WeightBar:
    strength = strength_of(field.weight)
    svg = table_marks.draw_weight(field.weight, largest, f"kp-bar--{strength}")
    return WeightBar(label=field.label, level=field.level, says=str(STRENGTHS[strength]), svg=svg)


def strength_of(bits: float) -> str:
    """Return the evidence strength of a match weight in bits, as a code of STRENGTHS."""
    if abs(bits) < ANY:
        return "nothing"
    direction = "for" if bits > 0 else "against"
    return f"strongly_{direction}" if abs(bits) >= STRONG else direction


@dataclass(frozen=True)
class AnswerStack:
    """Stacked bar of the answers of one group; no picture when too few pairs were answered."""

    rates: GroupRates

    @property
    def svg(self) -> str:
        """Return the drawing."""
        return table_marks.draw_parts([(f"kp-part--{answer}", getattr(self.rates, answer) or 0) for answer in ANSWERS])

    @property
    def percent(self) -> dict[str, str | None]:
        """Return the answer shares as percentages, as the table shows them."""
        return {answer: percent(getattr(self.rates, answer)) for answer in ANSWERS}


def percent(share: float | None, decimals: int = 0) -> str | None:
    """Return a share as a percentage in the user's language; None for None."""
    return None if share is None else str(number_format(round(100 * share, decimals), decimals, use_l10n=True))


def answer_stacks(rates: Sequence[GroupRates]) -> list[AnswerStack]:
    """Return a stacked bar for each group."""
    return [AnswerStack(group) for group in rates]


@dataclass(frozen=True)
class DriftLine:
    """Line chart of a monthly share; a month with too few pairs has no point."""

    drift: Drift

    @property
    def svg(self) -> str:
        """Return the drawing."""
        return table_marks.draw_course(self.drift.shares)

    @property
    def last(self) -> str | None:
        """Return the share of the last month as a percentage."""
        return percent(self.drift.last)

    @property
    def band(self) -> tuple[str | None, ...]:
        """Return the control limits as percentages; empty when there are none."""
        return tuple(percent(limit) for limit in self.drift.band or ())


def draw_share(share: float, interval: tuple[float, float]) -> str:
    """Return a share and its interval on the smallest of the fixed scales that holds them."""
    return table_marks.draw_whisker(share, interval, percent(table_marks.whisker_top(interval[1])) or "")
