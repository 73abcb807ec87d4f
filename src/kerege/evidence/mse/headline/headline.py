"""Headline: from the floor to the top, at least the floor, or only the detected people.

The thresholds are measured on simulated worlds; docs/explanation/hidden-figure.md gives the measurements.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

import numpy as np

from kerege.evidence.mse.headline.floor import MISSED, QUANTILE, least_split
from kerege.evidence.mse.headline.known_lists import KnownList, check_known_lists
from kerege.evidence.mse.headline.ladder import heterogeneity_score, most_people
from kerege.evidence.mse.headline.tipping_point import doubling_share
from kerege.evidence.mse.linkage_errors.error_rates import VaryingUndo
from kerege.evidence.mse.lists import Lists, build_unchecked_lists, check_setting
from kerege.evidence.mse.loglinear.integer_tables import Undo
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise

Kind = Literal["range", "at_least", "none"]
LEAST_CHANCE, LEAST_SETTING, MOST_SETTING = 0.1, 0.02, 0.5
WIDEST, MOST_WIDEST = 6.0, 1_000  # largest ratio of top to floor
DIFFER = 1.28  # heterogeneity score above which people differ
DIGITS = 2  # significant digits of floor and top
LADDER_DRAWS = 20  # draws of an uncertain linkage, for the top
SNAPSHOT_REFERRALS_OUT = True  # the lists of a snapshot count detections, not referrals


@dataclass(frozen=True)
class HeadlineSettings:
    """Answers and settings of the operator.

    referrals_out: whether a person whom one list sent to another counts only on the first. linkage_reviewed: whether
    people reviewed the uncertain links. None for either: not answered, so that there is no upper figure. least_chance:
    condition of the top, 0.02 to 0.5. widest: largest ratio of top to floor, 1 to 1,000. lists_compete: whether one
    list takes people away from another; two lists have a floor only if the answer is no.
    """

    referrals_out: bool | None = None
    linkage_reviewed: bool | None = None
    least_chance: float = LEAST_CHANCE
    widest: float = WIDEST
    lists_compete: bool | None = None

    def check(self) -> None:
        """Raise BadLists if a setting is out of range."""
        check_setting("the least chance", self.least_chance, LEAST_SETTING, MOST_SETTING)
        check_setting("the widest range", self.widest, 1, MOST_WIDEST)

    @property
    def answered(self) -> bool:
        """Return whether both questions are answered."""
        return self.referrals_out is not None and self.linkage_reviewed is not None

    @property
    def allows_pair(self) -> bool:
        """Return whether two lists have a floor: without referrals, and without competition."""
        return self.referrals_out is True and self.lists_compete is False


@dataclass(frozen=True)
class Headline:
    """Headline figures about all people, detected and undetected.

    kind: `range` has floor and top, `at_least` the floor alone, `none` neither. reason: why the kind is not `range`:
    few_lists, few_overlaps, no_model, partial, unanswered, no_ladder, wide, strata or two_lists. floor: rounded
    down to two digits. top: rounded up, under the condition that nobody had less than `least_chance`. allowed: floor
    and top where the top is too far to publish. panel: limits of the 80% intervals of the methods. estimate: the
    stepwise estimate. score: how clearly people differ (`heterogeneity_score`). doubles_at: share of repeated people
    that doubles the estimate.
    missed_links_allowed: whether the floor allows for one missed link in ten. known: each list as estimated
    from the others.
    """

    kind: Kind
    detected: int
    reason: str = ""
    floor: int | None = None
    top: int | None = None
    least_chance: float | None = None
    allowed: tuple[int, int] | None = None
    panel: tuple[float, float] | None = None
    estimate: float | None = None
    score: float | None = None
    doubles_at: float | None = None
    missed_links_allowed: bool = False
    known: Sequence[KnownList] = ()

    @property
    def differ(self) -> bool:
        """Return whether some people are far easier to reach than others."""
        return self.score is not None and self.score > DIFFER

    @property
    def share_listed(self) -> tuple[float, float] | None:
        """Return the least and the largest share of all people that is on the lists; None without a range."""
        if self.kind != "range" or not self.floor or not self.top:
            return None
        return self.detected / self.top, self.detected / self.floor

    def as_dict(self) -> dict[str, object]:
        """Return the headline for JSON."""
        return {
            "kind": self.kind,
            "reason": self.reason or None,
            "floor": self.floor,
            "top": self.top,
            "least_chance": self.least_chance,
            "allowed": None if self.allowed is None else list(self.allowed),
            "panel": None if self.panel is None else [_keep_finite(limit) for limit in self.panel],
            "estimate": _keep_finite(self.estimate),
            "differ": self.differ,
            "score": _keep_finite(self.score),
            "share_listed": None if self.share_listed is None else list(self.share_listed),
            "doubles_at": self.doubles_at,
            "missed_links_allowed": self.missed_links_allowed,
            "known_lists": [
                {"list": check.name, "estimated": _keep_finite(check.estimated), "known": check.known}
                for check in self.known
            ],
        }


def make_headline(
    lists: Lists,
    panel: tuple[float, float],
    settings: HeadlineSettings,
    *,
    detected: int,
    times: int,
    seed: int,
    undo: Undo | None = None,
) -> Headline:
    """Return the headline of lists on which the methods have estimates.

    Parameters
    ----------
    lists : Lists
        Three to ten lists, corrected for linkage errors if `undo` is given.
    panel : tuple of float
        Lowest and highest limit of the 80% intervals of the methods, in people.
    settings : HeadlineSettings
        Answers and settings of the operator.
    detected : int
        People on the lists as they were counted. No figure is below it.
    times, seed : int
        Resamples of the floor, and the seed of all draws.
    undo : Undo, optional
        Correction of linkage errors.

    Returns
    -------
    Headline
        A range, or at least the floor.

    Raises
    ------
    BadLists
        If a setting is out of range.
    """
    settings.check()
    selected = select_stepwise(lists)
    score = heterogeneity_score(lists, selected.model)
    floor = least_split(lists, times=times, seed=seed, undo=undo).limit
    missed_links_allowed = _allows_missed_links(settings, undo)
    if missed_links_allowed:
        floor *= MISSED
    floor = max(min(floor, panel[0]), detected)
    chance = _compute_least_chance(lists, selected.estimate, settings.least_chance, differ=score > DIFFER)
    most = _most_over_draws(lists, chance, undo)
    top = max(panel[1], most or 0.0, floor)
    limits = (
        max(round_digits(floor, ROUND_FLOOR), detected),
        round_digits(top, ROUND_CEILING) if math.isfinite(top) else None,
    )
    reason = _find_reason(settings, has_scale=most is not None, is_wide=top > settings.widest * floor)
    return Headline(
        kind="at_least" if reason else "range",
        detected=detected,
        reason=reason,
        floor=limits[0],
        top=None if reason else limits[1],
        least_chance=chance,
        allowed=(limits[0], limits[1]) if reason == "wide" and limits[1] is not None else None,
        panel=panel,
        estimate=selected.estimate,
        score=score,
        doubles_at=doubling_share(lists, seed),
        missed_links_allowed=missed_links_allowed,
        known=check_known_lists(lists),
    )


def _allows_missed_links(settings: HeadlineSettings, undo: Undo | None) -> bool:
    """Return whether the floor allows for missed links: no review, and no corrected rates.

    Draws of a linkage have only the pairs that it compared.
    """
    return not settings.linkage_reviewed and (undo is None or not undo.corrects_missed)


def _most_over_draws(lists: Lists, chance: float, undo: Undo | None) -> float | None:
    """Return the largest number of people under the condition; its 90% quantile over draws."""
    most = most_people(lists, chance)
    if most is None or not isinstance(undo, VaryingUndo):
        return most
    counted = undo.given
    tables = undo.vary(np.tile(counted.counts, (LADDER_DRAWS, 1)))
    drawn = (most_people(build_unchecked_lists(lists.names, counted.histories, table), chance) for table in tables)
    return max(most, float(np.quantile([people for people in drawn if people is not None] or [most], 1 - QUANTILE)))


def make_pair_headline(
    lists: Lists, settings: HeadlineSettings, *, times: int, seed: int, undo: Undo | None = None
) -> Headline:
    """Return the headline of two lists that do not compete and have no referrals: at least the floor."""
    missed_links_allowed = _allows_missed_links(settings, undo)
    limit = least_split(lists, times=times, seed=seed, undo=undo).limit * (MISSED if missed_links_allowed else 1.0)
    return Headline(
        "at_least",
        lists.people,
        "two_lists",
        floor=max(round_digits(max(limit, 1.0), ROUND_FLOOR), lists.people),
        missed_links_allowed=missed_links_allowed,
    )


def _find_reason(settings: HeadlineSettings, *, has_scale: bool, is_wide: bool) -> str:
    """Return why there is no upper figure; "" if there is one.

    Where no population on one scale of reach fits the lists, nothing bounds the top under its condition. The methods'
    own upper limit would then stand beside a condition that it does not need.
    """
    if not settings.answered:
        return "unanswered"
    if not has_scale:
        return "no_ladder"
    return "wide" if is_wide else ""


def _compute_least_chance(lists: Lists, estimate: float, setting: float, *, differ: bool) -> float:
    """Return the least chance of the top.

    It is the setting, but at most half the average chance, and half the setting where people differ.
    Where the lists reach few people, a chance of 1 in 10 for everybody would contradict them.
    """
    chance = min(setting, lists.people / (2 * estimate)) if 0 < estimate < math.inf else setting
    return min(chance, setting / 2) if differ else chance


def round_digits(value: float, rounding: str) -> int:
    """Return a number of people, rounded to two significant digits.

    Parameters
    ----------
    value : float
        A finite number, 1 or more.
    rounding : str
        A mode of `decimal`: ROUND_FLOOR for down, ROUND_CEILING for up.

    Returns
    -------
    int
        The rounded number, in people.

    Examples
    --------
    >>> round_digits(7052.7, ROUND_FLOOR), round_digits(27793.5, ROUND_CEILING), round_digits(7.2, ROUND_CEILING)
    (7000, 28000, 8)
    """
    exact = Decimal(value)
    place = max(exact.adjusted() - DIGITS + 1, 0)
    return int(exact.scaleb(-place).to_integral_value(rounding)) * int(10**place)


def _keep_finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
