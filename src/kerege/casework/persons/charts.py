"""Small charts of this room, drawn as SVG by the templates: positions only, no style. A table stands beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kerege.casework.persons.queries.drift import Drift
from kerege.casework.persons.queries.quality import Rates
from kerege.casework.persons.queries.review_queue import Weight

ANSWERS = ("same", "different", "unsure")
WIDE = 200
HALF = WIDE / 2
TALL = 24
# bits from which a field speaks strongly, and from which it speaks at all
STRONG, ANY = 5.0, 0.5
SAYINGS: dict[str, Promise] = {
    "strongly_for": _("strongly for one person"),
    "for": _("for one person"),
    "nothing": _("says nothing"),
    "against": _("against it"),
    "strongly_against": _("strongly against it"),
}


@dataclass(frozen=True)
class Step:
    """One line of the weights: in words, and as a bar to the right (for) or to the left (against)."""

    label: str
    level: str
    says: str
    tone: str
    x: str
    width: str


def steps(weights: Sequence[Weight]) -> list[Step]:
    """The weights in words, in the order given."""
    most = max((abs(line.weight) for line in weights), default=0) or 1
    found = []
    for line in weights:
        length = HALF * abs(line.weight) / most
        start = HALF if line.weight >= 0 else HALF - length
        says = saying(line.weight)
        found.append(Step(line.label, line.level, str(SAYINGS[says]), says, f"{start:.1f}", f"{max(length, 1):.1f}"))
    return found


def saying(bits: float) -> str:
    """What a weight says, as a code of SAYINGS."""
    if abs(bits) < ANY:
        return "nothing"
    word = "for" if bits > 0 else "against"
    return f"strongly_{word}" if abs(bits) >= STRONG else word


@dataclass(frozen=True)
class Stack:
    """The answers of one group side by side; no parts where too few were answered."""

    rates: Rates
    # (code of the answer, where it begins, how wide it is)
    parts: tuple[tuple[str, str, str], ...]

    @property
    def percent(self) -> dict[str, str | None]:
        """The shares as the table shows them."""
        return {answer: percent(getattr(self.rates, answer)) for answer in ANSWERS}


def percent(share: float | None, decimals: int = 0) -> str | None:
    """A share of all as a number of hundredths, in the reader's language."""
    return None if share is None else str(number_format(round(100 * share, decimals), decimals, use_l10n=True))


def stacks(rates: Sequence[Rates]) -> list[Stack]:
    """A stack for each group."""
    return [Stack(each, _parts(each)) for each in rates]


def _parts(rates: Rates) -> tuple[tuple[str, str, str], ...]:
    found, at = [], 0.0
    for answer in ANSWERS:
        share: Any = getattr(rates, answer)
        if share:
            found.append((answer, f"{at:.1f}", f"{WIDE * share:.1f}"))
            at += WIDE * share
    return tuple(found)


@dataclass(frozen=True)
class Course:
    """A share month by month, as points from left to right; a month of too few pairs has none."""

    drift: Drift
    points: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """The points as a line is drawn."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def last(self) -> str | None:
        """The share of the last month."""
        return percent(self.drift.last)

    @property
    def band(self) -> tuple[str | None, ...]:
        """Its band; nothing when there is none."""
        return tuple(percent(edge) for edge in self.drift.band or ())


def course(drift: Drift) -> Course:
    """Drawn with none at the bottom and all at the top."""
    step = WIDE / max(1, len(drift.shares) - 1)
    told = [(n, share) for n, share in enumerate(drift.shares) if share is not None]
    return Course(drift, tuple((f"{n * step:.1f}", f"{TALL * (1 - share):.1f}") for n, share in told))


@dataclass(frozen=True)
class Whisker:
    """A share with its interval on a line from none to `top`."""

    low: str
    high: str
    width: str
    dot: str
    top: float


def whisker(share: float, interval: tuple[float, float]) -> Whisker:
    """Drawn on a scale that is a round share of all."""
    low, high = interval
    top = next((round_ for round_ in (0.05, 0.1, 0.25, 0.5) if high <= round_), 1.0)
    at = [WIDE * value / top for value in (low, high, share)]
    return Whisker(f"{at[0]:.1f}", f"{at[1]:.1f}", f"{at[1] - at[0]:.1f}", f"{at[2]:.1f}", top)
