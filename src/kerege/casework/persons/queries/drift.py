"""Drift of the comparisons: the monthly share of pairs in which a field agrees.

A new form, a new agency or a bad import shows here first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt

from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate
from kerege.linkage.matching.labels import translate_label

MONTHS = 12
# fewest pairs of a month with a share, and fewest such months for control limits
PAIRS, BEFORE = 20, 3
# control limits in standard errors (Shewhart 1931)
LIMIT = 3
# number of comparisons shown: those with the largest total weight
WEIGHTIEST = 5


@dataclass(frozen=True)
class Drift:
    """Monthly shares of pairs in which one comparison has a positive weight, the oldest month first.

    A share is None for a month with too few pairs. `band` holds the control limits of the last share: a p chart of the
    months before; None when they are too few.
    """

    label: str
    shares: tuple[float | None, ...]
    band: tuple[float, float] | None

    @property
    def last(self) -> float | None:
        """Return the share of the last month."""
        return self.shares[-1]

    @property
    def is_out(self) -> bool:
        """Return whether the last share is outside the control limits."""
        return self.last is not None and self.band is not None and not self.band[0] <= self.last <= self.band[1]


@dataclass
class MonthCounts:
    """Number of pairs found in a month, and of those with a positive weight by comparison."""

    pairs: int = 0
    agreed: Counter[str] = field(default_factory=Counter)


def measure_drift(language: str) -> list[Drift]:
    """Return the drift of the weightiest comparisons; [] when no month has enough pairs.

    Labels are in a language of the model (kk, ru, en). Open pairs have the weights of the current model. The caller
    checks the right.
    """
    first, *others = last_months(timezone.localdate())
    counts_by_month = {month: MonthCounts() for month in (first, *others)}
    weights: Counter[str] = Counter()
    rows = MatchCandidate.objects.filter(found_at__date__gte=first).order_by()
    for at, parts in rows.values_list("found_at", "parts").iterator():
        counts = counts_by_month[timezone.localtime(at).date().replace(day=1)]
        counts.pairs += 1
        counts.agreed.update(name for name, bits in parts.items() if bits > 0)
        weights.update({name: abs(bits) for name, bits in parts.items()})
    if all(month.pairs < PAIRS for month in counts_by_month.values()):
        return []
    months = list(counts_by_month.values())
    return [_drift_of(name, months, language) for name, _ in weights.most_common(WEIGHTIEST)]


def last_months(today: date) -> list[date]:
    """Return the first days of the last twelve months, the current month last."""
    current = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(current - MONTHS + 1, current + 1)]


def _drift_of(name: str, months: Sequence[MonthCounts], language: str) -> Drift:
    """Return the drift of one comparison."""
    shares = tuple(month.agreed[name] / month.pairs if month.pairs >= PAIRS else None for month in months)
    label = translate_label(name, language)
    return Drift(label[:1].upper() + label[1:], shares, _control_limits(name, months))


def _control_limits(name: str, months: Sequence[MonthCounts]) -> tuple[float, float] | None:
    """Return the control limits of the last share; None with too few pairs or months."""
    *before, last = months
    counted = [month for month in before if month.pairs >= PAIRS]
    if len(counted) < BEFORE or last.pairs < PAIRS:
        return None
    share = sum(month.agreed[name] for month in counted) / sum(month.pairs for month in counted)
    half = LIMIT * sqrt(share * (1 - share) / last.pairs)
    return max(0.0, share - half), min(1.0, share + half)
