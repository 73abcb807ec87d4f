"""Coverage: how often the ranges of many sets hold the true number, are published, and are wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from benchmarks.worlds.outcome import Limits, Outcome


class Share(NamedTuple):
    """Share of sets that have a property."""

    hits: int
    sets: int

    @property
    def value(self) -> float:
        """The share; NaN of no sets."""
        return self.hits / self.sets if self.sets else math.nan

    @property
    def error(self) -> float:
        """Standard error, with two more sets of either kind, as in Agresti and Coull 1998: it is never 0."""
        share = (self.hits + 2) / (self.sets + 4)
        return math.sqrt(share * (1 - share) / (self.sets + 4))

    def __str__(self) -> str:
        return f"{self.value:.0%}" if self.sets else "-"


@dataclass(frozen=True)
class RangeCoverage:
    """Coverage of one kind of range.

    holds: among the sets that have the range. width: median ratio of its limits. published, wrong: share of all sets
    whose range is published, and whose published range does not hold the true number.
    """

    holds: Share
    width: float
    published: Share
    wrong: Share

    def cells(self) -> list[str]:
        """Return the cells of a table."""
        width = "-" if math.isnan(self.width) else f"{self.width:.1f}"
        return [str(self.holds), width, str(self.published), str(self.wrong)]


def measure_coverage(outcomes: Sequence[Outcome], choose: Callable[[Outcome], Limits | None]) -> RangeCoverage:
    """Return the coverage of the chosen range of each outcome."""
    ranges = [(limits, outcome.people) for outcome in outcomes if (limits := choose(outcome))]
    held = [limits.holds(people) for limits, people in ranges]
    published = [limits.is_published for limits, _ in ranges]
    wrong = sum(is_published and not is_held for is_published, is_held in zip(published, held, strict=True))
    return RangeCoverage(
        holds=Share(sum(held), len(ranges)),
        width=median(limits.width for limits, _ in ranges) if ranges else math.nan,
        published=Share(sum(published), len(outcomes)),
        wrong=Share(wrong, len(outcomes)),
    )


def headline_coverage(outcomes: Sequence[Outcome]) -> RangeCoverage:
    """Return the coverage of the range from floor to top."""
    return measure_coverage(outcomes, lambda outcome: outcome.headline)


def envelope_coverage(outcomes: Sequence[Outcome]) -> RangeCoverage:
    """Return the coverage of the envelope of the methods."""
    return measure_coverage(outcomes, lambda outcome: outcome.envelope)


def floor_coverage(outcomes: Sequence[Outcome]) -> Share:
    """Return the share of the stated floors that are at most the true number."""
    answers = [outcome for outcome in outcomes if outcome.headline]
    return Share(sum(outcome.floor_holds for outcome in answers), len(answers))


def median_factor(outcomes: Sequence[Outcome]) -> float:
    """Return the median of the true number of undetected people over the one of stepwise selection."""
    factors = [outcome.factor for outcome in outcomes if not math.isnan(outcome.factor)]
    return median(factors) if factors else math.nan
