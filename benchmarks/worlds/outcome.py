"""Outcome: the headline of one set of lists beside the true number of people."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.headline import HeadlineSettings, Kind, make_headline
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options, run_method
from kerege.evidence.mse.panels.publication_rules import compute_envelope, find_applied_rules

METHODS = ("stepwise", "bic", "decomposable")  # of the panel; without latent classes, because of their time
NO_FIGURE = {"few_lists", "few_overlaps", "no_model"}  # rules under which there is only the number of detected people
WIDEST_ENVELOPE = 4.0  # ratio above which the envelope of the methods was not published
# the questions to the operator are answered as the thresholds were chosen: no factor lowers the floor
ANSWERED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)


@dataclass(frozen=True)
class Limits:
    """Limits of a range of people, and whether they were published as a range."""

    lower: float
    upper: float
    is_published: bool

    def holds(self, people: int) -> bool:
        """Return whether the number of people is between the limits."""
        return self.lower <= people <= self.upper

    @property
    def width(self) -> float:
        """Ratio of the limits."""
        return self.upper / self.lower


@dataclass(frozen=True)
class Outcome:
    """Headline and envelope of one set.

    people: the true number. observed, repeated: people on a list, and on two or more. estimate: of stepwise selection.
    headline: floor and top, also where the top is too far to publish; None if only the detected people are stated.
    envelope: of the methods' 80% intervals, as it was published before.
    """

    people: int
    observed: int
    repeated: int
    kind: Kind
    estimate: float = math.nan
    headline: Limits | None = None
    envelope: Limits | None = None

    @property
    def factor(self) -> float:
        """True number of undetected people over the one of stepwise selection."""
        undetected = self.estimate - self.observed
        return (self.people - self.observed) / undetected if undetected > 0 else math.nan

    @property
    def floor_holds(self) -> bool:
        """Return whether the floor is at most the true number."""
        return self.headline is not None and self.headline.lower <= self.people


def measure_set(people: int, lists: Lists, times: int, seed: int, settings: HeadlineSettings = ANSWERED) -> Outcome:
    """Return the outcome of lists of a population whose number is known, with so many resamples."""
    options = Options(times=times, seed=seed)
    methods: dict[str, Method] = {key: run_method(key, lists, options) for key in METHODS}
    rules = {rule.rule for rule in find_applied_rules(lists, methods)}
    envelope = compute_envelope(methods)
    if rules & NO_FIGURE or envelope is None:
        return Outcome(people, lists.people, lists.repeated, "none")
    headline = make_headline(lists, envelope, settings, detected=lists.people, times=times, seed=seed)
    floor, top = (headline.floor, headline.top) if headline.kind == "range" else headline.allowed or (None, None)
    floor = headline.floor if floor is None else floor
    if floor is None or headline.estimate is None:
        raise ValueError("a headline of these lists has no floor or no estimate")
    lower, upper = envelope
    return Outcome(
        people=people,
        observed=lists.people,
        repeated=lists.repeated,
        kind=headline.kind,
        estimate=headline.estimate,
        headline=Limits(floor, math.inf if top is None else top, headline.kind == "range"),
        envelope=Limits(lower, upper, upper <= WIDEST_ENVELOPE * lower),
    )
