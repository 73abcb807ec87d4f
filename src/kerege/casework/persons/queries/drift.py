"""Whether what is proposed still agrees as it did before: a new form, a new agency or a bad import shows here first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt

from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate
from kerege.linkage.matching.labels import said

MONTHS = 12
# pairs of a month from which its share is told, and such months from which the next one is judged
PAIRS, BEFORE = 20, 3
# standard errors beyond which chance alone hardly reaches (Shewhart 1931)
LIMIT = 3
# comparisons that weigh the most
WEIGHTIEST = 5


@dataclass(frozen=True)
class Drift:
    """Of one comparison: the share of pairs in which it speaks for one person, by month, the oldest first.

    None stands for a month of too few pairs. `band`: between which the last share lies when nothing changed, a p chart
    of the months before; None when they are too few.
    """

    label: str
    shares: tuple[float | None, ...]
    band: tuple[float, float] | None

    @property
    def last(self) -> float | None:
        """The share of the last month."""
        return self.shares[-1]

    @property
    def is_out(self) -> bool:
        """Whether the last month leaves the band."""
        return self.last is not None and self.band is not None and not self.band[0] <= self.last <= self.band[1]


@dataclass
class Month:
    """Pairs found in a month: how many, and by comparison in how many it speaks for one person."""

    pairs: int = 0
    agreed: Counter[str] = field(default_factory=Counter)


def drift(language: str) -> list[Drift]:
    """The weightiest comparisons, in the words of the model; [] when no month has enough pairs.

    Of what the pairs hold anyway, so weighed by the model of now where they still wait. The caller holds the right.
    """
    first, *others = months(timezone.localdate())
    found = {month: Month() for month in (first, *others)}
    weights: Counter[str] = Counter()
    rows = MatchCandidate.objects.filter(found_at__date__gte=first).order_by()
    for at, parts in rows.values_list("found_at", "parts").iterator():
        month = found[timezone.localtime(at).date().replace(day=1)]
        month.pairs += 1
        month.agreed.update(name for name, bits in parts.items() if bits > 0)
        weights.update({name: abs(bits) for name, bits in parts.items()})
    if all(month.pairs < PAIRS for month in found.values()):
        return []
    kept = list(found.values())
    return [_of(name, kept, language) for name, _ in weights.most_common(WEIGHTIEST)]


def months(today: date) -> list[date]:
    """The first days of twelve months, the present one last."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


def _of(name: str, kept: Sequence[Month], language: str) -> Drift:
    shares = tuple(month.agreed[name] / month.pairs if month.pairs >= PAIRS else None for month in kept)
    label = said(name, language)
    return Drift(label[:1].upper() + label[1:], shares, _band(name, kept))


def _band(name: str, kept: Sequence[Month]) -> tuple[float, float] | None:
    *before, last = kept
    told = [month for month in before if month.pairs >= PAIRS]
    if len(told) < BEFORE or last.pairs < PAIRS:
        return None
    share = sum(month.agreed[name] for month in told) / sum(month.pairs for month in told)
    half = LIMIT * sqrt(share * (1 - share) / last.pairs)
    return max(0.0, share - half), min(1.0, share + half)
